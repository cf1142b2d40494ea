"""The page of the alliance: states, keys, the rule, delegations, partners; and the alliance as a file."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin import council
from tocsin.ledger import fingerprint
from tocsin.ops.alliance import delegations, keys, rules, states, transfer
from tocsin.ops.alliance.access import Actor, actor_of, participants
from tocsin.ops.alliance.forms_alliance import (
    DelegationForm,
    EndForm,
    FileForm,
    KeyForm,
    PartnerForm,
    RoleForm,
    RuleForm,
)
from tocsin.ops.alliance.models import Delegation, Participation, Partner, Role, State, StateKey
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused


@login_required
@require_GET
def alliance(request: HttpRequest) -> HttpResponse:
    """Who decides, by which rule, with which keys, and for whom somebody else votes."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **bound: forms.Form) -> HttpResponse:
    actor = actor_of(request)
    actor.need(*transfer.READ_THE_ALLIANCE)
    now = clock.now()
    context: dict[str, Any] = {
        "states": _states(actor),
        "rules": rules.described(),
        "delegations": [
            {"given": one, "mine": one.state.code in actor.states(Role.REPRESENTATIVE), "now": one.start <= now}
            for one in delegations.live(now)
        ],
        "partners": Partner.objects.all(),
        "own": State.objects.filter(code__in=actor.states(Role.REPRESENTATIVE)),
        "today": timezone.localdate(now),
        **_forms(actor),
    }
    return render(request, "alliance/alliance.html", context | bound, status=status)


def _states(actor: Actor) -> list[dict[str, Any]]:
    """Each state with its roles, the latest first, and its keys, each with what the actor may do about it."""
    mine, administers = actor.states(Role.REPRESENTATIVE), actor.has(Role.ADMINISTRATOR)
    today = timezone.localdate(clock.now())
    found = []
    for state in State.objects.prefetch_related("participations", "keys"):
        roles = sorted(state.participations.all(), key=lambda one: one.start, reverse=True)
        held = sorted(state.keys.all(), key=lambda one: one.made_at, reverse=True)
        found.append(
            {
                "state": state,
                "roles": [{"role": one, "now": one.start <= today and (one.end is None or one.end >= today)} for one in roles],
                "keys": [{"key": one, "fingerprint": fingerprint(one.public)} for one in held],
                "may_retire": administers or state.code in mine,
            }
        )
    return found


def _forms(actor: Actor) -> dict[str, Any]:
    """Those that the actor can fill in."""
    mine = actor.states(Role.REPRESENTATIVE)
    found: dict[str, Any] = {}
    if mine:
        found["key_form"] = KeyForm()
    if actor.votes_for:
        found["delegation_form"] = DelegationForm(others=_others(actor))
    if actor.has(Role.ADMINISTRATOR):
        version = rules.in_force()
        rule = rules.rule_of(version) if version else council.default_rule(id="council", version=1, since=clock.now())
        found |= {
            "rule_form": RuleForm(initial=RuleForm.of(rule)),
            "role_form": RoleForm(),
            "partner_form": PartnerForm(),
            "file_form": FileForm(),
        }
    return found


def _others(actor: Actor) -> Any:
    return State.objects.filter(code__in=set(participants()) - actor.states(Role.REPRESENTATIVE))


def _done(request: HttpRequest, name: str, form: Any, act: Callable[[dict[str, Any]], object], said: str) -> HttpResponse:
    """Do what a form asks for; what is wrong stands at the form, with what was typed."""
    if not form.is_valid():
        return _page(request, 422, **{name: form})
    try:
        act(form.cleaned_data)
    except keys.WrongPassphrase as error:
        form.add_error("passphrase", str(error))
        return _page(request, 422, **{name: form})
    except Refused as error:
        form.add_error(None, str(error))
        return _page(request, 409, **{name: form})
    messages.success(request, said)
    return redirect("alliance")


@login_required
@require_POST
def make_key(request: HttpRequest, state: str) -> HttpResponse:
    """A state's new key."""
    actor = actor_of(request)
    actor.need(Role.REPRESENTATIVE, state=state)
    said = _("The key is made. Read its fingerprint to the other states over a channel that you trust.")
    return _done(
        request,
        "key_form",
        KeyForm(request.POST),
        lambda data: keys.make_key(actor, state, passphrase=data["passphrase"]),
        said,
    )


@login_required
@require_POST
def retire_key(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a key out of use."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR, Role.REPRESENTATIVE)
    keys.retire_key(actor, get_object_or_404(StateKey.objects.select_related("state"), pk=key))
    messages.success(request, _("The key is retired. Sessions that run keep what they were opened with."))
    return redirect("alliance")


@login_required
@require_POST
def delegate(request: HttpRequest, state: str) -> HttpResponse:
    """Give a state's vote to another for a while."""
    actor = actor_of(request)
    actor.need(Role.REPRESENTATIVE, state=state)
    form = DelegationForm(request.POST, others=_others(actor))
    return _done(
        request,
        "delegation_form",
        form,
        lambda data: delegations.delegate_vote(actor, **data | {"state": state, "to": data["to"].code}),
        _("The delegation is signed and holds for the time you gave."),
    )


@login_required
@require_POST
def revoke(request: HttpRequest, delegation: UUID) -> HttpResponse:
    """Take a delegation back."""
    actor = actor_of(request)
    actor.need(Role.REPRESENTATIVE)
    delegations.revoke_delegation(actor, get_object_or_404(Delegation.objects.select_related("state", "to"), pk=delegation))
    messages.success(
        request, _("The delegation is taken back. Votes cast by it until now stand until your state votes itself.")
    )
    return redirect("alliance")


@login_required
@require_POST
def add_rule(request: HttpRequest) -> HttpResponse:
    """The next version of the rule."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR)
    form = RuleForm(request.POST)
    return _done(
        request,
        "rule_form",
        form,
        lambda _data: rules.add_rule(actor, **form.rule()),
        _("The rule is made. Sessions that run keep the one they were opened under."),
    )


@login_required
@require_POST
def give_role(request: HttpRequest) -> HttpResponse:
    """A state's role from a day on."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR)
    return _done(
        request, "role_form", RoleForm(request.POST), lambda data: states.give_role(actor, **data), _("The role is noted.")
    )


@login_required
@require_POST
def end_role(request: HttpRequest, role: UUID) -> HttpResponse:
    """A role's last day."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say the role's last day."))
    held = get_object_or_404(Participation.objects.select_related("state"), pk=role)
    states.end_role(actor, held, last=form.cleaned_data["last"])
    messages.success(request, _("The role's end is noted."))
    return redirect("alliance")


@login_required
@require_POST
def add_partner(request: HttpRequest) -> HttpResponse:
    """Somebody who may ask for help."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR)
    said = _("The partner is added. Invite its staff on the page of accounts.")
    return _done(request, "partner_form", PartnerForm(request.POST), lambda data: states.add_partner(actor, **data), said)


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The alliance as a file."""
    data = transfer.export_alliance(actor_of(request))
    name = f"alliance-{clock.now():%Y%m%d}.json"
    return HttpResponse(
        data, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@login_required
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """An alliance's file from another room."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR)
    return _done(
        request,
        "file_form",
        FileForm(request.POST, request.FILES),
        lambda data: transfer.import_alliance(actor, data["file"].read(transfer.FILE_MAX + 1)),
        _("The file is taken in: what was new in it stands here now."),
    )
