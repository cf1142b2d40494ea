"""Nmap's XML (``-oX``), and masscan's, which has the same form."""

import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.errors import EvidenceError
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
)  # fmt: skip
from tocsin.readers._markup import paragraphs
from tocsin.readers._xml import Record, attribute, figure, records, root, text
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its root element."""
    found = root(head)
    return found is not None and found.name == "nmaprun"


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    hosts = 0
    masscan = False
    for record in records(stream, {"host", "nmaprun"}, evidence_id, report):
        if record.element.tag == "nmaprun":
            yield _activity(record.element)
            up = attribute(record.element.find("runstats/hosts"), "up") or ""
            if not hosts and up.isdecimal() and int(up[:9]) > 0:
                raise EvidenceError(f"expected {up} hosts, as the report's own summary says; found none.")
        elif len(record.parents) == 1:
            hosts += 1
            if hosts == 1:
                masscan = record.parents[0].get("scanner") == "masscan"
                yield _activity(record.parents[0])
            yield from _host(record, masscan)


def _activity(top: Element) -> Activity:
    product = {"nmap": "Nmap"}.get(top.get("scanner") or "nmap", top.get("scanner"))
    end = instant(attribute(top.find("runstats/finished"), "time"))
    return Activity(product or "Nmap", attribute(top, "version"), instant(attribute(top, "start")), end, attribute(top, "args"))


def _host(record: Record, masscan: bool) -> Iterator[Seen]:
    host, offset = record.element, record.offset
    addresses = {kind: one.get("addr") for one in host.iter("address") if (kind := one.get("addrtype"))}
    ip = addresses.get("ipv4") or addresses.get("ipv6")
    names = sorted(host.findall("hostnames/hostname"), key=lambda one: one.get("type") != "PTR")
    hostname = next((told for one in names if (told := attribute(one, "name"))), None)
    here = Place(None, ip or addresses.get("mac"), hostname)
    start = instant(attribute(host, "starttime") or attribute(host, "endtime"))
    for port in host.findall("ports/port"):
        if attribute(port.find("state"), "state") != "open":
            continue
        number, protocol = attribute(port, "portid") or "", attribute(port, "protocol")
        if not number.isdecimal():
            continue
        place = here._replace(port=int(number[:6]), protocol=protocol)
        service = port.find("service")
        said = [attribute(service, key) for key in ("name", "product", "version", "extrainfo")]
        for script in port.findall("script"):
            yield from _weaknesses(script, place, offset)
        yield Seen(
            offset,
            ("open port", ip, protocol, number) if masscan else ("open port", number),
            title=f"Open port: {number}/{protocol}",
            severity=Severity.INFORMATIONAL,
            places=[place],
            rule="open-port",
            description=paragraphs(" ".join(part for part in said if part), attribute(port.find("script"), "output")),
            package_name=said[1],
            package_version=said[2],
            status="open",
            first_seen_time=start,
        )
    for script in host.findall("hostscript/script"):
        yield from _weaknesses(script, here, offset)


def _weaknesses(script: Element, place: Place, offset: int) -> Iterator[Seen]:
    if script.get("id") == "vulners":
        for component in script.findall("table"):
            for table in component.findall("table"):
                yield from _known(_elements(table), attribute(component, "key") or "", place, offset)
        return
    for table in script.findall("table"):
        said = _elements(table)
        if (said.get("state") or "").upper().startswith(("VULNERABLE", "LIKELY VULNERABLE")):
            yield from _proven(script, table, said, place, offset)


def _elements(table: Element) -> dict[str, str | None]:
    return {(one.get("key") or "").lower(): text(one) for one in table.findall("elem")}


def _known(said: dict[str, str | None], cpe: str, place: Place, offset: int) -> Iterator[Seen]:
    uid = said.get("id")
    if not uid:
        return
    score = figure(said.get("cvss"))
    parts = re.split(r"(?<!\\):", cpe.removeprefix("cpe:2.3:").removeprefix("cpe:/"))
    yield Seen(
        offset,
        ("vulners", uid),
        title=uid,
        severity=severity_of(score),
        ids=ids_in(uid) or [uid],
        places=[place],
        rule="vulners",
        description=f"{cpe} has {uid} ({said.get('type') or 'kind not said'}), by its version alone.",
        cvss_score=score,
        package_name=parts[2] if len(parts) > 2 else None,
        package_version=parts[3] if len(parts) > 3 else None,
    )


def _proven(script: Element, table: Element, said: dict[str, str | None], place: Place, offset: int) -> Iterator[Seen]:
    ids = ids_in(table.get("key"), *(text(one) for one in table.findall("table[@key='ids']/elem")))
    scores = [figure(text(one)) for one in table.findall("table[@key='scores']/elem")]
    risk = (attribute(script, "output") or "").partition("Risk factor: ")[2].split(" ")[0].strip().lower()
    levels = {"low": Severity.LOW, "medium": Severity.MEDIUM, "high": Severity.HIGH}
    score = max((one for one in scores if one is not None), default=None)
    yield Seen(
        offset,
        (script.get("id"), table.get("key")),
        title=said.get("title") or script.get("id"),
        severity=severity_of(score) or levels.get(risk, Severity.MEDIUM),
        ids=ids,
        places=[place],
        rule=script.get("id"),
        description=paragraphs(text(table, "table[@key='description']"), attribute(script, "output")),
        cvss_score=score,
        status=said.get("state"),
    )


@reader(title="Nmap, masscan (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one open port, whatever hosts have it open; and one weakness that a script found.

    Ports that are ``open|filtered`` are none. Of scripts, ``vulners`` (an id is a finding, hosts and ports are its occurrences)
    and those that state ``VULNERABLE`` count. In masscan's reports, where nothing is known but the port, one finding is one
    port of one host. Source: https://nmap.org/book/nmap-dtd.html, https://nmap.org/nsedoc/lib/vulns.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
