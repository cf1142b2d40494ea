"""People and states for tests of the room: six participants, an observer, two partners, somebody in every role."""

from dataclasses import dataclass, field
from datetime import date

from django.test import Client

from tocsin import council, ledger
from tocsin.ops.alliance.access import Actor, actor_for
from tocsin.ops.alliance.models import Expert, Membership, Participation, Partner, Role, RuleVersion, State, StateKey
from tocsin.ops.common import clock
from tocsin.ops.common.models import User

FOUNDERS = {"HR": "Croatia", "EE": "Estonia", "LT": "Lithuania", "NL": "Netherlands", "PL": "Poland", "RO": "Romania"}
PASSPHRASE = "correct horse battery"
SINCE = date(2022, 1, 1)


@dataclass
class Room:
    """What a test starts from; ``actor`` and ``client`` give a person by name: ``chair``, ``rep_ee``, ``staff``…"""

    states: dict[str, State] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """What the person may do, as it stands now."""
        return actor_for(self.users[name])

    def client(self, name: str | None) -> Client:
        """A browser in which the person is signed in; nobody is, for None."""
        client = Client()
        if name:
            client.force_login(self.users[name])
        return client


def make_room() -> Room:
    """An alliance with unanimity as its rule, keys for all states, and these people:

    ``admin``, ``chair`` (LT), ``rep_xx`` for each founder, ``observer`` (of Slovenia), ``leader``, ``expert`` (EE),
    ``staff`` and ``staff2`` of the partner ``mod``, ``stranger`` of the partner ``bank``, ``trainer``.
    """
    room = Room()
    for code, name in {**FOUNDERS, "SI": "Slovenia"}.items():
        state = room.states[code] = State.objects.create(code=code, name=name)
        role = Participation.Role.OBSERVER if code == "SI" else Participation.Role.PARTICIPANT
        Participation.objects.create(state=state, role=role, start=SINCE)
        if code != "SI":
            private = ledger.generate()
            sealed = ledger.seal(private, PASSPHRASE, cost=10)
            StateKey.objects.create(state=state, public=ledger.public_key(private), sealed=sealed)
    rule = council.default_rule(id="founding", version=1, since=clock.now())
    RuleVersion.objects.create(number=1, rule=ledger.to_plain(rule), start=SINCE)
    room.partners = {
        "mod": Partner.objects.create(name="Ministry of Defence", country="UA"),
        "bank": Partner.objects.create(name="State Bank", country="MD"),
    }
    people: dict[str, tuple[str, str | None, str | None]] = {
        "admin": (Role.ADMINISTRATOR, None, None),
        "chair": (Role.CHAIR, "LT", None),
        "observer": (Role.OBSERVER, "SI", None),
        "leader": (Role.TEAM_LEADER, None, None),
        "expert": (Role.EXPERT, "EE", None),
        "staff": (Role.PARTNER, None, "mod"),
        "staff2": (Role.PARTNER, None, "mod"),
        "stranger": (Role.PARTNER, None, "bank"),
        "trainer": (Role.TRAINER, None, None),
        **{f"rep_{code.lower()}": (Role.REPRESENTATIVE, code, None) for code in FOUNDERS},
    }
    for name, (role, state, partner) in people.items():
        user = room.users[name] = User.objects.create_user(f"{name}@example.org", f"{name}-password-1", name=name)
        Membership.objects.create(
            user=user,
            role=role,
            state=room.states[state] if state else None,
            partner=room.partners[partner] if partner else None,
            start=SINCE,
        )
    Expert.objects.create(user=room.users["expert"], state=room.states["EE"], name="expert")
    return room
