"""Reports of Aqua's image scanner."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Place,
    Seen,
    Told,
    gather,
    instant,
    severity,
    severity_of,
    vector_of,
)
from tocsin.readers._json_report import Record, number, objects, record, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By resources with vulnerabilities, or by CVEs of files."""
    found = shape(head)
    return any(
        found.either(*paths)
        for paths in (
            ("resources[].resource", "resources[].vulnerabilities"),
            ("results.resources[].resource",),
            ("cves[].file", "cves[].name"),
            ("resources", "vulnerability_summary"),
            ("scan_started", "image", "resources"),
        )
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        data = record(item, "results") or item
        image = text(data, "image") or text(data, "digest")
        yield Activity("Aqua", None, instant(text(data, "scan_started", "seconds")), None, image, item.offset)
        for held in records(data, "resources"):
            for found in records(held, "vulnerabilities"):
                yield _seen(found, record(held, "resource"), image)
        for found in records(data, "cves"):
            yield _seen(found, Record(found.offset), image)


def _seen(found: Record, package: Record, image: str | None) -> Seen:
    uid, path = text(found, "name"), text(package, "path") or text(found, "file")
    name, version = text(package, "name") or path, text(package, "version")
    scores = [number(found, key) for key in ("aqua_score", "nvd_score_v3", "vendor_score", "nvd_score", "score")]
    points = next((score for score in scores if score is not None), None)
    said = text(found, "aqua_severity") or text(found, "severity")
    return Seen(
        found.offset,
        (text(package, "cpe") or (path, name, version), uid),
        title=f"{uid} in {name} {version or ''}",
        severity=severity(said) or severity_of(points),
        ids=[uid] if uid else [],
        places=[Place(image, url_path=path)],
        rule=uid,
        description=text(found, "description"),
        cvss_score=points,
        cvss_vector=vector_of(text(found, "nvd_vectors_v3"), text(found, "nvd_vectors")),
        package_name=name,
        package_version=version,
        package_fixed_version=text(found, "fix_version"),
        first_seen_time=instant(text(found, "publish_date")),
        remediation=text(found, "solution"),
    )


@reader(title="Aqua report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability of one resource, told apart by its CPE (else by path, name and version) or by its file.

    Source: https://docs.aquasec.com/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
