"""Wapiti's report in XML."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in, instant
from tocsin.readers._markup import paragraphs
from tocsin.readers._xml import Record, nothing_known, records, root, text, texts, whole
from tocsin.terms import Severity

# Source: https://github.com/wapiti-scanner/wapiti, wapitiCore/definitions/base.py
_LEVELS = (Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def claims(head: bytes, name: str) -> bool:
    """By its root element and the report's infos in it."""
    found = root(head)
    return found is not None and found.name == "report" and found.tags >= {"report_infos", "info"}


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Wapiti")
    read = 0
    for record in records(stream, {"entry", "vulnerability", "report"}, evidence_id, report):
        if record.element.tag == "entry" and any(one.tag == "vulnerability" for one in record.parents):
            yield _entry(record)
        elif record.element.tag == "vulnerability":
            read += 1
        elif not record.parents:
            nothing_known(record.element, {"vulnerabilities"}, read)
            said = _infos(record.element)
            version = (said.get("generatorVersion") or "").rpartition(" ")[2]
            yield Activity("Wapiti", version, instant(said.get("dateOfScan")), None, said.get("target"))


def _infos(top: Element) -> dict[str | None, str | None]:
    return {one.get("name"): text(one) for one in top.findall("report_infos/info")}


def _entry(record: Record) -> Seen:
    entry, kind = record.element, next(one for one in reversed(record.parents) if one.tag == "vulnerability")
    target = _infos(record.parents[0]).get("target") or ""
    path, info = text(entry, "path") or "", text(entry, "info")
    level = whole(text(entry, "level")) or 0
    references = texts(kind, "references/reference/title")
    return Seen(
        record.offset,
        (kind.get("name"), info, level),
        title=": ".join(part for part in (kind.get("name"), info) if part),
        severity=_LEVELS[min(max(level, 0), 4)],
        ids=ids_in(info),
        cwe=references,
        places=[host_of(path if "://" in path else target.rstrip("/") + path)],
        rule=kind.get("name"),
        description=paragraphs(text(kind, "description"), text(entry, "http_request")),
        remediation=text(kind, "solution"),
    )


@reader(title="Wapiti (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one weakness with one sentence about it and one level; paths are its occurrences.

    Anomalies and additional notes are none. Source: https://wapiti-scanner.github.io
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
