"""Syft's own JSON: what an image or a folder holds."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, component, nothing_read, source_package
from tocsin.readers._json_report import Record, at, document, record, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By its artifacts and what Syft says of them or of itself; Grype's matches have artifacts, too."""
    found = shape(head)
    return (
        found.has("artifacts")
        and not found.has("matches")
        and (found.has("artifacts[].foundBy") or found.text("descriptor.name") == "syft" or found.has("artifactRelationships"))
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if type(at(data, "artifacts")) is not list:
        raise EvidenceError(f"at byte {data.offset:,}: expected a list of artifacts, found none.")
    source = record(data, "source")
    asset = next(
        (
            said
            for said in (
                text(source, "metadata", "userInput"),
                text(source, "target", "userInput"),
                text(source, "name"),
                text(source, "target"),
            )
            if said
        ),
        None,
    )
    release = record(data, "distro")
    name, version = text(release, "id") or text(release, "name"), text(release, "versionID") or text(release, "version")
    distro = f"{name} {version}" if name and version else None
    found = 0
    for item in records(data, "artifacts"):
        if text(item, "name"):
            found += 1
            yield "software_inventory", _component(item, asset, distro)
        else:
            report(Fault(evidence_id, item.offset, "expected an artifact with a name"))
    nothing_read(found, at(data, "artifacts"), "artifacts with names", data.offset)
    yield Activity("Syft", text(data, "descriptor", "version"), None, None, asset, data.offset)


def _component(item: Record, asset: str | None, distro: str | None) -> dict[str, object]:
    metadata = record(item, "metadata")
    own = text(item, "type") in ("deb", "rpm", "apk")
    source = text(metadata, "source") or text(metadata, "originPackage")
    cpes = at(item, "cpes")
    first = cpes[0] if type(cpes) is list and cpes else None
    licences = (
        [text(one) or text(one, "value") or "" for one in at(item, "licenses")] if type(at(item, "licenses")) is list else []
    )
    return component(
        item.offset,
        text(item, "name"),
        text(item, "version"),
        purl=text(item, "purl"),
        distro=distro if own else None,
        source=(source, text(metadata, "sourceVersion")) if source else source_package(text(metadata, "sourceRpm")),
        kind="library",
        asset=asset,
        arch=text(metadata, "architecture") if own else None,
        cpe=text(first) or text(first, "cpe"),
        vendor=text(metadata, "maintainer") or text(metadata, "vendor"),
        license=" AND ".join(filter(None, licences)) or None,
        bom_ref=text(item, "id"),
    )


@reader(title="Syft (JSON)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each artifact is one row.

    Source: https://github.com/anchore/syft, output ``-o json``
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
