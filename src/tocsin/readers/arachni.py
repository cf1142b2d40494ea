"""Arachni's report in JSON."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in, instant, severity
from tocsin.readers._json_report import at, document, record, records, shape, text
from tocsin.readers._markup import plain
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its list of issues beside its seed or its own time names."""
    found = shape(head)
    return found.has("issues") and (found.has("seed", "options") or found.has("start_datetime") or found.has("issues[].digest"))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    start, end = instant(text(data, "start_datetime")), instant(text(data, "finish_datetime"))
    yield Activity("Arachni", text(data, "version"), start, end, text(data, "options", "url"), data.offset)
    issues = records(data, "issues")
    if not issues and at(data, "issues"):
        raise EvidenceError("expected objects in the list issues, found something else.")
    for issue in issues:
        title, rated = text(issue, "name"), text(issue, "severity")
        url = text(record(issue, "vector"), "action") or text(issue, "response", "url")
        yield Seen(
            issue.offset,
            (title, rated),
            title=title,
            severity=severity(rated) or Severity.INFORMATIONAL,
            ids=ids_in(title, *(said for said in record(issue, "references").values() if type(said) is str)),
            cwe=[text(issue, "cwe")],
            places=[host_of(url)],
            rule=text(issue, "check", "shortname") or text(issue, "digest"),
            description=plain(text(issue, "description")),
            remediation=plain(text(issue, "remedy_guidance")),
        )


@reader(title="Arachni (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one kind of issue by name and severity; URLs are its occurrences.

    Source: https://github.com/Arachni/arachni/wiki, reporter "json"
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
