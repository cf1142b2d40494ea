"""What a router tells of packets: flows with timeouts and sampling, exported as NetFlow v5 or v9."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import addresses
from tocsin.scenario.capture import write_capture
from tocsin.scenario.packets import (
    ETHERTYPE_ARP,
    ETHERTYPE_IPV4,
    FRAGMENT_OFFSET,
    Packets,
    Payloads,
    blank,
    ip_lengths,
    stacked,
    taken,
)
from tocsin.scenario.stage import SECOND
from tocsin.terms import IpProtocol

Array = npt.NDArray[Any]
_MILLISECOND = 1_000_000
_UP_MS = 10 * 86_400_000  # The router has been up for ten days when the evidence starts.
_V5_RECORDS, _V9_RECORDS, _V9_TEMPLATES_EVERY = 30, 24, 20

# One flow in one direction. ``label``: that of its first packet. For ICMP, ``dst_port`` is type * 256 + code.
FLOW = np.dtype(
    [
        ("start_ns", "<i8"), ("end_ns", "<i8"), ("export_ns", "<i8"), ("src_hi", "<u8"), ("src_lo", "<u8"), ("dst_hi", "<u8"),
        ("dst_lo", "<u8"), ("packets", "<u8"), ("bytes", "<u8"), ("src_port", "<u2"), ("dst_port", "<u2"), ("ethertype", "<u2"),
        ("label", "<i2"), ("protocol", "u1"), ("flags", "u1"), ("tos", "u1"),
    ]
)  # fmt: skip
_KEY = ("src_hi", "src_lo", "dst_hi", "dst_lo", "src_port", "dst_port", "protocol")


@dataclass(frozen=True, slots=True)
class FlowExport:
    """How a router counts and exports.

    Attributes:
        version: 5 (IPv4 only) or 9.
        active_s: A flow that goes on is told after this time.
        inactive_s: A flow is told when nothing came for this time.
        sampling: One packet in so many is counted, at random. Counts are told as counted, the rate beside them.
        exporter, collector: Addresses, where the export is captured as UDP.
        port: UDP port of the collector.
    """

    version: int = 9
    active_s: float = 60.0
    inactive_s: float = 15.0
    sampling: int = 1
    exporter: str = "198.18.255.1"
    collector: str = "198.18.255.2"
    port: int = 2055


class Datagram(NamedTuple):
    """One export packet: when it was sent, its payload, and the labels of its flows in order."""

    time_ns: int
    payload: bytes
    labels: Array


def flows_of(parts: Iterable[Packets], export: FlowExport, *, seed: int = 0) -> Array:
    """Group packets into flows.

    Args:
        parts: Packets of one or several taps, each in the order of time.
        export: Timeouts and sampling.
        seed: Of the sampling.

    Returns:
        Rows of ``FLOW`` in the order of their export. ARP is left out, and IPv6 in version 5.
    """
    rng = np.random.default_rng([seed, export.sampling])
    held = [_counted(packets.rows, export, rng) for packets in parts]
    rows = stacked(held)
    if len(held) > 1:
        rows = taken(rows, np.argsort(rows["time_ns"], kind="stable"))
    key = _hashed(rows)
    order = np.argsort(key, kind="stable")
    rows, key = taken(rows, order), key[order]
    time_ns = rows["time_ns"]
    apart = np.ones(len(rows), bool)
    apart[1:] = (key[1:] != key[:-1]) | (np.diff(time_ns) > export.inactive_s * SECOND)
    begun = time_ns[apart][np.cumsum(apart) - 1]
    age = (time_ns - begun) // int(export.active_s * SECOND)
    apart[1:] |= age[1:] != age[:-1]
    return _reduced(rows, np.flatnonzero(apart), export)


def _counted(rows: Array, export: FlowExport, rng: np.random.Generator) -> Array:
    keep = rows["ethertype"] != ETHERTYPE_ARP
    if export.version == 5:
        keep &= rows["ethertype"] == ETHERTYPE_IPV4
    if export.sampling > 1:
        keep &= rng.integers(0, export.sampling, len(rows)) == 0
    return taken(rows, keep)


def _hashed(rows: Array) -> Array:
    """One number for each 5-tuple; ports of ICMP and of later fragments are made what an exporter tells."""
    icmp = np.isin(rows["protocol"], (IpProtocol.ICMP, IpProtocol.ICMPV6))
    later = rows["fragment"] & FRAGMENT_OFFSET != 0
    rows["dst_port"] = np.where(icmp, rows["src_port"], rows["dst_port"])
    rows["src_port"][icmp] = 0
    rows["src_port"][later] = rows["dst_port"][later] = 0
    result = np.zeros(len(rows), np.uint64)
    for name in _KEY:  # The multiplier of SplitMix64: near numbers end far apart, so 64 bits hold millions of flows apart.
        result = (result ^ rows[name]) * np.uint64(0xBF58476D1CE4E5B9)
        result ^= result >> np.uint64(31)
    return result


def _reduced(rows: Array, first: Array, export: FlowExport) -> Array:
    flows = np.zeros(len(first), FLOW)
    if not len(first):
        return flows
    for name in (*_KEY, "ethertype", "label", "tos"):
        flows[name] = rows[name][first]
    last = np.append(first[1:], len(rows)) - 1
    flows["start_ns"], flows["end_ns"] = rows["time_ns"][first], rows["time_ns"][last]
    flows["packets"] = last - first + 1
    flows["bytes"] = np.add.reduceat(ip_lengths(rows), first)
    flags = np.where(rows["protocol"] == IpProtocol.TCP, rows["flags"], 0)
    flows["flags"] = np.bitwise_or.reduceat(flags, first)
    told = np.minimum(
        flows["end_ns"] + int(export.inactive_s * SECOND),
        np.maximum(flows["start_ns"] + int(export.active_s * SECOND), flows["end_ns"]),
    )
    flows["export_ns"] = np.minimum(told, rows["time_ns"].max() + SECOND)
    return taken(flows, np.argsort(flows["export_ns"], kind="stable"))


def datagrams(flows: Array, export: FlowExport) -> Iterator[Datagram]:
    """The export packets for flows in the order of their export, as the version has them.

    Raises:
        ValueError: A version other than 5 and 9.
    """
    if export.version not in (5, 9):
        raise ValueError(f"version: expected 5 or 9, found {export.version}")
    boot_ms = int(flows["start_ns"].min()) // _MILLISECOND - _UP_MS if len(flows) else 0
    yield from (_v5 if export.version == 5 else _v9)(flows, export, boot_ms)


def _cut(flows: Array, size: int) -> Iterator[Array]:
    """Runs of at most this many flows that are told within one second."""
    second = flows["export_ns"] // SECOND
    starts = np.flatnonzero(np.append(True, second[1:] != second[:-1])) if len(flows) else np.zeros(0, np.int64)
    ends = np.append(starts[1:], len(flows))
    for start, end in zip(starts.tolist(), ends.tolist(), strict=False):
        for at in range(start, end, size):
            yield flows[at : min(at + size, end)]


# Source: Cisco, NetFlow Export Datagram Formats, table B-4.
_V5_RECORD = np.dtype(
    [
        ("src", ">u4"), ("dst", ">u4"), ("next_hop", ">u4"), ("input", ">u2"), ("output", ">u2"), ("packets", ">u4"),
        ("bytes", ">u4"), ("first", ">u4"), ("last", ">u4"), ("src_port", ">u2"), ("dst_port", ">u2"), ("pad1", "u1"),
        ("flags", "u1"), ("protocol", "u1"), ("tos", "u1"), ("src_as", ">u2"), ("dst_as", ">u2"), ("src_mask", "u1"),
        ("dst_mask", "u1"), ("pad2", ">u2"),
    ]
)  # fmt: skip


def _v5(flows: Array, export: FlowExport, boot_ms: int) -> Iterator[Datagram]:
    records = np.zeros(len(flows), _V5_RECORD)
    records["src"], records["dst"] = flows["src_lo"] & np.uint64(0xFFFFFFFF), flows["dst_lo"] & np.uint64(0xFFFFFFFF)
    _common(records, flows, boot_ms)
    sent = 0
    for part in _cut(flows, _V5_RECORDS):
        count, time_ns = len(part), int(part["export_ns"][-1])
        sampling = 1 << 14 | export.sampling if export.sampling > 1 else 0
        head = struct.pack(
            ">HHIIIIBBH", 5, count, time_ns // _MILLISECOND - boot_ms, time_ns // SECOND, time_ns % SECOND, sent, 0, 0, sampling
        )
        yield Datagram(time_ns, head + records[sent : sent + count].tobytes(), part["label"])
        sent += count


def _common(records: Array, flows: Array, boot_ms: int) -> None:
    for name in ("packets", "bytes", "src_port", "dst_port", "flags", "protocol", "tos"):
        records[name] = flows[name]
    records["first"] = flows["start_ns"] // _MILLISECOND - boot_ms
    records["last"] = flows["end_ns"] // _MILLISECOND - boot_ms
    records["input"], records["output"] = 1, 2


# Field numbers and lengths. Source: RFC 3954, section 8.
_V9_FIELDS = (
    ("packets", ">u8", 2), ("bytes", ">u8", 1), ("first", ">u4", 22), ("last", ">u4", 21), ("src_port", ">u2", 7),
    ("dst_port", ">u2", 11), ("icmp", ">u2", 32), ("input", ">u2", 10), ("output", ">u2", 14), ("protocol", "u1", 4),
    ("flags", "u1", 6), ("tos", "u1", 5), ("direction", "u1", 61),
)  # fmt: skip
_V9_ADDRESSES = {
    4: (("src", ">u4", 8), ("dst", ">u4", 12)),
    6: (("src_hi", ">u8", 27), ("src_lo", ">u8", 0), ("dst_hi", ">u8", 28), ("dst_lo", ">u8", 0)),
}
_V9_TEMPLATE = {4: 256, 6: 257}
_V9_OPTIONS = 258


def _v9_layout(family: int) -> np.dtype[Any]:
    return np.dtype([(name, kind) for name, kind, _ in (*_V9_ADDRESSES[family], *_V9_FIELDS)])


def _v9_templates(export: FlowExport) -> tuple[bytes, int]:
    """The flow sets that describe the data, with the sampling rate where there is one; and how many records they hold."""
    templates = b""
    for family, number in _V9_TEMPLATE.items():
        fields = [(kind, 16 if family == 6 and number_ in (27, 28) else np.dtype(kind).itemsize, number_)
                  for _, kind, number_ in (*_V9_ADDRESSES[family], *_V9_FIELDS) if number_]  # fmt: skip
        templates += struct.pack(">HH", number, len(fields))
        templates += b"".join(struct.pack(">HH", field, size) for _, size, field in fields)
    result = struct.pack(">HH", 0, 4 + len(templates)) + templates
    if export.sampling == 1:
        return result, 2
    described = (
        struct.pack(">HHH", _V9_OPTIONS, 4, 8) + struct.pack(">HH", 1, 4) + struct.pack(">HHHH", 34, 4, 35, 1) + bytes(2)
    )
    told = struct.pack(">IIB", 0, export.sampling, 2) + bytes(3)
    result += struct.pack(">HH", 1, 4 + len(described)) + described + struct.pack(">HH", _V9_OPTIONS, 4 + len(told)) + told
    return result, 4


def _v9(flows: Array, export: FlowExport, boot_ms: int) -> Iterator[Datagram]:
    templates, described = _v9_templates(export)
    parts = [part for family in (4, 6) for part in _v9_parts(flows, family, boot_ms)]
    parts.sort(key=lambda part: part[0])
    for number, (time_ns, family, records, labels) in enumerate(parts):
        data = records.tobytes()
        padding = -len(data) % 4
        body = struct.pack(">HH", _V9_TEMPLATE[family], 4 + len(data) + padding) + data + bytes(padding)
        count = len(records)
        if number % _V9_TEMPLATES_EVERY == 0:
            body, count = templates + body, count + described
        head = struct.pack(">HHIIII", 9, count, time_ns // _MILLISECOND - boot_ms, time_ns // SECOND, number, 1)
        yield Datagram(time_ns, head + body, labels)


def _v9_parts(flows: Array, family: int, boot_ms: int) -> Iterator[tuple[int, int, Array, Array]]:
    chosen = taken(flows, (flows["ethertype"] == ETHERTYPE_IPV4) == (family == 4))
    records = np.zeros(len(chosen), _v9_layout(family))
    if family == 4:
        records["src"], records["dst"] = chosen["src_lo"] & np.uint64(0xFFFFFFFF), chosen["dst_lo"] & np.uint64(0xFFFFFFFF)
    else:
        for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"):
            records[name] = chosen[name]
    _common(records, chosen, boot_ms)
    icmp = np.isin(chosen["protocol"], (IpProtocol.ICMP, IpProtocol.ICMPV6))
    records["icmp"] = np.where(icmp, chosen["dst_port"], 0)
    at = 0
    for part in _cut(chosen, _V9_RECORDS):
        yield int(part["export_ns"][-1]), family, records[at : at + len(part)], part["label"]
        at += len(part)


def write_flows(path: Path, sent: Iterable[Datagram], export: FlowExport) -> None:
    """Write an export as a capture of its UDP packets (``.pcap``), else its payloads one after the other."""
    if path.suffix != ".pcap":
        with path.open("wb") as stream:
            stream.writelines(datagram.payload for datagram in sent)
        return
    held = list(sent)
    payloads = Payloads(np.random.default_rng(0))
    slices = payloads.add_all(datagram.payload for datagram in held)
    rows = blank(
        addresses([export.exporter]), addresses([export.collector]), IpProtocol.UDP,
        time_ns=np.array([datagram.time_ns for datagram in held], np.int64), src_port=50000, dst_port=export.port,
        payload=slices[:, 0], payload_length=slices[:, 1], ip_id=np.arange(len(held)) & 0xFFFF,
    )  # fmt: skip
    write_capture(path, Packets(rows, payloads.array()))
