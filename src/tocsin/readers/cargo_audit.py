"""Reports of ``cargo audit --json``."""

from collections.abc import Iterator
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
    instant,
    package_url,
    score,
    severity_of,
    vector_of,
)
from tocsin.readers._json_report import document, number, record, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By the list of vulnerabilities beside the lock file's count."""
    found = shape(head)
    return found.has("vulnerabilities.list") and (
        found.has("lockfile") or found.has("database") or found.has("vulnerabilities.found")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    held = record(data, "vulnerabilities")
    yield Activity("cargo audit", offset=data.offset)
    listed = records(held, "list")
    if number(held, "count") and not listed:
        raise EvidenceError(
            f"at byte {held.offset:,}: expected {number(held, 'count'):.0f} vulnerabilities, as the report counts; found none."
        )
    for item in listed:
        found, package = record(item, "advisory"), record(item, "package")
        uid, name, version = text(found, "id"), text(package, "name"), text(package, "version")
        vector = vector_of(text(found, "cvss"))
        yield Seen(
            item.offset,
            (uid, text(found, "date"), name, version),
            title=text(found, "title"),
            severity=severity_of(score(vector)),
            ids=[one for one in (uid, *texts(found, "aliases")) if one],
            rule=uid,
            description=text(found, "description"),
            cvss_vector=vector,
            package_name=name,
            package_version=version,
            package_purl=package_url("cargo", name, version),
            package_fixed_version=",".join(texts(item, "versions", "patched")) or None,
            first_seen_time=instant(text(found, "date")),
        )


@reader(title="cargo audit report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one advisory of one package in one version; warnings (unmaintained, yanked) are none.

    Source: https://docs.rs/rustsec/latest/rustsec/report/struct.Report.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
