"""Pages of accounts: who is what, invitations, tokens."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tocsin.ops.alliance import accounts, invitations, memberships
from tocsin.ops.alliance.access import actor_of
from tocsin.ops.alliance.forms import InviteForm, TokenForm
from tocsin.ops.alliance.models import Role
from tocsin.ops.common import tokens
from tocsin.ops.common.errors import Refused

PAGE = 50


@login_required
def members(request: HttpRequest) -> HttpResponse:
    """Everybody in the room, for administrators; a representative finds the form to invite experts."""
    actor = actor_of(request)
    waiting = memberships.open_invitations(actor)
    form = InviteForm(request.POST or None)
    if not actor.has(Role.ADMINISTRATOR):
        form.fields["role"].choices = [(Role.EXPERT.value, Role.EXPERT.label)]  # type: ignore[attr-defined]
        form.fields["state"].queryset = form.fields["state"].queryset.filter(code__in=actor.states(Role.REPRESENTATIVE))  # type: ignore[attr-defined]
        del form.fields["partner"]
    link = ""
    if request.method == "POST" and form.is_valid():
        try:
            _invitation, token = invitations.invite(actor, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            link = request.build_absolute_uri(reverse("invitation", args=[token]))
    everybody = None
    if actor.has(Role.ADMINISTRATOR):
        sought = memberships.members(actor)
        if text := request.GET.get("q", "").strip():
            sought = sought.filter(name__icontains=text) | sought.filter(email__icontains=text)
        everybody = Paginator(sought, PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "link": link, "everybody": everybody, "waiting": waiting}
    return render(request, "alliance/members.html", context)


@login_required
@require_POST
def end_membership(request: HttpRequest, membership: uuid.UUID) -> HttpResponse:
    """End a role."""
    memberships.end_membership(actor_of(request), membership)
    messages.success(request, _("The role has ended. What was done in it stays in the log."))
    return redirect("members")


@login_required
@require_POST
def close_account(request: HttpRequest, user: uuid.UUID) -> HttpResponse:
    """Close an account."""
    accounts.close_account(actor_of(request), user)
    messages.success(request, _("The account is closed, and its sessions and tokens are ended."))
    return redirect("members")


@login_required
@require_POST
def revoke_invitation(request: HttpRequest, invitation: uuid.UUID) -> HttpResponse:
    """Make a link stop working."""
    memberships.revoke_invitation(actor_of(request), invitation)
    messages.success(request, _("The link does not work any more."))
    return redirect("members")


@login_required
def my_tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one is shown once."""
    actor, form, secret = actor_of(request), TokenForm(request.POST or None), ""
    assert actor.user, "login_required lets nobody else in"
    if request.method == "POST" and form.is_valid():
        _token, secret = tokens.make_token(actor.label, actor.user, **form.cleaned_data)
    context = {"form": form, "secret": secret, "tokens": actor.user.tokens.filter(revoked_at=None).order_by("-made_at")}
    return render(request, "alliance/tokens.html", context)


@login_required
@require_POST
def end_token(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """End one of one's own tokens."""
    actor = actor_of(request)
    assert actor.user, "login_required lets nobody else in"
    tokens.revoke_token(actor.label, actor.user, token)
    messages.success(request, _("The token opens nothing any more."))
    return redirect("tokens")
