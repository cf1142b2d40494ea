"""Reports of OpenVAS and Greenbone as CSV."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._csv_report import has_columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, ids_in, instant, severity
from tocsin.readers._json_report import number, whole
from tocsin.terms import Severity

_COLUMNS = ("ip", "nvt_name", "severity")


def claims(head: bytes, name: str) -> bool:
    """By the columns of a test (NVT) on a host."""
    return has_columns(head, *_COLUMNS)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("OpenVAS")
    for row in records(stream, *_COLUMNS, evidence_id=evidence_id, report=report):
        title, port, protocol = row.get("nvt_name"), whole(row.get("port"), most=65535), row.get("port_protocol")
        yield Seen(
            row.offset,
            (row.first("hostname", "ip"), port, protocol, row.get("nvt_oid"), title, row.get("severity"), row.get("summary")),
            title=title,
            severity=severity(row.get("severity")) or Severity.INFORMATIONAL,
            ids=[*ids_in(row.get("cves"), row.get("nvt_oid")), *ids_in(title)],
            cwe=[row.get("cweid")],
            places=[Place(ip=row.get("ip"), hostname=row.get("hostname"), port=port, protocol=protocol)],
            rule=row.get("nvt_oid"),
            description="\n".join(part for part in (row.get("summary"), row.get("specific_result")) if part),
            cvss_score=number(row.get("cvss")),
            status="false_positive" if (row.get("falsepositive") or "").lower() == "true" else None,
            first_seen_time=instant(row.get("timestamp")),
            remediation=row.get("solution"),
        )


@reader(title="OpenVAS, Greenbone report (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one test with one severity and summary on one port of one host.

    Source: https://docs.greenbone.net/GSM-Manual/gos-22.04/en/reports.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
