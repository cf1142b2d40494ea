"""Accounts, as allauth keeps them for us: made by invitation alone, entered with a password, a passkey or single sign-on."""

import base64
import hashlib
import logging
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from tocsin.ops.alliance.access import Actor, actor_for, in_force, needs_second_factor
from tocsin.ops.alliance.events import end_sessions
from tocsin.ops.alliance.models import Membership, Partner, Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Token, User
from tocsin.ops.config.home import secret

log = logging.getLogger("tocsin.security")
# What anybody would try first here, beside names of states, partners and roles.
OUR_WORDS = ("tocsin", "crrt", "cyber", "rapid", "response", "team", "council", "alliance", "mission", "password", "passphrase")
OWN_LENGTH = 8  # characters that are left of a password once those words are taken out


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: see ``invitations``."""
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Tell the owner of a change. What changed has changed, so a mail server that is down does not undo it."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except OSError as error:
            log.error("the mail about a change to an account was not sent: %s", error)


@cache
def _factors() -> Fernet:
    """Seals the secrets of second factors with a key that is not in the database, made at first use."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret(Path(settings.HOME), "factors.key").encode()).digest()))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors that a copy of the database does not give away, and that who needs one cannot do without."""

    def encrypt(self, text: str) -> str:
        """As it is kept."""
        return _factors().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it is checked."""
        return _factors().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of those who vote, preside or administer: another is added first."""
        if not settings.SECOND_FACTOR or not needs_second_factor(actor_for(authenticator.user)):
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


class NotOurWords:
    """Refuses passwords that are little more than words of this room: its name, its states, partners and roles."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError where fewer than ``OWN_LENGTH`` characters are somebody's own."""
        names = [*State.objects.values_list("name", flat=True), *Partner.objects.values_list("name", flat=True)]
        rest = password.casefold()
        for word in sorted(
            {part for name in (*OUR_WORDS, *Role.values, *names) for part in _parts(name)}, key=len, reverse=True
        ):
            rest = rest.replace(word, "")
        if len([char for char in rest if char.isalnum()]) < OWN_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_of_our_words")

    def get_help_text(self) -> str:
        """What is asked for."""
        return _("A password needs more of its own than the words of this room: states, roles, its name.")


def _parts(name: str) -> list[str]:
    return [part for part in name.casefold().replace("_", " ").split() if len(part) > 3]


@transaction.atomic
def close_account(actor: Actor, user_id: UUID) -> None:
    """Close an account: nobody enters with it, its roles, sessions and tokens end. What was done with it stays.

    Raises:
        PermissionDenied: The actor does not administer the alliance.
        Refused: There is no such account, it is closed already, or it is the actor's own.
    """
    actor.need(Role.ADMINISTRATOR)
    user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Refused(_("This account is closed already."))
    if actor.user is not None and user.pk == actor.user.pk:
        raise Refused(_("Nobody closes the own account: another administrator does."))
    now, today = clock.now(), clock.now().date()
    user.is_active = False
    user.save(update_fields=["is_active"])
    Membership.objects.filter(in_force(), user=user).update(end=today - timedelta(days=1))
    Token.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    end_sessions(user)
    audit.record(actor.label, "close_account", f"user {user.pk}", {}, time=now)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on lets in who was invited under the address that the provider vouches for; others are told how to get in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: an account has to be there."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Connect to the account of the verified address, or refuse with a word."""
        if sociallogin.is_existing:
            return
        verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
        user = User.objects.filter(email__in=verified, is_active=True).first()
        if user is None:
            raise ImmediateHttpResponse(render(request, "account/no_account.html", status=403))
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        sociallogin.connect(request, user)
