"""Capture files: written byte by byte for tests of readers; and IP packets of a capture, read by dpkt, for tests on real evidence."""

import io
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import dpkt
import zstandard

from tocsin.errors import EvidenceError
from tocsin.model import Fault
from tocsin.readers._capture import read_capture
from tocsin.readers.pcap import PcapWalker
from tocsin.readers.pcapng import PcapngWalker

ETHERNET, VLAN = 1, (b"\x81\x00", b"\x88\xa8")
START_NS = 1_644_930_131_250_000_000
PCAP_MAGIC = {"us": 0xA1B2C3D4, "ns": 0xA1B23C4D, "modified": 0xA1B2CD34}


class Captured(NamedTuple):
    """One record of a capture; ``original`` is the length on the wire, that of ``data`` if not given."""

    data: bytes
    time_ns: int = START_NS
    original: int | None = None

    @property
    def wire_bytes(self) -> int:
        return len(self.data) if self.original is None else self.original


def frames(packets: Iterable[bytes], *, start_ns: int = START_NS, step_ns: int = 1_000_000) -> list[Captured]:
    """Records of these bytes, one each millisecond."""
    return [Captured(data, start_ns + number * step_ns) for number, data in enumerate(packets)]


def pcap(records: Iterable[Captured], *, order: str = "<", kind: str = "us", link: int = ETHERNET) -> bytes:
    """A pcap file; ``kind`` is ``us``, ``ns``, or ``modified`` (microseconds, record headers of 24 bytes)."""
    return pcap_head(order=order, kind=kind, link=link) + b"".join(pcap_record(r, order=order, kind=kind) for r in records)


def pcap_head(*, order: str = "<", kind: str = "us", link: int = ETHERNET) -> bytes:
    return struct.pack(order + "IHHiIII", PCAP_MAGIC[kind], 2, 4, 0, 0, 262_144, link)


def pcap_record(record: Captured, *, order: str = "<", kind: str = "us") -> bytes:
    seconds, rest = divmod(record.time_ns, 1_000_000_000)
    fraction = rest if kind == "ns" else rest // 1000
    more = struct.pack(order + "IHBB", 1, 0x0800, 0, 0) if kind == "modified" else b""
    return struct.pack(order + "IIII", seconds, fraction, len(record.data), record.wire_bytes) + more + record.data


def block(kind: int, body: bytes, *, order: str = "<") -> bytes:
    """A pcapng block, padded."""
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def section(*, order: str = "<") -> bytes:
    """A pcapng section header."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order=order)


def interface(
    *, order: str = "<", link: int = ETHERNET, tsresol: int | None = None, tsoffset: int | None = None, snaplen: int = 0
) -> bytes:
    """An interface description; ``tsresol`` as the option holds it: n for 10^-n, 128 + n for 2^-n."""
    options = struct.pack(order + "HH4s", 2, 4, b"eth0")
    if tsresol is not None:
        options += struct.pack(order + "HHBxxx", 9, 1, tsresol)
    if tsoffset is not None:
        options += struct.pack(order + "HHq", 14, 8, tsoffset)
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options + bytes(4), order=order)


def enhanced(data: bytes, ticks: int, *, order: str = "<", number: int = 0, original: int | None = None) -> bytes:
    """An enhanced packet block; ``ticks`` in units of the interface's resolution."""
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), original or len(data))
    return block(6, head + data, order=order)


def old_packet(data: bytes, ticks: int, *, order: str = "<", number: int = 0, drops: int = 7) -> bytes:
    """An obsolete packet block (type 2), which has a 16-bit interface number and a drop count."""
    head = struct.pack(order + "HHIIII", number, drops, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(2, head + data, order=order)


def simple(data: bytes, *, order: str = "<", original: int | None = None) -> bytes:
    """A simple packet block: no time, interface 0."""
    return block(3, struct.pack(order + "I", original or len(data)) + data, order=order)


def pcapng(records: Iterable[Captured], *, order: str = "<", link: int = ETHERNET) -> bytes:
    """One section, one interface, nanoseconds."""
    packets = b"".join(enhanced(r.data, r.time_ns, order=order, original=r.wire_bytes) for r in records)
    return section(order=order) + interface(order=order, link=link, tsresol=9) + packets


def ip_packets(path: Path) -> list[bytes]:
    """Every complete IP packet of an Ethernet capture (``.zst`` or plain), without padding, in order."""
    raw = path.read_bytes()
    if path.suffix == ".zst":
        raw = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
    reader = dpkt.pcapng.Reader(io.BytesIO(raw)) if raw[:4] == b"\n\r\r\n" else dpkt.pcap.Reader(io.BytesIO(raw))
    assert reader.datalink() == ETHERNET
    return [packet for _, frame in reader if (packet := _ip(frame))]


def _ip(frame: bytes) -> bytes:
    at = 12
    while frame[at : at + 2] in VLAN:
        at += 4
    kind, packet = frame[at : at + 2], frame[at + 2 :]
    if kind == b"\x08\x00":
        length = int.from_bytes(packet[2:4], "big")
    elif kind == b"\x86\xdd":
        length = 40 + int.from_bytes(packet[4:6], "big")
    else:
        return b""
    return packet[:length] if len(packet) >= length else b""


@dataclass
class Tables:
    """What a capture reader made of a capture; ``error`` if it ended with one."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    faults: list[Fault] = field(default_factory=list)
    error: EvidenceError | None = None

    @property
    def packets(self) -> int:
        return sum(row["traffic_packets"] for row in self.rows["network_traffic"])

    @property
    def offsets(self) -> list[int]:
        """Where each packet's bytes start, of captures small enough that every packet is in the sample."""
        return sorted(row["record_offset"] for row in self.rows["network_packet"])

    def one(self, table: str) -> dict[str, Any]:
        [row] = self.rows[table]
        return row

    def traffic(self) -> Counter[tuple[Any, ...]]:
        """Packets, IP bytes and frame bytes by second, destination and kind, however they are spread over rows."""
        sums: Counter[tuple[Any, ...]] = Counter()
        for row in self.rows["network_traffic"]:
            for column in ("traffic_packets", "traffic_bytes", "frame_bytes"):
                sums[row["time"], row["dst_endpoint_ip"], row["packet_kind"], column] += row[column]
        return sums


def read_tables(data: bytes, *, threads: int | None = None) -> Tables:
    """Read a capture of either format. Only an EvidenceError is caught."""
    tables = Tables()
    walker = PcapngWalker() if data[:4] == b"\n\r\r\n" else PcapWalker()
    try:
        for name, rows in read_capture(
            io.BytesIO(data), walker, evidence_id="e1", report=tables.faults.append, threads=threads
        ):
            tables.rows[name] += rows.to_pylist()
    except EvidenceError as error:
        tables.error = error
    return tables
