"""Nikto's report in XML, old and new (a ``niktoscan`` in a ``niktoscan`` since 2.1.6)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, host_of, ids_in, instant
from tocsin.readers._markup import paragraphs
from tocsin.readers._xml import Record, attribute, nothing_known, records, root, text, texts, whole
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its root element, or the details of a scan as only Nikto writes them."""
    found = root(head)
    return found is not None and (found.name == "niktoscan" or found.tags >= {"scandetails", "item", "namelink"})


def severity_of_item(osvdb: str | None) -> Severity:
    """Nikto rates nothing: what has an entry in the former OSVDB is a known weakness, the rest information."""
    return Severity.MEDIUM if osvdb and osvdb != "0" else Severity.INFORMATIONAL


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Nikto")
    scans = read = 0
    for record in records(stream, {"item", "scandetails", "niktoscan"}, evidence_id, report):
        if record.element.tag == "item":
            read += 1
            yield _item(record)
        elif record.element.tag == "scandetails":
            scans += 1
            yield _activity(record)
            found = whole(attribute(record.element.find("statistics"), "itemsfound")) or 0
            if found and not read:
                raise EvidenceError(f"expected {found} items, as the report's own statistics say; found none.")
        elif not record.parents:
            nothing_known(record.element, {"niktoscan", "scandetails"}, scans)


def _activity(record: Record) -> Activity:
    scan = record.element
    end = attribute(scan.find("statistics"), "endtime")
    version = next((said for one in record.parents if (said := attribute(one, "version"))), None)
    return Activity("Nikto", version, instant(attribute(scan, "starttime")), instant(end), attribute(scan, "sitename"))


def _item(record: Record) -> Seen:
    item, scan = record.element, record.parents[-1]
    said, link, method = text(item, "description") or "", text(item, "iplink"), attribute(item, "method")
    osvdb, ip = attribute(item, "osvdbid"), attribute(scan, "targetip")
    where = host_of(text(item, "namelink") or link)
    place = Place(None, where.ip or ip, where.hostname or attribute(scan, "targethostname"),
                  where.port or whole(attribute(scan, "targetport")), where.protocol, text(item, "uri") or where.url_path)  # fmt: skip
    return Seen(
        record.offset,
        (link, said, method),
        title=said.partition(". ")[0] or None,
        severity=severity_of_item(osvdb),
        ids=[*ids_in(said, *texts(item, "references")), *([f"OSVDB-{osvdb}"] if osvdb and osvdb != "0" else [])],
        places=[place],
        rule=attribute(item, "id"),
        description=paragraphs(said, f"Method {method}." if method else None, text(item, "references")),
    )


@reader(title="Nikto (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one sentence of Nikto's about one address with one method.

    Source: https://github.com/sullo/nikto, nikto.dtd
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
