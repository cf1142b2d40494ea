"""Pages of the pool: the list, an expert, their sheet, their calendar."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tocsin.muster import EcsfProfile
from tocsin.muster.words import language_name
from tocsin.ops.alliance import calendar, people
from tocsin.ops.alliance.access import Actor, actor_of, view
from tocsin.ops.alliance.forms_people import DaysForm, SheetForm, SpokenRows, WantedForm, initial_of
from tocsin.ops.alliance.models import Expert, Role, State
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.shared import part

PAGE = 50
LABELS = {profile.value: profile.label for profile in EcsfProfile}


@login_required
@require_GET
def pool(request: HttpRequest) -> HttpResponse:
    """The pool, with what is looked for in it."""
    actor = actor_of(request)
    if not actor.has(*people.SEE_THE_POOL) and actor.has(Role.EXPERT):
        return redirect("expert-me")
    listed = part(request, view(actor), "alliance/people/pool.html", lambda: _pool(request, actor))
    return render(request, "alliance/people/list.html", {"people": listed})


def _pool(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    form = WantedForm(request.GET or None)
    wanted = form.wanted() if form.is_bound else people.Wanted()
    page = Paginator(people.pool(actor, wanted), PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    free = set(calendar.free(Expert.objects.filter(pk__in=[e.pk for e in page]), today, today).values_list("pk", flat=True))
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "page": page,
        "rows": [_row(expert, expert.pk in free) for expert in page],
        "form": form,
        "looking": any(request.GET.get(name) for name in form.fields),
        "more": f"{query.urlencode()}&" if query else "",
        "may_add": bool(people.may_add_for(actor)),
        "invites": actor.has(Role.ADMINISTRATOR, Role.REPRESENTATIVE),
    }


@login_required
@require_GET
def expert(request: HttpRequest, expert: UUID) -> HttpResponse:
    """What is known of an expert."""
    actor = actor_of(request)
    found = people.seen(actor, expert)
    said = {
        "expert": found,
        "profiles": [(LABELS.get(p.profile, p.profile), p.level) for p in found.profiles.order_by("-level", "profile")],
        "languages": [
            (language_name(s.language), s.get_level_display()) for s in found.languages.order_by("-level", "language")
        ],
        "spans": found.availability.filter(end__gte=timezone.localdate()),
        "missions": calendar.on_missions(found),
        "edits": people.may_edit(actor, found),
    }
    return render(request, "alliance/people/expert.html", said)


@login_required
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """One's own record; where there is none yet, the form for it."""
    own = people.own(actor_of(request))
    return redirect("expert", own.pk) if own else redirect("expert-new")


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Put an expert into the pool, or oneself."""
    actor = actor_of(request)
    states = people.may_add_for(actor)
    if not states:
        raise PermissionDenied(_("Experts are put into the pool by their state, or by themselves."))
    vouching = any(people.may_vouch(actor, state) for state in states)
    initial: dict[str, Any] = {} if vouching or actor.user is None else {"name": actor.user.name}
    form = SheetForm(request.POST or None, states=states, vouching=vouching, known=False, initial=initial)
    return _sheet(request, actor, form, None, states)


@login_required
def edit(request: HttpRequest, expert: UUID) -> HttpResponse:
    """Change what is known of an expert."""
    actor = actor_of(request)
    found = people.seen(actor, expert)
    people.need_to_edit(actor, found)
    initial = initial_of(people.sheet_of(found)) | {"account": found.user.email if found.user else ""}
    vouching = people.may_vouch(actor, found.state)
    form = SheetForm(request.POST or None, states=[found.state], vouching=vouching, known=True, initial=initial)
    return _sheet(request, actor, form, found, [found.state])


@login_required
def days(request: HttpRequest, expert: UUID) -> HttpResponse:
    """An expert's calendar: three months drawn, days offered and taken back."""
    actor = actor_of(request)
    found = people.seen(actor, expert)
    edits = people.may_edit(actor, found)
    form = DaysForm(request.POST or None)
    if request.method == "POST":
        people.need_to_edit(actor, found)
        if form.is_valid():
            said = form.cleaned_data
            change = people.offer if said["what"] == "free" else people.take_back
            try:
                change(actor, found, said["start"], said["end"])
            except Refused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The calendar is changed."))
                return redirect(f"{request.path}?from={said['start']:%Y-%m}")
    first = _month(request.GET.get("from", ""))
    spans = list(found.availability.all())
    missions = calendar.on_missions(found)
    drawn = {
        "expert": found,
        "months": calendar.months([(span.start, span.end) for span in spans], missions, first),
        "weekdays": calendar.weekdays(),
        "before": calendar.month_after(first, -3),
        "after": calendar.month_after(first, 3),
        "spans": spans,
        "missions": missions,
        "form": form,
        "edits": edits,
    }
    return render(request, "alliance/people/calendar.html", drawn, status=422 if form.is_bound else 200)


def _sheet(request: HttpRequest, actor: Actor, form: SheetForm, found: Expert | None, states: list[State]) -> HttpResponse:
    before = people.sheet_of(found) if found else None
    spoken = [{"language": code, "level": level} for code, level in (before.languages if before else {}).items()]
    rows = SpokenRows(request.POST or None, prefix="languages", initial=spoken)
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        sheet = form.sheet(before, rows.cleaned_data)
        account = form.cleaned_data.get("account")
        try:
            if found is None:
                state = form.cleaned_data.get("state") or states[0]
                found = people.add_expert(actor, state, sheet, account=account or "")
            else:
                people.save_expert(actor, found, sheet, account=account)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("expert", found.pk)
    said = {"form": form, "rows": rows, "expert": found}
    return render(request, "alliance/people/edit.html", said, status=422 if form.is_bound else 200)


def _row(expert: Expert, free: bool) -> dict[str, Any]:
    held = sorted(expert.profiles.all(), key=lambda profile: (-profile.level, profile.profile))
    spoken = sorted(expert.languages.all(), key=lambda language: (-language.level, language.language))
    return {
        "expert": expert,
        "profiles": [(LABELS.get(p.profile, p.profile), p.level) for p in held],
        "languages": [(language_name(s.language), s.get_level_display()) for s in spoken],
        "free": free,
    }


def _month(said: str) -> date:
    """The first of a month given as ``2022-02``; this month where it is not."""
    try:
        month = date.fromisoformat(f"{said}-01")
        clock.need_years(month)
        return month
    except (ValueError, Refused):
        return timezone.localdate().replace(day=1)
