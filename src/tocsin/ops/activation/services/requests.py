"""A partner asks for help: starts, saves, hands in, amends, withdraws, names readers."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from tocsin.ledger import canonical
from tocsin.ops.activation import content as described
from tocsin.ops.activation.models import Request, RequestVersion
from tocsin.ops.activation.queries import requests as queries
from tocsin.ops.activation.services import council
from tocsin.ops.alliance.access import Actor
from tocsin.ops.alliance.models import Partner
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Ledger, User
from tocsin.terms import Tlp

READY = timedelta(hours=72)  # from handing in to a team that is ready
# A request that lapsed can be put to the council again, so it can still be mended or taken back.
AMENDABLE = (Request.Status.SUBMITTED, Request.Status.IN_COUNCIL, Request.Status.ACTIVATED, Request.Status.LAPSED)
WITHDRAWABLE = (Request.Status.DRAFT, Request.Status.SUBMITTED, Request.Status.IN_COUNCIL, Request.Status.LAPSED)


class Incomplete(Refused):
    """Handed in too early. ``problems``: what is missing or wrong, by key."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(_("Something is still missing: %(fields)s.") % {"fields": _named(problems)})
        self.problems = dict(problems)


class Overtaken(Refused):
    """Somebody else saved since the text was opened. ``theirs``: what they saved; nothing is overwritten."""

    def __init__(self, theirs: Mapping[str, Any]) -> None:
        super().__init__(_("Somebody else saved this request while you wrote. Both texts are kept: compare, then save again."))
        self.theirs = dict(theirs)


def _named(keys: Mapping[str, str]) -> str:
    return ", ".join(str(described.FIELDS[key].label) for key in keys)


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 over the content's canonical JSON (RFC 8785)."""
    return hashlib.sha256(canonical(dict(content))).hexdigest()


def working_copy(request: Request) -> dict[str, Any]:
    """What a form opens with: the draft, or what was handed in last."""
    if request.draft or not request.submitted_at:
        return dict(request.draft)
    latest = request.versions.order_by("-number").first()
    return dict(latest.content) if latest else {}


def token_of(request: Request) -> str:
    """Names the state of what can be edited: goes out with a form and comes back with it."""
    return digest_of(working_copy(request))


@transaction.atomic
def start_request(actor: Actor, partner: Partner, *, on_behalf_of: str = "") -> Request:
    """Start a draft, with the next reference of the year.

    Raises:
        PermissionDenied: The actor is not of the partner's staff.
    """
    user = _need_staff(actor, partner.pk)
    now = _now()
    draft = _tidied({"tlp": Tlp.AMBER_STRICT.value, "on_behalf_of": on_behalf_of})
    request = Request.objects.create(
        reference=_next_reference(now.year), partner=partner, made_by=user, made_at=now, draft=draft
    )
    audit.record(actor.label, "start_request", f"request {request.pk}", {"reference": request.reference}, time=now)
    return request


def _now() -> datetime:
    """The moment of a change, taken once the log is locked: entries follow one another in time, and two that start at once
    get two references."""
    Ledger.objects.select_for_update().get()
    return clock.now()


def _next_reference(year: int) -> str:
    last = Request.objects.filter(reference__startswith=f"{year}-").order_by(Length("reference").desc(), "-reference").first()
    return f"{year}-{int(last.reference.partition('-')[2]) + 1 if last else 1:02d}"


@transaction.atomic
def save_draft(actor: Actor, request: Request, content: Mapping[str, Any], *, base: str | None = None) -> Request:
    """Keep what is written so far, however little: of a request not handed in, or of an amendment in the making.

    Args:
        content: The whole content as it shall stand; only described keys.
        base: ``token_of`` the text this was written on; without it, what stands is overwritten.

    Raises:
        Overtaken: Something else was saved since ``base``.
        Refused: A key, shape or length that a request does not have; or the request is closed.
        PermissionDenied: The actor is not of the partner's staff, or not named where it is TLP:RED.
    """
    _open(actor, request, (Request.Status.DRAFT, *AMENDABLE))
    _not_overtaken(request, base)
    held = _tidied(content)
    if held == working_copy(request):
        return request
    if request.submitted_at:
        request.draft = {}  # so that the working copy is what was handed in
        request.draft = {} if held == working_copy(request) else held
    else:
        request.draft = held
        _take_over(request, held)
    request.save(update_fields=["draft", "title", "tlp"])
    audit.record(actor.label, "save_draft", f"request {request.pk}", {"draft": digest_of(held)})
    return request


@transaction.atomic
def submit_request(actor: Actor, request: Request, *, base: str | None = None) -> RequestVersion:
    """Hand in the draft: it becomes version 1, and the 72 hours start.

    Raises:
        Incomplete: Something needed is missing.
        Overtaken, Refused, PermissionDenied: As for ``save_draft``.
    """
    _open(actor, request, (Request.Status.DRAFT,))
    _not_overtaken(request, base)
    held = _complete(request.draft)
    now = _now()
    version = _add_version(actor, request, held, now)
    _take_over(request, held)
    request.status, request.submitted_at, request.ready_by = Request.Status.SUBMITTED, now, now + READY
    request.draft = {}
    request.save(update_fields=["status", "submitted_at", "ready_by", "draft", "title", "tlp"])
    audit.record(actor.label, "submit_request", f"request {request.pk}", {"version": 1, "content": version.digest}, time=now)
    return version


@transaction.atomic
def amend_request(actor: Actor, request: Request, content: Mapping[str, Any], *, base: str | None = None) -> RequestVersion:
    """Hand in a new version. A council session that runs is told, and votes on what stood before no longer count.

    Raises:
        Incomplete: Something needed is missing.
        Refused: Nothing differs; or the request is not open to amendments.
        Overtaken, PermissionDenied: As for ``save_draft``.
    """
    _open(actor, request, AMENDABLE)
    _not_overtaken(request, base)
    held = _complete(_tidied(content))
    before = request.versions.order_by("-number").first()
    assert before is not None, "what was handed in has a version"
    if held == before.content:
        raise Refused(_("Nothing differs from what you handed in before."))
    now = _now()
    version = _add_version(actor, request, held, now, number=before.number + 1)
    _take_over(request, held)
    request.draft = {}
    request.save(update_fields=["draft", "title", "tlp"])
    details = {"version": version.number, "content": version.digest}
    audit.record(actor.label, "amend_request", f"request {request.pk}", details, time=now)
    if session := queries.open_session(request):
        council.put_version(session, version, actor, queries.in_english(version, before.content), now)
    return version


@transaction.atomic
def withdraw_request(actor: Actor, request: Request, why: str) -> None:
    """Take the request back, with a reason. A council session that runs is closed as withdrawn.

    Raises:
        Refused: There is no reason, or the request is decided already.
        PermissionDenied: As for ``save_draft``.
    """
    _open(actor, request, WITHDRAWABLE)
    why = why.strip()
    if not why or len(why) > 400 or "\0" in why:
        raise Refused(_("Say why in one to 400 characters: it is kept with the request."))
    now = _now()
    if session := queries.open_session(request):
        council.withdraw_session(session, actor, why, now)
    request.status, request.closed_at, request.withdrawn_why = Request.Status.WITHDRAWN, now, why
    request.save(update_fields=["status", "closed_at", "withdrawn_why"])
    reason = hashlib.sha256(why.encode()).hexdigest()
    audit.record(actor.label, "withdraw_request", f"request {request.pk}", {"why": reason}, time=now)


@transaction.atomic
def name_readers(actor: Actor, request: Request, users: "list[User]") -> None:
    """Set who may read a request under TLP:RED beside who made it; whoever is not in the list is taken off.

    Raises:
        PermissionDenied: Only who made the request names its readers.
        Refused: Somebody who could not be let in at all.
    """
    request.refresh_from_db(from_queryset=Request.objects.select_for_update())
    if not actor.user or request.made_by_id != actor.user.pk:
        raise PermissionDenied(_("Only who made the request names its readers."))
    _need_staff(actor, request.partner_id)
    possible = set(queries.possible_readers(request).values_list("pk", flat=True))
    wanted = {user.pk for user in users}
    if not wanted <= possible:
        raise Refused(_("Readers are of the council, of the team leaders or of your own organisation."))
    before = set(request.readers.values_list("pk", flat=True))
    if wanted == before:
        return
    request.readers.set(User.objects.filter(pk__in=wanted))
    details = {"added": sorted(map(str, wanted - before)), "removed": sorted(map(str, before - wanted))}
    audit.record(actor.label, "name_readers", f"request {request.pk}", details)


def _open(actor: Actor, request: Request, statuses: tuple[str, ...]) -> None:
    """Lock the request's row and take its present state; raise unless the actor may change it as it stands."""
    request.refresh_from_db(from_queryset=Request.objects.select_for_update())
    _need_staff(actor, request.partner_id)
    if not may_edit(actor, request):
        raise PermissionDenied(_("TLP:RED: named readers only."))
    if request.status not in statuses:
        said = {"status": request.get_status_display()}
        raise Refused(_("This request is %(status)s: that can no longer be done.") % said)


def may_edit(actor: Actor, request: Request) -> bool:
    """Whether somebody of the partner's staff may write here: under TLP:RED, who made it and who is named."""
    if request.partner_id not in actor.partners or not actor.user:
        return False
    red = Tlp.RED in (request.tlp, request.draft.get("tlp"))
    return not red or request.made_by_id == actor.user.pk or request.readers.filter(pk=actor.user.pk).exists()


def _need_staff(actor: Actor, partner_id: Any) -> User:
    if partner_id not in actor.partners or actor.user is None:
        raise PermissionDenied(_("This is for the staff of the partner that asks."))
    return actor.user


def _not_overtaken(request: Request, base: str | None) -> None:
    if base is not None and base != token_of(request):
        raise Overtaken(working_copy(request))


def _tidied(content: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return described.tidy(content)
    except ValueError as error:
        raise Refused(_("This is not the content of a request: %(why)s.") % {"why": error}) from error


def _complete(content: Mapping[str, Any]) -> dict[str, Any]:
    if found := described.problems(content):
        raise Incomplete(found)
    return dict(content)


def _take_over(request: Request, content: Mapping[str, Any]) -> None:
    """What lists and clocks show of a content."""
    request.title = described.title_of(content)
    # Where nobody has said yet who may read it, the narrower is right.
    request.tlp = content.get("tlp", Tlp.AMBER_STRICT.value)


def _add_version(actor: Actor, request: Request, content: dict[str, Any], now: datetime, *, number: int = 1) -> RequestVersion:
    return RequestVersion.objects.create(
        request=request,
        number=number,
        content=content,
        digest=digest_of(content),
        made_by=_need_staff(actor, request.partner_id),
        made_at=now,
    )
