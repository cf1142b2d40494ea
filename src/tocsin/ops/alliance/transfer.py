"""An alliance as one file: states, their dated roles and public keys, the rules.

Canonical JSON; importing it twice is importing it once. Private keys never leave the room, and a file cannot change what a session froze.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin import council, ledger
from tocsin.ledger.canonical import parse
from tocsin.ops.alliance.access import Actor
from tocsin.ops.alliance.models import Participation, Role, RuleVersion, State, StateKey
from tocsin.ops.common import audit
from tocsin.ops.common.errors import Refused

FORMAT = "tocsin-alliance-1"
FILE_MAX = 1 << 20  # bytes
READ_THE_ALLIANCE = (Role.REPRESENTATIVE, Role.CHAIR, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class KeyLine:
    """A state's public key."""

    public: str
    made_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True)
class RoleLine:
    """What a state is, from a day to a day (ISO 8601, both included)."""

    role: str
    start: str
    end: str | None


@dataclass(frozen=True)
class StateLine:
    """A state."""

    code: str
    name: str
    roles: tuple[RoleLine, ...]
    keys: tuple[KeyLine, ...]


@dataclass(frozen=True)
class RuleLine:
    """A version of the rule of decision."""

    number: int
    start: str
    note: str
    rule: council.Rule


@dataclass(frozen=True)
class Alliance:
    """The file."""

    format: str
    states: tuple[StateLine, ...]
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True)
class Change:
    """How many were added or changed by an import."""

    states: int
    roles: int
    keys: int
    rules: int

    @property
    def any(self) -> bool:
        """Whether anything was."""
        return bool(self.states or self.roles or self.keys or self.rules)


def export_alliance(actor: Actor) -> bytes:
    """The alliance as it stands.

    Raises:
        PermissionDenied: Not for this actor.
    """
    actor.need(*READ_THE_ALLIANCE)
    states = State.objects.prefetch_related("participations", "keys").order_by("code")
    file = Alliance(
        FORMAT,
        tuple(_state_line(state) for state in states),
        tuple(
            RuleLine(one.number, one.start.isoformat(), one.note, ledger.from_plain(council.Rule, one.rule))
            for one in RuleVersion.objects.order_by("number")
        ),
    )
    return ledger.canonical(ledger.to_plain(file)) + b"\n"


def _state_line(state: State) -> StateLine:
    roles = sorted(
        (
            RoleLine(one.role, one.start.isoformat(), one.end.isoformat() if one.end else None)
            for one in state.participations.all()
        ),
        key=lambda one: (one.start, one.role),
    )
    keys = sorted(
        (KeyLine(one.public, one.made_at, one.retired_at) for one in state.keys.all()),
        key=lambda one: (one.made_at, one.public),
    )
    return StateLine(state.code, state.name, tuple(roles), tuple(keys))


def import_alliance(actor: Actor, data: bytes) -> Change:
    """Take in a file of ``export_alliance``: new lines are added, ends are set as the file has them, nothing is removed.

    Raises:
        PermissionDenied: The actor does not administer the alliance.
        Refused: It is something else, or contradicts what is here; then nothing of it was taken.
    """
    actor.need(Role.ADMINISTRATOR)
    file = _read(data)
    with transaction.atomic():
        found = [_take_state(line) for line in file.states]
        states, roles, held = (sum(one[at] for one in found) for at in range(3))
        change = Change(states, roles, held, sum(map(_take_rule, file.rules)))
        if change.any:
            audit.record(actor.label, "import_alliance", "alliance", {"file": hashlib.sha256(data).hexdigest()})
    return change


def _read(data: bytes) -> Alliance:
    """The file, checked as far as it goes by itself."""
    if len(data) > FILE_MAX:
        raise Refused(_("An alliance's file is never that large."))
    try:
        file = ledger.from_plain(Alliance, parse(data, canonical_only=False))
        if file.format != FORMAT:
            raise ledger.LedgerError(f"format: expected {FORMAT}, found {file.format[:40]}")
        for state in file.states:
            _check(state)
        for rule in file.rules:
            date.fromisoformat(rule.start)
            if rule.rule.version != rule.number or len(rule.note) > 400 or "\0" in rule.note:
                raise ledger.LedgerError(f"rules: version {rule.number} contradicts itself")
    except (ledger.LedgerError, ValueError) as error:
        raise Refused(_("This is no file of an alliance: %(why)s.") % {"why": error}) from error
    return file


def _check(state: StateLine) -> None:
    if not (len(state.code) == 2 and state.code.isascii() and state.code.isupper()):
        raise ledger.LedgerError(f"states: expected a code of two capital letters, found {state.code[:10]!r}")
    if not 0 < len(state.name) <= 80 or "\0" in state.name:
        raise ledger.LedgerError(f"states: {state.code} has no name that fits")
    for role in state.roles:
        if role.role not in Participation.Role.values:
            raise ledger.LedgerError(f"states: {state.code} has no role that we know: {role.role[:20]!r}")
        if role.end and date.fromisoformat(role.end) < date.fromisoformat(role.start):
            raise ledger.LedgerError(f"states: a role of {state.code} ends before it starts")
        date.fromisoformat(role.start)
    for key in state.keys:
        ledger.Keys((), {state.code: (key.public,)})  # refuses what is no public key


def _take_state(line: StateLine) -> tuple[int, int, int]:
    """How many states, roles and keys were added or changed."""
    state, added = State.objects.get_or_create(code=line.code, defaults={"name": line.name})
    renamed = state.name != line.name
    if renamed:
        state.name = line.name
        state.save(update_fields=["name"])
    roles = sum(_take_role(state, role) for role in line.roles)
    return int(added or renamed), roles, sum(_take_key(state, key) for key in line.keys)


def _take_role(state: State, line: RoleLine) -> bool:
    end = date.fromisoformat(line.end) if line.end else None
    held, added = Participation.objects.get_or_create(
        state=state, role=line.role, start=date.fromisoformat(line.start), defaults={"end": end}
    )
    if added or held.end == end:
        return added
    held.end = end
    held.save(update_fields=["end"])
    return True


def _take_key(state: State, line: KeyLine) -> bool:
    """A key that is here keeps its private half; one that comes without can be checked with, not signed with."""
    held, added = StateKey.objects.get_or_create(
        public=line.public, defaults={"state": state, "sealed": "", "made_at": line.made_at, "retired_at": line.retired_at}
    )
    if held.state_id != state.pk:
        raise Refused(_("A key of %(state)s is known here as another state's.") % {"state": state.name})
    if added or held.retired_at or not line.retired_at:  # what is retired here stays so
        return added
    held.retired_at = line.retired_at
    held.save(update_fields=["retired_at"])
    return True


def _take_rule(line: RuleLine) -> bool:
    plain = ledger.to_plain(line.rule)
    held, added = RuleVersion.objects.get_or_create(
        number=line.number, defaults={"rule": plain, "start": date.fromisoformat(line.start), "note": line.note}
    )
    same = ledger.from_plain(council.Rule, held.rule) == line.rule and held.start.isoformat() == line.start
    if not added and not same:
        raise Refused(_("Version %(number)d of the rule is another one here.") % {"number": line.number})
    return added
