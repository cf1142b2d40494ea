"""Who I am, and the tokens that act for me."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from tocsin.ops.alliance.access import actor_of
from tocsin.ops.alliance.models import Role
from tocsin.ops.api.auth import allow, session_only
from tocsin.ops.api.shapes import Input, Plain, Whole, answers
from tocsin.ops.common import models, tokens

router = Router(tags=["account"])
# As in tokens.SCOPES, which a type cannot be made from; a test holds the two together.
Scope = Literal[
    "requests:read",
    "requests:write",
    "council:read",
    "council:write",
    "missions:read",
    "missions:write",
    "people:read",
    "people:write",
    "alliance:read",
    "alliance:write",
    "log:read",
    "log:write",
]


class MembershipOut(Schema):
    """A role, and the state or partner it is of."""

    role: Role
    state: str | None
    partner: UUID | None


class Me(Schema):
    """The caller."""

    id: UUID
    name: str
    email: str
    memberships: list[MembershipOut]


class TokenIn(Input):
    """A token to make."""

    name: Plain = Field(min_length=1, max_length=80, description="What it is for")
    scopes: list[Scope] = Field(min_length=1, max_length=len(tokens.SCOPES))
    valid_days: Whole = Field(90, ge=1, le=tokens.VALID_DAYS_MAX)


class TokenOut(Schema):
    """A token, without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


class TokenMade(TokenOut):
    """A new token. ``secret`` is shown this once and kept nowhere."""

    secret: str


@router.get("/me", response=answers(Me), auth=allow(), operation_id="me")
def me(request: HttpRequest) -> Me:
    """Who calls, and what they are here."""
    actor = actor_of(request)
    assert actor.user, "auth lets nobody else in"
    held = [
        MembershipOut(role=Role(m.role), state=m.state.code if m.state else None, partner=m.partner_id)
        for m in actor.memberships
    ]
    return Me(id=actor.user.pk, name=actor.user.name, email=actor.user.email, memberships=held)


@router.get("/tokens", response=answers(list[TokenOut]), auth=session_only(), operation_id="list_tokens")
def list_tokens(request: HttpRequest) -> list[TokenOut]:
    """One's own tokens that have not ended."""
    actor = actor_of(request)
    assert actor.user, "auth lets nobody else in"
    return [TokenOut(**_plain(one)) for one in actor.user.tokens.filter(revoked_at=None).order_by("-made_at")]


@router.post("/tokens", response=answers(TokenMade, 201), auth=session_only(), operation_id="make_token")
def make_token(request: HttpRequest, body: TokenIn) -> Status[TokenMade]:
    """Make a token that acts for oneself."""
    actor = actor_of(request)
    assert actor.user, "auth lets nobody else in"
    made, secret = tokens.make_token(
        actor.label, actor.user, name=body.name, scopes=list(body.scopes), valid_days=body.valid_days
    )
    return Status(201, TokenMade(**_plain(made), secret=secret))


@router.post("/tokens/{token_id}/revoke", response=answers(None, 204), auth=session_only(), operation_id="revoke_token")
def revoke_token(request: HttpRequest, token_id: UUID) -> Status[None]:
    """End one of one's own tokens."""
    actor = actor_of(request)
    assert actor.user, "auth lets nobody else in"
    tokens.revoke_token(actor.label, actor.user, token_id)
    return Status(204, None)


def _plain(token: models.Token) -> dict[str, Any]:
    return {name: getattr(token, "pk" if name == "id" else name) for name in TokenOut.model_fields}
