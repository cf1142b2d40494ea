"""From a capture to tables: chunks are indexed in order, then counted on all cores.

Two kernels run over each chunk (``_packets.py``). The series kernel works on chunks in any order, since its rows add up; the
flow kernel goes through them in order. A chunk's result depends on its bytes alone, never on the number of cores, so that the
same evidence gives the same rows everywhere.
"""

import os
import socket
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, _packets
from tocsin.readers._flow_export import Exporters, looks_like_export
from tocsin.readers._packets import KINDS
from tocsin.readers._rows import batches
from tocsin.schema import HTTP_ACTIVITY, NETWORK_ACTIVITY, NETWORK_PACKET, NETWORK_TRAFFIC

CHUNK_BYTES = 8 << 20
RECORD_BYTES_MAX = 1 << 20  # the largest packet any tool writes is 256 KiB
INDEX_RECORDS = 1 << 17
CELLS, FLOWS, PICKED = 1 << 17, 1 << 18, 1 << 13
SAMPLE_ROWS = 4096
FLOW_ROWS = 1 << 14
FOLD_DESTINATIONS = 16_384
FOLD_PACKETS = 8
FOLD_SOURCES = 65_536  # a quarter of it where there are more flows than MANY_FLOWS: nobody reads them, and every question pays
MANY_FLOWS = 131_072
FLOW_IDLE_NS = 120 * _packets.SECOND_NS
HTTP_ROWS_MAX = 300_000
TIME_NS_MAX = 9_000_000_000 * _packets.SECOND_NS
FOLDED_V4, FOLDED_V6 = -16, -32  # in the high and the low word; outside 2000::/3, and an interface identifier nobody assigns

Array = np.ndarray[Any, Any]

# How the columns of flows that are joined come together.
_JOINED: dict[int, np.ufunc] = {
    _packets.F_FIRST: np.minimum,
    _packets.F_LAST: np.maximum,
    _packets.F_PACKETS: np.add,
    _packets.F_BYTES: np.add,
    _packets.F_FRAMES: np.add,
    _packets.F_PACKETS_IN: np.add,
    _packets.F_BYTES_IN: np.add,
    _packets.F_FRAMES_IN: np.add,
    _packets.F_FLAGS: np.bitwise_or,
    _packets.F_OFFSET: np.minimum,
}
_MIXERS = np.array([0x2545F4914F6CDD1D, 0x369DEA0F31A53F85, 0x1B873593CC9E2D51, 0x9E3779B97F4A7C1, 0x5851F42D4C957F2D])


@dataclass(frozen=True, slots=True)
class Segment:
    """Indexed records of one buffer. ``base`` is the evidence's byte at the buffer's first."""

    buffer: Array
    base: int
    offsets: Array
    times: Array
    captured: Array
    originals: Array
    links: Array

    @property
    def index(self) -> tuple[Array, ...]:
        return self.buffer, self.offsets, self.times, self.captured, self.originals, self.links

    def __len__(self) -> int:
        return len(self.offsets)


class Walker(Protocol):
    """Knows one capture file format.

    ``start(buffer, stop)`` reads the file header and gives the position after it. ``walk(buffer, start, stop, index)`` fills the
    index and gives ``(records, position, reason)``: a reason where there is damage at the position, None otherwise. ``resume``
    finds the next record after damage, -1 if there is none in the buffer.
    """

    def start(self, buffer: Array, stop: int) -> int: ...
    def walk(self, buffer: Array, start: int, stop: int, index: tuple[Array, ...]) -> tuple[int, int, str | None]: ...
    def resume(self, buffer: Array, start: int, stop: int) -> int: ...


def segments(stream: BinaryIO, walker: Walker, *, evidence_id: str, report: Report, held: int) -> Iterator[Segment]:
    """Read a capture chunk by chunk and index its records; damage is reported and stepped over.

    Args:
        held: Segments in use at the same time, the newest included. An older one's memory holds a newer one's records: fresh
            memory for each would cost a fifth of the time, and what the allocator keeps of it.
    """
    rooms = [np.empty(0, np.uint8) for _ in range(held + 1)]
    indexes = [np.empty((5, INDEX_RECORDS), np.int64) for _ in range(held + 1)]
    base, carry, failed = 0, np.empty(0, np.uint8), None
    first, said = True, -1
    while True:
        if len(rooms[0]) < CHUNK_BYTES + len(carry):
            rooms[0] = np.empty(CHUNK_BYTES + max(len(carry), RECORD_BYTES_MAX), np.uint8)
        buffer = rooms[0][: CHUNK_BYTES + len(carry)]
        buffer[: len(carry)] = carry
        stop, ended = len(carry), False
        try:
            while stop < len(buffer) and not ended:
                got = stream.readinto(memoryview(buffer)[stop:])  # type: ignore[attr-defined]
                stop, ended = stop + got, got == 0
        except EvidenceError as error:  # a cut or damaged compressed stream: what came before it counts
            failed, ended = error, True
        position = walker.start(buffer, stop) if first else 0
        first = False
        done, looked, yielded = False, 0, False
        while not done:
            index = tuple(indexes[0][:, : (stop - position) // 16 + 1])
            filled = 0
            # Damage ends no segment: a file with damage every few records would otherwise cost a segment's overhead each time.
            while filled < len(index[0]):
                count, position, damage = walker.walk(buffer, position, stop, tuple(column[filled:] for column in index))
                filled += count
                if not damage:
                    done = filled < len(index[0])
                    if not (done and ended and position < stop):
                        break
                    # Cut off, or its length is wrong and it seems to reach beyond the end: then there are others in it.
                    found = walker.resume(buffer, max(position + 1, looked), stop)
                    if found < 0:
                        break
                    reason = f"expected a record that ends before byte {base + stop}, found one that does not, and others in it"
                    report(Fault(evidence_id, base + position, reason))
                    position, looked, done = found, found + 1, False
                    continue
                new, said = base + position != said, base + position
                found, inner = -1, False
                if new:
                    report(Fault(evidence_id, said, damage))
                if new and filled:
                    # Often it is the record before whose length is wrong: what it swallowed is looked through as well. Once for
                    # each damage: what is found there may be no packet, and lead to this damage again.
                    before = index[0][filled - 1]
                    found = walker.resume(buffer, max(int(before), looked), stop)
                    inner = 0 <= found < before + index[2][filled - 1]
                    if inner:
                        index[2][filled - 1] = found - before
                if not inner and found <= position:
                    found = walker.resume(buffer, max(position + 1, looked), stop)
                if found < 0:  # look on from the next chunk; one record's length of this one may still be needed
                    position, done = stop if ended else max(position + 1, stop - RECORD_BYTES_MAX), True
                    break
                position, looked = found, found + 1
            if filled:
                offsets, times, captured, originals, links = (column[:filled] for column in index)
                np.clip(times, 0, TIME_NS_MAX, out=times)
                yield Segment(buffer, base, offsets, times, captured, originals, links)
                indexes.append(indexes.pop(0))
                yielded = True
        carry, base = buffer[position:stop].copy(), base + position
        if yielded:
            rooms.append(rooms.pop(0))
        if ended:
            if len(carry):
                report(Fault(evidence_id, base, f"the last record is cut off: {len(carry)} bytes are left of it"))
            if failed:
                raise failed
            return


def read_capture(
    stream: BinaryIO, walker: Walker, *, evidence_id: str, report: Report, threads: int | None = None
) -> Iterator[Batch]:
    """Read a capture into network_traffic, network_packet, network_activity and http_activity."""
    threads = threads or len(os.sched_getaffinity(0))
    flows = _Flows(evidence_id, report)
    seen_links: set[int] = set()

    def work(segment: Segment) -> Iterator[Future[Iterable[Batch]]]:
        yield pool.submit(_series, segment, evidence_id)
        yield in_order.submit(flows.add, segment)

    with ThreadPoolExecutor(threads) as pool, ThreadPoolExecutor(1) as in_order:
        waiting: deque[Future[Iterable[Batch]]] = deque()
        failed: EvidenceError | None = None
        try:
            for segment in segments(stream, walker, evidence_id=evidence_id, report=report, held=threads):
                for link in set(np.unique(segment.links).tolist()) - seen_links:
                    seen_links.add(link)
                    if link not in _packets.LINK_TYPES:
                        reason = f"link type {link} is not one we decode: its packets are counted, not looked into"
                        report(Fault(evidence_id, segment.base + int(segment.offsets[0]), reason))
                waiting.extend(work(segment))
                while len(waiting) > 2 * threads:
                    yield from waiting.popleft().result()
        except EvidenceError as error:  # what came before it counts
            failed = error
        while waiting:
            yield from waiting.popleft().result()
        yield from flows.finish()
        if failed:
            raise failed


def traffic_series(stream: BinaryIO, walker: Walker, *, threads: int) -> Iterator[pa.RecordBatch]:
    """Only the per-destination series of a capture: the fast pass by itself, for benchmarks."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Iterable[Batch]]] = deque()
        for segment in segments(stream, walker, evidence_id="", report=lambda fault: None, held=threads):
            waiting.append(pool.submit(_series, segment, "", with_sample=False))
            while len(waiting) > threads:
                yield from (batch.rows for batch in waiting.popleft().result())
        while waiting:
            yield from (batch.rows for batch in waiting.popleft().result())


def _series(segment: Segment, evidence_id: str, with_sample: bool = True) -> list[Batch]:
    shift = 0
    while len(segment) >> shift > 2 * SAMPLE_ROWS:
        shift += 1
    mask = (1 << shift) - 1 if with_sample else (1 << 62) - 1
    room = min(CELLS, len(segment))
    cells, slots = np.empty((room + 1, 7), np.int64), np.full(1 << (2 * room).bit_length(), -1, np.int32)
    sample = np.empty((4 * SAMPLE_ROWS + 1, 17), np.int64)
    sample[-1, 0] = 0
    out, done = [], 0
    while done < len(segment):
        cells[-1, 0] = 0
        done = _packets.series(*segment.index, done, len(segment), segment.base, slots, cells, sample, mask)
        out.append(_traffic_batch(cells[: cells[-1, 0]], evidence_id))
        if done < len(segment):
            slots.fill(-1)
    if with_sample:
        out.append(_packet_batch(sample[: sample[-1, 0]], len(segment), evidence_id))
    return out


def _traffic_batch(cells: Array, evidence_id: str) -> Batch:
    cells = _fold_destinations(cells)
    kinds, seconds = cells[:, 2] & 255, cells[:, 2] >> 8
    columns = {
        "time": _timestamps(seconds * 1_000_000),
        "dst_endpoint_ip": addresses(cells[:, 0], cells[:, 1]),
        "packet_kind": _kinds(kinds),
        "traffic_packets": pa.array(cells[:, 3]),
        "traffic_bytes": pa.array(cells[:, 4]),
        "frame_bytes": pa.array(cells[:, 5]),
        "record_offset": pa.array(cells[:, 6]),
    }
    return _batch(NETWORK_TRAFFIC.name, NETWORK_TRAFFIC.arrow, columns, evidence_id)


def _fold_destinations(cells: Array) -> Array:
    """Where a chunk has very many destinations, join those with a few packets each into their /16 (IPv6: /32).

    Replies of a flooded server to forged sources would otherwise give one row a packet.
    """
    if len(cells) <= FOLD_DESTINATIONS:
        return cells
    keys = cells[:, 1] ^ (cells[:, 0] * 31)
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    if len(counts) <= FOLD_DESTINATIONS:
        return cells
    small = np.bincount(group, weights=cells[:, 3])[group] < FOLD_PACKETS
    light, heavy = cells[small].copy(), cells[~small]
    _to_prefix(light, 0, 1)
    order = np.lexsort((light[:, 2], light[:, 1], light[:, 0]))
    light = light[order]
    starts = np.flatnonzero(np.r_[True, np.any(light[1:, :3] != light[:-1, :3], axis=1)])
    folded = light[starts]
    folded[:, 3:6] = np.add.reduceat(light[:, 3:6], starts, axis=0)
    folded[:, 6] = np.minimum.reduceat(light[:, 6], starts)
    return np.concatenate([heavy, folded])


def _to_prefix(rows: Array, high: int, low: int) -> None:
    """Put the /16 of IPv4 addresses, the /32 of IPv6 addresses in their place, marked as ``addresses`` knows it; none stays none."""
    v4 = (rows[:, high] == 0) & (rows[:, low] >> 32 == 0xFFFF)
    v6 = ~v4 & ((rows[:, high] != 0) | (rows[:, low] != 0))
    rows[v4, low] &= ~0xFFFF
    rows[v4, high] = FOLDED_V4
    rows[v6, high] &= ~0xFFFFFFFF
    rows[v6, low] = FOLDED_V6


def _packet_batch(sample: Array, records: int, evidence_id: str) -> Batch:
    weight = max(1, round(records / len(sample))) if len(sample) else 1
    is_ip = sample[:, _packets.S_PROTOCOL] >= 0
    nothing = ~is_ip

    def column(number: int, absent: Array | None = None) -> pa.Array:
        values = sample[:, number]
        return pa.array(values.astype(np.int32), mask=values < 0 if absent is None else absent)

    columns = {
        "time": _timestamps(sample[:, _packets.S_TIME] // 1000),
        "src_endpoint_ip": addresses(sample[:, _packets.S_SRC_HI], sample[:, _packets.S_SRC_LO]),
        "src_endpoint_port": column(_packets.S_SPORT),
        "dst_endpoint_ip": addresses(sample[:, _packets.S_DST_HI], sample[:, _packets.S_DST_LO]),
        "dst_endpoint_port": column(_packets.S_DPORT),
        "connection_info_protocol_num": column(_packets.S_PROTOCOL),
        "packet_kind": _kinds(sample[:, _packets.S_KIND]),
        "tcp_flags": column(_packets.S_FLAGS),
        "tcp_window": column(_packets.S_WINDOW),
        "icmp_type": column(_packets.S_ICMP),
        "ttl": column(_packets.S_TTL),
        "length_bytes": column(_packets.S_LENGTH, nothing),
        "payload_bytes": column(_packets.S_PAYLOAD, nothing),
        "fragment": pa.array(sample[:, _packets.S_FRAGMENT] != 0),
        "weight": pa.array(np.full(len(sample), weight, np.int64)),
        "record_offset": pa.array(sample[:, _packets.S_OFFSET]),
    }
    return _batch(NETWORK_PACKET.name, NETWORK_PACKET.arrow, columns, evidence_id)


@dataclass
class _Flows:
    """The flow table of one capture, and what was picked out of payloads on the way."""

    evidence_id: str
    report: Report
    table: Array = field(default_factory=lambda: np.empty((FLOWS + 1, 16), np.int64))
    slots: Array = field(default_factory=lambda: np.full(4 * FLOWS, -1, np.int32))
    sources: dict[int, int] = field(default_factory=dict)
    http_rows: int = 0

    def __post_init__(self) -> None:
        self.table[-1, 0] = 0
        self.exporters = Exporters(self.evidence_id, self.report)

    def add(self, segment: Segment) -> Iterable[Batch]:
        out: list[Iterable[Batch]] = []
        picked = np.zeros((PICKED + 1, 2), np.int64)
        done = 0
        while done < len(segment):
            picked[-1, 0] = 0
            done = _packets.flows(
                *segment.index, done, len(segment), segment.base, self.slots, self.table, FLOW_IDLE_NS, picked
            )
            out.append(list(batches(self._payloads(segment, picked[: picked[-1, 0]]), evidence_id=self.evidence_id)))
            if self.table[-1, 0] >= FLOWS:
                out.append(self._flush())
        return chain.from_iterable(out)

    def finish(self) -> Iterable[Batch]:
        rest = batches(((NETWORK_ACTIVITY.name, row) for row in self.exporters.finish()), evidence_id=self.evidence_id)
        return [*self._flush(), *rest]

    def _flush(self) -> Iterator[Batch]:
        rows = self.table[: self.table[-1, 0]]
        folded, kept = self._fold_sources(rows)
        self.table[-1, 0] = 0
        self.slots.fill(-1)
        # Made when they are taken, a part at a time: as columns they are larger than the table.
        return (
            _flow_batch(part[start : start + FLOW_ROWS], self.evidence_id, part is folded)
            for part in (kept, folded)
            for start in range(0, len(part), FLOW_ROWS)
        )

    def _fold_sources(self, rows: Array) -> tuple[Array, Array]:
        """Split off unanswered flows and open handshakes of destinations that had more of them than anyone can read, by source /16."""
        protocol = (rows[:, _packets.F_PORTS] >> 1) & 255
        few = (rows[:, _packets.F_PACKETS] <= 5) & (rows[:, _packets.F_PACKETS_IN] <= 5)
        # Nobody answered, or a handshake was answered and left open: SYN without ACK from the client.
        opened = (protocol == 6) & (rows[:, _packets.F_FLAGS] & 0x12 == 0x02)
        lonely = np.flatnonzero(few & ((rows[:, _packets.F_PACKETS_IN] == 0) | opened))
        high, low = rows[lonely, _packets.F_DST_HI], rows[lonely, _packets.F_DST_LO]
        keys = high * 1_000_003 ^ low * 511 ^ protocol[lonely]  # one for each IPv4 destination and protocol
        fold = np.zeros(len(rows), bool)
        # Number each lonely flow within its destination, counting on from earlier flushes; the first 65,536 are kept one by one.
        if len(keys):
            order = np.argsort(keys, kind="stable")
            starts = np.flatnonzero(np.r_[True, np.diff(keys[order]) != 0])
            sizes = np.diff(np.r_[starts, len(order)])
            groups = keys[order[starts]].tolist()
            before = np.array([self.sources.get(group, 0) for group in groups]) if self.sources else np.zeros_like(sizes)
            rank = np.arange(len(order)) - np.repeat(starts - before, sizes)
            most = FOLD_SOURCES if len(rows) <= MANY_FLOWS else FOLD_SOURCES // 4
            fold[lonely[order[rank >= most]]] = True
            # Light destinations never come near the limit: not worth remembering.
            self.sources |= {groups[i]: int(before[i] + sizes[i]) for i in np.flatnonzero(before + sizes > 64)}
        folded = np.flatnonzero(fold)
        if not len(folded):
            return rows[:0], rows.copy()
        light = rows[folded, : _packets.F_PORTS + 1]  # who and whom; the rest of a row is summed where it lies
        _to_prefix(light, _packets.F_SRC_HI, _packets.F_SRC_LO)
        # Of the ports only an amplifier's stays: it says what the packets are. The lowest bit says whether there were any.
        ports = light[:, _packets.F_PORTS]
        source_port, udp = (ports >> 32) & 0xFFFF, ((ports >> 1) & 255) == 17
        service = np.where(udp & (_packets.SERVICE_OF_PORT[source_port] > 0), source_port, 0)
        light[:, _packets.F_PORTS] = (ports & 0x1FF) | (service << 32)
        # Sorted by one mixed word, not by five: where two of them collide, a prefix has two rows instead of one.
        order = np.argsort(light @ _MIXERS, kind="stable")
        light, folded = light[order], folded[order]
        starts = np.flatnonzero(np.r_[True, np.any(light[1:] != light[:-1], axis=1)])
        joined = rows[folded[starts]]
        joined[:, : light.shape[1]] = light[starts]
        for column, join in _JOINED.items():
            joined[:, column] = join.reduceat(rows[folded, column], starts)
        return joined, rows[~fold]

    def _payloads(self, segment: Segment, picked: Array) -> Iterator[tuple[str, dict[str, Any]]]:
        for record, where in picked.tolist():
            offset, end = segment.base + int(segment.offsets[record]), int(segment.offsets[record] + segment.captured[record])
            headers = _packets.parse(
                segment.buffer,
                segment.offsets[record],
                segment.captured[record],
                segment.originals[record],
                segment.links[record],
            )
            time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(segment.times[record]) // 1000)
            if where < 0:
                payload = segment.buffer[-where : min(end, -where + int(headers[14]))].tobytes()
                if looks_like_export(payload):
                    exporter = _address(headers[1], headers[2])
                    for row in self.exporters.decode(payload, exporter=exporter, offset=segment.base - where, received=time):
                        yield NETWORK_ACTIVITY.name, row
                continue
            self.http_rows += 1
            if self.http_rows <= HTTP_ROWS_MAX:
                yield (
                    HTTP_ACTIVITY.name,
                    {
                        "time": time,
                        "src_endpoint_ip": _address(headers[1], headers[2]),
                        "dst_endpoint_ip": _address(headers[3], headers[4]),
                        "dst_endpoint_port": int(headers[6]),
                        "record_offset": offset,
                    }
                    | _http_request(segment.buffer[where : min(end, where + 4096)].tobytes()),
                )
            elif self.http_rows == HTTP_ROWS_MAX + 1:
                reason = f"more than {HTTP_ROWS_MAX:,} web requests: from here on they are counted, not listed"
                self.report(Fault(self.evidence_id, offset, reason))


def _http_request(payload: bytes) -> dict[str, Any]:
    lines = payload.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[:100]
    method, _, rest = lines[0].decode("utf-8", "replace").partition(" ")
    path, _, query = rest.rpartition(" HTTP/")[0].partition("?") if " HTTP/" in rest else (rest.strip(), "", "")
    headers = {
        name.strip().lower(): value.strip().decode("utf-8", "replace")
        for name, _, value in (x.partition(b":") for x in lines[1:])
    }
    return {
        "http_request_http_method": method,
        "http_request_url_path": path,
        "http_request_url_query_string": query or None,
        "http_request_url_hostname": headers.get(b"host"),
        "http_request_user_agent": headers.get(b"user-agent"),
        "http_request_referrer": headers.get(b"referer"),
    }


def _flow_batch(rows: Array, evidence_id: str, folded: bool) -> Batch:
    ports, flags = rows[:, _packets.F_PORTS], rows[:, _packets.F_FLAGS]
    protocol = (ports >> 1) & 255
    without_ports, not_tcp = (ports & 1) == 0, protocol != 6
    if folded:  # ports that differ are null; 0 where there were none, as flow exporters write it
        without_ports = ~without_ports & ((ports >> 16) == 0)
    icmp = (flags >> 16) & 0xFFFF
    incoming = rows[:, _packets.F_PACKETS_IN]

    def number(values: Array, absent: Array) -> pa.Array:
        return pa.array(values.astype(np.int32), mask=absent)

    columns = {
        "time": _timestamps(rows[:, _packets.F_FIRST] // 1000),
        "end_time": _timestamps(rows[:, _packets.F_LAST] // 1000),
        "src_endpoint_ip": addresses(rows[:, _packets.F_SRC_HI], rows[:, _packets.F_SRC_LO]),
        "src_endpoint_port": number((ports >> 32) & 0xFFFF, without_ports),
        "dst_endpoint_ip": addresses(rows[:, _packets.F_DST_HI], rows[:, _packets.F_DST_LO]),
        "dst_endpoint_port": number((ports >> 16) & 0xFFFF, without_ports | (folded & (ports >> 32 != 0))),
        "connection_info_protocol_num": pa.array(protocol.astype(np.int32)),
        "connection_info_tcp_flags": number(flags & 255, not_tcp),
        "connection_info_tcp_flags_in": number((flags >> 8) & 255, not_tcp),
        "icmp_type": number(icmp - 1, (icmp == 0) | folded),
        "traffic_packets_out": pa.array(rows[:, _packets.F_PACKETS]),
        "traffic_bytes_out": pa.array(rows[:, _packets.F_BYTES]),
        "traffic_packets_in": pa.array(incoming),
        "traffic_bytes_in": pa.array(rows[:, _packets.F_BYTES_IN]),
        "frame_bytes_out": pa.array(rows[:, _packets.F_FRAMES]),
        "frame_bytes_in": pa.array(rows[:, _packets.F_FRAMES_IN]),
        "sampling_rate": pa.array(np.ones(len(rows), np.int32)),
        "record_offset": pa.array(rows[:, _packets.F_OFFSET]),
    }
    return _batch(NETWORK_ACTIVITY.name, NETWORK_ACTIVITY.arrow, columns, evidence_id)


def _batch(table: str, schema: pa.Schema, columns: dict[str, pa.Array], evidence_id: str) -> Batch:
    rows = len(columns["record_offset"])
    columns["evidence_id"] = pa.repeat(pa.scalar(evidence_id), rows)
    return Batch(
        table,
        pa.RecordBatch.from_arrays(
            [columns[f.name] if f.name in columns else pa.nulls(rows, f.type) for f in schema], schema=schema
        ),
    )


def _timestamps(micros: Array) -> pa.Array:
    return pa.array(micros).view(pa.timestamp("us", tz="UTC"))


_KIND_WORDS = pa.array(KINDS)


def _kinds(numbers: Array) -> pa.Array:
    return _KIND_WORDS.take(pa.array(numbers))


def _address(high: int, low: int) -> str:
    if high == 0 and low >> 32 == 0xFFFF:
        return socket.inet_ntoa(struct.pack(">I", low & 0xFFFFFFFF))
    return socket.inet_ntop(socket.AF_INET6, struct.pack(">qq", high, low))


def addresses(high: Array, low: Array) -> pa.Array:
    """Text of addresses held in two words: IPv4 where mapped, ``a.b.0.0/16`` and ``x::/32`` where folded, null where 0."""
    mapped = low >> 32 == 0xFFFF
    v4, folded4 = mapped & (high == 0), mapped & (high == FOLDED_V4)
    dotted = v4 | folded4
    offsets, text = np.empty(len(low) + 1, np.int32), np.empty(18 * len(low), np.uint8)
    used = _packets.dotted(np.ascontiguousarray(low), dotted, folded4, offsets, text)
    validity = None if dotted.all() else pa.py_buffer(np.packbits(dotted, bitorder="little"))
    out = pa.StringArray.from_buffers(len(low), pa.py_buffer(offsets), pa.py_buffer(text[:used]), validity)
    v6 = ~dotted & ((high != 0) | (low != 0))
    if v6.any():
        pairs, which = np.unique(np.stack([high[v6], low[v6]], axis=1), axis=0, return_inverse=True)
        texts = pa.array([_address_or_prefix(h, x) for h, x in pairs.tolist()])
        out = pc.replace_with_mask(out, pa.array(v6), texts.take(pa.array(which.ravel())))
    return out


def _address_or_prefix(high: int, low: int) -> str:
    folded = low == FOLDED_V6 and high & 0xFFFFFFFF == 0
    return _address(high, 0) + "/32" if folded else _address(high, low)
