"""Reads evidence in worker processes: a hostile file costs at most its own result.

A worker takes one item after another. If it dies, hangs or asks for too much memory, that item is marked failed with the reason
and a fresh worker goes on with the next.
"""

import multiprocessing
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, BinaryIO

from tocsin import __version__
from tocsin.errors import EvidenceError
from tocsin.intake import Item
from tocsin.model import EvidenceCoverage, Fault
from tocsin.readers import Reader, identify
from tocsin.store import FORMAT, Case, TableWriter
from tocsin.terms import ReadStatus

FAULT_SAMPLES = 20
MEMORY_BYTES_MAX = 6 << 30
SILENT_S_MAX = 120.0
TICK_S = 0.2

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item. ``error`` is set where the run as a whole cannot go on (a full disk)."""

    coverage: EvidenceCoverage
    error: OSError | None = None


def record_key(reader: Reader | None) -> str:
    """What a kept record depends on beside the evidence: read again when one of these changes."""
    return f"{__version__}/{FORMAT}/{reader.id if reader else '-'}/{reader.version if reader else '-'}"


def read_item(case: Case, item: Item, progress: Progress = lambda name, position: None) -> Outcome:
    """Read one item into the case and write its record. Everything its content can cause ends up in the coverage."""
    evidence = item.evidence
    base = {"evidence_id": evidence.id, "name": evidence.name, "sha256": evidence.sha256, "size_bytes": evidence.size_bytes}
    try:
        reader = identify(item.head(), evidence.name)
    except EvidenceError as error:
        return Outcome(EvidenceCoverage(**base, reader=None, status=ReadStatus.FAILED, reason=str(error)))
    if reader is None:
        reason = "no reader knows this format; tocsin readers lists those that are known"
        return Outcome(EvidenceCoverage(**base, reader=None, status=ReadStatus.SKIPPED, reason=reason))
    kept = case.record(evidence.id, record_key(reader))
    if kept:
        return Outcome(replace(kept, name=evidence.name))
    faults: list[Fault] = []
    count = 0

    def report(fault: Fault) -> None:
        nonlocal count
        count += 1
        if len(faults) < FAULT_SAMPLES:
            faults.append(fault)

    writer = TableWriter(case, evidence.id)
    reason = ""
    status = ReadStatus.READ
    try:
        with item.open() as stream:
            watched = _Watched(stream)
            for batch in reader.read(watched, evidence_id=evidence.id, report=report):
                writer.add(batch, reader.tables)
                progress(evidence.name, watched.position)
        writer.commit()
    except EvidenceError as error:
        writer.commit()
        status, reason = (ReadStatus.PARTIAL if writer.rows else ReadStatus.FAILED), str(error)
    except OSError as error:
        writer.abandon()
        failed = EvidenceCoverage(**base, reader=reader.id, status=ReadStatus.FAILED, reason=str(error))
        return Outcome(failed, error)
    except Exception:  # the plugin boundary: whatever a reader raises costs this evidence alone  # noqa: BLE001
        writer.abandon()
        reason = f"reader {reader.id} failed: {traceback.format_exc(limit=-3).strip().splitlines()[-1]}"
        writer.rows = {}
        status = ReadStatus.FAILED
    if status is ReadStatus.READ and count:
        status, reason = ReadStatus.PARTIAL, f"{count:,} records could not be read" if count > 1 else faults[0].reason
    found = EvidenceCoverage(
        **base, reader=reader.id, status=status, rows=writer.rows, faults=count, fault_samples=tuple(faults), reason=reason
    )
    if status is not ReadStatus.FAILED:
        case.write_record(found, record_key(reader))
    return Outcome(found)


class _Watched:
    """A stream that tells how far it was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.position += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        got = self._stream.readinto(buffer)  # type: ignore[attr-defined]
        self.position += got
        return int(got)

    def readline(self, size: int = -1) -> bytes:
        data = self._stream.readline(size)
        self.position += len(data)
        return data

    def __iter__(self) -> Iterator[bytes]:
        for line in self._stream:
            self.position += len(line)
            yield line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _worker(channel: Connection, folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    case, last = Case(folder), 0.0

    def progress(name: str, position: int) -> None:
        nonlocal last
        if time.monotonic() - last > TICK_S:
            last = time.monotonic()
            channel.send(("progress", name, position))

    while (item := channel.recv()) is not None:
        channel.send(("outcome", read_item(case, item, progress)))


@dataclass
class _Seat:
    """One worker and what it is busy with."""

    process: Any
    channel: Connection
    item: Item | None = None
    heard: float = 0.0


def read_all(
    case: Case, items: Iterator[Item], *, workers: int | None = None, progress: Progress = lambda name, position: None
) -> Iterator[Outcome]:
    """Read items on several processes; outcomes come as they end, in no fixed order.

    Args:
        items: Pulled one by one, as workers get free.
        workers: Processes; all cores if None.
        progress: Told ``(evidence name, unwrapped bytes read)`` now and then.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tocsin.pipeline.preload"])
    seats: list[_Seat] = []
    most = workers or len(os.sched_getaffinity(0))
    source, more = iter(items), True
    try:
        while True:
            while more and sum(seat.item is not None for seat in seats) < most:
                item = next(source, None)
                if item is None:
                    more = False
                    break
                seat = next((seat for seat in seats if not seat.item), None) or _seat(context, case.folder, seats)
                seat.item, seat.heard = item, time.monotonic()
                seat.channel.send(item)
            busy = [seat for seat in seats if seat.item]
            if not busy and not more:
                return
            ready = wait([seat.channel for seat in busy], timeout=1.0)
            for seat in busy:
                if seat.channel in ready:
                    outcome = _hear(seat, progress)
                elif time.monotonic() - seat.heard > SILENT_S_MAX:
                    outcome = _lost(seat, f"no progress for {SILENT_S_MAX:.0f} s: given up")
                else:
                    continue
                if outcome:
                    if seat.process.exitcode is not None or not seat.process.is_alive():
                        seats.remove(seat)
                    yield outcome
    finally:
        for seat in seats:
            if seat.item:
                seat.process.kill()
            else:
                seat.channel.send(None)
            seat.process.join(5)


def _seat(context: Any, folder: Path, seats: list[_Seat]) -> _Seat:
    ours, theirs = context.Pipe()
    process = context.Process(target=_worker, args=(theirs, folder), daemon=True)
    process.start()
    theirs.close()
    seats.append(_Seat(process, ours))
    return seats[-1]


def _hear(seat: _Seat, progress: Progress) -> Outcome | None:
    try:
        message = seat.channel.recv()
    except (EOFError, ConnectionError):
        seat.process.join(5)
        return _lost(seat, f"the reading process died (exit code {seat.process.exitcode})")
    seat.heard = time.monotonic()
    if message[0] == "progress":
        progress(message[1], message[2])
        return None
    seat.item = None
    outcome: Outcome = message[1]
    return outcome


def _lost(seat: _Seat, reason: str) -> Outcome:
    seat.process.kill()
    seat.process.join(5)
    assert seat.item is not None, "only a busy seat can lose its item"
    evidence, seat.item = seat.item.evidence, None
    return Outcome(
        EvidenceCoverage(
            evidence.id, evidence.name, evidence.sha256, evidence.size_bytes, None, ReadStatus.FAILED, reason=reason
        )
    )
