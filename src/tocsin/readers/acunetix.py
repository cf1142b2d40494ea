"""Acunetix's report in XML."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Place,
    Seen,
    Told,
    gather,
    host_of,
    ids_in,
    instant,
    severity,
    vector_of,
)  # fmt: skip
from tocsin.readers._markup import paragraphs, plain
from tocsin.readers._xml import Record, figure, nothing_known, records, root, text, texts
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its root element and a scan in it."""
    found = root(head)
    return found is not None and found.name == "ScanGroup" and "Scan" in found.tags


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Acunetix")
    scans = 0
    for record in records(stream, {"ReportItem", "Crawler", "Scan", "ScanGroup"}, evidence_id, report):
        if record.element.tag == "ReportItem":
            yield _item(record)
        elif record.element.tag == "Scan" and len(record.parents) == 1:
            scans += 1
            start, end = (instant(text(record.element, key)) for key in ("StartTime", "FinishTime"))
            yield Activity("Acunetix", None, start, end, text(record.element, "StartURL"))
        elif not record.parents:
            nothing_known(record.element, {"Scan"}, scans)


def _item(record: Record) -> Seen:
    item = record.element
    start = next((text(one, "StartURL") for one in reversed(record.parents) if one.tag == "Scan"), None)
    where, path = host_of(start), text(item, "Affects")
    title = text(item, "Name")
    vector = vector_of(
        text(item, "CVSS4/Descriptor"),
        text(item, "CVSS3/Descriptor"),
        (text(item, "CVSS/Descriptor") or "").partition("/E:")[0],
    )
    return Seen(
        record.offset,
        (title, text(item, "Impact"), text(item, "Recommendation")),
        title=title,
        severity=severity(text(item, "Severity")) or Severity.CRITICAL,
        ids=ids_in(*texts(item, "CVEList/CVE"), *texts(item, "CVEList/CVE/Id"), title),
        cwe=[*texts(item, "CWEList/CWE"), *texts(item, "CWEList/CWE/Id")],
        places=[Place(None, where.ip, where.hostname, where.port, where.protocol, path or where.url_path)],
        rule=text(item, "ModuleName"),
        description=paragraphs(plain(text(item, "Description")), plain(text(item, "Impact")), plain(text(item, "Details"))),
        cvss_score=figure(text(item, "CVSS3/Score") or text(item, "CVSS/Score")) if vector is None else None,
        cvss_vector=vector,
        status="false_positive" if (text(item, "IsFalsePositive") or "").lower() in ("true", "1") else None,
        remediation=plain(text(item, "Recommendation")),
    )


@reader(title="Acunetix (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one weakness by name, impact and recommendation; what it affects are its occurrences.

    Source: https://www.acunetix.com/support/docs/wvs/generating-reports/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
