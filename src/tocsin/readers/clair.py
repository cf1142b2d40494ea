"""Reports of Clair: clair-scanner, klar, and clairctl of version 4."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, ids_in, severity
from tocsin.readers._json_report import Record, at, document, record, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By features with a vulnerability, by klar's count of layers, or by a manifest with packages."""
    found = shape(head)
    return (
        found.has("vulnerabilities[].featurename")
        or found.has("image", "unapproved", "vulnerabilities")
        or found.has("LayerCount", "Vulnerabilities")
        or found.has("manifest_hash", "packages")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    image = text(data, "image") or text(data, "manifest_hash")
    yield Activity("Clair", targets=image, offset=data.offset)
    if "manifest_hash" in data:
        yield from _version_4(data, image)
        return
    for found in records(data, "vulnerabilities"):
        names = ("vulnerability", "featurename", "featureversion", "severity", "description", "fixedby", "namespace")
        yield _seen(found, image, *(text(found, name) for name in names))
    for level, listed in record(data, "Vulnerabilities").items():
        for found in records(listed):
            names = ("Name", "FeatureName", "FeatureVersion", "Severity", "Description", "FixedBy", "NamespaceName")
            uid, name, version, said, *rest = (text(found, one) for one in names)
            yield _seen(found, image, uid, name, version, said or level, *rest)


def _version_4(data: Record, image: str | None) -> Iterator[Seen]:
    for key, uids in record(data, "package_vulnerabilities").items():
        package = record(data, "packages", key)
        for uid in texts(uids):
            found = record(data, "vulnerabilities", uid)
            said = (text(package, "name"), text(package, "version"))
            level = text(found, "normalized_severity") or text(found, "severity")
            fixed, place = text(found, "fixed_in_version"), text(at(data, "environments", key), 0, "package_db")
            yield _seen(found, image, text(found, "name") or uid, *said, level, text(found, "description"), fixed, place)


def _seen(
    found: Record,
    image: str | None,
    uid: str | None,
    name: str | None,
    version: str | None,
    level: str | None,
    description: str | None,
    fixed: str | None,
    place: str | None,
) -> Seen:
    return Seen(
        found.offset,
        (uid, name, level),
        title=f"{uid} in {name} {version or ''}",
        severity=severity(level),
        ids=ids_in(uid) or ([uid] if uid else []),
        places=[Place(image, url_path=place)],
        rule=uid,
        description=description,
        package_name=name,
        package_version=version,
        package_fixed_version=fixed,
    )


@reader(title="Clair report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability of one package with one severity.

    Source: https://quay.github.io/clair/reference/api.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
