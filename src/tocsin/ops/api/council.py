"""The council: sessions, signed votes, discussion, the host's consent, decisions to take away."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from tocsin import council
from tocsin.ops.activation.models import Session
from tocsin.ops.activation.queries import council as queries
from tocsin.ops.activation.queries import requests
from tocsin.ops.activation.services import council as services
from tocsin.ops.alliance.access import Actor, actor_of
from tocsin.ops.api.auth import allow
from tocsin.ops.api.shapes import (
    Input,
    Listed,
    Moment,
    Note,
    PageNumber,
    Passphrase,
    Plain,
    StateCode,
    Why,
    Yes,
    answers,
    file_of,
    listed,
    named,
)
from tocsin.ops.common import clock

router = Router(tags=["council"])
READ, WRITE = allow("council:read"), allow("council:write")
JSONL = "application/jsonl"


class SessionRow(Schema):
    """A session in a list. ``about`` is empty where the request's content is closed to the caller; ``missing``: of the states
    they represent, those that have not voted."""

    id: UUID
    question: str
    reference: str
    about: str
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None
    missing: str


class ConsentOut(Schema):
    """What the host answered last."""

    given: bool
    note: str
    time: datetime


class CastOut(Schema):
    """A vote of a state's history. ``counts``: it is the one that stands."""

    number: int
    choice: council.Choice
    caveats: list[str]
    time: datetime
    by: str
    delegate: str
    counts: bool
    earlier_version: bool


class StandOut(Schema):
    """Where a state stands, and all it ever said. ``delegate``: name of the state that voted for it."""

    state: str
    name: str
    choice: council.Choice | None
    caveats: list[str]
    time: datetime | None
    delegate: str
    note: str
    history: list[CastOut]


class BoundOut(Schema):
    """A caveat that binds the mission. ``held``: the muster keeps to it by itself; others are for people to mind."""

    text: str
    states: str
    held: bool


class StepOut(Schema):
    """Something that happened beside votes."""

    time: datetime
    text: str
    why: str


class SeatOut(Schema):
    """A state for which the caller can vote. ``by``: name of their own state, where it is by delegation."""

    state: str
    name: str
    by: str


class RemarkOut(Schema):
    """A word in the discussion."""

    id: UUID
    author: str
    role: str
    text: str
    made_at: datetime


class Standing(Schema):
    """What the states and the chair see. ``outcome``: if it closed now, or as it closed; ``certain``: nothing missing can change it.

    ``remarks`` is null where the discussion is closed to the caller (TLP:RED).
    """

    rule: str
    outcome: council.Outcome
    why: str
    certain: bool
    needed: str
    states: list[StandOut]
    caveats: list[BoundOut]
    steps: list[StepOut]
    seats: list[SeatOut]
    remarks: list[RemarkOut] | None


class SessionOut(Schema):
    """A session. ``consent`` and ``standing`` are null where they are closed to the caller, or not there."""

    id: UUID
    question: str
    request: UUID
    reference: str
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None
    outcome: council.Outcome | None
    mission: UUID | None
    consent: ConsentOut | None
    standing: Standing | None


class OpenIn(Input):
    """Until when votes count."""

    deadline: Moment


class PostponeIn(Input):
    """A later deadline."""

    deadline: Moment
    reason: Why


class VoteIn(Input):
    """A vote. The muster holds by itself: ``remote only``, ``no experts``, ``at most N experts``, ``no expert as PROFILE``."""

    state: StateCode
    choice: council.Choice
    caveats: list[Annotated[Plain, Field(min_length=1, max_length=services.CAVEAT_LENGTH)]] = Field(
        [], max_length=services.CAVEATS_MAX
    )
    passphrase: Passphrase = Field(description="Of the key of the state that the caller represents; it is not kept")


class ConsentIn(Input):
    """The host's answer."""

    given: Yes
    note: Note = ""


class RemarkIn(Input):
    """A word in the discussion."""

    text: Plain = Field(min_length=1, max_length=4000)


class ReasonIn(Input):
    """Why; it stands in the record."""

    reason: Why


@router.get("/sessions", response=answers(Listed[SessionRow]), auth=READ, operation_id="list_sessions")
def list_sessions(request: HttpRequest, page: PageNumber = 1) -> Listed[SessionRow]:
    """Sessions that are over, the latest first, fifty a page."""
    found = queries.past_sessions(actor_of(request), page)
    return listed(found, [_row(one) for one in found.object_list])


@router.get("/sessions/open", response=answers(list[SessionRow]), auth=READ, operation_id="list_open_sessions")
def list_open_sessions(request: HttpRequest) -> list[SessionRow]:
    """Sessions that run, the next to close first."""
    return [_row(one) for one in queries.open_sessions(actor_of(request))]


def _row(one: queries.Listed) -> SessionRow:
    plain = {name: getattr(one, "pk" if name == "id" else name) for name in SessionRow.model_fields}
    return SessionRow(**plain)


@router.get("/sessions/{session_id}", response=answers(SessionOut), auth=READ, operation_id="read_session")
def read_session(request: HttpRequest, session_id: UUID) -> SessionOut:
    """A session, as much of it as is open to the caller: votes with their history, how the rule comes out, the discussion."""
    return _out(actor_of(request), session_id)


def _out(actor: Actor, pk: UUID) -> SessionOut:
    held = queries.get_session(actor, pk)
    reads = queries.may_read(actor, held)
    found = queries.held(held)
    said = max(found.session.consents, key=lambda one: one.time, default=None)
    mission = getattr(held.request, "mission", None) if held.outcome == council.Outcome.ACTIVATED else None
    hears = reads or queries.may_consent(actor, held)
    return SessionOut(
        id=held.pk,
        question=held.record["title"],
        request=held.request_id,
        reference=held.request.reference,
        opened_at=held.opened_at,
        deadline=held.deadline,
        closed_at=held.closed_at,
        outcome=council.Outcome(held.outcome) if held.outcome else None,
        mission=mission.pk if mission and hears else None,
        consent=ConsentOut(given=said.given, note=said.note, time=said.time) if said and hears else None,
        standing=_standing(actor, held, found) if reads else None,
    )


def _standing(actor: Actor, held: Session, found: queries.Held) -> Standing:
    now = clock.now()
    tally = council.tally(found.session, found.votes, now)
    running = not held.closed_at and now <= held.deadline
    choices = {(vote.state, vote.number): vote.choice for vote in found.votes}
    remarks = queries.remarks(held) if queries.may_discuss(actor, held) else None
    return Standing(
        rule=council.describe_rule(found.session.opening.rule),
        outcome=tally.outcome,
        why=tally.why,
        certain=tally.certain,
        needed=tally.needed,
        states=[_stand(stand, row, choices) for stand, row in zip(tally.stands, queries.rows(held, found, tally), strict=True)],
        caveats=[BoundOut(text=one.text, states=one.states, held=one.held) for one in queries.binding(found, tally)],
        steps=[StepOut(time=one.time, text=one.text, why=one.why) for one in queries.steps(held, found)],
        seats=[SeatOut(state=s.state, name=s.name, by=s.by) for s in queries.seats(actor, held, now)] if running else [],
        remarks=None if remarks is None else [_remark(one) for one in remarks],
    )


def _stand(stand: council.Stand, row: queries.Row, choices: dict[tuple[str, int], council.Choice]) -> StandOut:
    return StandOut(
        state=row.state,
        name=row.name,
        choice=stand.choice,
        caveats=list(row.caveats),
        time=row.time,
        delegate=row.delegate,
        note=row.note,
        history=[
            CastOut(
                number=one.number,
                choice=choices[row.state, one.number],
                caveats=list(one.caveats),
                time=one.time,
                by=one.by,
                delegate=one.delegate,
                counts=one.counts,
                earlier_version=one.earlier_version,
            )
            for one in row.history
        ],
    )


def _remark(one: Any) -> RemarkOut:
    return RemarkOut(id=one.pk, author=str(one.author), role=one.role, text=one.text, made_at=one.made_at)


@router.post("/requests/{request_id}/session", response=answers(SessionOut, 201), auth=WRITE, operation_id="open_session")
def open_session(request: HttpRequest, request_id: UUID, body: OpenIn) -> Status[SessionOut]:
    """Put a request to the states. Rule, states with their keys, and the request's version are frozen."""
    actor = actor_of(request)
    made = services.open_session(actor, requests.get_request(actor, request_id), deadline=body.deadline)
    return Status(201, _out(actor, made.pk))


@router.post("/sessions/{session_id}/votes", response=answers(SessionOut, 201), auth=WRITE, operation_id="cast_vote")
def cast_vote(request: HttpRequest, session_id: UUID, body: VoteIn) -> Status[SessionOut]:
    """Vote for a state, or change its vote. Where the state gave its vote to the caller's, it is cast by that delegation."""
    actor = actor_of(request)
    held = queries.get_session(actor, session_id)
    services.cast_vote(
        actor, held, state=body.state, choice=body.choice.value, caveats=body.caveats, passphrase=body.passphrase
    )
    return Status(201, _out(actor, session_id))


@router.post("/sessions/{session_id}/remarks", response=answers(RemarkOut, 201), auth=WRITE, operation_id="remark")
def remark(request: HttpRequest, session_id: UUID, body: RemarkIn) -> Status[RemarkOut]:
    """Speak in the discussion."""
    actor = actor_of(request)
    return Status(201, _remark(services.remark(actor, queries.get_session(actor, session_id), body.text)))


@router.post("/sessions/{session_id}/consent", response=answers(SessionOut), auth=WRITE, operation_id="record_consent")
def record_consent(request: HttpRequest, session_id: UUID, body: ConsentIn) -> SessionOut:
    """Say whether the host consents; the last answer before the close counts."""
    actor = actor_of(request)
    services.record_consent(actor, queries.get_session(actor, session_id), given=body.given, note=body.note)
    return _out(actor, session_id)


@router.post("/sessions/{session_id}/postpone", response=answers(SessionOut), auth=WRITE, operation_id="postpone")
def postpone(request: HttpRequest, session_id: UUID, body: PostponeIn) -> SessionOut:
    """Put the deadline off."""
    actor = actor_of(request)
    services.postpone(actor, queries.get_session(actor, session_id), deadline=body.deadline, reason=body.reason)
    return _out(actor, session_id)


@router.post("/sessions/{session_id}/close", response=answers(SessionOut), auth=WRITE, operation_id="close_session")
def close_session(request: HttpRequest, session_id: UUID, body: ReasonIn) -> SessionOut:
    """Close before the deadline, once nothing that is missing can change the outcome."""
    actor = actor_of(request)
    services.close_session(actor, queries.get_session(actor, session_id), reason=body.reason)
    return _out(actor, session_id)


@router.post(
    "/sessions/{session_id}/decision",
    response=answers(None),
    auth=READ,
    operation_id="export_decision",
    openapi_extra=file_of(JSONL),
)
def export_decision(request: HttpRequest, session_id: UUID) -> Any:
    """The decision as a file that `tocsin verify` replays. Taking it is an entry in the log, hence no GET."""
    actor = actor_of(request)
    held = queries.get_session(actor, session_id)
    data = HttpResponse(services.export(actor, held), content_type=JSONL)
    return named(data, f"decision-{held.request.reference}-{held.opened_at:%Y%m%dT%H%MZ}.jsonl")


@router.get(
    "/sessions/{session_id}/witness/{state}",
    response=answers(None),
    auth=READ,
    operation_id="read_session_witness",
    openapi_extra=file_of(JSONL),
)
def read_session_witness(request: HttpRequest, session_id: UUID, state: StateCode) -> Any:
    """What a state keeps outside the room: the signed heads it was handed, and its own votes."""
    actor = actor_of(request)
    held = queries.get_session(actor, session_id)
    data = HttpResponse(services.witness_file(actor, held, state), content_type=JSONL)
    return named(data, f"witness-{held.request.reference}-{state}.jsonl")
