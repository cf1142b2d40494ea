"""A state gives its vote to another for an absence, signed with its key; and takes it back."""

from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tocsin import council, ledger
from tocsin.ops.alliance import keys, rules
from tocsin.ops.alliance.access import Actor, participants
from tocsin.ops.alliance.models import Delegation, Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused


class HasId(Protocol):
    """A council session: what a delegation may be limited to."""

    pk: Any


def live(at: datetime) -> "QuerySet[Delegation]":
    """Delegations by which a vote can be cast now or later."""
    return (
        Delegation.objects.filter(revoked_at=None, end__gt=at).select_related("state", "to", "made_by").order_by("start", "id")
    )


def delegate_vote(
    actor: Actor, *, state: str, to: str, start: datetime, end: datetime, passphrase: str, session: HasId | None = None
) -> Delegation:
    """Let another state vote for this one from ``start`` until just before ``end``.

    Args:
        state: Code of the state that gives its vote.
        to: Code of the state that casts it.
        session: Limits it to one council session.
        passphrase: Of the giving state's key, which signs the delegation.

    Raises:
        PermissionDenied: The actor does not represent the state.
        Refused: The rule allows none, it would be to a state that does not vote, for no time, or beside another one.
        keys.WrongPassphrase: As ``keys.unlock``.
    """
    actor.need(Role.REPRESENTATIVE, state=state)
    assert actor.user, "who represents a state is somebody"
    _possible(state, to, start, end)
    key = keys.current(state)
    if key is None:
        raise Refused(_("Your state has no key yet. Make one on the page of the alliance."))
    private = keys.unlock(actor, key, passphrase).private
    with transaction.atomic():
        giver = State.objects.select_for_update().get(code=state)
        if _twice(giver, start, end, str(session.pk) if session else None):
            raise Refused(
                _("Your state has given its vote away for part of that time already. Take that delegation back first.")
            )
        now = clock.now()
        record = council.delegate(
            private,
            from_state=state,
            to_state=to,
            session=str(session.pk) if session else None,
            since=start,
            until=end,
            by=actor.label,
            time=now,
        )
        given = Delegation.objects.create(
            state=giver,
            to=State.objects.get(code=to),
            start=start,
            end=end,
            record=ledger.to_plain(record),
            made_by=actor.user,
        )
        details = {"state": state, "to": to, "delegation": record.digest}
        audit.record(actor.label, "delegate_vote", f"delegation {given.pk}", details, time=now)
    return given


def _possible(state: str, to: str, start: datetime, end: datetime) -> None:
    voters = participants()
    if state not in voters or to not in voters or state == to:
        raise Refused(_("A vote is delegated from one participating state to another."))
    clock.need_years(start, end)
    if end <= start or end <= clock.now():
        raise Refused(_("A delegation ends after it begins, and not in the past."))
    rule = rules.in_force()
    if rule is not None and not rules.rule_of(rule).delegation:
        raise Refused(_("The rule in force does not allow delegation."))


def _twice(giver: State, start: datetime, end: datetime, session: str | None) -> bool:
    """Whether the vote is given away already, for part of the time, in this session or in all."""
    held = Delegation.objects.filter(state=giver, revoked_at=None, start__lt=end, end__gt=start)
    return any(session is None or one in (None, session) for one in held.values_list("record__session", flat=True))


@transaction.atomic
def revoke_delegation(actor: Actor, delegation: Delegation) -> Delegation:
    """Take a delegation back. Votes cast by it until now stand until the state votes itself.

    Raises:
        PermissionDenied: The actor does not represent the state that gave it.
        Refused: It was taken back already.
    """
    actor.need(Role.REPRESENTATIVE, state=delegation.state.code)
    now = clock.now()
    if not Delegation.objects.filter(pk=delegation.pk, revoked_at=None).update(revoked_at=now):
        raise Refused(_("This delegation was taken back already."))
    delegation.refresh_from_db()
    details = {"state": delegation.state.code, "to": delegation.to.code}
    audit.record(actor.label, "revoke_delegation", f"delegation {delegation.pk}", details, time=now)
    return delegation
