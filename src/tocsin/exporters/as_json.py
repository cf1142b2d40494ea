"""The assessment as JSON, field by field as in design.md, section 4; other programs rely on it."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from tocsin.model import Action, Assessment, Coverage, Finding, Incident, Series


def to_json(assessment: Assessment) -> dict[str, Any]:
    """One object: ``situation``, ``incidents``, ``findings``, ``coverage``, ``versions``, ``tlp``, ``partner``."""
    return {
        "situation": assessment.situation,
        "incidents": [_incident(incident) for incident in assessment.incidents],
        "findings": [_finding(finding) for finding in assessment.findings],
        "coverage": _coverage(assessment.coverage),
        "versions": dict(assessment.versions),
        "tlp": assessment.tlp.value,
        "partner": assessment.partner,
    }


def iso_time(time: datetime | None) -> str | None:
    """RFC 3339 in UTC with as many digits as are there: ``2022-02-15T13:02:11.204Z``; None stays None."""
    if time is None:
        return None
    text = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return text + "Z"


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": incident.title,
        "class": incident.cls.value,
        "severity_id": int(incident.severity),
        "first_seen": iso_time(incident.first_seen),
        "last_seen": iso_time(incident.last_seen),
        "victims": list(incident.victims),
        "findings": list(incident.findings),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "analyzer": finding.analyzer,
        "version": finding.version,
        "class": finding.cls.value,
        "title": finding.title,
        "severity_id": int(finding.severity),
        "confidence": finding.confidence,
        "confidence_basis": finding.confidence_basis,
        "techniques": list(finding.techniques),
        "first_seen": iso_time(finding.first_seen),
        "last_seen": iso_time(finding.last_seen),
        "entities": [{"role": e.role, "kind": e.kind, "value": e.value} for e in finding.entities],
        "attributes": plain(finding.attributes),
        "evidence": [
            {"evidence_id": r.evidence_id, "name": r.name, "sha256": r.sha256, "offset": r.offset, "excerpt": r.excerpt}
            for r in finding.evidence
        ],
        "meaning": finding.meaning,
        "actions": [_action(action) for action in finding.actions],
        "parameters": plain(finding.parameters),
        "series": _series(finding.series) if finding.series else None,
        "incident": finding.incident,
        "related": list(finding.related),
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind,
        "path": action.path,
        "summary": action.summary,
        "hit_ratio": action.hit_ratio,
        "collateral_ratio": action.collateral_ratio,
        "note": action.note,
        "undo": action.undo,
        "refused": action.refused,
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        "start_s": series.start_s,
        "step_s": series.step_s,
        "unit": series.unit,
        "values": plain(series.values),
        "usual": plain(series.usual),
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "evidence": [
            {
                "evidence_id": e.evidence_id,
                "name": e.name,
                "sha256": e.sha256,
                "size_bytes": e.size_bytes,
                "reader": e.reader,
                "status": e.status.value,
                "rows": dict(sorted(e.rows.items())),
                "faults": e.faults,
                "fault_samples": [{"offset": fault.offset, "reason": fault.reason} for fault in e.fault_samples],
                "reason": e.reason,
            }
            for e in coverage.evidence
        ],
        "analyzers": [
            {"analyzer": a.analyzer, "version": a.version, "status": a.status, "reason": a.reason, "findings": a.findings}
            for a in coverage.analyzers
        ],
        "missing": list(coverage.missing),
    }


def plain(value: Any) -> Any:
    """Turn what analyzers put in attributes into what JSON can hold; numbers of numpy become Python's.

    JSON has no infinity and no NaN (RFC 8259, section 6): they become null.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return iso_time(value)
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
