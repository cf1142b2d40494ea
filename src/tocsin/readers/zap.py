"""ZAP's report in XML (traditional, and "plus" with requests and responses)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in, instant, severity
from tocsin.readers._markup import paragraphs, plain
from tocsin.readers._xml import Record, attribute, nothing_known, records, root, text, texts
from tocsin.terms import Severity

_LEVELS = {"0": Severity.INFORMATIONAL, "1": Severity.LOW, "2": Severity.MEDIUM, "3": Severity.HIGH}  # riskcode


def claims(head: bytes, name: str) -> bool:
    """By its root element."""
    found = root(head)
    return found is not None and found.name == "OWASPZAPReport"


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("ZAP")
    sites = 0
    # Requests and responses are records only so that they are not kept.
    wanted = {"alertitem", "requestbody", "responsebody", "site", "OWASPZAPReport"}
    for record in records(stream, wanted, evidence_id, report):
        if record.element.tag == "alertitem":
            yield _alert(record)
        elif record.element.tag == "site":
            sites += 1
            yield Activity("ZAP", targets=attribute(record.element, "name"))
        elif not record.parents:
            nothing_known(record.element, {"site", "generated"}, sites)
            made = instant(attribute(record.element, "generated") or text(record.element, "generated"))
            yield Activity("ZAP", attribute(record.element, "version"), made)


def _alert(record: Record) -> Seen:
    alert = record.element
    site = next((one.get("name") for one in reversed(record.parents) if one.tag == "site"), None)
    urls = texts(alert, "instances/instance/uri") or texts(alert, "uri")
    code, named = text(alert, "riskcode") or "", (text(alert, "riskdesc") or "").partition(" ")[0]
    title = text(alert, "name") or text(alert, "alert")
    rule = text(alert, "pluginid")
    return Seen(
        record.offset,
        (site, text(alert, "alertRef") or rule, title, code),
        title=title,
        severity=severity(named) or _LEVELS.get(code, Severity.INFORMATIONAL),
        ids=ids_in(title, text(alert, "reference"), *texts(alert, "tags/tag/tag")),
        cwe=[text(alert, "cweid")],
        places=[host_of(url) for url in dict.fromkeys(urls)] or [host_of(site)],
        rule=rule,
        description=paragraphs(plain(text(alert, "desc")), plain(text(alert, "otherinfo"))),
        status="false_positive" if text(alert, "confidence") == "0" else None,
        remediation=plain(text(alert, "solution")),
        own=True,
    )


@reader(title="ZAP report (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each alert of each site is one finding; the URLs of its instances are its occurrences.

    Source: https://www.zaproxy.org/docs/desktop/addons/report-generation/report-traditional-xml/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
