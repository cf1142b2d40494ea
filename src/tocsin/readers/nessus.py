"""Nessus and Tenable reports, ``.nessus`` (version 2 of the format), and those of Tenable's web application scanner."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Place,
    Seen,
    Told,
    gather,
    ids_in,
    instant,
    severity_of,
    vector_of,
)  # fmt: skip
from tocsin.readers._markup import paragraphs
from tocsin.readers._xml import Record, attribute, figure, nothing_known, records, root, text, texts, whole
from tocsin.terms import Severity

ROOT = "NessusClientData_v2"
# What there is much of in the policy: records only so that they are not kept.
_POLICY = frozenset({"preference", "item", "PluginItem", "FamilyItem"})
# Source: https://docs.tenable.com/nessus/Content/NessusFileFormat.htm, attribute `severity`.
_LEVELS = (Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)

_SCORES = ("cvss4_base_score", "cvss3_base_score", "cvssv3", "cvss_base_score", "cvss")


def claims(head: bytes, name: str) -> bool:
    """By its root element."""
    found = root(head)
    return found is not None and found.name == ROOT


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Nessus")
    hosts = 0
    for record in records(stream, {"ReportItem", "ReportHost", ROOT, *_POLICY}, evidence_id, report):
        if record.element.tag == "ReportItem":
            yield _item(record)
        elif record.element.tag == "ReportHost":
            hosts += 1
            yield _activity(record)
        elif record.element.tag == ROOT:
            nothing_known(record.element, {"Report", "Policy"}, hosts)


def _activity(record: Record) -> Activity:
    start, end = (instant(_property(record.element, key)) for key in ("HOST_START", "HOST_END"))
    return Activity("Nessus", None, start, end, attribute(record.parents[-1], "name"))


def _property(host: Element, name: str) -> str | None:
    properties = host.find("HostProperties")
    found = next((one for one in properties if one.get("name") == name), None) if properties is not None else None
    return text(found)


def _item(record: Record) -> Seen:
    item, host = record.element, record.parents[-1]
    name = attribute(host, "name")
    said = {child.tag: (child.text or "").strip() for child in reversed(item)}  # one way through them: there are millions
    level = _LEVELS[min(max(whole(item.get("severity")) or 0, 0), 4)]
    score3 = figure(said.get("cvss3_base_score"))
    rated = severity_of(score3) if score3 is not None else level
    title = attribute(item, "pluginName") or said.get("plugin_name") or attribute(item, "pluginID")
    scores = [figure(said.get(key)) for key in _SCORES]
    vector3 = said.get("cvss3_vector")
    service = (attribute(item, "svc_name") or "").rstrip("?")
    protocol = (attribute(item, "protocol") or service).lower()
    return Seen(
        record.offset,
        (title, rated.name),
        title=title,
        severity=level if level > Severity.INFORMATIONAL else rated,
        ids=[*texts(item, "cve"), *ids_in(*texts(item, "xref"))],
        cwe=texts(item, "cwe"),
        places=[Place(name, _property(host, "host-ip"), _property(host, "host-fqdn"), whole(item.get("port")), protocol)],
        rule=attribute(item, "pluginID"),
        description=paragraphs(said.get("synopsis"), said.get("description"), said.get("plugin_output")),
        cvss_score=next((one for one in scores if one is not None), None),
        cvss_vector=vector_of(
            said.get("cvss4_vector"), vector3, f"CVSS:3.0/{vector3}" if vector3 else None, said.get("cvss_vector")
        ),
        first_seen_time=instant(_property(host, "HOST_START")),
        remediation=said.get("solution"),
    )


@reader(title="Nessus, Tenable (.nessus)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one plugin (by its name) with one severity; hosts and ports are its occurrences.

    The severity in the key is that of the CVSS 3 score where there is one, else the report's own; the row has the report's own,
    unless that is "none". Informational plugins are findings, too. Source:
    https://docs.tenable.com/nessus/Content/NessusFileFormat.htm
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
