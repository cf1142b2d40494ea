"""Nikto's report in JSON: of one host, or a list of hosts (2.5)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, ids_in
from tocsin.readers._json_report import objects, records, shape, text, whole
from tocsin.readers._markup import paragraphs
from tocsin.readers.nikto import severity_of_item


def claims(head: bytes, name: str) -> bool:
    """By the host's banner beside its list of vulnerabilities."""
    found = shape(head)
    return found.either("vulnerabilities", "host", "ip", "banner")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Nikto")
    for host in objects(stream, evidence_id=evidence_id, report=report):
        yield Activity("Nikto", targets=text(host, "host"), offset=host.offset)
        for found in records(host, "vulnerabilities"):
            said, osvdb = text(found, "msg"), text(found, "OSVDB")
            severity, method = severity_of_item(osvdb), text(found, "method")
            yield Seen(
                found.offset,
                (severity.name, said),
                title=said,
                severity=severity,
                ids=[*ids_in(said, text(found, "references")), *([f"OSVDB-{osvdb}"] if osvdb and osvdb != "0" else [])],
                places=[Place(None, text(host, "ip"), text(host, "host"), whole(host, "port"), None, text(found, "url"))],
                rule=text(found, "id"),
                description=paragraphs(said, f"Method {method}." if method else None, text(found, "references")),
            )


@reader(title="Nikto (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one sentence of Nikto's with one severity; hosts and URLs are its occurrences.

    Source: https://github.com/sullo/nikto, plugins/nikto_report_json.plugin
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
