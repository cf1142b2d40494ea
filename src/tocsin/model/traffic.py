"""A description of packets that every mitigation can be written from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrafficMatch:
    """Packets to act on; an empty field matches everything, all given fields must hold (as in RFC 8955).

    Attributes:
        dst: Destination prefixes, ``192.0.2.10/32``; one address family only.
        src: Source prefixes (empty where sources are spoofed or too many).
        protocol: IANA number; ICMPv6 is 58.
        src_ports, dst_ports: Inclusive ranges ``(low, high)``.
        tcp_flags, tcp_mask: Flags that must be set among those in the mask: SYN alone is ``(2, 0b00010111)``.
        length_bytes: Inclusive range of the IP packet's total length (IPv6: with its 40-byte header).
        ttl: Inclusive range of the TTL or hop limit as seen at the capture point.
        icmp_types: ICMP types.
        fragment: True for fragments only, first ones and later ones.
    """

    dst: tuple[str, ...] = ()
    src: tuple[str, ...] = ()
    protocol: int | None = None
    src_ports: tuple[tuple[int, int], ...] = ()
    dst_ports: tuple[tuple[int, int], ...] = ()
    tcp_flags: int | None = None
    tcp_mask: int | None = None
    length_bytes: tuple[int, int] | None = None
    ttl: tuple[int, int] | None = None
    icmp_types: tuple[int, ...] = ()
    fragment: bool = False
