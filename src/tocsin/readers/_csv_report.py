"""Reports as CSV: which columns one has, seen from its first bytes; its records, with the byte where each starts.

Commas, semicolons, tabs or bars; UTF-8, UTF-16 or Latin-1; lines before the heading; fields over several lines. Column names
are compared in lower case with ``_`` for everything that is neither letter nor digit: ``Plugin ID`` is ``plugin_id``.
"""

import codecs
import csv
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from tocsin.errors import EvidenceError
from tocsin.model import Fault
from tocsin.readers import HEAD_BYTES, Report
from tocsin.readers._json_report import decode

DELIMITERS = (",", ";", "\t", "|")
HEADING_LINES = 30
CHUNK_BYTES = 1 << 20
FIELD_CHARACTERS = 4 << 20
_NAME = re.compile(r"[^a-z0-9]+")


class Record(dict[str, str]):
    """One record by column; columns that are empty or missing are not there. ``offset``: the byte it starts at."""

    __slots__ = ("offset",)

    def __init__(self, fields: Iterable[tuple[str, str]], offset: int) -> None:
        super().__init__(fields)
        self.offset = offset

    def first(self, *columns: str) -> str | None:
        """The first of these columns that has something in it."""
        return next((self[column] for column in columns if column in self), None)


def name(column: str) -> str:
    """How a column is called here."""
    return _NAME.sub("_", column.strip().lower()).strip("_")


class Heading(NamedTuple):
    """A line that may name columns.

    Attributes:
        line: Its number.
        delimiter: Between its fields.
        nested: Whether each line is one quoted field that holds the record as CSV again (exports of Qualys).
        names: The columns.
    """

    line: int
    delimiter: str
    nested: bool
    names: tuple[str, ...]


@lru_cache(maxsize=4)
def headings(head: bytes) -> tuple[Heading, ...]:
    """What may be a heading among the first lines: those of at least two columns, by each delimiter.

    Never raises; kept for the next reader that asks.
    """
    if not head or head[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1] in b"{[<" or _binary(head):
        return ()
    found = []
    lines = decode(head)[0].removeprefix("\ufeff").split("\n", HEADING_LINES)[:HEADING_LINES]
    for number, line in enumerate(lines):
        for delimiter in DELIMITERS:
            if delimiter in line and len(line) < 20_000:
                fields = _fields([line.rstrip("\r")], delimiter)
                nested = len(fields) == 1 and delimiter in fields[0]
                names = tuple(name(column) for column in (_fields(fields, delimiter) if nested else fields))
                if len(names) > 1:
                    found.append(Heading(number, delimiter, nested, names))
    return tuple(found)


def _fields(lines: list[str], delimiter: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:  # a carriage return within a field
        return []


def _binary(head: bytes) -> bool:
    return b"\0" in head[:1000] and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def has_columns(head: bytes, *wanted: str) -> bool:
    """Whether one of the first lines is a heading with all of these columns."""
    return _heading(head, wanted) is not None


def columns(head: bytes, *wanted: str) -> frozenset[str]:
    """All columns of the heading that has these; empty if there is none."""
    found = _heading(head, wanted)
    return frozenset(found.names) if found else frozenset()


def _heading(head: bytes, wanted: Collection[str]) -> Heading | None:
    return next((heading for heading in headings(head) if set(wanted) <= set(heading.names)), None)


class _Lines:
    """Lines of a stream as text, and the byte behind the last one given."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream, self._encoding, self.offset = stream, encoding, 0

    def __iter__(self) -> Iterator[str]:
        wide = self._encoding.startswith("utf-16")
        for line in self._decoded() if wide else self._encoded():
            if len(line) > 4 * FIELD_CHARACTERS:
                raise EvidenceError(f"at byte {self.offset:,}: expected lines of at most {4 * FIELD_CHARACTERS:,} characters.")
            text = line if isinstance(line, str) else line.decode(self._encoding, "replace")
            first, self.offset = not self.offset, self.offset + len(line.encode("utf-16-le", "surrogatepass") if wide else line)  # type: ignore[union-attr]
            yield (text.removeprefix("\ufeff") if first else text).replace("\0", "")

    def _encoded(self) -> Iterator[bytes]:
        rest = b""
        while chunk := self._stream.read(CHUNK_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from (line + b"\n" for line in lines)
            if len(rest) > 4 * FIELD_CHARACTERS:
                break
        if rest:
            yield rest

    def _decoded(self) -> Iterator[str]:
        decoder, rest = codecs.getincrementaldecoder("utf-16")("replace"), ""
        self.offset = 2  # the mark
        while chunk := self._stream.read(CHUNK_BYTES):
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            yield from (f"{line}\n" for line in lines)
            if len(rest) > 4 * FIELD_CHARACTERS:
                break
        if rest:
            yield rest


def records(stream: BinaryIO, *wanted: str, evidence_id: str, report: Report) -> Iterator[Record]:
    """Yield the records below the heading that has the ``wanted`` columns; blank ones are passed over.

    A record with more fields than the heading is reported and left out, unless the surplus is empty; a repeated column keeps
    what it has first.

    Raises:
        EvidenceError: There is no such heading, or a line of a size no report has.
    """
    head = stream.read(HEAD_BYTES)
    found = _heading(head, wanted)
    if found is None:
        raise EvidenceError(f"at byte 0: expected a heading with the columns {', '.join(wanted)}.")
    number, delimiter, nested, names = found
    stream.seek(0)
    csv.field_size_limit(FIELD_CHARACTERS)
    lines = _Lines(stream, decode(head)[1])
    source = iter(lines)
    for _ in range(number + 1):
        next(source)
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        offset = lines.offset
        try:
            fields = next(reader)
            if nested and len(fields) == 1:
                fields = _fields(fields[0].splitlines(keepends=True), delimiter)
        except StopIteration:
            return
        except csv.Error as error:
            report(Fault(evidence_id, offset, f"expected a CSV record, found {error}"))
            continue
        record = Record((pair for pair in zip(reversed(names), _reversed(fields, len(names)), strict=False) if pair[1]), offset)
        if any(field.strip() for field in fields[len(names) :]):
            report(Fault(evidence_id, offset, f"expected {len(names)} fields, found {len(fields)}; the record was left out"))
        elif record:
            yield record


def _reversed(fields: list[str], most: int) -> Iterator[str]:
    """The fields from the last column to the first, so that of columns with the same name the first one stays."""
    padded = [field.strip() for field in fields[:most]] + [""] * (most - len(fields))
    return reversed(padded)
