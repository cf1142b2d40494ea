"""A mission from activation to stand-down: which step may follow which, and what has to be true before."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.ops.activation.models import Mission, Nomination, Session, Transition
from tocsin.ops.activation.queries import council as queries
from tocsin.ops.activation.records import answer_from_json
from tocsin.ops.alliance.access import Actor, actor_for
from tocsin.ops.alliance.models import Expert, Membership, Role
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import User
from tocsin.terms import Tlp

COMMAND = (Role.CHAIR, Role.TEAM_LEADER)

Stage = Mission.Stage
# Which stage may follow which. The first is the usual way.
NEXT: Mapping[str, tuple[str, ...]] = {
    Stage.ACTIVATED: (Stage.MUSTERING, Stage.NOT_DEPLOYED),
    Stage.MUSTERING: (Stage.READY, Stage.NOT_DEPLOYED),
    Stage.READY: (Stage.DEPLOYED, Stage.MUSTERING, Stage.NOT_DEPLOYED),
    Stage.DEPLOYED: (Stage.STANDING_DOWN,),
    Stage.STANDING_DOWN: (Stage.CLOSED,),
    Stage.NOT_DEPLOYED: (Stage.CLOSED,),
    Stage.CLOSED: (),
}
OVER = (Stage.NOT_DEPLOYED, Stage.CLOSED)

READY_AFTER = timedelta(days=3)  # the 72 h within which a team is ready
USUAL = timedelta(days=14)
LONGEST_DAYS = 366


def activate(session: Session, actor_label: str, time: datetime) -> Mission:
    """Make the mission of an activated request. Called within the transaction that closes the session.

    Its name is the request's title (its reference where it is TLP:RED), its dates those of the version the states decided
    on, its caveats those of their votes, each with the codes of its states.

    Args:
        session: The session, its closing already written.
        actor_label: Who closed it, as the log names them.
        time: The moment of the closing.
    """
    request = session.request
    start, end = days_asked(session.version.content, time.date())
    red = request.tlp == Tlp.RED
    mission = Mission.objects.create(
        request=request,
        session=session,
        name=request.reference if red or not request.title else request.title,
        start=start,
        end=end,
        caveats=binding(session, time),
        made_at=time,
        stage_since=time,
    )
    audit.record(actor_label, "activate_mission", f"mission {mission.pk}", {"session": str(session.pk)}, time=time)
    return mission


def days_asked(content: Mapping[str, Any], today: date) -> tuple[date, date]:
    """First and last day that a request asks for; what it does not say, or says in no way we read, is taken as usual.

    Args:
        content: The version's content: ``from`` (ISO 8601 day), ``to`` likewise or ``duration`` (days; text may follow the
            number); also under the names ``start``, ``until``/``end``, ``duration_days``/``days``.
        today: When nothing is said, the team leaves three days from here, for two weeks.
    """
    start = _day(content, "from", "start") or today + READY_AFTER
    end = _day(content, "to", "until", "end")
    said = re.match(r"\s*(\d{1,4})", str(_first(content, "duration", "duration_days", "days") or ""))
    if end is None or end < start:
        days = min(max(int(said[1]), 1), LONGEST_DAYS) if said else USUAL.days
        end = start + timedelta(days=days - 1)
    return start, min(end, start + timedelta(days=LONGEST_DAYS - 1))


def binding(session: Session, at: datetime) -> list[dict[str, Any]]:
    """The caveats of the votes that count, each once: ``{"text": …, "states": [codes]}``."""
    codes = {participant.name: participant.state for participant in queries.opening_of(session).participants}
    found = queries.tally_of(session, at).caveats
    return [{"text": caveat.text, "states": [codes[name] for name in caveat.states]} for caveat in found]


@transaction.atomic
def move_mission(actor: Actor, mission: Mission, stage: str, why: str) -> Transition:
    """Take a mission to another stage.

    Raises:
        PermissionDenied: Neither a chair nor a team leader.
        Refused: No such step from where the mission stands, or what it needs first is not there; the text says what.
    """
    actor.need(*COMMAND)
    locked = Mission.objects.select_for_update().get(pk=mission.pk)
    if stage not in NEXT[locked.stage]:
        stages = dict(Stage.choices)
        words = {"now": stages[Stage(locked.stage)], "then": stages.get(stage, stage)}
        raise Refused(_("The mission is %(now)s; from there it cannot become %(then)s.") % words)
    if not why.strip():
        raise Refused(_("Say why, in a few words: the record is read long after."))
    if stage == Stage.READY:
        _need_all_confirmed(locked)
    done = step(actor, locked, stage, why)
    mission.refresh_from_db()
    return done


def step(actor: Actor, mission: Mission, stage: str, why: str) -> Transition:
    """Write a step down, inside the transaction of what causes it; whether it may be taken was seen to before."""
    now = clock.now()
    assert actor.user is not None, "nobody in particular moves no mission"
    done = Transition.objects.create(
        mission=mission, before=mission.stage, after=stage, why=why.strip()[:400], made_by=actor.user, made_at=now
    )
    mission.stage, mission.stage_since = stage, now
    mission.save(update_fields=["stage", "stage_since"])
    if stage in OVER:  # who was asked and has not been confirmed need not answer any more
        unanswered = mission.nominations.filter(status__in=(Nomination.Status.NOMINATED, Nomination.Status.ACCEPTED))
        unanswered.update(status=Nomination.Status.RELEASED, changed_at=now)
    audit.record(actor.label, "move_mission", f"mission {mission.pk}", {"from": done.before, "to": stage}, time=now)
    return done


@transaction.atomic
def name_leader(actor: Actor, mission: Mission, leader: User | None) -> None:
    """Say who leads the mission, or that nobody does yet.

    Raises:
        PermissionDenied: Not a chair.
        Refused: The person is no team leader.
    """
    actor.need(Role.CHAIR)
    if leader is not None and not actor_for(leader).has(Role.TEAM_LEADER):
        raise Refused(_("%(name)s is no team leader.") % {"name": leader})
    mission.leader = leader
    mission.save(update_fields=["leader"])
    audit.record(actor.label, "name_leader", f"mission {mission.pk}", {"leader": str(leader.pk) if leader else None})


def leaders() -> list[User]:
    """Everybody who may lead a mission."""
    held = Membership.objects.filter(role=Role.TEAM_LEADER, end=None).values("user")
    return list(User.objects.filter(pk__in=held, is_active=True).order_by("name"))


def need_open(mission: Mission) -> None:
    """Raise Refused where the mission's team is not to be changed any more."""
    if mission.stage not in (Stage.ACTIVATED, Stage.MUSTERING, Stage.READY):
        raise Refused(_("The mission is %(stage)s: its team is settled.") % {"stage": mission.get_stage_display()})


def need_command(actor: Actor) -> None:
    """Raise PermissionDenied for anybody but chairs and team leaders."""
    actor.need(*COMMAND)


def _need_all_confirmed(mission: Mission) -> None:
    """Every member of the team that was adopted last: who fell out since is still to be replaced."""
    adopted = mission.proposals.exclude(adopted_at=None).order_by("-adopted_at").first()
    answer = answer_from_json(adopted.result) if adopted else None
    if answer is None or answer.proposal is None:
        raise Refused(_("Nobody is in the team yet: adopt a proposal first."))
    team = {member.expert_id for member in answer.proposal.team}
    confirmed = mission.nominations.filter(status=Nomination.Status.CONFIRMED).values_list("expert_id", flat=True)
    waiting = Expert.objects.filter(pk__in=team - {str(pk) for pk in confirmed})
    if waiting:
        raise Refused(_("Not everybody is confirmed yet: %(names)s.") % {"names": ", ".join(e.name for e in waiting)})


def _first(content: Mapping[str, Any], *keys: str) -> Any:
    return next((content[key] for key in keys if content.get(key) not in (None, "")), None)


def _day(content: Mapping[str, Any], *keys: str) -> date | None:
    try:
        return date.fromisoformat(str(_first(content, *keys) or "")[:10])
    except ValueError:
        return None
