"""CSAF 2.0 and 2.1: advisories and VEX of suppliers and coordinators."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather, instant, severity, severity_of, vector_of
from tocsin.readers._json_report import Record, document, number, record, records, shape, text, texts
from tocsin.readers._vex import STATEMENT_TABLES, Statement

# Source: CSAF 2.0, section 3.2.3.9, in OpenVEX's words. What is recommended is what to go to, so it is fixed.
_STATUS = {
    "known_affected": "affected", "first_affected": "affected", "last_affected": "affected", "fixed": "fixed", "first_fixed": "fixed",
    "recommended": "fixed", "known_not_affected": "not_affected", "under_investigation": "under_investigation", "unknown": "under_investigation",
}  # fmt: skip
_ORDER = {bucket: place for place, bucket in enumerate(_STATUS)}
_DEPTH = 40


class _Product(NamedTuple):
    name: str | None = None
    version: str | None = None
    range: str | None = None
    purl: str | None = None
    cpe: str | None = None


def claims(head: bytes, name: str) -> bool:
    """By the version of the standard in the document's head, or by its category and tracking."""
    found = shape(head)
    return found.kind == "object" and (
        found.text("document.csaf_version").startswith("2")
        or found.has("document.category", "document.tracking", "document.publisher")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    version = text(data, "document", "csaf_version")
    if version and not version.startswith("2"):
        raise EvidenceError(f"at byte {data.offset:,}: expected CSAF 2.0 or 2.1, found version {version[:20]!a}.")
    head = record(data, "document")
    tracking = record(head, "tracking")
    made = instant(text(tracking, "current_release_date") or text(tracking, "initial_release_date"))
    yield Activity("CSAF", version, made, None, text(head, "title"), data.offset)
    products = _products(record(data, "product_tree"))
    groups = {text(group, "group_id"): texts(group, "product_ids") for group in records(data, "product_tree", "product_groups")}
    for found in records(data, "vulnerabilities"):
        for status, product, statement in _statements(found, products, groups, head):
            if status and product:
                yield statement.row()
                yield statement.seen()


def _statements(
    found: Record, products: dict[str, _Product], groups: dict[str | None, list[str]], head: Record
) -> Iterator[tuple[str, str, Statement]]:
    uid = text(found, "cve")
    ids = tuple(one for one in (uid, *(text(other, "text") for other in records(found, "ids"))) if one)
    notes = [said for note in records(found, "notes") if (said := text(note, "text"))]
    cwes = (text(found, "cwe", "id"), *(text(one, "id") for one in records(found, "cwes")))
    scores, flags, fixes = _by_product(found, groups)
    status = record(found, "product_status")
    for bucket in sorted(status, key=lambda word: _ORDER.get(word, 0)):  # affected first: it is what must not be missed
        for product in dict.fromkeys(texts(status, bucket)):
            known, cvss = products.get(product, _Product()), scores.get(product, Record())
            points = number(cvss, "baseScore")
            level = severity(text(cvss, "baseSeverity")) or severity_of(points)
            yield (
                bucket,
                product,
                Statement(
                    found.offset,
                    ids,
                    product,
                    _STATUS.get(bucket, "under_investigation"),
                    known.name,
                    known.version,
                    known.purl,
                    known.cpe,
                    known.range,
                    flags.get(product),
                    "\n".join(fixes.get(product, [])) or None,
                    text(head, "publisher", "name"),
                    text(head, "tracking", "id"),
                    instant(text(found, "release_date") or text(head, "tracking", "current_release_date")),
                    level,
                    points,
                    vector_of(text(cvss, "vectorString")),
                    text(found, "title"),
                    "\n".join(notes),
                    tuple(one for one in cwes if one),
                ),
            )


def _by_product(
    found: Record, groups: dict[str | None, list[str]]
) -> tuple[dict[str, Record], dict[str, str], dict[str, list[str]]]:
    """CVSS, justification and remediations of each product."""

    def members(item: Record) -> list[str]:
        grouped = [product for group in texts(item, "group_ids") for product in groups.get(group, [])]
        return texts(item, "product_ids") + texts(item, "products") + grouped

    scores: dict[str, Record] = {}
    for item in [*records(found, "scores"), *records(found, "metrics")]:
        content = record(item, "content") or item
        best = next((one for key in ("cvss_v4", "cvss_v3", "cvss_v2") if (one := record(content, key))), None)
        if best:
            scores.update(dict.fromkeys(members(item), best))
    flags = {product: label for item in records(found, "flags") if (label := text(item, "label")) for product in members(item)}
    fixes: dict[str, list[str]] = {}
    for item in records(found, "remediations"):
        said = ": ".join(part for part in (text(item, "category"), text(item, "details"), text(item, "url")) if part)
        for product in members(item):
            fixes.setdefault(product, []).append(said)
    return scores, flags, fixes


def _products(tree: Record) -> dict[str, _Product]:
    """Products by id: of branches, of the list, of relationships (a component in a platform has the component's version)."""
    found: dict[str, _Product] = {}
    waiting = [(branch, _Product(), 0) for branch in records(tree, "branches")]
    while waiting:
        branch, above, depth = waiting.pop()
        here, category, name = above, text(branch, "category"), text(branch, "name")
        if category == "product_name":
            here = here._replace(name=name)
        elif category == "product_version":
            here = here._replace(version=name)
        elif category == "product_version_range":
            here = here._replace(range=name)
        if product := record(branch, "product"):
            found[text(product, "product_id") or ""] = _named(product, here)
        if depth < _DEPTH:
            waiting.extend((below, here, depth + 1) for below in records(branch, "branches"))
    for product in records(tree, "full_product_names"):
        found[text(product, "product_id") or ""] = _named(product, _Product())
    for relation in records(tree, "relationships"):
        part = found.get(text(relation, "product_reference") or "", _Product())
        whole = record(relation, "full_product_name")
        named = _named(whole, part)
        found[text(whole, "product_id") or ""] = named._replace(purl=named.purl or part.purl, cpe=named.cpe or part.cpe)
    return found


def _named(product: Record, here: _Product) -> _Product:
    helper = record(product, "product_identification_helper")
    purls = [text(helper, "purl"), *texts(helper, "purls")]
    return _Product(
        here.name or text(product, "name"),
        here.version,
        here.range,
        next((one for one in purls if one), None),
        text(helper, "cpe"),
    )


@reader(title="CSAF 2.0, 2.1 (advisories, VEX)", tables=STATEMENT_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One statement for each product, vulnerability and status; one finding for each product and vulnerability, whatever the
    status, which it says.

    Source: https://docs.oasis-open.org/csaf/csaf/v2.0/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
