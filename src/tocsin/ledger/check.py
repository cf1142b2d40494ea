"""Whether a chain of entries is the one whose heads were signed and witnessed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tocsin.ledger.entries import ZEROS, Entry, Link, SignedHead, digest_of, verify_head
from tocsin.ledger.keys import Keys, fingerprint
from tocsin.model.text import count, duration, listing, plural

SKEW = timedelta(minutes=1)  # between processes of one server; a vote dated back to before a deadline is further off
NOTES_MAX = 10


@dataclass(frozen=True)
class Problem:
    """One thing that does not hold.

    Attributes:
        record: The record it stands in: ``entry 7``, ``vote 2 of Estonia``, ``header``, ``head``, ``witness estonia.jsonl``.
        what: A clause that goes on from "record:".
        field: The field, where it can be told.
        line: Line of the file, from 1, where there is a file.
    """

    record: str
    what: str
    field: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line else ""
        return f"{self.record}{place}{f', {self.field}' if self.field else ''}: {self.what}"


@dataclass(frozen=True)
class Witness:
    """What a state kept: signed heads, from the server whose ledger it is; ``name`` says in messages whose."""

    name: str
    heads: tuple[SignedHead, ...]


@dataclass
class Examined:
    """What a walk along the chain found."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    entries: int = 0
    first: Entry | Link | None = None
    last: Entry | Link | None = None
    last_line: int | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
    witnessed: list[int] = field(default_factory=list)  # entries whose digest a witness confirms


def check_ledger(
    entries: Iterable[Entry | Link], head: SignedHead, witnesses: Sequence[Witness] = (), keys: Keys | None = None
) -> list[Problem]:
    """Hold a whole ledger against its signed head and what states kept.

    Finds a changed entry, one inserted, deleted or moved, a rewritten or cut-off tail, a forged head, a chain that the server's
    owner wrote anew (the head witnessed for an entry is another), and heads that contradict each other.

    Args:
        entries: From number 1 on.
        head: That speaks of the last one.
        witnesses: Heads that were handed out earlier.
        keys: Server keys that are trusted; without them the head's own key is all there is, and witnesses must bear it too.

    Returns:
        The problems, each naming its record; none where everything holds.
    """
    return examine(entries, head, witnesses, keys).problems


def examine(
    entries: Iterable[Entry | Link | None],
    head: SignedHead,
    witnesses: Sequence[Witness] = (),
    keys: Keys | None = None,
    *,
    whole: bool = True,
    first_line: int | None = None,
) -> Examined:
    """`check_ledger`, and what it saw on the way.

    Args:
        entries: None stands for an entry that could not be read, which was said already.
        whole: From entry 1 on; otherwise a part of the ledger, of which a witness may know other parts.
        first_line: Line of the first entry in its file.
    """
    found = Examined()
    wanted = _witnessed(head, witnesses, keys, found)
    mismatches: list[tuple[int, str, int | None]] = []
    confirmed: dict[int, list[str]] = defaultdict(list)
    for line, entry in enumerate(_chained(entries, head, found, whole=whole, first_line=first_line)):
        for name, signed in wanted.pop(entry.number, ()):
            at = None if first_line is None else first_line + line
            if signed.digest == entry.digest:
                confirmed[entry.number].append(name)
            else:
                mismatches.append((entry.number, name, at))
    found.witnessed = sorted(confirmed)
    _judge_witnesses(found, mismatches)
    _judge_unseen(found, wanted, whole=whole)
    _judge_head(found, head)
    return found


def _chained(
    entries: Iterable[Entry | Link | None], head: SignedHead, found: Examined, *, whole: bool, first_line: int | None
) -> Iterator[Entry | Link]:
    """Walk the chain, note every break in it."""
    before: Entry | Link | None = None
    number, previous = (1, ZEROS) if whole else (None, None)  # what the next entry must have, where that is known
    for at, entry in enumerate(entries):
        line = None if first_line is None else first_line + at
        if entry is None:
            number, previous, before = number and number + 1, None, None
            continue
        expected = entry.number if number is None else number
        broken = list(_broken(entry, expected, entry.previous if previous is None else previous, before, line))
        found.problems += broken
        found.entries += 1
        found.first, found.last, found.last_line = found.first or entry, entry, line
        if isinstance(entry, Entry):
            _note_time(entry, found)
        renumbered = any(one.field == "number" and one.record != _name(entry.number) for one in broken)
        before, number, previous = entry, (expected if renumbered else entry.number) + 1, entry.digest
        yield entry


def _note_time(entry: Entry, found: Examined) -> None:
    """Clocks are set back, so an early date is no fault; but whoever dates a vote back must be seen."""
    if found.last_time and entry.time < found.last_time - SKEW and len(found.notes) < NOTES_MAX:
        early = duration((found.last_time - entry.time).total_seconds())
        found.notes.append(f"Entry {count(entry.number)} is dated {early} before one that was written before it.")
    found.first_time = min(found.first_time or entry.time, entry.time)
    found.last_time = max(found.last_time or entry.time, entry.time)


def _name(number: int) -> str:
    return f"entry {count(number)}"


def _broken(
    entry: Entry | Link, number: int, previous: str, before: Entry | Link | None, line: int | None
) -> Iterator[Problem]:
    name = _name(entry.number)
    computed = digest_of(entry)
    if computed != entry.digest:
        # Told apart by what would make the digest right again.
        if digest_of(replace(entry, number=number)) == entry.digest:
            name, changed = _name(number), "number"
        elif digest_of(replace(entry, previous=previous)) == entry.digest:
            changed = "previous"
        else:
            changed = ""
        yield Problem(name, "it does not match its digest: it was changed after it was written", changed or None, line)
        if changed:
            return
    if entry.number != number:
        what = f"expected entry {count(number)} here: entries were removed, inserted or put in another order"
        yield Problem(name, what, "number", line)
    elif entry.previous != previous and (before is None or entry.previous != digest_of(before)):
        what = (
            f"it was not written after this entry {count(number - 1)}: one of the two was replaced"
            if before
            else ("the first entry follows on nothing: expected zeros")
        )
        yield Problem(name, what, "previous", line)


def _witnessed(
    head: SignedHead, witnesses: Sequence[Witness], keys: Keys | None, found: Examined
) -> dict[int, list[tuple[str, SignedHead]]]:
    """The witnessed heads that can be relied on, by the entry they speak of; what is wrong with the others is noted."""
    if not verify_head(head):
        found.problems.append(
            Problem("head", "its signature is not that of the key beside it: head, key or signature was changed")
        )
    elif keys and keys.server and head.key not in keys.server:
        what = f"it is signed by {fingerprint(head.key)}, which is none of the server keys you trust"
        found.problems.append(Problem("head", what, "key"))
    trusted = set(keys.server) if keys and keys.server else {head.key}
    wanted: dict[int, list[tuple[str, SignedHead]]] = defaultdict(list)
    said: dict[int, tuple[str, str]] = {head.number: ("the file's head", head.digest)}
    for witness in witnesses:
        for signed in witness.heads:
            what = _unreliable(signed, head, trusted)
            if what:
                found.problems.append(Problem(f"witness {witness.name}", what))
                continue
            wanted[signed.number].append((witness.name, signed))
            name, digest = said.setdefault(signed.number, (witness.name, signed.digest))
            if digest != signed.digest:
                what = (
                    f"the server signed two different heads for it, seen by {name} and by {witness.name}: it told two stories"
                )
                found.problems.append(Problem(_name(signed.number), what, "digest"))
    return wanted


def _unreliable(signed: SignedHead, head: SignedHead, trusted: set[str]) -> str:
    which = f"its head of entry {count(signed.number)}"
    if not verify_head(signed):
        return f"{which} is forged or was changed: the signature is not that of its key"
    if signed.key not in trusted:
        keys = listing(sorted(fingerprint(key) for key in trusted if _is_key(key)))
        return f"{which} is signed by another key, {fingerprint(signed.key)}, than this ledger's, {keys}"
    if signed.head.ledger != head.head.ledger:
        return f"{which} is of another ledger, {signed.head.ledger[:60]}"
    return ""


def _is_key(text: str) -> bool:
    return len(text) == 43


def _judge_witnesses(found: Examined, mismatches: Sequence[tuple[int, str, int | None]]) -> None:
    if not mismatches:
        return
    number, name, line = mismatches[0]
    held = max((one for one in found.witnessed if one < number), default=0)
    since = f"after entry {count(held)}, which is still as witnessed" if held else "at or before it"
    more = f" {plural(len(mismatches) - 1, 'more witnessed head')} beyond it differ too." if len(mismatches) > 1 else ""
    what = f"it is not the one whose head the server signed for {name}: the record was rewritten {since}.{more}"
    found.problems.append(Problem(_name(number), what, "digest", line))


def _judge_unseen(found: Examined, wanted: dict[int, list[tuple[str, SignedHead]]], *, whole: bool) -> None:
    """Witnessed heads of entries that are not there."""
    last = found.last.number if found.last else 0
    beyond = sorted(number for number in wanted if number > last)
    if whole and beyond:
        name = wanted[beyond[-1]][0][0]
        what = (
            f"the file ends here, but {name} witnessed entry {count(beyond[-1])}: the tail was cut off, "
            "or the file is older than the witness. Ask for a new export"
        )
        found.problems.append(Problem(_name(last), what, line=found.last_line))
    elif wanted:
        amount = sum(len(heads) for heads in wanted.values())
        found.notes.append(
            f"{plural(amount, 'witnessed head')} of entries outside this file could not be compared; the exported log would tell."
        )


def _judge_head(found: Examined, head: SignedHead) -> None:
    if found.last is None:
        found.problems.append(Problem("head", f"it speaks of entry {count(head.number)}, and there is no entry"))
    elif head.number > found.last.number:
        what = f"the file ends here, but its head speaks of entry {count(head.number)}: the tail was cut off"
        found.problems.append(Problem(_name(found.last.number), what, line=found.last_line))
    elif head.number < found.last.number:
        what = f"it stands after the signed head, which ends at entry {count(head.number)}: it was added"
        found.problems.append(Problem(_name(found.last.number), what, "number", found.last_line))
    elif head.digest not in (found.last.digest, digest_of(found.last)):
        what = "it is not the entry whose head was signed: it was replaced, or the head is of another chain"
        found.problems.append(Problem(_name(found.last.number), what, "digest", found.last_line))
