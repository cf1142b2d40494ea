"""Pages of requests: list, form, the request itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.ops.activation import content
from tocsin.ops.activation.forms.requests import ReadersForm, RequestForm, StartForm, WithdrawForm
from tocsin.ops.activation.models import Request
from tocsin.ops.activation.queries import requests as queries
from tocsin.ops.activation.services import council
from tocsin.ops.activation.services import requests as services
from tocsin.ops.alliance.access import Actor, actor_of
from tocsin.ops.alliance.models import Role
from tocsin.ops.common.models import User
from tocsin.ops.common.shared import part
from tocsin.terms import Tlp


@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """The list."""
    actor = actor_of(request)
    status, search = request.GET.get("status", ""), request.GET.get("q", "")
    live = part(
        request,
        queries.view(actor),
        "activation/requests/live.html",
        lambda: {
            "page": queries.request_rows(actor, status=status, search=search, page=request.GET.get("page", "1")),
            "status": status,
            "search": search,
            "start": bool(actor.partners),
        },
    )
    context = {
        "status": status,
        "search": search,
        "statuses": Request.Status.choices,
        "start": _start_form(actor),
        "live": live,
    }
    return render(request, "activation/requests/list.html", context)


def _start_form(actor: Actor, data: Any = None) -> StartForm | None:
    partners = [(str(m.partner.pk), m.partner.name) for m in actor.memberships if m.partner]
    return StartForm(data, partners=partners) if partners else None


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Start a draft and go on to its form."""
    actor = actor_of(request)
    form = _start_form(actor, request.POST)
    if form is None or not form.is_valid():
        raise PermissionDenied(_("This is for the staff of the partner that asks."))
    partner = next(m.partner for m in actor.memberships if m.partner and str(m.partner.pk) == form.cleaned_data["partner"])
    return redirect("request-edit", services.start_request(actor, partner).pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form: of a draft, or of an amendment. Saving asks for nothing but lengths; handing in shows what is missing."""
    actor = actor_of(request)
    held = queries.get_request(actor, pk)
    if not services.may_edit(actor, held):
        raise PermissionDenied(
            queries.why_closed(held) if not queries.may_read(held) else _("This is for the staff of the partner.")
        )
    if request.method != "POST":
        form = RequestForm(initial=services.working_copy(held))
        return _form_page(request, held, form, services.token_of(held))
    form, base = RequestForm(request.POST), request.POST.get("base", "")
    if form.is_valid():
        try:
            services.save_draft(actor, held, form.content(), base=base)
            if "hand_in" not in request.POST:
                messages.success(request, _("Saved. Nobody outside your organisation sees it until you hand it in."))
                return redirect("request-edit", held.pk)
            _hand_in(actor, held, form)
        except services.Overtaken as error:
            form.theirs, base = error.theirs, services.token_of(held)
        except services.Incomplete as error:
            form.say(error.problems)
            base = services.token_of(held)
        else:
            messages.success(request, _("Handed in."))
            return redirect("request", held.pk)
    return _form_page(request, held, form, base, status=409 if form.theirs is not None else 422)


def _hand_in(actor: Actor, held: Request, form: RequestForm) -> None:
    base = services.token_of(held)  # what was just saved: nobody's later text is handed in by mistake
    if held.submitted_at:
        services.amend_request(actor, held, form.content(), base=base)
    else:
        services.submit_request(actor, held, base=base)


def _form_page(request: HttpRequest, held: Request, form: RequestForm, base: str, status: int = 200) -> HttpResponse:
    context = {"held": held, "form": form, "base": base, "title": held.title or held.reference}
    return render(request, "activation/requests/form.html", context, status=status)


@login_required
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The request: what it says, what it waits for, what the actor may do next."""
    actor = actor_of(request)
    held = queries.get_request(actor, pk)
    session = queries.latest_session(held)
    context: dict[str, Any] = {
        "held": held,
        "title": queries.title_shown(held),
        "waits": queries.waits_for(held, session.deadline if session and not session.closed_at else None),
        "clock_runs": queries.clock_runs(held),
        "council": session,
        "readable": queries.may_read(held),
    }
    if not queries.may_read(held):
        return render(request, "activation/requests/detail.html", context | {"closed": queries.why_closed(held)})
    latest, versions = queries.history(held)
    said = latest.content if latest else services.working_copy(held)
    return render(
        request,
        "activation/requests/detail.html",
        context | {"latest": latest, "versions": versions, "sections": list(content.answers(said))} | _actions(actor, held),
    )


def _actions(actor: Actor, held: Request) -> dict[str, Any]:
    """What the actor may do next."""
    mine = services.may_edit(actor, held)
    makes = mine and actor.user is not None and held.made_by_id == actor.user.pk
    return {
        "may_edit": mine and held.status in (Request.Status.DRAFT, *services.AMENDABLE),
        "half_amended": mine and held.submitted_at and held.draft,
        "withdraw": WithdrawForm() if mine and held.status in services.WITHDRAWABLE else None,
        "readers": ReadersForm(request=held) if makes and held.tlp == Tlp.RED else None,
        "may_open_session": actor.has(Role.CHAIR) and held.status in council.OPENABLE,
    }


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the request back."""
    actor = actor_of(request)
    held = queries.get_request(actor, pk)
    services.withdraw_request(actor, held, request.POST.get("why", ""))
    messages.success(request, _("Withdrawn."))
    return redirect("request", held.pk)


@login_required
@require_POST
def readers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Name who may read it under TLP:RED."""
    actor = actor_of(request)
    held = queries.get_request(actor, pk)
    form = ReadersForm(request.POST, request=held)
    form.full_clean()
    wanted = form.cleaned_data.get("readers")
    if wanted is None:
        raise PermissionDenied(_("Readers are of the council, of the team leaders or of your own organisation."))
    services.name_readers(actor, held, list(User.objects.filter(pk__in=wanted)))
    messages.success(request, _("The named readers are noted."))
    return redirect("request", held.pk)


@login_required
@require_GET
def text(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was handed in last, as a plain text to keep."""
    held = queries.get_readable(actor_of(request), pk)
    latest, _versions = queries.history(held)
    if latest is None:
        raise PermissionDenied(_("It is not handed in yet."))
    response = HttpResponse(queries.as_text(held, latest), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="request-{held.reference}.txt"'
    return response
