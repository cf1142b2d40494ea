"""Missions: from activation to stand-down."""

from datetime import date, datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from tocsin.ops.activation.models import Mission, Nomination
from tocsin.ops.activation.queries import missions as queries
from tocsin.ops.activation.services import missions as services
from tocsin.ops.alliance.access import Actor, actor_of
from tocsin.ops.alliance.models import Role
from tocsin.ops.api.auth import allow
from tocsin.ops.api.council import BoundOut
from tocsin.ops.api.shapes import Input, Listed, NominationStatus, PageNumber, Person, Why, answers, listed
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import User

router = Router(tags=["missions"])
READ, WRITE = allow("missions:read"), allow("missions:write")
PAGE = 50


class MissionRow(Schema):
    """A mission in a list. ``opens``: whether the caller may read it; otherwise ``name`` is its reference, ``waits`` and ``team`` empty."""

    id: UUID
    name: str
    reference: str
    partner: str
    stage: Mission.Stage
    stage_since: datetime
    start: date
    end: date
    waits: str
    team: str
    opens: bool


class StationOut(Schema):
    """A stage on the way: ``done``, ``now`` or ``ahead``."""

    label: str
    state: str
    reached: datetime | None


class MemberOut(Schema):
    """Somebody in a seat. ``answer`` is null for those outside of the muster."""

    nomination: UUID
    expert: Person
    state: str
    status: NominationStatus
    answer: str | None


class BenchOut(Schema):
    """A kind of seat and who sits there. ``free``: places nobody was asked for."""

    seat: str
    people: list[MemberOut]
    free: int


class TransitionOut(Schema):
    """A step that was taken."""

    before: Mission.Stage
    after: Mission.Stage
    why: str
    made_by: str
    made_at: datetime


class MissionOut(Schema):
    """A mission, as much of it as is open to the caller. ``next``: stages to which they may take it."""

    id: UUID
    name: str
    request: UUID
    reference: str
    partner: str
    stage: Mission.Stage
    stage_since: datetime
    start: date
    end: date
    leader: Person | None
    waits: str
    stations: list[StationOut]
    caveats: list[BoundOut]
    team: list[BenchOut]
    history: list[TransitionOut]
    next: list[Mission.Stage]
    own_nomination: UUID | None


class MoveIn(Input):
    """A step to another stage."""

    stage: Mission.Stage
    why: Why


class LeaderIn(Input):
    """Who leads; null for nobody yet."""

    leader: UUID | None


@router.get("/missions", response=answers(Listed[MissionRow]), auth=READ, operation_id="list_missions")
def list_missions(request: HttpRequest, over: bool = False, page: PageNumber = 1) -> Listed[MissionRow]:
    """Missions that the caller may know of, newest first, fifty a page: those that run, or those that are over."""
    actor = actor_of(request)
    found = Paginator(queries.listed(actor, over=over), PAGE).get_page(page)
    return listed(found, [_row(row) for row in queries.rows(actor, found.object_list)])


def _row(row: queries.Row) -> MissionRow:
    held = row.mission
    return MissionRow(
        id=held.pk,
        name=row.name,
        reference=held.request.reference,
        partner=held.request.partner.name,
        stage=Mission.Stage(held.stage),
        stage_since=held.stage_since,
        start=held.start,
        end=held.end,
        waits=row.waits if row.opens else "",
        team=row.team if row.opens else "",
        opens=row.opens,
    )


@router.get("/missions/{mission_id}", response=answers(MissionOut), auth=READ, operation_id="read_mission")
def read_mission(request: HttpRequest, mission_id: UUID) -> MissionOut:
    """One mission."""
    return _out(actor_of(request), mission_id)


def _out(actor: Actor, pk: UUID) -> MissionOut:
    held = queries.seen(actor, pk)
    sight = queries.sight(actor, held)
    return MissionOut(
        id=held.pk,
        name=sight.name,
        request=held.request_id,
        reference=held.request.reference,
        partner=held.request.partner.name,
        stage=Mission.Stage(held.stage),
        stage_since=held.stage_since,
        start=held.start,
        end=held.end,
        leader=Person(id=held.leader.pk, name=str(held.leader)) if held.leader else None,
        waits=sight.waits,
        stations=[StationOut(label=s.label, state=s.state, reached=s.reached) for s in sight.stations],
        caveats=[BoundOut(text=one.text, states=one.states, held=one.held) for one in sight.caveats],
        team=[
            BenchOut(seat=b.label, people=[_member(sat.nomination, sight.inside) for sat in b.people], free=b.free)
            for b in sight.benches
        ],
        history=[
            TransitionOut(
                before=Mission.Stage(one.before),
                after=Mission.Stage(one.after),
                why=one.why,
                made_by=str(one.made_by),
                made_at=one.made_at,
            )
            for one in sight.history
        ],
        next=[Mission.Stage(stage) for stage, _label in sight.steps],
        own_nomination=sight.own.pk if sight.own else None,
    )


def _member(held: Nomination, inside: bool) -> MemberOut:
    return MemberOut(
        nomination=held.pk,
        expert=Person(id=held.expert.pk, name=held.expert.name),
        state=held.expert.state.code,
        status=Nomination.Status(held.status),
        answer=held.answer if inside else None,
    )


@router.post("/missions/{mission_id}/move", response=answers(MissionOut), auth=WRITE, operation_id="move_mission")
def move_mission(request: HttpRequest, mission_id: UUID, body: MoveIn) -> MissionOut:
    """Take a mission to another stage."""
    actor = actor_of(request)
    services.move_mission(actor, queries.seen(actor, mission_id), body.stage.value, body.why)
    return _out(actor, mission_id)


@router.get("/leaders", response=answers(list[Person]), auth=READ, operation_id="list_leaders")
def list_leaders(request: HttpRequest) -> list[Person]:
    """Everybody who may lead a mission; for chairs."""
    actor_of(request).need(Role.CHAIR)
    return [Person(id=user.pk, name=str(user)) for user in services.leaders()]


@router.put("/missions/{mission_id}/leader", response=answers(MissionOut), auth=WRITE, operation_id="name_leader")
def name_leader(request: HttpRequest, mission_id: UUID, body: LeaderIn) -> MissionOut:
    """Say who leads the mission."""
    actor = actor_of(request)
    held = queries.seen(actor, mission_id)
    actor.need(Role.CHAIR)
    leader = User.objects.filter(pk=body.leader).first() if body.leader else None
    if body.leader and leader is None:
        raise Refused(_("That person leads no teams."))
    services.name_leader(actor, held, leader)
    return _out(actor, mission_id)
