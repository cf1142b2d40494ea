"""The states' decision: rules as data, signed votes, the tally, and an export that any state can replay.

Pure: no database, no clock, no disk. See docs/adr/0005.
"""

from tocsin.council.records import (
    Amendment,
    Closing,
    Delegation,
    HostConsent,
    Opening,
    Outcome,
    Participant,
    Role,
    Session,
    Vote,
    amend,
    cast,
    delegate,
    objection,
    terms,
)
from tocsin.council.rules import (
    Abstention,
    Base,
    Choice,
    Kind,
    Rule,
    Share,
    Silence,
    default_rule,
    describe_rule,
)
from tocsin.council.tally import Caveat, Stand, Tally, close, decide, tally

__all__ = [
    "Abstention",
    "Amendment",
    "Base",
    "Caveat",
    "Choice",
    "Closing",
    "Delegation",
    "HostConsent",
    "Kind",
    "Opening",
    "Outcome",
    "Participant",
    "Role",
    "Rule",
    "Session",
    "Share",
    "Silence",
    "Stand",
    "Tally",
    "Vote",
    "amend",
    "cast",
    "close",
    "decide",
    "default_rule",
    "delegate",
    "describe_rule",
    "objection",
    "tally",
    "terms",
]
