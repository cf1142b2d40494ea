"""``winget export``: software on Windows that winget knows, as JSON."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather, instant
from tocsin.readers._inventory import INVENTORY_TABLES, component, nothing_read
from tocsin.readers._json_report import document, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By its schema, or by sources with packages."""
    found = shape(head)
    return "winget-packages.schema" in found.text("$schema") or found.has("Sources[].Packages[].PackageIdentifier")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    listed = [item for source in records(data, "Sources") for item in records(source, "Packages")]
    found = 0
    for item in listed:
        if identifier := text(item, "PackageIdentifier"):
            found += 1
            vendor, _, name = identifier.partition(".")
            yield (
                "software_inventory",
                component(
                    item.offset, name.replace(".", " ") or identifier, text(item, "Version"), vendor=vendor if name else None, kind="application",
                    bom_ref=identifier,
                ),
            )  # fmt: skip
        else:
            report(Fault(evidence_id, item.offset, "expected a package with an identifier"))
    nothing_read(found, listed, "packages with identifiers", data.offset)
    yield Activity("winget", text(data, "WinGetVersion"), instant(text(data, "CreationDate")), offset=data.offset)


@reader(title="winget export", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row; versions are there where it was called with ``--include-versions``.

    Source: https://learn.microsoft.com/windows/package-manager/winget/export
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
