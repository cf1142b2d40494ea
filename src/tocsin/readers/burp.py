"""Burp Suite's list of issues, in XML."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in, instant, severity
from tocsin.readers._markup import paragraphs, plain
from tocsin.readers._xml import Record, attribute, nothing_known, records, root, text
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its root element with Burp's version, or an issue as only Burp describes one."""
    found = root(head)
    if found is None or found.name != "issues":
        return False
    return "burpVersion" in found.attributes or found.tags >= {"serialNumber", "issue", "type"}


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Burp Suite")
    read = 0
    for record in records(stream, {"issue", "issues"}, evidence_id, report):
        if record.element.tag == "issue":
            read += 1
            yield _issue(record)
        elif not record.parents:
            nothing_known(record.element, {"issue"}, read)
            made = instant(attribute(record.element, "exportTime"))
            yield Activity("Burp Suite", attribute(record.element, "burpVersion"), made)


def _issue(record: Record) -> Seen:
    issue = record.element
    host, path = issue.find("host"), text(issue, "path") or ""
    place = host_of(f"{(text(host) or '').rstrip('/')}{path}")
    kind, title, rated = text(issue, "type"), text(issue, "name"), text(issue, "severity")
    classes = text(issue, "vulnerabilityClassifications")
    return Seen(
        record.offset,
        (kind, title),
        title=title,
        severity=severity(rated) or Severity.INFORMATIONAL,
        ids=ids_in(classes, text(issue, "references")),
        cwe=[plain(classes)],
        places=[place._replace(ip=place.ip or attribute(host, "ip"))],
        rule=kind,
        description=paragraphs(
            plain(text(issue, "issueDetail")), plain(text(issue, "issueBackground")), text(issue, "location")
        ),
        status="false_positive" if (rated or "").lower() == "false positive" else None,
        remediation=paragraphs(plain(text(issue, "remediationDetail")), plain(text(issue, "remediationBackground"))),
    )


@reader(title="Burp Suite issues (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one kind of issue, by its type and name (extensions share one type); URLs are its occurrences.

    Source: https://portswigger.net/burp/documentation/desktop/tools/target/site-map/reporting; the DTD stands in each report.
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
