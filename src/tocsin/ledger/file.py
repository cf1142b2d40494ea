"""The exported log: one JSON record per line, each in its canonical spelling, so that a changed byte can be told by its record."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.ledger.canonical import LedgerError, canonical, parse
from tocsin.ledger.check import Examined, Problem, Witness, examine
from tocsin.ledger.entries import Entry, SignedHead
from tocsin.ledger.keys import Keys, fingerprint
from tocsin.ledger.shape import from_plain, to_plain
from tocsin.model.text import count, listing, printable, span

FORMAT, VERSION = "tocsin", 1
LINE_MAX = 1 << 20  # bytes
LINES_MAX = 5_000_000
PROBLEMS_MAX = 100
_KIND = re.compile(rb'"record":"([a-z]{1,20})"')


@dataclass(frozen=True)
class Header:
    """First line of a file: what it is, and of which ledger."""

    format: str
    version: int
    kind: str
    ledger: str

    def __post_init__(self) -> None:
        if (self.format, self.version) != (FORMAT, VERSION):
            raise LedgerError(f"expected {FORMAT} version {VERSION}, found {printable(self.format, 20)} {self.version}")
        if self.kind not in ("ledger", "decision"):
            raise LedgerError(f"kind: expected ledger or decision, found {printable(self.kind, 20)}")


@dataclass(frozen=True)
class Line:
    """One line as read: its number, the kind of record, the record's fields as JSON."""

    number: int
    kind: str
    plain: dict[str, Any]


@dataclass(frozen=True)
class Key:
    """A public key that the file was checked against."""

    owner: str
    fingerprint: str
    trusted: bool


@dataclass(frozen=True)
class Report:
    """What was checked in a file.

    Attributes:
        kind: ``ledger``, ``decision``, or ``unknown`` where the file is neither.
        ledger: Id of the ledger.
        checks: What holds, one sentence each.
        problems: What does not; none where the file holds.
        notes: What could not be checked.
        keys: The keys used, and whether somebody vouched for them.
    """

    kind: str
    ledger: str
    checks: tuple[str, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    keys: tuple[Key, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def write_line(kind: str, record: Any) -> bytes:
    """One line of a file."""
    return canonical({**to_plain(record), "record": kind}) + b"\n"


def read_lines(data: bytes) -> Iterator[Line | Problem]:
    """Each line of a file that may be hostile, or why it cannot be relied on."""
    start, number = 0, 0
    while start < len(data):
        number += 1
        end = data.find(b"\n", start)
        raw = data[start : end if end >= 0 else len(data)]
        if number > LINES_MAX:
            yield Problem(f"line {number}", f"expected at most {count(LINES_MAX)} lines; the rest was not read", line=number)
            return
        yield _read_line(raw, number, ended=end >= 0)
        start += len(raw) + 1


def _read_line(raw: bytes, number: int, *, ended: bool) -> Line | Problem:
    seen = _KIND.search(raw[:LINE_MAX])
    name = f"line {count(number)}" + (f", the record of kind {seen[1].decode()}" if seen else "")
    if len(raw) > LINE_MAX:
        return Problem(name, f"expected at most {count(LINE_MAX)} bytes, found {count(len(raw))}", line=number)
    if not ended:
        return Problem(name, "expected a line feed at its end: the file was cut off", line=number)
    try:
        plain = parse(raw)
    except LedgerError as error:
        return Problem(name, str(error), line=number)
    kind = plain.pop("record", None) if isinstance(plain, dict) else None
    if not isinstance(kind, str):
        return Problem(name, "expected an object that names its kind of record", line=number)
    return Line(number, kind, plain)


def read_header(line: Line | Problem | None) -> Header | Problem:
    """The first line as a header, or why it is none."""
    if line is None:
        return Problem("header", "the file is empty", line=1)
    if isinstance(line, Problem):
        return Problem("header", line.what, line.field, 1)
    if line.kind != "header":
        return Problem("header", f"expected a header first, found a record of kind {printable(line.kind, 20)}", line=1)
    try:
        return from_plain(Header, line.plain)
    except LedgerError as error:
        return Problem("header", str(error), line=1)


def export_ledger(entries: Iterable[Entry], head: SignedHead) -> bytes:
    """The whole log as a file: header, entries 1 to the head's, the signed head.

    Raises:
        LedgerError: The entries are not those that the head speaks of; what was found is in the message.
    """
    held = list(entries)
    if problems := examine(held, head).problems:
        raise LedgerError(f"The log does not hold: {problems[0]}.")
    lines = [write_line("header", Header(FORMAT, VERSION, "ledger", head.head.ledger))]
    lines += [write_line("entry", entry) for entry in held]
    return b"".join([*lines, write_line("head", head)])


def verify_ledger(data: bytes, *, keys: Keys | None = None, witnesses: Sequence[Witness] = ()) -> Report:
    """Check an exported log on its own, against trusted keys, and against heads that states kept.

    Args:
        data: The file; may be hostile.
        keys: Server keys that somebody vouches for.
        witnesses: From other states.

    Returns:
        What was checked and what does not hold; never raises for what is in ``data``.
    """
    lines = read_lines(data)
    header = read_header(next(lines, None))
    if isinstance(header, Problem):
        return Report("ledger", "", (), (header,), (), ())
    reader = _Entries(lines)
    head = last_head(data, reader.problems)
    if head is None:
        for _ in reader:  # where else the file is damaged
            pass
        return Report("ledger", header.ledger, (), tuple(sorted_problems(reader.problems, reader.line)), (), ())
    found = examine(reader, head, witnesses, keys, first_line=2)
    problems = head_problems(header, head) + reader.problems + found.problems
    checks = () if problems else chain_checks(found, head, witnesses)
    return Report(
        "ledger",
        header.ledger,
        checks,
        tuple(sorted_problems(problems, reader.line)),
        tuple(found.notes),
        server_key(head, keys),
    )


class _Entries:
    """The entries of a log one by one, and what is wrong with other lines."""

    def __init__(self, lines: Iterator[Line | Problem]) -> None:
        self._lines = lines
        self.problems: list[Problem] = []
        self.line = 1

    def __iter__(self) -> Iterator[Entry | None]:
        ended = False
        for line in self._lines:
            self.line = line.line or 0 if isinstance(line, Problem) else line.number
            if ended:
                self.problems.append(Problem("head", "expected nothing after the head, found more", line=self.line))
                return
            if isinstance(line, Line) and line.kind == "head":
                ended = True
            else:
                yield self._entry(line)

    def _entry(self, line: Line | Problem) -> Entry | None:
        if isinstance(line, Line):
            try:
                if line.kind != "entry":
                    raise LedgerError(f"expected an entry, found a record of kind {printable(line.kind, 20)}")
                return from_plain(Entry, line.plain)
            except LedgerError as error:
                line = Problem(f"entry {count(line.number - 1)}", str(error), line=line.number)
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(line)
        return None


def last_head(data: bytes, problems: list[Problem]) -> SignedHead | None:
    """The signed head, which is the last line; None, and the reason among ``problems``, where there is none."""
    body = data[:-1] if data.endswith(b"\n") else data
    start = body.rfind(b"\n") + 1
    number = body.count(b"\n") + 1
    line = _read_line(body[start:], number, ended=data.endswith(b"\n"))
    try:
        if isinstance(line, Problem):
            raise LedgerError(line.what)
        if line.kind != "head":
            raise LedgerError(f"expected the signed head last, found a record of kind {printable(line.kind, 20)}")
        return from_plain(SignedHead, line.plain)
    except LedgerError as error:
        problems.append(Problem("head", str(error), line=number))
        return None


def head_problems(header: Header, head: SignedHead) -> list[Problem]:
    """Whether header and head speak of one ledger. The head is signed, so it is the header that is wrong."""
    if header.ledger == head.head.ledger:
        return []
    return [Problem("header", f"it is not of the ledger that the head is of, {printable(head.head.ledger, 60)}", "ledger", 1)]


def sorted_problems(problems: Iterable[Problem], head_line: int) -> list[Problem]:
    """In the order of the file; each once; a bounded number."""
    placed = [
        Problem(one.record, one.what, one.field, head_line) if one.record == "head" and one.line is None else one
        for one in dict.fromkeys(problems)
    ]
    return sorted(placed, key=lambda one: one.line or LINES_MAX + 1)[:PROBLEMS_MAX]


def chain_checks(found: Examined, head: SignedHead, witnesses: Sequence[Witness]) -> tuple[str, ...]:
    """What held, in sentences."""
    assert found.first is not None and found.last is not None, "a chain without entries is a problem"
    numbers = f"{count(found.first.number)} to {count(found.last.number)}"
    when = f", {span(found.first_time, found.last_time)}" if found.first_time else ""
    said = [
        f"Entries {numbers}{when}: each matches its digest and names the one before it.",
        f"The head, entry {count(head.number)}, is signed by the server.",
    ]
    if found.witnessed:
        names = listing(sorted({witness.name for witness in witnesses}))
        which = listing([count(number) for number in found.witnessed])
        said.append(f"{names}: the witnessed {'head' if len(found.witnessed) == 1 else 'heads'} of {which} match.")
    return tuple(said)


def server_key(head: SignedHead, keys: Keys | None) -> tuple[Key, ...]:
    """The server's key as it is shown."""
    try:
        return (Key("the server", fingerprint(head.key), bool(keys and head.key in keys.server)),)
    except LedgerError:
        return ()
