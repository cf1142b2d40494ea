"""Writes packets as pcap and pcapng, streaming: a capture of any size costs the memory of one slice."""

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import number
from tocsin.scenario.encode import ETHERNET, LINUX_SLL, LINUX_SLL2, NULL, PCAP, PCAPNG, RAW, encode
from tocsin.scenario.packets import ETHERTYPE_ARP, Packets, ip_lengths

Array = npt.NDArray[Any]
_SLICE_PACKETS = 1 << 16
_RECORD_ROOM = 28 + 28 + 60 + 8  # Record header, largest link header, Ethernet's padding, pcapng's padding and trailer.


class Link(IntEnum):
    """Link types we write. Source: https://www.tcpdump.org/linktypes.html"""

    NULL = NULL
    ETHERNET = ETHERNET
    RAW = RAW
    LINUX_SLL = LINUX_SLL
    LINUX_SLL2 = LINUX_SLL2


@dataclass(frozen=True, slots=True)
class CaptureFormat:
    """How a capture is written.

    Attributes:
        pcapng: pcapng instead of pcap.
        nanoseconds: Resolution of the time stamps; else microseconds.
        big_endian: Byte order of the file.
        link: Link type. ARP is left out where there is no link header.
        snaplen: Bytes kept of each frame, ``tcpdump -s``.
        outer_vlan: A service tag around every frame (QinQ); 0 for none. Ethernet only.
    """

    pcapng: bool = False
    nanoseconds: bool = False
    big_endian: bool = False
    link: Link = Link.ETHERNET
    snaplen: int = 262_144
    outer_vlan: int = 0


def write_capture(
    path: Path, parts: Packets | Iterable[Packets], form: CaptureFormat | None = None, *, inside: Iterable[str] = ()
) -> int:
    """Write packets, in the order given, to a new file.

    Args:
        path: Where to; an existing file is replaced.
        parts: Packets, or an iterable of slices of them.
        form: pcap in microseconds, little endian, Ethernet, unless given.
        inside: Prefixes whose hosts have link addresses of their own; all others are behind the router.

    Returns:
        Packets written.
    """
    with path.open("wb") as stream:
        return write_stream(stream, parts, form, inside=inside)


def write_stream(
    stream: BinaryIO, parts: Packets | Iterable[Packets], form: CaptureFormat | None = None, *, inside: Iterable[str] = ()
) -> int:
    """The same as ``write_capture``, to an open binary stream."""
    form = form or CaptureFormat()
    stream.write(_pcapng_head(form) if form.pcapng else _pcap_head(form))
    written = 0
    prefixes = prefix_masks(inside)
    for packets in (parts,) if isinstance(parts, Packets) else parts:
        for rows in _slices(packets.rows, form.link):
            stream.write(_encoded(rows, packets.pool, prefixes, form).data)
            written += len(rows)
    return written


def prefix_masks(prefixes: Iterable[str]) -> Array:
    """Prefixes as uint64 of shape (n, 4): high and low half, high and low mask."""
    result = []
    for text in prefixes:
        network = ipaddress.ip_network(text)
        bits = network.prefixlen + (96 if network.version == 4 else 0)
        mask = (1 << 128) - (1 << 128 - bits)
        result.append((*number(str(network.network_address)), mask >> 64, mask & (1 << 64) - 1))
    return np.array(result, np.uint64).reshape(-1, 4)


def _slices(rows: Array, link: Link) -> Iterator[Array]:
    for start in range(0, len(rows), _SLICE_PACKETS):
        part = rows[start : start + _SLICE_PACKETS]
        if link in (Link.RAW, Link.NULL):
            part = part[part["ethertype"] != ETHERTYPE_ARP]
        yield part


def _encoded(rows: Array, pool: Array, prefixes: Array, form: CaptureFormat) -> Array:
    lengths = ip_lengths(rows)
    out = np.empty(int(lengths.sum()) + _RECORD_ROOM * len(rows), np.uint8)
    container = PCAPNG if form.pcapng else PCAP
    size = encode(
        rows, pool, lengths, prefixes, int(form.link), form.outer_vlan, form.snaplen,
        container, form.nanoseconds, form.big_endian, out,
    )  # fmt: skip
    return out[:size]


def _pcap_head(form: CaptureFormat) -> bytes:
    order = ">" if form.big_endian else "<"
    magic = 0xA1B23C4D if form.nanoseconds else 0xA1B2C3D4
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, form.snaplen, form.link)


def _pcapng_head(form: CaptureFormat) -> bytes:
    order = ">" if form.big_endian else "<"
    section = struct.pack(order + "IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    options = struct.pack(order + "HH4s", 2, 4, b"eth0") + struct.pack(order + "HHB3x", 9, 1, 9 if form.nanoseconds else 6)
    options += struct.pack(order + "HH", 0, 0)
    length = 20 + len(options)
    interface = struct.pack(order + "IIHHI", 1, length, form.link, 0, form.snaplen) + options
    return section + interface + struct.pack(order + "I", length)
