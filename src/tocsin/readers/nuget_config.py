"""packages.config: what an older project of .NET is built with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._xml import attribute, nothing_known, records, root


def claims(head: bytes, name: str) -> bool:
    """By the root and its only kind of child."""
    found = root(head)
    return (
        found is not None
        and found.name == "packages"
        and not found.namespace
        and found.tags <= {"packages", "package"}
        and b"version" in head
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found = refused = 0
    for offset, element, parents in records(stream, {"package", "packages"}, evidence_id, report):
        name = attribute(element, "id")
        if not parents:
            nothing_known(element, {"package"}, found)
        elif name:
            found += 1
            scope = "dev" if attribute(element, "developmentDependency") == "true" else None
            yield "software_inventory", packaged(offset, name, attribute(element, "version"), "NuGet", scope=scope)
        else:
            refused += 1
            report(Fault(evidence_id, offset, "expected a package with an id"))
    nothing_read(found, refused, "packages with an id")
    yield Activity("NuGet")


@reader(title="packages.config (NuGet)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row.

    Source: https://learn.microsoft.com/nuget/reference/packages-config
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
