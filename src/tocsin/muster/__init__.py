"""Proposing the best team from the experts that states lend: pure, without clock, disk or database."""

from tocsin.muster.ecsf import EcsfProfile
from tocsin.muster.model import (
    Caveat,
    Cleared,
    Conflict,
    Cost,
    Days,
    Expert,
    Member,
    Near,
    Need,
    Open,
    Proposal,
    Seat,
    Spoken,
    TrainingNeed,
)
from tocsin.muster.scales import CaveatKind, Cefr, Clearance, Sector

__all__ = [
    "Caveat",
    "CaveatKind",
    "Cefr",
    "Cleared",
    "Clearance",
    "Conflict",
    "Cost",
    "Days",
    "EcsfProfile",
    "Expert",
    "Member",
    "Near",
    "Need",
    "Open",
    "Proposal",
    "Sector",
    "Seat",
    "Spoken",
    "TrainingNeed",
]
