"""SSLyze's report in XML (up to version 2)."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather
from tocsin.readers._tls import weak
from tocsin.readers._xml import Record, attribute, nothing_known, records, root, whole
from tocsin.terms import Severity

_PROTOCOLS = ("sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3")
# Element, its child, the child's attribute and what it says where the server is open to attack.
_FLAWS = (
    ("heartbleed", "openSslHeartbleed", "isVulnerable", "True", "CVE-2014-0160"),
    ("openssl_ccs", "openSslCcsInjection", "isVulnerable", "True", "CVE-2014-0224"),
    ("reneg", "sessionRenegotiation", "isSecure", "False", None),
)


def claims(head: bytes, name: str) -> bool:
    """By its root element and SSLyze's version in it."""
    found = root(head)
    return found is not None and found.name == "document" and "SSLyzeVersion" in found.attributes


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("SSLyze")
    targets = 0
    for record in records(stream, {"target", "certinfo", "document"}, evidence_id, report):
        if record.element.tag == "target" and record.parents[-1].tag == "results":
            targets += 1
            yield from _target(record)
        elif not record.parents:
            nothing_known(record.element, {"results", "invalidTargets"}, targets)
            yield Activity("SSLyze", attribute(record.element, "SSLyzeVersion"))


def _target(record: Record) -> Iterator[Seen]:
    target, offset = record.element, record.offset
    host = attribute(target, "host")
    place = Place(None, attribute(target, "ip"), host, whole(target.get("port")), attribute(target, "tlsWrappedProtocol"))
    for tag, child, key, bad, cve in _FLAWS:
        found = target.find(tag)
        if found is not None and attribute(found.find(child), key) == bad:
            title = attribute(found, "title") or tag
            level = Severity.HIGH if cve else Severity.MEDIUM
            yield Seen(offset, (host, place.port, tag), title, level, [cve] if cve else [], places=[place], rule=tag)
    for tag in _PROTOCOLS:
        found = target.find(tag)
        if found is not None and (names := sorted(filter(weak, _ciphers(found)))):
            yield Seen(
                offset,
                (host, place.port, tag),
                f"{tag}: weak cipher suites",
                Severity.LOW,
                places=[place],
                rule=tag,
                description=", ".join(names),
            )


def _ciphers(protocol: Element) -> set[str]:
    if protocol.get("isProtocolSupported") != "True":
        return set()
    lists = [*protocol.findall("preferredCipherSuite"), *protocol.findall("acceptedCipherSuites")]
    return {name for one in lists for cipher in one if (name := attribute(cipher, "name"))}


@reader(title="SSLyze (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Per server: one finding for each of Heartbleed, CCS injection, insecure renegotiation; one per version with weak suites.

    Weak is what has no forward secrecy, CBC, or an algorithm given up (RFC 9325). Source:
    https://github.com/nabla-c0d3/sslyze, releases 1 and 2
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
