"""What happens to accounts is written down: changes in the log that states witness, attempts in the process log.

No password, code, token or address is written: accounts are named by their id, and who is unknown by nothing.
"""

import logging
import time
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.signals import social_account_added, social_account_removed
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from tocsin.ops.alliance.access import actor_for
from tocsin.ops.common import audit
from tocsin.ops.common.models import User

log = logging.getLogger("tocsin.security")

ENTERED, ACTIVE = "entered", "active"  # in a session: when it began, when its owner last did something (seconds, Unix)
# Signal -> the action as the log spells it.
CHANGES = {
    password_changed: "change_password",
    password_set: "change_password",
    password_reset: "reset_password",
    authenticator_added: "add_second_factor",
    authenticator_reset: "renew_second_factor",
    authenticator_removed: "remove_second_factor",
    social_account_added: "connect_sign_on",
    social_account_removed: "disconnect_sign_on",
}


def end_sessions(user: User, *, but: str | None = None) -> int:
    """End a user's sessions, all but the one with this key. Returns how many."""
    found = list(UserSession.objects.filter(user=user).exclude(session_key=but or ""))
    get_adapter().end_sessions(found)
    return len(found)


@receiver(list(CHANGES))
def changed(signal: Any, request: HttpRequest, user: User | None = None, **more: Any) -> None:
    """An entry in the log. Sessions that were opened before the change are ended: one of them may be somebody else's."""
    if user is None:  # signals of single sign-on have only the account
        user = (more.get("sociallogin") or more["socialaccount"]).user
    action = CHANGES[signal]
    with transaction.atomic():
        audit.record(actor_for(user).label, action, f"user {user.pk}", {})
        end_sessions(user, but=request.session.session_key)
    log.info("%s: user %s", action, user.pk)


@receiver(user_logged_in)
def entered(request: HttpRequest, user: User, **_more: Any) -> None:
    """The session's clocks start."""
    request.session[ENTERED] = request.session[ACTIVE] = int(time.time())
    log.info("signed in: user %s", user.pk)


@receiver(user_logged_out)
def left(user: User | None, **_more: Any) -> None:
    """Somebody left, or was sent away."""
    log.info("signed out: user %s", user.pk if user else "unknown")


@receiver(user_login_failed)
def not_entered(credentials: dict[str, Any], **_more: Any) -> None:
    """A wrong password, or an address that nobody has."""
    user = User.objects.filter(email=str(credentials.get("email", "")).replace("\0", "").lower()).first()
    log.warning("sign-in failed: user %s", user.pk if user else "unknown")


@receiver(authentication_failed)
def not_proved(user: User | None = None, **_more: Any) -> None:
    """A wrong code, or a key that is not theirs."""
    log.warning("second factor failed: user %s", user.pk if user else "unknown")
