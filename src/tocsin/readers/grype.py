"""Reports of Grype."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, purl, severity, vector_of
from tocsin.readers._json_report import document, number, record, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By its matches, with what they hold or with the name of the scanner."""
    found = shape(head)
    return found.has("matches") and (
        found.has("matches[].vulnerability", "matches[].artifact")
        or found.text("descriptor.name") == "grype"
        or found.has("distro")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    target = text(data, "source", "target", "userInput") or text(data, "source", "target")
    made = instant(text(data, "descriptor", "timestamp"))
    yield Activity("Grype", text(data, "descriptor", "version"), made, None, target, data.offset)
    for match in records(data, "matches"):
        found, artifact = record(match, "vulnerability"), record(match, "artifact")
        related = records(match, "relatedVulnerabilities")
        ids = [uid for uid in (text(found, "id"), *(text(one, "id") for one in related)) if uid]
        uid = next((one for one in ids[:2] if one.startswith("CVE-")), ids[0] if ids else None)
        name, version = text(artifact, "name"), text(artifact, "version")
        scores = [score for one in (found, *related) for score in records(one, "cvss")]
        yield Seen(
            match.offset,
            (uid, name, version),
            title=f"{uid} in {name} {version or ''}",
            severity=severity(text(found, "severity")),
            ids=ids,
            cwe=[text(one, "cwe") for one in records(found, "cwes")],
            places=[Place(target, url_path=text(place, "path")) for place in records(artifact, "locations")] or [Place(target)],
            rule=text(found, "id"),
            description=text(found, "description")
            or next((said for one in related if (said := text(one, "description"))), None),
            cvss_score=next((value for score in scores if (value := number(score, "metrics", "baseScore")) is not None), None),
            cvss_vector=vector_of(*(text(score, "vector") for score in scores)),
            package_name=name,
            package_version=version,
            package_purl=purl(text(artifact, "purl")),
            package_fixed_version=",".join(texts(found, "fix", "versions")) or None,
            status=text(found, "fix", "state"),
        )


@reader(title="Grype report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability (its CVE, where the match or what is related to it names one) of one package in one version.

    Source: https://github.com/anchore/grype, output ``-o json``
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
