"""Pages of people and the alliance."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
        try:
            user = invitations.accept(token, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error("password", error)
        else:
            login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
            record_authentication(request, user, method="password")
            return redirect("board")
    return render(request, "alliance/invitation.html", {"invitation": found, "form": form})


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What somebody can set about their own account."""
    return render(request, "alliance/account.html")
