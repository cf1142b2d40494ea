"""Pages of missions: the list, and one mission from activation to stand-down."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.ops.activation.forms.missions import LeaderForm, MoveForm
from tocsin.ops.activation.queries import missions as queries
from tocsin.ops.activation.queries import requests
from tocsin.ops.activation.services import missions as services
from tocsin.ops.activation.services.missions import COMMAND
from tocsin.ops.alliance.access import actor_of
from tocsin.ops.alliance.models import Role
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import User
from tocsin.ops.common.shared import part

PAGE = 50


@login_required
@require_GET
def missions(request: HttpRequest) -> HttpResponse:
    """All missions the actor may know of: those that run, or those that are over."""
    actor = actor_of(request)
    over = request.GET.get("over") == "1"

    def context() -> dict[str, Any]:
        page = Paginator(queries.listed(actor, over=over), PAGE).get_page(request.GET.get("page"))
        return {"page": page, "rows": queries.rows(actor, page.object_list), "over": over, "more": "over=1&" if over else ""}

    live = part(request, requests.view(actor), "activation/missions/live.html", context)
    return render(request, "activation/missions/list.html", {"over": over, "live": live})


@login_required
@require_GET
def mission(request: HttpRequest, mission: UUID) -> HttpResponse:
    """One mission: where it stands, what it waits for, who is in the team."""
    actor = actor_of(request)
    found = queries.seen(actor, mission)
    sight = queries.sight(actor, found)
    leader = None
    if actor.has(Role.CHAIR):
        people = [(str(user.pk), str(user)) for user in services.leaders()]
        leader = LeaderForm(people=people, initial={"leader": str(found.leader_id or "")})
    return render(request, "activation/missions/mission.html", {"sight": sight, "mission": found, "leader": leader})


@login_required
@require_POST
def move(request: HttpRequest, mission: UUID) -> HttpResponse:
    """Take a mission to another stage."""
    found = queries.seen(actor_of(request), mission)
    actor_of(request).need(*COMMAND)  # before what was sent is looked at
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say which stage, and why, in a few words: the record is read long after."))
    done = services.move_mission(actor_of(request), found, **form.cleaned_data)
    messages.success(request, _("The mission is %(stage)s now.") % {"stage": done.get_after_display()})
    return redirect("mission", found.pk)


@login_required
@require_POST
def lead(request: HttpRequest, mission: UUID) -> HttpResponse:
    """Say who leads the mission."""
    actor = actor_of(request)
    found = queries.seen(actor, mission)
    people = [(str(user.pk), str(user)) for user in services.leaders()] if actor.has(Role.CHAIR) else []
    form = LeaderForm(request.POST, people=people)
    chosen = form.cleaned_data["leader"] if form.is_valid() else request.POST.get("leader", "")
    leader = get_object_or_404(User, pk=chosen) if form.is_valid() and chosen else None
    if not form.is_valid() and actor.has(Role.CHAIR):
        raise Refused(_("That person leads no teams."))
    services.name_leader(actor, found, leader)
    return redirect("mission", found.pk)
