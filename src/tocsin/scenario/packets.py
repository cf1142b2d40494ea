"""Packets as rows of one numpy array, their payloads as slices of one shared pool of bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import ADDRESS, is_v4
from tocsin.terms import IpProtocol

Array = npt.NDArray[Any]

# One packet. ``label``: 0 ordinary, n the n-th attack, -n what that attack provoked (the victim's answers, errors, resets).
# For ICMP, ``src_port`` is type * 256 + code and ``seq`` the four bytes after the checksum. ``fragment`` is the IPv4 field
# (0x2000 more fragments, low 13 bits the offset in 8 bytes); of a first fragment, ``ack`` holds the length of the whole
# datagram's payload, which must lie in the pool in one piece. ARP has no protocol; its payload is the ARP message.
PACKET = np.dtype(
    [
        ("time_ns", "<i8"), ("src_hi", "<u8"), ("src_lo", "<u8"), ("dst_hi", "<u8"), ("dst_lo", "<u8"),
        ("seq", "<u4"), ("ack", "<u4"), ("payload", "<u4"), ("payload_length", "<u2"), ("ethertype", "<u2"),
        ("src_port", "<u2"), ("dst_port", "<u2"), ("window", "<u2"), ("ip_id", "<u2"), ("fragment", "<u2"),
        ("vlan", "<u2"), ("label", "<i2"), ("protocol", "u1"), ("flags", "u1"), ("ttl", "u1"), ("tos", "u1"),
        ("options", "u1"), ("extensions", "u1"),
    ],
    align=True,
)  # fmt: skip

ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_IPV6 = 0x0800, 0x0806, 0x86DD
MORE_FRAGMENTS, DONT_FRAGMENT, FRAGMENT_OFFSET = 0x2000, 0x4000, 0x1FFF


class TcpOptions:
    """Numbers of the option sets in ``OPTION_BYTES``: what ordinary stacks send."""

    NONE, MSS, LINUX_SYN, WINDOWS_SYN, TIMESTAMPS = 0, 1, 2, 3, 4


# Timestamp values (8 bytes after kind 8, length 10) are filled in from the packet's time when it is written.
OPTION_BYTES = (
    b"",
    bytes.fromhex("020405b4"),
    bytes.fromhex("020405b40402080a00000000000000000103030a"),
    bytes.fromhex("020405b40103030801010402"),
    bytes.fromhex("0101080a0000000000000000"),
)
OPTION_LENGTHS = np.array([len(options) for options in OPTION_BYTES], np.int64)


class Extensions:
    """Bits of ``extensions``: IPv6 extension headers (RFC 8200), 8 bytes each."""

    HOP_BY_HOP, DESTINATION, FRAGMENT = 1, 2, 4


class Slice(NamedTuple):
    """Where a payload lies in the pool."""

    offset: int
    length: int


NOISE_BYTES = 1 << 18


class Payloads:
    """The pool: bytes that many packets may share. It starts with ``NOISE_BYTES`` of noise."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._parts = [rng.bytes(NOISE_BYTES)]
        self._known: dict[bytes, Slice] = {}
        self._length = NOISE_BYTES

    def add(self, data: bytes) -> Slice:
        """Put bytes into the pool, once."""
        if data not in self._known:
            self._known[data] = Slice(self._length, len(data))
            self._parts.append(data)
            self._length += len(data)
        return self._known[data]

    def add_all(self, many: Iterable[bytes]) -> Array:
        """Put several; an array of ``(offset, length)``, one row each."""
        return np.array([self.add(data) for data in many], np.int64).reshape(-1, 2)

    def noise(self, rng: np.random.Generator, lengths: Array) -> Array:
        """Offsets of random bytes, one slice for each length (at most ``NOISE_BYTES``)."""
        return rng.integers(0, NOISE_BYTES - lengths.astype(np.int64) + 1)

    def array(self) -> Array:
        """All bytes, as uint8."""
        self._parts = [b"".join(self._parts)]
        return np.frombuffer(self._parts[0], np.uint8)


@dataclass(frozen=True)
class Packets:
    """Packets in the order of time: ``rows`` of ``PACKET``, payloads in ``pool``."""

    rows: Array
    pool: Array

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def labels(self) -> Array:
        """One label per packet, int16."""
        return np.ascontiguousarray(self.rows["label"])


def blank(src: Array, dst: Array, protocol: Array | int, **columns: Any) -> Array:
    """Rows between two arrays of addresses (or of one address each, as many as there are times), other columns as given.

    Don't-fragment is set and the TTL is 64, unless given.
    """
    src, dst, _ = np.broadcast_arrays(np.atleast_1d(src), np.atleast_1d(dst), np.atleast_1d(columns.get("time_ns", 0)))
    rows = np.zeros(len(src), PACKET)
    for side, array in (("src", src), ("dst", dst)):
        rows[f"{side}_hi"], rows[f"{side}_lo"] = array["hi"], array["lo"]
    rows["protocol"] = protocol
    rows["ttl"] = 64
    rows["fragment"] = DONT_FRAGMENT
    rows["ethertype"] = np.where(is_v4(dst), ETHERTYPE_IPV4, ETHERTYPE_IPV6)
    for name, values in columns.items():
        rows[name] = values
    return rows


def stacked(parts: Iterable[Array]) -> Array:
    """Structured arrays of one dtype, one after the other; at least one.

    Numpy copies structured elements field by field; as opaque bytes it goes twenty times as fast. The same in ``taken``.
    """
    held = list(parts)
    opaque = f"V{held[0].dtype.itemsize}"
    return np.concatenate([part.view(opaque) for part in held]).view(held[0].dtype)


def taken(rows: Array, index: Array) -> Array:
    """Elements of a structured array by number or by mask."""
    return np.asarray(rows.view(f"V{rows.dtype.itemsize}")[index].view(rows.dtype))


def source(rows: Array) -> Array:
    """Sources of rows, as ``ADDRESS``."""
    return _addresses(rows, "src")


def destination(rows: Array) -> Array:
    """Destinations of rows, as ``ADDRESS``."""
    return _addresses(rows, "dst")


def _addresses(rows: Array, side: str) -> Array:
    result = np.empty(len(rows), ADDRESS)
    result["hi"], result["lo"] = rows[f"{side}_hi"], rows[f"{side}_lo"]
    return result


def ip_lengths(rows: Array) -> Array:
    """Bytes of each IP packet, header included (of an ARP message: its bytes), as int64."""
    transport = np.zeros(256, np.int64)
    transport[[IpProtocol.TCP, IpProtocol.UDP, IpProtocol.ICMP, IpProtocol.ICMPV6]] = 20, 8, 8, 8
    header = transport[rows["protocol"]] + OPTION_LENGTHS[rows["options"]]
    header[rows["fragment"] & FRAGMENT_OFFSET != 0] = 0
    network = np.select([rows["ethertype"] == ETHERTYPE_IPV4, rows["ethertype"] == ETHERTYPE_IPV6], [20, 40], 0)
    extensions = rows["extensions"]
    network += 8 * ((extensions & 1) + (extensions >> 1 & 1) + (extensions >> 2 & 1))
    return np.asarray(network + header + rows["payload_length"])


def fragmented(rows: Array, *, mtu: int = 1500) -> Array:
    """Cut UDP and ICMP datagrams that are longer than the MTU into IP fragments, in order.

    ``ack`` of each row must hold its whole payload's length (``payload_length`` is ignored), at most 65507.
    """
    v6 = rows["ethertype"] == ETHERTYPE_IPV6
    room = (np.where(v6, mtu - 48, mtu - 20) // 8) * 8
    whole = rows["ack"].astype(np.int64) + 8
    unfragmented = whole <= np.where(v6, mtu - 40, mtu - 20)
    counts = np.where(unfragmented, 1, -(-whole // room))
    index = np.repeat(np.arange(len(rows)), counts)
    step = np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = step * room[index]
    length = np.minimum(room[index], whole[index] - start)
    single = unfragmented[index]
    length[single] = whole[index][single]
    result = taken(rows, index)
    first = step == 0
    result["payload"] += np.where(first, 0, start - 8).astype(np.uint32)
    result["payload_length"] = np.where(first, length - 8, length)
    more = np.where(start + length < whole[index], MORE_FRAGMENTS, 0)
    result["fragment"] = np.where(single, rows["fragment"][index], more | start // 8)
    result["extensions"] |= np.where(~single & v6[index], Extensions.FRAGMENT, 0).astype(np.uint8)
    result["time_ns"] += step * 1300
    return np.asarray(result)
