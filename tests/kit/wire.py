"""Packets in bytes, and what a TrafficMatch says about them, read straight from its docstring: the oracle for every filter."""

import ipaddress
import random
import struct
from dataclasses import dataclass
from typing import Any

from tocsin.model import TrafficMatch

WITH_PORTS = (6, 17)
FRAGMENT_HEADER_BYTES = 8


@dataclass(frozen=True)
class Packet:
    """One IP packet; ``fragment_offset`` in units of eight bytes, 0 for the first fragment or none."""

    src: str
    dst: str
    protocol: int
    sport: int = 0
    dport: int = 0
    flags: int = 0
    icmp_type: int = 0
    ttl: int = 64
    length: int = 60
    fragment_offset: int = 0
    more_fragments: bool = False

    @property
    def fragment(self) -> bool:
        return self.fragment_offset > 0 or self.more_fragments

    @property
    def version(self) -> int:
        return ipaddress.ip_address(self.dst).version

    @property
    def shortest(self) -> int:
        """The least total length this packet can have."""
        upper = {6: 20, 17: 8, 1: 8, 58: 8}.get(self.protocol, 0)
        extension = FRAGMENT_HEADER_BYTES if self.fragment and self.version == 6 else 0
        return (20 if self.version == 4 else 40) + extension + upper

    def to_bytes(self) -> bytes:
        """The packet from its IP header on; checksums above IP are zero."""
        src, dst = (ipaddress.ip_address(address).packed for address in (self.src, self.dst))
        upper = self._upper()
        if self.version == 4:
            body = upper.ljust(self.length - 20, b"\0")
            more = int(self.more_fragments)
            head = struct.pack(
                "!BBHHHBBH4s4s",
                0x45,
                0,
                20 + len(body),
                1,
                more << 13 | self.fragment_offset,
                self.ttl,
                self.protocol,
                0,
                src,
                dst,
            )
            return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + body
        following = self.protocol
        if self.fragment:
            upper = struct.pack("!BBHI", self.protocol, 0, self.fragment_offset << 3 | self.more_fragments, 7) + upper
            following = 44
        body = upper.ljust(self.length - 40, b"\0")
        return struct.pack("!IHBB", 6 << 28, len(body), following, self.ttl) + src + dst + body

    def _upper(self) -> bytes:
        if self.protocol == 6:
            return struct.pack("!HHIIBBHHH", self.sport, self.dport, 1, 0, 5 << 4, self.flags, 512, 0, 0)
        if self.protocol == 17:
            return struct.pack("!HHHH", self.sport, self.dport, 8, 0)
        return struct.pack("!BBHI", self.icmp_type, 0, 0, 0) if self.protocol in (1, 58) else b""


def _checksum(head: bytes) -> int:
    total = sum(struct.unpack(f"!{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def matches(match: TrafficMatch, packet: Packet) -> bool:
    """Whether all given fields hold."""
    first = packet.fragment_offset == 0
    ports = first and packet.protocol in WITH_PORTS
    holds = [
        not match.dst or any(_in(packet.dst, prefix) for prefix in match.dst),
        not match.src or any(_in(packet.src, prefix) for prefix in match.src),
        match.protocol is None or packet.protocol == match.protocol,
        not match.src_ports or (ports and any(low <= packet.sport <= high for low, high in match.src_ports)),
        not match.dst_ports or (ports and any(low <= packet.dport <= high for low, high in match.dst_ports)),
        match.tcp_flags is None
        or (first and packet.protocol == 6 and packet.flags & (match.tcp_mask or match.tcp_flags) == match.tcp_flags),
        match.length_bytes is None or match.length_bytes[0] <= packet.length <= match.length_bytes[1],
        match.ttl is None or match.ttl[0] <= packet.ttl <= match.ttl[1],
        not match.icmp_types
        or (first and packet.protocol == {4: 1, 6: 58}[packet.version] and packet.icmp_type in match.icmp_types),
        not match.fragment or packet.fragment,
    ]
    return all(holds)


def _in(address: str, prefix: str) -> bool:
    network = ipaddress.ip_network(prefix)
    return ipaddress.ip_address(address) in network


def random_match(rng: random.Random, version: int) -> TrafficMatch:
    """A match some packets of `random_packet` hold and some do not."""
    net = "192.0.2.{}" if version == 4 else "2001:db8::{:x}"
    whole = 32 if version == 4 else 128
    foreign = "198.51.100.{}" if version == 4 else "2001:db8:f::{:x}"
    fields: dict[str, Any] = {"dst": tuple(_prefix(net, rng, whole) for _ in range(rng.randint(1, 3)))}
    if rng.random() < 0.5:
        fields["src"] = tuple(_prefix(foreign, rng, whole) for _ in range(rng.randint(1, 4)))
    kind = rng.choice(["tcp", "udp", "icmp", "fragment", "any", "ports"])
    if kind == "tcp":
        mask = rng.choice([0x17, 0x3F, 0xFF, 0x02])
        fields |= {
            "protocol": rng.choice([6, None]),
            "tcp_flags": rng.choice([0, 2, 0x10, 0x12, 0xC2]) & mask,
            "tcp_mask": mask,
        }
    elif kind == "icmp":
        fields |= {"protocol": 1 if version == 4 else 58, "icmp_types": tuple(rng.sample([0, 3, 8, 128, 129], 2))}
    elif kind == "fragment":
        fields |= {"fragment": True, "protocol": rng.choice([None, 17])}
    elif kind == "udp":
        fields["protocol"] = 17
    if kind in ("tcp", "udp", "ports") and rng.random() < 0.7:
        fields[rng.choice(["src_ports", "dst_ports"])] = tuple(
            (low, low + rng.choice([0, 0, 3])) for low in rng.sample(PORTS, 2)
        )
    if rng.random() < 0.4:
        fields["length_bytes"] = (rng.choice([0, 60, 80]), rng.choice([80, 100, 1400]))
    if rng.random() < 0.3:
        fields["ttl"] = (rng.choice([1, 50]), rng.choice([60, 64]))
    return TrafficMatch(**fields)


PORTS = [53, 80, 123, 443]


def _prefix(pattern: str, rng: random.Random, whole: int) -> str:
    length = whole - rng.choice([0, 0, 1, 3])
    return str(ipaddress.ip_network(f"{pattern.format(rng.randint(1, 15))}/{length}", strict=False))


def random_packet(rng: random.Random, match: TrafficMatch) -> Packet:
    """A packet that the match holds for, or would but for a field or two."""
    version = ipaddress.ip_network(match.dst[0]).version
    fields = _fitting(rng, match, version)
    if rng.random() < 0.6:
        other = _any(rng, version)
        fields |= {field: other[field] for field in rng.sample(sorted(other), rng.choice([1, 2, 2, 3]))}
    packet = Packet(**fields)
    return Packet(**{**fields, "length": max(packet.length, packet.shortest)})


def _any(rng: random.Random, version: int) -> dict[str, Any]:
    net, foreign = ("192.0.2.{}", "198.51.100.{}") if version == 4 else ("2001:db8::{:x}", "2001:db8:f::{:x}")
    return {
        "src": foreign.format(rng.randint(1, 15)),
        "dst": net.format(rng.randint(1, 15)),
        "protocol": rng.choice([6, 6, 17, 17, 1 if version == 4 else 58]),
        "sport": rng.choice(PORTS) + rng.choice([0, 0, 1]),
        "dport": rng.choice(PORTS) + rng.choice([0, 0, 1]),
        "flags": rng.choice([0, 2, 2, 0x10, 0x12, 0x18, 0xC2]),
        "icmp_type": rng.choice([0, 3, 8, 128, 129]),
        "ttl": rng.choice([49, 50, 60, 61, 64]),
        "length": rng.choice([59, 60, 79, 80, 81, 100, 101, 1400, 1401]),
        "fragment_offset": rng.choice([0, 185]),
        "more_fragments": rng.choice([False, True]),
    }


def _fitting(rng: random.Random, match: TrafficMatch, version: int) -> dict[str, Any]:
    whole = {"fragment_offset": 0, "more_fragments": False}
    fields = _any(rng, version) | ({"fragment_offset": 0, "more_fragments": True} if match.fragment else whole)
    for side in ("dst", "src"):
        if prefixes := getattr(match, side):
            network = ipaddress.ip_network(rng.choice(prefixes))
            fields[side] = str(network[rng.randrange(network.num_addresses)])
    if match.protocol is not None:
        fields["protocol"] = match.protocol
    elif match.tcp_flags is not None:
        fields["protocol"] = 6
    elif match.src_ports or match.dst_ports:
        fields["protocol"] = rng.choice([6, 17])
    for name, ranges in (("sport", match.src_ports), ("dport", match.dst_ports)):
        if ranges:
            fields[name] = rng.choice(rng.choice(ranges))
    if match.tcp_flags is not None:
        fields["flags"] = match.tcp_flags | fields["flags"] & ~(match.tcp_mask or match.tcp_flags)
    if match.icmp_types:
        fields["icmp_type"] = rng.choice(match.icmp_types)
    for name, bounds in (("ttl", match.ttl), ("length", match.length_bytes)):
        if bounds:
            fields[name] = rng.choice(bounds)
    return fields
