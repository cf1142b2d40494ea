"""Builds what flow exporters send, byte by byte, and nfdump files; written against the specifications, not against our decoder."""

import ipaddress
import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

IPV4_FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (2, 4), (1, 4), (22, 4), (21, 4))
IPV6_FIELDS = ((27, 16), (28, 16), (7, 2), (11, 2), (4, 1), (6, 1), (2, 4), (1, 4), (22, 4), (21, 4))

FieldSpec = tuple[int, ...]  # element, length, and for IPFIX the enterprise number


def pack(value: Any, length: int) -> bytes:
    """A field's bytes: an integer, an address as text with a dot or a colon, or bytes; 65535 is the variable length of IPFIX."""
    if isinstance(value, str):
        value = ipaddress.ip_address(value).packed
    if isinstance(value, int):
        return value.to_bytes(length, "big")
    if length == 65535:
        head = bytes([len(value)]) if len(value) < 255 else b"\xff" + len(value).to_bytes(2, "big")
        return head + value
    return value.ljust(length, b"\0")


def record(fields: Iterable[FieldSpec], values: Iterable[Any]) -> bytes:
    """A data record of a template."""
    return b"".join(pack(value, field[1]) for field, value in zip(fields, values, strict=True))


def flow(
    src: str, dst: str, sport: int, dport: int, proto: int, flags: int, packets: int, octets: int, first: int, last: int
) -> bytes:
    """A record of ``IPV4_FIELDS`` or ``IPV6_FIELDS``."""
    fields = IPV6_FIELDS if ":" in src else IPV4_FIELDS
    return record(fields, (src, dst, sport, dport, proto, flags, packets, octets, first, last))


# NetFlow v5


def v5_record(
    src: str = "198.51.100.7", dst: str = "192.0.2.10", *, packets: int = 3, octets: int = 180, first: int = 1000, last: int = 2500,
    sport: int = 40000, dport: int = 443, flags: int = 0x1B, proto: int = 6,
) -> bytes:  # fmt: skip
    """One record of 48 bytes."""
    ends = ipaddress.ip_address(src).packed + ipaddress.ip_address(dst).packed + bytes(4)
    head = struct.pack(">HHIIII", 1, 2, packets, octets, first, last)
    return ends + head + struct.pack(">HHxBBBHHBBxx", sport, dport, flags, proto, 0, 64500, 64501, 24, 24)


def v5(
    *records: bytes,
    seconds: int = 1644930000,
    nanos: int = 0,
    uptime: int = 10_000,
    sampling: int = 0,
    count: int | None = None,
) -> bytes:
    """A NetFlow v5 packet."""
    held = len(records) if count is None else count
    return struct.pack(">HHIIIIBBH", 5, held, uptime, seconds, nanos, 7, 0, 0, sampling) + b"".join(records)


# NetFlow v9 and IPFIX


def data_set(number: int, *records: bytes, pad: bool = True) -> bytes:
    """A set with its header, padded to four bytes."""
    body = b"".join(records)
    body += bytes(-len(body) % 4 if pad else 0)
    return struct.pack(">HH", number, len(body) + 4) + body


def field_specs(fields: Iterable[FieldSpec]) -> bytes:
    """Field specifiers; three numbers make an enterprise element."""
    return b"".join(
        struct.pack(">HH", *field) if len(field) == 2 else struct.pack(">HHI", field[0] | 0x8000, field[1], field[2])
        for field in fields
    )


def template_set(version: int, *templates: tuple[int, Sequence[FieldSpec]]) -> bytes:
    """A template set of NetFlow v9 or IPFIX (version 10)."""
    return data_set(
        {9: 0, 10: 2}[version], *(struct.pack(">HH", number, len(fields)) + field_specs(fields) for number, fields in templates)
    )


def options_template_set(version: int, number: int, scopes: Sequence[FieldSpec], fields: Sequence[FieldSpec]) -> bytes:
    """An options template set; of NetFlow v9 the scopes are ``(scope type, length)``."""
    if version == 9:
        head = struct.pack(">HHH", number, 4 * len(scopes), 4 * len(fields))
    else:
        head = struct.pack(">HHH", number, len(scopes) + len(fields), len(scopes))
    return data_set({9: 1, 10: 3}[version], head + field_specs([*scopes, *fields]))


def v9(*sets: bytes, seconds: int = 1644930000, uptime: int = 10_000, source: int = 0, count: int | None = None) -> bytes:
    """A NetFlow v9 packet; ``count`` is that of its sets, as many exporters have it (RFC 3954 counts records)."""
    return struct.pack(">HHIIII", 9, len(sets) if count is None else count, uptime, seconds, 7, source) + b"".join(sets)


def ipfix(*sets: bytes, seconds: int = 1644930000, domain: int = 0, length: int | None = None) -> bytes:
    """An IPFIX message."""
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, len(body) + 16 if length is None else length, seconds, 7, domain) + body


# sFlow v5


def xdr(data: bytes) -> bytes:
    """Padded to four bytes."""
    return data + bytes(-len(data) % 4)


def raw_header(frame: bytes, *, protocol: int = 1, frame_bytes: int | None = None, stripped: int = 4) -> bytes:
    """A sampled-header record; ``frame_bytes`` is the length on the wire with its checksum."""
    length = len(frame) + 4 if frame_bytes is None else frame_bytes
    body = struct.pack(">IIII", protocol, length, stripped, len(frame)) + xdr(frame)
    return struct.pack(">II", 1, len(body)) + body


def flow_sample(*records: bytes, rate: int = 1024, expanded: bool = False) -> bytes:
    """A flow sample."""
    if expanded:
        head = struct.pack(">IIIIIIIIIII", 1, 0, 3, rate, rate, 0, 0, 1, 0, 2, len(records))
    else:
        head = struct.pack(">IIIIIIII", 1, 3, rate, rate, 0, 1, 2, len(records))
    body = head + b"".join(records)
    return struct.pack(">II", 3 if expanded else 1, len(body)) + body


def counter_sample() -> bytes:
    """A counter sample, which tells nothing of flows."""
    counters = struct.pack(">II", 1, 88) + bytes(88)
    body = struct.pack(">III", 1, 3, 1) + counters
    return struct.pack(">II", 2, len(body)) + body


def sflow(*samples: bytes, agent: str = "198.18.0.9", count: int | None = None) -> bytes:
    """An sFlow version 5 datagram."""
    address = ipaddress.ip_address(agent).packed
    head = struct.pack(">II", 5, 1 if len(address) == 4 else 2) + address
    return head + struct.pack(">IIII", 0, 77, 123_456, len(samples) if count is None else count) + b"".join(samples)


def ethernet(packet: bytes, *tags: bytes, kind: int | None = None) -> bytes:
    """An Ethernet frame; ``tags`` stand between addresses and the type."""
    kind = {4: 0x0800, 6: 0x86DD}[packet[0] >> 4] if kind is None else kind
    return bytes(range(2, 14)) + b"".join(tags) + struct.pack(">H", kind) + packet


def ip_packet(src: str, dst: str, proto: int, upper: bytes, *, length: int | None = None, fragment: int = 0) -> bytes:
    """An IPv4 or IPv6 packet without checksum; ``length`` overrides what the header says (IPv4 total, IPv6 payload)."""
    ends = ipaddress.ip_address(src).packed + ipaddress.ip_address(dst).packed
    if len(ends) == 8:
        total = 20 + len(upper) if length is None else length
        return struct.pack(">BBHHHBBH", 0x45, 0, total, 1, fragment, 64, proto, 0) + ends + upper
    payload = len(upper) if length is None else length
    return struct.pack(">IHBB", 6 << 28, payload, proto, 64) + ends + upper


def tcp(sport: int, dport: int, flags: int, data: bytes = b"") -> bytes:
    """A TCP header and data."""
    return struct.pack(">HHIIBBHHH", sport, dport, 1, 0, 0x50, flags, 8192, 0, 0) + data


def udp(sport: int, dport: int, data: bytes = b"") -> bytes:
    """A UDP header and data."""
    return struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data


# Captures and nfdump files


def capture(payloads: Iterable[bytes], *, port: int = 2055, seconds: int = 1644930000, exporter: str = "198.18.0.9") -> bytes:
    """A pcap file in which an exporter sends these payloads, a second apart."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for number, payload in enumerate(payloads):
        frame = ethernet(ip_packet(exporter, "198.18.0.1", 17, udp(50000, port, payload)))
        out.append(struct.pack("<IIII", seconds + number, 0, len(frame), len(frame)) + frame)
    return b"".join(out)


class NfdumpFlow(NamedTuple):
    """A flow of an nfdump file; times in milliseconds since 1970, ``back`` packets and bytes the other way, if counted."""

    src: str
    dst: str
    sport: int = 0
    dport: int = 0
    proto: int = 6
    flags: int = 0
    packets: int = 1
    octets: int = 60
    first_ms: int = 1_644_930_000_123
    last_ms: int = 1_644_930_000_456
    back: tuple[int, int] | None = None
    exporter: int = 0


def _nfdump_record(held: NfdumpFlow) -> bytes:
    packed = [ipaddress.ip_address(address).packed for address in (held.src, held.dst)]
    generic = struct.pack(
        "<QQQQQHHBBBB",
        held.first_ms,
        held.last_ms,
        0,
        held.packets,
        held.octets,
        held.sport,
        held.dport,
        held.proto,
        held.flags,
        0,
        0,
    )
    if len(packed[0]) == 4:
        addresses = (2, b"".join(address[::-1] for address in packed))
    else:  # two 64-bit words each, in the order of the machine
        addresses = (3, b"".join(address[at : at + 8][::-1] for address in packed for at in (0, 8)))
    elements = [(1, generic), addresses]
    if held.back is not None:
        elements.append((5, struct.pack("<QQQ", 1, *held.back)))
    body = b"".join(struct.pack("<HH", kind, len(data) + 4) + data for kind, data in elements)
    return struct.pack("<HHHBBHBB", 11, len(body) + 12, len(elements), 0, 0, held.exporter, 0, 9) + body


def nfdump_file(*blocks: Sequence[NfdumpFlow]) -> bytes:
    """An nfdump file of layout 2, uncompressed, on a little-endian machine. Source: nffile.h, nfxV3.h of nfdump 1.7."""
    out = [struct.pack("<HHIQBBHIQII", 0xA50C, 2, 0x01070100, 1_644_930_000, 0, 0, 0, 0, 0, 0, len(blocks))]
    for block in blocks:
        records = b"".join(map(_nfdump_record, block))
        out.append(struct.pack("<IIHH", len(block), len(records), 3, 0) + records)
    return b"".join(out)
