"""An alliance, its ledger and its sessions in memory: what the room does, without the room."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.council import (
    Choice,
    Delegation,
    HostConsent,
    Opening,
    Participant,
    Role,
    Rule,
    Session,
    Vote,
    amend,
    cast,
    close,
    default_rule,
    delegate,
    entry_details,
    entry_subject,
)
from tocsin.ledger import Entry, Keys, SignedHead, append, public_key, sign_head

OPENED = datetime(2022, 2, 20, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = {
    "HR": "Croatia",
    "EE": "Estonia",
    "LT": "Lithuania",
    "NL": "Netherlands",
    "PL": "Poland",
    "RO": "Romania",
}
SESSION = "0190a0c0-0000-7000-8000-000000000001"
SUBJECT = entry_subject(SESSION)
REQUEST = "0190a0c0-0000-7000-8000-000000000002"
LEDGER = "0190a0c0-0000-7000-8000-00000000000f"


def key_of(name: str) -> Ed25519PrivateKey:
    """A key that is the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")[:32])


SERVER = key_of("server")


def rule_of(**changes: Any) -> Rule:
    """The default rule without the host's consent, changed."""
    return replace(default_rule(id="rule", version=1, since=OPENED - 100 * HOUR), **{"host_consent": False, **changes})


def opening_of(states: tuple[str, ...] = tuple(NAMES), rule: Rule | None = None) -> Opening:
    """A session on one request, ten hours long, with an observer."""
    seats = [Participant(state, NAMES.get(state, state), Role.PARTICIPANT, public_key(key_of(state))) for state in states]
    return Opening(
        SESSION,
        "Shall the team assist the ministry?",
        REQUEST,
        "a" * 64,
        rule or rule_of(),
        (*seats, Participant("BE", "Belgium", Role.OBSERVER, None)),
        OPENED + 10 * HOUR,
        "chair",
        OPENED,
    )


@dataclass
class Room:
    """Does what the operations room does: every record is one entry of the ledger; other things happen in between."""

    session: Session
    votes: list[Vote] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    heads: list[SignedHead] = field(default_factory=list)
    server: Ed25519PrivateKey = SERVER

    @classmethod
    def open(cls, opening: Opening | None = None) -> "Room":
        room = cls(Session(opening or opening_of()))
        room.log("request.submit", REQUEST, {"tlp": "TLP:AMBER"}, OPENED - HOUR)
        room.log("session.open", SUBJECT, entry_details(room.session.opening), OPENED)
        return room

    def log(self, action: str, subject: str, details: Mapping[str, Any], time: datetime) -> Entry:
        last = self.ledger[-1] if self.ledger else None
        entry = append(last, time=time, actor="somebody", action=action, subject=subject, details=details)
        self.ledger.append(entry)
        return entry

    def head(self, time: datetime | None = None) -> SignedHead:
        last = self.ledger[-1]
        signed = sign_head(self.server, ledger=LEDGER, last=last, time=time or last.time)
        self.heads.append(signed)
        return signed

    def vote(
        self, state: str, choice: str, hours: float, *caveats: str, by: str | None = None, delegation: Delegation | None = None
    ) -> Vote:
        time = OPENED + hours * HOUR
        vote = cast(
            key_of(by or state),
            self.session,
            state=state,
            choice=Choice(choice),
            caveats=caveats,
            cast_by=f"representative of {by or state}",
            time=time,
            previous=next((vote for vote in reversed(self.votes) if vote.state == state), None),
            delegation=delegation,
        )
        self.votes.append(vote)
        self.log("vote.cast", SUBJECT, entry_details(vote), time)
        self.head()
        return vote

    def delegate(self, from_state: str, to_state: str, since: float = 0, until: float = 24) -> Delegation:
        given = delegate(
            key_of(from_state),
            from_state=from_state,
            to_state=to_state,
            session=None,
            since=OPENED + since * HOUR,
            until=OPENED + until * HOUR,
            by="representative",
            time=OPENED - HOUR,
        )
        self.session = replace(self.session, delegations=(*self.session.delegations, given))
        self.log("delegation.give", "0190a0c0-0000-7000-8000-000000000003", {"to": to_state}, OPENED)
        return given

    def consent(self, given: bool, hours: float) -> None:
        said = HostConsent(SESSION, given, "by letter", "partner", OPENED + hours * HOUR)
        self.session = replace(self.session, consents=(*self.session.consents, said))
        self.log("host.consent", SUBJECT, entry_details(said), said.time)

    def amend(self, hours: float, **changes: Any) -> None:
        made = amend(self.session, time=OPENED + hours * HOUR, by="chair", reason="more is known", **changes)
        self.session = replace(self.session, amendments=(*self.session.amendments, made))
        self.log("session.amend", SUBJECT, entry_details(made), made.time)

    def close(self, hours: float, *, withdrawn: bool = False) -> None:
        time = OPENED + hours * HOUR
        closing = close(self.session, self.votes, time=time, by="chair", reason="all have spoken", withdrawn=withdrawn)
        self.session = replace(self.session, closing=closing)
        self.log("session.close", SUBJECT, entry_details(closing), time)
        self.head()

    @property
    def part(self) -> list[Entry]:
        """The log from the opening on."""
        return self.ledger[1:]


def keys_of(states: tuple[str, ...] = tuple(NAMES)) -> Keys:
    """The keys as everybody was told them."""
    return Keys((public_key(SERVER),), {state: (public_key(key_of(state)),) for state in states})


def story() -> Room:
    """Six states: one with a caveat, one by delegation, one that changes its mind; other things are logged in between."""
    room = Room.open(opening_of(rule=rule_of(host_consent=True)))
    given = room.delegate("NL", "EE")
    room.vote("LT", "yes", 1)
    room.vote("PL", "no", 1.5)
    room.log("person.edit", "0190a0c0-0000-7000-8000-000000000004", {"secret": "not for the council"}, OPENED + 2 * HOUR)
    room.consent(True, 2.2)
    room.vote("PL", "yes", 2.5, "two experts at most")
    room.vote("EE", "yes", 3, "remote only")
    room.vote("NL", "yes", 3.1, "remote only", "no forensics on personal data", by="EE", delegation=given)
    room.amend(3.5, deadline=OPENED + 12 * HOUR)
    room.vote("RO", "abstain", 4)
    room.vote("HR", "yes", 11)
    room.close(11.5)
    return room
