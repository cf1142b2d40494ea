"""Reports of Qualys as CSV: vulnerability management, cloud agents, and VMDR (by QID or by CVE)."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import HEAD_BYTES, Report, reader
from tocsin.readers._csv_report import Record, columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, ids_in, instant, severity, vector_of
from tocsin.readers._json_report import number, whole
from tocsin.terms import Severity

_VMDR, _VM, _AGENT = ("qid", "title", "asset_name"), ("qid", "title", "ip"), ("qid", "vuln_title")
# Source: Qualys' knowledge base: 1 minimal, 2 medium, 3 serious, 4 critical, 5 urgent; the steps of OCSF in the same order.
LEVELS = {
    "1": Severity.INFORMATIONAL, "2": Severity.LOW, "3": Severity.MEDIUM, "4": Severity.HIGH, "5": Severity.CRITICAL,
}  # fmt: skip
_VECTOR = re.compile(r"\(((?:AV|CVSS)[^)]*)\)")


def claims(head: bytes, name: str) -> bool:
    """By the columns of a QID on a host or asset."""
    return _layout(head) is not None


def _layout(head: bytes) -> tuple[str, ...] | None:
    return next((wanted for wanted in (_VMDR, _VM, _AGENT) if columns(head, *wanted)), None)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    layout = _layout(stream.read(HEAD_BYTES)) or _VM
    stream.seek(0)
    yield Activity("Qualys VMDR" if layout == _VMDR else "Qualys")
    for row in records(stream, *layout, evidence_id=evidence_id, report=report):
        if row.first("title", "vuln_title") and row.get("qid", "").isdecimal():
            yield _seen(row, vmdr=layout == _VMDR)


def _seen(row: Record, *, vmdr: bool) -> Seen:
    qid, said = row.get("qid"), row.get("severity") or ""
    address = (row.first("ip", "asset_ipv4", "asset_ipv6", "ip_address") or "").partition(",")[0] or None
    host = row.first("fqdn", "dns", "netbios", "host_name", "hostname")
    base = row.first("cvss3_1_base", "cvss3_base", "cvssv3_1_base_nvd", "cvss_base") or ""
    vector = _VECTOR.search(base)
    return Seen(
        row.offset,
        (qid, row.get("cve"), row.get("asset_id"), row.get("asset_name"), row.get("port")) if vmdr else (qid,),
        title=row.first("title", "vuln_title"),
        severity=LEVELS.get(said) or severity(said) or Severity.INFORMATIONAL,
        ids=ids_in(row.first("cve_id", "cveid", "cve")),
        places=[
            Place(
                row.get("asset_name"),
                address,
                host,
                whole(row.get("port"), most=65535),
                (row.get("protocol") or "").lower() or None,
            )
        ],
        rule=qid,
        description="\n".join(
            part for part in (row.first("threat", "cve_description"), row.get("impact"), row.get("results")) if part
        ),
        cvss_score=number(base.partition(" ")[0]),
        cvss_vector=vector_of(f"CVSS:3.1/{vector[1]}") if vector else None,
        status=(row.first("vuln_status", "status") or "").lower() or None,
        first_seen_time=instant(row.first("first_detected", "first_found")),
        remediation=row.get("solution"),
        own=vmdr,
    )


@reader(title="Qualys report (CSV): VM, cloud agent, VMDR", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one QID, its hosts and ports are the places. VMDR: each record (a QID or a CVE on an asset) is one finding.

    Source: https://docs.qualys.com/en/vm/latest/reports/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
