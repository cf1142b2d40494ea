"""``*.deps.json`` beside a program of .NET, and project.assets.json of its build: what it is run and built with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._json_report import at, document, record, shape, text


def claims(head: bytes, name: str) -> bool:
    """By the target that it is for, with the lists of .NET's tools."""
    found = shape(head)
    return found.has("targets") and (
        found.has("runtimeTarget") or found.has("libraries", "version") or found.values.get("version") == 3
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if not isinstance(at(data, "libraries"), dict):
        raise EvidenceError(f"at byte {data.offset:,}: expected an object libraries, found none.")
    libraries = record(data, "libraries")
    own = next((key.partition("/")[0] for key in libraries if text(libraries, key, "type") == "project"), None)
    asset = text(data, "project", "restore", "projectName") or own
    found = 0
    for key in libraries:
        item = record(libraries, key)
        name, slash, version = key.partition("/")
        if slash and name:
            found += 1
            kind = (text(item, "type") or "package").lower()
            yield (
                "software_inventory",
                packaged(item.offset, name, version or None, "NuGet" if kind == "package" else None, asset=asset),
            )
        else:
            report(Fault(evidence_id, item.offset, "expected a library by name and version"))
    nothing_read(found, libraries, "libraries by name and version", data.offset)
    yield Activity(".NET", None, targets=asset, offset=data.offset)


@reader(title="*.deps.json, project.assets.json (.NET)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each library is one row; projects and references have no ecosystem: advisories are not about them.

    Source: https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
