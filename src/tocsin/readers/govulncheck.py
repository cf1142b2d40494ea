"""Results of ``govulncheck -json`` (and ``-format json``): a stream or a list of messages, or the one object of early versions."""

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
    instant,
    package_url,
    score,
    severity_of,
    vector_of,
)
from tocsin.readers._json_report import Record, objects, record, records, shape, text, texts
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its messages, or by vulnerabilities with their OSV entry beside calls and imports."""
    found = shape(head)
    return (
        found.either("config.scanner_name")
        or found.either("config.protocol_version")
        or found.has("Vulns", "Calls")
        or found.either("osv.affected")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    advisories: dict[str, Record] = {}
    traces: dict[str, list[Record]] = {}
    for message in objects(stream, evidence_id=evidence_id, report=report):
        version = text(message, "config", "scanner_version")
        yield Activity("govulncheck", version, instant(text(message, "config", "scan_start_time")), offset=message.offset)
        for held in [message, *records(message, "Vulns")]:
            advisory = record(held, "osv") or record(held, "OSV")
            if uid := text(advisory, "id"):
                advisories.setdefault(uid, advisory)
        if uid := text(message, "finding", "osv"):
            traces.setdefault(uid, []).append(record(message, "finding"))
    for uid, advisory in advisories.items():
        yield _seen(uid, advisory, traces.get(uid, []))


def _seen(uid: str, advisory: Record, findings: list[Record]) -> Seen:
    affected = records(advisory, "affected")
    steps = [step for finding in findings for step in records(finding, "trace")]
    # Source: golang.org/x/vuln/internal/govulncheck: the first step of a trace has a function only where it is called.
    called = any(text(finding, "trace", 0, "function") for finding in findings)
    imported = any(text(finding, "trace", 0, "package") for finding in findings)
    name = text(affected[0], "package", "name") if affected else None
    version = next((said for step in steps if (said := text(step, "version"))), None)
    vector = vector_of(*(text(one, "score") for one in records(advisory, "severity")))
    places = [
        Place(text(step, "module"), url_path=f"{file}:{text(step, 'position', 'line')}")
        for step in steps
        if (file := text(step, "position", "filename"))
    ]
    fixed = next((said for finding in findings if (said := text(finding, "fixed_version"))), None)
    return Seen(
        advisory.offset,
        (uid,),
        title=text(advisory, "summary") or f"{uid} in {name}",
        severity=severity_of(score(vector)) if vector else Severity.UNKNOWN,
        ids=[uid, *texts(advisory, "aliases")],
        places=places[:1000],
        rule=uid,
        description=text(advisory, "details"),
        cvss_vector=vector,
        package_name=name,
        package_version=version,
        package_purl=package_url("golang", name, version) if name else None,
        package_fixed_version=fixed,
        status="called" if called else "imported" if imported else "required" if findings else None,
        first_seen_time=instant(text(advisory, "published")),
    )


@reader(title="govulncheck results (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one advisory that the program told of; its status says whether the code calls, imports or only requires it.

    Source: https://pkg.go.dev/golang.org/x/vuln/internal/govulncheck
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
