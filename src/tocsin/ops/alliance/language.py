"""The language somebody chose, kept with their account: it holds on every device they sign in from."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.i18n import set_language

from tocsin.ops.common.models import User

Next = Callable[[HttpRequest], HttpResponse]


def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch the language as Django does, in a cookie, and keep it with the account of who is signed in."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if request.method == "POST" and request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


def own_language(get_response: Next) -> Next:
    """Speak to who is signed in as they chose. Stands after the middleware that knows who that is.

    Who never chose has the default in their account; then the cookie and the browser decide, as for everybody else.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        chosen = request.user.language if request.user.is_authenticated else settings.LANGUAGE_CODE
        if chosen in dict(settings.LANGUAGES) and chosen != settings.LANGUAGE_CODE:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        return get_response(request)

    return handle
