"""Missions, as an actor may see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.fields.json import KT
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.muster import Need, Seat
from tocsin.ops.activation import caveats
from tocsin.ops.activation.models import LIVE, Mission, Nomination, Proposal, Transition
from tocsin.ops.activation.records import need_from_json, seat_from_json
from tocsin.ops.activation.services.missions import COMMAND, NEXT, OVER
from tocsin.ops.alliance.access import Actor, names
from tocsin.ops.alliance.models import Role, State
from tocsin.terms import Tlp

Stage = Mission.Stage
Status = Nomination.Status
TEAM_KNOWN = (Stage.READY, Stage.DEPLOYED, Stage.STANDING_DOWN, Stage.CLOSED)


@dataclass(frozen=True)
class Row:
    """A mission in a list. ``opens``: whether the actor may open it; otherwise ``name`` is its reference alone."""

    mission: Mission
    name: str
    waits: str
    team: str
    opens: bool


@dataclass(frozen=True)
class Station:
    """A stage on the line: ``done``, ``now`` or ``ahead``; ``reached`` is None ahead."""

    label: str
    state: str
    reached: datetime | None


@dataclass(frozen=True)
class Sat:
    """Somebody in a seat. ``mark``: the class of the mark beside the status."""

    nomination: Nomination
    mark: str


@dataclass(frozen=True)
class Bench:
    """A kind of seat and who sits there. ``free``: places nobody was nominated for."""

    label: str
    people: tuple[Sat, ...]
    free: int


@dataclass(frozen=True)
class Bound:
    """A caveat of the votes. ``held``: the muster holds it; otherwise people read it."""

    text: str
    states: str
    held: bool


@dataclass(frozen=True)
class Sight:
    """A mission's page. ``commands``: the actor may take it on; ``inside``: sees need, proposals and answers."""

    mission: Mission
    name: str
    stations: tuple[Station, ...]
    waits: str
    caveats: tuple[Bound, ...]
    benches: tuple[Bench, ...]
    history: tuple[Transition, ...]
    steps: tuple[tuple[str, str], ...]
    commands: bool
    inside: bool
    own: Nomination | None


MARKS: dict[str, str] = {
    Status.NOMINATED: "wait",
    Status.ACCEPTED: "wait",
    Status.CONFIRMED: "yes",
    Status.DECLINED: "no",
    Status.REFUSED: "no",
    Status.RELEASED: "off",
}


def open_to(actor: Actor) -> Q:
    """Which missions an actor may open: chairs, team leaders and representatives of those who decide all; partners' staff
    their own; experts those that they are nominated for."""
    if actor.has(*COMMAND) or actor.votes_for:
        return Q()
    found = Q(request__partner__in=actor.partners)
    if actor.user and actor.has(Role.EXPERT):
        found |= Q(pk__in=Nomination.objects.filter(expert__user=actor.user, status__in=LIVE).values("mission"))
    return found


def listed(actor: Actor, *, over: bool | None = None) -> QuerySet[Mission]:
    """Missions the actor may know of, the newest first.

    Observers, trainers and administrators know of all, and open none.

    Args:
        over: Only those that are over (True), only those that are not (False), all (None).
    """
    all_known = actor.has(*COMMAND, Role.OBSERVER, Role.TRAINER, Role.ADMINISTRATOR) or bool(actor.votes_for)
    found = Mission.objects.all() if all_known else Mission.objects.filter(open_to(actor))
    if over is not None:
        found = found.filter(stage__in=OVER) if over else found.exclude(stage__in=OVER)
    return _with_what_waits(found).order_by("-made_at", "-pk")


def rows(actor: Actor, missions: Iterable[Mission]) -> list[Row]:
    """A page of ``listed`` as the actor may see it."""
    missions = list(missions)
    may_open = set(Mission.objects.filter(open_to(actor), pk__in=[m.pk for m in missions]).values_list("pk", flat=True))
    return [
        Row(
            mission,
            called(actor, mission) if mission.pk in may_open else mission.request.reference,
            waits_for(mission),
            _team_in_words(mission),
            mission.pk in may_open,
        )
        for mission in missions
    ]


def seen(actor: Actor, mission_id: UUID) -> Mission:
    """A mission the actor may open.

    Raises:
        Http404: Not there, or not for this actor to know.
    """
    found = _with_what_waits(Mission.objects.filter(open_to(actor), pk=mission_id)).first()
    if found is None or actor.user is None:
        raise Http404
    return found


def sight(actor: Actor, mission: Mission) -> Sight:
    """A mission's page as the actor may see it. Those outside see the team once it is ready, and no state's conditions."""
    commands = actor.has(*COMMAND)
    inside = commands or bool(actor.votes_for)
    live = [n for n in mission.nominations.all() if n.status in LIVE]
    own = next((n for n in live if actor.user and n.expert.user_id == actor.user.pk), None)
    team_shown = inside or mission.stage in TEAM_KNOWN
    return Sight(
        mission=mission,
        name=called(actor, mission),
        stations=stations(mission),
        waits=waits_for(mission),
        caveats=bound(mission, state_names()) if inside or own else (),
        benches=benches(mission, live, show_free=inside) if team_shown else (),
        history=tuple(mission.transitions.select_related("made_by")) if inside else (),
        steps=tuple((stage, str(Stage(stage).label)) for stage in NEXT[mission.stage]) if commands else (),
        commands=commands,
        inside=inside,
        own=own,
    )


def called(actor: Actor, mission: Mission) -> str:
    """Its name; the reference where the request is TLP:RED and the actor is not one of its named readers."""
    request = mission.request
    if request.tlp != Tlp.RED or (actor.user and request.made_by_id == actor.user.pk):
        return mission.name
    named = bool(actor.user) and request.readers.filter(pk=actor.user.pk).exists()  # type: ignore[union-attr]
    return mission.name if named else request.reference


def stations(mission: Mission) -> tuple[Station, ...]:
    """The line from activation to closing, by the way the mission went and, from here, the usual one."""
    reached: dict[str, datetime] = {Stage.ACTIVATED: mission.made_at}
    for taken in mission.transitions.all():
        reached[taken.after] = taken.made_at
    way, stage = [str(Stage.ACTIVATED)], str(mission.stage)
    order = (Stage.MUSTERING, Stage.READY, Stage.DEPLOYED, Stage.NOT_DEPLOYED, Stage.STANDING_DOWN, Stage.CLOSED)
    way += [s for s in order if s in reached and s != stage and order.index(s) < _place(stage)]
    if stage not in way:
        way.append(stage)
    while NEXT[way[-1]]:
        way.append(NEXT[way[-1]][0])
    now = way.index(stage)
    return tuple(
        Station(
            str(Stage(name).label),
            "now" if place == now else "done" if place < now else "ahead",
            reached.get(name) if place <= now else None,
        )
        for place, name in enumerate(way)
    )


def waits_for(mission: Mission) -> str:
    """What has to happen next, and who has to do it, in a sentence; empty once it is closed."""
    if mission.stage == Stage.MUSTERING:
        return _muster_waits_for(mission)
    words = {
        Stage.ACTIVATED: _("Waits for the chair or a team leader to state the need."),
        Stage.READY: _("The team is ready and waits for its departure."),
        Stage.DEPLOYED: _("The team is at work until %(end)s."),
        Stage.STANDING_DOWN: _("Waits for its last deliverables, and to be closed."),
        Stage.NOT_DEPLOYED: _("Activated, not deployed: waits to be closed."),
    }
    said = words.get(Stage(mission.stage), "")
    return str(said) % {"end": mission.end.isoformat()} if said else ""


def _muster_waits_for(mission: Mission) -> str:
    proposals = list(mission.proposals.all())
    latest = proposals[0] if proposals else None
    if latest is None:
        return _("Waits for the chair or a team leader to ask for a team.")
    if latest.solved_at is None:
        return _("A team is being worked out.")
    if latest.adopted_at is None:
        found = getattr(latest, "status", None) in ("optimal", "feasible")
        again = any(proposal.adopted_at for proposal in proposals)
        if not found:
            return _("No team meets all conditions: waits for the chair or a team leader to give way.")
        if again:
            return _("Somebody fell out; another team is proposed and waits to be adopted.")
        return _("A team is proposed and waits to be adopted.")
    live = [n for n in mission.nominations.all() if n.status in LIVE]
    asked = [n for n in live if n.status == Status.NOMINATED]
    if asked:
        return ngettext("Waits for %(n)d expert to answer.", "Waits for %(n)d experts to answer.", len(asked)) % {
            "n": len(asked)
        }
    accepted = sorted({n.expert.state.name for n in live if n.status == Status.ACCEPTED})
    if accepted:
        return _("Waits for confirmation by %(states)s.") % {"states": names(accepted, {})}
    return _("Everybody is confirmed: waits to be declared ready.")


def state_names() -> dict[str, str]:
    """Names of the states by code."""
    return {state.code: state.name for state in State.objects.all()}


def bound(mission: Mission, states: Mapping[str, str]) -> tuple[Bound, ...]:
    """The caveats that bind the mission, those that the muster holds first. ``states``: names by code."""
    codes = {name: code for code, name in states.items()}
    found = []
    for caveat in mission.caveats:
        held = [caveats.from_text(codes.get(state, state), caveat["text"]) is not None for state in caveat["states"]]
        found.append(Bound(caveat["text"], names([states.get(s, s) for s in caveat["states"]], {}), all(held)))
    return tuple(sorted(found, key=lambda caveat: not caveat.held))


def benches(mission: Mission, live: Iterable[Nomination], *, show_free: bool = True) -> tuple[Bench, ...]:
    """The team by seat, in the order of the need; seats that the need has no more, and additional members, last."""
    by_seat: dict[Seat | None, list[Sat]] = {}
    for nomination in live:
        by_seat.setdefault(seat_from_json(nomination.seat), []).append(Sat(nomination, MARKS[nomination.status]))
    need = stated(mission)
    found = []
    for seat in need.seats if need and (show_free or by_seat) else ():
        people = tuple(by_seat.pop(seat, ()))
        free = max(seat.number - len(people), 0) if show_free else 0
        if people or free:
            found.append(Bench(seat_label(seat), people, free))
    rest = sorted(by_seat.items(), key=lambda item: item[0] is None)
    return (*found, *(Bench(seat_label(seat), tuple(people), 0) for seat, people in rest))


def stated(mission: Mission) -> Need | None:
    """The mission's need, where it was stated."""
    return need_from_json(mission.need) if mission.need else None


def seat_label(seat: Seat | None) -> str:
    """``Cyber Incident Responder, level 3, on site``."""
    if seat is None:
        return _("Additional member")
    mode = {True: _("on site"), False: _("remote"), None: ""}[seat.on_site]
    return ", ".join(part for part in (seat.profile.label, _("level %(n)d") % {"n": seat.level_min}, mode) if part)


def _place(stage: str) -> int:
    order = [Stage.MUSTERING, Stage.READY, Stage.DEPLOYED, Stage.NOT_DEPLOYED, Stage.STANDING_DOWN, Stage.CLOSED]
    return order.index(Stage(stage)) if stage in order else 0


def _team_in_words(mission: Mission) -> str:
    live = [n for n in mission.nominations.all() if n.status in LIVE]
    if not live:
        return ""
    confirmed = sum(n.status == Status.CONFIRMED for n in live)
    return _("%(n)d of %(all)d confirmed") % {"n": confirmed, "all": len(live)}


def _with_what_waits(found: QuerySet[Mission]) -> QuerySet[Mission]:
    """What rows and sentences read, in a bounded number of queries; results of proposals are large and stay where they are."""
    proposals = Proposal.objects.annotate(status=KT("result__proposal__status")).defer("result", "need")
    nominations: QuerySet[Any] = Nomination.objects.select_related("expert__state")
    return found.select_related("request__partner", "leader").prefetch_related(
        Prefetch("proposals", proposals), Prefetch("nominations", nominations), "transitions"
    )
