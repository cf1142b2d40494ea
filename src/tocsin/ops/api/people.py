"""The pool: experts, what they can do, when they can be called."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from tocsin.muster import Cefr, Clearance, EcsfProfile, Sector
from tocsin.ops.alliance import calendar, people
from tocsin.ops.alliance.access import Actor, actor_of
from tocsin.ops.alliance.models import Expert, State
from tocsin.ops.api.auth import allow
from tocsin.ops.api.muster import Language
from tocsin.ops.api.shapes import (
    CefrName,
    ClearanceName,
    Day,
    Email,
    Input,
    Level,
    Listed,
    Mode,
    Note,
    PageNumber,
    Plain,
    Span,
    StateCode,
    Yes,
    answers,
    cefr_name,
    clearance_name,
    listed,
)

router = Router(tags=["people"])
READ, WRITE = allow("people:read"), allow("people:write")
PAGE = 50


class ExpertsWanted(Schema):
    """Who is looked for. ``level``, ``cefr``, ``clearance``: at least; ``start`` to ``end``: free on every day."""

    text: Plain = Field("", max_length=80)
    state: StateCode | SkipJsonSchema[None] = None
    profile: EcsfProfile | SkipJsonSchema[None] = None
    level: int = Field(1, ge=1, le=5)
    language: Language | SkipJsonSchema[None] = None
    cefr: CefrName = "A1"
    clearance: ClearanceName = "none"
    mode: Mode | SkipJsonSchema[None] = None
    start: Day | SkipJsonSchema[None] = None
    end: Day | SkipJsonSchema[None] = None
    page: PageNumber = 1


class ExpertRow(Schema):
    """Somebody in the pool. ``profiles``: ECSF profile to level 1 to 5; ``languages``: ISO 639-1 to CEFR; ``free``: today."""

    id: UUID
    name: str
    state: str
    profiles: dict[str, int]
    languages: dict[str, CefrName]
    clearance: ClearanceName
    active: bool
    free: bool


class ExpertOut(Schema):
    """An expert's record. ``offered``: days on which they can be called; ``missions``: days on which a nomination holds them.

    ``edits``: whether the caller may change it; ``vouches``: whether for the state, clearance and account included.
    """

    id: UUID
    name: str
    state: str
    sector: Sector
    clearance: ClearanceName
    on_site: bool
    remote: bool
    note: str
    active: bool
    profiles: dict[str, int]
    languages: dict[str, CefrName]
    has_account: bool
    updated_at: datetime
    offered: list[Span]
    missions: list[Span]
    edits: bool
    vouches: bool


class SheetIn(Input):
    """What is known of an expert, as a whole: it replaces what was there.

    ``clearance``, ``active`` and ``account`` (an e-mail address; empty for none) are for the state to say; left out, they stay.
    """

    name: Plain = Field(min_length=1, max_length=120)
    sector: Sector = Sector.CIVIL
    on_site: Yes = True
    remote: Yes = True
    note: Note = ""
    profiles: dict[EcsfProfile, Level] = Field(default_factory=dict)
    languages: dict[Language, CefrName] = Field(default_factory=dict)
    clearance: ClearanceName | None = None
    active: Yes | None = None
    account: Email | Literal[""] | None = None


class ExpertIn(SheetIn):
    """A new record."""

    state: StateCode


class DaysIn(Input):
    """Days to offer or to take back, both included."""

    what: Literal["free", "away"]
    start: Day
    end: Day


@router.get("/experts", response=answers(Listed[ExpertRow]), auth=READ, operation_id="list_experts")
def list_experts(
    request: HttpRequest,
    sought: Query[ExpertsWanted],
) -> Listed[ExpertRow]:
    """The pool by name, fifty a page."""
    wanted = people.Wanted(
        text=sought.text,
        state=sought.state or "",
        profile=sought.profile.value if sought.profile else "",
        level=sought.level,
        language=sought.language or "",
        cefr=Cefr[sought.cefr],
        clearance=Clearance[sought.clearance.upper()],
        mode=sought.mode or "",
        start=sought.start,
        end=sought.end,
    )
    found = Paginator(people.pool(actor_of(request), wanted), PAGE).get_page(sought.page)
    today = timezone.localdate()
    free = calendar.free(Expert.objects.filter(pk__in=[e.pk for e in found.object_list]), today, today)
    free_today = set(free.values_list("pk", flat=True))
    return listed(found, [_row(expert, expert.pk in free_today) for expert in found.object_list])


def _row(expert: Expert, free: bool) -> ExpertRow:
    return ExpertRow(
        id=expert.pk,
        name=expert.name,
        state=expert.state.code,
        profiles={held.profile: held.level for held in expert.profiles.all()},
        languages={spoken.language: cefr_name(spoken.level) for spoken in expert.languages.all()},
        clearance=clearance_name(expert.clearance),
        active=expert.active,
        free=free,
    )


@router.get("/experts/me", response=answers(ExpertOut), auth=READ, operation_id="read_own_expert")
def read_own_expert(request: HttpRequest) -> ExpertOut:
    """One's own record."""
    actor = actor_of(request)
    found = people.own(actor)
    if found is None:
        raise Http404
    return _out(actor, found.pk)


@router.get("/experts/{expert_id}", response=answers(ExpertOut), auth=READ, operation_id="read_expert")
def read_expert(request: HttpRequest, expert_id: UUID) -> ExpertOut:
    """An expert's record, with their calendar."""
    return _out(actor_of(request), expert_id)


def _out(actor: Actor, pk: UUID) -> ExpertOut:
    found = people.seen(actor, pk)
    sheet = people.sheet_of(found)
    return ExpertOut(
        id=found.pk,
        name=sheet.name,
        state=found.state.code,
        sector=Sector(sheet.sector),
        clearance=clearance_name(sheet.clearance),
        on_site=sheet.on_site,
        remote=sheet.remote,
        note=sheet.note,
        active=sheet.active,
        profiles=dict(sheet.profiles),
        languages={code: cefr_name(level) for code, level in sheet.languages.items()},
        has_account=found.user_id is not None,
        updated_at=found.updated_at,
        offered=[Span(start=span.start, end=span.end) for span in found.availability.all()],
        missions=[Span(start=start, end=end) for start, end in calendar.on_missions(found)],
        edits=people.may_edit(actor, found),
        vouches=people.may_vouch(actor, found.state),
    )


@router.post("/experts", response=answers(ExpertOut, 201), auth=WRITE, operation_id="add_expert")
def add_expert(request: HttpRequest, body: ExpertIn) -> Status[ExpertOut]:
    """Put an expert of one's state into the pool, or oneself."""
    actor = actor_of(request)
    state = State.objects.filter(code=body.state).first()
    if state is None:
        raise PermissionDenied(_("Experts are put into the pool by their state, or by themselves."))
    sheet = _sheet(actor, state, body, people.Sheet(name=body.name))
    return Status(201, _out(actor, people.add_expert(actor, state, sheet, account=body.account or "").pk))


@router.put("/experts/{expert_id}", response=answers(ExpertOut), auth=WRITE, operation_id="save_expert")
def save_expert(request: HttpRequest, expert_id: UUID, body: SheetIn) -> ExpertOut:
    """Replace what is known of an expert."""
    actor = actor_of(request)
    found = people.seen(actor, expert_id)
    people.need_to_edit(actor, found)
    sheet = _sheet(actor, found.state, body, people.sheet_of(found))
    people.save_expert(actor, found, sheet, account=body.account)
    return _out(actor, expert_id)


def _sheet(actor: Actor, state: State, body: SheetIn, before: people.Sheet) -> people.Sheet:
    """What was sent over what stands. The service passes over what is the state's to say; a program is told instead."""
    stated: dict[str, Any] = {}
    if body.clearance is not None:
        stated["clearance"] = int(Clearance[body.clearance.upper()])
    if body.active is not None:
        stated["active"] = body.active
    changed = any(getattr(before, name) != value for name, value in stated.items())
    if (changed or body.account is not None) and not people.may_vouch(actor, state):
        raise PermissionDenied(_("Clearance, account and a place in the pool are for the state to say."))
    return replace(
        before,
        name=body.name,
        sector=body.sector.value,
        on_site=body.on_site,
        remote=body.remote,
        note=body.note,
        profiles={profile.value: level for profile, level in body.profiles.items()},
        languages={code: int(Cefr[level]) for code, level in body.languages.items()},
        **stated,
    )


@router.post("/experts/{expert_id}/calendar", response=answers(ExpertOut), auth=WRITE, operation_id="change_days")
def change_days(request: HttpRequest, expert_id: UUID, body: DaysIn) -> ExpertOut:
    """Offer days, or take them back."""
    actor = actor_of(request)
    found = people.seen(actor, expert_id)
    change = people.offer if body.what == "free" else people.take_back
    change(actor, found, body.start, body.end)
    return _out(actor, expert_id)
