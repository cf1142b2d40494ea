"""A decision as JSON lines: header; opening; delegations; amendments, consents and votes; closing; the log; its signed head."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tocsin.council.records import Amendment, Closing, Delegation, HostConsent, Opening, Session, Vote
from tocsin.ledger import Entry, LedgerError, Link, SignedHead, from_plain, withhold
from tocsin.ledger.check import Problem
from tocsin.ledger.file import FORMAT, VERSION, Header, Line, read_header, read_lines, write_line
from tocsin.model.text import count, printable

T = TypeVar("T")
Record = Opening | Amendment | HostConsent | Vote | Closing
LINES_MAX = 200_000  # a session's part of the log
RECORDS_MAX = 1_000  # opening, votes and the like: checking them takes time that grows with their square
DIGEST = "record"  # the key in an entry's details
# Kind of line, its record, and its place in the file: the kinds of one place may alternate.
_KINDS: dict[str, tuple[type[Any], int]] = {
    "opening": (Opening, 1),
    "delegation": (Delegation, 2),
    "amendment": (Amendment, 3),
    "consent": (HostConsent, 3),
    "vote": (Vote, 3),
    "closing": (Closing, 4),
    "entry": (Entry, 5),
    "link": (Link, 5),
    "head": (SignedHead, 6),
}
_KIND_OF = {kind: name for name, (kind, _) in _KINDS.items()}
_ONCE = ("opening", "closing", "head")


def entry_subject(session: str) -> str:
    """The subject of every entry in the log that records something of a session, and of no other: kind and id."""
    return f"session {session}"


@dataclass(frozen=True)
class DecisionFile:
    """A decision's file, read: what each line holds, with the line's number."""

    header: Header
    records: tuple[tuple[int, Any], ...]

    def all(self, kind: type[T]) -> tuple[T, ...]:
        """The records of one kind, in the order of the file."""
        return tuple(record for _, record in self.records if isinstance(record, kind))

    @property
    def session(self) -> Session:
        """The session without its votes."""
        (opening,), (closing,) = self.all(Opening), self.all(Closing)
        return Session(opening, self.all(Amendment), self.all(HostConsent), self.all(Delegation), closing)

    @property
    def log(self) -> tuple[Entry | Link, ...]:
        """Part of the ledger, from the opening's entry to the head's."""
        return tuple(record for _, record in self.records if isinstance(record, Entry | Link))

    def line(self, wanted: Any) -> int | None:
        """Where a record stands."""
        return next((line for line, record in self.records if record is wanted), None)

    def name(self, record: Any) -> str:
        """How messages call a record."""
        (opening,) = self.all(Opening)
        if isinstance(record, Vote):
            return f"vote {record.number} of {printable(opening.name(record.state), 60)}"
        if isinstance(record, Delegation):
            return f"delegation of {printable(opening.name(record.from_state), 60)}"
        if isinstance(record, Entry | Link):
            return f"entry {count(record.number)}"
        return f"amendment {record.number}" if isinstance(record, Amendment) else _KIND_OF[type(record)]


def write_decision(session: Session, votes: Sequence[Vote], entries: Iterable[Entry | Link], head: SignedHead) -> bytes:
    """The file's bytes: each record once, entries on other subjects withheld, delegations that no vote refers to left out."""
    used = {vote.delegation for vote in votes}
    delegations = {one.digest: one for one in session.delegations if one.digest in used}
    subject = entry_subject(session.id)
    log = [withhold(one) if isinstance(one, Entry) and one.subject != subject else one for one in entries]
    place = {entry.details.get(DIGEST): entry.number for entry in log if isinstance(entry, Entry)}
    said: tuple[Record, ...] = (*session.amendments, *session.consents, *votes)
    voiced = sorted(
        {one.digest: one for one in said}.values(), key=lambda one: (place.get(one.digest, float("inf")), one.digest)
    )
    closing = [session.closing] if session.closing else []
    records = [session.opening, *(delegations[name] for name in sorted(delegations)), *voiced, *closing, *log, head]
    header = write_line("header", Header(FORMAT, VERSION, "decision", head.head.ledger))
    return b"".join([header, *(write_line(_KIND_OF[type(record)], record) for record in records)])


def read_decision(data: bytes) -> tuple[DecisionFile | None, list[Problem]]:
    """Read a file that may be hostile.

    Returns:
        The file, or None and the problems for which it cannot be replayed.
    """
    lines = read_lines(data)
    header = read_header(next(lines, None))
    if isinstance(header, Problem):
        return None, [header]
    records: list[tuple[int, Any]] = []
    problems: list[Problem] = []
    for line in lines:
        if len(records) + len(problems) == LINES_MAX:
            problems.append(Problem("file", f"expected at most {count(LINES_MAX)} records; the rest was not read"))
            break
        read = _record(line)
        if isinstance(read, Problem):
            problems.append(read)
        elif isinstance(line, Line):
            records.append((line.number, read))
    if sum(not isinstance(record, Entry | Link) for _, record in records) > RECORDS_MAX:
        problems.append(Problem("file", f"expected at most {count(RECORDS_MAX)} records beside the log, found more"))
    problems = problems or list(_misplaced(records))
    return (None if problems else DecisionFile(header, tuple(records))), problems


def _record(line: Line | Problem) -> Any:
    if isinstance(line, Problem):
        return line
    if line.kind not in _KINDS:
        what = f"expected a record of a kind that we know, found {printable(line.kind, 20)}"
        return Problem(f"line {count(line.number)}", what, "record", line.number)
    try:
        return from_plain(_KINDS[line.kind][0], line.plain)
    except LedgerError as error:
        return Problem(line.kind, str(error), line=line.number)


def _misplaced(records: Sequence[tuple[int, Any]]) -> Iterator[Problem]:
    place = 0
    seen: Counter[str] = Counter()
    for line, record in records:
        kind = _KIND_OF[type(record)]
        seen[kind] += 1
        if _KINDS[kind][1] < place or (kind in _ONCE and seen[kind] > 1):
            yield Problem(kind, "the room would not write it here: it was moved or inserted", line=line)
        place = max(place, _KINDS[kind][1])
    missing = [name for name in _ONCE if not seen[name]] + ([] if seen["entry"] + seen["link"] else ["entry"])
    for name in missing:
        yield Problem(name, "expected one, found none: it was removed")
