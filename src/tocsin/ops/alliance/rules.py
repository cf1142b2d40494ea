"""The rule of decision, in dated versions. A session freezes the one in force at its opening."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin import council, ledger
from tocsin.ops.alliance.access import Actor, participants
from tocsin.ops.alliance.models import Role, RuleVersion
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Ledger


@dataclass(frozen=True)
class Described:
    """A version for people. ``state``: ``in force``, ``to come``, ``earlier``."""

    version: RuleVersion
    rule: council.Rule
    sentence: str
    state: str


def rule_of(version: RuleVersion) -> council.Rule:
    """The rule as the council knows it."""
    return ledger.from_plain(council.Rule, version.rule)


def in_force(day: date | None = None) -> RuleVersion | None:
    """The version that holds on a day; today if none is given."""
    return RuleVersion.objects.filter(start__lte=day or timezone.localdate(clock.now())).order_by("-start", "-number").first()


def described() -> list[Described]:
    """All versions, newest first, each in one sentence."""
    now = in_force()
    found = []
    for version in RuleVersion.objects.select_related("made_by").order_by("-start", "-number"):
        rule = rule_of(version)
        later = now is None or (version.start, version.number) > (now.start, now.number)
        state = "in force" if version == now else "to come" if later else "earlier"
        found.append(Described(version, rule, council.describe_rule(rule), state))
    return found


@transaction.atomic
def add_rule(actor: Actor, *, start: date, note: str = "", **fields: Any) -> RuleVersion:
    """Make the next version of the rule.

    Args:
        start: First day (UTC) on which it holds: today or later, and not before the version before it.
        note: Why, for people.
        fields: Of ``tocsin.council.Rule`` beside id, version and since.

    Raises:
        PermissionDenied: The actor does not administer the alliance.
        Refused: The rule contradicts itself, could never be met, or would hold in the past.
    """
    actor.need(Role.ADMINISTRATOR)
    clock.need_years(start)
    Ledger.objects.select_for_update().get()  # two that are made at once get two numbers
    last = RuleVersion.objects.order_by("-number").first()
    now = clock.now()
    if start < timezone.localdate(now) or (last and start < last.start):
        raise Refused(_("A rule holds from today on or later, and not before the version before it."))
    number = last.number + 1 if last else 1
    name = rule_of(last).id if last else "council"
    try:
        rule = council.Rule(name, number, datetime.combine(start, time(), UTC), **fields)
    except ledger.LedgerError as error:
        raise Refused(_("This is no rule: %(why)s.") % {"why": error}) from error
    _within_reach(rule)
    version = RuleVersion.objects.create(
        number=number, rule=ledger.to_plain(rule), start=start, note=note, made_by=actor.user, made_at=now
    )
    audit.record(actor.label, "add_rule", f"rule {version.pk}", {"version": number, "rule": rule.digest}, time=now)
    return version


def _within_reach(rule: council.Rule) -> None:
    """A rule that the states of today cannot meet even if all say yes is a slip of the pen."""
    states = participants()
    if strange := set(rule.weights) - set(states):
        raise Refused(_("Weights are of participating states; %(codes)s is none.") % {"codes": ", ".join(sorted(strange))})
    most = sum(rule.weights.values()) if rule.kind == council.Kind.WEIGHTED else len(states)
    if rule.needed > most:
        raise Refused(_("%(needed)d are needed, and there are %(most)d.") % {"needed": rule.needed, "most": most})


def weights_from(text: str) -> Mapping[str, int]:
    """Weights from lines such as ``EE 4``.

    Raises:
        Refused: A line is something else.
    """
    found: dict[str, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        code, _sep, weight = line.replace(":", " ").partition(" ")
        if not (weight.strip().isascii() and weight.strip().isdigit() and len(weight.strip()) < 7) or code.upper() in found:
            raise Refused(_("Weights: one state a line, such as “EE 4”; found “%(line)s”.") % {"line": line[:40]})
        found[code.upper()] = int(weight)
    return found
