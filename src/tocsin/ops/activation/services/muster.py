"""The muster: the need, proposals that the worker solves, nominations and their answers.

An expert is held by a nomination from the moment it is sent (``models.LIVE``). Two missions never hold the same expert on the
same day: whoever nominates locks the experts' rows first, and looks at their nominations after.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from tocsin import muster
from tocsin.muster.solve import check
from tocsin.ops.activation import caveats
from tocsin.ops.activation.models import LIVE, Mission, Nomination, Proposal, TrainingNeed
from tocsin.ops.activation.records import (
    Answer,
    answer_from_json,
    answer_to_json,
    need_from_json,
    need_to_json,
    seat_from_json,
    seat_to_json,
)
from tocsin.ops.activation.services import missions
from tocsin.ops.alliance.access import Actor, participants
from tocsin.ops.alliance.models import Expert, Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused

Status = Nomination.Status
LIMIT_S = 5.0
RECENT = timedelta(days=365)  # missions of the last year count as recent, for fairness
_PROFILE = {profile.value: profile for profile in muster.EcsfProfile}
ROOM = "room"  # how the log names the worker


@transaction.atomic
def state_need(actor: Actor, mission: Mission, need: muster.Need) -> None:
    """Say what team the mission needs. The caveats of the votes bind it whatever ``need.caveats`` holds.

    The first need starts the muster; another one asks for nothing by itself.

    Raises:
        PermissionDenied: Neither a chair nor a team leader.
        Refused: The mission's team is settled, or the need contradicts itself in form.
    """
    missions.need_command(actor)
    locked = Mission.objects.select_for_update().get(pk=mission.pk)
    missions.need_open(locked)
    if not need.seats and not need.size_min:
        raise Refused(_("Ask for at least one seat, or for a team of at least one."))
    bound = replace(need, caveats=binding(locked), accepted=(), declined=(), current={}, pinned=(), excluded=())
    try:
        check((), bound)
    except ValueError as error:
        raise Refused(str(error)) from error
    locked.need, locked.start, locked.end = need_to_json(bound), need.start, need.end
    locked.save(update_fields=["need", "start", "end"])
    audit.record(actor.label, "state_need", f"mission {mission.pk}", {"seats": sum(seat.number for seat in need.seats)})
    if locked.stage == Mission.Stage.ACTIVATED:
        missions.step(actor, locked, Mission.Stage.MUSTERING, _("The need was stated."))
    mission.refresh_from_db()


@transaction.atomic
def ask_proposal(actor: Actor, mission: Mission, *, pinned: Collection[str] = (), excluded: Collection[str] = ()) -> Proposal:
    """Ask for the best team; the worker solves it. A proposal that still waits is superseded by this one.

    Args:
        pinned: Ids of experts who must be in.
        excluded: Ids of experts who must not.

    Raises:
        PermissionDenied: Neither a chair nor a team leader.
        Refused: The need was not stated yet, the team is settled, or somebody is named who is not in the pool.
    """
    missions.need_command(actor)
    locked = Mission.objects.select_for_update().get(pk=mission.pk)
    missions.need_open(locked)
    return _ask(actor, locked, pinned, excluded)


def solve_waiting() -> bool:
    """Solve one proposal that waits. True where there was one.

    The solver runs outside of any transaction, since SQLite has one writer and five seconds are long. Two workers may solve
    the same proposal; the first stores its answer, the other finds that it waits no more. A killed worker leaves it waiting.
    """
    waiting = Proposal.objects.filter(solved_at=None).order_by("asked_at").select_related("mission").first()
    if waiting is None:
        return False
    need = up_to_date(waiting.mission, need_from_json(waiting.need))
    answer = _answer(pool_for(waiting.mission, need), need)
    with transaction.atomic():
        stored = Proposal.objects.filter(pk=waiting.pk, solved_at=None).update(
            need=need_to_json(need), result=answer_to_json(answer), solved_at=clock.now()
        )
        if stored:
            status = answer.proposal.status if answer.proposal else "refused"
            audit.record(ROOM, "solve_proposal", f"proposal {waiting.pk}", {"status": status})
    return True


@transaction.atomic
def adopt_proposal(actor: Actor, proposal: Proposal) -> list[Nomination]:
    """Take the proposed team: who is new in it is asked, who was asked and is not in it is released. Returns the team.

    Raises:
        PermissionDenied: Neither a chair nor a team leader.
        Refused: It is not the latest, has no team, leaves out somebody who has accepted since, or takes somebody whom
            another mission has taken since.
    """
    missions.need_command(actor)
    mission = Mission.objects.select_for_update().get(pk=proposal.mission_id)
    missions.need_open(mission)
    proposal = Proposal.objects.get(pk=proposal.pk)
    answer = answer_from_json(proposal.result) if proposal.solved_at else Answer()
    if proposal.adopted_at is not None:
        raise Refused(_("This team was adopted already."))
    if not answer.team_found or answer.proposal is None or mission.proposals.first() != proposal:
        raise Refused(_("Only the latest proposal can be adopted, once it has a team."))
    need = need_from_json(proposal.need)
    team = {member.expert_id: member for member in answer.proposal.team}
    # Everyone's rows in one order, so that two adoptions wait for each other instead of blocking each other.
    experts = {str(e.pk): e for e in Expert.objects.select_for_update().filter(pk__in=list(team)).order_by("pk")}
    live = {str(n.expert_id): n for n in mission.nominations.filter(status__in=LIVE)}
    _need_whole(need, mission, experts, team, live)
    now = clock.now()
    for person, nomination in live.items():
        if person not in team:
            _set(nomination, Status.RELEASED)
    for person, member in team.items():
        if person in live:
            kept = live[person]
            kept.seat, kept.reason = seat_to_json(member.seat), member.reason[:600]
            kept.start, kept.end = need.start, need.end
            kept.save(update_fields=["seat", "reason", "start", "end"])
        else:
            live[person] = Nomination.objects.create(
                mission=mission,
                expert=experts[person],
                seat=seat_to_json(member.seat),
                reason=member.reason[:600],
                start=need.start,
                end=need.end,
                made_at=now,
                changed_at=now,
            )
    _keep_training_needs(mission, answer.training)
    Proposal.objects.filter(pk=proposal.pk).update(adopted_at=now)
    if mission.stage != Mission.Stage.MUSTERING:
        missions.step(actor, mission, Mission.Stage.MUSTERING, _("Another team was adopted."))
    audit.record(
        actor.label, "adopt_proposal", f"proposal {proposal.pk}", {"mission": str(mission.pk), "team": sorted(team)}, time=now
    )
    return [live[person] for person in team]


@transaction.atomic
def answer_nomination(actor: Actor, nomination: Nomination, *, accept: bool, text: str = "") -> Nomination:
    """Say yes or no to a nomination. A no asks for a new proposal around those who have accepted.

    Raises:
        PermissionDenied: Not the nominated expert.
        Refused: It was answered already, or withdrawn.
    """
    mission, held = _held(nomination)
    if actor.user is None or held.expert.user_id != actor.user.pk:
        raise PermissionDenied(_("Only the expert who is asked answers."))
    if held.status not in ((Status.NOMINATED,) if accept else (Status.NOMINATED, Status.ACCEPTED)):
        raise Refused(_("This nomination is %(status)s; there is nothing to answer.") % {"status": held.get_status_display()})
    _set(held, Status.ACCEPTED if accept else Status.DECLINED, text)
    audit.record(actor.label, "answer_nomination", f"nomination {held.pk}", {"accept": accept, "mission": str(mission.pk)})
    if not accept:
        _solve_again(actor, mission)
    return held


@transaction.atomic
def confirm_nomination(actor: Actor, nomination: Nomination, *, confirm: bool, text: str = "") -> Nomination:
    """Say for the state whether its expert may go. Confirmed is who has accepted; refused may be anybody of its own.

    Raises:
        PermissionDenied: Not a representative of the expert's state.
        Refused: The expert has not accepted, or it was settled already.
    """
    mission, held = _held(nomination)
    actor.need(Role.REPRESENTATIVE, state=held.expert.state.code)
    if confirm and held.status == Status.NOMINATED:
        raise Refused(_("%(name)s has not accepted yet.") % {"name": held.expert.name})
    if held.status not in ((Status.ACCEPTED,) if confirm else LIVE):
        raise Refused(_("This nomination is %(status)s already.") % {"status": held.get_status_display()})
    if not confirm:
        missions.need_open(mission)
    _set(held, Status.CONFIRMED if confirm else Status.REFUSED, text)
    audit.record(actor.label, "confirm_nomination", f"nomination {held.pk}", {"confirm": confirm, "mission": str(mission.pk)})
    if not confirm:
        _solve_again(actor, mission)
    return held


@transaction.atomic
def release_nomination(actor: Actor, nomination: Nomination, *, text: str = "") -> Nomination:
    """Let somebody go who is in the team, for a reason that is not theirs. Before departure, another team is asked for.

    Raises:
        PermissionDenied: Neither a chair nor a team leader.
        Refused: The nomination holds nobody any more.
    """
    missions.need_command(actor)
    mission, held = _held(nomination)
    if held.status not in LIVE:
        raise Refused(_("This nomination is %(status)s already.") % {"status": held.get_status_display()})
    _set(held, Status.RELEASED, text)
    audit.record(actor.label, "release_nomination", f"nomination {held.pk}", {"mission": str(mission.pk)})
    if mission.stage in (Mission.Stage.MUSTERING, Mission.Stage.READY):
        _solve_again(actor, mission)
    return held


def binding(mission: Mission) -> tuple[muster.Caveat, ...]:
    """The mission's caveats that the muster can hold."""
    codes = {state.name: state.code for state in State.objects.all()}
    read = [caveats.from_text(codes.get(state, state), c["text"]) for c in mission.caveats for state in c["states"]]
    return tuple(dict.fromkeys(caveat for caveat in read if caveat is not None))


def up_to_date(mission: Mission, need: muster.Need) -> muster.Need:
    """The need with what people have said until now: who has accepted, who declined, who is asked for which seat."""
    said = list(mission.nominations.values_list("expert_id", "status", "seat"))
    live = {str(person): seat_from_json(seat) for person, status, seat in said if status in LIVE}
    return replace(
        need,
        accepted=tuple(sorted(str(p) for p, status, _seat in said if status in (Status.ACCEPTED, Status.CONFIRMED))),
        declined=tuple(
            sorted({str(p) for p, status, _seat in said if status in (Status.DECLINED, Status.REFUSED)} - live.keys())
        ),
        current=live,
        caveats=binding(mission),
    )


def pool_for(mission: Mission, need: muster.Need) -> list[muster.Expert]:
    """Everyone who may be asked: experts in the pool of states that participate, and who is in this mission's team."""
    people = (
        Expert.objects.filter(Q(active=True, state__code__in=participants()) | Q(pk__in=list(need.current)))
        .select_related("state")
        .prefetch_related("profiles", "languages", "availability")
    )
    taken = Nomination.objects.filter(status__in=LIVE, end__gte=need.start, start__lte=need.end).exclude(mission=mission)
    busy: dict[UUID, list[muster.Days]] = {}
    for person, start, end in taken.exclude(mission__stage__in=missions.OVER).values_list("expert_id", "start", "end"):
        busy.setdefault(person, []).append((start, end))
    since = need.start - RECENT
    recent = dict(
        Nomination.objects.filter(status=Status.CONFIRMED, start__gte=since, start__lte=need.start)
        .exclude(mission=mission)
        .exclude(mission__stage=Mission.Stage.NOT_DEPLOYED)
        .values_list("expert_id")
        .annotate(Count("pk"))
    )
    return [as_solved(person, busy.get(person.pk, ()), recent.get(person.pk, 0)) for person in people]


def as_solved(person: Expert, busy: Iterable[muster.Days] = (), recent: int = 0) -> muster.Expert:
    """An expert as the solver knows them."""
    return muster.Expert(
        id=str(person.pk),
        state=person.state.code,
        name=person.name,
        profiles={_PROFILE[held.profile]: held.level for held in person.profiles.all()},
        languages={spoken.language: muster.Cefr(spoken.level) for spoken in person.languages.all()},
        clearance=muster.Clearance(person.clearance),
        sector=muster.Sector(person.sector),
        on_site=person.on_site,
        remote=person.remote,
        free=tuple((span.start, span.end) for span in person.availability.all()),
        busy=tuple(busy),
        recent_missions=recent,
    )


def _answer(pool: list[muster.Expert], need: muster.Need) -> Answer:
    try:
        proposal = muster.solve(pool, need, limit_s=LIMIT_S)
    except ValueError as error:  # the need contradicts itself in form; the message is for the chair
        return Answer(refused=str(error))
    return Answer(proposal, muster.training_needs(proposal, pool, need))


def _ask(actor: Actor, mission: Mission, pinned: Collection[str], excluded: Collection[str]) -> Proposal:
    """Leave a proposal for the worker. The mission's row is locked by the caller."""
    if mission.need is None:
        raise Refused(_("State the need first: who is asked for, and for when."))
    need = up_to_date(mission, need_from_json(mission.need))
    known = {str(pk) for pk in Expert.objects.values_list("pk", flat=True)}
    if set(pinned) & set(excluded) or not known >= {*pinned, *excluded}:
        raise Refused(_("Somebody is both pinned and excluded, or not in the pool."))
    need = replace(need, pinned=tuple(sorted(pinned)), excluded=tuple(sorted(excluded)))
    now = clock.now()
    mission.proposals.filter(solved_at=None).update(solved_at=now, result=answer_to_json(Answer(superseded=True)))
    assert actor.user is not None, "nobody in particular asks for no proposal"
    asked = Proposal.objects.create(mission=mission, need=need_to_json(need), asked_by=actor.user, asked_at=now)
    audit.record(actor.label, "ask_proposal", f"proposal {asked.pk}", {"mission": str(mission.pk)}, time=now)
    return asked


def _solve_again(actor: Actor, mission: Mission) -> None:
    """Somebody fell out: propose another team, with who was pinned and excluded before and is still to be had."""
    if mission.stage not in (Mission.Stage.MUSTERING, Mission.Stage.READY):
        return
    latest = mission.proposals.first()
    before = need_from_json(latest.need) if latest else None
    lost = {str(pk) for pk in mission.nominations.exclude(status__in=LIVE).values_list("expert_id", flat=True)}
    pinned = set(before.pinned) - lost if before else set()
    _ask(actor, mission, pinned, set(before.excluded) if before else set())
    if mission.stage == Mission.Stage.READY:
        missions.step(actor, mission, Mission.Stage.MUSTERING, _("A member of the team fell out."))


def _held(nomination: Nomination) -> tuple[Mission, Nomination]:
    """The nomination as it stands, its mission locked first: answers to one mission follow one another."""
    mission = Mission.objects.select_for_update().get(pk=nomination.mission_id)
    return mission, Nomination.objects.select_related("expert__state", "mission").get(pk=nomination.pk)


def _set(nomination: Nomination, status: str, text: str = "") -> None:
    nomination.status, nomination.answer, nomination.changed_at = status, text.strip()[:400], clock.now()
    nomination.save(update_fields=["status", "answer", "changed_at"])


def _need_whole(
    need: muster.Need,
    mission: Mission,
    experts: Mapping[str, Expert],
    team: Mapping[str, muster.Member],
    live: Mapping[str, Nomination],
) -> None:
    """Refuse a team that is not, or no longer, to be had."""
    settled = (Status.ACCEPTED, Status.CONFIRMED)
    for person, nomination in live.items():
        moved = person in team and seat_to_json(team[person].seat) != nomination.seat
        if nomination.status in settled and (person not in team or moved):
            raise Refused(
                _("%(name)s has accepted since this team was proposed. Solve again.") % {"name": nomination.expert.name}
            )
    gone = [person for person in team if person not in experts or not (experts[person].active or person in live)]
    said_no = mission.nominations.filter(expert__in=list(team), status__in=(Status.DECLINED, Status.REFUSED))
    if gone or any(str(n.expert_id) not in live for n in said_no):
        raise Refused(_("Somebody in this team has declined or left the pool since. Solve again."))
    elsewhere = (
        Nomination.objects.filter(expert__in=list(team), status__in=LIVE, start__lte=need.end, end__gte=need.start)
        .exclude(mission=mission)
        .exclude(mission__stage__in=missions.OVER)
        .select_related("expert", "mission")
    )
    taken = [f"{n.expert.name} ({n.mission.request.reference})" for n in elsewhere.select_related("mission__request")]
    if taken:
        raise Refused(_("Taken by another mission since: %(names)s. Solve again.") % {"names": ", ".join(taken)})


def _keep_training_needs(mission: Mission, needs: Iterable[muster.TrainingNeed]) -> None:
    """The latest team's, in place of an earlier one's: what was open then may be filled now."""
    mission.training_needs.all().delete()
    TrainingNeed.objects.bulk_create(
        TrainingNeed(mission=mission, skill=skill_of(n), short=n.short, holders=n.holders, reason=n.reason[:600]) for n in needs
    )


def skill_of(need: muster.TrainingNeed) -> str:
    """``Penetration Tester, level 3``; ``uk B2``."""
    if need.profile is not None:
        return f"{need.profile.label}, level {need.level}"
    assert need.cefr is not None and need.language, "a training need is of a profile or of a language"
    return f"{need.language} {need.cefr.name}"
