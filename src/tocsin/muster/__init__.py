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
    Remedy,
    Seat,
    Spoken,
    TrainingNeed,
)
from tocsin.muster.scales import CaveatKind, Cefr, Clearance, Sector
from tocsin.muster.solve import solve
from tocsin.muster.training import training_needs

__all__ = [
    "Caveat",
    "CaveatKind",
    "Cefr",
    "Clearance",
    "Cleared",
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
    "Remedy",
    "Seat",
    "Sector",
    "Spoken",
    "TrainingNeed",
    "solve",
    "training_needs",
]
