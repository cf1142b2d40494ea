"""Vulnerabilities of Microsoft Defender for Endpoint, as its API lists them; its lists of machines beside them."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity
from tocsin.readers._json_report import Record, objects, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By values with a CVE and a machine, by machines, or by an empty answer of the service."""
    found = shape(head)
    if found.has("value[].cveId", "value[].machineId") or found.has("value[].computerDnsName", "value[].osPlatform"):
        return True
    context = found.text("@odata.context")
    return found.has("value") and ("securitycenter" in context or context.endswith(("#Machines", "assetVulnerabilityDto)")))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        values = records(item, "value")
        machines = [
            one for value in values if "osPlatform" in value and (one := text(value, "computerDnsName") or text(value, "id"))
        ]
        yield Activity("Microsoft Defender", targets=", ".join(machines), offset=item.offset)
        yield from (_seen(value) for value in values if "cveId" in value)


def _seen(value: Record) -> Seen:
    uid, machine, name, version = (text(value, key) for key in ("cveId", "machineId", "productName", "productVersion"))
    vendor, fix = text(value, "productVendor"), text(value, "fixingKbId")
    return Seen(
        value.offset,
        (text(value, "id"), uid, machine, name, version),
        title=f"{uid} in {vendor or ''} {name or ''} {version or ''}",
        severity=severity(text(value, "severity")),
        ids=[uid] if uid else [],
        places=[Place(text(value, "deviceName") or machine)],
        rule=uid,
        package_name=f"{vendor}/{name}" if vendor and name else name,
        package_version=version,
        first_seen_time=instant(text(value, "firstSeenTimestamp")),
        remediation=f"Install KB{fix}." if fix else None,
        own=True,
    )


@reader(title="Microsoft Defender vulnerabilities (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each vulnerability of a product on a machine is one finding. A list of machines has none; its names are the scan's targets.

    Source: https://learn.microsoft.com/en-us/defender-endpoint/api/get-all-vulnerabilities-by-machines
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
