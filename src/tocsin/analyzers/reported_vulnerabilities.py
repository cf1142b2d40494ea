"""What the partner's own scanners report, joined over reports: the same weakness of the same package is one finding."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import ibis
import pyarrow as pa

from tocsin.analyzers import Context, Keep, Steps, analyzer
from tocsin.model import Entity, EvidenceRow, Finding, finding_id
from tocsin.model.text import count, plural, printable
from tocsin.terms import FindingClass, Severity

ID, VERSION = "reported_vulnerabilities", "0.1.0"
ASSETS_SHOWN, ROWS_SHOWN = 50, 5
# What a scanner says of its own finding when it is none, or none any more.
CLOSED = ("suppressed", "fixed", "not_affected", "false_positive", "resolved", "closed", "mitigated", "accepted", "pass")


@analyzer(
    title="What did vulnerability scanners report?",
    reads=("vulnerability_finding", "vulnerability_occurrence"),
    techniques=(),
    version=VERSION,
)
def reported_vulnerabilities(tables: Mapping[str, Any], context: Context, *, findings_max: int = 2_000) -> Steps:
    """Join what scanners found.

    Args:
        tables: ``vulnerability_finding``, one row per finding of a report; ``vulnerability_occurrence``, where each was seen.
        findings_max: Most findings made; the gravest are taken, and each says when there were more.

    Returns:
        One finding per vulnerability and package (per check where the scanner names no vulnerability), over all reports and
        assets: ``exposure``, or ``context`` where the scanner calls it informational. Findings that the scanner itself calls
        fixed, suppressed or not affected are left out; they stay in the table. Missed: what no scanner was pointed at.

    Source:
        OCSF 1.5.0, Vulnerability Finding (2002).
    """
    rows = tables["vulnerability_finding"]
    status = rows.status.fill_null("open").lower()
    # What makes it one over several reports: the vulnerability if it has an id, else the scanner's check, else its title.
    of_check = rows.product_name.fill_null("").concat(" ", ibis.coalesce(rows.rule, rows.title, rows.finding_uid))
    named = ibis.coalesce(rows.vulnerability_uid, of_check)
    is_open = rows.mutate(named=named, package=rows.package_name.fill_null("")).filter(~status.isin(CLOSED))
    kept = yield Keep(is_open)
    joined = kept.group_by("named", "package").agg(
        severity=kept.severity_id.max(),
        cvss=kept.cvss_score.max(),
        reports=kept.evidence_id.nunique(),
        scanners=kept.product_name.nunique(),
        places=kept.occurrences.sum(),
        first=kept.first_seen_time.min(),
    )
    order = [ibis.desc(joined.severity), ibis.desc(joined.cvss.fill_null(-1.0)), joined.named, joined.package]
    gravest = yield joined.order_by(order).limit(findings_max)
    number = yield joined.agg(all=joined.count())
    left_out = int(number["all"][0].as_py() or 0) - gravest.num_rows
    if not gravest.num_rows:
        return []
    names = ibis.memtable(pa.table({"named": gravest["named"], "package": gravest["package"]}))
    mine = kept.semi_join(names, ["named", "package"])
    told = yield mine.mutate(
        rank=ibis.row_number().over(group_by=[mine.named, mine.package], order_by=[mine.evidence_id, mine.record_offset])
    ).filter(lambda t: t["rank"] < ROWS_SHOWN)
    assets = yield from _assets(tables["vulnerability_occurrence"], mine)
    by_key: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in told.to_pylist():
        by_key.setdefault((row["named"], row["package"]), []).append(row)
    ranked = sorted(gravest.to_pylist(), key=lambda r: (-(r["severity"] or 0), -(r["cvss"] or 0), r["named"], r["package"]))
    keys = [(facts["named"], facts["package"]) for facts in ranked]
    return [_finding(f, by_key[key], assets.get(key, []), left_out, context) for f, key in zip(ranked, keys, strict=True)]


def _assets(occurrences: Any, mine: Any) -> Any:
    """Per vulnerability and package, the assets it was seen on, with a port where there is one."""
    seen = occurrences.select(
        "finding_uid", "evidence_id", place=ibis.coalesce(occurrences.asset, occurrences.hostname, occurrences.ip)
    ).filter(lambda t: t.place.notnull())
    own = mine.select("named", "package", "finding_uid", "evidence_id", place=mine.asset).filter(lambda t: t.place.notnull())
    of = mine.select("named", "package", "finding_uid", "evidence_id")
    every = of.inner_join(seen, ["finding_uid", "evidence_id"]).select("named", "package", "place")
    every = every.union(own.select("named", "package", "place")).distinct()
    ranked = every.mutate(rank=ibis.row_number().over(group_by=[every.named, every.package], order_by=every.place))
    rows = yield ranked.filter(ranked["rank"] < ASSETS_SHOWN)
    found: dict[tuple[str, str], list[str]] = {}
    for row in sorted(rows.to_pylist(), key=lambda r: (r["named"], r["package"], r["rank"])):
        found.setdefault((row["named"], row["package"]), []).append(row["place"])
    return found


def _finding(
    facts: Mapping[str, Any], rows: list[dict[str, Any]], assets: list[str], left_out: int, context: Context
) -> Finding:
    rows = sorted(rows, key=lambda r: r["rank"])
    severity = Severity(min(max(facts["severity"] or 0, 0), Severity.FATAL))
    informational = severity is Severity.INFORMATIONAL
    name, package = printable(facts["named"]), printable(facts["package"])
    uid = next((r["vulnerability_uid"] for r in rows if r["vulnerability_uid"]), None)
    uids = sorted({one for r in rows for one in (r["vulnerability_uids"] or "").split(",") if one})
    title = printable(next((r["title"] for r in rows if r["title"]), name), 160)
    where = (
        printable(assets[0], 80) + (f" and {plural(len(assets) - 1, 'more asset')}" if len(assets) > 1 else "")
        if assets
        else ""
    )
    scanners = sorted({printable(r["product_name"]) for r in rows if r["product_name"]})
    basis = f"Reported by {' and '.join(scanners) or 'a scanner'} in {plural(facts['reports'], 'report')}."
    if left_out > 0:
        basis += f" {count(left_out)} less grave findings of these reports were not taken up (findings_max)."
    vulnerability = {
        "id": uid,
        "aliases": [one for one in uids if one != uid],
        "verdict": "reported",
        "fixed_version": _first(rows, "package_fixed_version"),
        "cvss_score": facts["cvss"],
        "cvss_vector": _first(rows, "cvss_vector"),
    }
    attributes: dict[str, Any] = {
        "rule": _first(rows, "rule"),
        "package": package or None,
        "package_version": _first(rows, "package_version"),
        "package_purl": _first(rows, "package_purl"),
        "assets": [printable(one, 200) for one in assets],
        "occurrences": int(facts["places"] or len(rows)),
        "scanners": scanners,
        "cwe": _first(rows, "cwe"),
        "vulnerabilities": [vulnerability] if uid else [],
        "remediation": _first(rows, "remediation"),
    }
    if left_out > 0:
        attributes["findings_left_out"] = left_out
    known = title if uid is None or uid in title else f"{uid}: {title}"
    return Finding(
        id=finding_id(None, analyzer=ID, named=facts["named"], package=facts["package"], evidence=sorted(context.evidence)),
        analyzer=ID,
        version=VERSION,
        cls=FindingClass.CONTEXT if informational else FindingClass.EXPOSURE,
        title=f"{known} on {where}" if where else known,
        severity=severity,
        confidence=85 if len(scanners) > 1 else 70,
        confidence_basis=basis,
        techniques=(),
        first_seen=facts["first"].astimezone(UTC) if facts["first"] else None,
        last_seen=None,
        entities=tuple(Entity("asset", "host", printable(one, 200)) for one in assets[:10]),
        attributes={key: value for key, value in attributes.items() if value is not None},
        evidence=tuple(_evidence(rows, context)),
        meaning=printable(_first(rows, "description") or "The scanner gives no description.", 1000),
    )


def _first(rows: list[dict[str, Any]], column: str) -> Any:
    value = next((r[column] for r in rows if r[column] is not None), None)
    return printable(value, 2000) if isinstance(value, str) else value


def _evidence(rows: list[dict[str, Any]], context: Context) -> Iterator[EvidenceRow]:
    for row in rows:
        name, sha256 = context.evidence[row["evidence_id"]]
        parts = [row["product_name"], row["rule"], row["package_name"], row["package_version"], row["asset"], row["url_path"]]
        yield EvidenceRow(
            row["evidence_id"], name, sha256, row["record_offset"], printable(" · ".join(p for p in parts if p), 200)
        )
