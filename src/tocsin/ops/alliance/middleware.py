"""Whoever votes, presides or administers has a second factor before anything else."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tocsin.ops.alliance.access import actor_of, needs_second_factor

Next = Callable[[HttpRequest], HttpResponse]
FREE = ("/accounts/", "/static/", "/invitation/", "/demo/")


def second_factor(get_response: Next) -> Next:
    """Send those who need one and have none to where they set it up."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not settings.SECOND_FACTOR or request.path.startswith(FREE) or not request.user.is_authenticated:
            return get_response(request)
        if needs_second_factor(actor_of(request)) and not is_mfa_enabled(request.user):
            return redirect("mfa_index")
        return get_response(request)

    return handle
