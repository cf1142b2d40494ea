"""Reports of Twistlock, now Prisma Cloud: ``twistcli images scan --output-file`` in JSON."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity, vector_of
from tocsin.readers._json_report import Record, number, objects, records, shape, text
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By results with vulnerabilities and their distribution."""
    found = shape(head)
    return any(
        found.has(f"results[].{key}")
        for key in ("vulnerabilityDistribution", "complianceDistribution", "vulnerabilities[].packageName")
    ) or found.has("results", "consoleURL")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        for result in records(item, "results"):
            image = text(result, "name") or text(result, "id")
            yield Activity("Twistlock", None, instant(text(result, "scanTime")), None, image, result.offset)
            for found in records(result, "vulnerabilities"):
                yield _vulnerability(found, image)
            for found in records(result, "compliances"):
                yield _compliance(found, image)


def _vulnerability(found: Record, image: str | None) -> Seen:
    uid, name, version = text(found, "id"), text(found, "packageName"), text(found, "packageVersion")
    return Seen(
        found.offset,
        (image, uid, name, version, text(found, "severity")),
        title=f"{uid} in {name} {version or ''}",
        severity=severity(text(found, "severity")) or Severity.INFORMATIONAL,
        ids=[uid] if uid else [],
        places=[Place(image, url_path=text(found, "packagePath"))],
        rule=uid,
        description=text(found, "description"),
        cvss_score=number(found, "cvss"),
        cvss_vector=vector_of(text(found, "vector")),
        package_name=name,
        package_version=version,
        status=text(found, "status"),
        first_seen_time=instant(text(found, "discoveredDate")),
        remediation=text(found, "status"),
    )


def _compliance(found: Record, image: str | None) -> Seen:
    rule, title = text(found, "id"), text(found, "title")
    return Seen(
        found.offset,
        (image, "compliance", rule, title),
        title=title,
        severity=severity(text(found, "severity")),
        places=[Place(image)],
        rule=rule,
        description=text(found, "description"),
        remediation=text(found, "cause"),
    )


@reader(title="Twistlock, Prisma Cloud report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability with one severity of one package in one version of an image, and one compliance check.

    Source: https://docs.prismacloud.io/en/compute-edition/latest/tools/twistcli
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
