"""ssh-audit's report in JSON: of one server, or a list of servers."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, host_of, severity_of
from tocsin.readers._json_report import Record, number, objects, record, records, shape, text, texts
from tocsin.readers._markup import paragraphs
from tocsin.terms import Severity

# Lists of algorithms, and what they are called.
_KINDS = {"kex": "key exchange", "key": "host key", "enc": "cipher", "mac": "message authentication code"}


def claims(head: bytes, name: str) -> bool:
    """By the server's banner beside its lists of algorithms."""
    found = shape(head)
    return found.either("banner", "kex", "mac")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("ssh-audit")
    for server in objects(stream, evidence_id=evidence_id, report=report):
        target = text(server, "target") or text(server, "target_ip")
        yield Activity("ssh-audit", targets=target, offset=server.offset)
        place = host_of(target)._replace(protocol="ssh", url_path=None)
        banner = text(server, "banner", "raw")
        for found in records(server, "cves"):
            score = number(found, "cvssv2") or number(found, "cvssv3")
            uid = text(found, "name")
            yield Seen(found.offset, (target, uid), uid, severity_of(score), [uid] if uid else [], places=[place], cvss_score=score,
                       description=paragraphs(text(found, "description"), banner), package_name=text(server, "banner", "software"))  # fmt: skip
        for kind, called in _KINDS.items():
            for found in records(server, kind):
                yield from _algorithm(found, kind, called, target, place)


def _algorithm(found: Record, kind: str, called: str, target: str | None, place: Place) -> Iterator[Seen]:
    notes = record(found, "notes")
    failed, warned = texts(notes, "fail"), texts(notes, "warn")
    if not failed and not warned:
        return
    name = text(found, "algorithm")
    yield Seen(
        found.offset,
        (target, kind, name, text(found, "keysize")),
        title=f"Weak {called}: {name}",
        severity=Severity.HIGH if failed else Severity.MEDIUM,
        places=[place],
        rule=name,
        description=paragraphs(*failed, *warned, *texts(notes, "info")),
    )


@reader(title="ssh-audit (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Per server, one finding is one CVE, and one algorithm that failed or of which was warned, ciphers among them.

    Source: https://github.com/jtesta/ssh-audit
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
