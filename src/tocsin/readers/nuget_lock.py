"""packages.lock.json: what a project of .NET is restored with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, packaged
from tocsin.readers._json_report import at, document, record, shape, text


def claims(head: bytes, name: str) -> bool:
    """By packages below a framework, with their type and hash, and no lock file's version of npm."""
    found = shape(head)
    if found.kind != "object" or not found.has("version", "dependencies") or found.has("lockfileVersion"):
        return False
    frameworks = [path.removeprefix("dependencies.") for path in found.paths if path.startswith("dependencies.")]
    return any(path.startswith((".NET", "net")) for path in frameworks) and (
        any(path.endswith((".contentHash", ".resolved")) for path in frameworks)
        or not any("." in path.partition(",")[0][8:] for path in frameworks)
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if not isinstance(at(data, "dependencies"), dict):
        raise EvidenceError(f"at byte {data.offset:,}: expected an object dependencies, found none.")
    told = set()
    for framework in record(data, "dependencies"):
        for name in record(data, "dependencies", framework):
            item = record(data, "dependencies", framework, name)
            kind, version = (text(item, "type") or "").lower(), text(item, "resolved")
            if (name.lower(), version) not in told:
                told.add((name.lower(), version))
                yield "software_inventory", packaged(item.offset, name, version, None if kind == "project" else "NuGet")
    yield Activity("NuGet", offset=data.offset)


@reader(title="packages.lock.json (NuGet)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package in one version is one row, whatever frameworks it is for; other projects have no ecosystem.

    Source: https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
