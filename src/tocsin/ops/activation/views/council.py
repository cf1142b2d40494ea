"""Pages of the council: its sessions, one session, opening it, the host's consent, files to take away."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin import council
from tocsin.ops.activation.forms.council import CloseForm, ConsentForm, GiveForm, OpenForm, PostponeForm, RemarkForm, VoteForm
from tocsin.ops.activation.models import Session
from tocsin.ops.activation.queries import council as queries
from tocsin.ops.activation.queries import requests
from tocsin.ops.activation.services import council as services
from tocsin.ops.alliance import keys, rules
from tocsin.ops.alliance.access import Actor, actor_of
from tocsin.ops.alliance.models import Role
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.shared import part


@login_required
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """The list: those that run with their clocks, then those that are over."""
    actor = actor_of(request)
    page = request.GET.get("page", "1")
    live = part(
        request,
        requests.view(actor),
        "activation/council/live.html",
        lambda: {"running": queries.open_sessions(actor), "past": queries.past_sessions(actor, page)},
    )
    return render(request, "activation/council/list.html", {"live": live})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a request to the states."""
    actor = actor_of(request)
    held = requests.get_request(actor, pk)
    actor.need(Role.CHAIR)
    form = OpenForm(request.POST if request.method == "POST" else None, suggested=queries.suggested_deadline(held))
    if request.method == "POST" and form.is_valid():
        try:
            session = services.open_session(actor, held, deadline=form.cleaned_data["deadline"])
        except Refused as error:
            form.add_error("deadline", str(error))
        else:
            messages.success(request, _("The session is open. The representatives of all participating states can vote."))
            return redirect("session", session.pk)
    rule = rules.in_force()
    context = {
        "held": held,
        "title": requests.title_shown(held),
        "form": form,
        "rule": council.describe_rule(rules.rule_of(rule)) if rule else "",
    }
    return render(request, "activation/council/open.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The session: as much of it as is open to the actor."""
    return _page(request, queries.get_session(actor_of(request), pk))


def _page(request: HttpRequest, held: Session, status: int = 200, **forms: Any) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    context: dict[str, Any] = {
        "session": held,
        "question": held.record["title"],
        "outcome": queries.OUTCOMES.get(held.outcome, ""),
        "mark": queries.MARKS.get(held.outcome, "wait"),
        "mission": getattr(held.request, "mission", None) if held.outcome == council.Outcome.ACTIVATED else None,
        "may_consent": queries.may_consent(actor, held),
        "running": not held.closed_at and now <= held.deadline,
    }
    if not queries.may_read(actor, held):
        consent = _consent(held) if context["may_consent"] else None
        return render(request, "activation/council/outline.html", context | {"consent": consent}, status=status)
    return render(request, "activation/council/session.html", context | _standing(actor, held) | forms, status=status)


def _consent(held: Session) -> council.HostConsent | None:
    said = queries.held(held).session.consents
    return max(said, key=lambda one: one.time) if said else None


def _standing(actor: Actor, held: Session) -> dict[str, Any]:
    """All that the states and the chair see."""
    now = clock.now()
    found = queries.held(held)
    tally = council.tally(found.session, found.votes, now)
    running = not held.closed_at and now <= held.deadline
    seats = queries.seats(actor, held, now) if running else []
    discuss = queries.may_discuss(actor, held)
    chair = actor.has(Role.CHAIR)
    return {
        "tally": tally,
        "verdict": queries.OUTCOMES[tally.outcome],
        "verdict_mark": queries.MARKS.get(tally.outcome, "wait"),
        "rows": queries.rows(held, found, tally),
        "binding": queries.binding(found, tally),
        "steps": queries.steps(held, found),
        "rule": council.describe_rule(found.session.opening.rule),
        "discuss": discuss,
        "facts": queries.facts(held) if discuss else [],
        "about": held.request.title if discuss else "",
        "remarks": queries.remarks(held) if discuss else [],
        "vote": VoteForm(seats=seats) if seats else None,
        "seats": seats,
        "gives": [
            GiveForm(opening=found.session.opening, state=seat.state, deadline=held.deadline)
            for seat in seats
            if found.session.opening.rule.delegation and not seat.by and not found.last(seat.state)
        ],
        "remark": RemarkForm() if discuss and running else None,
        "postpone": PostponeForm() if chair and running else None,
        "close": CloseForm() if chair and not held.closed_at else None,
        "reopen": chair and held.outcome == council.Outcome.LAPSED and held.request.status in services.OPENABLE,
        "own": [voter for voter in found.session.opening.voters if voter.state in actor.states(Role.REPRESENTATIVE)],
    }


@login_required
@require_POST
def vote(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Vote. What is wrong stands at its field, and the rest stays; only the passphrase is typed again."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    seats = queries.seats(actor, held, clock.now())
    if not held.closed_at and request.POST.get("state", "") not in {seat.state for seat in seats}:
        raise PermissionDenied(_("A state's vote is cast by its representatives, or by those it gave its vote to."))
    form = VoteForm(request.POST, seats=seats)
    if not form.is_valid():
        return _page(request, held, 422, vote=form)
    data = form.cleaned_data
    try:
        services.cast_vote(
            actor,
            held,
            state=data["state"],
            choice=data["choice"],
            caveats=form.caveats(),
            passphrase=data["passphrase"],
        )
    except keys.WrongPassphrase as error:
        form.add_error("passphrase", str(error))
        return _page(request, held, 422, vote=form)
    except Refused as error:
        held.refresh_from_db()
        form.add_error(None, str(error))
        return _page(request, held, 409, vote=form)
    messages.success(request, _("Your vote is signed and stands. You can change it until the session closes."))
    return redirect("session", held.pk)


@login_required
@require_POST
def delegate(request: HttpRequest, pk: UUID, state: str) -> HttpResponse:
    """Let another state vote for one's own in this session alone, from now on."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    actor.need(Role.REPRESENTATIVE, state=state)
    form = GiveForm(request.POST, opening=queries.opening_of(held), state=state, deadline=held.deadline)
    if not form.is_valid():
        return _page(request, held, 422, gives=[form])
    try:
        services.delegate_vote(actor, state=state, start=clock.now(), session=held, **form.cleaned_data)
    except keys.WrongPassphrase as error:
        form.add_error("passphrase", str(error))
        return _page(request, held, 422, gives=[form])
    except Refused as error:
        form.add_error(None, str(error))
        return _page(request, held, 409, gives=[form])
    messages.success(request, _("The delegation is signed. You can take it back on the page of the alliance."))
    return redirect("session", held.pk)


@login_required
@require_POST
def remark(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Speak in the discussion."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    form = RemarkForm(request.POST)
    if not form.is_valid() and queries.may_discuss(actor, held):
        return _page(request, held, 422, remark=form)
    services.remark(actor, held, request.POST.get("text", ""))
    return redirect("session", held.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The host's answer, given by the staff of who asked."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form.is_valid() or not queries.may_consent(actor, held)):
        given = form.cleaned_data.get("given") == "yes"
        services.record_consent(actor, held, given=given, note=form.cleaned_data.get("note", ""))
        messages.success(request, _("The host's answer is noted. It can be changed until the session closes."))
        return redirect("session", held.pk)
    services.need_consent(actor, held)
    context = {"session": held, "form": form, "consent": _consent(held), "question": held.record["title"]}
    return render(request, "activation/council/consent.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def postpone(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the deadline off."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    actor.need(Role.CHAIR)
    form = PostponeForm(request.POST)
    if not form.is_valid():
        return _page(request, held, 422, postpone=form)
    try:
        services.postpone(actor, held, **form.cleaned_data)
    except Refused as error:
        form.add_error(None, str(error))
        return _page(request, held, 409, postpone=form)
    messages.success(request, _("The deadline is put off."))
    return redirect("session", held.pk)


@login_required
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close before the deadline."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    actor.need(Role.CHAIR)
    services.close_session(actor, held, reason=request.POST.get("reason", ""))
    messages.success(request, _("The session is closed."))
    return redirect("session", held.pk)


@login_required
@require_POST
def decision(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The record of the decision, to verify anywhere. Taking it is an entry in the log, so it is no GET."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    return _file(services.export(actor, held), f"decision-{held.request.reference}-{held.opened_at:%Y%m%dT%H%MZ}.jsonl")


@login_required
@require_GET
def witness(request: HttpRequest, pk: UUID, state: str) -> HttpResponse:
    """What a state keeps outside the room."""
    actor = actor_of(request)
    held = queries.get_session(actor, pk)
    data = services.witness_file(actor, held, state)
    return _file(data, f"witness-{held.request.reference}-{state}.jsonl")


def _file(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        data, content_type="application/jsonl", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
