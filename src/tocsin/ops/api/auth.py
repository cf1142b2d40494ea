"""Who calls: a browser session, or a token with scopes."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from tocsin.ops.common import tokens


class Session(SessionAuth):
    """The session of a signed-in browser; writes carry the CSRF token (header ``X-CSRFToken``)."""


class Token(HttpBearer):
    """A token, where its scopes allow the call."""

    def __init__(self, scope: str | None) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The user whose token it is; None where it does not open this call."""
        found = tokens.use(token, self.scope)
        if found is None:
            return None
        request.user = found.user
        return found.user


def allow(scope: str | None) -> list[Any]:
    """Who may call an operation: a session, or a token with this scope (any token, for None)."""
    assert scope is None or scope in tokens.SCOPES, f"{scope} is not a scope"
    return [Token(scope), Session()]
