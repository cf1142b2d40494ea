"""Results of masscan in JSON (``-oJ``, ``-oD``), with the commas and the last line its versions write."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant
from tocsin.readers._json_report import objects, records, shape, text, whole
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By addresses with ports that have a protocol."""
    return shape(head).either("ip", "ports", "ports[].port", "ports[].proto")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        seen = instant(text(item, "timestamp"))
        yield Activity("masscan", start_time=seen, offset=item.offset)
        address = text(item, "ip")
        for port in records(item, "ports"):
            if (text(port, "status") or "open").lower() == "open":
                number, protocol = whole(port, "port", most=65535), (text(port, "proto") or "tcp").lower()
                banner = text(port, "service", "banner")
                yield Seen(
                    item.offset,
                    (address, number, protocol),
                    title=f"Open port {number}/{protocol} on {address}",
                    severity=Severity.INFORMATIONAL,
                    places=[Place(ip=address, port=number, protocol=protocol)],
                    description=f"{text(port, 'service', 'name')}: {banner}" if banner else text(port, "reason"),
                    status="open",
                    first_seen_time=seen,
                )


@reader(title="masscan results (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one open port of one address; answers that came twice and banners join it.

    Source: https://github.com/robertdavidgraham/masscan
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
