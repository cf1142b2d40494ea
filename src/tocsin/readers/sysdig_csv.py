"""Vulnerability reports of Sysdig as CSV: of its console and of its command line."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import HEAD_BYTES, Report, reader
from tocsin.readers._csv_report import columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity, vector_of
from tocsin.readers._json_report import number

_LAYOUTS = (
    ("vulnerability_id", "severity", "package_name", "cvss_vector"),
    ("cve_id", "cve_severity", "package_name"),
    ("vulnerability_id", "severity", "package_name", "image"),
)


def claims(head: bytes, name: str) -> bool:
    """By the columns of a vulnerability and a package."""
    return _layout(head) is not None


def _layout(head: bytes) -> tuple[str, ...] | None:
    return next((wanted for wanted in _LAYOUTS if columns(head, *wanted)), None)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    layout = _layout(stream.read(HEAD_BYTES)) or _LAYOUTS[0]
    stream.seek(0)
    yield Activity("Sysdig")
    for row in records(stream, *layout, evidence_id=evidence_id, report=report):
        uid, name, version = row.first("vulnerability_id", "cve_id"), row.get("package_name"), row.get("package_version")
        keys = ("k8s_cluster_name", "k8s_namespace_name", "k8s_workload_name")
        workload, image = "/".join(row[key] for key in keys if key in row), row.first("image", "image_name", "pull_string")
        path = row.get("package_path")
        yield Seen(
            row.offset,
            (uid, name, version, image, workload, path),
            title=f"{uid} in {name} {version or ''}",
            severity=severity(row.first("severity", "cve_severity")),
            ids=[uid] if uid else [],
            places=[Place(workload or image, url_path=path or image)],
            rule=uid,
            cvss_score=number(row.first("cvss_score", "cvss_base_score")),
            cvss_vector=vector_of(row.get("cvss_vector")),
            package_name=name,
            package_version=version,
            package_fixed_version=row.first("fix_version", "package_suggested_fix"),
            status="risk_accepted" if (row.get("risk_accepted") or "").lower() == "true" else None,
            first_seen_time=instant(row.first("vuln_publish_date", "disclosure_date")),
            own=True,
        )


@reader(title="Sysdig vulnerability report (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each record, a vulnerability of a package in an image or workload, is one finding.

    Source: https://docs.sysdig.com/en/sysdig-secure/vulnerability-management/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
