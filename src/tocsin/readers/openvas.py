"""OpenVAS and Greenbone (GVM) reports in XML, as the web page exports them and as GMP answers."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Place,
    Seen,
    Told,
    gather,
    ids_in,
    instant,
    severity,
    vector_of,
)  # fmt: skip
from tocsin.readers._markup import paragraphs
from tocsin.readers._xml import Record, attribute, figure, records, root, text, whole
from tocsin.terms import Severity

_MARKS = frozenset({"gmp", "omp", "scan_run_status", "nvt"})


def claims(head: bytes, name: str) -> bool:
    """By a report and the elements only GMP has in one."""
    found = root(head)
    if found is None or found.name not in ("report", "get_reports_response"):
        return False
    return ("format_id" in found.attributes and "report" in found.tags) or bool(found.tags & _MARKS)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("OpenVAS")
    read, announced = 0, 0
    for record in records(stream, {"result", "result_count", "report", "get_reports_response"}, evidence_id, report):
        within = record.parents[-1].tag if record.parents else ""
        if record.element.tag == "result" and within == "results":
            read += 1
            yield _result(record)
        elif record.element.tag == "result_count" and within == "report":
            announced = whole(text(record.element, "filtered")) or 0
        elif record.element.tag == "report":
            yield _activity(record)
    if announced and not read:
        raise EvidenceError(f"expected {announced} results, as the report's own count says; found none.")


def _activity(record: Record) -> Activity:
    found = record.element
    start, end = instant(text(found, "scan_start")), instant(text(found, "scan_end"))
    return Activity("OpenVAS", None, start, end, text(found, "task/name"), record.offset)


def _result(record: Record) -> Seen:
    result = record.element
    nvt = result.find("nvt")
    tags = dict(part.partition("=")[::2] for part in (text(nvt, "tags") or "").split("|"))
    host, port = result.find("host"), text(result, "port") or ""
    ip = (host.text or "").strip() or None if host is not None else None
    number, _, protocol = port.rpartition("(")[2].rstrip(")").partition("/") if "(" in port else port.partition("/")
    oid, threat, score = attribute(nvt, "oid"), text(result, "threat"), figure(text(result, "severity"))
    title = text(result, "name") or text(nvt, "name")
    refs = [one.get("id") for one in nvt.iter("ref")] if nvt is not None else []
    return Seen(
        record.offset,
        (title, oid, ip, port, threat),
        title=title,
        severity=severity("high" if threat == "Alarm" else threat) or Severity.INFORMATIONAL,
        ids=ids_in(*refs, text(nvt, "cve"), text(nvt, "xref"), text(nvt, "name"), oid),
        places=[Place(None, ip, text(host, "hostname") or text(result, "hostname"), whole(number), protocol or None)],
        rule=oid,
        description=paragraphs(tags.get("summary"), tags.get("insight"), text(result, "description"), tags.get("impact")),
        cvss_score=score if score is not None and score >= 0 else None,
        cvss_vector=_vector(nvt, tags),
        status=threat if threat == "False Positive" else None,
        first_seen_time=instant(text(result, "creation_time")),
        remediation=text(nvt, "solution") or tags.get("solution"),
    )


def _vector(nvt: Element | None, tags: dict[str, str]) -> str | None:
    said = [text(one, "value") for one in nvt.findall("severities/severity")] if nvt is not None else []
    return vector_of(*said, tags.get("cvss_base_vector"))


@reader(title="OpenVAS, Greenbone (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one check on one port of one host with one threat, as the report lists results.

    The same check answering several times there is one finding. "Log" and "Debug" are informational. Source:
    https://docs.greenbone.net/API/GMP/gmp.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
