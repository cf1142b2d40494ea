"""The muster: the need, the proposed team, nominations and their answers, what is left for training."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, WithJsonSchema

from tocsin.muster import Cefr, Clearance, Cleared, EcsfProfile, Need, Seat, Spoken
from tocsin.muster.words import state_name
from tocsin.ops.activation.models import Nomination
from tocsin.ops.activation.queries import missions
from tocsin.ops.activation.queries import muster as queries
from tocsin.ops.activation.records import seat_from_json
from tocsin.ops.activation.services import muster as services
from tocsin.ops.alliance.access import Actor, actor_of
from tocsin.ops.alliance.people import LANGUAGES
from tocsin.ops.api.auth import allow
from tocsin.ops.api.council import BoundOut
from tocsin.ops.api.missions import MemberOut
from tocsin.ops.api.shapes import (
    CefrName,
    ClearanceName,
    Count,
    Day,
    Input,
    Level,
    Listed,
    Mode,
    NominationStatus,
    Note,
    PageNumber,
    Person,
    StateCode,
    Whole,
    Yes,
    answers,
    by_state,
    cefr_name,
    clearance_name,
    listed,
)

router = Router(tags=["muster"])
READ, WRITE = allow("missions:read"), allow("missions:write")
ROWS_MAX = 24
_MODES: dict[bool | None, Mode | None] = {None: None, True: "on_site", False: "remote"}
if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[tuple(LANGUAGES)]


Limits = Annotated[dict[StateCode, Count], WithJsonSchema(by_state(99))]


class SeatIn(Input):
    """So many people in a profile. ``mode`` null: either."""

    profile: EcsfProfile
    number: Whole = Field(1, ge=1, le=30)
    level_min: Level = 1
    mode: Mode | None = None


class SpokenIn(Input):
    """So many of the team speak a language (ISO 639-1)."""

    language: Language
    level_min: CefrName = "B2"
    people: Whole = Field(1, ge=1, le=30)


class ClearedIn(Input):
    """So many of the team hold a clearance."""

    level_min: ClearanceName
    people: Whole = Field(1, ge=1, le=30)


class NeedIn(Input):
    """What team the mission needs; both days included. What each condition means stands in the guide to the muster."""

    start: Day
    end: Day
    seats: list[SeatIn] = Field([], max_length=ROWS_MAX)
    languages: list[SpokenIn] = Field([], max_length=ROWS_MAX)
    cleared: list[ClearedIn] = Field([], max_length=5)
    clearance_min: ClearanceName = "none"
    size_min: Count = 8
    size_max: Count = 12
    state_min: Limits = Field({}, max_length=50)
    state_max: Limits = Field({}, max_length=50)
    state_min_default: Count = 0
    state_max_default: Count | None = None
    civil_min: Count = 0
    military_min: Count = 0
    shared_profiles_min: Count = 0


class NeedOut(Schema):
    """The need as it was stated, and the caveats that bind it."""

    start: date
    end: date
    seats: list[SeatIn]
    languages: list[SpokenIn]
    cleared: list[ClearedIn]
    clearance_min: ClearanceName
    size_min: int
    size_max: int
    state_min: dict[str, int]
    state_max: dict[str, int]
    state_min_default: int
    state_max_default: int | None
    civil_min: int
    military_min: int
    shared_profiles_min: int


class AskIn(Input):
    """Whom to take, and whom to leave at home, whatever else."""

    pinned: list[UUID] = Field([], max_length=99)
    excluded: list[UUID] = Field([], max_length=500)


class ChosenOut(Schema):
    """Somebody proposed, and why. ``nomination``: where they were asked for this seat already."""

    expert: Person
    state: str
    reason: str
    pinned: bool
    nomination: UUID | None


class CloseOut(Schema):
    """Somebody who nearly had a seat, and why not."""

    expert: Person
    state: str
    seat: str
    reason: str


class PlaceOut(Schema):
    """A kind of seat: who takes it, who nearly did; ``short`` places stay open, and ``why``."""

    seat: str
    people: list[ChosenOut]
    nearly: list[CloseOut]
    short: int
    why: str


class ProposalOut(Schema):
    """The latest proposal. ``status`` is ``waiting`` until the worker has solved it; ``refused`` with the reason in ``proof``.

    ``gap``: how far the team may be from the best, 0 to 1. ``wishes``: what is not met in full. ``conflicts``: conditions that
    cannot hold together; ``remedy``: which to give up. ``kept``: how many have accepted, around whom it was solved.
    """

    id: UUID
    mission: UUID
    status: Literal["waiting", "optimal", "feasible", "infeasible", "unknown", "refused", "superseded"]
    asked_at: datetime
    solved_at: datetime | None
    adopted_at: datetime | None
    adoptable: bool
    proof: str
    gap: float
    places: list[PlaceOut]
    wishes: list[str]
    conflicts: list[list[str]]
    remedy: list[str]
    pinned: list[Person]
    excluded: list[Person]
    lost: list[Person]
    kept: int


class NominationOut(Schema):
    """Somebody asked to go on a mission, both days included. ``country``: the partner's."""

    id: UUID
    mission: UUID
    reference: str
    country: str
    expert: Person
    state: str
    seat: str
    start: date
    end: date
    status: NominationStatus
    answer: str
    caveats: list[BoundOut]


class Nominations(Schema):
    """What the caller is asked: as an expert (``own``), and for the experts of their state."""

    own: list[NominationOut]
    to_confirm: list[NominationOut]


class AnswerIn(Input):
    """Yes or no, with a word."""

    yes: Yes
    text: Note = ""


class WordIn(Input):
    """A word to it."""

    text: Note = ""


class TrainingOut(Schema):
    """A skill that no state could supply: ``short`` people were missing, ``holders`` had it and could not come."""

    id: UUID
    skill: str
    short: int
    holders: int
    reason: str
    reference: str
    made_at: datetime


@router.get("/missions/{mission_id}/need", response=answers(NeedOut | None), auth=READ, operation_id="read_need")
def read_need(request: HttpRequest, mission_id: UUID) -> NeedOut | None:
    """The need as it was stated; null where it was not yet."""
    need = missions.stated(queries.need_of(actor_of(request), mission_id))
    return _need_out(need) if need else None


@router.put("/missions/{mission_id}/need", response=answers(NeedOut), auth=WRITE, operation_id="state_need")
def state_need(request: HttpRequest, mission_id: UUID, body: NeedIn) -> NeedOut:
    """State the need. It asks for no team by itself; the caveats of the votes bind it whatever it says."""
    actor = actor_of(request)
    need = _need(body)
    services.state_need(actor, queries.need_of(actor, mission_id), need)
    return _need_out(need)


_SAME = (
    *("start", "end", "size_min", "size_max", "state_min", "state_max", "state_min_default", "state_max_default"),
    *("civil_min", "military_min", "shared_profiles_min"),
)
_MODE = {mode: on_site for on_site, mode in _MODES.items()}


def _need(body: NeedIn) -> Need:
    return Need(
        seats=tuple(Seat(s.profile, s.number, s.level_min, _MODE[s.mode]) for s in body.seats),
        languages=tuple(Spoken(s.language, Cefr[s.level_min], s.people) for s in body.languages),
        cleared=tuple(Cleared(Clearance[c.level_min.upper()], c.people) for c in body.cleared),
        clearance_min=Clearance[body.clearance_min.upper()],
        **{name: getattr(body, name) for name in _SAME},
    )


def _need_out(need: Need) -> NeedOut:
    return NeedOut(
        seats=[SeatIn(profile=s.profile, number=s.number, level_min=s.level_min, mode=_MODES[s.on_site]) for s in need.seats],
        languages=[SpokenIn(language=s.language, level_min=cefr_name(s.level_min), people=s.people) for s in need.languages],
        cleared=[ClearedIn(level_min=clearance_name(c.level_min), people=c.people) for c in need.cleared],
        clearance_min=clearance_name(need.clearance_min),
        **{name: getattr(need, name) for name in _SAME},
    )


@router.get("/missions/{mission_id}/proposal", response=answers(ProposalOut | None), auth=READ, operation_id="read_proposal")
def read_proposal(request: HttpRequest, mission_id: UUID) -> ProposalOut | None:
    """The latest proposal; null where none was asked for. Ask again until it waits no more."""
    return _proposal(actor_of(request), mission_id)


def _proposal(actor: Actor, mission_id: UUID) -> ProposalOut | None:
    found = queries.solution(queries.need_of(actor, mission_id))
    if found is None:
        return None
    answer, held = found.answer, found.proposal
    solved = answer.proposal
    status = "waiting" if held.solved_at is None else "superseded" if answer.superseded else "refused"
    return ProposalOut(
        id=held.pk,
        mission=held.mission_id,
        status=solved.status if solved else status,  # type: ignore[arg-type]
        asked_at=held.asked_at,
        solved_at=held.solved_at,
        adopted_at=held.adopted_at,
        adoptable=found.adoptable,
        proof=solved.proof if solved else answer.refused,
        gap=solved.gap if solved else 0.0,
        places=[_place(place) for place in found.places],
        wishes=list(found.wishes),
        conflicts=[[said.sentence for said in conflict] for conflict in found.conflicts],
        remedy=[said.sentence for said in found.remedy],
        pinned=[Person(id=e.pk, name=e.name) for e in found.pinned],
        excluded=[Person(id=e.pk, name=e.name) for e in found.excluded],
        lost=[Person(id=n.expert.pk, name=n.expert.name) for n in found.lost],
        kept=found.kept,
    )


def _place(place: queries.Place) -> PlaceOut:
    return PlaceOut(
        seat=place.label,
        people=[
            ChosenOut(
                expert=Person(id=c.expert.pk, name=c.expert.name),
                state=c.expert.state.code,
                reason=c.reason,
                pinned=c.pinned,
                nomination=c.nomination.pk if c.nomination else None,
            )
            for c in place.people
        ],
        nearly=[
            CloseOut(expert=Person(id=n.expert.pk, name=n.expert.name), state=n.expert.state.code, seat=n.seat, reason=n.reason)
            for n in place.nearly
        ],
        short=place.short,
        why=place.why,
    )


@router.post("/missions/{mission_id}/proposals", response=answers(ProposalOut, 201), auth=WRITE, operation_id="ask_proposal")
def ask_proposal(request: HttpRequest, mission_id: UUID, body: AskIn) -> Status[ProposalOut | None]:
    """Ask for the best team. The worker solves it within seconds; one that still waits is superseded."""
    actor = actor_of(request)
    held = queries.need_of(actor, mission_id)
    services.ask_proposal(actor, held, pinned={str(pk) for pk in body.pinned}, excluded={str(pk) for pk in body.excluded})
    return Status(201, _proposal(actor, mission_id))


@router.post("/proposals/{proposal_id}/adopt", response=answers(list[MemberOut]), auth=WRITE, operation_id="adopt_proposal")
def adopt_proposal(request: HttpRequest, proposal_id: UUID) -> list[MemberOut]:
    """Take the proposed team: who is new in it is asked, who is not in it any more is released."""
    actor = actor_of(request)
    team = services.adopt_proposal(actor, queries.proposal_of(actor, proposal_id))
    return [
        MemberOut(
            nomination=one.pk,
            expert=Person(id=one.expert.pk, name=one.expert.name),
            state=one.expert.state.code,
            status=Nomination.Status(one.status),
            answer=one.answer,
        )
        for one in team
    ]


@router.get("/nominations", response=answers(Nominations), auth=READ, operation_id="list_nominations")
def list_nominations(request: HttpRequest) -> Nominations:
    """What the caller is asked, the open ones first; and whom they are to confirm for their state."""
    actor = actor_of(request)
    states = missions.state_names()
    return Nominations(
        own=[_nomination(one, states) for one in queries.nominations(actor)],
        to_confirm=[_nomination(one, states) for one in queries.to_confirm(actor)],
    )


def _nomination(one: Nomination, states: dict[str, str]) -> NominationOut:
    bound = missions.bound(one.mission, states)
    return NominationOut(
        id=one.pk,
        mission=one.mission_id,
        reference=one.mission.request.reference,
        country=state_name(one.mission.request.partner.country),
        expert=Person(id=one.expert.pk, name=one.expert.name),
        state=one.expert.state.code,
        seat=missions.seat_label(seat_from_json(one.seat)),
        start=one.start,
        end=one.end,
        status=Nomination.Status(one.status),
        answer=one.answer,
        caveats=[BoundOut(text=c.text, states=c.states, held=c.held) for c in bound],
    )


@router.post(
    "/nominations/{nomination_id}/answer", response=answers(NominationOut), auth=WRITE, operation_id="answer_nomination"
)
def answer_nomination(request: HttpRequest, nomination_id: UUID, body: AnswerIn) -> NominationOut:
    """The expert accepts or declines. A no asks for a new team around those who have accepted."""
    actor = actor_of(request)
    found = queries.nomination_of(actor, nomination_id)
    done = services.answer_nomination(actor, found, accept=body.yes, text=body.text)
    return _nomination(done, missions.state_names())


@router.post(
    "/nominations/{nomination_id}/confirm", response=answers(NominationOut), auth=WRITE, operation_id="confirm_nomination"
)
def confirm_nomination(request: HttpRequest, nomination_id: UUID, body: AnswerIn) -> NominationOut:
    """The state lets its expert go, or does not."""
    actor = actor_of(request)
    found = queries.nomination_of(actor, nomination_id)
    done = services.confirm_nomination(actor, found, confirm=body.yes, text=body.text)
    return _nomination(done, missions.state_names())


@router.post(
    "/nominations/{nomination_id}/release", response=answers(NominationOut), auth=WRITE, operation_id="release_nomination"
)
def release_nomination(request: HttpRequest, nomination_id: UUID, body: WordIn) -> NominationOut:
    """Let somebody of the team go, for a reason that is not theirs."""
    actor = actor_of(request)
    done = services.release_nomination(actor, queries.nomination_of(actor, nomination_id), text=body.text)
    return _nomination(done, missions.state_names())


@router.get("/training-needs", response=answers(Listed[TrainingOut]), auth=READ, operation_id="list_training_needs")
def list_training_needs(request: HttpRequest, page: PageNumber = 1) -> Listed[TrainingOut]:
    """What no state could supply, newest first, fifty a page."""
    found = Paginator(queries.training(actor_of(request)), 50).get_page(page)
    return listed(
        found,
        [
            TrainingOut(
                id=one.pk,
                skill=one.skill,
                short=one.short,
                holders=one.holders,
                reason=one.reason,
                reference=one.mission.request.reference,
                made_at=one.made_at,
            )
            for one in found.object_list
        ],
    )
