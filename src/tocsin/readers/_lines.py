"""What the readers of text logs share: lines with bounds and offsets, values a column accepts, rows gathered into batches.

Reading is streamed: at most one chunk, one line and one batch are held. A reader hands ``read_lines`` a function that parses
one line, appends to a ``Rows`` and raises ``ValueError("expected …")`` where the line is not what it should be; that becomes a
fault, and reading goes on.
"""

import math
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import compress
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import HEAD_BYTES, Report
from tocsin.schema import TABLES

LINE_BYTES = 1 << 20
CHUNK_BYTES = 1 << 20
BATCH_ROWS = 20_000
BATCH_BYTES = 16 << 20
INT32, INT64 = 2**31 - 1, 2**63 - 1
BOM = b"\xef\xbb\xbf"

Parse = Callable[[int, str], None]
Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME_S = 253_402_300_800  # the year 10000: more than a timestamp can say
END_OF_TIME_US = _END_OF_TIME_S * 1_000_000
MONTHS = {m: i for i, m in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)}
_CLF = re.compile(r"\[?(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? ?([+-])(\d\d):?(\d\d)\]?")


class Rows:
    """Rows of one table, gathered as tuples in the order of ``columns`` (the first is ``record_offset``).

    Times are integers, microseconds since 1970 UTC. Columns that are not named are null, or the same in each row if named in
    ``constants``.
    """

    def __init__(self, table: str, columns: Sequence[str], evidence_id: str, **constants: Any) -> None:
        self.table = table
        self.columns = tuple(columns)
        self.constants: Mapping[str, Any] = {"evidence_id": evidence_id, **constants}
        self.rows: list[Row] = []
        self.add = self.rows.append
        self.ready: list[Batch] = []

    def add_columns(self, columns: Mapping[str, Any]) -> None:
        """Add many rows at once: per column a list or an Arrow array; the other columns are as in ``add``."""
        self._pack()
        self.ready.append(self._batch(columns, len(columns["record_offset"])))

    def flush(self) -> Iterator[Batch]:
        """Yield what was gathered, if anything, in batches of at most ``BATCH_ROWS`` rows."""
        self._pack()
        yield from self.ready
        self.ready.clear()

    def _pack(self) -> None:
        for start in range(0, len(self.rows), BATCH_ROWS):
            rows = self.rows[start : start + BATCH_ROWS]
            self.ready.append(self._batch(dict(zip(self.columns, zip(*rows, strict=True), strict=True)), len(rows)))
        self.rows.clear()

    def _batch(self, held: Mapping[str, Any], length: int) -> Batch:
        schema = TABLES[self.table].arrow
        arrays = [
            pa.array(held[field.name], field.type)
            if field.name in held
            else pa.repeat(pa.scalar(self.constants.get(field.name), field.type), length)
            for field in schema
        ]
        return Batch(self.table, pa.RecordBatch.from_arrays(arrays, schema=schema))


class Block(NamedTuple):
    """Lines of one chunk, without their line feeds, and the offset of each."""

    offsets: np.ndarray[Any, np.dtype[np.int64]]
    lines: list[bytes]

    def select(self, wanted: Sequence[bool]) -> "Block":
        """Those of its lines."""
        return Block(self.offsets[np.array(wanted, bool)], list(compress(self.lines, wanted)))


class _Lines:
    """The lines of a stream in blocks of a chunk each; over-long lines are reported and left out."""

    def __init__(self, stream: BinaryIO, evidence_id: str, report: Report) -> None:
        self.stream, self.evidence_id, self.report = stream, evidence_id, report
        self.open_end = -1  # offset of the last line if it has no line break

    def blocks(self) -> Iterator["Block"]:
        """Yield blocks of lines."""
        start, rest, too_long = 0, b"", False
        while chunk := self.stream.read(CHUNK_BYTES):
            if start == 0 and not rest and chunk.startswith(BOM):
                chunk, start = chunk[len(BOM) :], len(BOM)
            *lines, rest = (rest + chunk).split(b"\n")
            if lines:
                if too_long:  # its fault was reported where it started
                    start, too_long = start + len(lines[0]) + 1, False
                    del lines[0]
                yield self._block(start, lines)
                start += sum(map(len, lines)) + len(lines)
            if len(rest) > LINE_BYTES:
                if not too_long:
                    self._report_long(start)
                start, rest, too_long = start + len(rest), b"", True
        if rest and not too_long:
            self.open_end = start
            yield self._block(start, [rest])

    def _block(self, start: int, lines: list[bytes]) -> "Block":
        lengths = np.fromiter(map(len, lines), np.int64, len(lines))
        offsets = start + np.cumsum(lengths) - lengths + np.arange(len(lines))  # a line feed more for each line before
        long = lengths > LINE_BYTES
        if long.any():
            for offset in offsets[long].tolist():
                self._report_long(offset)
            lines = [line for line in lines if len(line) <= LINE_BYTES]
            offsets = offsets[~long]
        return Block(offsets, lines)

    def _report_long(self, offset: int) -> None:
        reason = f"expected a line of at most {LINE_BYTES:,} bytes, found a longer one; it was left out"
        self.report(Fault(self.evidence_id, offset, reason))


def read_lines(
    stream: BinaryIO,
    parse: Parse,
    tables: Sequence[Rows],
    *,
    evidence_id: str,
    report: Report,
    last_may_be_cut: bool = True,
    bulk: Callable[[Block], Block] | None = None,
    finish: Callable[[], None] | None = None,
) -> Iterator[Batch]:
    """Parse each line of a log and yield the batches that ``parse`` filled; blank lines are passed over.

    A UTF-8 byte order mark, CRLF and NUL bytes around a line are taken off (NULs are also reported: they are what a file
    system leaves where the machine stopped while writing). Bytes that are not UTF-8 appear as ``\\xNN``.

    Args:
        stream: At byte 0.
        parse: Takes offset and text of a line; raises ValueError, which becomes a fault.
        tables: What ``parse`` appends to.
        evidence_id: For the faults.
        report: Takes each fault.
        last_may_be_cut: Report a last line without line break even where it could be read; False for formats in which a line
            that was cut off cannot be read (JSON).
        bulk: Takes the lines of a chunk as they are, reads those it can, all at once, and returns the others for ``parse``.
        finish: Called before the last flush, to add rows that ``parse`` held back.

    Raises:
        EvidenceError, OSError, EOFError: From the stream, after everything that was read before has been yielded.
    """
    lines = _Lines(stream, evidence_id, report)
    flushed = offset = 0
    try:
        for block in lines.blocks():
            left = bulk(block) if bulk and lines.open_end < 0 else block
            for offset, raw in zip(left.offsets.tolist(), left.lines, strict=True):
                line = raw[:-1] if raw.endswith(b"\r") else raw
                if b"\0" in line:
                    line = _without_nuls(line, offset, evidence_id, report)
                if not line:
                    continue
                try:
                    parse(offset, line.decode("utf-8", "backslashreplace"))
                except ValueError as error:
                    if not line.isspace():
                        ending = "; the file ends inside this line" if offset == lines.open_end else ""
                        report(Fault(evidence_id, offset, f"{error}, found {shown(line)}{ending}"))
                else:
                    if last_may_be_cut and offset == lines.open_end:
                        report(Fault(evidence_id, offset, "expected a line break, found the end; the last line may be cut off"))
            offset = int(block.offsets[-1]) if block.lines else offset
            if offset - flushed > BATCH_BYTES or any(table.ready or len(table.rows) >= BATCH_ROWS for table in tables):
                flushed = offset
                for table in tables:
                    yield from table.flush()
    except (EvidenceError, OSError, EOFError):
        # The stream broke, not the parser: what was read before must not be lost.
        yield from _last(tables, finish)
        raise
    yield from _last(tables, finish)


def _last(tables: Sequence[Rows], finish: Callable[[], None] | None) -> Iterator[Batch]:
    if finish:
        finish()
    for table in tables:
        yield from table.flush()


def _without_nuls(line: bytes, offset: int, evidence_id: str, report: Report) -> bytes:
    stripped = line.strip(b"\0\r")
    if len(stripped) < len(line.rstrip(b"\r")):
        report(
            Fault(evidence_id, offset, f"expected text, found {len(line) - len(stripped):,} NUL bytes; the log has a hole here")
        )
    return stripped


def shown(line: bytes | str, most: int = 80) -> str:
    """The start of a line, printable, for a message."""
    text = line[: most + 1].decode("utf-8", "backslashreplace") if isinstance(line, bytes) else line[: most + 1]
    return ascii(text[:most]) + ("…" if len(line) > most else "")


def head_lines(head: bytes, most: int = 100) -> list[str]:
    """The first non-blank lines of a head, as ``claims`` needs them; a last one that the head cuts off is left out."""
    lines = head.removeprefix(BOM).split(b"\n")
    if len(head) >= HEAD_BYTES:
        lines.pop()
    texts = (line.strip(b"\0\r").decode("utf-8", "backslashreplace") for line in lines)
    return [text for text, _ in zip((text for text in texts if text.strip()), range(most), strict=False)]


def string(value: Any) -> str | None:
    """Text that Arrow accepts; None for None, "" and "-". Raises ValueError for what is not text or a number."""
    if value is None or value == "" or value == "-":
        return None
    if type(value) is not str:
        if type(value) not in (int, float, bool):
            raise ValueError(f"expected text, not {type(value).__name__}")
        value = str(value)
    # JSON can spell half a surrogate pair, which no UTF-8 can hold.
    text: str = value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    return text


def whole(value: Any, most: int = INT64) -> int | None:
    """An integer from 0 to ``most``, from a number or digits; None for None, "" and "-". Raises ValueError for the rest."""
    if type(value) is str:
        if value.isdecimal() and len(value) <= 19 and value.isascii():
            value = int(value)
        elif value in ("", "-"):
            return None
    elif value is None:
        return None
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"expected a whole number from 0 to {most}")
    return value


def port(value: Any) -> int | None:
    """A port number or None."""
    return whole(value, 65535)


def seconds(value: Any, unit: float = 1.0) -> float | None:
    """A duration in seconds, from a number or its text in ``unit`` seconds; None for None, "" and "-"."""
    if value is None or value == "" or value == "-":
        return None
    try:
        span = float(value) * unit
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("expected a duration") from error
    if not 0 <= span < _END_OF_TIME_S:  # also false for NaN
        raise ValueError("expected a duration of 0 or more seconds")
    return span


def address(value: Any) -> str:
    """An IP address in its canonical spelling, without brackets and zone; IPv4-mapped ones as IPv4. Raises ValueError."""
    if type(value) is str and 2 <= len(value) <= 64:
        canonical = _canonical(value)
        if canonical is not None:
            return canonical
    raise ValueError("expected an IP address")


def is_address(text: str) -> bool:
    """Whether ``address`` takes it."""
    return len(text) <= 64 and _canonical(text) is not None


def address_or_name(text: str) -> str:
    """``address``, or the text as it is where it is none (a resolved host name)."""
    return _canonical(text) or text if len(text) <= 64 else text


@lru_cache(maxsize=1 << 14)
def _canonical(text: str) -> str | None:
    try:
        if ":" not in text:
            return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, text))
        packed = socket.inet_pton(socket.AF_INET6, text.strip("[]").partition("%")[0])
        if packed.startswith(b"\0" * 10 + b"\xff\xff"):  # RFC 4291 2.5.5.2: how dual-stack servers log IPv4 clients
            return socket.inet_ntop(socket.AF_INET, packed[12:])
        return socket.inet_ntop(socket.AF_INET6, packed)
    except (OSError, ValueError):
        return None


def epoch_us(value: Any, unit: float = 1.0) -> int:
    """Microseconds since 1970 from a count of ``unit`` seconds, a number or its text. Raises ValueError."""
    try:
        count = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("expected a time in seconds since 1970") from error
    if not 0 <= count * unit < _END_OF_TIME_S or math.isnan(count):
        raise ValueError("expected a time between 1970 and 9999")
    return round(count * unit * 1e6)


def datetime_us(moment: datetime) -> int:
    """Microseconds since 1970; a time without zone is taken as UTC. Raises ValueError outside 1970 to 9999."""
    try:
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    except OverflowError as error:
        raise ValueError("expected a time between 1970 and 9999") from error
    if since.days < 0:
        raise ValueError("expected a time between 1970 and 9999")
    return since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds


def iso_us(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 time (RFC 3339 and its relatives); without zone it is UTC. Raises ValueError."""
    try:
        return datetime_us(datetime.fromisoformat(text))
    except (TypeError, ValueError) as error:
        raise ValueError("expected an ISO 8601 time") from error


@lru_cache(maxsize=4096)
def log_time_us(text: str) -> int:
    """Microseconds since 1970 of ``15/Feb/2022:13:02:11 +0200`` (Apache, nginx) or of an ISO 8601 time. Raises ValueError."""
    found = _CLF.fullmatch(text)
    if found is None:
        return iso_us(text)
    day, month, year, hour, minute, second, fraction, sign, zone_h, zone_m = found.groups()
    micros = clock_us(int(year), month, int(day), int(hour), int(minute), int(second)) + int((fraction or "").ljust(6, "0"))
    offset = (int(zone_h) * 60 + int(zone_m)) * 60_000_000
    micros += -offset if sign == "+" else offset
    if int(zone_h) > 14 or micros < 0:
        raise ValueError("expected a zone within 14 hours and a time after 1970")
    return micros


def clock_us(year: int, month: str, day: int, hour: int, minute: int, second: int) -> int:
    """Microseconds since 1970 of what a clock showed, ``month`` as ``Jan``; a leap second is the 59th. Raises ValueError."""
    if month not in MONTHS:
        raise ValueError("expected an English month name")
    moment = datetime(year, MONTHS[month], day, hour, minute, second - (second == 60), tzinfo=UTC)
    return datetime_us(moment)
