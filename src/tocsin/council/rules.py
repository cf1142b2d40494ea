"""Rules of decision as data, and what a set of votes is under one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from tocsin.ledger import LedgerError
from tocsin.ledger.canonical import digest
from tocsin.ledger.shape import to_plain
from tocsin.model.text import day, plural


class Choice(StrEnum):
    """What a state says."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Kind(StrEnum):
    """How yes is counted."""

    UNANIMITY = "unanimity"  # everybody in the base says yes
    MAJORITY = "majority"  # a share of the base says yes
    WEIGHTED = "weighted"  # the weights of those who say yes reach a threshold
    AT_LEAST = "at_least"  # N of the participants say yes


class Base(StrEnum):
    """Whom unanimity or a share is of."""

    PARTICIPANTS = "participants"  # all who may vote, whether they do or not
    CAST = "cast"  # those who voted


class Abstention(StrEnum):
    """What an abstention does to the base."""

    NEUTRAL = "neutral"  # leaves it: the constructive abstention of Article 31(1) TEU
    AGAINST = "against"  # stays in it, and so weighs like a no


class Silence(StrEnum):
    """What a vote that is missing at the deadline counts as."""

    YES = "yes"
    ABSTAIN = "abstain"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Share:
    """A fraction of two integers, 0 to 1: two thirds have no exact decimal. ``more`` asks for more than it, not just for it."""

    numerator: int
    denominator: int
    more: bool = False

    def __post_init__(self) -> None:
        if not (0 <= self.numerator <= self.denominator and self.denominator > 0):
            raise LedgerError(f"expected a share from 0 to 1, found {self.numerator}/{self.denominator}")
        if self.more and self.numerator == self.denominator:
            raise LedgerError("expected a share that can be exceeded, found more than all")

    def reached(self, part: int, whole: int) -> bool:
        """Whether ``part`` of ``whole`` is enough."""
        have, asked = part * self.denominator, whole * self.numerator
        return have > asked if self.more else have >= asked

    def __str__(self) -> str:
        known = {(1, 2): "half", (1, 3): "a third", (2, 3): "two thirds", (3, 4): "three quarters", (1, 1): "all"}
        fraction = known.get((self.numerator, self.denominator), f"{self.numerator}/{self.denominator}")
        return f"more than {fraction}" if self.more else fraction if fraction == "all" else f"at least {fraction}"


NONE, ALL = Share(0, 1), Share(1, 1)


@dataclass(frozen=True)
class Rule:
    """A rule of decision: one version, valid from a day on. Every field decides; nothing is left to code.

    Attributes:
        id: The rule, over all its versions.
        version: From 1.
        since: When this version came into force.
        kind: How yes is counted.
        base: For unanimity and majority: of whom.
        share: For majority: how much of the base must say yes.
        weights: For weighted: each state's weight; a state without one weighs nothing.
        needed: For weighted: the threshold. For at least N: N. Otherwise 0.
        abstention: What an abstention does.
        quorum: How many of the participants must have voted, abstentions included, silence not.
        yes_floor: How many of the participants must say yes, whatever the kind; one always must.
        silence: What a vote missing at the deadline counts as.
        delegation: Whether a state may give its vote to another for an absence.
        host_consent: Whether the host must consent too.
    """

    id: str
    version: int
    since: datetime
    kind: Kind
    base: Base = Base.PARTICIPANTS
    share: Share = ALL
    weights: Mapping[str, int] = field(default_factory=dict)
    needed: int = 0
    abstention: Abstention = Abstention.NEUTRAL
    quorum: Share = NONE
    yes_floor: Share = NONE
    silence: Silence = Silence.NOTHING
    delegation: bool = True
    host_consent: bool = False

    def __post_init__(self) -> None:
        if self.version < 1:
            raise LedgerError(f"expected a version from 1, found {self.version}")
        if (self.kind in (Kind.WEIGHTED, Kind.AT_LEAST)) != (self.needed > 0):
            raise LedgerError(f"needed: expected a number above 0 for weighted and at_least alone, found {self.needed}")
        if (self.kind == Kind.WEIGHTED) != bool(self.weights) or any(weight < 0 for weight in self.weights.values()):
            raise LedgerError("weights: expected for a weighted rule alone, none below 0")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all fields."""
        return digest("rule", to_plain(self))


def default_rule(*, id: str, version: int, since: datetime) -> Rule:
    """Unanimity of participants. The real council's rule is not public: see docs/adr/0005.

    An abstention does not block, as in Article 31(1) TEU, but two thirds must have voted and half must have said yes, so that no
    mission goes out in the name of states that mostly looked away. Silence is nothing; a vote can be delegated; the host must
    consent.
    """
    return Rule(id, version, since, Kind.UNANIMITY, quorum=Share(2, 3), yes_floor=Share(1, 2), host_consent=True)


def describe_rule(rule: Rule) -> str:
    """The rule in one sentence, as the page and the report print it."""
    whom = "votes cast" if rule.base == Base.CAST else "participants"
    counted = {
        Kind.UNANIMITY: f"unanimity of {whom}",
        Kind.MAJORITY: f"yes from {rule.share} of {whom}",
        Kind.WEIGHTED: f"yes of states that weigh at least {rule.needed} of {sum(rule.weights.values())}",
        Kind.AT_LEAST: f"at least {plural(rule.needed, 'yes vote')}",
    }[rule.kind]
    based = rule.kind in (Kind.UNANIMITY, Kind.MAJORITY)
    neutral = "an abstention does not block" if rule.kind == Kind.UNANIMITY else "an abstention is left out of the count"
    parts = (
        counted,
        (neutral if rule.abstention == Abstention.NEUTRAL else "an abstention counts like a no") if based else "",
        f"{rule.quorum} of the participants must vote" if rule.quorum.numerator else "",
        f"{rule.yes_floor} of the participants must say yes" if rule.yes_floor.numerator else "",
        {"yes": "silence counts as yes", "abstain": "silence counts as abstention", "nothing": ""}[rule.silence],
        "" if rule.delegation else "no delegation",
        "the host must consent" if rule.host_consent else "",
    )
    return f"{'; '.join(filter(None, parts))} (version {rule.version} of {day(rule.since)})"


def unmet(rule: Rule, votes: Mapping[str, Choice | None], *, silent: bool) -> list[str]:
    """What the rule asks for that these votes do not give; nothing when they carry.

    Args:
        rule: The rule. Its host's consent is not looked at here.
        votes: Each participant's vote by state, None where it is missing.
        silent: Whether missing votes count as the rule says of silence: after the deadline.

    Returns:
        What there is instead, to go on from "there is": ``yes from 3 of 6 that count, where all are needed``.
    """
    assumed = Choice(rule.silence) if silent and rule.silence != Silence.NOTHING else None
    counted = {state: vote or assumed for state, vote in votes.items()}
    cast = sum(vote is not None for vote in votes.values())
    yes = [state for state, vote in counted.items() if vote == Choice.YES]
    base = _base(rule, list(counted.values()))
    carried, lack = {
        Kind.UNANIMITY: (len(yes) == base, f"yes from {len(yes)} of {base} that count, where all are needed"),
        Kind.MAJORITY: (
            rule.share.reached(len(yes), base),
            f"yes from {len(yes)} of {base} that count, where {rule.share} are needed",
        ),
        Kind.WEIGHTED: (
            (weight := sum(rule.weights.get(state, 0) for state in yes)) >= rule.needed,
            f"yes of a weight of {weight}, where {rule.needed} is needed",
        ),
        Kind.AT_LEAST: (len(yes) >= rule.needed, f"yes from {len(yes)}, where {rule.needed} are needed"),
    }[rule.kind]
    everybody = len(votes)
    tests = (
        (rule.quorum.reached(cast, everybody), f"votes from {cast} of {everybody}, where {rule.quorum} are needed"),
        (carried, lack),
        (bool(yes), "no yes at all"),
        (rule.yes_floor.reached(len(yes), everybody), f"yes from {len(yes)} of {everybody}, where {rule.yes_floor} are needed"),
    )
    return [clause for holds, clause in tests if not holds]


def _base(rule: Rule, counted: list[Choice | None]) -> int:
    """How many unanimity or a share is of."""
    out = counted.count(None) if rule.base == Base.CAST else 0
    if rule.abstention == Abstention.NEUTRAL:
        out += counted.count(Choice.ABSTAIN)
    return len(counted) - out
