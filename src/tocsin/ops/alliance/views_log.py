"""Pages of the log: reading it, taking it away, keeping a witness against its rewriting."""

from functools import cache
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.ledger import fingerprint, public_key
from tocsin.ops.alliance import log
from tocsin.ops.alliance.access import actor_of, view
from tocsin.ops.alliance.forms_log import LogForm
from tocsin.ops.alliance.models import Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.shared import part

Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)
SHOWN = 6  # witnesses on the page; the file has them all


@login_required
@require_GET
def read(request: HttpRequest) -> HttpResponse:
    """The log, newest first, fifty lines a page."""
    actor = actor_of(request)
    actor.need(*log.READ_THE_LOG)
    sees = view(actor)

    @cache  # one form and one page for the three parts, where they have to be made
    def context() -> dict[str, Any]:
        form = LogForm(request.GET)
        wanted = form.wanted()
        page = log.page(actor, wanted, before=_number(request, "before"), after=_number(request, "after"))
        kept = request.GET.copy()
        for name in ("before", "after"):
            kept.pop(name, None)
        return {
            "form": form,
            "page": page,
            "filters": kept.urlencode(),
            "filtered": wanted != log.Wanted(),
            "first": page.newer is None and "before" not in request.GET,
        }

    said = {
        **{name: part(request, sees, f"alliance/log/{name}.html", context) for name in ("filter", "entries", "around")},
        "represented": State.objects.filter(code__in=actor.states(Role.REPRESENTATIVE)),
        "witnesses": log.witnesses(actor)[:SHOWN],
        "fingerprint": fingerprint(public_key(audit.server_key())),
    }
    return render(request, "alliance/log/log.html", said)


@login_required
@require_GET
def download(request: HttpRequest) -> StreamingHttpResponse:
    """The whole log, written while it is read."""
    answer = StreamingHttpResponse(log.export(actor_of(request)), content_type="application/jsonl")
    return _named(answer, f"log-{clock.now():%Y%m%dT%H%M%SZ}.jsonl")


@login_required
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Public keys of server and states."""
    return _named(HttpResponse(log.public_keys(actor_of(request)), content_type="application/json"), "keys.json")


@login_required
@require_POST
def take_witness(request: HttpRequest, state: str) -> HttpResponse:
    """Hand the state a signed head."""
    head = log.take_witness(actor_of(request), state)
    messages.success(
        request,
        _("The log up to entry %(number)d is witnessed. Download the file and keep it outside this room.")
        % {"number": head.number},
    )
    return redirect("log")


@login_required
@require_GET
def witness(request: HttpRequest, state: str) -> HttpResponse:
    """All heads that the state was handed."""
    data = log.witness_file(actor_of(request), state)
    return _named(HttpResponse(data, content_type="application/jsonl"), f"witness-{state}.jsonl")


def _named(answer: Answer, name: str) -> Answer:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
