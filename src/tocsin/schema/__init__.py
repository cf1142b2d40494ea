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

TABLES: dict[str, Table] = {
    table.name: table for table in (NETWORK_ACTIVITY, NETWORK_TRAFFIC, NETWORK_PACKET, HTTP_ACTIVITY, DNS_ACTIVITY)
}

__all__ = ["DNS_ACTIVITY", "HTTP_ACTIVITY", "NETWORK_ACTIVITY", "NETWORK_PACKET", "NETWORK_TRAFFIC", "TABLES", "Table"]
