"""OpenSCAP and other XCCDF results: a benchmark with its test result, a test result alone, or both in an ARF collection."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, host_of, ids_in, instant, severity
from tocsin.readers._markup import flat
from tocsin.readers._xml import Record, attribute, records, root, text, texts
from tocsin.terms import Severity

_WANTED = frozenset({"Rule", "rule-result", "TestResult", "Benchmark", "asset-report-collection", "definition", "item"})


def claims(head: bytes, name: str) -> bool:
    """By its root element and the namespace of XCCDF or ARF."""
    found = root(head)
    if found is None:
        return False
    if found.name in ("Benchmark", "TestResult"):
        return "checklists.nist.gov/xccdf" in found.namespace
    return found.name == "asset-report-collection"


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("OpenSCAP")
    rules: dict[str, Element] = {}
    tests = 0
    for record in records(stream, _WANTED, evidence_id, report):
        kind = record.element.tag
        if kind == "Rule" and (uid := record.element.get("id")):
            rules[uid] = record.element
        elif kind == "rule-result" and text(record.element, "result") == "fail":
            yield _failed(record, rules)
        elif kind == "TestResult":
            tests += 1
            yield _activity(record.element)
    if not tests:
        raise EvidenceError("expected a TestResult, found none: this is a benchmark (what to check), not its results.")


def _activity(test: Element) -> Activity:
    product = (attribute(test, "test-system") or "").rpartition("/")[2]
    version = next((part for part in product.split(":") if part[:1].isdecimal()), None)
    start, end = instant(attribute(test, "start-time")), instant(attribute(test, "end-time"))
    return Activity("OpenSCAP", version, start, end, ", ".join(texts(test, "target")))


def _failed(record: Record, rules: dict[str, Element]) -> Seen:
    result, test = record.element, record.parents[-1]
    uid = attribute(result, "idref")
    rule = rules.get(uid or "")
    checks = [(one.get("href"), one.get("name")) for one in result.findall("check/check-content-ref")]
    name = text(test, "target")
    addresses = [host_of(one) for one in texts(test, "target-address")]
    return Seen(
        record.offset,
        (str(checks) if checks else uid,),
        title=text(rule, "title") or uid,
        severity=severity(attribute(result, "severity") or attribute(rule, "severity") or "medium") or Severity.INFORMATIONAL,
        ids=ids_in(*texts(result, "ident"), *texts(rule, "ident"), text(rule, "title")),
        places=[Place(name, one.ip, one.hostname) for one in addresses] or [Place(name)],
        rule=uid,
        description=flat(rule, "description") or flat(rule, "rationale"),
        status="fail",
        first_seen_time=instant(attribute(result, "time")),
        remediation=flat(rule, "fixtext"),
    )


@reader(title="OpenSCAP, XCCDF results", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one check that failed, named by what it refers to (the rule where it refers to nothing).

    Two rules with the same check are one finding; the target's addresses are its occurrences. Source: NISTIR 7275r4 (XCCDF 1.2)
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
