"""Accounts: who is what, and invitations."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from tocsin.ops.alliance import accounts, invitations, memberships
from tocsin.ops.alliance.access import actor_of
from tocsin.ops.alliance.models import Invitation, Partner, Role, State
from tocsin.ops.api.auth import allow
from tocsin.ops.api.shapes import Email, Input, Listed, PageNumber, Plain, StateCode, answers, listed
from tocsin.ops.common.errors import Refused

router = Router(tags=["accounts"])
READ, WRITE = allow("alliance:read"), allow("alliance:write")
PAGE = 50


class HeldOut(Schema):
    """A role that somebody holds today."""

    id: UUID
    role: Role
    state: str | None
    partner: UUID | None


class AccountOut(Schema):
    """Somebody with an account."""

    id: UUID
    name: str
    email: str
    memberships: list[HeldOut]


class InvitationOut(Schema):
    """An invitation that still works."""

    id: UUID
    email: str
    role: Role
    state: str | None
    partner: UUID | None
    expires_at: datetime


class InvitationMade(InvitationOut):
    """A new invitation. ``link`` works once, for a week, and is shown only now."""

    link: str


class InvitationIn(Input):
    """Somebody new, or somebody in a new role."""

    email: Email
    name: Plain = Field("", max_length=120)
    role: Role
    state: StateCode | None = None
    partner: UUID | None = None


@router.get("/members", response=answers(Listed[AccountOut]), auth=READ, operation_id="list_members")
def list_members(
    request: HttpRequest, q: Annotated[Plain, Field(max_length=200)] = "", page: PageNumber = 1
) -> Listed[AccountOut]:
    """Everybody with an account, by name, fifty a page; for administrators."""
    found = memberships.members(actor_of(request))
    if text := q.strip():
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    shown = Paginator(found, PAGE).get_page(page)
    return listed(
        shown,
        [
            AccountOut(
                id=user.pk,
                name=user.name,
                email=user.email,
                memberships=[
                    HeldOut(id=m.pk, role=Role(m.role), state=m.state.code if m.state else None, partner=m.partner_id)
                    for m in user.held  # type: ignore[attr-defined]
                ],
            )
            for user in shown.object_list
        ],
    )


@router.post("/memberships/{membership_id}/end", response=answers(None, 204), auth=WRITE, operation_id="end_membership")
def end_membership(request: HttpRequest, membership_id: UUID) -> Status[None]:
    """End a role. What was done in it stays in the log."""
    memberships.end_membership(actor_of(request), membership_id)
    return Status(204, None)


@router.post("/accounts/{account_id}/close", response=answers(None, 204), auth=WRITE, operation_id="close_account")
def close_account(request: HttpRequest, account_id: UUID) -> Status[None]:
    """Close an account: its roles, sessions and tokens end. What was done with it stays in the log."""
    accounts.close_account(actor_of(request), account_id)
    return Status(204, None)


@router.get("/invitations", response=answers(list[InvitationOut]), auth=READ, operation_id="list_invitations")
def list_invitations(request: HttpRequest) -> list[InvitationOut]:
    """Invitations that still work; for representatives those of experts of their state."""
    return [InvitationOut(**_plain(one)) for one in memberships.open_invitations(actor_of(request))]


def _plain(one: Invitation) -> dict[str, Any]:
    return {
        "id": one.pk,
        "email": one.email,
        "role": Role(one.role),
        "state": one.state.code if one.state else None,
        "partner": one.partner_id,
        "expires_at": one.expires_at,
    }


@router.post("/invitations", response=answers(InvitationMade, 201), auth=WRITE, operation_id="invite")
def invite(request: HttpRequest, body: InvitationIn) -> Status[InvitationMade]:
    """Invite somebody into a role: administrators into every one, representatives experts of their state."""
    actor = actor_of(request)
    memberships.may_invite(actor, body.role, body.state)
    state = State.objects.filter(code=body.state).first() if body.state else None
    partner = Partner.objects.filter(pk=body.partner).first() if body.partner else None
    if (body.state and state is None) or (body.partner and partner is None):
        raise Refused(_("There is no such state or partner."))
    made, token = invitations.invite(
        actor, email=body.email, name=body.name, role=body.role.value, state=state, partner=partner
    )
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    return Status(201, InvitationMade(**_plain(made), link=link))


@router.post("/invitations/{invitation_id}/revoke", response=answers(None, 204), auth=WRITE, operation_id="revoke_invitation")
def revoke_invitation(request: HttpRequest, invitation_id: UUID) -> Status[None]:
    """Make a link stop working."""
    memberships.revoke_invitation(actor_of(request), invitation_id)
    return Status(204, None)
