"""CycloneDX in JSON: bills of materials, and VEX."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._cyclonedx import CYCLONEDX_TABLES, Inventory
from tocsin.readers._findings import Told, gather
from tocsin.readers._inventory import nothing_read
from tocsin.readers._json_report import Record, at, document, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By the name of the format, or, where that stands behind the components, by what a component has."""
    found = shape(head)
    if found.text("bomFormat").lower() == "cyclonedx" or "cyclonedx.org/schema" in found.text("$schema"):
        return True
    return "bomFormat" not in found.paths and found.has("components[].type", "components[].name", "components[].bom-ref")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    for key in ("components", "vulnerabilities"):
        if at(data, key) is not None and type(at(data, key)) is not list:
            raise EvidenceError(f"at byte {data.offset:,}: expected a list of {key}, found something else.")
    inventory = Inventory()
    activity = inventory.describe(data)
    activity.offset = data.offset
    yield activity
    for item in _flat(data):
        if text(item, "name") or text(item, "purl"):
            yield from inventory.add(item, item.offset)
        else:
            report(Fault(evidence_id, item.offset, "expected a component with a name"))
    yield from inventory.waiting()
    nothing_read(inventory.components, at(data, "components"), "components with names", data.offset)
    for item in records(data, "vulnerabilities"):
        yield from inventory.vulnerability(item, item.offset)


def _flat(data: Any) -> Iterator[Record]:
    """The components and those within them, in the order of the file."""
    waiting = records(data, "components")[::-1]
    while waiting:
        item = waiting.pop()
        yield item
        if "components" in item:
            waiting += records(item, "components")[::-1]


@reader(title="CycloneDX (JSON): bill of materials, VEX", tables=CYCLONEDX_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry of ``components``, nested ones too, is one row; what the document describes (``metadata.component``) is the asset.

    One finding is one vulnerability of one component that it affects, as listed. Where its analysis is told, that is a statement;
    patches of a pedigree that resolve a vulnerability are statements that it is fixed.

    Source: https://cyclonedx.org/specification/overview/, 1.2 to 1.7
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
