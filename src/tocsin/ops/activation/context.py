"""What stands on every page: who is here, where they can go, the clocks that run."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from tocsin.ops.alliance.access import NOBODY, Actor, actor_of


@dataclass(frozen=True)
class Item:
    """A place in the navigation. ``key``: what is typed after g."""

    key: str
    label: str
    url: str
    current: bool


def room(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    actor = actor_of(request) if hasattr(request, "user") else NOBODY
    return {
        "actor": actor,
        "demo": settings.DEMO,
        "navigation": _navigation(request, actor) if actor.user else [],
        "readiness": SimpleLazyObject(list),
    }


def _navigation(request: HttpRequest, actor: Actor) -> list[Item]:
    places = [("s", _("Situation"), "board", True)]
    return [
        Item(key, label, url, request.path == url or (name != "board" and request.path.startswith(url)))
        for key, label, name, shown in places
        if shown
        for url in [reverse(name)]
    ]
