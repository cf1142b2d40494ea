"""GitHub's dependency snapshots, as its actions submit them."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather, instant
from tocsin.readers._inventory import INVENTORY_TABLES, component, nothing_read, parsed
from tocsin.readers._json_report import at, document, record, shape, text


def claims(head: bytes, name: str) -> bool:
    """By its detector and manifests."""
    found = shape(head)
    return found.has("detector.name", "manifests") or (found.has("manifests", "sha", "ref", "job"))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if not isinstance(at(data, "manifests"), dict):
        raise EvidenceError(f"at byte {data.offset:,}: expected an object manifests, found none.")
    found = there = 0
    for manifest in record(data, "manifests"):
        resolved = record(data, "manifests", manifest, "resolved")
        asset = (
            text(data, "manifests", manifest, "file", "source_location")
            or text(data, "manifests", manifest, "name")
            or manifest
        )
        for key in resolved:
            item, there = record(resolved, key), there + 1
            purl = text(item, "package_url")
            if not (purl or key):
                report(Fault(evidence_id, item.offset, "expected a dependency with a package_url"))
                continue
            found += 1
            name = None if parsed(purl) else purl or key
            scope = "dev" if text(item, "scope") == "development" else text(item, "relationship")
            yield (
                "software_inventory",
                component(item.offset, name, purl=purl, asset=asset, scope=scope, kind="library", bom_ref=key),
            )
    nothing_read(found, there, "dependencies with package URLs", data.offset)
    yield Activity(
        text(data, "detector", "name") or "GitHub",
        text(data, "detector", "version"),
        instant(text(data, "scanned")),
        None,
        None,
        data.offset,
    )


@reader(title="GitHub dependency snapshot", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each resolved dependency of each manifest is one row; the manifest is the asset.

    Source: https://docs.github.com/rest/dependency-graph/dependency-submission
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
