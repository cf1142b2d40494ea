"""SPDX 2 in JSON, as it is or as GitHub hands it out."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, nothing_read
from tocsin.readers._json_report import at, document, record, records, shape, text
from tocsin.readers._spdx import Packages, creators_of, is_list, scan


def claims(head: bytes, name: str) -> bool:
    """By its version, or, where that stands behind the packages, by what a package has."""
    found = shape(head)
    version = found.text("spdxVersion") or found.text("sbom.spdxVersion")
    return version.startswith("SPDX-2") or (
        not version and found.has("packages[].SPDXID", "packages[].name") and not found.has("bomFormat")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    data = record(data, "sbom") or data
    if not is_list(data, "packages"):
        raise EvidenceError(f"at byte {data.offset:,}: expected a list of packages, found something else.")
    packages = Packages(text(data, "name"))
    activity = scan(creators_of(data), text(data, "creationInfo", "created"), packages.asset)
    activity.offset = data.offset
    yield activity
    for item in records(data, "packages"):
        if text(item, "name"):
            yield from packages.add(item, item.offset)
        else:
            report(Fault(evidence_id, item.offset, "expected a package with a name"))
    yield from packages.waiting()
    nothing_read(packages.read, at(data, "packages"), "packages with names", data.offset)


@reader(title="SPDX 2 (JSON): bill of materials", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row, the one that the document describes, too; files and snippets are none.

    Source: https://spdx.github.io/spdx-spec/v2.3/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
