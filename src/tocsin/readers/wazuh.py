"""Vulnerabilities of Wazuh: of the API up to 4.7, of the indexer from 4.8."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity
from tocsin.readers._json_report import Record, document, number, record, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By the API's items, or by the indexer's hits with a vulnerability and an agent."""
    found = shape(head)
    old = found.has("data.affected_items") and (
        found.has("data.affected_items[].cve") or found.has("data.total_affected_items")
    )
    return old or found.has("hits.hits[]._source.vulnerability") or found.text("hits.hits[]._index").startswith("wazuh-")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    yield Activity("Wazuh", offset=data.offset)
    for item in records(data, "data", "affected_items"):
        if text(item, "condition") != "Package unfixed" and text(item, "severity") != "Untriaged":
            yield _of_api(item)
    for hit in records(data, "hits", "hits"):
        yield _of_indexer(hit, record(hit, "_source"))


def _of_api(item: Record) -> Seen:
    uid, name, version, agent = (text(item, key) for key in ("cve", "name", "version", "agent_name"))
    return Seen(
        item.offset,
        (text(item, "title"), uid, agent, name, version),
        title=text(item, "title") or f"{uid} affects {name}",
        severity=severity(text(item, "severity")),
        ids=[uid] if uid else [],
        places=[Place(agent, text(item, "agent_ip"))],
        rule=uid,
        description=text(item, "condition"),
        cvss_score=number(item, "cvss3_score") or number(item, "cvss2_score"),
        package_name=name,
        package_version=version,
        status=(text(item, "status") or "").lower() or None,
        first_seen_time=instant(text(item, "detection_time")),
    )


def _of_indexer(hit: Record, item: Record) -> Seen:
    found, package, agent = record(item, "vulnerability"), record(item, "package"), record(item, "agent")
    uid, version = text(found, "id"), text(package, "version")
    return Seen(
        hit.offset,
        (uid, version, text(agent, "id"), text(agent, "name"), text(found, "description")),
        title=f"{uid} affects {text(package, 'name')} {version or ''}",
        severity=severity(text(found, "severity")),
        ids=[uid] if uid else [],
        places=[Place(text(agent, "name") or text(agent, "id"))],
        rule=uid,
        description=text(found, "description"),
        cvss_score=number(found, "score", "base"),
        package_name=text(package, "name"),
        package_version=version,
        first_seen_time=instant(text(found, "detected_at")),
    )


@reader(title="Wazuh vulnerabilities (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability of one package in one version on one agent. From 4.8 on, packages of the same version
    on an agent join where vulnerability and description are the same.

    Up to 4.7, items that Wazuh calls ``Package unfixed`` (the supplier has no fix) or ``Untriaged`` are not counted: it lists
    them for information. Source: https://documentation.wazuh.com/4.7/user-manual/api/reference.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
