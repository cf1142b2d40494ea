"""The way in: a link that works once. Its secret is shown once and kept only as a hash."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.ops.alliance.access import Actor, actor_for
from tocsin.ops.alliance.memberships import may_invite
from tocsin.ops.alliance.models import OF_A_PARTNER, OF_A_STATE, Invitation, Membership, Partner, Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import User

VALID = timedelta(days=7)


def hashed(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    actor: Actor | None, *, email: str, role: str, name: str = "", state: State | None = None, partner: Partner | None = None
) -> tuple[Invitation, str]:
    """Invite somebody into a role. Returns the invitation and its secret, which is kept nowhere.

    Args:
        actor: Who may (``memberships.may_invite``); None for the server itself, which invites the first administrator.

    Raises:
        Refused: The role does not go with the state or partner.
    """
    if actor:
        may_invite(actor, role, state.code if state else None)
    if (role in OF_A_STATE and state is None) or (role in OF_A_PARTNER) != (partner is not None):
        raise Refused(_("A role for a state needs the state, a role for a partner needs the partner."))
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email.strip().lower(),
        name=name,
        role=role,
        state=state,
        partner=partner,
        hash=hashed(token),
        made_by=actor.user if actor else None,
        expires_at=clock.now() + VALID,
    )
    of = state.code if state else str(partner.pk) if partner else ""
    who = actor.label if actor else "server"
    audit.record(who, "invite", f"invitation {invitation.pk}", {"role": role, "of": of})
    return invitation, token


def open_invitation(token: str) -> Invitation | None:
    """The invitation of a secret, where it can still be used."""
    now = clock.now()
    return (
        Invitation.objects.filter(hash=hashed(token), accepted_at=None, revoked_at=None, expires_at__gt=now)
        .select_related("state", "partner")
        .first()
    )


@transaction.atomic
def accept(token: str, *, name: str, password: str, email: str = "") -> User:
    """Turn an invitation into an account and a membership; an account that is there gets the membership.

    Raises:
        Refused: The link was used, withdrawn or is too old; or the address has an account and the password is not its own.
        ValidationError: The password is too weak.
    """
    invitation = Invitation.objects.select_for_update().filter(hash=hashed(token)).first()
    if invitation is None or not open_invitation(token):
        raise Refused(_("This link was used already, or is too old. Ask for a new one."))
    email = (invitation.email or email).strip().lower()  # the first administrator's is not known before
    user = User.objects.filter(email=email).first()
    if user is None:
        validate_password(password, User(email=email, name=name))
        user = User.objects.create_user(email, password, name=name, language=get_language() or "en")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    elif not user.check_password(password):
        raise Refused(_("There is an account for this address already: give its password to add the new role to it."))
    membership = Membership.objects.create(user=user, role=invitation.role, state=invitation.state, partner=invitation.partner)
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    audit.record(
        actor_for(user).label,
        "accept_invitation",
        f"invitation {invitation.pk}",
        {"user": str(user.pk), "membership": str(membership.pk)},
    )
    return user


def first_administrator() -> str | None:
    """The secret of an invitation for the first administrator; None where there is one. An earlier one stops working."""
    if Membership.objects.filter(role=Role.ADMINISTRATOR).exists():
        return None
    Invitation.objects.filter(made_by=None, role=Role.ADMINISTRATOR, accepted_at=None).update(revoked_at=clock.now())
    return invite(None, email="", role=Role.ADMINISTRATOR)[1]
