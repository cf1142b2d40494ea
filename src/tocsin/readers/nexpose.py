"""Nexpose and InsightVM, "XML Export 2.0" (and 1.0, which has the same elements)."""

import contextlib
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
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
from tocsin.readers._markup import flat, paragraphs
from tocsin.readers._xml import Record, attribute, figure, nothing_known, records, root, texts, whole
from tocsin.terms import Severity

WANTED = frozenset({"node", "vulnerability", "NexposeReport"})
# Source: https://docs.rapid7.com/nexpose/understanding-different-vulnerability-statuses, and the export's schema.
_SEEN = ("vulnerable-exploited", "vulnerable-version", "vulnerable-potential")


def claims(head: bytes, name: str) -> bool:
    """By its root element."""
    found = root(head)
    return found is not None and found.name == "NexposeReport"


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Nexpose")
    known = _definitions(stream, evidence_id)
    stream.seek(0)
    nodes = 0
    undefined: dict[str, int] = {}
    for record in records(stream, WANTED, evidence_id, report):
        if record.element.tag == "node":
            nodes += 1
            yield from _node(record, known, undefined)
        elif record.element.tag == "NexposeReport":
            nothing_known(record.element, {"scans", "nodes"}, nodes)
            scan = record.element.find("scans/scan")
            start, end = _time(attribute(scan, "startTime")), _time(attribute(scan, "endTime"))
            yield Activity("Nexpose", None, instant(start), instant(end), attribute(scan, "name"))
    for uid, offset in undefined.items():
        reason = f"expected a definition of the vulnerability {uid[:100]!a}, found none; its findings were left out"
        report(Fault(evidence_id, offset, reason))


def _definitions(stream: BinaryIO, evidence_id: str) -> dict[str, Element]:
    """What the report's end tells of each check; what is wrong with the file is for the second reading to say."""
    known = {}
    with contextlib.suppress(EvidenceError):
        for record in records(stream, WANTED, evidence_id, lambda fault: None):
            if record.element.tag == "vulnerability" and (uid := record.element.get("id")):
                known[uid.lower()] = record.element
    return known


def _time(said: str | None) -> str | None:
    """``20210211T162340221``, in a form others can read."""
    if not said or len(said) < 15:
        return None
    return f"{said[:4]}-{said[4:6]}-{said[6:8]}T{said[9:11]}:{said[11:13]}:{said[13:15]}"


def _node(record: Record, known: dict[str, Element], undefined: dict[str, int]) -> Iterator[Seen]:
    node, offset = record.element, record.offset
    host = Place(None, attribute(node, "address"), next(iter(texts(node, "names/name")), None))
    for test in node.findall("tests/test"):
        yield from _test(test, known, undefined, host, offset)
    yield _noted("Host Up", "The host answered.", host, offset)
    for endpoint in node.findall("endpoints/endpoint"):
        protocol = attribute(endpoint, "protocol") or ""
        place = host._replace(port=whole(endpoint.get("port")), protocol=protocol.lower() or None)
        for service in endpoint.findall("services/service"):
            for test in service.findall("tests/test"):
                yield from _test(test, known, undefined, place, offset)
        if endpoint.find("services/service") is not None:
            service_name = attribute(endpoint.find("services/service"), "name") or "no known"
            said = f"The port is open, with the service {service_name}."
            yield _noted(f"Open port {protocol.upper()}/{endpoint.get('port')}", said, place, offset)


def _noted(title: str, description: str, place: Place, offset: int) -> Seen:
    return Seen(offset, ("noted", title), title, Severity.INFORMATIONAL, places=[place], description=description)


def _test(test: Element, known: dict[str, Element], undefined: dict[str, int], place: Place, offset: int) -> Iterator[Seen]:
    uid, status = (attribute(test, "id") or "").lower(), attribute(test, "status")
    if status not in _SEEN:
        return
    found = known.get(uid)
    if found is None:
        if len(undefined) < 1000:
            undefined.setdefault(uid, offset)
        return
    title = attribute(found, "title") or uid
    score = next((one for key in ("cvssV3Score", "cvssScore") if (one := figure(attribute(found, key))) is not None), None)
    rank = figure(attribute(found, "severity"))
    yield Seen(
        offset,
        (title, attribute(found, "severity")),
        title=title,
        severity=severity_of(rank if rank is not None else score) or Severity.UNKNOWN,
        ids=ids_in(*texts(found, "references/reference"), uid),
        places=[place],
        rule=uid,
        description=paragraphs(flat(found, "description"), flat(test)),
        cvss_score=score,
        cvss_vector=vector_of(attribute(found, "cvssV3Vector"), attribute(found, "cvssVector")),
        status=status,
        first_seen_time=instant(_time(attribute(test, "vulnerable-since"))),
        remediation=flat(found, "solution"),
    )


@reader(title="Nexpose, InsightVM (XML 2.0)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability (by title and severity), one open port with a service, and that hosts are up.

    Hosts and ports are occurrences. Checks that did not find the host vulnerable are none, and those
    that the report does not define are a fault. Source:
    https://docs.rapid7.com/nexpose/report-formats, the export's Report_XML_Export_Schema_2.0.xsd
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
