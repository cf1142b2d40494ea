"""States of the alliance with their dated roles, and the partners who may ask for help."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tocsin.ops.alliance.access import Actor
from tocsin.ops.alliance.models import Participation, Partner, Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused


@transaction.atomic
def give_role(actor: Actor, *, code: str, name: str, role: str, start: date, end: date | None = None) -> Participation:
    """Give a state a role from a day on; a state that is not there yet is added. The role it has on that day ends the day before.

    Args:
        code: ISO 3166-1 alpha-2.
        name: For people; of a state that is there already it stays as it is.
        role: Of ``Participation.Role``.

    Raises:
        PermissionDenied: The actor does not administer the alliance.
        Refused: Not two letters, no name, ends before it starts, begins before a role that was given already, or in another age.
    """
    actor.need(Role.ADMINISTRATOR)
    code, name = code.strip().upper(), name.strip()
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise Refused(_("A state has a code of two letters (ISO 3166-1), such as EE."))
    clock.need_years(start, end)
    if end and end < start:
        raise Refused(_("A role ends after it begins."))
    state = State.objects.select_for_update().filter(code=code).first()
    if state is None:
        if not name:
            raise Refused(_("A state that is new here needs a name."))
        state = State.objects.create(code=code, name=name)
    held = state.participations.filter(Q(end=None) | Q(end__gte=start))
    if held.filter(start__gte=start).exists():
        raise Refused(_("The state has a role that begins on that day or later."))
    held.update(end=start - timedelta(days=1))
    given = Participation.objects.create(state=state, role=role, start=start, end=end)
    details = {"state": code, "role": role, "start": start.isoformat(), "end": end.isoformat() if end else None}
    audit.record(actor.label, "give_role", f"state {state.pk}", details)
    return given


@transaction.atomic
def end_role(actor: Actor, participation: Participation, *, last: date) -> None:
    """Let a state's role end after a day.

    Raises:
        PermissionDenied: The actor does not administer the alliance.
        Refused: The day lies before the role's first.
    """
    actor.need(Role.ADMINISTRATOR)
    clock.need_years(last)
    if last < participation.start:
        raise Refused(_("A role ends after it begins."))
    participation.end = last
    participation.save(update_fields=["end"])
    details = {"state": participation.state.code, "role": participation.role, "end": last.isoformat()}
    audit.record(actor.label, "end_role", f"state {participation.state_id}", details)


@transaction.atomic
def add_partner(actor: Actor, *, name: str, country: str, kind: str) -> Partner:
    """Add somebody who may ask for help.

    Args:
        country: ISO 3166-1 alpha-2.
        kind: Of ``Partner.Kind``.

    Raises:
        PermissionDenied: The actor does not administer the alliance.
        Refused: The name is taken, or the country is not two letters.
    """
    actor.need(Role.ADMINISTRATOR)
    country = country.strip().upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Refused(_("A country has a code of two letters (ISO 3166-1), such as UA."))
    if Partner.objects.filter(name=name).exists():
        raise Refused(_("There is a partner of this name already."))
    partner = Partner.objects.create(name=name, country=country, kind=kind)
    audit.record(actor.label, "add_partner", f"partner {partner.pk}", {"country": country, "kind": kind})
    return partner
