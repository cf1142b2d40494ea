"""Errata of Red Hat Satellite, as its API lists them."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, instant, severity
from tocsin.readers._json_report import document, records, shape, text, texts
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By errata in a page of results."""
    found = shape(head)
    return found.has("results[].errata_id") or (
        found.kind == "object" and found.has("results", "total", "subtotal", "selectable")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    yield Activity("Red Hat Satellite", offset=data.offset)
    for found in records(data, "results"):
        uid, packages = text(found, "errata_id"), texts(found, "packages")
        yield Seen(
            found.offset,
            (uid, text(found, "id")),
            title=text(found, "title") or text(found, "name") or uid,
            severity=severity(text(found, "severity")) or Severity.LOW,
            ids=[one for one in (uid, *(text(cve, "cve_id") for cve in records(found, "cves"))) if one],
            rule=uid,
            description="\n".join(part for part in (text(found, "description"), text(found, "summary")) if part),
            package_name=", ".join(packages[:20]) or None,
            status="installable" if found.get("installable") is True else None,
            first_seen_time=instant(text(found, "issued")),
            remediation=text(found, "solution"),
            own=True,
        )


@reader(title="Red Hat Satellite errata (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each erratum is one finding, with all CVEs it names; one without a severity is low.

    Source: https://docs.redhat.com/en/documentation/red_hat_satellite/6.15/html/api_guide/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
