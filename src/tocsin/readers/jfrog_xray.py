"""Reports of JFrog Xray: violations (1), reports (3 and newer), artifact summaries, scans on demand."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity, vector_of
from tocsin.readers._json_report import Record, at, number, objects, record, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By the entries of one of its four layouts."""
    found = shape(head)
    return (
        found.has("data[].component_versions", "data[].source_comp_id")
        or found.has("rows[].vulnerable_component")
        or found.has("artifacts[].issues", "artifacts[].general")
        or found.either("scan_id", "vulnerabilities", "component_id")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        yield Activity("JFrog Xray", targets=text(item, "component_id"), offset=item.offset)
        for found in records(item, "data"):
            yield _violation(found)
        for found in records(item, "rows"):
            yield _row(found)
        for artifact in records(item, "artifacts"):
            for found in records(artifact, "issues"):
                paths = texts(found, "impact_path")
                yield _seen(found, (text(artifact, "general", "path"), *paths[:1]), text(artifact, "general", "name"), paths)
        for found in records(item, "vulnerabilities"):
            for component, details in record(found, "components").items():
                chains = at(details, "impact_paths")
                ends = [records(chain)[-1:] for chain in chains if type(chain) is list] if type(chains) is list else []
                paths = [
                    path for end in ends for step in end if (path := text(step, "full_path") or text(step, "component_id"))
                ]
                yield _seen(found, (component,), component, paths, texts(details, "fixed_versions"))


def _violation(found: Record) -> Seen:
    details = record(found, "component_versions", "more_details")
    cves = records(details, "cves")
    source = text(found, "source_comp_id")
    seen = _seen(found, (), source, [], texts(found, "component_versions", "fixed_versions"), cves)
    seen.key = (
        text(found, "id"),
        text(found, "summary"),
        text(found, "provider"),
        source,
        text(cves[0], "cve") if cves else None,
    )
    seen.own = False
    return seen


def _row(found: Record) -> Seen:
    path = text(found, "path")
    seen = _seen(found, (path,), text(found, "vulnerable_component"), [path] if path else [], texts(found, "fixed_versions"))
    seen.first_seen_time = instant(text(found, "artifact_scan_time"))
    return seen


def _seen(
    found: Record,
    key: tuple[str | None, ...],
    component: str | None,
    paths: list[str],
    fixed: list[str] | None = None,
    cves: list[Record] | None = None,
) -> Seen:
    """One entry; ``component`` as Xray writes it: ``gav://group:name:version``."""
    cves = records(found, "cves") if cves is None else cves
    issue = text(found, "issue_id") or text(found, "id")
    name, _, version = (
        (component or "").partition("://")[2].rpartition(":")
        if "://" in (component or "")
        else (component or "").rpartition(":")
    )
    said = [
        text(one, field)
        for one in cves
        for field in ("cvss_v4_vector", "cvss_v3_vector", "cvss_v3", "cvss_v2_vector", "cvss_v2")
    ]
    vectors = [one.partition("/")[2] if one and one[:1].isdigit() else one for one in said]
    numbers = [points for one in cves if (points := number(one, "cvss_v3_score") or number(one, "cvss_v2_score"))]
    summary = text(found, "summary")
    return Seen(
        found.offset,
        (issue, summary if not issue else None, component, *key),
        title=summary or issue,
        severity=severity(text(found, "severity")),
        ids=[one for one in (*(text(cve, "cve") for cve in cves), issue) if one],
        cwe=[cwe for one in cves for cwe in texts(one, "cwe")],
        places=[Place(component, url_path=path) for path in paths[:1000]] or [Place(component)],
        rule=issue,
        description=text(found, "description") or summary,
        cvss_score=max(numbers, default=None),
        cvss_vector=vector_of(*vectors),
        package_name=name or component,
        package_version=version or None,
        package_fixed_version=",".join(fixed or []) or None,
        own=True,
    )


@reader(title="JFrog Xray report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry is one finding; on demand: each component of each vulnerability; violations of version 1: one per issue,
    provider, component and CVE.

    Source: https://jfrog.com/help/r/xray-rest-apis
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
