"""Pages of people and the alliance."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.ops.alliance import invitations
from tocsin.ops.alliance.forms import AcceptForm
from tocsin.ops.common.errors import Refused


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: name and password, then straight in."""
    found = invitations.open_invitation(token)
    if found is None:
        said = {"title": _("This link no longer works"), "reason": _("It was used already, or is too old. Ask for a new one.")}
        return render(request, "said.html", said, status=410)
    form = AcceptForm(request.POST or None, initial={"name": found.name})
    if found.email:
        del form.fields["email"]
    if request.method == "POST" and form.is_valid():
        # The password of an account that is there can be tried here, too: as often as at the entrance, and no oftener.
        if not ratelimit.consume(request, action="login_failed", key=found.email or form.cleaned_data["email"]):
            return render(request, "429.html", status=429)
        try:
            user = invitations.accept(token, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error("password", error)
        else:
            # Through allauth's stages: an account that has a second factor is asked for it here, too.
            entered: HttpResponse = perform_password_login(
                request, {"email": user.email}, Login(user=user, redirect_url=reverse("board"))
            )
            if request.user.is_authenticated:
                reauthenticate_by_password(request)  # just typed: it need not be typed again to set up a second factor
            return entered
    return render(request, "alliance/invitation.html", {"invitation": found, "form": form})


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What somebody can set about their own account."""
    return render(request, "alliance/account.html")


@login_required
def address(request: HttpRequest) -> HttpResponse:
    """In the place of allauth's page: an address is who somebody is here, for invitations and for single sign-on."""
    raise PermissionDenied(_("Your address stays the one you were invited under. A new one comes with a new invitation."))
