"""Runs one reader on mutated evidence in a child process, and tells what broke it; `attempt` judges any fuzzer's input.

The child keeps each input in a file before it reads it, so that whatever kills the child leaves its cause behind. Inputs that
reach lines of the readers not reached before, or draw a new kind of fault from them, become seeds: a fuzzer guided by
coverage, without instrumentation. Compiled kernels show through their faults only.
"""

import faulthandler
import importlib
import io
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from numbers import Integral
from pathlib import Path
from types import FrameType
from typing import Any

from fuzz.mutate import mutate
from tocsin.errors import EvidenceError
from tocsin.model import Fault
from tocsin.readers import HEAD_BYTES, Reader, readers
from tocsin.schema import TABLES

HANG_CPU_S = 5.0
HANG_WALL_S = 60.0  # waits for a device or a lock burn no CPU
MEMORY_BYTES = 500 << 20
ADDRESS_SPACE_BYTES = 2 << 30  # beyond what the child maps once it is warm
SEEDS_MAX = 500
SEED_BYTES = 64 << 10
TRACED_BYTES, TRACED_RATIO = 8 << 10, 0.2  # following every line costs ten times what reading does
START_S = 180.0  # imports and compilers
_DIGITS = re.compile(r"0x[0-9a-f]+|[0-9]+|'[^']*'|\"[^\"]*\"|\b[0-9a-f]{2}( [0-9a-f]{2})+\b")


@dataclass(frozen=True)
class Failure:
    """One way in which a reader failed. ``kind``: crash, hang or memory. ``data``: the smallest input seen to do it."""

    kind: str
    signature: str
    detail: str
    data: bytes


@dataclass
class Report:
    """What fuzzing one reader gave."""

    reader: str
    inputs: int = 0
    seconds: float = 0.0
    paths: int = 0
    slowest_s: float = 0.0
    largest_bytes: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)

    def add(self, failure: Failure) -> None:
        known = self.failures.get(failure.signature)
        if known is None or len(failure.data) < len(known.data):
            self.failures[failure.signature] = failure


class ContractError(Exception):
    """The reader gave something that its contract rules out."""


def load(where: str) -> Reader:
    """A reader by ``id``, or by ``module:name`` of a Reader outside the registry."""
    module, _, name = where.partition(":")
    return getattr(importlib.import_module(module), name) if name else readers()[where]


def read_once(reader: Reader, data: bytes) -> frozenset[str]:
    """Read one input as the pipeline does; the kinds of results it gave.

    Raises:
        ContractError, or whatever the reader raises that is not an EvidenceError.
    """
    seen: set[str] = set()

    def report(fault: Fault) -> None:
        # Interpreted kernels give numpy's integers, compiled ones Python's.
        if not (isinstance(fault.offset, Integral) and 0 <= fault.offset <= len(data)):
            raise ContractError(f"a fault at {fault.offset!r} of {len(data)} bytes")
        if not 0 < len(fault.reason) < 1000:
            raise ContractError(f"a fault's reason of {len(fault.reason)} characters")
        if len(seen) < 200:
            seen.add(_DIGITS.sub("#", fault.reason))

    if reader.claims(data[:HEAD_BYTES], "evidence") not in (True, False):
        raise ContractError("claims() gave neither True nor False")
    try:
        for batch in reader.read(io.BytesIO(data), evidence_id="e1", report=report):
            if batch.table not in reader.tables or not batch.rows.schema.equals(TABLES[batch.table].arrow, check_metadata=True):
                raise ContractError(f"a batch for {batch.table} that is not in its schema")
            batch.rows.validate(full=True)
            seen.add(f"{batch.table} {batch.rows.num_rows.bit_length()}")
    except EvidenceError as error:
        seen.add("error " + _DIGITS.sub("#", str(error)))
    return frozenset(seen)


@dataclass(frozen=True)
class Progress:
    """What a child did since it was ready, where ``inputs`` is 0; ``failures`` since it last told."""

    inputs: int
    paths: int
    slowest_s: float
    largest_bytes: int
    failures: tuple[Failure, ...]


def fuzz(where: str, seeds: Sequence[bytes], *, seconds: float, seed: int) -> Report:
    """Fuzz one reader for so many seconds; a child that breaks is replaced.

    Args:
        where: As for ``load``.
        seeds: Samples to start from, of this reader and of others.
        seconds: After the child has started.
        seed: The same seed, reader and samples give the same inputs in the same order.
    """
    report = Report(where)
    with tempfile.TemporaryDirectory(prefix="tocsin-fuzz-") as folder:
        child = 0
        while report.seconds < seconds:
            # What it costs to start anew after a failure is counted, or a reader that always fails would go on for ever.
            _one_child(report, seeds, f"{seed}-{child}", Path(folder), seconds - report.seconds, count_start=child > 0)
            child += 1
    return report


def _one_child(report: Report, seeds: Sequence[bytes], seed: str, folder: Path, seconds: float, *, count_start: bool) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_child, args=(theirs, report.reader, list(seeds), seed, folder), daemon=True)
    process.start()
    theirs.close()
    try:
        inputs_before, limits = report.inputs, (START_S, START_S)
        born = start = time.monotonic()
        while time.monotonic() - start < seconds:
            try:
                if not _heard(ours, process.pid, *limits):
                    report.add(_hang(process.pid, folder))
                    break
                progress = ours.recv()
            except (EOFError, ConnectionError):
                process.join(10)
                died = f"died with exit code {process.exitcode}"
                report.add(Failure("crash", died, _text(folder / "stderr"), _current(folder)))
                break
            if progress.inputs == 0:
                start, limits = time.monotonic(), (HANG_CPU_S, HANG_WALL_S)
            report.inputs = inputs_before + progress.inputs
            report.paths = max(report.paths, progress.paths)
            report.slowest_s = max(report.slowest_s, progress.slowest_s)
            report.largest_bytes = max(report.largest_bytes, progress.largest_bytes)
            for failure in progress.failures:
                report.add(failure)
        report.seconds += time.monotonic() - (born if count_start else start)
    finally:
        process.kill()
        process.join()
        ours.close()


def _hang(pid: int, folder: Path) -> Failure:
    os.kill(pid, signal.SIGUSR1)  # faulthandler writes where it is
    time.sleep(1)
    where = _text(folder / "stderr")
    frame = next((line.strip() for line in where.splitlines() if "/readers/" in line), "unknown place")
    return Failure("hang", f"hang in {frame}", f"more than {HANG_CPU_S:.0f} s of CPU on one input\n{where}", _current(folder))


def _heard(channel: Connection, pid: int, cpu_s: float, wall_s: float) -> bool:
    """Whether the child spoke before it used so much CPU or time."""
    start, start_cpu = time.monotonic(), _cpu_s(pid)
    while not channel.poll(0.5):
        if _cpu_s(pid) - start_cpu > cpu_s or time.monotonic() - start > wall_s:
            return False
    return True


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _text(path: Path) -> str:
    return path.read_text(errors="replace")[-6000:] if path.exists() else ""


def _current(folder: Path) -> bytes:
    path = folder / "input"
    return path.read_bytes() if path.exists() else b""


def _child(channel: Connection, where: str, seeds: list[bytes], seed: str, folder: Path) -> None:
    with (folder / "stderr").open("w") as log:
        os.dup2(log.fileno(), 2)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    reader = load(where)
    worker = _Worker(reader, seeds, random.Random(f"{where} {seed}"), folder / "input")
    for data in seeds:  # imports and compiled kernels are not the input's cost
        worker.attempt(data)
    worker.inputs = worker.slowest_s = worker.largest_bytes = 0
    limit = _status_bytes("VmSize") + ADDRESS_SPACE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    channel.send(worker.progress())
    told = time.monotonic()
    while True:
        worker.attempt(mutate(worker.rng, worker.seeds))
        if time.monotonic() - told > 0.2:
            channel.send(worker.progress())
            told = time.monotonic()


@dataclass(frozen=True)
class Attempt:
    """What one input did. ``found``: the kinds of results it gave. ``grown_bytes``: peak of resident memory above the start."""

    found: frozenset[object]
    cpu_s: float
    grown_bytes: int
    failures: tuple[Failure, ...]


def attempt(reader: Reader, data: bytes, read: Callable[[Reader, bytes], frozenset[Any]] = read_once) -> Attempt:
    """Read one input; whatever rules it breaks, in crashes, CPU time or memory, is told and not raised."""
    failures: list[Failure] = []
    found: frozenset[object] = frozenset()
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets the peak of resident memory
    before, start = _status_bytes("VmRSS"), time.process_time()
    try:
        found = read(reader, data)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we are looking for
        failures.append(_failure("memory" if isinstance(error, MemoryError) else "crash", error, data))
    cpu_s, grown = time.process_time() - start, _status_bytes("VmHWM") - before
    if cpu_s > HANG_CPU_S:
        failures.append(Failure("hang", "slow", f"{cpu_s:.1f} s of CPU on an input of {len(data)} bytes", data))
    if grown > MEMORY_BYTES:
        words = f"resident memory grew by {grown >> 20} MiB on an input of {len(data)} bytes"
        failures.append(Failure("memory", "memory", words, data))
    return Attempt(found, cpu_s, grown, tuple(failures))


def _failure(kind: str, error: Exception, data: bytes) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{Path(f.filename).parent.name}/{Path(f.filename).name}:{f.lineno}" for f in frames if not f.filename.startswith("<")
    ]
    ours = [place for place in places if place.startswith(("readers/", "kit/"))]
    what = _DIGITS.sub("#", str(error))[:80] if isinstance(error, ContractError) else ""
    signature = f"{type(error).__name__} at {(ours or places)[-1]} {what}".rstrip()
    return Failure(kind, signature, "".join(traceback.format_exception(error, limit=-8)), data)


class _Worker:
    """The child's side: reads inputs one after another and keeps score."""

    def __init__(self, reader: Reader, seeds: list[bytes], rng: random.Random, current: Path) -> None:
        self.reader, self.seeds, self.rng = reader, seeds, rng
        self.inputs, self.slowest_s, self.largest_bytes = 0, 0.0, 0
        self._current = current
        self._seen: set[object] = set()
        self._failures: list[Failure] = []

    def progress(self) -> Progress:
        failures, self._failures = tuple(self._failures), []
        return Progress(self.inputs, len(self._seen), self.slowest_s, self.largest_bytes, failures)

    def attempt(self, data: bytes) -> None:
        self._current.write_bytes(data)
        traced = len(data) <= TRACED_BYTES and self.rng.random() < TRACED_RATIO
        done = attempt(self.reader, data, _traced if traced else read_once)
        self.inputs += 1
        self.slowest_s = max(self.slowest_s, done.cpu_s)
        self.largest_bytes = max(self.largest_bytes, done.grown_bytes)
        self._failures += done.failures
        if not done.found <= self._seen and len(data) <= SEED_BYTES and len(self.seeds) < SEEDS_MAX:
            self.seeds.append(data)
        self._seen |= done.found


def _traced(reader: Reader, data: bytes) -> frozenset[object]:
    """Read one input; the lines of the readers it went through, and the kinds of results it gave."""
    lines: set[object] = set()

    def on_line(frame: FrameType, event: str, arg: object) -> Any:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return on_line

    def on_call(frame: FrameType, event: str, arg: object) -> Any:
        return on_line if "/readers/" in frame.f_code.co_filename else None

    sys.settrace(on_call)
    try:
        return read_once(reader, data) | lines
    finally:
        sys.settrace(None)


def _status_bytes(key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found, f"Linux tells {key}"
    return int(found[1]) << 10
