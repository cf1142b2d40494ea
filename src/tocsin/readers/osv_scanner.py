"""Reports of OSV-Scanner."""

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
    severity,
    severity_of,
    vector_of,
)  # fmt: skip
from tocsin.readers._json_report import Record, document, record, records, shape, text, texts

PURL_KINDS = {
    "PyPI": "pypi", "npm": "npm", "Go": "golang", "Maven": "maven", "crates.io": "cargo", "RubyGems": "gem", "NuGet": "nuget",
    "Packagist": "composer", "Hex": "hex", "Pub": "pub", "Alpine": "apk", "Debian": "deb",
}  # fmt: skip


def claims(head: bytes, name: str) -> bool:
    """By sources with packages; a report without any is an object with an empty list alone."""
    found = shape(head)
    if found.kind != "object" or not found.has("results"):
        return False
    return found.has("results[].packages", "results[].source") or found.has("experimental_config") or found.paths == {"results"}


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    sources = [text(result, "source", "path") for result in records(data, "results")]
    yield Activity("OSV-Scanner", targets=", ".join(source for source in sources if source), offset=data.offset)
    for result in records(data, "results"):
        place = Place(text(result, "source", "path"))
        for held in records(result, "packages"):
            package = record(held, "package")
            for found in records(held, "vulnerabilities"):
                yield _seen(found, package, place)


def _seen(found: Record, package: Record, place: Place) -> Seen:
    uid, name, version = text(found, "id"), text(package, "name"), text(package, "version")
    affected = [one for one in records(found, "affected") if text(one, "package", "name") in (name, None)]
    events = [event for one in affected for span in records(one, "ranges") for event in records(span, "events")]
    vectors = [text(one, "score") for one in records(found, "severity")]
    vector = vector_of(*reversed(vectors))
    cwes = [text(one, "cweId") for part in affected for one in records(part, "database_specific", "cwes")]
    kind = PURL_KINDS.get((text(package, "ecosystem") or "").partition(":")[0])
    return Seen(
        found.offset,
        (place.asset, uid, name, version),
        title=text(found, "summary") or f"{uid} in {name}",
        severity=severity(text(found, "database_specific", "severity")) or severity_of(score(vector)),
        ids=[one for one in (uid, *texts(found, "aliases")) if one],
        cwe=[*cwes, *texts(found, "database_specific", "cwe_ids")],
        places=[place],
        rule=uid,
        description=text(found, "details"),
        cvss_vector=vector,
        package_name=name,
        package_version=version,
        package_purl=package_url(kind, name, version) if kind else None,
        package_fixed_version=",".join(dict.fromkeys(fixed for event in events if (fixed := text(event, "fixed")))) or None,
        first_seen_time=instant(text(found, "published")),
        own=True,
    )


@reader(title="OSV-Scanner report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each advisory of each package in each source is one finding, as listed: advisories that are aliases are not joined.

    Source: https://google.github.io/osv-scanner/output/#json
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
