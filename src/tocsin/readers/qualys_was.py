"""Qualys: scans of web applications (WAS_SCAN_REPORT, WAS_WEBAPP_REPORT)."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in, instant, vector_of
from tocsin.readers._markup import paragraphs, plain
from tocsin.readers._xml import Record, figure, nothing_known, records, root, text, whole
from tocsin.terms import Severity

ROOTS = ("WAS_SCAN_REPORT", "WAS_WEBAPP_REPORT")
WANTED = frozenset({"VULNERABILITY", "INFORMATION_GATHERED", "QID_LIST", *ROOTS})
# Source: a report's own APPENDIX/SEVERITY_CATEGORY_LIST, confirmed vulnerabilities.
_LEVELS = (Severity.LOW, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def claims(head: bytes, name: str) -> bool:
    """By its root element."""
    found = root(head)
    return found is not None and found.name in ROOTS


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Qualys Web Application Scanning")
    known = _glossary(stream, evidence_id)
    stream.seek(0)
    read = 0
    for record in records(stream, WANTED, evidence_id, report):
        kind = record.element.tag
        if kind in ("VULNERABILITY", "INFORMATION_GATHERED"):
            read += 1
            yield _finding(record, known)
        elif kind in ROOTS:
            nothing_known(record.element, {"HEADER", "RESULTS", "SUMMARY"}, read)
            yield Activity(
                "Qualys Web Application Scanning",
                None,
                _time(text(record.element, "HEADER/GENERATION_DATETIME")),
                None,
                text(record.element, "FILTERS/NAME") or text(record.element, "TARGET/SCAN"),
            )


def _glossary(stream: BinaryIO, evidence_id: str) -> dict[str, Element]:
    known = {}
    with contextlib.suppress(EvidenceError):  # the second reading says what is wrong with the file
        for record in records(stream, WANTED, evidence_id, lambda fault: None):
            if record.element.tag == "QID_LIST":
                known.update({qid: one for one in record.element if (qid := text(one, "QID"))})
    return known


def _time(said: str | None) -> datetime | None:
    """``01 Apr 2020 01:15PM GMT-0400``, also without the difference, or any form other scanners use."""
    clock, _, zone = (said or "").partition(" GMT")
    try:
        return datetime.strptime(f"{clock} {zone or '+0000'}", "%d %b %Y %I:%M%p %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return instant(said)


def _finding(record: Record, known: dict[str, Element]) -> Seen:
    found = record.element
    qid = text(found, "QID") or ""
    details = known.get(qid)
    gathered = found.tag == "INFORMATION_GATHERED"
    rank = whole(text(details, "SEVERITY")) or 1
    urls = [url for one in found.iter("URL") if (url := text(one))]
    seen = next(
        (text(found, key) for key in ("FIRST_TIME_DETECTED", "DETECTION_DATE", "LAST_TIME_DETECTED") if text(found, key)), ""
    )
    data = found.find("DATA")
    application = next((one for one in record.parents if one.tag == "WEB_APPLICATION"), None)
    return Seen(
        record.offset,
        (qid,),
        title=text(details, "TITLE") or text(found, "TITLE") or f"QID {qid}",
        severity=Severity.INFORMATIONAL if gathered else _LEVELS[min(max(rank, 1), 5) - 1],
        ids=ids_in(text(details, "TITLE"), text(details, "CVE")),
        cwe=[text(details, "CWE")],
        places=[host_of(url) for url in dict.fromkeys(urls[:1000])],
        asset=text(application, "URL") or text(application, "NAME") or text(record.parents[0], "TARGET/SCAN"),
        rule=qid,
        description=paragraphs(
            plain(text(details, "DESCRIPTION")),
            plain(text(details, "IMPACT")),
            text(data) if data is not None and data.get("base64") != "true" else None,
        ),
        cvss_score=figure(text(details, "CVSS_V3/BASE") or text(details, "CVSS_BASE")),
        cvss_vector=vector_of(text(details, "CVSS_V3/ATTACK_VECTOR")),
        status=text(found, "STATUS"),
        first_seen_time=_time(seen),
        remediation=plain(text(details, "SOLUTION")),
    )


@reader(title="Qualys web application scans (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one check (QID), of vulnerabilities and of what was gathered; URLs are its occurrences.

    Source: https://docs.qualys.com/en/was/api/, WAS scan and web application report DTDs
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
