"""composer.lock, and Composer's own list of what is installed (``vendor/composer/installed.json``)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._json_report import at, document, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By the hash of what was asked for, or by installed packages with a normalised version."""
    found = shape(head)
    return found.has("packages", "content-hash") or (
        found.has("packages[].name", "packages[].version", "packages[].version_normalized")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if type(at(data, "packages")) is not list:
        raise EvidenceError(f"at byte {data.offset:,}: expected a list of packages, found none.")
    dev, found = set(texts(data, "dev-package-names")), 0
    for key in ("packages", "packages-dev"):
        for item in records(data, key):
            name = text(item, "name")
            if not name:
                report(Fault(evidence_id, item.offset, "expected a package with a name"))
                continue
            found += 1
            local = text(item, "dist", "type") == "path"
            scope = "dev" if key == "packages-dev" or name in dev else None
            yield (
                "software_inventory",
                packaged(
                    item.offset, name, text(item, "version"), None if local else "Packagist", scope=scope,
                    license=" OR ".join(texts(item, "license")) or None,
                ),
            )  # fmt: skip
    nothing_read(found, at(data, "packages"), "packages with names", data.offset)
    yield Activity("Composer", offset=data.offset)


@reader(title="composer.lock, installed.json", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row, those for development too; those from folders have no ecosystem: advisories are not about them.

    Source: https://getcomposer.org/doc/01-basic-usage.md
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
