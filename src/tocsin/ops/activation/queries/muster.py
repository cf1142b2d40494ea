"""Need, proposals, nominations and the pool's readiness, as an actor may see them."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from tocsin import muster
from tocsin.muster.words import language_name
from tocsin.ops.activation.models import LIVE, Mission, Nomination, Proposal, TrainingNeed
from tocsin.ops.activation.queries import missions
from tocsin.ops.activation.records import Answer, answer_from_json, need_from_json, seat_to_json
from tocsin.ops.activation.services.missions import COMMAND
from tocsin.ops.alliance import calendar
from tocsin.ops.alliance.access import Actor
from tocsin.ops.alliance.models import Expert, ExpertLanguage, ExpertProfile, Role
from tocsin.ops.alliance.people import SEE_THE_POOL


@dataclass(frozen=True)
class Chosen:
    """Somebody in a proposed team. ``nomination``: where they were asked already."""

    expert: Expert
    reason: str
    pinned: bool
    nomination: Nomination | None
    mark: str


@dataclass(frozen=True)
class Close:
    """Somebody who nearly had a seat."""

    expert: Expert
    seat: str
    reason: str


@dataclass(frozen=True)
class Place:
    """A kind of seat in a proposed team: who takes it, who nearly did. ``short``: places that stay open, and ``why``."""

    label: str
    people: tuple[Chosen, ...]
    nearly: tuple[Close, ...]
    short: int
    why: str


@dataclass(frozen=True)
class Said:
    """A condition in words, and where it can be changed; empty where it cannot."""

    sentence: str
    url: str


@dataclass(frozen=True)
class Solution:
    """The latest proposal of a mission, as its page shows it.

    ``lost``: who fell out since the team before was adopted; ``kept``: how many have accepted. ``stale``: what people have
    said since does not fit it any more. ``pinned``, ``excluded``: whom the chair named.
    """

    proposal: Proposal
    answer: Answer
    places: tuple[Place, ...]
    wishes: tuple[str, ...]
    conflicts: tuple[tuple[Said, ...], ...]
    remedy: tuple[Said, ...]
    pinned: tuple[Expert, ...]
    excluded: tuple[Expert, ...]
    lost: tuple[Nomination, ...]
    kept: int
    states: tuple[tuple[str, int], ...]
    people: int
    adoptable: bool


@dataclass(frozen=True)
class Readiness:
    """How many are free for something: ``label``, all of them, and by state (code, number)."""

    label: str
    free: int
    states: tuple[tuple[str, int], ...]


def need_of(actor: Actor, mission_id: UUID) -> Mission:
    """A mission whose need and proposals the actor may see: chairs, team leaders, representatives of those who decide.

    Raises:
        Http404: Not there, or not for this actor to know.
    """
    found = missions.seen(actor, mission_id)
    if not (actor.has(*COMMAND) or actor.votes_for):
        raise Http404
    return found


def proposal_of(actor: Actor, proposal_id: UUID) -> Proposal:
    """A proposal the actor may see; as ``need_of``."""
    found = Proposal.objects.filter(pk=proposal_id).select_related("mission").first()
    if found is None:
        raise Http404
    need_of(actor, found.mission_id)
    return found


def solution(mission: Mission) -> Solution | None:
    """The latest proposal with all that its page says; None where none was asked for. The caller has seen to who may see it."""
    proposal = Proposal.objects.filter(mission=mission).first()
    if proposal is None:
        return None
    need = need_from_json(proposal.need)
    answer = answer_from_json(proposal.result) if proposal.result else Answer()
    solved = answer.proposal or muster.Proposal("unknown")
    ids = {m.expert_id for m in solved.team} | {n.expert_id for n in solved.nearly} | {*need.pinned, *need.excluded}
    experts = {str(e.pk): e for e in Expert.objects.filter(pk__in=ids).select_related("state")}
    said = list(mission.nominations.all())
    live = {str(n.expert_id): n for n in said if n.status in LIVE}
    team = [m for m in solved.team if m.expert_id in experts]
    counted = Counter(experts[m.expert_id].state.name for m in team)
    return Solution(
        proposal=proposal,
        answer=answer,
        places=_places(need, solved, experts, live),
        wishes=tuple(missing.reason for missing in solved.open if not isinstance(missing.wish, muster.Seat)),
        conflicts=tuple(_said(mission, conflict.rules, conflict.sentences) for conflict in solved.conflicts),
        remedy=_said(mission, solved.remedy.rules, solved.remedy.sentences),
        pinned=tuple(experts[person] for person in need.pinned if person in experts),
        excluded=tuple(experts[person] for person in need.excluded if person in experts),
        lost=tuple(n for n in said if str(n.expert_id) in need.declined),
        kept=len(need.accepted),
        states=tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))),
        people=len(team),
        adoptable=answer.team_found and proposal.adopted_at is None,
    )


def latest_need(mission: Mission) -> muster.Need | None:
    """The need of the latest proposal: whom the chair had pinned and excluded in it."""
    kept = Proposal.objects.filter(mission=mission).values_list("need", flat=True).first()
    return need_from_json(kept) if kept else None


def nominations(actor: Actor) -> list[Nomination]:
    """What the actor is asked, as an expert: the open ones first, then the newest."""
    if actor.user is None:
        return []
    found = Nomination.objects.filter(expert__user=actor.user).select_related("mission__request__partner", "expert__state")
    return sorted(found.order_by("-made_at"), key=lambda n: n.status != Nomination.Status.NOMINATED)


def to_confirm(actor: Actor) -> QuerySet[Nomination]:
    """Nominations of experts of the states that the actor represents, on missions whose team is not settled; by mission."""
    return (
        Nomination.objects.filter(
            expert__state__code__in=actor.states(Role.REPRESENTATIVE) & actor.votes_for,
            status__in=LIVE,
            mission__stage__in=(Mission.Stage.MUSTERING, Mission.Stage.READY),
        )
        .select_related("mission__request__partner", "expert__state")
        .order_by("mission", "made_at")
    )


def nomination_of(actor: Actor, nomination_id: UUID) -> Nomination:
    """A nomination that the actor may know of: their own, one of their state, any for those in command.

    Raises:
        Http404: Not there, or not for this actor to know.
    """
    found = Nomination.objects.filter(pk=nomination_id).select_related("expert__state", "mission").first()
    if found is None or actor.user is None:
        raise Http404
    own = found.expert.user_id == actor.user.pk
    if not (own or actor.has(*COMMAND) or actor.votes_for):
        raise Http404
    return found


def training(actor: Actor) -> QuerySet[TrainingNeed]:
    """What no state could supply, the newest first.

    Raises:
        PermissionDenied: Not for this actor.
    """
    actor.need(*SEE_THE_POOL)
    return TrainingNeed.objects.select_related("mission__request").order_by("-made_at", "skill")


def readiness(actor: Actor, days: int = 1) -> list[Readiness]:
    """How many could leave now, by profile in the framework's order; nobody's business outside those who see the pool.

    Args:
        days: Free from today for so many days more (0: today alone).
    """
    if not actor.has(*SEE_THE_POOL):
        return []
    counted = ExpertProfile.objects.filter(expert__in=_free_now(days)).values_list("profile", "expert__state__code")
    found = _by_state(counted.annotate(Count("pk")))
    return [_row(profile.label, found.get(profile.value, {})) for profile in muster.EcsfProfile]


def languages(actor: Actor, days: int = 1, level_min: muster.Cefr = muster.Cefr.B2) -> list[Readiness]:
    """How many could leave now who speak a language at ``level_min`` or above, the most first; as ``readiness``."""
    if not actor.has(*SEE_THE_POOL):
        return []
    spoken = ExpertLanguage.objects.filter(expert__in=_free_now(days), level__gte=level_min)
    found = _by_state(spoken.values_list("language", "expert__state__code").annotate(Count("pk")))
    rows = [_row(language_name(code), states) for code, states in found.items()]
    return sorted(rows, key=lambda row: (-row.free, row.label))


def _free_now(days: int) -> QuerySet[Expert]:
    today = timezone.localdate()
    return calendar.free(Expert.objects.filter(active=True), today, today + timedelta(days=days))


def _by_state(counted: QuerySet[Any, tuple[Any, ...]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for what, state, number in counted.order_by():
        found.setdefault(what, {})[state] = number
    return found


def _row(label: str, states: dict[str, int]) -> Readiness:
    return Readiness(label, sum(states.values()), tuple(sorted(states.items(), key=lambda item: (-item[1], item[0]))))


def _places(
    need: muster.Need, solved: muster.Proposal, experts: dict[str, Expert], live: dict[str, Nomination]
) -> tuple[Place, ...]:
    """The team by seat, in the order of the need, additional members last."""
    places = []
    for seat in (*need.seats, None):
        people = tuple(
            _chosen(member, experts[member.expert_id], need, live.get(member.expert_id))
            for member in solved.team
            if member.seat == seat and member.expert_id in experts
        )
        nearly = tuple(
            Close(experts[near.expert_id], missions.seat_label(near.seat), near.reason)
            for near in solved.nearly
            if near.seat == seat and near.expert_id in experts
        )
        missing = next((m for m in solved.open if m.wish == seat), None) if seat else None
        if people or nearly or missing:
            short, why = (missing.short, missing.reason) if missing else (0, "")
            places.append(Place(missions.seat_label(seat), people, nearly, short, why))
    return tuple(places)


def _chosen(member: muster.Member, expert: Expert, need: muster.Need, nomination: Nomination | None) -> Chosen:
    same = nomination if nomination and nomination.seat == seat_to_json(member.seat) else None
    mark = missions.MARKS[same.status] if same else ""
    return Chosen(expert, member.reason, member.expert_id in need.pinned, same, mark)


def _said(mission: Mission, rules: tuple[tuple[str, str], ...], sentences: tuple[str, ...]) -> tuple[Said, ...]:
    return tuple(Said(sentence, _where(mission, *rule)) for rule, sentence in zip(rules, sentences, strict=True))


# Where in the need's form a condition is set; the rest of its key is filled in.
_FIELDS = {
    "size_min": "size_min",
    "size_max": "size_max",
    "state_min": "state_min_{}",
    "state_max": "state_max_{}",
    "civil_min": "civil_min",
    "military_min": "military_min",
    "shared_profiles_min": "shared_profiles_min",
    "clearance_min": "clearance_min",
    "places": "seats-{}-number",
    "away": "start",
}


def _where(mission: Mission, kind: str, of: str) -> str:
    """The page and field in which a condition can be changed."""
    if kind == "away" and of:
        return reverse("expert-calendar", args=[of])
    if kind in ("pinned", "excluded"):
        return reverse("mission-muster", args=[mission.pk]) + "#named"
    if kind in ("none_from", "remote_only", "at_most"):
        return reverse("mission", args=[mission.pk]) + "#caveats"
    if kind in ("seat", "mode") and of:
        return reverse("expert", args=[of])
    if kind in ("accepted", "declined"):
        return reverse("mission", args=[mission.pk]) + "#team"
    field = _FIELDS.get(kind, "")
    return f"{reverse('mission-need', args=[mission.pk])}#id_{field.format(of)}" if field else ""
