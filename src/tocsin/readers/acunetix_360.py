"""Acunetix 360, Invicti and Netsparker: the list of vulnerabilities in JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Seen,
    Told,
    gather,
    host_of,
    ids_in,
    instant,
    severity,
    vector_of,
)  # fmt: skip
from tocsin.readers._json_report import Record, at, document, number, record, records, shape, text
from tocsin.readers._markup import paragraphs, plain
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its time and list of vulnerabilities, and the target or a vulnerability as only these write them."""
    found = shape(head)
    return found.has("Vulnerabilities", "Generated") or (
        found.has("Vulnerabilities[].LookupId", "Vulnerabilities[].Classification")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    target = text(data, "Target", "Url")
    start = _time(text(data, "Target", "InitiatedDate") or text(data, "Target", "Initiated"))
    yield Activity("Acunetix 360, Invicti", None, start, _time(text(data, "Generated")), target, data.offset)
    found = records(data, "Vulnerabilities")
    if not found and at(data, "Vulnerabilities"):
        raise EvidenceError("expected objects in the list Vulnerabilities, found something else.")
    for one in found:
        yield _vulnerability(one)


def _time(said: str | None) -> datetime | None:
    """``25/06/2021 09:59 AM``, or any form other scanners use."""
    try:
        return datetime.strptime(said or "", "%d/%m/%Y %I:%M %p").replace(tzinfo=UTC)
    except ValueError:
        return instant(said)


def _vulnerability(found: Record) -> Seen:
    title, rated = text(found, "Name") or text(found, "Title"), text(found, "Severity")
    classified = record(found, "Classification")
    vectors = [record(classified, key) for key in ("Cvss40", "Cvss31", "Cvss")]
    state = (text(found, "State") or "").replace(" ", "")
    status = "false_positive" if "FalsePositive" in state else "accepted_risk" if "AcceptedRisk" in state else state
    return Seen(
        found.offset,
        (title,),
        title=title,
        severity=severity("info" if rated == "BestPractice" else rated) or Severity.INFORMATIONAL,
        ids=ids_in(title, text(found, "ExternalReferences"), text(found, "KnownVulnerabilities", 0, "Title")),
        cwe=[f"CWE-{one.strip()}" for one in (text(classified, "Cwe") or "").split(",")],
        places=[host_of(text(found, "Url"))],
        rule=text(found, "Type") or text(found, "LookupId"),
        description=paragraphs(plain(text(found, "Description")), plain(text(found, "Impact"))),
        cvss_score=next((score for one in vectors if (score := number(one, "BaseScore", "Value")) is not None), None),
        cvss_vector=vector_of(*(text(one, "Vector") for one in vectors)),
        status=status or None,
        first_seen_time=_time(text(found, "FirstSeenDate")),
        remediation=plain(text(found, "RemedialProcedure")) or plain(text(found, "RemedialActions")),
    )


@reader(title="Acunetix 360, Invicti, Netsparker (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one weakness by its name; URLs are its occurrences.

    Source: https://www.invicti.com/support/vulnerabilities-list-json/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
