"""The situation: what runs, what waits and for whom."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.ops.activation.europe import HEIGHT, TILE, WIDTH
from tocsin.ops.activation.queries import requests
from tocsin.ops.activation.queries.board import situation
from tocsin.ops.alliance.access import actor_of
from tocsin.ops.common.shared import part

MAP = {"width": WIDTH, "height": HEIGHT, "tile": TILE}


@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The home page."""
    actor = actor_of(request)
    live = part(
        request,
        requests.view(actor),
        "activation/board/live.html",
        lambda: {"board": situation(actor), "map": MAP, "asks": bool(actor.partners)},
    )
    return render(request, "activation/board/board.html", {"live": live})
