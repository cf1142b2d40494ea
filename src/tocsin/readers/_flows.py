"""What the readers of flow logs share: the columns they fill, protocol numbers, IP bytes out of frame bytes."""

from functools import lru_cache
from typing import Any

from tocsin.readers._lines import END_OF_TIME_US, string
from tocsin.terms import IpProtocol

FLOW_COLUMNS = (
    "record_offset", "time", "end_time", "src_endpoint_ip", "src_endpoint_port", "dst_endpoint_ip", "dst_endpoint_port",
    "connection_info_protocol_num", "connection_info_tcp_flags", "connection_info_tcp_flags_in", "icmp_type",
    "traffic_packets_out", "traffic_bytes_out", "traffic_packets_in", "traffic_bytes_in", "connection_state", "app_name",
)  # fmt: skip

# Names as Zeek, Suricata, Argus and the kernel write them, lower case. Source: IANA protocol numbers; rtp, rtcp and udt are
# Argus' names for UDP flows with such content.
PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipip": 4, "ipnip": 4, "tcp": 6, "egp": 8, "udp": 17, "rtp": 17, "rtcp": 17, "udt": 17, "dccp": 33,
    "ipv6": 41, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58, "eigrp": 88, "ospf": 89,
    "pim": 103, "vrrp": 112, "l2tp": 115, "sctp": 132, "udplite": 136,
}  # fmt: skip

_ETHERNET_BYTES, _IP_BYTES_MIN = 14, 20


def ip_protocol(name: Any, *, v6: bool = False) -> int | None:
    """The protocol number of a name or of digits; None if unknown. ICMP between IPv6 addresses is ICMPv6."""
    text = string(name)
    return _protocol(text, v6) if text and len(text) <= 16 else None


@lru_cache(maxsize=1024)
def _protocol(text: str, v6: bool) -> int | None:
    if text.isascii() and text.isdecimal():
        number = int(text)
        return number if number <= 255 else None
    known = PROTOCOLS.get(text.lower())
    return IpProtocol.ICMPV6 if v6 and known == IpProtocol.ICMP else known


def ip_bytes(frame_bytes: int | None, packets: int | None) -> int | None:
    """IP bytes of a flow whose exporter counts frames (Suricata, Argus): an Ethernet header less per packet.

    Where that leaves less than an IP header per packet, there was no Ethernet header, and the count is taken as it is; so it is
    where the packets are not known. VLAN tags and the padding of frames under 60 bytes stay in.
    """
    if frame_bytes is None or packets is None:
        return frame_bytes
    without = frame_bytes - packets * _ETHERNET_BYTES
    return without if without >= packets * _IP_BYTES_MIN else frame_bytes


def end_us(start_us: int, duration_s: float | None) -> int:
    """When a flow ended, microseconds since 1970. Raises ValueError after the year 9999."""
    end = start_us + round((duration_s or 0.0) * 1e6)
    if end >= END_OF_TIME_US:
        raise ValueError("expected a flow that ends before the year 10000")
    return end
