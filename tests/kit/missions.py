"""Missions and pools for tests of the muster: a mission as an activated request leaves it, and experts who could go."""

from datetime import date, timedelta

from django.utils import timezone

from kit.room import Room
from tocsin.muster import EcsfProfile, Need, Seat
from tocsin.ops.activation.models import Mission, Nomination, Request, RequestVersion
from tocsin.ops.activation.services import muster
from tocsin.ops.alliance.models import Availability, Expert, ExpertLanguage, ExpertProfile, Membership, Role
from tocsin.ops.common.models import User

START, END = date(2032, 2, 22), date(2032, 3, 8)
RESPONDER, FORENSICS = EcsfProfile.INCIDENT_RESPONDER, EcsfProfile.FORENSICS_INVESTIGATOR


def make_mission(room: Room, reference: str = "2032-01", caveats: list[dict[str, object]] | None = None, **fields) -> Mission:
    """A mission just activated, for the partner ``mod``; its request handed in by ``staff``."""
    now = timezone.now()
    request = Request.objects.create(
        reference=reference,
        partner=room.partners["mod"],
        status=Request.Status.ACTIVATED,
        title="Denial of service on the ministry",
        made_by=room.users["staff"],
        submitted_at=now,
        ready_by=now + timedelta(hours=72),
    )
    content = {"title": request.title, "start": START.isoformat(), "days": "16"}
    RequestVersion.objects.create(request=request, number=1, content=content, digest="0" * 64, made_by=request.made_by)
    return Mission.objects.create(request=request, name=request.title, start=START, end=END, caveats=caveats or [], **fields)


def make_expert(
    room: Room,
    name: str,
    state: str = "EE",
    profile: EcsfProfile = RESPONDER,
    level: int = 4,
    languages: dict[str, int] | None = None,
    account: bool = False,
    **fields,
) -> Expert:
    """An expert who is free for years; with an account, ``room.users[name]`` is theirs."""
    user = None
    if account:
        user = room.users[name] = User.objects.create_user(f"{name}@example.org", "a long password here", name=name)
        Membership.objects.create(user=user, role=Role.EXPERT, state=room.states[state])
    expert = Expert.objects.create(state=room.states[state], name=name, user=user, **fields)
    ExpertProfile.objects.create(expert=expert, profile=profile.value, level=level)
    for code, cefr in (languages or {"en": 5}).items():
        ExpertLanguage.objects.create(expert=expert, language=code, level=cefr)
    Availability.objects.create(expert=expert, start=date(2020, 1, 1), end=date(2040, 1, 1))
    return expert


def make_pool(room: Room, number: int = 6, states: str = "EE HR LT NL PL RO") -> list[Expert]:
    """``number`` incident responders with accounts, ``who0``, ``who1``…, taken from the states in turn."""
    codes = states.split()
    return [make_expert(room, f"who{n}", codes[n % len(codes)], account=True) for n in range(number)]


def need(people: int = 3, **fields) -> Need:
    """A need of ``people`` incident responders and nobody else."""
    said = {"start": START, "end": END, "seats": (Seat(RESPONDER, people, 3),), "size_min": 0, "size_max": 12}
    return Need(**(said | fields))


def solved(room: Room, mission: Mission, asked: Need | None = None, **named):
    """The proposal for a need, stated and asked for by the chair and solved by the worker."""
    chair = room.actor("chair")
    muster.state_need(chair, mission, asked or need())
    proposal = muster.ask_proposal(chair, mission, **named)
    assert muster.solve_waiting()
    proposal.refresh_from_db()
    return proposal


def adopted(room: Room, mission: Mission, asked: Need | None = None) -> list[Nomination]:
    """The nominations of a team that was solved and adopted."""
    return muster.adopt_proposal(room.actor("chair"), solved(room, mission, asked))


def confirm_all(room: Room, nominations: list[Nomination]) -> None:
    """Everybody accepts, every state confirms."""
    for nomination in nominations:
        muster.answer_nomination(room.actor(nomination.expert.name), nomination, accept=True)
        muster.confirm_nomination(room.actor(f"rep_{nomination.expert.state.code.lower()}"), nomination, confirm=True)
