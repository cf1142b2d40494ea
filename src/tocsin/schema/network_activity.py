"""Flows and connections, OCSF Network Activity (4001)."""

import pyarrow as pa

from tocsin.schema.columns import TIME, Table

NETWORK_ACTIVITY = Table(
    "network_activity",
    "One flow: packets between two endpoints over a span of time, as a flow exporter, a log or our own capture reader tells it. "
    "`src` is the side that sent first (captures, Zeek) or the side the exporter names as source.",
    {
        "time": (TIME, "First packet."),
        "end_time": (TIME, "Last packet; equal to `time` for a single packet."),
        "src_endpoint_ip": (
            pa.string(),
            "Address of the source, or a prefix (203.0.0.0/16) where a capture's flood was folded.",
        ),
        "src_endpoint_port": (pa.int32(), "Source port; null for protocols without ports and for folded rows."),
        "dst_endpoint_ip": (pa.string(), "Address of the destination."),
        "dst_endpoint_port": (
            pa.int32(),
            "Destination port; null for protocols without ports and for folded rows. ICMP: null.",
        ),
        "connection_info_protocol_num": (pa.int32(), "IANA protocol number."),
        "connection_info_tcp_flags": (pa.int32(), "OR of TCP flags sent by the source; null if unknown or not TCP."),
        "connection_info_tcp_flags_in": (pa.int32(), "OR of TCP flags sent by the destination; null if unknown."),
        "icmp_type": (pa.int32(), "ICMP or ICMPv6 type of the first packet; null otherwise."),
        "traffic_packets_out": (pa.int64(), "Packets source to destination, sampling rate applied."),
        "traffic_bytes_out": (pa.int64(), "IP bytes (header included) source to destination, sampling rate applied."),
        "traffic_packets_in": (pa.int64(), "Packets destination to source; null if the exporter is unidirectional."),
        "traffic_bytes_in": (pa.int64(), "IP bytes destination to source; null if unidirectional."),
        "frame_bytes_out": (pa.int64(), "Bytes on the wire with link header, source to destination; captures only."),
        "frame_bytes_in": (pa.int64(), "The same, destination to source; captures only."),
        "sampling_rate": (pa.int32(), "One packet in how many was seen; 1 if all."),
        "connection_state": (
            pa.string(),
            "State as the source names it (Zeek `S0`, Argus `REQ`, Suricata `new`), null if none.",
        ),
        "app_name": (pa.string(), "Application protocol where the source names it."),
        "disposition_id": (pa.int32(), "OCSF: 1 allowed, 2 blocked; null if not from a firewall."),
        "device_ip": (pa.string(), "Address of the exporter or firewall, if known."),
    },
)
