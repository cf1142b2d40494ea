"""Reads evidence in worker processes: a hostile file costs at most its own result.

A worker takes one item after another. If it dies, hangs or asks for too much memory, that item is marked failed with the reason
and a fresh worker goes on with the next.
"""

import fcntl
import multiprocessing
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, BinaryIO

from tocsin import __version__
from tocsin.errors import CaseError, EvidenceError
from tocsin.intake import Item
from tocsin.model import EvidenceCoverage, Fault
from tocsin.model.text import count
from tocsin.processes import start_server
from tocsin.readers import Reader, identify
from tocsin.store import FORMAT, Case, TableWriter
from tocsin.terms import ReadStatus

FAULT_SAMPLES = 20
TICK_S = 0.2
_REASON_CHARACTERS_MAX = 500

Progress = Callable[[str, int], None]
Identify = Callable[[bytes, str], Reader | None]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a worker is granted: address space, and how long it may read nothing and yield nothing."""

    memory_bytes: int = 6 << 30
    silent_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item. ``error`` is set where the run as a whole cannot go on (a full disk)."""

    coverage: EvidenceCoverage
    error: CaseError | None = None


def record_key(reader: Reader) -> str:
    """What a kept record depends on beside the evidence: read again when one of these changes."""
    return f"{__version__}/{FORMAT}/{reader.id}/{reader.version}"


def _silent(name: str, position: int) -> None: ...


def read_item(case: Case, item: Item, progress: Progress = _silent, *, identify: Identify = identify) -> Outcome:
    """Read one item into the case and write its record. Everything its content can cause ends up in the coverage.

    Args:
        case: Where tables and record are written.
        item: From intake.
        progress: Told ``(evidence name, unwrapped bytes read)`` often.
        identify: Finds the reader of a head and a name.
    """
    nothing = _coverage(item, ReadStatus.FAILED)
    try:
        reader = identify(item.head(), item.evidence.name)
    except EvidenceError as error:
        return Outcome(replace(nothing, reason=str(error)))
    except Exception as error:  # the plugin boundary: whatever a claim raises costs this evidence alone  # noqa: BLE001
        return Outcome(replace(nothing, reason=f"a reader failed while looking at it: {_where(error)}"))
    if reader is None:
        reason = "no reader knows this format; tocsin readers lists those that are known"
        return Outcome(replace(nothing, status=ReadStatus.SKIPPED, reason=reason))
    kept = case.record(item.evidence.id, record_key(reader))
    if kept:
        return Outcome(replace(kept, name=item.evidence.name))
    writer = TableWriter(case, item.evidence.id)
    try:
        found = _fill(writer, reader, item, progress)
        writer.commit()
        found = replace(found, rows=dict(writer.rows))
        if found.status is not ReadStatus.FAILED:
            case.write_record(found, record_key(reader))
        return Outcome(found)
    except CaseError as error:
        writer.abandon()
        return Outcome(replace(nothing, reader=reader.id, reason=str(error)), error)


def _coverage(item: Item, status: ReadStatus) -> EvidenceCoverage:
    evidence = item.evidence
    return EvidenceCoverage(evidence.id, evidence.name, evidence.sha256, evidence.size_bytes, None, status)


def _fill(writer: TableWriter, reader: Reader, item: Item, progress: Progress) -> EvidenceCoverage:
    """Run the reader into the writer. Raises CaseError where the case cannot be written."""
    faults: list[Fault] = []
    found = 0

    def report(fault: Fault) -> None:
        nonlocal found
        found += 1
        if len(faults) < FAULT_SAMPLES:
            faults.append(fault)

    status, reason = ReadStatus.READ, ""
    try:
        with item.open() as stream:
            watched = Watched(stream, partial(progress, item.evidence.name))
            for batch in reader.read(watched, evidence_id=item.evidence.id, report=report):  # type: ignore[arg-type]
                writer.add(batch, reader.tables)
                progress(item.evidence.name, watched.position)
    except CaseError:
        raise
    except EvidenceError as error:
        status, reason = (ReadStatus.PARTIAL if writer.rows else ReadStatus.FAILED), str(error)
    except Exception as error:  # the plugin boundary: whatever a reader raises costs this evidence alone  # noqa: BLE001
        writer.abandon()
        status, reason = ReadStatus.FAILED, f"reader {reader.id} failed: {_where(error)}"
    if status is ReadStatus.READ and found:
        status, reason = ReadStatus.PARTIAL, f"{count(found)} records could not be read" if found > 1 else faults[0].reason
    return replace(_coverage(item, status), reader=reader.id, faults=found, fault_samples=tuple(faults), reason=reason)


def _where(error: Exception) -> str:
    """The last line of a traceback, and the line of code it came from."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = "".join(traceback.format_exception_only(error)).strip()
    return f"{said[:_REASON_CHARACTERS_MAX]} ({Path(place.filename).name}:{place.lineno})"


class Watched:
    """A stream that tells how far it was read, each time a block is."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None]) -> None:
        self._stream = stream
        self._tell = tell
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._moved(len(data))
        return data

    def readinto(self, buffer: Any) -> int:
        got = int(self._stream.readinto(buffer))  # type: ignore[attr-defined]
        self._moved(got)
        return got

    def _moved(self, size: int) -> None:
        self.position += size
        if size:  # who reads nothing but ends makes no progress
            self._tell(self.position)

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


Read = Callable[[Case, Item, Progress], Outcome]


def _worker(channel: Connection, folder: Path, read: Read, grant: Grant) -> None:
    _confine(grant)
    case, last = Case(folder), 0.0

    def progress(name: str, position: int) -> None:
        nonlocal last
        if time.monotonic() - last > TICK_S:
            last = time.monotonic()
            channel.send(("progress", name, position))

    try:
        while (item := channel.recv()) is not None:
            channel.send(("outcome", read(case, item, progress)))
    except (EOFError, ConnectionError):
        return  # nobody is there to tell


def _confine(grant: Grant) -> None:
    """No more memory than granted, no core files, no life without the parent; interrupts are for the parent to handle."""
    parent = multiprocessing.parent_process()
    assert parent is not None and parent.sentinel is not None, "only ever called in a worker"
    # The pipe that its parent holds open reports its end by a signal: it ends even compiled code that never looks up.
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    if not parent.is_alive():
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for what, most in ((resource.RLIMIT_AS, grant.memory_bytes), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


@dataclass
class _Seat:
    """One worker and what it is busy with."""

    process: Any
    channel: Connection
    item: Item | None = None
    heard: float = 0.0


def read_all(
    case: Case,
    items: Iterator[Item],
    *,
    workers: int | None = None,
    progress: Progress = _silent,
    read: Read = read_item,
    grant: Grant | None = None,
) -> Iterator[Outcome]:
    """Read items on several processes; outcomes come as they end, in no fixed order.

    Args:
        case: Where tables and records are written.
        items: Pulled one by one, as workers get free.
        workers: Processes; all cores if None.
        progress: Told ``(evidence name, unwrapped bytes read)`` now and then.
        read: What a worker does with an item; it travels by its name.
        grant: What a worker may take.
    """
    pool = _Pool(case.folder, read, grant or Grant())
    most = workers or len(os.sched_getaffinity(0))
    source, more = iter(items), True
    try:
        while True:
            while more and len(pool.busy()) < most:
                item = next(source, None)
                if item is None:
                    more = False
                else:
                    pool.give(item)
            if not pool.busy():
                return
            yield from pool.hear(progress)
    finally:
        pool.close()


class _Pool:
    """The workers of one run."""

    def __init__(self, folder: Path, read: Read, grant: Grant) -> None:
        self._context = start_server()
        self._folder, self._read, self._grant = folder, read, grant
        self._seats: list[_Seat] = []

    def busy(self) -> list[_Seat]:
        return [seat for seat in self._seats if seat.item]

    def give(self, item: Item) -> None:
        """Hand an item to an idle worker, or to a new one."""
        for seat in [seat for seat in self._seats if not seat.item]:
            try:
                seat.channel.send(item)
            except ConnectionError:  # it died after its last item: killed for memory, most likely
                self._dismiss(seat)
            else:
                seat.item, seat.heard = item, time.monotonic()
                return
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_worker, args=(theirs, self._folder, self._read, self._grant), daemon=True)
        process.start()
        theirs.close()
        seat = _Seat(process, ours, item, time.monotonic())
        self._seats.append(seat)
        try:
            ours.send(item)
        except ConnectionError:
            return  # it died at once: what is heard next is the end of its channel

    def hear(self, progress: Progress) -> Iterator[Outcome]:
        """Wait a second at most for news of the busy workers."""
        ready = wait([seat.channel for seat in self.busy()], timeout=1.0)
        for seat in self.busy():
            if seat.channel in ready:
                outcome = self._message(seat, progress)
            elif time.monotonic() - seat.heard > self._grant.silent_s:
                outcome = self._lost(seat, f"no progress for {self._grant.silent_s:.0f} s: given up")
            else:
                continue
            if outcome:
                yield outcome

    def _message(self, seat: _Seat, progress: Progress) -> Outcome | None:
        try:
            message = seat.channel.recv()
        except (EOFError, ConnectionError):
            seat.process.join(5)
            return self._lost(seat, f"the reading process died ({_ending(seat.process.exitcode)})")
        seat.heard = time.monotonic()
        if message[0] == "progress":
            progress(message[1], message[2])
            return None
        seat.item = None
        outcome: Outcome = message[1]
        return outcome

    def _lost(self, seat: _Seat, reason: str) -> Outcome:
        assert seat.item is not None, "only a busy seat can lose its item"
        coverage = _coverage(seat.item, ReadStatus.FAILED)
        self._dismiss(seat)
        return Outcome(replace(coverage, reason=f"{reason}. The other files are not affected."))

    def _dismiss(self, seat: _Seat) -> None:
        seat.process.kill()
        seat.process.join(5)
        seat.channel.close()
        self._seats.remove(seat)

    def close(self) -> None:
        """Nothing is lost by the kill: what was read whole is on disk, the rest is read again."""
        for seat in list(self._seats):
            self._dismiss(seat)


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "it does not say how"
    if exit_code < 0:
        return f"signal {-exit_code}"
    return f"exit code {exit_code}"
