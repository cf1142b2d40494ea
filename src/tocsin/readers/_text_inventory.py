"""Lines of inventories that are text, with the byte each starts at: UTF-8, UTF-16 where its mark says so, Latin-1."""

from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from tocsin.errors import EvidenceError
from tocsin.readers import HEAD_BYTES
from tocsin.readers._json_report import content, decode

MOST_BYTES = 128 << 20
LINE_CHARACTERS = 1 << 20


class Line(NamedTuple):
    """A line without its end. ``offset``: the byte it starts at."""

    offset: int
    text: str


def lines(stream: BinaryIO) -> Iterator[Line]:
    """Every line; what is longer than any inventory's line is cut off.

    Raises:
        EvidenceError: The content is empty, or larger than ``MOST_BYTES``.
    """
    data = content(stream, most=MOST_BYTES)
    if not data.strip(b" \t\r\n\0"):
        raise EvidenceError("at byte 0: expected an inventory, found nothing.")
    text, encoding = decode(data)
    offset = 2 if encoding == "utf-16-le" else 0
    plain = encoding == "latin-1" or (encoding == "utf-8" and text.isascii())
    for line in text.split("\n"):
        size = len(line) if plain else len(line.encode(encoding, "surrogatepass"))
        yield Line(offset, line[:LINE_CHARACTERS].removeprefix("\ufeff").rstrip("\r").replace("\0", ""))
        offset += size + (2 if encoding == "utf-16-le" else 1)


@lru_cache(maxsize=4)
def head_lines(head: bytes, most: int = 400) -> tuple[str, ...]:
    """The first lines of a head, blank ones too, without one that is cut off; () for what is no text. Never raises."""
    start = head[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not head or start in (b"{", b"<") or (b"\0" in head[:1000] and head[:2] not in (b"\xff\xfe", b"\xfe\xff")):
        return ()
    found = decode(head)[0].removeprefix("\ufeff").split("\n")
    if len(head) >= HEAD_BYTES:
        found.pop()
    return tuple(line.rstrip("\r") for line in found[:most])


def most_of(matches: int, of: int, share: float = 0.9) -> bool:
    """Whether there are some, and so many of all."""
    return matches > 0 and matches >= share * of
