"""Reports of testssl.sh as CSV."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._csv_report import has_columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Told, gather
from tocsin.readers._testssl import place, seen

_COLUMNS = ("id", "fqdn_ip", "port", "severity", "finding")


def claims(head: bytes, name: str) -> bool:
    """By its columns."""
    return has_columns(head, *_COLUMNS)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("testssl.sh")
    for row in records(stream, *_COLUMNS, evidence_id=evidence_id, report=report):
        yield from seen(row.offset, dict(row), place(row.get("fqdn_ip"), row.get("port")))


@reader(title="testssl.sh report (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one check with one result and one CVE, on all hosts; what is OK, and the grade, are none.

    Source: https://testssl.sh/doc/testssl.1.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
