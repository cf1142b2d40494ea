"""Be somebody: in the demonstration, and there alone, one click makes anybody anybody."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.ops.alliance.access import in_force
from tocsin.ops.alliance.models import Membership, Role
from tocsin.ops.common.models import User
from tocsin.ops.demo.case import PASSPHRASES

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True)
class Somebody:
    """A person who can be entered. ``passphrase``: of the state they vote for."""

    membership: Membership
    passphrase: str


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody in the case, by what they do in it."""
    _only_in_the_demonstration()
    held = list(Membership.objects.filter(in_force(), user__is_active=True).select_related("user", "state", "partner"))
    held.sort(key=lambda one: (one.state.name if one.state else "", one.user.name))
    groups: dict[str, tuple[Any, str]] = {
        Role.REPRESENTATIVE: (_("Vote for a state"), _("Six states decide. Four have voted on the request that runs.")),
        Role.CHAIR: (_("Preside, and lead a team"), _("The chair opens sessions; team leaders gather and move teams.")),
        Role.PARTNER: (_("Ask for help"), _("A partner sees its own requests, and nothing else.")),
        Role.OBSERVER: (_("Look on"), _("An observer sees that a session exists; trainers see what nobody could do.")),
        Role.EXPERT: (_("Be sent"), _("Experts answer when they are nominated, and keep their own profile.")),
    }
    with_others = {Role.TEAM_LEADER: Role.CHAIR, Role.TRAINER: Role.OBSERVER, Role.ADMINISTRATOR: Role.OBSERVER}
    listed = [
        (title, help, [_somebody(one) for one in held if with_others.get(Role(one.role), one.role) == role])
        for role, (title, help) in groups.items()
    ]
    return render(request, "demo.html", {"groups": listed})


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Become somebody."""
    _only_in_the_demonstration()
    try:
        wanted = UUID(request.POST.get("user", ""))
    except ValueError as error:
        raise Http404 from error
    user = get_object_or_404(User, pk=wanted, is_active=True)
    login(request, user, backend=BACKEND)
    return redirect("board")


def _somebody(membership: Membership) -> Somebody:
    votes = membership.role == Role.REPRESENTATIVE and membership.state
    return Somebody(membership, PASSPHRASES.get(membership.state.code, "") if votes and membership.state else "")


def _only_in_the_demonstration() -> None:
    """These addresses are not even there in a true room; this is the second lock on the same door."""
    if not settings.DEMO:
        raise Http404
