"""The log as a person may read it, the files that let a state check it, and the witness that a state takes with it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.db.models import QuerySet, Subquery

from tocsin import council, ledger
from tocsin.ledger.file import FORMAT, VERSION, Header, write_line
from tocsin.ops.alliance.access import Actor
from tocsin.ops.alliance.models import Role, State, StateKey
from tocsin.ops.common import audit
from tocsin.ops.common.models import Entry, Ledger, Witness
from tocsin.ops.common.words import Said, Subject, say, subject_of

READ_THE_LOG = (Role.REPRESENTATIVE, Role.CHAIR, Role.ADMINISTRATOR)
PAGE = 50
RECENT = 1000  # entries looked through for the latest that are worth showing: the log may be long, and all of one kind
_CHUNK = 2000  # rows held while the log is written out


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. ``who``: a role, or ``server``; ``subject``: an id or the start of a kind; days both included."""

    who: str = ""
    action: str = ""
    subject: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Line:
    """An entry, with its sentence and what it speaks of."""

    entry: Entry
    said: Said
    subject: Subject


@dataclass(frozen=True)
class Page:
    """Fifty lines, newest first. ``newer``, ``older``: number of the entry to go on from; None where nothing is there."""

    lines: tuple[Line, ...]
    newer: int | None
    older: int | None


def page(actor: Actor, wanted: Wanted = Wanted(), *, before: int | None = None, after: int | None = None) -> Page:
    """A page of the log: the newest, or those before or after an entry. By number, which is the key: as fast at the far end.

    Raises:
        PermissionDenied: Not for this actor.
    """
    actor.need(*READ_THE_LOG)
    found = _filtered(wanted)
    if after is not None:
        rows = list(found.filter(number__gt=after).order_by("number")[: PAGE + 1])
        more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        newer, older = (rows[0].number if more else None), (rows[-1].number if rows else None)
    else:
        rows = list((found.filter(number__lt=before) if before is not None else found).order_by("-number")[: PAGE + 1])
        more, rows = len(rows) > PAGE, rows[:PAGE]
        newer, older = (rows[0].number if before is not None and rows else None), (rows[-1].number if more else None)
    return Page(lines(rows), newer, older)


def latest(actor: Actor, count: int, *, without: Collection[str] = ()) -> tuple[Line, ...]:
    """The last entries, some actions left out, of the last ``RECENT``; none for those who do not read the log."""
    if not actor.has(*READ_THE_LOG):
        return ()
    recent = Entry.objects.filter(number__gt=Subquery(Ledger.objects.values("number")[:1]) - RECENT)
    return lines(list(recent.exclude(action__in=without).order_by("-number")[:count]))


def lines(rows: list[Entry]) -> tuple[Line, ...]:
    """Entries in sentences."""
    states = dict(State.objects.values_list("code", "name")) if rows else {}
    return tuple(Line(row, say(row.actor, row.action, states), subject_of(row.subject)) for row in rows)


def export(actor: Actor) -> Iterator[bytes]:
    """The whole log as the file that ``tocsin verify`` takes, in pieces: header, entries, signed head.

    Raises:
        PermissionDenied: Not for this actor; at the call, not at the first piece.
    """
    actor.need(*READ_THE_LOG)
    return _written(audit.head())


def _written(head: ledger.SignedHead) -> Iterator[bytes]:
    yield write_line("header", Header(FORMAT, VERSION, "ledger", head.head.ledger))
    # The head is signed first: entries that come while the file is written are not the head's, and are left out.
    rows = Entry.objects.filter(number__lte=head.number).order_by("number")
    piece: list[bytes] = []
    for row in rows.iterator(_CHUNK):
        piece.append(write_line("entry", audit.as_entry(row)))
        if len(piece) == _CHUNK:
            yield b"".join(piece)
            piece.clear()
    yield b"".join(piece) + write_line("head", head)


def public_keys(actor: Actor) -> bytes:
    """The public keys of the server and of all states, retired ones too: old votes were signed with them.

    Raises:
        PermissionDenied: Not for this actor.
    """
    actor.need(*READ_THE_LOG)
    states: dict[str, list[str]] = {}
    for code, public in StateKey.objects.order_by("made_at").values_list("state__code", "public"):
        states.setdefault(code, []).append(public)
    server = (ledger.public_key(audit.server_key()),)
    return ledger.keys_to_json(ledger.Keys(server, {code: tuple(keys) for code, keys in states.items()}))


def witnesses(actor: Actor) -> QuerySet[Witness]:
    """The signed heads that the states which the actor represents were handed, newest first."""
    return Witness.objects.filter(state__in=actor.states(Role.REPRESENTATIVE)).order_by("-number", "-time")


@transaction.atomic
def take_witness(actor: Actor, state: str) -> ledger.SignedHead:
    """Hand the state a signed head of the log as it stands, this entry included.

    Raises:
        PermissionDenied: The actor does not represent the state.
    """
    actor.need(Role.REPRESENTATIVE, state=state)
    audit.record(actor.label, "hand_over_head", f"witness {state}", {"state": state})
    return audit.hand_over(state, "download")


def witness_file(actor: Actor, state: str) -> bytes:
    """All signed heads that the state was handed, as ``tocsin verify --witness`` reads them.

    Raises:
        PermissionDenied: The actor does not represent the state.
    """
    actor.need(Role.REPRESENTATIVE, state=state)
    heads = Witness.objects.filter(state=state).order_by("number", "time").values_list("head", flat=True)
    return council.witness_file(heads=[ledger.from_plain(ledger.SignedHead, head) for head in heads])


def _filtered(wanted: Wanted) -> QuerySet[Entry]:
    found = Entry.objects.all()
    if wanted.who:
        found = found.filter(actor__contains=wanted.who)
    if wanted.action:
        found = found.filter(action=wanted.action)
    if wanted.subject:
        kind, id = subject_of(wanted.subject)
        found = (
            found.filter(subject__in=(wanted.subject, id, *(f"{k} {id}" for k in KINDS)))
            if id
            else found.filter(subject__startswith=kind)
        )
    if wanted.start:
        found = found.filter(time__gte=datetime.combine(wanted.start, time.min, UTC))
    if wanted.end:
        found = found.filter(time__lte=datetime.combine(wanted.end, time.max, UTC))  # the last of all days has no next
    return found


# What entries speak of.
KINDS = (
    "request", "session", "mission", "proposal", "nomination", "expert", "invitation", "membership", "token", "delegation", "decision",
    "discussion", "partner", "rule", "state", "state_key", "user", "witness",
)  # fmt: skip
