"""Every error we raise.

TocsinError
    EvidenceError      a file is not what it claims, or cannot be opened; other files go on
        LimitError     a file asks for more depth, size or time than we grant
    ProfileError       partner.yaml is wrong
    PackError          a reference pack is missing or damaged
    CaseError          the case folder cannot be used
    PluginError        a reader or an analyzer breaks its contract; the others go on

A message tells where, what was expected, what was found, what to do.
"""


class TocsinError(Exception):
    """Base of all; its text is fit for the screen, without a traceback."""


class EvidenceError(TocsinError):
    """A file is not what it claims, or cannot be opened."""


class LimitError(EvidenceError):
    """A file asks for more depth, size or time than we grant."""


class ProfileError(TocsinError):
    """partner.yaml is wrong."""


class PackError(TocsinError):
    """A reference pack is missing or damaged."""


class CaseError(TocsinError):
    """The case folder cannot be used."""


class PluginError(TocsinError):
    """A reader or an analyzer breaks its contract."""
