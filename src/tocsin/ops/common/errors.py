"""What services raise, beside Django's PermissionDenied."""


class Refused(Exception):
    """What was asked cannot be done as things stand; the text says why and what to do, fit for the screen."""
