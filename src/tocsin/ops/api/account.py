"""Who I am."""

import uuid

from django.http import HttpRequest
from ninja import Router, Schema

from tocsin.ops.alliance.access import actor_of
from tocsin.ops.api.auth import allow

router = Router(tags=["account"])


class MembershipOut(Schema):
    """A role, and the state or partner it is of."""

    role: str
    state: str | None
    partner: uuid.UUID | None


class Me(Schema):
    """The caller."""

    id: uuid.UUID
    name: str
    email: str
    memberships: list[MembershipOut]


@router.get("/me", response=Me, auth=allow(None), operation_id="me")
def me(request: HttpRequest) -> Me:
    """Who calls, and what they are here."""
    actor = actor_of(request)
    assert actor.user, "auth lets nobody else in"
    held = [
        MembershipOut(role=m.role, state=m.state.code if m.state else None, partner=m.partner_id) for m in actor.memberships
    ]
    return Me(id=actor.user.pk, name=actor.user.name, email=actor.user.email, memberships=held)
