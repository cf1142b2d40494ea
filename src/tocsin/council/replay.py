"""Export a decision, and replay it from the file alone: no server, no database, no network."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.council.file import DIGEST, DecisionFile, Record, entry_subject, read_decision, write_decision
from tocsin.council.records import (
    Amendment,
    Closing,
    Delegation,
    HostConsent,
    Opening,
    Session,
    Vote,
    objection,
    terms,
    unsigned,
)
from tocsin.council.rules import describe_rule
from tocsin.council.tally import Tally, chains, decide
from tocsin.ledger import Entry, Keys, LedgerError, Link, SignedHead, from_plain, verify_signature
from tocsin.ledger.canonical import parse
from tocsin.ledger.check import Problem, examine
from tocsin.ledger.check import Witness as HeadWitness
from tocsin.ledger.entries import blind
from tocsin.ledger.file import (
    Key,
    Report,
    chain_checks,
    head_problems,
    read_header,
    read_lines,
    server_key,
    sorted_problems,
    verify_ledger,
    write_line,
)
from tocsin.ledger.keys import fingerprint
from tocsin.model.text import plural, printable

WITNESS_LINES_MAX = 100_000


@dataclass(frozen=True)
class Witness(HeadWitness):
    """What a state kept: heads that the server signed for it, and its own votes.

    Attributes:
        votes: A vote kept that is not in a decision's file was left out of it.
    """

    votes: tuple[Vote, ...] = ()


@dataclass(frozen=True)
class DecisionReport(Report):
    """The report on a decision; ``session`` and ``tally`` are None where the file is too damaged to replay."""

    session: Session | None = None
    tally: Tally | None = None


def entry_details(record: Record) -> dict[str, str]:
    """What the details of a record's entry in the log must contain."""
    return {DIGEST: record.digest}


def export_decision(session: Session, votes: Iterable[Vote], entries: Iterable[Entry], head: SignedHead) -> bytes:
    """A closed session as a file.

    Args:
        session: Closed, with all its amendments, consents and delegations.
        votes: All versions.
        entries: The log from the opening's entry to the head's. Those with another `entry_subject` are withheld: the file
            holds their digests alone.
        head: Signed at the closing or later.

    Returns:
        JSON lines. The same input gives the same bytes.

    Raises:
        LedgerError: The session is open, or its records do not fit the log; the message says which.
    """
    if session.closing is None:
        raise LedgerError("The session is open: export the decision when it is closed.")
    data = write_decision(session, tuple(votes), entries, head)
    if problems := verify_decision(data).problems:
        raise LedgerError(f"The record of this session does not hold. {problems[0]}.")
    return data


def verify(data: bytes, *, keys: Keys | None = None, witnesses: Sequence[Witness] = ()) -> Report:
    """Check an exported decision or log: see `verify_decision` and `tocsin.ledger.verify_ledger`."""
    header = read_header(next(read_lines(data), None))
    if isinstance(header, Problem):
        return Report("unknown", "", (), (header,), (), ())
    if header.kind == "decision":
        return verify_decision(data, keys=keys, witnesses=witnesses)
    return verify_ledger(data, keys=keys, witnesses=witnesses)


def verify_decision(data: bytes, *, keys: Keys | None = None, witnesses: Sequence[Witness] = ()) -> DecisionReport:
    """Replay a decision: every signature, every record's place in the log, the log's chain and head, the outcome.

    Args:
        data: The file; may be hostile.
        keys: Keys of server and states that somebody vouches for. Without them those in the file are used, and the report says so.
        witnesses: What states kept.

    Returns:
        What was checked and what does not hold; never raises for what is in ``data``.
    """
    file, unread = read_decision(data)
    if file is None:
        return DecisionReport("decision", "", (), tuple(sorted_problems(unread, 0)), (), ())
    (head,), session, votes = file.all(SignedHead), file.session, file.all(Vote)
    found = examine(file.log, head, witnesses, keys, whole=False, first_line=file.line(file.log[0]))
    tally = decide(session, votes)
    problems = [
        *head_problems(file.header, head),
        *_bad_votes(file),
        *_bad_delegations(file),
        *_out_of_force(file),
        *_wrongly_shown(file),
        *_unrecorded(file),
        *_out_of_order(file),
        *found.problems,
        *_untrusted(session.opening, keys),
        *_left_out(file, witnesses),
        *_outcome(session, tally),
    ] or list(_elsewhere(file, data))
    placed = tuple(sorted_problems((_placed(file, one) for one in problems), file.line(head) or 0))
    checks = () if placed else (*_held(session, votes), *chain_checks(found, head, witnesses))
    ignored = () if placed else tally.ignored  # otherwise they are among the problems
    notes = (*found.notes, *(f"{_cap(file.name(vote))} does not count: it {reason}." for vote, reason in ignored))
    shown = (*server_key(head, keys), *_state_keys(session.opening, keys))
    return DecisionReport("decision", file.header.ledger, checks, placed, notes, shown, session, tally)


def _bad_votes(file: DecisionFile) -> Iterator[Problem]:
    """Votes that would not count, whatever the others say: no room takes them."""
    for vote in file.all(Vote):
        if reason := objection(file.session, vote):
            yield Problem(file.name(vote), f"it {reason}", line=file.line(vote))
    for vote, reason in chains(file.all(Vote))[1]:
        yield Problem(file.name(vote), f"it {reason}: one was changed, removed or inserted", line=file.line(vote))


def _bad_delegations(file: DecisionFile) -> Iterator[Problem]:
    opening, used = file.session.opening, {vote.delegation for vote in file.all(Vote)}
    for given in file.all(Delegation):
        giver = opening.participant(given.from_state)
        if not giver or not verify_signature(giver.key or "", "delegation", unsigned(given), given.signature):
            what = f"it is not signed with the key of {printable(opening.name(given.from_state), 60)}"
            yield Problem(file.name(given), what, line=file.line(given))
        elif given.digest not in used:
            yield Problem(file.name(given), "no vote refers to it: it was inserted, or the vote changed", line=file.line(given))


def _out_of_force(file: DecisionFile) -> Iterator[Problem]:
    """Amendments that were never in force, consents and a closing of another session."""
    (closing,), session = file.all(Closing), file.session
    in_force = terms(session, closing.time).amendments
    for amendment in file.all(Amendment):
        if amendment not in in_force:
            what = "it does not follow the one before it, came too late, or brings the deadline forward"
            yield Problem(file.name(amendment), what, line=file.line(amendment))
    others: tuple[HostConsent | Closing, ...] = (*file.all(HostConsent), closing)
    for record in others:
        if record.session != session.id:
            yield Problem(file.name(record), "it is of another session", "session", file.line(record))


def _wrongly_shown(file: DecisionFile) -> Iterator[Problem]:
    """Entries on this session are shown, all others withheld."""
    subject = entry_subject(file.session.id)
    for entry in file.log:
        if isinstance(entry, Link) and entry.subject == blind(subject):
            what = "it is about this session, yet its content is withheld"
            yield Problem(file.name(entry), what, "subject", file.line(entry))
        if isinstance(entry, Entry) and entry.subject != subject:
            yield Problem(file.name(entry), "it is not about this session", "subject", file.line(entry))


def _unrecorded(file: DecisionFile) -> Iterator[Problem]:
    """Each record has its entry in the log, at its time; each such entry its record."""
    records: dict[str, Record] = {one.digest: one for _, one in file.records if isinstance(one, Record)}
    entries = _recording(file)
    for digest, entry in entries:
        record = records.get(digest)
        if record is None:
            what = f"it records what is not in this file ({printable(entry.action, 40)}): that was changed or removed"
            yield Problem(file.name(entry), what, "details", file.line(entry))
        elif record.time != entry.time:
            yield Problem(file.name(record), "it is not of the time at which the log has it", "time", file.line(record))
    told = Counter(digest for digest, _ in entries)
    for digest, record in records.items():
        if told[digest] != 1:
            what = "the log does not have it: it was changed or inserted" if not told[digest] else "the log has it twice"
            yield Problem(file.name(record), what, line=file.line(record))


def _out_of_order(file: DecisionFile) -> Iterator[Problem]:
    """The log in the file begins with the opening, and has no record of the session after the closing."""
    (closing,), opening = file.all(Closing), file.session.opening
    order = [digest for digest, _ in _recording(file)]
    if not isinstance(file.log[0], Entry) or order[:1] != [opening.digest]:
        yield Problem("opening", "the log in this file does not begin with it", line=file.line(opening))
    if closing.digest in order[:-1]:
        yield Problem("closing", "the log has records of this session after it", line=file.line(closing))


def _recording(file: DecisionFile) -> list[tuple[str, Entry]]:
    """The entries that record something of this session, with its digest."""
    return [(str(entry.details[DIGEST]), entry) for entry in file.log if isinstance(entry, Entry) and DIGEST in entry.details]


def _untrusted(opening: Opening, keys: Keys | None) -> Iterator[Problem]:
    if keys is None or not keys.states:
        return
    for one in opening.participants:
        if one.key is not None and one.key not in keys.states.get(one.state, ()):
            name = printable(one.name, 60)
            yield Problem(
                "opening", f"the key of {name}, {fingerprint(one.key)}, is none that you trust for {one.state}", "participants"
            )


def _left_out(file: DecisionFile, witnesses: Sequence[Witness]) -> Iterator[Problem]:
    session, there = file.session, set(file.all(Vote))
    for witness in witnesses:
        for vote in witness.votes:
            if vote.session != session.id or vote in there:
                continue
            if reason := objection(session, vote):
                yield Problem(f"witness {witness.name}", f"its {file.name(vote)} {reason}")
            else:
                yield Problem(
                    file.name(vote), f"{witness.name} kept it, and it is not in this file: it was left out or replaced"
                )


def _outcome(session: Session, tally: Tally) -> Iterator[Problem]:
    assert session.closing is not None, "the file was read with one"
    if session.closing.outcome != tally.outcome:
        what = f"it says {session.closing.outcome}; rule and votes give {tally.outcome}. {tally.why}".rstrip(".")
        yield Problem("closing", what, "outcome")


def _elsewhere(file: DecisionFile, data: bytes) -> Iterator[Problem]:
    """The file is what the room writes of these records, byte for byte: nothing was moved, doubled or added."""
    (head,) = file.all(SignedHead)
    again = write_decision(file.session, file.all(Vote), file.log, head)
    lines = zip(again.split(b"\n"), data.split(b"\n"), strict=False)
    for number, (expected, found) in enumerate(lines, 1):
        if expected != found:
            record = dict(file.records).get(number)
            name = file.name(record) if record is not None else f"line {number}"
            yield Problem(name, "the room would not write it here: it was moved or inserted", line=number)
            return
    if again != data:
        yield Problem("file", "expected nothing after the head, found more")


def _placed(file: DecisionFile, problem: Problem) -> Problem:
    """With the line of a record of which there is one."""
    (opening,), (closing,) = file.all(Opening), file.all(Closing)
    line = {"opening": file.line(opening), "closing": file.line(closing)}.get(problem.record)
    return Problem(problem.record, problem.what, problem.field, problem.line or line)


def _held(session: Session, votes: Sequence[Vote]) -> tuple[str, ...]:
    states = {vote.state for vote in votes}
    signed = (
        f"{plural(len(votes), 'vote')} of {plural(len(states), 'state')}: each is signed with its state's key, or its delegate's, "
        "and none is missing between a state's first and last."
        if votes
        else "No state voted."
    )
    return (
        signed,
        "The log has the opening, every vote and the closing, in this order and at these times.",
        f"The outcome follows from the votes by the rule: {printable(describe_rule(session.opening.rule), 400)}.",
    )


def _state_keys(opening: Opening, keys: Keys | None) -> tuple[Key, ...]:
    return tuple(
        Key(printable(one.name, 60), fingerprint(one.key), bool(keys and one.key in keys.states.get(one.state, ())))
        for one in opening.participants
        if one.key is not None
    )


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def witness_file(heads: Iterable[SignedHead] = (), votes: Iterable[Vote] = ()) -> bytes:
    """What a state keeps, a line each: signed heads, its own votes. Files can be joined end to end."""
    return b"".join([*(write_line("head", head) for head in heads), *(write_line("vote", vote) for vote in votes)])


def read_witness(name: str, data: bytes) -> Witness:
    """Read a state's file of heads and votes; it may be hostile.

    Raises:
        LedgerError: It is something else; the message names the line.
    """
    heads: list[SignedHead] = []
    votes: list[Vote] = []
    lines = [line for line in data.splitlines() if line.strip()]
    if not lines or len(lines) > WITNESS_LINES_MAX:
        raise LedgerError(
            f"{name}: expected 1 to {WITNESS_LINES_MAX:,} lines, each a signed head or a vote, found {len(lines):,}"
        )
    for number, line in enumerate(lines, 1):
        try:
            plain: Any = parse(line, canonical_only=False)
            kind = plain.pop("record", None) if isinstance(plain, dict) else None
            if kind == "head":
                heads.append(from_plain(SignedHead, plain))
            elif kind == "vote":
                votes.append(from_plain(Vote, plain))
            else:
                raise LedgerError("expected a signed head or a vote, found something else")
        except LedgerError as error:
            raise LedgerError(f"{name}, line {number}: {error}") from error
    return Witness(name, tuple(heads), tuple(votes))
