"""sFlow version 5 datagrams: each flow sample is one packet that stands for ``sampling rate`` packets.

Source: https://sflow.org/sflow_version_5.txt (datagram, flow_sample, flow_sample_expanded, sampled_header, sampled_ipv4,
sampled_ipv6).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tocsin.terms import IpProtocol

SAMPLES_MAX = 4096  # a datagram of 64 KiB has room for fewer samples with content
RECORDS_MAX = 256

_AGENT_BYTES = {1: 4, 2: 16}
# Format of a sample: (its words before the records, word of the sampling rate)
_FLOW_SAMPLES = {1: (8, 2), 3: (11, 3)}
_COUNTER_SAMPLES = (2, 4)
_SAMPLED_HEADER, _SAMPLED_IPV4, _SAMPLED_IPV6 = 1, 3, 4
_ETHERNET, _IPV4, _IPV6 = 1, 11, 12
_WORDS2 = struct.Struct(">II")
_VLAN_TAGS = (0x8100, 0x88A8, 0x9100)
_IPV6_EXTENSIONS = (0, 43, 60, 135)
_FRAGMENT, _AUTHENTICATION = 44, 51
_WITH_PORTS = (IpProtocol.TCP, IpProtocol.UDP, 33, 132, 136)


class Packet(NamedTuple):
    """What a sample tells of its packet. ``length`` in IP bytes; ports, flags and type None where there are none."""

    src: bytes
    dst: bytes
    protocol: int
    length: int
    src_port: int | None = None
    dst_port: int | None = None
    flags: int | None = None
    icmp_type: int | None = None


@dataclass(frozen=True, slots=True)
class Datagram:
    """The header of a datagram.

    Attributes:
        agent: Its address, 4 or 16 bytes.
        uptime_ms: Since the agent started.
        samples: How many follow.
        samples_at: Where they start.
    """

    agent: bytes
    uptime_ms: int
    samples: int
    samples_at: int


def datagram(view: memoryview) -> Datagram | None:
    """The header of an sFlow version 5 datagram; None if it is none."""
    if len(view) < 28 or _WORDS2.unpack_from(view)[0] != 5:
        return None
    octets = _AGENT_BYTES.get(_WORDS2.unpack_from(view)[1])
    if octets is None or len(view) < 24 + octets:
        return None
    uptime_ms, samples = _WORDS2.unpack_from(view, 16 + octets)
    return Datagram(bytes(view[8 : 8 + octets]), uptime_ms, samples, 24 + octets) if samples <= SAMPLES_MAX else None


def samples(view: memoryview, start: int, count: int) -> Iterator[tuple[int, int, memoryview]]:
    """Yield position, format (enterprise << 12 | format) and body of each sample.

    Raises:
        ValueError: A sample runs over the end. What was whole has been yielded.
    """
    for number in range(count):
        if start + 8 > len(view):
            raise ValueError(f"expected {count} samples, found the end after {number}")
        kind, length = _WORDS2.unpack_from(view, start)
        if start + 8 + length > len(view):
            raise ValueError(f"expected a sample of {length} bytes, found the end after {len(view) - start - 8}")
        yield start, kind, view[start + 8 : start + 8 + length]
        start += 8 + length


def flow_sample(kind: int, body: memoryview) -> tuple[int, Packet | None] | None:
    """Sampling rate and packet of a flow sample; None for other samples (counters), packet None where it is not IP.

    Raises:
        ValueError: The sample is shorter than it must be. The message says what was expected.
    """
    layout = _FLOW_SAMPLES.get(kind)
    if layout is None:
        return None
    words, rate_word = layout
    if len(body) < 4 * words:
        raise ValueError(f"expected a flow sample of at least {4 * words} bytes, found {len(body)}")
    rate, records = (int.from_bytes(body[at : at + 4], "big") for at in (4 * rate_word, 4 * (words - 1)))
    return rate, _sampled(body, 4 * words, records)


def _sampled(body: memoryview, at: int, records: int) -> Packet | None:
    found: Packet | None = None
    for _ in range(min(records, RECORDS_MAX)):
        if at + 8 > len(body):
            raise ValueError(f"expected {records} records in a flow sample, found its end")
        kind, length = _WORDS2.unpack_from(body, at)
        record = body[at + 8 : at + 8 + length]
        if len(record) < length:
            raise ValueError(f"expected a flow record of {length} bytes, found the end of its sample after {len(record)}")
        if kind == _SAMPLED_HEADER:
            return sampled_header(record)
        if kind == _SAMPLED_IPV4 and length >= 32:
            found = _sampled_ip(record, 4)
        elif kind == _SAMPLED_IPV6 and length >= 56:
            found = _sampled_ip(record, 16)
        at += 8 + (length + 3 & ~3)
    return found


def _sampled_ip(record: memoryview, octets: int) -> Packet:
    length, protocol = _WORDS2.unpack_from(record)
    at = 8 + 2 * octets
    src_port, dst_port, flags = struct.unpack_from(">III", record, at)
    src, dst = bytes(record[8 : 8 + octets]), bytes(record[8 + octets : at])
    protocol &= 0xFF
    if protocol not in _WITH_PORTS:
        return Packet(src, dst, protocol, length)
    return Packet(
        src, dst, protocol, length, src_port & 0xFFFF, dst_port & 0xFFFF, flags & 0xFF if protocol == IpProtocol.TCP else None
    )


def sampled_header(record: memoryview) -> Packet | None:
    """The packet of a raw header record; None if it is not IP or the header is cut off before the addresses."""
    if len(record) < 16:
        raise ValueError(f"expected a raw header record of at least 16 bytes, found {len(record)}")
    protocol, frame_bytes, stripped, length = struct.unpack_from(">IIII", record)
    if 16 + length > len(record):
        raise ValueError(f"expected a packet header of {length} bytes, found {len(record) - 16}")
    header = record[16 : 16 + length]
    at = {_ETHERNET: 14, _IPV4: 0, _IPV6: 0}.get(protocol)
    if at is None:
        return None
    if protocol == _ETHERNET:
        at = ip_at(header)
    # Where hardware splits large segments, the header says 0: then what was on the wire counts.
    return ip_packet(header, at, max(0, frame_bytes - stripped - at)) if at >= 0 else None


def ip_at(frame: memoryview) -> int:
    """Where the IP header of an Ethernet frame starts, past VLAN tags, MPLS labels and PPPoE; -1 if there is none."""
    at = 12
    for _ in range(8):
        kind = int.from_bytes(frame[at : at + 2], "big")
        at += 2
        if kind in (0x0800, 0x86DD):
            return at
        if kind in _VLAN_TAGS:
            at += 2
        elif kind == 0x8847:
            for _ in range(16):
                at += 4
                if at > len(frame) or frame[at - 2] & 1:
                    return at
            return -1
        elif kind == 0x8864:
            return at + 8
        else:
            return -1
    return -1


def ip_packet(header: memoryview, at: int, wire_bytes: int) -> Packet | None:
    """Decode an IP header and what follows it, as far as it was captured.

    Args:
        header: The captured bytes.
        at: Where the IP header starts.
        wire_bytes: IP length to use where the header gives none.
    """
    version = header[at] >> 4 if at < len(header) else 0
    if version == 4 and at + 20 <= len(header):
        length, fragment = struct.unpack_from(">H2xH", header, at + 2)
        src, dst = bytes(header[at + 12 : at + 16]), bytes(header[at + 16 : at + 20])
        upper = -1 if fragment & 0x1FFF else at + 4 * (header[at] & 15)
        return _upper(header, upper, src, dst, header[at + 9], length or wire_bytes)
    if version == 6 and at + 40 <= len(header):
        payload, protocol = struct.unpack_from(">HB", header, at + 4)
        src, dst = bytes(header[at + 8 : at + 24]), bytes(header[at + 24 : at + 40])
        protocol, upper = _past_extensions(header, at + 40, protocol)
        return _upper(header, upper, src, dst, protocol, payload + 40 if payload else wire_bytes)
    return None


def _past_extensions(header: memoryview, at: int, protocol: int) -> tuple[int, int]:
    """Protocol and position above IPv6's extension headers; position -1 in fragments but the first."""
    for _ in range(16):
        if at + 8 > len(header):
            break
        if protocol == _FRAGMENT:
            fragment = int.from_bytes(header[at + 2 : at + 4], "big")
            protocol, at = header[at], at + 8
            if fragment >> 3:
                return protocol, -1
        elif protocol == _AUTHENTICATION:
            protocol, at = header[at], at + 4 * (header[at + 1] + 2)
        elif protocol in _IPV6_EXTENSIONS:
            protocol, at = header[at], at + 8 * (header[at + 1] + 1)
        else:
            break
    return protocol, at


def _upper(header: memoryview, at: int, src: bytes, dst: bytes, protocol: int, length: int) -> Packet:
    left = len(header) - at if at >= 0 else 0
    if protocol in _WITH_PORTS and left >= 4:
        src_port, dst_port = struct.unpack_from(">HH", header, at)
        flags = header[at + 13] if protocol == IpProtocol.TCP and left >= 14 else None
        return Packet(src, dst, protocol, length, src_port, dst_port, flags)
    if protocol in (IpProtocol.ICMP, IpProtocol.ICMPV6) and left >= 1:
        return Packet(src, dst, protocol, length, icmp_type=header[at])
    return Packet(src, dst, protocol, length)
