"""Requests for assistance. What one says is described once, in ``activation.content``: for the form, and for here."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from tocsin.ops.activation import content as described
from tocsin.ops.activation.models import Request
from tocsin.ops.activation.queries import requests as queries
from tocsin.ops.activation.services import requests as services
from tocsin.ops.alliance.access import Actor, actor_of
from tocsin.ops.alliance.models import Partner
from tocsin.ops.api.auth import allow
from tocsin.ops.api.shapes import (
    NO_NUL,
    Input,
    Listed,
    Missing,
    PageNumber,
    Person,
    Plain,
    RequestStatus,
    Why,
    answers,
    file_of,
    listed,
    named,
)
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import User
from tocsin.terms import Tlp

router = Router(tags=["requests"])
READ, WRITE = allow("requests:read"), allow("requests:write")


def _described() -> dict[str, Any]:
    """JSON schema of a content as it can be saved. What it lacks to be handed in is said then, key by key."""
    found = described.schema(whole=False)
    for part in found["properties"].values():
        part.pop("uniqueItems", None)  # a choice given twice is given once
        if part.get("type") == "string":
            part.setdefault("pattern", NO_NUL)
    return found


Content = Annotated[dict[str, Any], WithJsonSchema(_described())]
Base = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{64}$",
        description="`base` of the text this was written on; without it, whatever stands is overwritten",
    ),
]


class AskerOut(Schema):
    """Who asks. ``country``: ISO 3166-1 alpha-2."""

    id: UUID
    name: str
    country: str


class RequestsWanted(Schema):
    """Which requests. ``q``: in reference, partner, title."""

    status: RequestStatus | SkipJsonSchema[None] = None
    q: Plain = Field("", max_length=200)
    page: PageNumber = 1


class RequestRow(Schema):
    """A request in a list. ``title`` is the reference where the content is closed to the caller; ``due`` while the 72 h run."""

    id: UUID
    reference: str
    title: str
    partner: str
    country: str
    status: RequestStatus
    tlp: Tlp
    since: datetime
    waits: str
    due: datetime | None


class RequestOut(Schema):
    """A request. What it says is null where it is closed to the caller; ``closed`` then says why.

    ``content``: what was handed in last; of a draft, what stands there. ``version``: its number, null for a draft.
    """

    id: UUID
    reference: str
    title: str
    partner: AskerOut
    status: RequestStatus
    tlp: Tlp
    made_at: datetime
    submitted_at: datetime | None
    ready_by: datetime | None
    clock_runs: bool
    waits: str
    session: UUID | None
    closed: str | None
    version: int | None
    content: Content | None
    withdrawn_why: str | None


class ChangeOut(Schema):
    """What one version says otherwise than the one before, in a sentence; long texts stand in ``before`` and ``after``."""

    label: str
    sentence: str
    before: str
    after: str


class VersionOut(Schema):
    """A version. ``digest``: SHA-256 over the content's canonical JSON (RFC 8785), which votes are cast on."""

    number: int
    made_by: str
    made_at: datetime
    digest: str
    changes: list[ChangeOut]


class Draft(Schema):
    """What can be edited. ``base`` comes back with the next save, so that nobody overwrites another's text."""

    content: Content
    base: str


class StartIn(Input):
    """For whom a request is started."""

    partner: UUID
    on_behalf_of: Plain = Field("", max_length=200)


class DraftIn(Input):
    """The whole content as it shall stand."""

    content: Annotated[Content, AfterValidator(described.tidy)]
    base: Base | None = None


class HandInIn(Input):
    """Which text is handed in."""

    base: Base | None = None


class WhyIn(Input):
    """Why."""

    why: Why


class ReadersIn(Input):
    """All who may read it beside who made it; whoever is not in the list is taken off."""

    readers: list[UUID] = Field(max_length=200)


class Readers(Schema):
    """Who is named, and who could be."""

    named: list[UUID]
    possible: list[Person]


@router.get("/requests", response=answers(Listed[RequestRow]), auth=READ, operation_id="list_requests")
def list_requests(
    request: HttpRequest,
    wanted: Query[RequestsWanted],
) -> Listed[RequestRow]:
    """Requests that the caller may know of, newest first, fifty a page."""
    found = queries.request_rows(actor_of(request), status=wanted.status or "", search=wanted.q, page=wanted.page)
    return listed(found, [_row(row) for row in found.object_list])


def _row(row: queries.Row) -> RequestRow:
    return RequestRow(
        id=row.pk,
        reference=row.reference,
        title=row.title,
        partner=row.partner,
        country=row.country,
        status=Request.Status(row.status),
        tlp=Tlp(row.tlp),
        since=row.since,
        waits=str(row.waits),
        due=row.due,
    )


@router.post("/requests", response=answers(RequestOut, 201), auth=WRITE, operation_id="start_request")
def start_request(request: HttpRequest, body: StartIn) -> Status[RequestOut]:
    """Start a draft."""
    actor = actor_of(request)
    partner = Partner.objects.filter(pk=body.partner, pk__in=actor.partners).first()
    if partner is None:
        raise PermissionDenied(_("This is for the staff of the partner that asks."))
    made = services.start_request(actor, partner, on_behalf_of=body.on_behalf_of)
    return Status(201, _out(actor, made.pk))


@router.get("/requests/{request_id}", response=answers(RequestOut), auth=READ, operation_id="read_request")
def read_request(request: HttpRequest, request_id: UUID) -> RequestOut:
    """A request, as much of it as is open to the caller."""
    return _out(actor_of(request), request_id)


def _out(actor: Actor, pk: UUID) -> RequestOut:
    held = queries.get_request(actor, pk)
    session, readable = queries.latest_session(held), queries.may_read(held)
    latest = held.versions.first() if readable else None
    said = latest.content if latest else services.working_copy(held)
    return RequestOut(
        id=held.pk,
        reference=held.reference,
        title=queries.title_shown(held),
        partner=AskerOut(id=held.partner.pk, name=held.partner.name, country=held.partner.country),
        status=Request.Status(held.status),
        tlp=Tlp(held.tlp),
        made_at=held.made_at,
        submitted_at=held.submitted_at,
        ready_by=held.ready_by,
        clock_runs=queries.clock_runs(held),
        waits=str(queries.waits_for(held, session.deadline if session and not session.closed_at else None)),
        session=session.pk if session else None,
        closed=None if readable else str(queries.why_closed(held)),
        version=latest.number if latest else None,
        content=said if readable else None,
        withdrawn_why=held.withdrawn_why or None if readable else None,
    )


@router.get(
    "/requests/{request_id}/versions", response=answers(list[VersionOut]), auth=READ, operation_id="list_request_versions"
)
def list_request_versions(request: HttpRequest, request_id: UUID) -> list[VersionOut]:
    """All that was handed in, newest first, each with what it changed."""
    _latest, versions = queries.history(queries.get_readable(actor_of(request), request_id))
    return [
        VersionOut(
            number=one.number,
            made_by=one.made_by,
            made_at=one.made_at,
            digest=one.digest,
            changes=[
                ChangeOut(label=str(c.label), sentence=str(c.sentence), before=c.before, after=c.after) for c in one.changes
            ],
        )
        for one in versions
    ]


@router.get(
    "/requests/{request_id}/text",
    response=answers(None),
    auth=READ,
    operation_id="read_request_text",
    openapi_extra=file_of("text/plain"),
)
def read_request_text(request: HttpRequest, request_id: UUID) -> Any:
    """What was handed in last, as a plain text with its TLP."""
    held = queries.get_readable(actor_of(request), request_id)
    latest, _versions = queries.history(held)
    if latest is None:
        raise PermissionDenied(_("It is not handed in yet."))
    text = HttpResponse(queries.as_text(held, latest), content_type="text/plain; charset=utf-8")
    return named(text, f"request-{held.reference}.txt")


def _edited(actor: Actor, pk: UUID) -> Request:
    """A request whose text the actor may change."""
    held = queries.get_request(actor, pk)
    if not services.may_edit(actor, held):
        raise PermissionDenied(
            queries.why_closed(held) if not queries.may_read(held) else _("This is for the staff of the partner.")
        )
    return held


def _draft(held: Request) -> Draft:
    return Draft(content=services.working_copy(held), base=services.token_of(held))


@router.get("/requests/{request_id}/draft", response=answers(Draft), auth=READ, operation_id="read_draft")
def read_draft(request: HttpRequest, request_id: UUID) -> Draft:
    """What can be edited: the draft, or what was handed in last, to amend it."""
    return _draft(_edited(actor_of(request), request_id))


@router.put("/requests/{request_id}/draft", response=answers(Draft, refused=Missing), auth=WRITE, operation_id="save_draft")
def save_draft(request: HttpRequest, request_id: UUID, body: DraftIn) -> Draft:
    """Keep what is written so far, however little."""
    actor = actor_of(request)
    return _draft(services.save_draft(actor, queries.get_request(actor, request_id), body.content, base=body.base))


@router.post(
    "/requests/{request_id}/hand-in", response=answers(RequestOut, refused=Missing), auth=WRITE, operation_id="submit_request"
)
def submit_request(request: HttpRequest, request_id: UUID, body: HandInIn) -> RequestOut:
    """Hand the draft in: it becomes version 1, and the 72 hours start."""
    actor = actor_of(request)
    services.submit_request(actor, queries.get_request(actor, request_id), base=body.base)
    return _out(actor, request_id)


@router.post(
    "/requests/{request_id}/amend", response=answers(RequestOut, refused=Missing), auth=WRITE, operation_id="amend_request"
)
def amend_request(request: HttpRequest, request_id: UUID, body: DraftIn) -> RequestOut:
    """Hand in a new version. Votes on the version before no longer count."""
    actor = actor_of(request)
    services.amend_request(actor, queries.get_request(actor, request_id), body.content, base=body.base)
    return _out(actor, request_id)


@router.post("/requests/{request_id}/withdraw", response=answers(RequestOut), auth=WRITE, operation_id="withdraw_request")
def withdraw_request(request: HttpRequest, request_id: UUID, body: WhyIn) -> RequestOut:
    """Take the request back."""
    actor = actor_of(request)
    services.withdraw_request(actor, queries.get_request(actor, request_id), body.why)
    return _out(actor, request_id)


@router.get("/requests/{request_id}/readers", response=answers(Readers), auth=READ, operation_id="list_readers")
def list_readers(request: HttpRequest, request_id: UUID) -> Readers:
    """Who may read it under TLP:RED, and who can be named; for who made it."""
    actor = actor_of(request)
    return _readers(actor, queries.get_request(actor, request_id))


def _readers(actor: Actor, held: Request) -> Readers:
    if actor.user is None or held.made_by_id != actor.user.pk:
        raise PermissionDenied(_("Only who made the request names its readers."))
    return Readers(
        named=list(held.readers.order_by("pk").values_list("pk", flat=True)),
        possible=[Person(id=user.pk, name=str(user)) for user in queries.possible_readers(held)],
    )


@router.put("/requests/{request_id}/readers", response=answers(Readers), auth=WRITE, operation_id="name_readers")
def name_readers(request: HttpRequest, request_id: UUID, body: ReadersIn) -> Readers:
    """Set who may read it under TLP:RED."""
    actor = actor_of(request)
    held = queries.get_request(actor, request_id)
    users = list(User.objects.filter(pk__in=body.readers))
    if len(users) != len(set(body.readers)):
        raise Refused(_("Readers are of the council, of the team leaders or of your own organisation."))
    services.name_readers(actor, held, users)
    return _readers(actor, held)
