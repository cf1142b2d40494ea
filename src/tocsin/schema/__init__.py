"""One schema per table; the table is the contract between readers and analyzers.

Names are OCSF paths joined by ``_`` (https://schema.ocsf.io). Every table has ``evidence_id`` and ``record_offset``, the
byte in the unwrapped content where the row's (first) record starts. Times are UTC with microseconds.
"""

from tocsin.schema.columns import Table
from tocsin.schema.dns_activity import DNS_ACTIVITY
from tocsin.schema.http_activity import HTTP_ACTIVITY
from tocsin.schema.network_activity import NETWORK_ACTIVITY
from tocsin.schema.network_packet import NETWORK_PACKET
from tocsin.schema.network_traffic import NETWORK_TRAFFIC
from tocsin.schema.scan_activity import SCAN_ACTIVITY
from tocsin.schema.software_inventory import SOFTWARE_INVENTORY
from tocsin.schema.vulnerability_finding import VULNERABILITY_FINDING
from tocsin.schema.vulnerability_occurrence import VULNERABILITY_OCCURRENCE
from tocsin.schema.vulnerability_statement import VULNERABILITY_STATEMENT

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        NETWORK_ACTIVITY,
        NETWORK_TRAFFIC,
        NETWORK_PACKET,
        HTTP_ACTIVITY,
        DNS_ACTIVITY,
        SOFTWARE_INVENTORY,
        VULNERABILITY_FINDING,
        VULNERABILITY_OCCURRENCE,
        VULNERABILITY_STATEMENT,
        SCAN_ACTIVITY,
    )
}

__all__ = [
    "DNS_ACTIVITY",
    "HTTP_ACTIVITY",
    "NETWORK_ACTIVITY",
    "NETWORK_PACKET",
    "NETWORK_TRAFFIC",
    "SCAN_ACTIVITY",
    "SOFTWARE_INVENTORY",
    "TABLES",
    "VULNERABILITY_FINDING",
    "VULNERABILITY_OCCURRENCE",
    "VULNERABILITY_STATEMENT",
    "Table",
]
