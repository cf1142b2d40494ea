"""The API: everything the pages do, under ``/api/``, through the same services and queries."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI

from tocsin import __version__
from tocsin.errors import TocsinError
from tocsin.ops.api import account
from tocsin.ops.common.errors import Refused

api = NinjaAPI(
    title="Tocsin",
    version=__version__,
    description=(
        "Everything the room's pages do. Sign in with a browser session, or with a token (`Authorization: Bearer …`) whose scopes "
        "allow the call; what its owner may not see or do, it may not either. Ids are UUIDv7, times RFC 3339 in UTC. "
        "Errors: 401 who are you, 403 not for you, 404 not there or not for you to know, 409 not as things stand (`detail` says "
        "why and what to do), 422 not what was expected, 429 too fast."
    ),
    urls_namespace="api",
)
api.add_router("", account.router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """What cannot be done as things stand."""
    return api.create_response(request, {"detail": str(error)}, status=409)


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
