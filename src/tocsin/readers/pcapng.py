"""pcapng captures: sections of either byte order, any time resolution. Source: draft-ietf-opsawg-pcapng."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, _packets, reader
from tocsin.readers._capture import RECORD_BYTES_MAX, Array, read_capture

SECTION, INTERFACE = 0x0A0D0D0A, 1
BLOCK_BYTES_MAX = 4 * RECORD_BYTES_MAX
INTERFACES_MAX = 4096
_ORDER = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}


def _claims(head: bytes, name: str) -> bool:
    return head[:4] == b"\x0a\x0d\x0d\x0a" and head[8:12] in _ORDER


class PcapngWalker:
    """Walks pcapng blocks; see ``_capture.Walker``."""

    def __init__(self) -> None:
        self.order = "<"
        self.interfaces = np.zeros((0, 4), np.int64)
        self.previous = 0

    def start(self, buffer: Array, stop: int) -> int:
        if stop < 28 or not _claims(bytes(buffer[:12]), ""):
            raise EvidenceError(
                f"at byte 0: expected a pcapng section header of 28 bytes, found {bytes(buffer[: min(stop, 12)]).hex(' ')}"
            )
        return 0

    def walk(self, buffer: Array, start: int, stop: int, index: tuple[Array, ...]) -> tuple[int, int, str | None]:
        total, position = 0, start
        while True:
            rest = tuple(column[total:] for column in index)
            count, position, state = _packets.walk_pcapng(
                buffer, position, stop, self.order == "<", BLOCK_BYTES_MAX, self.interfaces, self.previous, *rest
            )
            if count:
                self.previous = int(rest[1][count - 1])
            total += count
            if state != 1:
                found = bytes(buffer[position : min(position + 12, stop)]).hex(" ")
                damage = f"expected a pcapng block, found {found}: skipped to the next one" if state == 2 else None
                return total, position, damage
            length = self._describe(buffer, position, stop)
            if length == 0:
                return total, position, None
            if length < 0:
                return total, position, "expected a section or interface block, found one whose lengths do not agree"
            position += length

    def resume(self, buffer: Array, start: int, stop: int) -> int:
        return int(_packets.find_block(buffer, start, stop, self.order == "<", BLOCK_BYTES_MAX))

    def _describe(self, buffer: Array, position: int, stop: int) -> int:
        """Take in a section header or an interface: its length, 0 if it is not complete, -1 if it is damaged."""
        head = bytes(buffer[position : min(position + 28, stop)])
        order = _ORDER.get(head[8:12]) if head[:4] == b"\x0a\x0d\x0d\x0a" else self.order
        if len(head) < 12:
            return 0
        if order is None:
            return -1
        kind, length = struct.unpack_from(order + "II", head)
        if length < 20 or length % 4 or length > BLOCK_BYTES_MAX:
            return -1
        if position + length > stop:
            return 0
        if kind == SECTION:
            self.order, self.interfaces = order, np.zeros((0, 4), np.int64)
            return int(length)
        block = bytes(buffer[position : position + length])
        link, _, snap = struct.unpack_from(order + "HHI", block, 8)
        ticks, offset_s = _resolution(order, block[16:-4])
        if len(self.interfaces) < INTERFACES_MAX:
            self.interfaces = np.concatenate([self.interfaces, np.array([[link, ticks, offset_s, snap]], np.int64)])
        return int(length)


def _resolution(order: str, options: bytes) -> tuple[int, int]:
    """Ticks per second and seconds to add, from an interface's options if_tsresol (9) and if_tsoffset (14)."""
    ticks, offset_s, position = 1_000_000, 0, 0
    while position + 4 <= len(options):
        code, size = struct.unpack_from(order + "HH", options, position)
        value = options[position + 4 : position + 4 + size]
        if code == 0:
            break
        if code == 9 and len(value) == 1:
            exponent = value[0] & 0x7F
            ticks = 2 ** min(exponent, 62) if value[0] & 0x80 else 10 ** min(exponent, 18)
        elif code == 14 and len(value) == 8:
            offset_s = max(-9_000_000_000, min(9_000_000_000, struct.unpack(order + "q", value)[0]))
        position += 4 + (size + 3) // 4 * 4
    return ticks, offset_s


@reader(
    title="pcapng capture",
    tables=("network_traffic", "network_packet", "network_activity", "http_activity"),
    claims=_claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read packets into per-second series, flows, a sample, web requests and, where they carry them, exported flows."""
    return read_capture(stream, PcapngWalker(), evidence_id=evidence_id, report=report)
