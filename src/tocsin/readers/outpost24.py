"""Outpost24 (OUTSCAN, HIAB) reports in XML."""

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
    severity_of,
    vector_of,
)  # fmt: skip
from tocsin.readers._markup import paragraphs
from tocsin.readers._xml import Record, figure, nothing_known, records, root, text, texts, whole
from tocsin.terms import Severity

_RISKS = {0: Severity.INFORMATIONAL, 1: Severity.LOW, 2: Severity.MEDIUM, 4: Severity.HIGH}


def claims(head: bytes, name: str) -> bool:
    """By its root element and its lists."""
    found = root(head)
    return found is not None and found.name == "main" and bool(found.tags & {"detaillist", "reportinfo"})


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Outpost24")
    read = 0
    for record in records(stream, {"detail", "main"}, evidence_id, report):
        if record.element.tag == "detail":
            read += 1
            yield _detail(record)
        elif not record.parents:
            nothing_known(record.element, {"detaillist", "hostlist", "reportinfo"}, read)
            hosts = ", ".join(texts(record.element, "hostlist/host/ip")[:50])
            yield Activity("Outpost24", None, instant(text(record.element, "reportinfo/reportdate")), None, hosts)


def _detail(record: Record) -> Seen:
    detail = record.element
    score = figure(text(detail, "cvss_v3_score"))
    if score is None:
        score = figure(text(detail, "cvss_score"))
    risk = whole(text(detail, "risk"))
    where = host_of(text(detail, "ip"))
    vector2 = (text(detail, "cvss_vector") or "").partition(" ")[0]
    return Seen(
        record.offset,
        (text(detail, "ip"), text(detail, "id"), text(detail, "portinfo/portnumber"), text(detail, "portinfo/protocol")),
        title=text(detail, "name"),
        severity=severity_of(score) if score else _RISKS.get(risk or 0, Severity.LOW),
        ids=ids_in(*texts(detail, "cve/id"), *texts(detail, "cvelist/cve"), text(detail, "name")),
        cwe=texts(detail, "cwe/id"),
        places=[
            Place(
                None,
                where.ip,
                text(detail, "hostname") or where.hostname,
                whole(text(detail, "portinfo/portnumber")),
                (text(detail, "portinfo/protocol") or "").lower() or None,
            )
        ],
        rule=text(detail, "id"),
        description=paragraphs(text(detail, "description"), text(detail, "information")),
        cvss_score=score,
        cvss_vector=vector_of(text(detail, "cvss_v3_vector"), vector2),
        package_name=text(detail, "product"),
        status="false_positive" if text(detail, "falsepositive") == "1" else None,
        remediation=paragraphs(text(detail, "solutiontitle"), text(detail, "solution")),
        own=True,
    )


@reader(title="Outpost24 (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry of the list of details is one finding: one check on one port of one host.

    Source: https://outscan.outpost24.com/dtd/XMLReport.dtd
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
