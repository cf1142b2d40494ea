"""What stands on every page: who is here, where they can go, the clocks that run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from tocsin.ops.activation.queries import requests as queries
from tocsin.ops.alliance.access import NOBODY, Actor, actor_of
from tocsin.ops.alliance.log import READ_THE_LOG
from tocsin.ops.alliance.models import Role
from tocsin.ops.alliance.people import SEE_THE_POOL
from tocsin.ops.alliance.transfer import READ_THE_ALLIANCE


@dataclass(frozen=True)
class Item:
    """A place in the navigation. ``key``: what is typed after g."""

    key: str
    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Running:
    """A 72 h clock in the bar of every page."""

    label: str
    due: datetime
    url: str


EVERYBODY = tuple(Role)
# Key after g, label, name of the address, who may go there.
PLACES: tuple[tuple[str, Promise, str, tuple[str, ...]], ...] = (
    ("s", later("Situation"), "board", EVERYBODY),
    ("r", later("Requests"), "requests", EVERYBODY),
    ("c", later("Council"), "sessions", EVERYBODY),
    ("m", later("Missions"), "missions", EVERYBODY),
    ("p", later("People"), "people", (*SEE_THE_POOL, Role.EXPERT)),
    ("a", later("Alliance"), "alliance", READ_THE_ALLIANCE),
    ("l", later("Log"), "log", READ_THE_LOG),
)


def room(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    actor = actor_of(request) if hasattr(request, "user") else NOBODY
    return {
        "actor": actor,
        "demo": settings.DEMO,
        "navigation": _navigation(request, actor) if actor.user else [],
        "readiness": SimpleLazyObject(lambda: _readiness(actor)),
    }


def _navigation(request: HttpRequest, actor: Actor) -> list[Item]:
    items = []
    for key, label, name, roles in PLACES:
        if name == "board" or actor.has(*roles):
            url = reverse(name)
            current = request.path == url or (name != "board" and request.path.startswith(url))
            items.append(Item(key, str(label), url, current))
    return items


def _readiness(actor: Actor) -> list[Running]:
    if not actor.memberships:
        return []
    clocks = queries.readiness_clocks(actor, queries.CLOCKS)
    return [Running(_("ready %(request)s") % {"request": c.reference}, c.due, reverse("request", args=[c.pk])) for c in clocks]
