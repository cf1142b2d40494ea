"""A room in which everything has happened that the API can speak of."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from kit.missions import make_pool, need, solved
from kit.requests import draft, handed_in
from kit.room import PASSPHRASE, Room
from tocsin.ops.activation.models import Session
from tocsin.ops.activation.services import council, muster
from tocsin.ops.alliance import delegations, invitations
from tocsin.ops.alliance.models import Membership, Participation, Role, StateKey
from tocsin.ops.common import clock, tokens
from tocsin.terms import Tlp


@dataclass
class Filled:
    """A filled room. ``ids``: of each kind of thing, as the paths name them."""

    room: Room
    ids: dict[str, list[str]] = field(default_factory=dict)

    def secret(self, who: str, *scopes: str) -> str:
        """A token of somebody's; with all scopes, where none are named."""
        return tokens.make_token(
            self.room.actor(who).label, self.room.users[who], name="test", scopes=list(scopes or tokens.SCOPES)
        )[1]


def fill(room: Room) -> Filled:
    """Requests in every state of the way, a session that runs and one that is over, a mission with people asked."""
    chair = room.actor("chair")
    make_pool(room)
    drafted, waiting, red = draft(room), handed_in(room), handed_in(room, tlp=Tlp.RED.value)
    running = _session(room, handed_in(room))
    council.cast_vote(room.actor("rep_ee"), running, state="EE", choice="yes", caveats=["remote only"], passphrase=PASSPHRASE)
    council.cast_vote(room.actor("rep_ee"), running, state="EE", choice="abstain", caveats=[], passphrase=PASSPHRASE)
    council.remark(room.actor("rep_hr"), running, "Who pays?")
    now = clock.now()
    given = delegations.delegate_vote(
        room.actor("rep_nl"), state="NL", to="EE", start=now, end=now + timedelta(days=9), passphrase=PASSPHRASE
    )
    over = _session(room, handed_in(room))
    for code in ("HR", "LT", "PL", "RO", "EE"):
        council.cast_vote(room.actor(f"rep_{code.lower()}"), over, state=code, choice="yes", passphrase=PASSPHRASE)
    council.cast_vote(room.actor("rep_ee"), over, state="NL", choice="yes", passphrase=PASSPHRASE)
    council.record_consent(room.actor("staff"), over, given=True)
    council.close_session(chair, over, reason="All have spoken.")
    over.refresh_from_db()
    mission = over.request.mission
    nominated = muster.adopt_proposal(chair, solved(room, mission, need(3)))
    muster.answer_nomination(room.actor(nominated[0].expert.name), nominated[0], accept=True)
    proposal = muster.ask_proposal(chair, mission)
    invitation, _token = invitations.invite(room.actor("admin"), email="new@example.org", role=Role.TRAINER)
    token, _secret = tokens.make_token(chair.label, room.users["chair"], name="kept", scopes=["log:read"])
    return Filled(
        room,
        {
            "request_id": [str(r.pk) for r in (waiting, drafted, red, running.request, over.request)],
            "session_id": [str(s.pk) for s in (running, over)],
            "mission_id": [str(mission.pk)],
            "proposal_id": [str(proposal.pk)],
            "nomination_id": [str(n.pk) for n in nominated],
            "expert_id": [str(n.expert_id) for n in nominated],
            "state": ["EE", "HR"],
            "role_id": [str(p.pk) for p in Participation.objects.filter(state__code="EE")],
            "key_id": [str(k.pk) for k in StateKey.objects.filter(state__code="EE")],
            "delegation_id": [str(given.pk)],
            "account_id": [str(room.users["trainer"].pk)],
            "membership_id": [str(m.pk) for m in Membership.objects.filter(role=Role.TRAINER)],
            "invitation_id": [str(invitation.pk)],
            "token_id": [str(token.pk)],
        },
    )


def _session(room: Room, request: Any) -> Session:
    return council.open_session(room.actor("chair"), request, deadline=clock.now() + timedelta(days=1))
