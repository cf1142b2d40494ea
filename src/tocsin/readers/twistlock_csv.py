"""Reports of Twistlock, now Prisma Cloud, as CSV: of twistcli and of the console."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._csv_report import has_columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, severity
from tocsin.readers._json_report import number
from tocsin.terms import Severity

_COLUMNS = ("cve_id", "compliance_id", "packages", "package_version")


def claims(head: bytes, name: str) -> bool:
    """By the columns of CVE, compliance and packages."""
    return has_columns(head, *_COLUMNS)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Twistlock")
    for row in records(stream, *_COLUMNS, evidence_id=evidence_id, report=report):
        uid, name, version, said = (row.get(key) for key in ("cve_id", "packages", "package_version", "severity"))
        image = ":".join(part for part in (row.first("repository"), row.get("tag")) if part) or row.get("id")
        yield Seen(
            row.offset,
            (said, uid, name, version, row.get("description")),
            title=f"{uid or row.get('compliance_id')} in {name or image}",
            severity=severity(said) or Severity.INFORMATIONAL,
            ids=[uid] if uid else [],
            places=[Place(image, hostname=row.get("hostname"))],
            rule=uid or row.get("compliance_id"),
            description=row.get("description"),
            cvss_score=number(row.get("cvss")),
            package_name=name,
            package_version=version,
            status=row.get("fix_status"),
            remediation=row.get("fix_status"),
        )


@reader(title="Twistlock, Prisma Cloud report (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability with one severity and description of one package in one version, in all images.

    Source: https://docs.prismacloud.io/en/compute-edition/latest/vulnerability-management
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
