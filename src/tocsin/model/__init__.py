"""The nouns of the product: frozen dataclasses, no behaviour beyond what follows from their fields."""

from tocsin.model.assessment import AnalyzerCoverage, Assessment, Coverage, EvidenceCoverage, Incident
from tocsin.model.evidence import Batch, Evidence, Fault
from tocsin.model.finding import Action, Entity, EvidenceRow, Finding, Mitigation, Series, finding_id
from tocsin.model.profile import Asset, Network, Organisation, Profile
from tocsin.model.traffic import TrafficMatch

__all__ = [
    "Action",
    "AnalyzerCoverage",
    "Assessment",
    "Asset",
    "Batch",
    "Coverage",
    "Entity",
    "Evidence",
    "EvidenceCoverage",
    "EvidenceRow",
    "Fault",
    "Finding",
    "Incident",
    "Mitigation",
    "Network",
    "Organisation",
    "Profile",
    "Series",
    "TrafficMatch",
    "finding_id",
]
