"""Qualys: reports on assets (ASSET_DATA_REPORT), and detections as the API gives them (HOST_LIST_VM_DETECTION_OUTPUT)."""

import contextlib
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
    severity_of,
    vector_of,
)  # fmt: skip
from tocsin.readers._markup import paragraphs, plain
from tocsin.readers._xml import Record, attribute, figure, nothing_known, records, root, text, texts, whole
from tocsin.terms import Severity

ROOTS = ("ASSET_DATA_REPORT", "HOST_LIST_VM_DETECTION_OUTPUT")
WANTED = frozenset({"VULN_INFO", "VULN_DETAILS", "DETECTION", *ROOTS})
# Source: https://docs.qualys.com/en/vm/latest/setup/severity_levels.htm. Levels 1 and 2 are "minimal" and "medium" there, but
# scores go first: what one of these levels has no score is seldom more than a note.
LEVELS = (Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def claims(head: bytes, name: str) -> bool:
    """By its root element."""
    found = root(head)
    return found is not None and found.name in ROOTS


def level(said: str | None) -> Severity:
    """The OCSF severity of Qualys's 1 to 5."""
    return LEVELS[min(max(whole(said) or 1, 1), 5) - 1]


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Qualys")
    known = _glossary(stream, evidence_id)
    stream.seek(0)
    read = 0
    for record in records(stream, WANTED, evidence_id, report):
        kind = record.element.tag
        if kind == "VULN_INFO":
            read += 1
            yield _vulnerability(record, known)
        elif kind == "DETECTION":
            read += 1
            yield _detection(record)
        elif kind in ROOTS:
            nothing_known(record.element, {"HEADER", "HOST_LIST", "RESPONSE"}, read)
            yield _activity(record.element)
            announced = whole(text(record.element, "HEADER/RISK_SCORE_SUMMARY/TOTAL_VULNERABILITIES")) or 0
            if announced and not read:
                raise EvidenceError(f"expected {announced} vulnerabilities, as the report's own summary says; found none.")


def _glossary(stream: BinaryIO, evidence_id: str) -> dict[str, Element]:
    """What the report's end tells of each check; what is wrong with the file is for the second reading to say."""
    known = {}
    with contextlib.suppress(EvidenceError):
        for record in records(stream, WANTED, evidence_id, lambda fault: None):
            if record.element.tag == "VULN_DETAILS":
                known[record.element.get("id") or ""] = record.element
    return known


def _activity(top: Element) -> Activity:
    made = text(top, "HEADER/GENERATION_DATETIME") or text(top, "RESPONSE/DATETIME")
    return Activity("Qualys", None, instant(made), None, text(top, "HEADER/TEMPLATE"))


def _host(record: Record) -> Place:
    host = next((one for one in reversed(record.parents) if one.tag == "HOST"), record.parents[-1])
    return Place(None, text(host, "IP") or text(host, "IPV6"), text(host, "DNS") or text(host, "NETBIOS"))


def _vulnerability(record: Record, known: dict[str, Element]) -> Seen:
    found, host = record.element, _host(record)
    gid = attribute(found.find("QID"), "id") or text(found, "QID") or ""
    details = known.get(gid)
    qid = gid.removeprefix("qid_")
    scores = (
        text(found, "CVSS3_FINAL"), text(found, "CVSS_FINAL"), text(details, "CVSS3_SCORE/CVSS3_BASE"),
        text(details, "CVSS_SCORE/CVSS_BASE"),
    )  # fmt: skip
    score = next((number for said in scores if (number := figure(said)) is not None), None)
    vectors = [said.partition("(")[2].rstrip(")") for said in scores if said]
    return Seen(
        record.offset,
        (host.ip, host.hostname, qid, text(found, "PORT"), text(found, "PROTOCOL") or text(found, "SERVICE")),
        title=text(details, "TITLE") or f"QID {qid}",
        severity=severity_of(score) if score else level(text(details, "SEVERITY")),
        ids=texts(details, "CVE_ID_LIST/CVE_ID/ID"),
        places=[host._replace(port=whole(text(found, "PORT")), protocol=(text(found, "PROTOCOL") or "").lower() or None)],
        rule=qid,
        description=paragraphs(plain(text(details, "THREAT")), plain(text(details, "IMPACT")), text(found, "RESULT")),
        cvss_score=score,
        cvss_vector=vector_of(*(form for one in vectors if one for form in (f"CVSS:3.0/{one}", one))),
        status=text(found, "VULN_STATUS"),
        first_seen_time=instant(text(found, "FIRST_FOUND")),
        remediation=plain(text(details, "SOLUTION")),
        own=True,
    )


def _detection(record: Record) -> Seen:
    found, host = record.element, _host(record)
    qid = text(found, "QID") or ""
    return Seen(
        record.offset,
        (host.ip, host.hostname, qid, text(found, "PORT"), text(found, "PROTOCOL")),
        title=text(found, "TITLE") or f"QID {qid}",
        severity=level(text(found, "SEVERITY")),
        ids=ids_in(*texts(found, "CVE_LIST/CVE")),
        places=[host._replace(port=whole(text(found, "PORT")), protocol=(text(found, "PROTOCOL") or "").lower() or None)],
        rule=qid,
        description=plain(text(found, "RESULTS")),
        status=text(found, "STATUS"),
        first_seen_time=instant(text(found, "FIRST_FOUND_DATETIME")),
        own=True,
    )


@reader(title="Qualys assets and detections (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry of a host's list is one finding: one check on one host and port, whatever its type and status.

    Source: https://docs.qualys.com/en/vm/api/, asset_data_report.dtd, host_list_vm_detection_output.dtd
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
