"""What the votes come to: now, while the session is open, and at its close. One function for the live page, the close and verify."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.council.records import Closing, Outcome, Session, Terms, Vote, objection, terms
from tocsin.council.rules import Choice, Rule, Silence, unmet
from tocsin.ledger import ZEROS, LedgerError
from tocsin.model.text import listing

_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
_NAMES_MAX = 12  # states named in one sentence


@dataclass(frozen=True)
class Stand:
    """Where one state stands.

    Attributes:
        choice: Of its vote that counts; None where there is none.
        caveats: Of that vote.
        time: Of that vote.
        delegate: Name of the state that cast it by delegation, or None.
        vote: The vote that counts.
        note: What else to say in the row: ``silence counts as yes``, ``voted on an earlier version of the request``.
    """

    state: str
    name: str
    choice: Choice | None
    caveats: tuple[str, ...]
    time: datetime | None
    delegate: str | None
    vote: Vote | None
    note: str


@dataclass(frozen=True)
class Caveat:
    """A condition that binds the mission, and the names of the states that set it."""

    text: str
    states: tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """What the votes come to at an instant.

    Attributes:
        at: The instant.
        deadline: In force then.
        stands: Every state that may vote, in the order of the opening.
        outcome: If the session closed now; ``undecided`` where that is open.
        why: One or two sentences.
        certain: Whether the outcome is the same whatever the missing votes, and a missing consent, turn out to be. Votes that were
            cast are taken as they stand, though until the close a state may change its own.
        needed: What is still missing, in words; "" where nothing is.
        caveats: Of the votes that say yes or abstain, in order of first appearance. They bind the mission.
        ignored: Votes that do not count although they are some state's last word, or no word at all; with the reason, a clause.
    """

    at: datetime
    deadline: datetime
    stands: tuple[Stand, ...]
    outcome: Outcome
    why: str
    certain: bool
    needed: str
    caveats: tuple[Caveat, ...]
    ignored: tuple[tuple[Vote, str], ...]


@dataclass(frozen=True)
class Ballot:
    """All that the outcome depends on: the rule, each state's vote, the host's consent, whether the deadline has passed."""

    rule: Rule
    votes: Mapping[str, Choice | None]
    consent: bool | None
    over: bool  # silence speaks

    @property
    def missing(self) -> list[str]:
        """States without a vote."""
        return [state for state, vote in self.votes.items() if vote is None]

    @property
    def refused(self) -> bool:
        """Whether the host's refusal decides."""
        return self.rule.host_consent and self.consent is False

    def carried(self) -> bool:
        """Whether rule and consent are met as it stands."""
        agreed = not self.rule.host_consent or self.consent is True
        return agreed and not unmet(self.rule, self.votes, silent=self.over)

    def with_missing(self, choice: Choice | None, consent: bool | None, *, over: bool = True) -> "Ballot":
        """The same after the deadline, with what was missing filled in."""
        votes = {state: vote or choice for state, vote in self.votes.items()}
        return Ballot(self.rule, votes, self.consent if self.consent is not None else consent, over)

    def at_the_end(self) -> Outcome:
        """Once nothing more can come. Lapsed, not declined, where the missing could have carried it."""
        if self.carried():
            return Outcome.ACTIVATED
        return Outcome.LAPSED if self.with_missing(Choice.YES, True).carried() else Outcome.DECLINED

    def certain(self) -> Outcome | None:
        """The outcome that all completions share.

        Each condition of a rule is at its worst when all who are missing say no or all stay silent (a no can make a quorum), and
        all at their best when all say yes; abstentions lie between. So these four speak for every mixture: a test tries all.
        """
        if self.over:
            return self.at_the_end()
        ends = {
            self.with_missing(choice, consent).at_the_end()
            for choice in (Choice.YES, Choice.NO, Choice.ABSTAIN, None)
            for consent in (True, False, None)
        }
        return ends.pop() if len(ends) == 1 else None


def tally(session: Session, votes: Iterable[Vote], at: datetime) -> Tally:
    """Count the votes as of ``at``.

    Args:
        session: As known; records after ``at`` are not looked at.
        votes: Of this session, all versions, in any order. Each signature is checked.
        at: Now; or the closing's time (a later one is taken as that).

    Returns:
        The tally. Before the deadline there is an outcome only when it is certain; afterwards silence counts as the rule says.
    """
    closing = session.closing if session.closing and session.closing.time <= at else None
    until = closing.time if closing else at
    now = terms(session, until)
    stands, ignored = _stands(session, votes, until, now)
    state = Ballot(
        session.opening.rule,
        {stand.state: stand.choice for stand in stands},
        _consent(session, min(until, now.deadline)),
        until >= now.deadline,
    )
    certain = state.certain()
    outcome = certain or (Outcome.LAPSED if closing else Outcome.UNDECIDED)
    if closing and closing.outcome == Outcome.WITHDRAWN:
        outcome, why, needed = Outcome.WITHDRAWN, "The request was withdrawn.", ""
    else:
        why = _why(session, state, outcome)
        needed = "" if closing or state.over else _needed(session, state)
    return Tally(until, now.deadline, stands, outcome, why, certain is not None, needed, _caveats(stands), ignored)


def decide(session: Session, votes: Iterable[Vote]) -> Tally:
    """The outcome of a closed session, from its rule and votes.

    Raises:
        LedgerError: It is not closed.
    """
    if session.closing is None:
        raise LedgerError("The session is open: nothing is decided yet.")
    return tally(session, votes, session.closing.time)


def close(session: Session, votes: Iterable[Vote], *, time: datetime, by: str, reason: str, withdrawn: bool = False) -> Closing:
    """End a session with the outcome that the rule gives at ``time``. Before the deadline, and not certain, it is lapsed.

    Raises:
        LedgerError: It is closed already, or was not opened yet.
    """
    if session.closing is not None or time < session.opening.time:
        raise LedgerError("The session is not open: it cannot be closed.")
    draft = Closing(session.id, Outcome.WITHDRAWN if withdrawn else Outcome.UNDECIDED, "", by, reason, time)
    found = tally(replace(session, closing=draft), votes, time)
    return replace(draft, outcome=found.outcome, why=found.why)


def chains(votes: Iterable[Vote]) -> tuple[dict[str, list[Vote]], list[tuple[Vote, str]]]:
    """Each state's votes in order, as far as each names the one before; and those that hang on nothing, with the reason.

    Where two different votes claim the same place, a state (or who holds its key) has said two things at once: neither stands.
    """
    steps: dict[tuple[str, int], list[Vote]] = defaultdict(list)
    for vote in {vote.digest: vote for vote in votes}.values():
        steps[vote.state, vote.number].append(vote)
    kept: dict[str, list[Vote]] = defaultdict(list)
    loose: list[tuple[Vote, str]] = []
    for (state, number), rivals in sorted(steps.items()):
        chain = kept[state]
        previous = chain[-1].digest if chain else ZEROS
        follows = len(rivals) == 1 and number == len(chain) + 1 and rivals[0].previous == previous
        if follows:
            chain.append(rivals[0])
        else:
            reason = (
                "does not follow the state's vote before it" if len(rivals) == 1 else "contradicts another of the same number"
            )
            loose += [(vote, reason) for vote in sorted(rivals, key=lambda vote: vote.digest)]
    return kept, loose


def _stands(
    session: Session, votes: Iterable[Vote], until: datetime, now: Terms
) -> tuple[tuple[Stand, ...], tuple[tuple[Vote, str], ...]]:
    objections = [(vote, objection(session, vote)) for vote in votes if vote.time <= until]
    # A vote that does not count must not take part in the chain either: anybody could write one in a state's name.
    kept, ignored = chains(vote for vote, reason in objections if reason is None)
    ignored += [(vote, reason) for vote, reason in objections if reason is not None]
    stands = []
    for voter in session.opening.voters:
        last, note = None, ""
        for vote in kept.get(voter.state, ()):
            if vote.delegation is not None and last is not None and last.delegation is None:
                ignored.append((vote, "was cast by a delegate after the state had voted itself"))
            else:
                last = vote
        if last is not None and last.request != now.request_digest:
            ignored.append((last, "is on another version of the request"))
            last, note = None, "voted on another version of the request"
        silence = session.opening.rule.silence
        if last is None and until >= now.deadline and silence != Silence.NOTHING:
            note = f"silence counts as {silence}"
        stands.append(_stand(session, voter.state, last, note))
    return tuple(stands), tuple(ignored)


def _stand(session: Session, state: str, vote: Vote | None, note: str) -> Stand:
    name = session.opening.name(state)
    if vote is None:
        return Stand(state, name, None, (), None, None, None, note)
    by = next((session.opening.name(one.to_state) for one in session.delegations if one.digest == vote.delegation), None)
    return Stand(state, name, vote.choice, vote.caveats, vote.time, by, vote, note)


def _consent(session: Session, until: datetime) -> bool | None:
    said = [one for one in session.consents if one.session == session.id and session.opening.time <= one.time <= until]
    # Of two at one instant the refusal stands, in whatever order they come.
    return max(said, key=lambda one: (one.time, not one.given)).given if said else None


def _caveats(stands: Sequence[Stand]) -> tuple[Caveat, ...]:
    found: dict[str, list[str]] = {}
    for stand in stands:
        if stand.choice in (Choice.YES, Choice.ABSTAIN):
            for text in dict.fromkeys(stand.caveats):
                found.setdefault(text, []).append(stand.name)
    return tuple(Caveat(text, tuple(names)) for text, names in found.items())


def _why(session: Session, state: Ballot, outcome: Outcome) -> str:
    said = _said(session, state)
    if outcome == Outcome.ACTIVATED:
        host = " The host has consented." if state.rule.host_consent else ""
        return f"{said} The rule is met.{host}"
    if outcome == Outcome.DECLINED:
        return f"{said} {'The host has refused.' if state.refused else _lack(state)}"
    waits = _missing(session, state.missing)
    if state.rule.host_consent and state.consent is None:
        waits = f"{waits} The host has not consented.".strip()
    if outcome == Outcome.UNDECIDED:
        return waits or "Votes can still come."
    how = "The deadline passed" if state.over else "The session was closed before its deadline"
    return f"{said} {how} while it was still open. {waits}".strip()


def _lack(state: Ballot) -> str:
    """Why it cannot be carried: what would be short even if all that is missing came in favour."""
    best = state.with_missing(Choice.YES, True)
    lack = listing(unmet(best.rule, best.votes, silent=True), 9)
    return f"Even with what is missing there would be {lack}." if state.missing else f"There is {lack}."


def _said(session: Session, state: Ballot) -> str:
    """``Estonia and Poland said yes; Croatia said no.``"""
    words = {Choice.YES: "said yes", Choice.NO: "said no", Choice.ABSTAIN: "abstained"}
    parts = []
    for choice, word in words.items():
        names = [session.opening.name(one) for one, vote in state.votes.items() if vote == choice]
        if names:
            parts.append(f"{'All' if len(names) == len(state.votes) > 1 else listing(names, _NAMES_MAX)} {word}")
    if state.over and state.missing and state.rule.silence != Silence.NOTHING:
        names = [session.opening.name(one) for one in state.missing]
        parts.append(f"{listing(names, _NAMES_MAX)} kept silent, which counts as {state.rule.silence}")
    return _sentence("; ".join(parts)) if parts else "No state voted."


def _needed(session: Session, state: Ballot) -> str:
    """What is missing, and what would carry it."""
    parts = [_missing(session, state.missing)]
    if state.missing and state.certain() is None:
        most = sorted(state.missing, key=lambda one: -state.rule.weights.get(one, 0))
        for count in range(len(most) + 1):
            votes = {**state.votes, **dict.fromkeys(most, Choice.NO), **dict.fromkeys(most[:count], Choice.YES)}
            if replace(state, votes=votes, consent=True).carried():
                parts.append(f"{_words(count)} more yes would carry it." if count else "It carries whatever they say.")
                break
        if state.rule.silence != Silence.NOTHING:
            parts.append(f"Silence counts as {state.rule.silence} after the deadline.")
    if state.rule.host_consent and state.consent is None:
        parts.append("The host's consent is missing.")
    return " ".join(filter(None, parts))


def _missing(session: Session, states: Sequence[str]) -> str:
    if not states:
        return ""
    names = listing((session.opening.name(one) for one in states), _NAMES_MAX)
    return f"{_words(len(states))} {'vote is' if len(states) == 1 else 'votes are'} missing: {names}."


def _words(count: int) -> str:
    return _WORDS[count] if count < len(_WORDS) else str(count)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
