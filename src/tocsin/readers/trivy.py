"""Reports of Trivy: images, file systems, clusters; vulnerabilities, misconfigurations, secrets, licences."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Place,
    Seen,
    Told,
    gather,
    instant,
    purl,
    severity,
    vector_of,
)
from tocsin.readers._json_report import Record, documents, record, records, shape, text, texts

_CLUSTER = ("Vulnerabilities", "Misconfigurations", "Resources")


def claims(head: bytes, name: str) -> bool:
    """By SchemaVersion and artifact, by cluster, or as the bare list of targets of Trivy before 0.20."""
    found = shape(head)
    if found.kind == "array":
        return found.has("[].Target") and any(f"[].{key}" in found.paths for key in ("Vulnerabilities", "Type", "Class"))
    if found.has("ClusterName"):
        return any(key in found.paths for key in _CLUSTER)
    return found.has("SchemaVersion") and any(key in found.paths for key in ("ArtifactName", "Results"))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    def missed(offset: int, expected: str) -> None:
        report(Fault(evidence_id, offset, f"expected {expected}, found none; the entry was left out"))

    for document in documents(stream, evidence_id=evidence_id, report=report):
        if type(document) is list:
            yield Activity("Trivy")
            yield from _results(records(document), None, missed)
        elif type(document) is Record:
            if not any(key in document for key in (*_CLUSTER, "Results", "SchemaVersion")):
                raise EvidenceError(
                    "at byte 0: expected Results or the resources of a cluster; this layout of Trivy is not known."
                )
            asset = text(document, "ArtifactName") or text(document, "ClusterName")
            version = text(document, "Trivy", "Version")
            yield Activity("Trivy", version, instant(text(document, "CreatedAt")), None, asset, document.offset)
            yield from _results(records(document, "Results"), asset, missed)
            for key in _CLUSTER:
                for resource in records(document, key):
                    parts = [text(resource, part) for part in ("Namespace", "Kind", "Name")]
                    yield from _results(records(resource, "Results"), "/".join(part for part in parts if part), missed)


def _results(results: list[Record], asset: str | None, missed: Callable[[int, str], None]) -> Iterator[Seen]:
    for result in results:
        target = text(result, "Target")
        for found in records(result, "Vulnerabilities"):
            if text(found, "PkgName") and text(found, "VulnerabilityID"):
                yield _vulnerability(found, asset or target, target)
            else:
                missed(found.offset, "a vulnerability's id and its package's name")
        for found in records(result, "Misconfigurations"):
            if text(found, "Status") != "PASS":
                yield _other(found, asset or target, target, "ID", text(found, "Title"), text(found, "Message"))
        for found in records(result, "Secrets"):
            yield _other(found, asset or target, target, "RuleID", f"Secret: {text(found, 'Title')}", text(found, "Match"))
        for found in records(result, "Licenses"):
            package = text(found, "PkgName") or text(found, "FilePath") or ""
            yield _other(
                found, asset or target, target, "Name", f"Licence {text(found, 'Name')}: {package}", text(found, "Category")
            )


def _vulnerability(found: Record, asset: str | None, target: str | None) -> Seen:
    uid, package, version = text(found, "VulnerabilityID") or "", text(found, "PkgName"), text(found, "InstalledVersion")
    scores = record(found, "CVSS")
    order = dict.fromkeys([text(found, "SeveritySource") or "nvd", "nvd", "ghsa", "redhat", *scores])
    said = [text(scores, source, key) for source in order for key in ("V40Vector", "V3Vector", "V2Vector")]
    path = text(found, "PkgPath") or target
    return Seen(
        found.offset,
        (asset, target, uid, package, version, text(found, "PkgPath")),
        title=text(found, "Title") or f"{uid} in {package} {version or ''}",
        severity=severity(text(found, "Severity")),
        ids=[uid, *texts(found, "VendorIDs")],
        cwe=texts(found, "CweIDs"),
        places=[Place(asset, url_path=path)],
        rule=uid,
        description=text(found, "Description"),
        cvss_vector=vector_of(*said),
        package_name=package,
        package_version=version,
        package_purl=purl(text(found, "PkgIdentifier", "PURL")),
        package_fixed_version=text(found, "FixedVersion"),
        status=text(found, "Status"),
        own=True,
    )


def _other(found: Record, asset: str | None, target: str | None, rule: str, title: str | None, message: str | None) -> Seen:
    line = text(found, "StartLine") or text(found, "CauseMetadata", "StartLine")
    return Seen(
        found.offset,
        (asset, target, text(found, rule), message, line),
        title=title,
        severity=severity(text(found, "Severity")),
        places=[Place(asset, url_path=f"{target}:{line}" if line and line != "0" else target)],
        rule=text(found, rule),
        description="\n".join(part for part in (text(found, "Description"), message) if part),
        remediation=text(found, "Resolution"),
        status=text(found, "Status"),
        own=True,
    )


@reader(title="Trivy report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry the report lists for a target is one finding; checks that passed are none.

    Source: https://trivy.dev/latest/docs/configuration/reporting/#json
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
