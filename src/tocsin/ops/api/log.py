"""The log: read, taken away, witnessed."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from tocsin.ops.alliance import log
from tocsin.ops.alliance.access import actor_of
from tocsin.ops.alliance.models import Role
from tocsin.ops.api.auth import allow
from tocsin.ops.api.shapes import Day, Plain, StateCode, answers, file_of, named
from tocsin.ops.common import clock

router = Router(tags=["log"])
READ, WRITE = allow("log:read"), allow("log:write")
JSONL = "application/jsonl"
if TYPE_CHECKING:
    Who = str
else:
    Who = Literal[("server", *Role.values)]
Number = Annotated[int, Field(ge=0, lt=2**63)]


class EntriesWanted(Schema):
    """Which entries. ``subject``: an id, or the start of a kind; days both included; ``before``, ``after``: an entry's number."""

    who: Who | SkipJsonSchema[None] = None
    action: Plain = Field("", max_length=80)
    subject: Plain = Field("", max_length=120)
    start: Day | SkipJsonSchema[None] = None
    end: Day | SkipJsonSchema[None] = None
    before: Number | SkipJsonSchema[None] = None
    after: Number | SkipJsonSchema[None] = None


class EntryOut(Schema):
    """One change. ``who`` and ``did`` say ``actor`` and ``action`` in words; ``digest`` chains it to ``previous`` (SHA-256)."""

    number: int
    time: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    previous: str
    digest: str
    who: str
    did: str


class EntryPage(Schema):
    """Fifty entries, newest first. ``older``: ask for those ``before`` it; ``newer``: for those ``after`` it; null at the ends."""

    items: list[EntryOut]
    newer: int | None
    older: int | None


class HeadOut(Schema):
    """A head of the log, signed by the server with Ed25519: a state keeps it against a log rewritten later."""

    ledger: UUID
    number: int
    digest: str
    time: datetime
    key: str
    signature: str


@router.get("/log", response=answers(EntryPage), auth=READ, operation_id="list_entries")
def list_entries(
    request: HttpRequest,
    sought: Query[EntriesWanted],
) -> EntryPage:
    """A page of the log."""
    wanted = log.Wanted(who=sought.who or "", action=sought.action, subject=sought.subject, start=sought.start, end=sought.end)
    page = log.page(actor_of(request), wanted, before=sought.before, after=sought.after)
    return EntryPage(items=[_entry(line) for line in page.lines], newer=page.newer, older=page.older)


def _entry(line: log.Line) -> EntryOut:
    plain = {name: getattr(line.entry, name) for name in EntryOut.model_fields if name not in ("who", "did")}
    return EntryOut(**plain, who=line.said.who, did=line.said.did)


@router.get("/log/file", response=answers(None), auth=READ, operation_id="export_log", openapi_extra=file_of(JSONL))
def export_log(request: HttpRequest) -> Any:
    """The whole log as the file that `tocsin verify` takes, written while it is read."""
    data = StreamingHttpResponse(log.export(actor_of(request)), content_type=JSONL)
    return named(data, f"log-{clock.now():%Y%m%dT%H%M%SZ}.jsonl")


@router.get(
    "/log/keys", response=answers(None), auth=READ, operation_id="read_log_keys", openapi_extra=file_of("application/json")
)
def read_log_keys(request: HttpRequest) -> Any:
    """Public keys of the server and of all states, retired ones too."""
    return named(HttpResponse(log.public_keys(actor_of(request)), content_type="application/json"), "keys.json")


@router.post("/log/witness/{state}", response=answers(HeadOut, 201), auth=WRITE, operation_id="take_witness")
def take_witness(request: HttpRequest, state: StateCode) -> Status[HeadOut]:
    """Hand the state a signed head of the log as it stands."""
    signed = log.take_witness(actor_of(request), state)
    head = signed.head
    made = HeadOut(
        ledger=UUID(head.ledger),
        number=head.number,
        digest=head.digest,
        time=head.time,
        key=signed.key,
        signature=signed.signature,
    )
    return Status(201, made)


@router.get(
    "/log/witness/{state}", response=answers(None), auth=READ, operation_id="read_witness", openapi_extra=file_of(JSONL)
)
def read_witness(request: HttpRequest, state: StateCode) -> Any:
    """All signed heads that the state was handed, as `tocsin verify --witness` reads them."""
    data = HttpResponse(log.witness_file(actor_of(request), state), content_type=JSONL)
    return named(data, f"witness-{state}.jsonl")
