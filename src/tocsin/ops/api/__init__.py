"""The API: everything the pages do, under ``/api/``, through the same services and queries."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.openapi.docs import Swagger

from tocsin import __version__
from tocsin.errors import TocsinError
from tocsin.ops.activation.services.requests import Incomplete, Overtaken
from tocsin.ops.api import account, alliance, board, council, log, members, missions, muster, people, requests
from tocsin.ops.common.errors import Refused


class Docs(Swagger):
    """Swagger UI from our own files; who is signed in can try writes, too."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page, with the CSRF token that the session's writes need."""
        settings = {**self.settings, "url": self.get_openapi_url(api, kwargs), "validatorUrl": None}
        return render(request, self.template, {"swagger_settings": json.dumps(settings), "api": api, "add_csrf": True})


api = NinjaAPI(
    title="Tocsin",
    version=__version__,
    description=(
        "Everything the room's pages do. Sign in with a browser session, or with a token (`Authorization: Bearer …`) whose scopes "
        "allow the call; what its owner may not see or do, it may not either. Ids are UUIDv7, times RFC 3339 in UTC. "
        "Errors: 400 no JSON, 401 who are you, 403 not for you, 404 not there or not for you to know, 409 not as things stand "
        "(`detail` says why and what to do), 422 not what was expected, 429 too fast."
    ),
    urls_namespace="api",
    docs=Docs(),
)
for area in (account, board, requests, council, missions, muster, people, alliance, members, log):
    api.add_router("", area.router)


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Nobody, or a token that does not open this."""
    said = {"detail": "Sign in, or send a token that has the scope: Authorization: Bearer tocsin_…"}
    response = api.create_response(request, said, status=401)
    response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 15.5.2
    return response


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """What cannot be done as things stand."""
    said: dict[str, Any] = {"detail": str(error)}
    if isinstance(error, Incomplete):
        said["problems"] = error.problems
    if isinstance(error, Overtaken):
        said["theirs"] = error.theirs
    return api.create_response(request, said, status=409)


@api.exception_handler(TocsinError)
def impossible(request: HttpRequest, error: TocsinError) -> HttpResponse:
    """What the library refuses; its text is fit for the screen."""
    return api.create_response(request, {"detail": str(error)}, status=409)


@api.exception_handler(PermissionDenied)
def denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    """Known, but not for this actor."""
    return api.create_response(request, {"detail": str(error) or "Your role does not include it."}, status=403)


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:
    """Not there, or not for this actor to know."""
    return api.create_response(request, {"detail": "There is nothing here, or it is not open to you."}, status=404)


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    """More than any text here may be."""
    return api.create_response(request, {"detail": "The body is too large: expected at most 1 MB."}, status=413)
