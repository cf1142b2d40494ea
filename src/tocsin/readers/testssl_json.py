"""Reports of testssl.sh in JSON: flat (``--jsonfile``) and pretty (``--jsonfile-pretty``)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather
from tocsin.readers._json_report import Record, objects, records, shape, text
from tocsin.readers._testssl import place, seen

_FIELDS = ("id", "severity", "finding", "cve", "cwe")


def claims(head: bytes, name: str) -> bool:
    """By checks with their finding and host, or by the invocation and its results."""
    found = shape(head)
    return found.either("id", "ip", "port", "severity", "finding") or (found.has("scanResult") and found.has("Invocation"))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        yield Activity("testssl.sh", text(item, "version"), None, None, text(item, "Invocation"), item.offset)
        if "scanResult" not in item:
            yield from _line(item, place(text(item, "ip"), text(item, "port")))
        for result in records(item, "scanResult"):
            host, address = text(result, "targetHost") or "", text(result, "ip") or ""
            here = place(f"{host}/{address}", text(result, "port"))
            for group in result.values():
                for line in records(group):
                    yield from _line(line, here)


def _line(line: Record, here: Place) -> Iterator[Seen]:
    if text(line, "id"):
        yield from seen(line.offset, {field: text(line, field) for field in _FIELDS}, here)


@reader(title="testssl.sh report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one check with one result and one CVE, on all hosts; what is OK, and the grade, are none.

    Source: https://testssl.sh/doc/testssl.1.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
