"""What goes in and comes out. Input is bounded and has no key that is not named; output is built field by field."""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from django.core.paginator import Page
from django.http import HttpResponse, StreamingHttpResponse
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from tocsin.muster import Cefr, Clearance
from tocsin.ops.activation.models import Nomination, Request
from tocsin.ops.alliance.models import Participation, Partner
from tocsin.ops.common import clock

Item = TypeVar("Item")
Day_ = TypeVar("Day_", bound=date)

# PostgreSQL keeps no NUL in a text; halves of surrogate pairs are no text to begin with.
NO_NUL = r"^[^\x00]*$"


class Input(Schema):
    """What a caller sends. An unknown key is refused: nothing is assigned that was not asked for."""

    model_config = ConfigDict(extra="forbid")


def _spelt(pattern: str, example: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII | re.IGNORECASE):
            raise ValueError(f"expected text such as {example}")
        return value

    return check


def _ours(value: Day_) -> Day_:
    clock.need_years(value)
    return value


def _number(value: Any) -> Any:
    # In JSON 5.0 is a whole number, too, and true and "5" are none.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a number")
    return value


def one_of(choices: type[Enum]) -> WithJsonSchema:
    """JSON schema of an enumeration in place: those of several models have one name, which the document would mix up."""
    return WithJsonSchema({"type": "string", "enum": [choice.value for choice in choices]})


Plain = Annotated[str, StringConstraints(pattern=NO_NUL)]
Why = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=400)]
Note = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=400)]
# Never longer than this, and never shown again.
Passphrase = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=400)]
Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[A-Za-z0-9_.+-]{1,64}@([A-Za-z0-9-]{1,40}\.){1,3}[A-Za-z]{2,24}$"),
]
StateCode = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$"), Field(description="ISO 3166-1 alpha-2")]
Day = Annotated[date, BeforeValidator(_spelt(r"\d{4}-\d{2}-\d{2}", "2022-02-22")), AfterValidator(_ours)]
Moment = Annotated[
    datetime,
    BeforeValidator(
        _spelt(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", "2022-02-22T14:00:00Z (RFC 3339)")
    ),
    AfterValidator(_ours),
]
Yes = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, BeforeValidator(_number)]
# Bounds first: behind a validator, pydantic's schema would not know them for JSON Schema's minimum and maximum.
Count = Annotated[int, Field(ge=0, le=99), BeforeValidator(_number)]
Level = Annotated[int, Field(ge=1, le=5), BeforeValidator(_number)]
PageNumber = Annotated[int, Field(ge=1, le=100_000)]
RequestStatus = Annotated[Request.Status, one_of(Request.Status)]
NominationStatus = Annotated[Nomination.Status, one_of(Nomination.Status)]
StateRole = Annotated[Participation.Role, one_of(Participation.Role)]
PartnerKind = Annotated[Partner.Kind, one_of(Partner.Kind)]
CefrName = Literal["A1", "A2", "B1", "B2", "C1", "C2"]
ClearanceName = Literal["none", "restricted", "confidential", "secret", "top_secret"]
Mode = Literal["on_site", "remote"]


def by_state(most: int) -> dict[str, Any]:
    """JSON schema of numbers by state; pydantic's own leaves open what other keys are."""
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{2}$"},
        "additionalProperties": {"type": "integer", "minimum": 0, "maximum": most},
        "maxProperties": 50,
    }


def cefr_name(level: int) -> CefrName:
    """``B2``."""
    name: Any = Cefr(level).name
    return name  # type: ignore[no-any-return]


def clearance_name(level: int) -> ClearanceName:
    """``top_secret``."""
    name: Any = Clearance(level).name.lower()
    return name  # type: ignore[no-any-return]


class Listed(Schema, Generic[Item]):
    """A page of a list. A number past the end gives the last page."""

    items: list[Item]
    page: int
    pages: int
    total: int


def listed(page: "Page[Any]", items: list[Item]) -> Listed[Item]:
    """A page as it goes out."""
    return Listed(items=items, page=page.number, pages=page.paginator.num_pages, total=page.paginator.count)


class Person(Schema):
    """Somebody, by name."""

    id: UUID
    name: str


class Span(Schema):
    """First and last day, both included."""

    start: date
    end: date


class Said(Schema):
    """Why not, in a sentence; for 409 also what to do."""

    detail: str


class Missing(Said):
    """As ``Said``; ``problems``: what is wrong, by key of the request; ``theirs``: what somebody else saved meanwhile."""

    problems: dict[str, str] | None = None
    theirs: dict[str, Any] | None = None


class Wrong(Schema):
    """One thing in the input that was not expected: where it stands, and what is wrong."""

    loc: list[str | int]
    msg: str
    type: str


class Invalid(Schema):
    """What was not expected."""

    detail: list[Wrong]


def answers(found: Any, status: int = 200, *, refused: Any = Said) -> dict[int, Any]:
    """Every status of an operation, and what comes with it."""
    errors = {400: Said, 401: Said, 403: Said, 404: Said, 409: refused, 413: Said, 422: Invalid, 429: None}
    return {status: found, **errors}


def file_of(media_type: str) -> dict[str, Any]:
    """What the documentation says of an operation that answers with a file."""
    kind = "object" if media_type == "application/json" else "string"
    return {"responses": {200: {"content": {media_type: {"schema": {"type": kind}}}}}}


def named(response: HttpResponse | StreamingHttpResponse, name: str) -> HttpResponse | StreamingHttpResponse:
    """A file under a name that the server made."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
