"""Reports of Nessus, Tenable.sc and Tenable Vulnerability Management as CSV."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import HEAD_BYTES, Report, reader
from tocsin.readers._csv_report import Record, columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in, instant, severity
from tocsin.readers._json_report import number, whole
from tocsin.terms import Severity

_LAYOUTS = (
    ("plugin_id", "risk", "host", "name"),
    ("plugin_id", "risk", "name", "synopsis"),
    ("plugin", "plugin_name", "severity"),
    ("plugin_id", "plugin_name", "severity"),
    ("definition_id", "definition_name", "severity"),
    ("asset_name", "definition_synopsis", "severity"),
)
_NUMBERS = {
    "0": Severity.INFORMATIONAL, "1": Severity.LOW, "2": Severity.MEDIUM, "3": Severity.HIGH, "4": Severity.CRITICAL,
}  # fmt: skip


def claims(head: bytes, name: str) -> bool:
    """By the columns of a plugin on a host, in the layouts of Tenable's products."""
    return _layout(head) is not None


def _layout(head: bytes) -> tuple[str, ...] | None:
    return next((wanted for wanted in _LAYOUTS if columns(head, *wanted)), None)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    layout = _layout(stream.read(HEAD_BYTES)) or _LAYOUTS[0]
    stream.seek(0)
    yield Activity("Nessus")
    for row in records(stream, *layout, evidence_id=evidence_id, report=report):
        if row.first("name", "plugin_name", "asset_name", "definition_name"):
            yield _seen(row)


def _seen(row: Record) -> Seen:
    said = row.first("risk", "severity") or ""
    level = _NUMBERS.get(said) or severity(said) or Severity.INFORMATIONAL
    name = row.first("name", "plugin_name", "definition_name", "asset_name")
    host, port = row.first("host", "asset_host_name", "dns_name", "ip_address", "asset_name"), row.first("port", "asset_port")
    synopsis = row.first("synopsis", "definition_synopsis")
    place = host_of(host)
    address = row.first("ip_address", "asset_display_ipv4_address", "asset_ipv4_addresses")
    number_of_port = whole(port, most=65535) or place.port
    vector = row.first("cvss_v3_vector", "cvss3_vector", "cvss_v4_vector", "definition_cvss3_base_vector")
    return Seen(
        row.offset,
        (
            row.first("plugin_id", "plugin", "definition_id"),
            level.word,
            name,
            row.first("host", "asset_host_name"),
            port,
            synopsis,
        ),
        title=name,
        severity=level,
        ids=ids_in(row.first("cve", "definition_cve")),
        cwe=[row.get("cwe")],
        places=[
            place._replace(ip=place.ip or address, port=number_of_port, protocol=(row.get("protocol") or "").lower() or None)
        ],
        rule=row.first("plugin_id", "plugin", "definition_id"),
        description="\n".join(
            part
            for part in (synopsis, row.first("description", "definition_description"), row.first("plugin_output", "output"))
            if part
        ),
        cvss_score=number(
            row.first("cvss_v3_0_base_score", "cvss_v3_base_score", "cvssv3", "definition_cvss3_base_score", "cvss")
        ),
        cvss_vector=f"CVSS:3.0/{vector}" if vector and vector.startswith("AV:") else vector,
        first_seen_time=instant(row.first("first_discovered", "first_seen", "asset_first_seen")),
        remediation=row.first("solution", "steps_to_remediate", "definition_solution"),
    )


@reader(title="Nessus, Tenable report (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one plugin with one severity and synopsis on one port of one host; its rows per CVE join.

    Source: https://docs.tenable.com/nessus/Content/ScanReportFormats.htm
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
