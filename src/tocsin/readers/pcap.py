"""pcap captures: both byte orders, microseconds and nanoseconds. Source: draft-ietf-opsawg-pcap."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, _packets, reader
from tocsin.readers._capture import RECORD_BYTES_MAX, Array, read_capture

# Magic, little-endian reading: (nanoseconds a tick, 24-byte record headers)
_MAGIC = {0xA1B2C3D4: (1000, False), 0xA1B23C4D: (1, False), 0xA1B2CD34: (1000, True)}

YEAR_S = 31_536_000
ANY_TIME_S = 1_850_000_000, 1_850_000_000, 1_000_000_000  # 1996 to 2060: where no record has been read to tell it closer


def _format(head: bytes) -> tuple[bool, int, bool] | None:
    for swapped, order in ((True, "<I"), (False, ">I")):
        known = _MAGIC.get(struct.unpack_from(order, head)[0]) if len(head) >= 4 else None
        if known:
            return (swapped, *known)
    return None


class PcapWalker:
    """Walks pcap records; see ``_capture.Walker``."""

    def start(self, buffer: Array, stop: int) -> int:
        found = _format(bytes(buffer[: min(stop, 4)]))
        if found is None:
            raise EvidenceError(
                f"at byte 0: expected a pcap magic number, found {bytes(buffer[: min(4, stop)]).hex(' ') or 'nothing'}"
            )
        if stop < 24:
            raise EvidenceError(f"at byte 0: expected a pcap header of 24 bytes, found {stop} bytes: the file is cut off")
        self.swapped, self.tick_ns, self.long_header = found
        self.link = struct.unpack_from("<I" if self.swapped else ">I", bytes(buffer[20:24]))[0] & 0xFFFF
        self.seen_s: tuple[int, int] | None = None
        return 24

    def walk(self, buffer: Array, start: int, stop: int, index: tuple[Array, ...]) -> tuple[int, int, str | None]:
        offsets, times, captured, originals, links = index
        count, position, damaged = _packets.walk_pcap(
            buffer,
            start,
            stop,
            self.swapped,
            self.long_header,
            self.tick_ns,
            RECORD_BYTES_MAX,
            offsets,
            times,
            captured,
            originals,
        )
        links[:count] = self.link
        if count:
            first_s, last_s = (int(time) // _packets.SECOND_NS for time in (times[0], times[count - 1]))
            self.seen_s = (self.seen_s[0] if self.seen_s else first_s, last_s)
        if not damaged:
            return count, position, None
        found = bytes(buffer[position : position + 16]).hex(" ")
        return count, position, f"expected a packet record, found {found}: skipped to the next plausible record"

    def resume(self, buffer: Array, start: int, stop: int) -> int:
        near = (*self.seen_s, YEAR_S) if self.seen_s else ANY_TIME_S
        form = self.swapped, self.long_header, self.tick_ns
        return int(_packets.find_record(buffer, start, stop, *form, RECORD_BYTES_MAX, *near))


@reader(
    title="pcap capture",
    tables=("network_traffic", "network_packet", "network_activity", "http_activity"),
    claims=lambda head, name: _format(head) is not None,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read packets into per-second series, flows, a sample, web requests and, where they carry them, exported flows."""
    return read_capture(stream, PcapWalker(), evidence_id=evidence_id, report=report)
