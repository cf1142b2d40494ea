"""Security reports of Black Duck as CSV (``security.csv`` of its report archive)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._csv_report import has_columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, ids_in, severity
from tocsin.readers._json_report import number

_COLUMNS = ("vulnerability_id", "vulnerability_source", "security_risk")


def claims(head: bytes, name: str) -> bool:
    """By the columns of a vulnerability and its source."""
    return has_columns(head, *_COLUMNS)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Black Duck")
    for row in records(stream, *_COLUMNS, evidence_id=evidence_id, report=report):
        said, source = row.get("vulnerability_id", ""), row.get("vulnerability_source")
        ids = ids_in(said)
        name = row.first("component_name", "project_name")
        version = row.first("component_version_name", "version", "channel_version_origin_name")
        origin = row.first("channel_version_origin_id", "component_origin_id")
        yield Seen(
            row.offset,
            (ids[0] if ids else said, origin, source),
            title=f"{said} in {name or origin}",
            severity=severity(row.get("security_risk")),
            ids=[*ids, *([said.split()[0]] if said and said.split()[0] not in ids else [])],
            places=[Place(row.first("project_path", "used_by", "project_name"))],
            rule=said,
            description=row.get("description"),
            cvss_score=number(row.get("base_score")),
            package_name=name,
            package_version=version,
            status=(row.get("remediation_status") or "").lower() or None,
            remediation=row.get("remediation_comment"),
        )


@reader(title="Black Duck security report (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability by one source of one component origin. Days are written by locale, so they are not read.

    Source: https://documentation.blackduck.com/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
