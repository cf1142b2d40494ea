"""Who calls: a browser session, or a token with scopes."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from tocsin.ops.alliance.access import actor_for, needs_second_factor
from tocsin.ops.common import tokens


class Session(SessionAuth):
    """The session of a signed-in browser; writes carry the CSRF token (header ``X-CSRFToken``)."""

    def _get_key(self, request: HttpRequest) -> str | None:
        # Nobody in particular has nothing that another site could misuse: they hear 401, not about CSRF.
        return super()._get_key(request) if request.user.is_authenticated else None


class Token(HttpBearer):
    """A token, where its scopes allow the call."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        self.scopes = scopes
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The user whose token it is; None where it does not open this call."""
        found = [tokens.use(token, scope) for scope in self.scopes or (None,)]
        if found[0] is None or None in found:
            return None
        user = found[0].user
        actor = actor_for(user)
        # Who came to vote or administer after it was made has been asked for a second factor by no page yet.
        if settings.SECOND_FACTOR and needs_second_factor(actor) and not is_mfa_enabled(user):
            return None
        request.user = user
        # In place of that of a session that came along: the token is who acts.
        request.actor = actor  # type: ignore[attr-defined]
        return user


def allow(*scopes: str) -> list[Any]:
    """Who may call an operation: a session, or a token with all of these scopes (any token, where none is named)."""
    assert set(scopes) <= set(tokens.SCOPES), f"{scopes} are no scopes"
    return [Token(scopes), Session()]


def session_only() -> list[Any]:
    """A session alone: no token makes or ends tokens, or one of narrow scopes would make a wider one."""
    return [Session()]
