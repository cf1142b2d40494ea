"""Tokens for programs: shown once, kept as a hash, limited in scope and time."""

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Token, User

AREAS = ("requests", "council", "missions", "people", "alliance", "log")
SCOPES = tuple(f"{area}:{verb}" for area in AREAS for verb in ("read", "write"))
VALID_DAYS_MAX = 365
PREFIX = "tocsin_"  # so that scanners for leaked secrets know it


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_token(actor: str, user: User, *, name: str, scopes: list[str], valid_days: int = 90) -> tuple[Token, str]:
    """Make a token that acts for ``user``. Returns it with its secret, which is kept nowhere.

    Args:
        actor: ``Actor.label`` of the user.
        user: Whom it acts for.
        name: What it is for.
        scopes: Some of ``SCOPES``.
        valid_days: 1 to 365.

    Raises:
        Refused: A scope is unknown or none is given; the time is out of bounds.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Refused(_("Choose at least one scope from the list."))
    if not 1 <= valid_days <= VALID_DAYS_MAX:
        raise Refused(_("A token is valid for 1 to %(most)d days.") % {"most": VALID_DAYS_MAX})
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    token = Token.objects.create(
        user=user,
        name=name,
        scopes=sorted(set(scopes)),
        hash=hashed(secret),
        made_at=now,
        expires_at=now + timedelta(days=valid_days),
    )
    audit.record(actor, "make_token", f"token {token.pk}", {"user": str(user.pk), "scopes": token.scopes})
    return token, secret


@transaction.atomic
def revoke_token(actor: str, user: User, token_id: uuid.UUID) -> None:
    """End one of the user's tokens.

    Raises:
        Refused: There is no such token.
    """
    now = clock.now()
    if not Token.objects.filter(pk=token_id, user=user, revoked_at=None).update(revoked_at=now):
        raise Refused(_("This token is not there, or ended already."))
    audit.record(actor, "revoke_token", f"token {token_id}", {"user": str(user.pk)})


def use(secret: str, scope: str | None) -> Token | None:
    """The token of a secret, where it opens this scope now."""
    now = clock.now()
    found = Token.objects.filter(hash=hashed(secret), revoked_at=None, expires_at__gt=now, user__is_active=True)
    token = found.select_related("user").first()
    if token is None or (scope is not None and scope not in token.scopes):
        return None
    if token.used_at is None or now - token.used_at > timedelta(minutes=5):  # a write at each call would be too many
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return token
