"""OpenVEX documents, from 0.0.1 to 0.2.0."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather, instant, purl
from tocsin.readers._json_report import Record, at, document, record, records, shape, text, texts
from tocsin.readers._vex import STATEMENT_TABLES, Statement
from tocsin.terms import Severity

_WORDS = {"known_affected": "affected", "known_not_affected": "not_affected"}


def claims(head: bytes, name: str) -> bool:
    """By its context, or by statements with a status of a vulnerability."""
    found = shape(head)
    return "openvex" in found.text("@context") or found.has("statements[].vulnerability", "statements[].status", "author")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    made = instant(text(data, "timestamp"))
    yield Activity("OpenVEX", text(data, "version"), made, None, text(data, "@id"), data.offset)
    for item in records(data, "statements"):
        status = (text(item, "status") or "").lower()
        said = at(item, "vulnerability")
        uid = text(said) or text(said, "name") or text(said, "@id")
        if not (status and uid):
            continue
        for product in at(item, "products") if type(at(item, "products")) is list else []:
            if identity := text(product) or text(product, "@id"):
                statement = _statement(
                    item, data, product, identity, (uid, *texts(said, "aliases")), _WORDS.get(status, status)
                )
                yield statement.row()
                yield statement.seen()


def _statement(item: Record, data: Record, product: Any, identity: str, ids: tuple[str, ...], status: str) -> Statement:
    name, _, version = identity.split("?", 1)[0].split("#", 1)[0].rpartition("@")
    helper = record(product, "identifiers")
    said = (text(item, "impact_statement"), text(item, "status_notes"), text(item, "justification"))
    return Statement(
        item.offset,
        ids,
        identity,
        status,
        name or identity,
        version if name else None,
        text(helper, "purl") or purl(identity),
        text(helper, "cpe23") or text(helper, "cpe22"),
        justification=text(item, "justification"),
        remediation=text(item, "action_statement"),
        publisher=text(data, "author"),
        document_uid=text(data, "@id"),
        time=instant(text(item, "timestamp") or text(data, "timestamp")),
        severity=Severity.UNKNOWN if status in ("affected", "under_investigation") else Severity.INFORMATIONAL,
        description="\n".join(part for part in said if part),
    )


@reader(title="OpenVEX", tables=STATEMENT_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One statement and one finding for each product and vulnerability, whatever the status, which it says.

    Severities are not said: unknown, and informational where the product is fixed or not affected.
    Source: https://github.com/openvex/spec
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
