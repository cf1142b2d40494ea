"""Writes what an assessment says into the case: findings, report, actions, exchange, manifest."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import vl_convert

from tocsin.analyzers import analyzers
from tocsin.exporters.actions import write_actions
from tocsin.exporters.as_json import to_json
from tocsin.exporters.exchange import write_exchange
from tocsin.exporters.html import render_html
from tocsin.exporters.pdf import render_pdf
from tocsin.model import Assessment
from tocsin.store import FORMAT, Case, dumps


def prepare() -> None:
    """Start the converter of charts, which takes most of a second the first time: for while there is nothing else to do."""
    vl_convert.vegalite_to_svg({"mark": "point"}, allowed_base_urls=[])


def write(case: Case, assessment: Assessment, *, engine: str) -> Assessment:
    """Write everything but the tables.

    Returns:
        The assessment, its findings with their actions.

    Raises:
        CaseError: The case folder cannot be written.
    """
    kept: set[str] = set()
    findings = []
    for finding in assessment.findings:
        actions = []
        for action, data in write_actions(finding, tlp=assessment.tlp):
            if action.path:
                case.write(action.path, data)
                kept.add(action.path)
            actions.append(action)
        findings.append(replace(finding, actions=tuple(actions)))
    assessment = replace(assessment, findings=tuple(findings))
    for path, data in write_exchange(assessment):
        case.write(path, data)
        kept.add(path)
    for folder in ("actions", "exchange"):
        case.remove_others(folder, kept)
    case.write("findings.json", dumps(to_json(assessment)))
    case.write("report.html", render_html(assessment).encode())
    case.write("report.pdf", render_pdf(assessment))
    case.write("case.json", dumps(_manifest(assessment, engine)))
    return assessment


def _manifest(assessment: Assessment, engine: str) -> Mapping[str, Any]:
    return {
        "format": FORMAT,
        "evidence": [
            {
                "name": e.name,
                "sha256": e.sha256,
                "size_bytes": e.size_bytes,
                "evidence_id": e.evidence_id,
                "tables": sorted(table for table, rows in e.rows.items() if rows),
            }
            for e in assessment.coverage.evidence
        ],
        "engine": engine,
        "tlp": assessment.tlp.value,
        "partner": assessment.partner,
        "versions": dict(assessment.versions),
        "parameters": {a.id: dict(a.parameters) for a in analyzers().values()},
    }
