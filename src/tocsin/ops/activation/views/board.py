"""The situation: what runs, what waits and for whom."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tocsin.ops.activation.europe import HEIGHT, TILE, WIDTH
from tocsin.ops.activation.queries.board import situation
from tocsin.ops.alliance.access import actor_of


@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The home page."""
    picture = {"width": WIDTH, "height": HEIGHT, "tile": TILE}
    return render(request, "activation/board/board.html", {"board": situation(actor_of(request)), "map": picture})
