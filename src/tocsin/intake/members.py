"""What an archive yields, whatever its format."""

from dataclasses import dataclass

from tocsin.intake.streams import Content


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file in an archive; its content is read, once, before the next member is asked for.

    Attributes:
        name: As the archive spells it.
        size_bytes: As the archive declares it. It may lie.
        content: The bytes.
        crc32: As the archive declares it; None if it does not.
    """

    name: str
    size_bytes: int
    content: Content
    crc32: int | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """Something in an archive that is not read. ``reason`` is "" where nothing has to be said (a folder)."""

    name: str
    reason: str = ""
    size_bytes: int = 0
