"""One case at every station, made by the room's own services: what tests of permissions ask for, as every kind of person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from kit import missions as kit
from kit.requests import draft, handed_in
from kit.room import FOUNDERS, PASSPHRASE, Room, make_room
from tocsin.ops.activation.models import Mission, Nomination, Proposal, Request, Session
from tocsin.ops.activation.services import council, muster
from tocsin.ops.activation.services import requests as services
from tocsin.ops.activation.services.missions import move_mission
from tocsin.ops.alliance import delegations, invitations
from tocsin.ops.alliance.models import Delegation, Expert, Invitation, Membership, Participation, Role, StateKey
from tocsin.ops.common import clock, tokens
from tocsin.terms import Tlp

# Kind of person -> who that is in the case. Whatever concerns a state concerns Estonia; the partner that asks is the ministry.
KINDS: dict[str, str | None] = {
    "nobody": None,
    "partner": "staff",
    "other partner": "stranger",
    "expert": "expert",
    "nominated": "kutsutud",
    "state": "rep_ee",
    "other state": "rep_hr",
    "chair": "chair",
    "observer": "observer",
    "team leader": "leader",
    "trainer": "trainer",
    "administrator": "admin",
}
DISCUSSED = "We can send two people, said in confidence."


@dataclass
class Thing:
    """What an address speaks of. ``names``: parts of the address; ``secret``: what is on the page for who may read it."""

    names: dict[str, Any] = field(default_factory=dict)
    secret: str = ""


@dataclass
class Case:
    """A room with requests in every state, sessions, missions, an invitation."""

    room: Room
    requests: dict[str, Request]
    open: Session
    closed: Session
    activated: Mission
    mustering: Mission
    ready: Mission
    proposal: Proposal
    asked: Nomination
    invitation: Invitation
    invitation_secret: str

    def actor(self, name: str) -> Any:
        """Somebody of the room, as it stands now."""
        return self.room.actor(name)

    @property
    def expert(self) -> Expert:
        """The one who is nominated."""
        return Expert.objects.get(user=self.room.users["kutsutud"])


def secret_of(name: str) -> str:
    """A word that stands in a request's title and nowhere else."""
    return f"Ministry-{name.replace(' ', '-').replace(':', '-')}"


def asked_for(room: Room, name: str, make: Callable[..., Request] = handed_in, **changes: Any) -> Request:
    """A request whose title tells which it is."""
    return make(room, title=secret_of(name), **changes)


def opened(room: Room, name: str, **changes: Any) -> Session:
    """A session on a request of its own."""
    request = asked_for(room, name, **changes)
    return council.open_session(room.actor("chair"), request, deadline=clock.now() + timedelta(hours=10))


def vote_all(room: Room, session: Session, states: list[str] | None = None) -> None:
    """Everybody says yes, and the host consents."""
    for state in states or list(FOUNDERS):
        actor = room.actor(f"rep_{state.lower()}")
        council.cast_vote(actor, session, state=state, choice="yes", passphrase=PASSPHRASE)
    council.record_consent(room.actor("staff"), session, given=True, note="letter")


def decided(room: Room, name: str) -> Mission:
    """The mission of a request that all states said yes to."""
    session = opened(room, name)
    vote_all(room, session)
    council.close_session(room.actor("chair"), session, reason="all have spoken")
    return Mission.objects.get(session=session)


def make_case() -> Case:
    """Everything, for the people of ``make_room`` and an expert of Estonia, ``kutsutud``, who is nominated, beside one of Croatia, ``teine``."""
    room = make_room()
    kit.make_expert(room, "kutsutud", "EE", account=True)
    kit.make_expert(room, "teine", "HR", account=True)
    requests = {
        "draft": asked_for(room, "draft", draft),
        "handed in": asked_for(room, "handed in"),
        "TLP:RED": asked_for(room, "TLP:RED", tlp=Tlp.RED.value),
    }
    services.name_readers(room.actor("staff"), requests["TLP:RED"], [room.users["rep_ee"]])
    activated, mustering, ready = (decided(room, name) for name in ("activated", "mustering", "ready"))
    proposal = kit.solved(room, mustering, kit.need(2))
    asked = next(n for n in muster.adopt_proposal(room.actor("chair"), proposal) if n.expert.name == "kutsutud")
    later = kit.need(2, start=kit.START + timedelta(days=60), end=kit.END + timedelta(days=60))
    kit.confirm_all(room, kit.adopted(room, ready, later))
    move_mission(room.actor("chair"), ready, "ready", "all are confirmed")
    invitation, secret = invitations.invite(
        room.actor("admin"), email="new@example.org", role=Role.EXPERT, state=room.states["EE"]
    )
    held = opened(room, "open session")
    council.remark(room.actor("rep_hr"), held, DISCUSSED)
    return Case(
        room=room,
        requests={name: Request.objects.get(pk=request.pk) for name, request in requests.items()},
        open=held,
        closed=activated.session,  # type: ignore[arg-type]
        activated=activated,
        mustering=Mission.objects.get(pk=mustering.pk),
        ready=Mission.objects.get(pk=ready.pk),
        proposal=proposal,
        asked=asked,
        invitation=invitation,
        invitation_secret=secret,
    )


def _request(name: str) -> Callable[[Case, str], Thing]:
    return lambda case, _kind: Thing({"pk": case.requests[name].pk}, secret_of(name))


def _mission(name: str) -> Callable[[Case, str], Thing]:
    return lambda case, _kind: Thing({"mission": getattr(case, name).pk}, secret_of(name))


def _own_request(case: Case, _kind: str) -> Thing:
    return Thing({"pk": case.mustering.request_id}, secret_of("mustering"))


def _accepted(case: Case, _kind: str) -> Thing:
    muster.answer_nomination(case.actor("kutsutud"), case.asked, accept=True)
    return Thing({"nomination": case.asked.pk})


def _proposal(case: Case, _kind: str) -> Thing:
    again = muster.ask_proposal(case.actor("chair"), case.mustering)
    assert muster.solve_waiting()
    return Thing({"proposal": again.pk})


def _token(case: Case, kind: str) -> Thing:
    name = KINDS[kind] or "chair"
    made, _secret = tokens.make_token("test", case.room.users[name], name="own", scopes=["log:read"])
    return Thing({"token": made.pk}, str(made.pk))


def _membership(case: Case, _kind: str) -> Thing:
    return Thing({"membership": Membership.objects.get(user=case.room.users["trainer"]).pk})


def _delegation(case: Case, _kind: str) -> Thing:
    now = clock.now()
    given: Delegation = delegations.delegate_vote(
        case.actor("rep_ee"), state="EE", to="LT", start=now, end=now + timedelta(days=1), passphrase=PASSPHRASE
    )
    return Thing({"delegation": given.pk, "state": "EE"})


def _participation(case: Case, _kind: str) -> Thing:
    return Thing({"role": Participation.objects.get(state__code="SI").pk})


def _key(case: Case, _kind: str) -> Thing:
    return Thing({"key": StateKey.objects.get(state__code="EE").pk, "state": "EE"})


def _certain(case: Case, _kind: str) -> Thing:
    vote_all(case.room, case.open)
    return Thing({"pk": case.open.pk})


# What a row of the matrix is about -> how it is made ready, within the test of that one cell.
THINGS: dict[str, Callable[[Case, str], Thing]] = {
    "": lambda _case, _kind: Thing(),
    "a draft": _request("draft"),
    "a request": _request("handed in"),
    "a request under TLP:RED": _request("TLP:RED"),
    "versions": lambda case, _kind: Thing({"pk": case.requests["handed in"].pk}),
    "versions under TLP:RED": lambda case, _kind: Thing({"pk": case.requests["TLP:RED"].pk}),
    "readers under TLP:RED": lambda case, _kind: Thing({"pk": case.requests["TLP:RED"].pk}, str(case.room.users["rep_ee"].pk)),
    "a mission's request": _own_request,
    "an open session": lambda case, _kind: Thing({"pk": case.open.pk, "state": "EE"}),
    "the request of a closed session": lambda case, _kind: Thing({}, secret_of("activated")),
    "the request of an open session": lambda case, _kind: Thing({}, secret_of("open session")),
    "its discussion": lambda case, _kind: Thing({"pk": case.open.pk}, DISCUSSED),
    "a session that all voted in": _certain,
    "a closed session": lambda case, _kind: Thing({"pk": case.closed.pk, "state": "EE"}),
    "an activated mission": _mission("activated"),
    "a mission that musters": _mission("mustering"),
    "a mission that is ready": _mission("ready"),
    "its team, not ready": lambda case, _kind: Thing({"mission": case.mustering.pk}, "teine"),
    "its team, ready": lambda case, _kind: Thing({"mission": case.ready.pk}, "teine"),
    "the need of a mission": lambda case, _kind: Thing({"mission": case.mustering.pk}),
    "a proposal": _proposal,
    "a nomination": lambda case, _kind: Thing({"nomination": case.asked.pk}, str(case.asked.pk)),
    "an accepted nomination": _accepted,
    "an expert of the state": lambda case, _kind: Thing({"expert": case.expert.pk}, str(case.expert.pk)),
    "the state": lambda case, _kind: Thing({"state": "EE"}),
    "the state's key": _key,
    "a delegation of the state": _delegation,
    "a state's role": _participation,
    "a membership": _membership,
    "an account": lambda case, _kind: Thing({"user": case.room.users["trainer"].pk, "account": case.room.users["trainer"].pk}),
    "an invitation": lambda case, _kind: Thing({"invitation": case.invitation.pk}, case.invitation.email),
    "an invitation's link": lambda case, _kind: Thing({"token": case.invitation_secret}),
    "one's own token": _token,
}
