"""The room's clock, in one place: a test, or an invented case, sets it by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.ops.common.errors import Refused

YEARS = (2000, 2199)  # outside of them dates cannot be reckoned with, and mean a slip of the pen

_hand: ContextVar[datetime | None] = ContextVar("clock set by hand", default=None)


def now() -> datetime:
    """The present moment, UTC."""
    return _hand.get() or timezone.now()


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Stop the clock at a moment (aware) until the block ends, for this thread alone."""
    assert moment.tzinfo is not None, "a moment without a zone is none"
    token = _hand.set(moment)
    try:
        yield
    finally:
        _hand.reset(token)


def need_years(*days: date | None) -> None:
    """That days or moments lie in ``YEARS``.

    Raises:
        Refused: One does not.
    """
    if any(day is not None and not YEARS[0] <= day.year <= YEARS[1] for day in days):
        raise Refused(_("Years are from %(first)d to %(last)d.") % {"first": YEARS[0], "last": YEARS[1]})
