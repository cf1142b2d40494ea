"""The room's clock, in one place: a test, or an invented case, sets it by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

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
