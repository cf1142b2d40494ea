"""SPDX 3.0 in JSON-LD: packages, and the statements of its security profile (VEX)."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Row, Told, gather, ids_in, instant
from tocsin.readers._inventory import INVENTORY_TABLES, component, nothing_read
from tocsin.readers._json_report import Record, at, document, records, shape, text, texts
from tocsin.readers._vex import Statement

_PACKAGES = frozenset({"software_package", "ai_aipackage", "dataset_datasetpackage"})
_STATUSES = {
    "security_vexaffectedvulnassessmentrelationship": "affected",
    "security_vexfixedvulnassessmentrelationship": "fixed",
    "security_vexnotaffectedvulnassessmentrelationship": "not_affected",
    "security_vexunderinvestigationvulnassessmentrelationship": "under_investigation",
}
_JUSTIFICATIONS = {
    "componentNotPresent": "component_not_present",
    "vulnerableCodeNotPresent": "vulnerable_code_not_present",
    "vulnerableCodeNotInExecutePath": "vulnerable_code_not_in_execute_path",
    "vulnerableCodeCannotBeControlledByAdversary": "vulnerable_code_cannot_be_controlled_by_adversary",
    "inlineMitigationsAlreadyExist": "inline_mitigations_already_exist",
}


def claims(head: bytes, name: str) -> bool:
    """By its context, or by a graph of elements with SPDX ids."""
    found = shape(head)
    return "spdx.org/rdf/3" in found.text("@context") or found.has("@graph[].spdxId", "@graph[].type")


def _kind(item: Record) -> str:
    """The class of an element, without its namespace: ``software_package`` for ``…/terms/Software/Package``, too."""
    kind = (text(item, "type") or text(item, "@type") or "").rpartition("terms/")[2]
    return kind.replace("/", "_").replace(":", "_").lower()


def _identity(item: Record) -> str:
    return text(item, "spdxId") or text(item, "@id") or ""


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if type(at(data, "@graph")) is not list:
        raise EvidenceError(f"at byte {data.offset:,}: expected a list @graph, found none.")
    elements = records(data, "@graph")
    by_id = {_identity(item): item for item in elements}
    root = next((item for item in elements if _kind(item) == "spdxdocument"), Record())
    made = next((item for item in elements if _kind(item) == "creationinfo"), Record())
    tool = next((text(item, "name") for item in elements if _kind(item) == "tool"), None)
    author = next((said for one in texts(made, "createdBy") if (said := text(by_id.get(one), "name"))), None)
    yield Activity(tool or "SPDX", None, instant(text(made, "created")), None, text(root, "name"), data.offset)
    packages = {}
    for item in elements:
        if _kind(item) in _PACKAGES:
            row = _package(item, by_id, text(root, "name"))
            if row["package_name"]:
                packages[_identity(item)] = row
                yield "software_inventory", row
            else:
                report(Fault(evidence_id, item.offset, "expected a package with a name"))
    nothing_read(len(packages), any(_kind(item) in _PACKAGES for item in elements), "packages with names", data.offset)
    for item in elements:
        if status := _STATUSES.get(_kind(item)):
            yield from _stated(item, status, by_id, packages, author, _identity(root), text(made, "created"))


def _package(item: Record, by_id: dict[str, Record], asset: str | None) -> dict[str, Any]:
    ids = [(text(one, "externalIdentifierType") or "", text(one, "identifier")) for one in records(item, "externalIdentifier")]
    agents = [*texts(item, "suppliedBy"), *texts(item, "originatedBy")]
    return component(
        item.offset,
        text(item, "name"),
        text(item, "software_packageVersion"),
        purl=text(item, "software_packageUrl") or next((said for kind, said in ids if kind in ("packageUrl", "purl")), None),
        sha256=next(
            (text(one, "hashValue") for one in records(item, "verifiedUsing") if text(one, "algorithm") == "sha256"), None
        ),
        kind=_hyphened(text(item, "software_primaryPurpose")),
        asset=asset,
        cpe=next((said for kind, said in sorted(ids, reverse=True, key=lambda one: one[0]) if kind.startswith("cpe")), None),
        vendor=next((said for one in agents if (said := text(by_id.get(one), "name"))), None),
        bom_ref=_identity(item) or None,
    )


def _hyphened(purpose: str | None) -> str | None:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in purpose) if purpose else None


def _stated(
    item: Record, status: str, by_id: dict[str, Record], packages: dict[str, dict[str, Any]], author: str | None, uid: str, created: str | None
) -> Iterator[Row]:  # fmt: skip
    vulnerability = by_id.get(text(item, "from") or "", Record())
    named = [text(one, "identifier") for one in records(vulnerability, "externalIdentifier")]
    ids = tuple(ids_in(text(vulnerability, "name"), *named, _identity(vulnerability)))
    for product in texts(item, "to") if ids else []:
        row = packages.get(product, {})
        yield Statement(
            item.offset, ids, product, status, row.get("package_name"), row.get("package_version"), row.get("package_purl"), row.get("package_cpe"),
            justification=_JUSTIFICATIONS.get(text(item, "security_justificationType") or ""), remediation=text(item, "security_actionStatement"),
            publisher=author, document_uid=uid or None, time=instant(text(item, "security_modifiedTime") or text(item, "security_publishedTime") or created),
        ).row()  # fmt: skip


@reader(
    title="SPDX 3.0 (JSON-LD): bill of materials, VEX", tables=(*INVENTORY_TABLES, "vulnerability_statement"), claims=claims
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row; files and snippets are none. Assessments of vulnerabilities (VEX) are statements.

    Source: https://spdx.github.io/spdx-spec/v3.0.1/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
