"""Headers on every answer, a word for every refusal, and a limit on how fast anybody may write."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused

Next = Callable[[HttpRequest], HttpResponse]

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


def refusals(get_response: Next) -> Next:
    """A page with the reason where a service refuses what was asked."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return render(request, "refused.html", {"reason": str(error)}, status=409)
        return None

    handle.process_exception = process_exception  # type: ignore[attr-defined]
    return handle


def rate_limit(get_response: Next) -> Next:
    """No more than so many writes a minute and person (or address, for nobody in particular)."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method in ("POST", "PUT", "PATCH", "DELETE"):
            who = str(request.user.pk) if request.user.is_authenticated else request.META.get("REMOTE_ADDR", "")
            key = f"writes:{who}:{int(clock.now().timestamp()) // 60}"  # a key a minute: counting up does not prolong it
            cache.add(key, 0, 120)
            try:
                count = cache.incr(key)
            except ValueError:  # it ran out between the two calls
                count = 1
            if count > WRITES_PER_MINUTE:
                response = render(request, "429.html", status=429)
                response.headers["Retry-After"] = "60"
                return response
        return get_response(request)

    return handle
