"""The room's clock, in one place: a test sets it by hand."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The present moment, UTC."""
    return timezone.now()
