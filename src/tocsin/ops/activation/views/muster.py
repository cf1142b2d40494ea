"""Pages of the muster: the need, the proposed team, nominations and their answers, what is left for training."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.muster import Need
from tocsin.muster.words import state_name
from tocsin.ops.activation.forms.muster import (
    AnswerForm,
    ClearedRows,
    NeedForm,
    SeatRows,
    SpokenRows,
    initial_of,
    need_of,
    rows_of,
)
from tocsin.ops.activation.models import Mission, Nomination
from tocsin.ops.activation.queries import missions
from tocsin.ops.activation.queries import muster as queries
from tocsin.ops.activation.services import muster as services
from tocsin.ops.activation.services.missions import COMMAND
from tocsin.ops.alliance.access import actor_of, participants
from tocsin.ops.alliance.models import Role, State
from tocsin.ops.common.errors import Refused

PAGE = 50


@login_required
def need(request: HttpRequest, mission: UUID) -> HttpResponse:
    """State the need: who is asked for, when, under which conditions."""
    actor = actor_of(request)
    found = queries.need_of(actor, mission)
    if request.method == "POST":
        actor.need(*COMMAND)  # before what was sent is looked at
    stated = missions.stated(found)
    shown = stated or Need(start=found.start, end=found.end)
    states = State.objects.filter(code__in=participants())
    form = NeedForm(request.POST or None, states=states, initial=initial_of(shown))
    rows = rows_of(stated)
    seats = SeatRows(request.POST or None, prefix="seats", initial=rows["seats"])
    languages = SpokenRows(request.POST or None, prefix="languages", initial=rows["languages"])
    cleared = ClearedRows(request.POST or None, prefix="cleared", initial=rows["cleared"])
    sight = missions.sight(actor, found)
    if request.method == "POST" and all([form.is_valid(), seats.is_valid(), languages.is_valid(), cleared.is_valid()]):
        asked = need_of(form.cleaned_data, seats.cleaned_data, languages.cleaned_data, cleared.cleaned_data)
        try:
            services.state_need(actor, found, asked)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            services.ask_proposal(actor, found, **_named(found))
            return redirect("mission-muster", found.pk)
    said = {"form": form, "seats": seats, "languages": languages, "cleared": cleared, "mission": found, "sight": sight}
    status = 200 if request.method == "GET" else 422
    return render(request, "activation/muster/need.html", said, status=status)


@login_required
@require_GET
def muster(request: HttpRequest, mission: UUID) -> HttpResponse:
    """The proposed team: who sits where and why, who nearly did, what stays open, how good it is."""
    actor = actor_of(request)
    found = queries.need_of(actor, mission)
    said = {"mission": found, "sight": missions.sight(actor, found), "solution": queries.solution(found)}
    return render(request, "activation/muster/team.html", said)


@login_required
@require_POST
def ask(request: HttpRequest, mission: UUID) -> HttpResponse:
    """Ask for a proposal; ``pin``, ``exclude`` or ``free`` name an expert to treat otherwise than before."""
    actor = actor_of(request)
    found = queries.need_of(actor, mission)
    named = _named(found)
    for button, into in (("pin", "pinned"), ("exclude", "excluded"), ("free", "")):
        person = request.POST.get(button)
        if person:
            named = {key: people - {person} | ({person} if key == into else set()) for key, people in named.items()}
    if request.POST.get("anew"):
        named = {key: set() for key in named}
    services.ask_proposal(actor, found, **named)
    return redirect("mission-muster", found.pk)


@login_required
@require_POST
def adopt(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Take the proposed team; nominations go out."""
    actor = actor_of(request)
    found = queries.proposal_of(actor, proposal)
    services.adopt_proposal(actor, found)
    messages.success(request, _("The team is adopted; who is new in it has been asked."))
    return redirect("mission", found.mission_id)


@login_required
@require_GET
def nominations(request: HttpRequest) -> HttpResponse:
    """What the actor is asked: as an expert, and for the experts of their state."""
    actor = actor_of(request)
    states = missions.state_names()
    own = [
        (n, state_name(n.mission.request.partner.country), missions.bound(n.mission, states), missions.MARKS[n.status])
        for n in queries.nominations(actor)
    ]
    to_confirm = [(n, missions.MARKS[n.status]) for n in queries.to_confirm(actor)]
    return render(request, "activation/muster/nominations.html", {"own": own, "to_confirm": to_confirm})


@login_required
@require_POST
def answer(request: HttpRequest, nomination: UUID) -> HttpResponse:
    """The expert accepts or declines."""
    asked = queries.nomination_of(actor_of(request), nomination)
    if asked.expert.user_id != request.user.pk:
        raise PermissionDenied(_("Only the expert who is asked answers."))
    found, yes, text = _answered(request, nomination)
    services.answer_nomination(actor_of(request), found, accept=yes, text=text)
    messages.success(
        request, _("You have accepted. Your state confirms next.") if yes else _("You have declined. Thank you for the word.")
    )
    return redirect("nominations")


@login_required
@require_POST
def confirm(request: HttpRequest, nomination: UUID) -> HttpResponse:
    """The state lets its expert go, or does not."""
    asked = queries.nomination_of(actor_of(request), nomination)
    actor_of(request).need(Role.REPRESENTATIVE, state=asked.expert.state.code)
    found, yes, text = _answered(request, nomination)
    services.confirm_nomination(actor_of(request), found, confirm=yes, text=text)
    words = _("%(name)s is confirmed.") if yes else _("%(name)s stays at home; another team is being worked out.")
    messages.success(request, words % {"name": found.expert.name})
    return redirect("nominations")


@login_required
@require_POST
def release(request: HttpRequest, nomination: UUID) -> HttpResponse:
    """Let somebody of the team go."""
    found = queries.nomination_of(actor_of(request), nomination)
    services.release_nomination(actor_of(request), found, text=request.POST.get("text", ""))
    messages.success(request, _("%(name)s is released.") % {"name": found.expert.name})
    return redirect("mission", found.mission_id)


@login_required
@require_GET
def training(request: HttpRequest) -> HttpResponse:
    """What no state could supply."""
    page = Paginator(queries.training(actor_of(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "activation/muster/training.html", {"page": page})


def _named(mission: Mission) -> dict[str, set[str]]:
    """Whom the latest proposal had pinned and excluded."""
    latest = queries.latest_need(mission)
    return {"pinned": set(latest.pinned), "excluded": set(latest.excluded)} if latest else {"pinned": set(), "excluded": set()}


def _answered(request: HttpRequest, nomination: UUID) -> tuple[Nomination, bool, str]:
    found = queries.nomination_of(actor_of(request), nomination)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say yes or no, with at most 400 characters."))
    return found, form.cleaned_data["yes"] == "yes", form.cleaned_data["text"]
