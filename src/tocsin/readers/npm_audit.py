"""Reports of ``npm audit --json``: npm 6 (advisories) and 7 or newer (vulnerable packages); yarn 1 and pnpm write the former."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
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
    package_url,
    severity,
    vector_of,
)  # fmt: skip
from tocsin.readers._json_report import Record, at, document, number, record, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By the version of the report, or by advisories with a module each."""
    found = shape(head)
    if found.kind != "object":
        return False
    if found.has("auditReportVersion") or found.has("audit.auditReportVersion"):
        return True
    return found.has("advisories") and (found.has("metadata") or any(p.endswith(".module_name") for p in found.paths))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    audit = record(data, "audit") or data
    yield Activity("npm audit", offset=data.offset)
    told = 0
    for found in record(data, "advisories").values():
        if type(found) is Record:
            told += 1
            yield _advisory(found)
    for found in record(audit, "vulnerabilities").values():
        if type(found) is Record:
            told += 1
            yield _package(found)
    totals = record(audit, "metadata", "vulnerabilities")
    said = number(totals, "total") or sum(number(value) or 0 for value in totals.values())
    if said and not told:
        raise EvidenceError(
            f"at byte {data.offset:,}: expected {said:.0f} vulnerabilities, as the report's own summary says; found none."
        )


def _advisory(found: Record) -> Seen:
    module, versions = text(found, "module_name"), records(found, "findings")
    paths = [path for one in versions for path in texts(one, "paths")]
    version = next((said for one in versions if (said := text(one, "version"))), None)
    cwe = at(found, "cwe")
    return Seen(
        found.offset,
        (text(found, "id"), module),
        title=text(found, "title"),
        severity=severity(text(found, "severity")),
        ids=[*texts(found, "cves"), *ids_in(text(found, "github_advisory_id"), text(found, "url"))],
        cwe=texts(cwe) or [text(cwe)],
        places=[Place(url_path=path) for path in paths[:1000]],
        rule=text(found, "id"),
        description=text(found, "overview"),
        cvss_vector=vector_of(text(found, "cvss", "vectorString")),
        package_name=module,
        package_version=version,
        package_purl=package_url("npm", module, version),
        package_fixed_version=text(found, "patched_versions"),
        first_seen_time=instant(text(found, "created")),
        remediation=text(found, "recommendation"),
    )


def _package(found: Record) -> Seen:
    advisories = records(found, "via")
    first = at(found, "via", 0)
    name = text(found, "name")
    title = text(first, "title") if type(first) is Record else name
    fix = record(found, "fixAvailable")
    return Seen(
        found.offset,
        (title, text(found, "severity")),
        title=title,
        severity=severity(text(found, "severity")),
        ids=ids_in(*(text(one, "url") for one in advisories)),
        cwe=[number for one in advisories for number in texts(one, "cwe")],
        places=[Place(url_path=node) for node in texts(found, "nodes")],
        rule=text(first, "source"),
        description="\n".join(f"{text(one, 'title')} {text(one, 'url') or ''}" for one in advisories)
        or f"Depends on vulnerable versions of {', '.join(texts(found, 'via'))}",
        cvss_score=max((said for one in advisories if (said := number(one, "cvss", "score"))), default=None),
        cvss_vector=vector_of(*(text(one, "cvss", "vectorString") for one in advisories)),
        package_name=name,
        package_purl=package_url("npm", name),
        remediation=f"Update {text(fix, 'name')} to {text(fix, 'version')}." if fix else None,
    )


@reader(title="npm audit report (JSON): npm, pnpm, yarn", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """npm 6: one finding is one advisory of one module. npm 7: one finding is one vulnerable package, joined with others that
    have the same first advisory and severity. A summary that counts more than nothing where nothing is listed is an error.

    Source: https://docs.npmjs.com/cli/commands/npm-audit
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
