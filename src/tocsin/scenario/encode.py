"""The compiled kernel that writes packets as bytes: record headers, link, IP, transport, checksums."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from tocsin.scenario.packets import OPTION_BYTES, OPTION_LENGTHS

Array = npt.NDArray[Any]
Number = Any  # Inside the kernel, Python's and numpy's integers are the same.

# Record layouts: bytes before the frame and after its padding.
PCAP, PCAPNG = 0, 1
# Source: https://www.tcpdump.org/linktypes.html
NULL, ETHERNET, RAW, LINUX_SLL, LINUX_SLL2 = 0, 1, 101, 113, 276

_OPTIONS = np.zeros((len(OPTION_BYTES), 40), np.uint8)
for _number, _data in enumerate(OPTION_BYTES):
    _OPTIONS[_number, : len(_data)] = np.frombuffer(_data, np.uint8)
_OPTION_LENGTHS = OPTION_LENGTHS


@njit(cache=True)
def _put16(out: Array, at: Number, value: Number) -> None:
    out[at] = (value >> 8) & 255
    out[at + 1] = value & 255


@njit(cache=True)
def _put32(out: Array, at: Number, value: Number) -> None:
    _put16(out, at, value >> 16)
    _put16(out, at + 2, value & 0xFFFF)


@njit(cache=True)
def _put64(out: Array, at: Number, value: Number) -> None:
    for step in range(8):
        out[at + step] = (value >> np.uint64(56 - 8 * step)) & np.uint64(255)


@njit(cache=True)
def _host32(out: Array, at: Number, value: Number, big_endian: bool) -> None:
    for step in range(4):
        shift = 24 - 8 * step if big_endian else 8 * step
        out[at + step] = (value >> shift) & 255


@njit(cache=True)
def _sum16(data: Array, start: Number, length: Number) -> Number:
    total: Number = 0
    for at in range(start, start + length - 1, 2):
        total += (np.int64(data[at]) << 8) | np.int64(data[at + 1])
    if length % 2:
        total += np.int64(data[start + length - 1]) << 8
    return total


@njit(cache=True)
def _folded(total: Number) -> Number:
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


@njit(cache=True)
def _inside(hi: Number, lo: Number, prefixes: Array) -> bool:
    for index in range(prefixes.shape[0]):
        if hi & prefixes[index, 2] == prefixes[index, 0] and lo & prefixes[index, 3] == prefixes[index, 1]:
            return True
    return False


@njit(cache=True)
def _put_mac(out: Array, at: Number, hi: Number, lo: Number, prefixes: Array) -> None:
    """A locally administered address: the router's for hosts outside, one made from the address for hosts inside."""
    if lo == np.uint64(0xFFFF_FFFF_FFFF) and hi == 0:
        _put16(out, at, 0xFFFF)
        _put32(out, at + 2, 0xFFFF_FFFF)
    elif hi >> np.uint64(56) == np.uint64(0xFF):
        _put16(out, at, 0x3333)
        _put32(out, at + 2, np.int64(lo & np.uint64(0xFFFF_FFFF)))
    elif _inside(hi, lo, prefixes):
        _put16(out, at, 0x0200)
        _put32(out, at + 2, np.int64(lo & np.uint64(0xFFFF_FFFF)))
    else:
        _put16(out, at, 0x02FF)
        _put32(out, at + 2, 1)


@njit(cache=True)
def _link(out: Array, at: Number, row: Any, link: Number, outer_vlan: Number, prefixes: Array) -> Number:
    """Write the link header; the position after it."""
    if link == ETHERNET:
        _put_mac(out, at, row.dst_hi, row.dst_lo, prefixes)
        _put_mac(out, at + 6, row.src_hi, row.src_lo, prefixes)
        at += 12
        if outer_vlan:
            _put16(out, at, 0x88A8)
            _put16(out, at + 2, outer_vlan)
            at += 4
        if row.vlan:
            _put16(out, at, 0x8100)
            _put16(out, at + 2, np.int64(row.vlan))
            at += 4
        _put16(out, at, np.int64(row.ethertype))
        return at + 2
    if link == LINUX_SLL:
        _put16(out, at, 0 if _inside(row.dst_hi, row.dst_lo, prefixes) else 4)
        _put16(out, at + 2, 1)
        _put16(out, at + 4, 6)
        _put_mac(out, at + 6, row.src_hi, row.src_lo, prefixes)
        _put16(out, at + 12, 0)
        _put16(out, at + 14, np.int64(row.ethertype))
        return at + 16
    if link == LINUX_SLL2:
        _put16(out, at, np.int64(row.ethertype))
        _put16(out, at + 2, 0)
        _put32(out, at + 4, 2)
        _put16(out, at + 8, 1)
        out[at + 10] = 0 if _inside(row.dst_hi, row.dst_lo, prefixes) else 4
        out[at + 11] = 6
        _put_mac(out, at + 12, row.src_hi, row.src_lo, prefixes)
        _put16(out, at + 18, 0)
        return at + 20
    if link == NULL:  # In the byte order of the machine that captured: little here. 24 is AF_INET6 on NetBSD.
        _host32(out, at, 2 if row.ethertype == 0x0800 else 24, False)
        return at + 4
    return at


@njit(cache=True)
def _network(out: Array, at: Number, row: Any, length: Number) -> Number:
    """Write the IP header and the extension headers; the position after them."""
    if row.ethertype == 0x0800:
        out[at] = 0x45
        out[at + 1] = row.tos
        _put16(out, at + 2, length)
        _put16(out, at + 4, np.int64(row.ip_id))
        _put16(out, at + 6, np.int64(row.fragment))
        out[at + 8] = row.ttl
        out[at + 9] = row.protocol
        _put16(out, at + 10, 0)
        _put32(out, at + 12, np.int64(row.src_lo & np.uint64(0xFFFF_FFFF)))
        _put32(out, at + 16, np.int64(row.dst_lo & np.uint64(0xFFFF_FFFF)))
        _put16(out, at + 10, _folded(_sum16(out, at, 20)))
        return at + 20
    out[at] = 0x60 | row.tos >> 4
    out[at + 1] = (row.tos & 15) << 4
    _put16(out, at + 2, 0)
    _put16(out, at + 4, length - 40)
    out[at + 7] = row.ttl
    _put64(out, at + 8, row.src_hi)
    _put64(out, at + 16, row.src_lo)
    _put64(out, at + 24, row.dst_hi)
    _put64(out, at + 32, row.dst_lo)
    next_at = at + 6
    at += 40
    for bit, number in ((1, 0), (2, 60)):  # Hop-by-hop, destination options: six bytes of PadN.
        if row.extensions & bit:
            out[next_at] = number
            next_at = at
            out[at + 1] = 0
            out[at + 2] = 1
            out[at + 3] = 4
            _put32(out, at + 4, 0)
            at += 8
    if row.extensions & 4:
        out[next_at] = 44
        next_at = at
        out[at + 1] = 0
        more = 1 if row.fragment & 0x2000 else 0
        _put16(out, at + 2, (np.int64(row.fragment) & 0x1FFF) << 3 | more)
        _put32(out, at + 4, np.int64(row.ip_id))
        at += 8
    out[next_at] = row.protocol
    return at


@njit(cache=True)
def _pseudo_header(row: Any, length: Number) -> Number:
    """Sum of the addresses, protocol and length that TCP, UDP and ICMPv6 check along."""
    total = np.int64(row.protocol) + length
    for half in (row.src_hi, row.src_lo, row.dst_hi, row.dst_lo):
        for step in range(4):
            total += np.int64((half >> np.uint64(16 * step)) & np.uint64(0xFFFF))
    if row.ethertype == 0x0800:
        total -= 2 * 0xFFFF  # The marks of mapped IPv4 addresses are not on the wire.
    return total


@njit(cache=True)
def _transport(out: Array, at: Number, row: Any, pool: Array) -> Number:
    """Write the transport header with its checksum, and the payload; the position after them."""
    start = at
    protocol = row.protocol
    payload = np.int64(row.payload)
    length = np.int64(row.payload_length)
    checked = length
    if row.fragment & 0x1FFF:
        protocol = 0
    elif row.fragment & 0x2000:
        checked = np.int64(row.ack)
    checksum_at = -1
    if protocol == 6:
        options = _OPTION_LENGTHS[row.options]
        _put16(out, at, np.int64(row.src_port))
        _put16(out, at + 2, np.int64(row.dst_port))
        _put32(out, at + 4, np.int64(row.seq))
        _put32(out, at + 8, np.int64(row.ack))
        out[at + 12] = (20 + options) << 2
        out[at + 13] = row.flags
        _put16(out, at + 14, np.int64(row.window))
        _put16(out, at + 18, 0)
        checksum_at = at + 16
        for step in range(options):
            out[at + 20 + step] = _OPTIONS[row.options, step]
        stamp = 6 if row.options == 2 else 2 if row.options == 4 else 0
        if stamp:
            value = (np.int64(row.src_port) << 14) + row.time_ns // 1_000_000
            _put32(out, at + 20 + stamp + 2, value & 0xFFFF_FFFF)
            echo = 0 if row.flags & 0x12 == 2 else (np.int64(row.dst_port) << 14) + row.time_ns // 1_000_000 - 20
            _put32(out, at + 20 + stamp + 6, echo & 0xFFFF_FFFF)
        at += 20 + options
    elif protocol == 17:
        _put16(out, at, np.int64(row.src_port))
        _put16(out, at + 2, np.int64(row.dst_port))
        _put16(out, at + 4, 8 + checked)
        checksum_at = at + 6
        at += 8
    elif protocol == 1 or protocol == 58:
        _put16(out, at, np.int64(row.src_port))
        _put32(out, at + 4, np.int64(row.seq))
        checksum_at = at + 2
        at += 8
    for step in range(length):
        out[at + step] = pool[payload + step]
    if checksum_at >= 0:
        _put16(out, checksum_at, 0)
        header = at - start
        total = _sum16(out, start, header) + _sum16(pool, payload, checked)
        if protocol != 1:
            total += _pseudo_header(row, header + checked)
        checksum = _folded(total)
        _put16(out, checksum_at, 0xFFFF if checksum == 0 and protocol == 17 else checksum)
    return at + length


@njit(cache=True)
def _record(
    out: Array, at: Number, time_ns: Number, captured: Number, length: Number, container: Number, nano: bool, big: bool
) -> Number:
    """Write a record's header (and in pcapng its trailer); the position after the record."""
    if container == PCAP:
        seconds = time_ns // 1_000_000_000
        rest = time_ns - seconds * 1_000_000_000
        _host32(out, at, seconds, big)
        _host32(out, at + 4, rest if nano else rest // 1000, big)
        _host32(out, at + 8, captured, big)
        _host32(out, at + 12, length, big)
        return at + 16 + captured
    ticks = time_ns if nano else time_ns // 1000
    padding = -captured % 4
    total = 32 + captured + padding
    _host32(out, at, 6, big)
    _host32(out, at + 4, total, big)
    _host32(out, at + 8, 0, big)
    _host32(out, at + 12, ticks >> 32, big)
    _host32(out, at + 16, ticks & 0xFFFF_FFFF, big)
    _host32(out, at + 20, captured, big)
    _host32(out, at + 24, length, big)
    for step in range(padding):
        out[at + 28 + captured + step] = 0
    _host32(out, at + 28 + captured + padding, total, big)
    return at + total


@njit(cache=True, nogil=True)
def encode(
    rows: Array, pool: Array, lengths: Array, prefixes: Array, link: int, outer_vlan: int, snaplen: int,
    container: int, nano: bool, big_endian: bool, out: Array,
) -> int:  # fmt: skip
    """Write all rows as records into ``out``, which must be large enough; the bytes written.

    Args:
        rows: Of ``PACKET``.
        pool: Payload bytes.
        lengths: Of the IP packets, ``ip_lengths(rows)``.
        prefixes: Prefixes inside, uint64 of shape (n, 4): high and low half, high and low mask.
        link: Link type. Frames of Ethernet are padded to 60 bytes, as cards do.
        outer_vlan: A service tag (IEEE 802.1ad) around every frame; 0 for none.
        snaplen: Bytes kept of each frame.
        container: ``PCAP`` or ``PCAPNG``.
        nano: Time stamps in nanoseconds, not microseconds.
        big_endian: Byte order of the file.
    """
    at: Number = 0
    for index in range(len(rows)):
        row = rows[index]
        frame = at + (16 if container == PCAP else 28)
        end: Number = _link(out, frame, row, link, outer_vlan, prefixes)
        if row.ethertype == 0x0806:
            payload, length = np.int64(row.payload), np.int64(row.payload_length)
            for step in range(length):
                out[end + step] = pool[payload + step]
            end += length
        else:
            end = _network(out, end, row, lengths[index])
            end = _transport(out, end, row, pool)
        if link == ETHERNET and end - frame < 60:
            for step in range(end, frame + 60):
                out[step] = 0
            end = frame + 60
        size: Number = end - frame
        at = _record(out, at, row.time_ns, min(size, snaplen), size, container, nano, big_endian)
    return int(at)
