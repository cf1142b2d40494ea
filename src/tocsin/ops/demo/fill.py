"""Fills an empty room with the invented case, through the same services that people use."""

from collections.abc import Callable


def fill(say: Callable[[str], None]) -> None:
    """Fill the room; nothing where it is filled already."""
