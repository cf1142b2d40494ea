"""Per-second counts of packets toward a destination; what a capture is reduced to in its one fast pass."""

import pyarrow as pa

from tocsin.schema.columns import TIME, Table

# Kinds of packets, by structure alone. `udp_from_<service>` and `udp_to_<service>` are added for each amplifier service.
PACKET_KINDS = (
    "non_ip", "ip_other", "fragment", "tcp_syn", "tcp_syn_ack", "tcp_ack", "tcp_data", "tcp_fin", "tcp_rst", "tcp_other",
    "http_request", "udp", "dhcp_request", "icmp_echo", "icmp_echo_reply", "icmp_unreachable", "icmp_other",
    "icmpv6_echo", "icmpv6_echo_reply", "icmpv6_unreachable", "icmpv6_neighbour", "icmpv6_other",
)  # fmt: skip

NETWORK_TRAFFIC = Table(
    "network_traffic",
    "One second of one kind of packet toward one destination, over all sources, in one capture. Rows with equal keys add up.",
    {
        "time": (TIME, "Start of the second."),
        "dst_endpoint_ip": (
            pa.string(),
            "Destination address; a prefix (198.51.0.0/16) where thousands of destinations had a few packets each.",
        ),
        "packet_kind": (
            pa.string(),
            "What the packets are: one of PACKET_KINDS, `udp_from_<service>`, `udp_to_<service>`.",
        ),
        "traffic_packets": (pa.int64(), "Packets."),
        "traffic_bytes": (pa.int64(), "IP bytes, header included."),
        "frame_bytes": (pa.int64(), "Bytes on the wire with link header."),
    },
)
