"""IP packets of a capture file, read by dpkt, for tests on real evidence."""

import io
from pathlib import Path

import dpkt
import zstandard

ETHERNET, VLAN = 1, (b"\x81\x00", b"\x88\xa8")


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
