"""Qualys: results of one scan of hosts, as the web page gives them (SCAN)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity_of
from tocsin.readers._markup import paragraphs, plain
from tocsin.readers._xml import Record, attribute, figure, nothing_known, records, root, text, texts, whole
from tocsin.readers.qualys import level


def claims(head: bytes, name: str) -> bool:
    """By its root element, and a header's key or an address in it."""
    found = root(head)
    return found is not None and found.name == "SCAN" and bool(found.tags & {"HEADER", "IP", "KEY"})


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Qualys")
    hosts = 0
    for record in records(stream, {"VULN", "PRACTICE", "INFO", "SERVICE", "IP", "SCAN"}, evidence_id, report):
        kind = record.element.tag
        if kind == "VULN" and any(one.tag == "VULNS" for one in record.parents):
            yield _vulnerability(record)
        elif kind == "IP":
            hosts += 1
        elif kind == "SCAN":
            nothing_known(record.element, {"HEADER", "ERROR"}, hosts)
            said = {one.get("value"): text(one) for one in record.element.findall("HEADER/KEY")}
            yield Activity("Qualys", None, instant(said.get("DATE")), None, said.get("TARGET"))


def _vulnerability(record: Record) -> Seen:
    found, category = record.element, record.parents[-1]
    host = next((one for one in reversed(record.parents) if one.tag == "IP"), category)
    place = Place(
        None, attribute(host, "value"), attribute(host, "name"), whole(category.get("port")), category.get("protocol")
    )
    score = figure(text(found, "CVSS3_BASE") or text(found, "CVSS_BASE"))
    return Seen(
        record.offset,
        (place.ip, place.hostname, attribute(found, "number"), place.port, place.protocol),
        title=text(found, "TITLE"),
        severity=severity_of(score) if score else level(found.get("severity")),
        ids=texts(found, "CVE_ID_LIST/CVE_ID/ID"),
        places=[place],
        rule=attribute(found, "number"),
        description=paragraphs(plain(text(found, "DIAGNOSIS")), plain(text(found, "CONSEQUENCE")), text(found, "RESULT")),
        cvss_score=score,
        remediation=plain(text(found, "SOLUTION")),
        own=True,
    )


@reader(title="Qualys scan results (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each confirmed vulnerability (VULNS) of a host is one finding.

    What Qualys calls potential (PRACTICES) and what it gathered (INFOS, SERVICES) is none. Source: scan-1.dtd,
    https://docs.qualys.com/en/vm/api/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
