"""Findings as OCSF Detection Finding (class 2004), one JSON object per line.

Source: https://schema.ocsf.io/1.5.0/classes/detection_finding
"""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tocsin.exporters._attack import attack_id, attack_version, technique_name, url
from tocsin.exporters.as_json import plain
from tocsin.model import Assessment, Entity, EvidenceRow, Finding
from tocsin.model.text import printable
from tocsin.terms import FindingClass

OCSF_VERSION = "1.5.0"
_CLASS_UID, _CATEGORY_UID, _CREATE = 2004, 2, 1
_NEW = 1  # status_id: nobody has reviewed it yet
_HOSTNAME, _IP, _OTHER, _FILE_HASH, _SUBNET = 1, 2, 99, 8, 12  # observable type_id
_OBSERVABLES = {"ip": (_IP, "IP Address"), "prefix": (_SUBNET, "Subnet"), "host": (_HOSTNAME, "Hostname"),
                "domain": (_HOSTNAME, "Hostname"), "hostname": (_HOSTNAME, "Hostname")}  # fmt: skip
_REGULAR_FILE, _SHA_256 = 1, 3
_RULE = 1  # analytic type_id: thresholds that can be read, no trained model
_CONFIDENCES = ((0, "Unknown"), (1, "Low"), (2, "Medium"), (3, "High"))
_MEDIUM_MIN, _HIGH_MIN = 34, 67
_VICTIMS = ("victim", "target")
_ENTITIES_MAX = 1_000  # of a finding; findings.json has all


def to_ocsf(assessment: Assessment) -> bytes:
    """JSON lines, a finding each, in the assessment's order; keys sorted, no spaces, UTF-8."""
    lines = (json.dumps(event, sort_keys=True, separators=(",", ":")) for event in detection_findings(assessment))
    return "".join(f"{line}\n" for line in lines).encode()


def detection_findings(assessment: Assessment) -> Iterator[dict[str, Any]]:
    """The findings as OCSF events.

    ``time`` is when the finding's events were last seen: same evidence, same bytes, so no clock is asked. A finding
    without times gets 0 and says so in ``unmapped.time_unknown``.
    """
    for finding in assessment.findings:
        yield _drop_empty(_event(assessment, finding))


def _event(assessment: Assessment, finding: Finding) -> dict[str, Any]:
    last = _millis(finding.last_seen or finding.first_seen)
    confidence_id, confidence = _confidence(finding.confidence)
    return {
        "class_uid": _CLASS_UID,
        "class_name": "Detection Finding",
        "category_uid": _CATEGORY_UID,
        "category_name": "Findings",
        "activity_id": _CREATE,
        "activity_name": "Create",
        "type_uid": _CLASS_UID * 100 + _CREATE,
        "type_name": "Detection Finding: Create",
        "time": last or 0,
        "start_time": _millis(finding.first_seen),
        "end_time": _millis(finding.last_seen),
        "severity_id": int(finding.severity),
        "severity": finding.severity.word,
        "status_id": _NEW,
        "status": "New",
        "confidence_id": confidence_id,
        "confidence": confidence,
        "confidence_score": finding.confidence,
        "is_alert": finding.cls is FindingClass.ATTACK,
        "message": printable(finding.title),
        "metadata": {
            "version": OCSF_VERSION,
            "product": {
                "name": "Tocsin",
                "vendor_name": "Tocsin",
                "version": assessment.versions.get("tocsin", "unknown"),
            },
            "uid": finding.id,
            "correlation_uid": finding.incident,
            "labels": [assessment.tlp.value],
        },
        "finding_info": {
            "uid": finding.id,
            "title": printable(finding.title),
            "desc": printable(finding.meaning),
            "types": [printable(finding.attributes["vector"], 100)] if "vector" in finding.attributes else [],
            "first_seen_time": _millis(finding.first_seen),
            "last_seen_time": _millis(finding.last_seen),
            "analytic": {
                "uid": finding.analyzer,
                "name": finding.analyzer,
                "version": finding.version,
                "type_id": _RULE,
                "type": "Rule",
                "desc": printable(finding.confidence_basis),
            },
            "attacks": [_attack(found, attack_version(assessment)) for found in _techniques(finding)],
            "data_sources": list(dict.fromkeys(printable(row.name) for row in finding.evidence)),
        },
        "resources": [_resource(entity) for entity in finding.entities[:_ENTITIES_MAX] if entity.role in _VICTIMS],
        "evidences": [*(_evidence(row) for row in finding.evidence), *_senders(finding)],
        "observables": list(_observables(finding)),
        "remediation": _remediation(finding),
        "unmapped": {
            "class": finding.cls.value,
            "techniques": [technique for technique in finding.techniques if not attack_id(technique)],
            "attributes": _portable(plain(finding.attributes)),
            "parameters": _portable(plain(finding.parameters)),
            "related": list(finding.related),
            "time_unknown": last is None or None,
        },
    }


def _millis(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)


def _confidence(score: int) -> tuple[int, str]:
    return _CONFIDENCES[1 + (score >= _MEDIUM_MIN) + (score >= _HIGH_MIN)]


def _techniques(finding: Finding) -> list[str]:
    return [technique for technique in finding.techniques if attack_id(technique)]


def _attack(technique: str, version: str) -> dict[str, Any]:
    attack = attack_id(technique)
    parent, _, part = attack.partition(".")
    whole = {"uid": parent, "name": technique_name(f"attack:{parent}"), "src_url": url(parent)}
    if not part:
        return {"technique": whole, "version": version}
    return {
        "technique": whole,
        "sub_technique": {"uid": attack, "name": technique_name(technique), "src_url": url(attack)},
        "version": version,
    }


def _resource(entity: Entity) -> dict[str, Any]:
    return {"name": printable(entity.value, 300), "type": entity.kind}


def _evidence(row: EvidenceRow) -> dict[str, Any]:
    return {
        "file": {
            "name": printable(row.name),
            "type_id": _REGULAR_FILE,
            "type": "Regular File",
            "hashes": [{"algorithm_id": _SHA_256, "algorithm": "SHA-256", "value": row.sha256}],
        },
        "data": {"record_offset": row.offset, "excerpt": printable(row.excerpt), "evidence_id": row.evidence_id},
    }


def _senders(finding: Finding) -> Iterator[dict[str, Any]]:
    """An evidence artifact for each address that sent, named by its role: source, reflector…"""
    for entity in finding.entities[:_ENTITIES_MAX]:
        if entity.role not in _VICTIMS and entity.kind == "ip":
            yield {"name": printable(entity.role, 100), "src_endpoint": {"ip": printable(entity.value, 100)}}


def _observables(finding: Finding) -> Iterator[dict[str, Any]]:
    for entity in finding.entities[:_ENTITIES_MAX]:
        name = "resources.name" if entity.role in _VICTIMS else "evidences.src_endpoint.ip"
        yield _observable(name if entity.kind == "ip" or entity.role in _VICTIMS else f"finding_info.{entity.role}", entity)
    for sha256 in dict.fromkeys(row.sha256 for row in finding.evidence):
        yield {"name": "evidences.file.hashes.value", "type_id": _FILE_HASH, "type": "Hash", "value": sha256}


def _observable(name: str, entity: Entity) -> dict[str, Any]:
    type_id, kind = _OBSERVABLES.get(entity.kind, (_OTHER, entity.kind))
    return {"name": printable(name, 100), "type_id": type_id, "type": kind, "value": printable(entity.value, 300)}


def _remediation(finding: Finding) -> dict[str, Any] | None:
    offered = [mitigation.summary for mitigation in finding.mitigations if not mitigation.refused]
    refused = [f"Not: {mitigation.summary} {mitigation.refused}" for mitigation in finding.mitigations if mitigation.refused]
    said = [printable(text) for text in [*offered, *refused]]
    paths = [action.path for action in finding.actions if action.path]
    return {"desc": " ".join(said), "references": paths} if said else None


def _portable(value: Any) -> Any:
    """What every JSON parser takes: no NaN, no lone surrogates, no endless text."""
    if isinstance(value, Mapping):
        return {printable(key, 200): _portable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_portable(item) for item in value[:_ENTITIES_MAX]]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | None) else printable(value)


def _drop_empty(value: Mapping[str, Any]) -> dict[str, Any]:
    """Without members that say nothing; 0 and false say something."""
    kept = {}
    for key, member in value.items():
        inner = _drop_empty(member) if isinstance(member, Mapping) and key not in ("attributes", "parameters") else member
        if inner is not None and inner not in ({}, [], ""):
            kept[key] = inner
    return kept
