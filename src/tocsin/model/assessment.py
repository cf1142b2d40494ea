"""Findings joined, ranked and judged, with what was and was not looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.model.evidence import Fault
from tocsin.model.finding import Finding
from tocsin.terms import FindingClass, ReadStatus, Severity, Tlp


@dataclass(frozen=True, slots=True)
class EvidenceCoverage:
    """How far one file was read. ``faults`` counts all; ``fault_samples`` holds the first few."""

    evidence_id: str
    name: str
    sha256: str
    size_bytes: int
    reader: str | None
    status: ReadStatus
    rows: Mapping[str, int] = field(default_factory=dict)
    faults: int = 0
    fault_samples: tuple[Fault, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnalyzerCoverage:
    """Whether one analyzer ran (``ran``, ``not_run`` or ``failed``), and if not, why."""

    analyzer: str
    version: str
    status: str
    reason: str = ""
    findings: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at, skipped, or failed; part of every output. ``missing``: sentences on what was lacking (packs, profile)."""

    evidence: tuple[EvidenceCoverage, ...]
    analyzers: tuple[AnalyzerCoverage, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """Findings that belong together by shared entity and time. ``findings``: their ids, worst first."""

    id: str
    title: str
    cls: FindingClass
    severity: Severity
    first_seen: datetime | None
    last_seen: datetime | None
    victims: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer. ``situation``: three sentences. ``findings`` and ``incidents``: worst first."""

    situation: str
    incidents: tuple[Incident, ...]
    findings: tuple[Finding, ...]
    coverage: Coverage
    versions: Mapping[str, str]
    tlp: Tlp = Tlp.AMBER
    partner: str = ""

    def finding(self, finding_id: str) -> Finding:
        """The finding with this id; KeyError if there is none."""
        for finding in self.findings:
            if finding.id == finding_id:
                return finding
        raise KeyError(finding_id)
