"""The situation: what runs, what waits and for whom."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The home page."""
    return render(request, "activation/board.html")
