"""SARIF 2.1.0, whatever tool wrote it."""

from collections.abc import Iterator
from typing import Any, BinaryIO

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
    severity,
    severity_of,
    vector_of,
)  # fmt: skip
from tocsin.readers._json_report import Record, at, document, number, record, records, shape, text, texts, whole
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its runs, with a tool each, or with its schema named."""
    found = shape(head)
    return found.has("runs") and (found.has("runs[].tool.driver") or "sarif" in found.text("$schema").lower())


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if not records(data, "runs"):
        yield Activity("SARIF", offset=data.offset)
    for run in records(data, "runs"):
        driver = record(run, "tool", "driver")
        product = text(driver, "name") or "SARIF"
        start, end = (instant(text(run, "invocations", -1, key)) for key in ("startTimeUtc", "endTimeUtc"))
        yield Activity(product, text(driver, "version") or text(driver, "semanticVersion"), start, end, offset=run.offset)
        rules = _rules(run)
        for result in records(run, "results"):
            if (text(result, "kind") or "fail") == "fail":
                yield from _result(result, rules, product, run)


def _rules(run: Record) -> dict[Any, Record]:
    """Rules by id and by index; those of extensions by id."""
    found: dict[Any, Record] = {}
    for extension in records(run, "tool", "extensions"):
        found.update({text(rule, "id"): rule for rule in records(extension, "rules")})
    for index, rule in enumerate(records(run, "tool", "driver", "rules")):
        found[index] = found[text(rule, "id")] = rule
    return found


def _result(result: Record, rules: dict[Any, Record], product: str, run: Record) -> Iterator[Seen]:
    rule_id = text(result, "ruleId") or text(result, "rule", "id")
    rule = rules.get(rule_id) or rules.get(whole(result, "ruleIndex")) or rules.get(whole(result, "rule", "index")) or Record()
    message = _message(result, rule)
    score = number(rule, "properties", "security-severity") or number(result, "properties", "security-severity")
    level = text(result, "level") or text(rule, "defaultConfiguration", "level") or "warning"
    name = text(rule, "shortDescription", "text") or text(rule, "fullDescription", "text") or text(rule, "name")
    tags = texts(rule, "properties", "tags")
    kin = [text(one, "target", "id") for one in records(rule, "relationships")]
    for location in records(result, "locations") or [Record(result.offset)]:
        path, line = _where(location, run)
        yield Seen(
            result.offset,
            (product, rule_id, path, line, message),
            title=message or name or rule_id,
            severity=severity_of(score) if score else severity(level) or Severity.MEDIUM,
            ids=ids_in(rule_id, *tags, message),
            cwe=[*tags, *kin, *texts(result, "properties", "cwe"), rule_id],
            places=[Place(url_path=f"{path}:{line}" if line else path)] if path else [],
            rule=rule_id or text(rule, "id"),
            description="\n".join(
                dict.fromkeys(part for part in (name, text(rule, "fullDescription", "text"), message) if part)
            ),
            cvss_score=score,
            cvss_vector=vector_of(text(rule, "properties", "cvss"), text(rule, "properties", "cvssV3_vector")),
            status="suppressed" if at(result, "suppressions") else text(result, "baselineState"),
            product_name=product,
            remediation=text(result, "fixes", 0, "description", "text") or text(rule, "help", "text"),
            own=True,
        )


def _message(result: Record, rule: Record) -> str | None:
    said = record(result, "message")
    found = text(said, "text") or text(said, "markdown") or text(rule, "messageStrings", text(said, "id") or "", "text")
    for index, argument in enumerate(texts(said, "arguments")[:20]):
        found = found.replace(f"{{{index}}}", argument) if found else None
    return found


def _where(location: Record, run: Record) -> tuple[str | None, int | None]:
    place = record(location, "physicalLocation")
    index = whole(place, "artifactLocation", "index")
    uri = text(place, "artifactLocation", "uri") or (
        text(run, "artifacts", index, "location", "uri") if index is not None else None
    )
    logical = text(location, "logicalLocations", 0, "fullyQualifiedName") or text(location, "logicalLocations", 0, "name")
    return uri or logical, whole(place, "region", "startLine")


@reader(title="SARIF 2.1.0", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each location of each result that failed is one finding (a result without location is one); suppressed ones say so.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
