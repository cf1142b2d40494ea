"""A uniform sample of a capture's packets: the rows shown to people, and what mitigations are measured on."""

import pyarrow as pa

from tocsin.schema.columns import TIME, Table

NETWORK_PACKET = Table(
    "network_packet",
    "One packet of a uniform sample (all packets, where the capture is small); it stands for `weight` packets.",
    {
        "time": (TIME, "Time stamp."),
        "src_endpoint_ip": (pa.string(), "Source address; null if not IP."),
        "src_endpoint_port": (pa.int32(), "Source port, if any."),
        "dst_endpoint_ip": (pa.string(), "Destination address; null if not IP."),
        "dst_endpoint_port": (pa.int32(), "Destination port, if any."),
        "connection_info_protocol_num": (pa.int32(), "IANA protocol number."),
        "packet_kind": (pa.string(), "As in network_traffic."),
        "tcp_flags": (pa.int32(), "TCP flags; null if not TCP."),
        "tcp_window": (pa.int32(), "TCP window; null if not TCP."),
        "icmp_type": (pa.int32(), "ICMP or ICMPv6 type; null otherwise."),
        "ttl": (pa.int32(), "TTL or hop limit."),
        "length_bytes": (pa.int32(), "IP length, header included."),
        "payload_bytes": (pa.int32(), "Bytes above TCP or UDP."),
        "fragment": (pa.bool_(), "Whether it is a fragment, the first or a later one."),
        "weight": (pa.int64(), "Packets it stands for."),
    },
)
