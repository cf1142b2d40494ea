"""Headers on every answer, a word for every refusal, and a limit on how fast anybody may write."""

import logging
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tocsin.ops.common import clock, tokens
from tocsin.ops.common.errors import Refused

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("tocsin.security")

# Nothing but our own files: no inline script, no inline style, no frames, no other host.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
WRITES_PER_MINUTE = 120


def headers(get_response: Next) -> Next:
    """Content-Security-Policy and its kin, and no copies of pages in caches."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle


def text_alone(get_response: Next) -> Next:
    """Refuse what holds a NUL: no field has a use for it, and PostgreSQL keeps none. The API has schemas for what it is sent."""

    def handle(request: HttpRequest) -> HttpResponse:
        forms = () if request.path.startswith("/api/") else (request.GET, request.POST)
        sent = [value for form in forms for _name, values in form.lists() for value in values]
        if any("\0" in value for value in (request.path, *request.COOKIES.values(), *sent)):
            raise SuspiciousOperation("a NUL in what was sent")
        return get_response(request)

    return handle


def refusals(get_response: Next) -> Next:
    """A page with the reason where a service refuses what was asked, and a line in the process log for each no."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code in (401, 403, 404, 429):
            who = request.user.pk if request.user.is_authenticated else "nobody"
            log.warning("refused with %d: user %s, %s %s", response.status_code, who, request.method, request.path)
        return response

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return render(request, "refused.html", {"reason": str(error)}, status=409)
        return None

    handle.process_exception = process_exception  # type: ignore[attr-defined]
    return handle


def rate_limit(get_response: Next) -> Next:
    """No more than so many writes a minute and person (or token, or address for nobody in particular)."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method in ("POST", "PUT", "PATCH", "DELETE"):
            who = _caller(request)
            key = f"writes:{who}:{int(clock.now().timestamp()) // 60}"  # a key a minute: counting up does not prolong it
            cache.add(key, 0, 120)
            try:
                count = cache.incr(key)
            except ValueError:  # it ran out between the two calls
                count = 1
            if count > WRITES_PER_MINUTE:
                response = _too_fast(request)
                response.headers["Retry-After"] = "60"
                return response
        return get_response(request)

    return handle


def _too_fast(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        said = _("You write faster than a person could: more than %(most)d times in a minute. Wait a minute.")
        return JsonResponse({"detail": said % {"most": WRITES_PER_MINUTE}}, status=429)
    return render(request, "429.html", status=429)


def _caller(request: HttpRequest) -> str:
    """Whose writes are counted together: a token's (it may share its address with others), a person's, an address's."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and (token := tokens.use(secret.strip(), None)):
        return f"token:{token.pk}"
    return str(request.user.pk) if request.user.is_authenticated else _address(request)


def _address(request: HttpRequest) -> str:
    """The caller's. Behind a proxy everybody has its address: allauth knows how far to trust what it says of theirs."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # none, or no address: such callers are counted as one
        return ""
