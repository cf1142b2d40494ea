"""Requests, as somebody may see them: that they exist, what they say, what they wait for."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from tocsin.ops.activation import content
from tocsin.ops.activation.models import LIVE, Mission, Nomination, Request, RequestVersion, Session
from tocsin.ops.alliance import access
from tocsin.ops.alliance.access import Actor, in_force, participants
from tocsin.ops.alliance.models import Membership, Role
from tocsin.ops.common.models import User
from tocsin.ops.common.shared import shared
from tocsin.terms import Tlp

PER_PAGE = 50
CLOCKS = 3  # on every page: the soonest alone, the others stand on the board
# Who sees that a request was handed in, by whom and what became of it, but not what it says.
OUTLINE = (Role.OBSERVER, Role.TRAINER, Role.ADMINISTRATOR)
DECIDED = (Request.Status.DECLINED, Request.Status.LAPSED, Request.Status.WITHDRAWN)
GATHERING = (Mission.Stage.ACTIVATED, Mission.Stage.MUSTERING)


def known(actor: Actor) -> "QuerySet[Request]":
    """Requests that the actor may know of. Each carries ``readable``: whether they may read what it says.

    A draft is for the partner's own staff. A request under TLP:RED is read by who made it and by the readers they named;
    the others who might read it otherwise see that it exists.
    """
    if actor.user is None:
        return Request.objects.none()
    handed_in = Q(submitted_at__isnull=False)
    nobody = Q(pk__in=[])
    own = Q(partner_id__in=actor.partners) if actor.partners else nobody
    everything = handed_in if actor.votes_for or actor.has(Role.CHAIR, Role.TEAM_LEADER) else nobody
    called = nobody
    if actor.has(Role.EXPERT):
        live = Nomination.objects.filter(expert__user=actor.user, status__in=LIVE, mission__request=OuterRef("pk"))
        called = Q(Exists(live))
    outline = handed_in if actor.has(*OUTLINE) else nobody
    named = Request.readers.through.objects.filter(request_id=OuterRef("pk"), user_id=actor.user.pk)
    open_to = ~Q(tlp=Tlp.RED) | Q(made_by=actor.user) | Q(Exists(named))
    readable = ExpressionWrapper((own | everything | called) & open_to, output_field=BooleanField())
    return Request.objects.filter(own | everything | called | outline).annotate(readable=readable)


def view(actor: Actor) -> Hashable:
    """What decides what somebody may see of requests, and of what comes of them: who has the same view sees the same."""
    personal = actor.user is not None and actor.user.pk in shared("readers of TLP:RED", _named)
    return access.view(actor), actor.user.pk if actor.user and personal else None


def _named() -> frozenset[UUID]:
    """Who reads a request under TLP:RED as the person they are: its makers and named readers."""
    red = Request.objects.filter(tlp=Tlp.RED).order_by()
    named = Request.readers.through.objects.filter(request__tlp=Tlp.RED).values_list("user_id", flat=True)
    return frozenset(red.values_list("made_by_id", flat=True).union(named))


def get_request(actor: Actor, pk: UUID | str) -> Request:
    """The request, with ``readable``; 404 for whom it does not exist."""
    found = known(actor).select_related("partner", "made_by", "mission").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_readable(actor: Actor, pk: UUID | str) -> Request:
    """The request for somebody who may read what it says.

    Raises:
        Http404: They may not know that it exists.
        PermissionDenied: They may, but not read it.
    """
    found = get_request(actor, pk)
    if not may_read(found):
        raise PermissionDenied(why_closed(found))
    return found


def may_read(request: Request) -> bool:
    """Whether the actor for whom it was fetched by ``known`` may read what it says."""
    return bool(request.readable)  # type: ignore[attr-defined]


def why_closed(request: Request) -> str:
    """Why the content is not shown."""
    if request.tlp == Tlp.RED:
        return _("TLP:RED: named readers only.")
    return _("What it says is not open to your role.")


def title_shown(request: Request) -> str:
    """The title where it may be read, the reference otherwise: a title is content."""
    return str(request) if may_read(request) else request.reference


@dataclass(frozen=True, slots=True)
class Row:
    """A request in a list. ``title`` is the reference for whom the content is closed; ``due`` while the 72 h run."""

    pk: UUID
    reference: str
    title: str
    partner: str
    country: str
    status: str
    status_label: str
    tlp: str
    since: datetime
    waits: str
    due: datetime | None


def request_rows(actor: Actor, *, status: str = "", search: str = "", page: str | int = 1) -> "Page[Any]":
    """A page of requests, newest first. Titles are searched only where they may be read, or a search would tell them."""
    found = _with_deadline(known(actor)).select_related("partner", "mission")
    if status in Request.Status.values:
        found = found.filter(status=status)
    if search := search.replace("\0", "").strip():
        found = found.filter(
            Q(reference__icontains=search) | Q(partner__name__icontains=search) | Q(readable=True, title__icontains=search)
        )
    held = Paginator(found, PER_PAGE).get_page(page)
    held.object_list = cast(Any, [as_row(request) for request in held.object_list])
    return held


def _with_deadline(requests: "QuerySet[Request]") -> "QuerySet[Request]":
    running = Session.objects.filter(request=OuterRef("pk"), closed_at=None)
    return requests.annotate(deadline=Subquery(running.values("deadline")[:1]))


def as_row(request: Request) -> Row:
    """One request of ``_with_deadline(known(…))`` for a list."""
    return Row(
        pk=request.pk,
        reference=request.reference,
        title=title_shown(request),
        partner=request.partner.name,
        country=request.partner.country,
        status=request.status,
        status_label=request.get_status_display(),
        tlp=request.tlp,
        since=request.submitted_at or request.made_at,
        waits=waits_for(request, request.deadline),  # type: ignore[attr-defined]
        due=request.ready_by if clock_runs(request) else None,
    )


def clock_runs(request: Request) -> bool:
    """Whether the 72 hours run: from handing in until the team is ready or nobody is going to come."""
    if not request.ready_by or request.status in DECIDED:
        return False
    mission = _mission(request)
    return mission is None or mission.stage in GATHERING


def _mission(request: Request) -> Mission | None:
    return request.mission if hasattr(request, "mission") else None


def waits_for(request: Request, deadline: datetime | None) -> str:
    """What a request waits for, or what became of it, in a sentence. ``deadline``: of its open session."""
    if request.status == Request.Status.IN_COUNCIL and deadline:
        return _("Waits for the council's vote until %(time)s UTC.") % {"time": date_format(deadline, "DATETIME_FORMAT")}
    if request.status == Request.Status.WITHDRAWN:
        return _("Withdrawn by who asked.")
    mission = _mission(request)
    if request.status == Request.Status.ACTIVATED and mission:
        return _stage(mission)
    return {
        Request.Status.DRAFT: _("Not handed in yet: only your organisation sees it."),
        Request.Status.SUBMITTED: _("Waits for the chair to open a council session."),
        Request.Status.IN_COUNCIL: _("Waits for the council's session to close."),
        Request.Status.ACTIVATED: _("The states said yes: a mission is being made."),
        Request.Status.DECLINED: _("The states declined."),
        Request.Status.LAPSED: _("The session ended without a decision."),
    }[Request.Status(request.status)]


def _stage(mission: Mission) -> str:
    return {
        Mission.Stage.ACTIVATED: _("The states said yes. Waits for the chair to state what the team needs."),
        Mission.Stage.MUSTERING: _("Waits for experts and their states to confirm the team."),
        Mission.Stage.READY: _("The team is ready."),
        Mission.Stage.DEPLOYED: _("The team is at work."),
        Mission.Stage.NOT_DEPLOYED: _("Activated, but no team was sent."),
        Mission.Stage.STANDING_DOWN: _("The team is standing down."),
        Mission.Stage.CLOSED: _("The mission is over."),
    }[Mission.Stage(mission.stage)]


@dataclass(frozen=True, slots=True)
class Clock:
    """A running 72 h clock."""

    pk: UUID
    reference: str
    due: datetime


def readiness_clocks(actor: Actor, limit: int | None = None) -> list[Clock]:
    """The 72 h clocks that run, the soonest first."""
    return shared(("72 h", limit, view(actor)), lambda: _readiness_clocks(actor, limit))


def _readiness_clocks(actor: Actor, limit: int | None) -> list[Clock]:
    gathering = Q(mission__isnull=True) | Q(mission__stage__in=GATHERING)
    found = known(actor).filter(gathering, ready_by__isnull=False).exclude(status__in=DECIDED).order_by("ready_by")
    return [Clock(r.pk, r.reference, r.ready_by) for r in found.only("pk", "reference", "ready_by")[:limit] if r.ready_by]


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """One version: who handed it in, when, and what it says otherwise than the one before."""

    number: int
    made_by: str
    made_at: datetime
    digest: str
    changes: list[content.Change]


def history(request: Request) -> tuple[RequestVersion | None, list[VersionSeen]]:
    """The latest version, and all of them, newest first."""
    versions = list(request.versions.select_related("made_by").order_by("number"))
    before: dict[str, Any] | None = None
    seen: list[VersionSeen] = []
    for version in versions:
        found = content.changes(before, version.content) if before is not None else []
        seen.append(VersionSeen(version.number, str(version.made_by), version.made_at, version.digest, found))
        before = version.content
    return (versions[-1] if versions else None), seen[::-1]


def open_session(request: Request) -> Session | None:
    """The council's session that runs on it."""
    return request.sessions.filter(closed_at=None).first()


def latest_session(request: Request) -> Session | None:
    """The council's session on it: the one that runs, or the last."""
    return request.sessions.first()


def possible_readers(request: Request) -> "QuerySet[User]":
    """Whom the maker of a TLP:RED request can name: the council, team leaders, their own colleagues."""
    voting = Q(memberships__role=Role.REPRESENTATIVE, memberships__state__code__in=participants())
    leading = Q(memberships__role__in=[Role.CHAIR, Role.TEAM_LEADER])
    own = Q(memberships__partner=request.partner)
    held = User.objects.filter(in_force("memberships__"), voting | leading | own, is_active=True)
    return held.exclude(pk=request.made_by_id).distinct().order_by("name", "pk")


def reader_choices(request: Request) -> list[tuple[str, str]]:
    """Ids and descriptions of ``possible_readers``."""
    people = {user.pk: user for user in possible_readers(request)}
    roles: dict[UUID, list[str]] = {pk: [] for pk in people}
    memberships = Membership.objects.filter(in_force(), user__in=people).select_related("state", "partner")
    for membership in memberships:
        roles[membership.user_id].append(str(membership))
    return [(str(pk), f"{user}: {', '.join(roles[pk])}") for pk, user in people.items()]


def as_text(request: Request, version: RequestVersion) -> str:
    """A version as plain text, in the reader's language."""
    return content.as_text(version.content, f"{request.reference}, {_('version')} {version.number}: {request}")


def in_english(version: RequestVersion, before: dict[str, Any]) -> str:
    """What an amendment changes, in one line of a record."""
    with override("en"):
        return "; ".join(change.label for change in content.changes(before, version.content))
