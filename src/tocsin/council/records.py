"""The records of a session: opened, amended, voted in, closed. Frozen, each with a digest; states sign theirs."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.council.rules import Choice, Rule
from tocsin.ledger import ZEROS, LedgerError, sign, verify_signature
from tocsin.ledger.canonical import digest, rfc3339
from tocsin.ledger.keys import from_base64
from tocsin.ledger.shape import to_plain


class Role(StrEnum):
    """What a state is in the alliance at the opening. Leads vote like participants, observers do not."""

    PARTICIPANT = "participant"
    LEAD = "lead"
    OBSERVER = "observer"


class Outcome(StrEnum):
    """What a session comes to. ``undecided`` only while it is open."""

    ACTIVATED = "activated"
    DECLINED = "declined"  # the votes cast rule it out
    LAPSED = "lapsed"  # it closed while missing votes, or a missing consent, could have carried it
    WITHDRAWN = "withdrawn"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Participant:
    """A state as it stands at the opening: code, name for people, role, public key (None for an observer without one)."""

    state: str
    name: str
    role: Role
    key: str | None

    def __post_init__(self) -> None:
        if self.key is not None:
            from_base64(self.key, 32)
        elif self.role != Role.OBSERVER:
            raise LedgerError(f"{self.name}: expected a public key, since it votes; found none")

    @property
    def votes(self) -> bool:
        """Whether it may vote."""
        return self.role != Role.OBSERVER


@dataclass(frozen=True)
class Opening:
    """A session as it was opened. Every vote is bound to its digest, and so to rule, participants and keys.

    Attributes:
        session: Id of the session; the subject of each of its entries in the log is ``session <id>``.
        title: The question, for people.
        request: Id of the request.
        request_digest: Digest of the request's version that is decided on.
        rule: Frozen.
        participants: Each state once, with its role and key.
        deadline: Until when votes count.
        by: Actor who opened it.
        time: When.
    """

    session: str
    title: str
    request: str
    request_digest: str
    rule: Rule
    participants: tuple[Participant, ...]
    deadline: datetime
    by: str
    time: datetime

    def __post_init__(self) -> None:
        for called in ([one.state for one in self.participants], [one.name for one in self.participants]):
            if len(set(called)) < len(called):
                raise LedgerError("participants: expected each state and each name once, found one twice")
        if not self.voters:
            raise LedgerError("participants: expected one that may vote, found none")
        if self.deadline <= self.time:
            raise LedgerError(f"deadline: expected after the opening, found {rfc3339(self.deadline)}")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all fields."""
        return digest("opening", to_plain(self))

    @property
    def voters(self) -> tuple[Participant, ...]:
        """Those who may vote."""
        return tuple(one for one in self.participants if one.votes)

    def participant(self, state: str) -> Participant | None:
        """A state's place in the session."""
        return next((one for one in self.participants if one.state == state), None)

    def name(self, state: str) -> str:
        """A state's name for people, or its code where it takes no part."""
        found = self.participant(state)
        return found.name if found else state


@dataclass(frozen=True)
class Amendment:
    """A change while the session is open: a later deadline, or another version of the request, on which states vote anew.

    Attributes:
        number: From 1 in the session.
        previous: Digest of the amendment before; of the opening for the first.
        deadline: In force from now on; never earlier than before.
        request_digest: The version that is decided on from now on. Votes on another version no longer count.
    """

    session: str
    number: int
    previous: str
    deadline: datetime
    request_digest: str
    reason: str
    by: str
    time: datetime

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all fields."""
        return digest("amendment", to_plain(self))


@dataclass(frozen=True)
class HostConsent:
    """The host's answer to being helped on its soil; the last one before the deadline counts."""

    session: str
    given: bool
    note: str
    by: str
    time: datetime

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all fields."""
        return digest("consent", to_plain(self))


@dataclass(frozen=True)
class Delegation:
    """A state gives its vote to another for an absence, in one session or (None) in all; signed by the state that gives it."""

    from_state: str
    to_state: str
    session: str | None
    since: datetime
    until: datetime
    by: str
    time: datetime
    signature: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all fields; a delegated vote refers to it."""
        return digest("delegation", to_plain(self))


@dataclass(frozen=True)
class Vote:
    """One version of one state's vote, signed with the state's key, or with the delegate's where ``delegation`` is given.

    Attributes:
        session: Id of the session.
        opening: Digest of its opening: the vote stands in no other session, under no other rule, among no other states.
        request: Digest of the request's version that was voted on.
        state: Whose vote.
        number: From 1 for each state in the session.
        previous: Digest of the state's vote before; 64 zeros for the first. So no vote can be left out unnoticed.
        choice: yes, no, abstain.
        caveats: Conditions that bind the mission, such as "remote only".
        cast_by: Actor who cast it.
        delegation: Digest of the delegation it is cast by, or None.
        time: When.
        signature: Ed25519 over all of the above.
    """

    session: str
    opening: str
    request: str
    state: str
    number: int
    previous: str
    choice: Choice
    caveats: tuple[str, ...]
    cast_by: str
    delegation: str | None
    time: datetime
    signature: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all fields, the signature too."""
        return digest("vote", to_plain(self))


@dataclass(frozen=True)
class Closing:
    """The session's end, and the outcome that the rule gave then."""

    session: str
    outcome: Outcome
    why: str
    by: str
    reason: str
    time: datetime

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all fields."""
        return digest("closing", to_plain(self))


@dataclass(frozen=True)
class Session:
    """All that is known of a session but its votes."""

    opening: Opening
    amendments: tuple[Amendment, ...] = ()
    consents: tuple[HostConsent, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    closing: Closing | None = None

    @property
    def id(self) -> str:
        """The session's id."""
        return self.opening.session


@dataclass(frozen=True)
class Terms:
    """What is in force at an instant: until when votes count, on which version of the request."""

    deadline: datetime
    request_digest: str
    amendments: tuple[Amendment, ...]


def terms(session: Session, at: datetime) -> Terms:
    """What is in force at ``at``. An amendment that breaks the chain, comes too late or brings the deadline forward does not."""
    opening, taken = session.opening, list[Amendment]()
    deadline, request, previous = opening.deadline, opening.request_digest, opening.digest
    end = min(at, session.closing.time) if session.closing else at
    for one in sorted(session.amendments, key=lambda one: (one.number, one.digest)):
        chained = one.session == session.id and one.number == len(taken) + 1 and one.previous == previous
        if chained and opening.time <= one.time <= min(end, deadline) and one.deadline >= deadline:
            taken.append(one)
            deadline, request, previous = one.deadline, one.request_digest, one.digest
    return Terms(deadline, request, tuple(taken))


def amend(
    session: Session,
    *,
    time: datetime,
    by: str,
    reason: str,
    deadline: datetime | None = None,
    request_digest: str | None = None,
) -> Amendment:
    """Put the deadline off, or put another version of the request to the vote.

    Raises:
        LedgerError: The session is over, or the deadline would come earlier.
    """
    now = terms(session, time)
    if session.closing or time > now.deadline or time < session.opening.time:
        raise LedgerError("The session is over: it can no longer be amended. Open a new one.")
    if deadline is not None and deadline < now.deadline:
        raise LedgerError(f"A deadline can be put off, not brought forward: expected {rfc3339(now.deadline)} or later.")
    previous = now.amendments[-1].digest if now.amendments else session.opening.digest
    number = len(now.amendments) + 1
    return Amendment(
        session.id, number, previous, deadline or now.deadline, request_digest or now.request_digest, reason, by, time
    )


def unsigned(record: Vote | Delegation) -> dict[str, Any]:
    """What its signature is made over."""
    plain: dict[str, Any] = to_plain(record)
    return {name: value for name, value in plain.items() if name != "signature"}


def delegate(
    private: Ed25519PrivateKey,
    *,
    from_state: str,
    to_state: str,
    session: str | None,
    since: datetime,
    until: datetime,
    by: str,
    time: datetime,
) -> Delegation:
    """Give a state's vote to another from ``since`` until just before ``until``; ``private`` is the key of the state that gives.

    Raises:
        LedgerError: It would be to itself, or for no time.
    """
    if from_state == to_state or until <= since:
        raise LedgerError("A vote is delegated to another state, for some time.")
    draft = Delegation(from_state, to_state, session, since, until, by, time, "")
    return replace(draft, signature=sign(private, "delegation", unsigned(draft)))


def cast(
    private: Ed25519PrivateKey,
    session: Session,
    *,
    state: str,
    choice: Choice,
    caveats: tuple[str, ...],
    cast_by: str,
    time: datetime,
    previous: Vote | None,
    delegation: Delegation | None = None,
) -> Vote:
    """Sign a vote.

    Args:
        private: The state's key; the delegate's where there is a delegation.
        session: With the delegation among its delegations, if there is one.
        state: Whose vote.
        previous: That state's last vote in the session, whoever cast it.

    Raises:
        LedgerError: The vote would not count; the message says why.
    """
    number, before = (previous.number + 1, previous.digest) if previous else (1, ZEROS)
    by_delegation = delegation.digest if delegation else None
    draft = Vote(
        session.id,
        session.opening.digest,
        terms(session, time).request_digest,
        state,
        number,
        before,
        Choice(choice),
        tuple(caveats),
        cast_by,
        by_delegation,
        time,
        "",
    )
    vote = replace(draft, signature=sign(private, "vote", unsigned(draft)))
    if reason := objection(session, vote):
        raise LedgerError(f"This vote of {session.opening.name(state)} would not count: it {reason}.")
    if delegation and previous and previous.delegation is None:
        raise LedgerError(f"{session.opening.name(state)} has voted itself, which takes its delegation back.")
    return vote


def objection(session: Session, vote: Vote) -> str | None:
    """Why a vote does not count, whatever the state's other votes; None where nothing speaks against it.

    Returns:
        A clause whose subject is the vote, such as ``was cast after the deadline``.
    """
    opening = session.opening
    voter = opening.participant(vote.state)
    if vote.session != session.id or vote.opening != opening.digest:
        return "was cast in another session, or in one opened otherwise"
    if voter is None or not voter.votes:
        return "is of a state that may not vote"
    if vote.time < opening.time:
        return "was cast before the session was opened"
    if session.closing and vote.time > session.closing.time:
        return "was cast after the session was closed"
    if vote.time > terms(session, vote.time).deadline:
        return "was cast after the deadline"
    signer = voter
    if vote.delegation is not None:
        found = next((one for one in session.delegations if one.digest == vote.delegation), None)
        if found is None:
            return "refers to a delegation that is not there"
        if reason := _delegation_objection(session, found, vote):
            return reason
        signer = opening.participant(found.to_state) or voter
    if not verify_signature(signer.key or "", "vote", unsigned(vote), vote.signature):
        return f"is not signed with the key of {signer.name}"
    return None


def _delegation_objection(session: Session, delegation: Delegation, vote: Vote) -> str | None:
    opening = session.opening
    giver, taker = opening.participant(delegation.from_state), opening.participant(delegation.to_state)
    if not opening.rule.delegation:
        return "was delegated, which the rule does not allow"
    if giver is None or delegation.from_state != vote.state or taker is None or not taker.votes:
        return "refers to a delegation between other states"
    if delegation.session not in (None, session.id):
        return "refers to a delegation for another session"
    if not delegation.since <= vote.time < delegation.until:
        return "was cast when its delegation was not in force"
    if not verify_signature(giver.key or "", "delegation", unsigned(delegation), delegation.signature):
        return f"refers to a delegation that is not signed with the key of {giver.name}"
    return None
