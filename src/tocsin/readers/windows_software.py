"""Lists of software on Windows as CSV: the registry's Uninstall key, WMI's products, packages by PowerShell.

``Get-ItemProperty HKLM:\\Software\\…\\Uninstall\\* | Export-Csv``, ``Get-CimInstance Win32_Product | Export-Csv``,
``wmic product get name,version,vendor /format:csv``, ``Get-Package | Export-Csv``.
"""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, _csv_report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, component, nothing_read

# Which columns tell it, most telling first. With the last ones no list of vulnerabilities is mistaken for one of software.
_KINDS = (
    ("displayname", "displayversion"),
    ("node", "name", "version"),
    ("name", "version", "vendor"),
    ("name", "version", "publisher"),
    ("name", "version", "providername"),
    ("displayname", "version", "publisher"),
    ("displayname", "publisher"),
    ("software", "version", "publisher"),
)
_OTHERS = ("cve", "vulnerab", "severity", "cvss", "plugin", "risk", "finding", "purl", "ip_address")
_HOSTS = (
    "pscomputername",
    "node",
    "computername",
    "computer",
    "hostname",
    "machinename",
    "systemname",
    "device",
    "__server",
    "server",
)


def _columns(head: bytes) -> tuple[str, ...] | None:
    for kind in _KINDS:
        found = _csv_report.columns(head, *kind)
        if found and not any(other in name for name in found for other in _OTHERS):
            return kind
    return None


def claims(head: bytes, name: str) -> bool:
    """By columns of a name and a version, with a maker or as the registry calls them."""
    return _columns(head) is not None


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    head = stream.read(65536)
    stream.seek(0)
    kind = _columns(head)
    found, blank, hosts = 0, 0, dict[str, None]()
    nothing_read(0 if kind is None else 1, True, "a heading with names and versions of software")
    for record in _csv_report.records(stream, *(kind or ()), evidence_id=evidence_id, report=report):
        name = record.first("displayname", "name", "software", "caption")
        if not name:  # updates and parts of others have keys without a name
            blank += 1
            continue
        found += 1
        host = record.first(*_HOSTS)
        if host and len(hosts) < 1000:
            hosts[host] = None
        yield (
            "software_inventory",
            component(
                record.offset, name, record.first("displayversion", "version"), asset=host, vendor=record.first("publisher", "vendor"),
                kind="application", bom_ref=record.first("pschildname", "identifyingnumber", "packagefullname"),
            ),
        )  # fmt: skip
    nothing_read(found, blank, "software with names")
    yield Activity("Windows", targets=", ".join(hosts) or None)


@reader(title="Windows: software list (CSV of registry, WMI, wmic, Get-Package)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry with a name is one row; the registry's entries without one are none. Hosts are the assets, where a column names them.

    Source: https://learn.microsoft.com/windows/win32/msi/uninstall-registry-key
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
