"""Vulnerabilities of Microsoft Defender as CSV: advanced hunting (DeviceTvmSoftwareVulnerabilities) and exports of its portal."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import HEAD_BYTES, Report, reader
from tocsin.readers._csv_report import columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity

_LAYOUTS = (("cveid", "devicename"), ("cveid", "deviceid"), ("cveid", "machineid"), ("cve_id", "device_name", "software_name"))


def claims(head: bytes, name: str) -> bool:
    """By the columns for vulnerability, device and software."""
    return _layout(head) is not None


def _layout(head: bytes) -> tuple[str, ...] | None:
    software = ("softwarename", "productname", "software_name")
    return next((wanted for wanted in _LAYOUTS if columns(head, *wanted) & set(software)), None)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    layout = _layout(stream.read(HEAD_BYTES)) or _LAYOUTS[0]
    stream.seek(0)
    yield Activity("Microsoft Defender")
    for row in records(stream, *layout, evidence_id=evidence_id, report=report):
        uid, device = row.first("cveid", "cve_id"), row.first("devicename", "device_name", "deviceid", "machineid")
        vendor = row.first("softwarevendor", "productvendor", "software_vendor")
        name = row.first("softwarename", "productname", "software_name")
        version = row.first("softwareversion", "productversion", "software_version")
        fix = row.first("recommendedsecurityupdate", "fixingkbid", "recommended_security_update")
        yield Seen(
            row.offset,
            (uid, device, vendor, name, version),
            title=f"{uid} in {vendor or ''} {name or ''} {version or ''}",
            severity=severity(row.first("vulnerabilityseveritylevel", "severity", "vulnerability_severity_level")),
            ids=[uid] if uid else [],
            places=[Place(device)],
            rule=uid,
            package_name=f"{vendor}/{name}" if vendor and name else name,
            package_version=version,
            first_seen_time=instant(row.first("firstseentimestamp", "first_seen_timestamp")),
            remediation=fix,
            own=True,
        )


@reader(title="Microsoft Defender vulnerabilities (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each vulnerability of a product on a device is one finding.

    Source: https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-devicetvmsoftwarevulnerabilities-table
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
