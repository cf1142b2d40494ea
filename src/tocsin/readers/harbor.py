"""Vulnerability reports of Harbor's API."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity, vector_of
from tocsin.readers._json_report import Record, document, record, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By the media type that is the report's key."""
    return any(_is_report(path.partition("; ")[0]) for path in shape(head).paths)


def _is_report(key: str) -> bool:
    return key.startswith("application/vnd.") and "vuln" in key


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    for held in (value for key, value in data.items() if type(value) is Record and _is_report(key)):
        scanner = " ".join(part for part in (text(held, "scanner", "name"), text(held, "scanner", "version")) if part)
        yield Activity("Harbor", scanner or None, instant(text(held, "generated_at")), offset=held.offset)
        for found in records(held, "vulnerabilities"):
            uid, name, version = (text(found, key) for key in ("id", "package", "version"))
            scores = record(found, "preferred_cvss")
            yield Seen(
                found.offset,
                (uid, name, version),
                title=f"{uid} in {name} {version or ''}",
                severity=severity(text(found, "severity")),
                ids=[uid] if uid else [],
                cwe=texts(found, "cwe_ids"),
                places=[Place(digest) for digest in texts(found, "artifact_digests")],
                rule=uid,
                description=text(found, "description"),
                cvss_vector=vector_of(text(scores, "vector_v3"), text(scores, "vector_v2")),
                package_name=name,
                package_version=version,
                package_fixed_version=text(found, "fix_version"),
            )


@reader(title="Harbor vulnerability report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability of one package in one version.

    Source: https://goharbor.io/docs/main/administration/vulnerability-scanning/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
