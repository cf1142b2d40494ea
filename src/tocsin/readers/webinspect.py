"""Fortify WebInspect's export of a scan in XML."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in
from tocsin.readers._markup import paragraphs, plain
from tocsin.readers._xml import Record, attribute, nothing_known, records, root, text, whole
from tocsin.terms import Severity

_LEVELS = (Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def claims(head: bytes, name: str) -> bool:
    """By its root element with a session in it."""
    found = root(head)
    return found is not None and found.name == "Sessions" and "Session" in found.tags


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("WebInspect")
    sessions = 0
    wanted = {"Issue", "RawRequest", "RawResponse", "Session", "Sessions"}  # requests: only so that they are not kept
    for record in records(stream, wanted, evidence_id, report):
        if record.element.tag == "Issue":
            yield _issue(record)
        elif record.element.tag == "Session" and len(record.parents) == 1:
            sessions += 1
        elif not record.parents:
            nothing_known(record.element, {"Session"}, sessions)


def _issue(record: Record) -> Seen:
    issue = record.element
    url = next((said for one in reversed(record.parents) if (said := text(one, "URL"))), None)
    level = whole(text(issue, "Severity")) or 0
    classes = issue.findall("Classifications/Classification")
    weaknesses = [said for one in classes if one.get("kind") == "CWE" and (said := attribute(one, "identifier"))]
    sections = {text(one, "Name") or "": plain(text(one, "SectionText")) for one in issue.findall("ReportSection")}
    title = text(issue, "Name")
    return Seen(
        record.offset,
        (title, level, *weaknesses),
        title=title,
        severity=_LEVELS[min(max(level, 0), 4)],
        ids=ids_in(title, *sections.values()),
        cwe=weaknesses,
        places=[host_of(url)],
        rule=text(issue, "VulnerabilityID") or text(issue, "CheckTypeID"),
        description=paragraphs(*(said for name, said in sections.items() if "Fix" not in name)),
        remediation=paragraphs(*(said for name, said in sections.items() if "Fix" in name)),
    )


@reader(title="Fortify WebInspect (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one kind of issue by name, severity and CWE; the URLs of its sessions are its occurrences.

    Source: https://www.microfocus.com/documentation/fortify-webinspect/, "Exporting a Scan", full XML
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
