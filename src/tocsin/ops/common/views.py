"""Pages that belong to no station: refusals."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_refused(request: HttpRequest, reason: str = "", **_more: Any) -> HttpResponse:
    """The form came from elsewhere, or from a session that has ended."""
    words = _("The form is too old, or came from another site. Open the page again and send it once more.")
    return render(request, "403.html", {"exception": words}, status=403)
