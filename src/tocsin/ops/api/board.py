"""The situation: what runs out, and what waits for whom."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from tocsin.ops.activation.queries import board
from tocsin.ops.alliance.access import actor_of
from tocsin.ops.api.auth import allow
from tocsin.ops.api.shapes import answers

router = Router(tags=["situation"])


class ClockOut(Schema):
    """Something that runs out."""

    key: str
    label: str
    due: datetime
    note: str


class WaitingOut(Schema):
    """Something that goes on only when somebody acts. ``mine``: it is the caller."""

    key: str
    what: str
    waits_for: str
    since: datetime
    mine: bool


class Situation(Schema):
    """What the board says. ``more``: how many things wait beside those listed."""

    clocks: list[ClockOut]
    waiting: list[WaitingOut]
    more: int


@router.get(
    "/situation",
    response=answers(Situation),
    auth=allow("requests:read", "council:read", "missions:read"),
    operation_id="read_situation",
)
def read_situation(request: HttpRequest) -> Situation:
    """The soonest clocks, and what waits: for the caller first, then the longest."""
    found = board.situation(actor_of(request))
    return Situation(
        clocks=[ClockOut(key=c.key, label=c.label, due=c.due, note=str(c.note)) for c in found.clocks],
        waiting=[
            WaitingOut(key=w.key, what=w.what, waits_for=str(w.waits_for), since=w.since, mine=w.mine) for w in found.waiting
        ],
        more=found.more,
    )
