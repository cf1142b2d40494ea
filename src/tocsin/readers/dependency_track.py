"""Exports of OWASP Dependency-Track: its Finding Packaging Format."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, purl, severity, vector_of
from tocsin.readers._json_report import at, document, number, record, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By the application that it names, or by findings of components."""
    found = shape(head)
    named = found.text("meta.application").lower() == "dependency-track"
    return found.kind == "object" and (
        named
        or found.has("findings[].component", "findings[].vulnerability.vulnId")
        or found.has("findings", "project.uuid", "meta")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    project = " ".join(part for part in (text(data, "project", "name"), text(data, "project", "version")) if part)
    made = instant(text(data, "meta", "timestamp"))
    yield Activity("Dependency-Track", text(data, "meta", "version"), made, None, project, data.offset)
    for item in records(data, "findings"):
        package, found = record(item, "component"), record(item, "vulnerability")
        group, name, version = text(package, "group"), text(package, "name"), text(package, "version")
        uid = text(found, "vulnId")
        aliases = [
            value for alias in records(found, "aliases") for value in alias.values() if type(value) is str and "-" in value
        ]
        suppressed = at(item, "analysis", "isSuppressed") is True
        yield Seen(
            item.offset,
            (text(item, "matrix") or text(package, "uuid"), uid, name, version),
            title=text(found, "title") or f"{uid} in {name} {version or ''}",
            severity=severity(text(found, "severity")),
            ids=[one for one in (uid, *aliases) if one],
            cwe=[text(found, "cweId"), *(text(one, "cweId") for one in records(found, "cwes"))],
            places=[Place(project or None)],
            rule=uid,
            description=text(found, "description"),
            cvss_score=next(
                (s for key in ("cvssV4Score", "cvssV3BaseScore", "cvssV2BaseScore") if (s := number(found, key))), None
            ),
            cvss_vector=vector_of(*(text(found, key) for key in ("cvssV4Vector", "cvssV3Vector", "cvssV2Vector"))),
            package_name=f"{group}/{name}" if group else name,
            package_version=version,
            package_purl=purl(text(package, "purl")),
            status="suppressed" if suppressed else (text(item, "analysis", "state") or "").lower() or None,
            first_seen_time=instant(text(item, "attribution", "attributedOn")),
            remediation=text(found, "recommendation"),
            own=True,
        )


@reader(title="Dependency-Track findings (FPF)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry, a vulnerability of a component, is one finding; suppressed ones say so in their status.

    Source: https://docs.dependencytrack.org/integrations/file-formats/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
