"""A file costs at most its own result, whatever its reader does."""

import errno
import io
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kit.reading import WORDS, die_after, items_of, read_words
from tocsin.intake import Item
from tocsin.model import Fault
from tocsin.pipeline.reading import FAULT_SAMPLES, Grant, Outcome, Watched, read_all, read_item, record_key
from tocsin.store import Case
from tocsin.terms import ReadStatus

GRANT = Grant(memory_bytes=2 << 30, silent_s=2.0)


def read_each(case: Case, items: list[Item], grant: Grant = GRANT, workers: int = 2) -> dict[str, Outcome]:
    outcomes = read_all(case, iter(items), workers=workers, read=read_words, grant=grant)
    return {outcome.coverage.name.rpartition("-")[2]: outcome for outcome in outcomes}


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ("good", ReadStatus.READ, ""),
        ("raises", ReadStatus.FAILED, "reader words failed: KeyError: 'a bug' (reading.py:"),
        ("disk", ReadStatus.FAILED, "reader words failed: OSError: [Errno 28]"),
        ("undeclared", ReadStatus.FAILED, "reader gave rows for http_activity; it declares dns_activity"),
        ("ends", ReadStatus.PARTIAL, "expected more, found the end"),
        ("faulty", ReadStatus.PARTIAL, "expected a number, found a word"),
        ("claim", ReadStatus.FAILED, "a reader failed while looking at it: IndexError: a bug in a claim"),
        ("unknown", ReadStatus.SKIPPED, "no reader knows this format"),
    ],
)
def test_what_a_reader_does_is_told_in_the_coverage(word: str, status: ReadStatus, reason: str, tmp_path: Path) -> None:
    (item,) = items_of(tmp_path / "in", f"{word} and more words")
    outcome = read_words(Case(tmp_path / "case"), item, lambda name, position: None)
    assert outcome.error is None
    assert outcome.coverage.status is status
    assert reason in outcome.coverage.reason
    rows = 4 if status in (ReadStatus.READ, ReadStatus.PARTIAL) else 0
    assert sum(outcome.coverage.rows.values()) == rows
    assert len(list((tmp_path / "case").rglob("*.parquet"))) == (1 if rows else 0)
    assert list((tmp_path / "case").rglob("*.part")) == []


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("hangs", "no progress for 2 s: given up"),
        ("spins", "no progress for 2 s: given up"),
        ("eats", "MemoryError"),
        ("dies", "the reading process died (signal 9)"),
        ("exits", "the reading process died (exit code 7)"),
    ],
)
def test_a_hostile_file_costs_only_its_own_result(word: str, reason: str, tmp_path: Path) -> None:
    grant = replace(GRANT, silent_s=60) if word == "eats" else GRANT
    items = items_of(tmp_path / "in", f"{word} badly", "good one", "good two words", "good three more words")
    outcomes = list(read_all(Case(tmp_path / "case"), iter(items), workers=2, read=read_words, grant=grant))
    told = {outcome.coverage.name: outcome.coverage for outcome in outcomes}
    assert len(told) == 4
    bad = told.pop(f"in/0-{word}.txt")
    assert bad.status is ReadStatus.FAILED
    assert reason in bad.reason
    assert [coverage.status for coverage in told.values()] == [ReadStatus.READ] * 3
    assert not any(outcome.error for outcome in outcomes)
    assert multiprocessing.active_children() == []


def test_one_worker_goes_on_after_each_death(tmp_path: Path) -> None:
    items = items_of(tmp_path / "in", "dies one", "dies two", "good", "exits", "good too")
    told = [o.coverage.status for o in read_all(Case(tmp_path / "case"), iter(items), workers=1, read=read_words)]
    assert told.count(ReadStatus.READ) == 2
    assert told.count(ReadStatus.FAILED) == 3


def test_a_worker_that_dies_idle_is_replaced(tmp_path: Path) -> None:
    items = items_of(tmp_path / "in", "good one", "good two words")

    def slowly() -> Iterator[Item]:
        yield items[0]
        time.sleep(0.6)  # while it is waited for, its worker is idle, then dead
        yield items[1]

    outcomes = list(read_all(Case(tmp_path / "case"), slowly(), workers=1, read=die_after))
    assert [outcome.coverage.status for outcome in outcomes] == [ReadStatus.READ] * 2


def test_no_items_start_no_process(tmp_path: Path) -> None:
    assert list(read_all(Case(tmp_path / "case"), iter([]), workers=2, read=read_words)) == []


def test_leaving_early_leaves_no_process(tmp_path: Path) -> None:
    items = items_of(tmp_path / "in", "good", "hangs", "hangs too")
    outcomes = read_all(Case(tmp_path / "case"), iter(items), workers=2, read=read_words)
    assert next(outcomes).coverage.status is ReadStatus.READ
    outcomes.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_a_kept_record_is_used_until_the_reader_changes(tmp_path: Path) -> None:
    case, (item,) = Case(tmp_path / "case"), items_of(tmp_path / "in", "faulty " * 30)
    first = read_words(case, item, lambda name, position: None).coverage
    table = next((tmp_path / "case").rglob("*.parquet"))
    written = table.stat().st_mtime_ns
    assert read_words(case, item, lambda name, position: None).coverage == first
    assert table.stat().st_mtime_ns == written

    newer = replace(WORDS, version="2")
    assert record_key(newer) != record_key(WORDS)
    read_item(case, item, identify=lambda head, name: newer)
    assert table.stat().st_mtime_ns != written


def test_a_failed_item_is_tried_again(tmp_path: Path) -> None:
    case, (item,) = Case(tmp_path / "case"), items_of(tmp_path / "in", "raises")
    read_words(case, item, lambda name, position: None)
    assert list((tmp_path / "case").rglob("*.json")) == []


def test_fault_samples_are_few_and_all_are_counted(tmp_path: Path) -> None:

    def read(stream, *, evidence_id, report):  # type: ignore[no-untyped-def]
        for offset in range(1_000):
            report(Fault(evidence_id, offset, "bad"))
        yield from ()

    (item,) = items_of(tmp_path / "in", "good")
    faulty = replace(WORDS, read=read)
    coverage = read_item(Case(tmp_path / "case"), item, identify=lambda head, name: faulty).coverage
    assert coverage.faults == 1_000
    assert len(coverage.fault_samples) == FAULT_SAMPLES
    assert coverage.status is ReadStatus.PARTIAL


def test_a_full_disk_stops_the_run_with_the_next_step(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    (item,) = items_of(tmp_path / "in", "ends " * 50_000)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
        outcome = read_words(Case(tmp_path / "case"), item, lambda name, position: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert outcome.error is not None
    assert os.strerror(errno.EFBIG) in str(outcome.error)
    assert "make room" in str(outcome.error)
    assert [path for path in (tmp_path / "case").rglob("*") if path.is_file()] == []


def test_a_stream_tells_how_far_it_was_read() -> None:

    told: list[int] = []
    stream = Watched(io.BytesIO(b"ab\ncd\nef"), told.append)
    stream.read(3)
    stream.readinto(bytearray(2))
    stream.readline()
    assert [*stream] == [b"ef"]
    assert stream.position == 8
    stream.read()
    assert told == [3, 5]
    stream.seek(0)
    assert stream.tell() == 0


RUN = """
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from kit.reading import items_of, read_words
from tocsin.pipeline.reading import read_all
from tocsin.store import Case
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for outcome in read_all(Case(folder / "case"), iter(items_of(folder / "in", "good", "hangs", "hangs too")), workers=2, read=read_words):
        print("read", flush=True)
"""


def session_of(pid: int) -> list[int]:
    """Living processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == pid and state != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_die_with_their_run(signal_number: int, tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(RUN)
    root = Path(__file__).parents[2]
    run = subprocess.Popen(
        [sys.executable, script, tmp_path],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == b"read\n"
    time.sleep(0.3)
    assert len(session_of(run.pid)) >= 3
    run.send_signal(signal_number)
    run.wait(10)
    run.stdout.close()
    deadline = time.monotonic() + 5
    while session_of(run.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert session_of(run.pid) == []
