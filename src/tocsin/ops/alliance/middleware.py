"""Who is let on: sessions end by themselves, some have a second factor first, and some steps want a fresh proof."""

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.translation import gettext as _

from tocsin.ops.alliance.access import actor_of, needs_second_factor
from tocsin.ops.alliance.events import ACTIVE, ENTERED

Next = Callable[[HttpRequest], HttpResponse]
FREE = ("/accounts/", "/static/", "/invitation/", "/demo/")
LIFETIME_S = 12 * 3600  # of a session, whatever is done in it
IDLE_S = 3600  # without a click, of those who need a second factor; a page that renews itself is no click
NOTED_S = 300  # how often a click is noted
FRESH_S = 15 * 60  # how old a proof may be for what opens doors to others
# Names of addresses whose writes let somebody in, or take a role away.
OPENS_DOORS = {
    "tokens",
    "members",
    "membership-end",
    "account-close",
    "api:list_tokens",
    "api:list_invitations",
    "api:end_membership",
    "api:close_account",
}


def session_end(get_response: Next) -> Next:
    """Sign out who has been here too long, or has been away."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not request.path.startswith("/static/"):
            now = int(time.time())
            entered, active = request.session.get(ENTERED, 0), request.session.get(ACTIVE, 0)
            idle = now - active > IDLE_S and settings.SECOND_FACTOR and needs_second_factor(actor_of(request))
            if now - entered > LIFETIME_S or idle:
                logout(request)
                vars(request).pop("actor", None)
            elif now - active > NOTED_S and "HX-Request" not in request.headers:
                request.session[ACTIVE] = now
        return get_response(request)

    return handle


def second_factor(get_response: Next) -> Next:
    """Send those who need one and have none to where they set it up."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not settings.SECOND_FACTOR or request.path.startswith(FREE) or not request.user.is_authenticated:
            return get_response(request)
        if needs_second_factor(actor_of(request)) and not is_mfa_enabled(request.user):
            if request.path.startswith("/api/"):
                return JsonResponse({"detail": _("Your role needs a second factor: set it up in the browser.")}, status=403)
            return redirect("mfa_index")
        return get_response(request)

    return handle


def fresh_proof(get_response: Next) -> Next:
    """Ask again who it is before a door is opened to others. What was sent is done once they have said so."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not settings.SECOND_FACTOR or not request.user.is_authenticated:
            return get_response(request)
        if resolve(request.path_info).view_name not in OPENS_DOORS or "Authorization" in request.headers:
            return get_response(request)
        proofs = get_authentication_records(request, request.user)
        ways = get_adapter().get_reauthentication_methods(request.user)
        if not ways or any(time.time() - proof["at"] < FRESH_S for proof in proofs):
            return get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": _("Sign in again for this: your last proof is too old.")}, status=403)
        asked: HttpResponse = suspend_request(request, ways[0]["url"])
        return asked

    return handle
