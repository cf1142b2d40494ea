"""CycloneDX in XML: bills of materials, and VEX; also the extension for vulnerabilities to versions before 1.4."""

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._cyclonedx import CYCLONEDX_TABLES, Inventory, name_of
from tocsin.readers._findings import Told, gather
from tocsin.readers._inventory import nothing_read
from tocsin.readers._json_report import Record, text
from tocsin.readers._xml import records, root

_ABOVE = frozenset({"bom", "metadata", "components", "component"})  # others have components, too: tools, pedigrees, services
_LISTS = frozenset(
    {"components", "services", "licenses", "hashes", "properties", "ratings", "references", "cwes", "advisories", "affects", "versions",
     "recommendations", "vulnerabilities", "responses", "externalReferences", "authors", "patches", "resolves"}
)  # fmt: skip


def claims(head: bytes, name: str) -> bool:
    """By the root element and its namespace."""
    found = root(head)
    return found is not None and found.name == "bom" and ("cyclonedx.org" in found.namespace or "components" in found.tags)


def as_json(element: Element) -> Any:
    """An element in the shape that CycloneDX's JSON has: attributes and children by name, lists where JSON has lists."""
    if element.tag in _LISTS:
        return [as_json(child) for child in element]
    said = (element.text or "").strip()
    if not len(element) and not element.attrib:
        return said
    found = Record()
    found.update(element.attrib)
    for child in element:
        if child.tag == "tool":  # before 1.5 <tools> is a list
            found.setdefault("components", []).append(as_json(child))
        else:
            found.setdefault(child.tag, as_json(child))
    if said and not len(element):
        found.update(content=said, value=said)
    return found


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    inventory, refused = Inventory(), 0
    for offset, element, parents in records(stream, {"bom", "component", "vulnerability"}, evidence_id, report):
        names = [parent.tag for parent in parents]
        if element.tag == "bom":
            yield from inventory.waiting()
            nothing_read(inventory.components, refused or element.findall("components/*"), "<component>s with a <name>", offset)
            yield inventory.describe(as_json(element))
        elif element.tag == "vulnerability" and names[-1:] == ["vulnerabilities"]:
            item = as_json(element)
            if len(parents) > 2:  # the extension, within the component that has the vulnerability
                inventory.know(as_json(parents[-2]), text(item, "ref"))
            yield from inventory.vulnerability(item, offset)
        elif "tools" in names:
            inventory.made_by(as_json(element))
        elif element.tag == "component" and _ABOVE.issuperset(names):
            item = as_json(element)
            if not (text(item, "name") or text(item, "purl")):
                refused += 1
                report(Fault(evidence_id, offset, "expected a component with a name"))
                continue
            if names[-1:] == ["metadata"]:
                inventory.asset = name_of(item)
            yield from inventory.add(item, offset)


@reader(title="CycloneDX (XML): bill of materials, VEX", tables=CYCLONEDX_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each ``component`` is one row, nested ones and the one described (``metadata``), which is the asset; not those of tools or pedigrees.

    One finding is one vulnerability of one component that it affects, as listed. Where its analysis is told, that is a statement;
    patches of a pedigree that resolve a vulnerability are statements that it is fixed.

    Source: https://cyclonedx.org/specification/overview/, 1.0 to 1.7; https://cyclonedx.org/ext/vulnerability/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
