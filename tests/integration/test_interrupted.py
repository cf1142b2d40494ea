"""Killed, out of disk, refused by the disk: the next run completes, and nobody can tell the difference."""

import errno
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.cases import COMMAND, contents, small_evidence, tocsin
from tocsin import pipeline
from tocsin.errors import CaseError
from tocsin.store import Case

KILLS = 30
KILLS_IN_DEFAULT_RUN = (16,)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_evidence(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def whole(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """What an uninterrupted run writes, and how long it takes."""
    case = tmp_path_factory.mktemp("whole") / "case"
    began = time.monotonic()
    run = tocsin("assess", evidence, "--out", case)
    assert run.returncode == 0, run.stderr
    return contents(case), time.monotonic() - began


def living(session: int) -> list[int]:
    """Processes of a session that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def wait_for_end(session: int) -> list[int]:
    """Processes of a session that are there after five seconds."""
    deadline = time.monotonic() + 5
    while (left := living(session)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def moments() -> list[float]:
    """When to kill, as a part of a run's duration: spread over it, never at the same places."""
    draw = random.Random(2022)
    return [(number + draw.random()) / KILLS for number in range(KILLS)]


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(moment, id=f"{moment:.2f}", marks=[] if number in KILLS_IN_DEFAULT_RUN else [pytest.mark.slow])
        for number, moment in enumerate(moments())
    ],
)
def test_a_killed_run_is_completed_by_the_next(
    moment: float, evidence: Path, whole: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    expected, duration = whole
    case = tmp_path / "case"
    run = subprocess.Popen(
        [*COMMAND, "assess", evidence, "--out", case],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(moment * duration)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert wait_for_end(run.pid) == []
    again = tocsin("assess", evidence, "--out", case)
    assert again.returncode == 0, again.stderr
    assert contents(case) == expected
    assert [path.name for path in case.rglob("*.part")] == []


def test_an_interrupt_from_the_keyboard_says_how_to_go_on(
    evidence: Path, whole: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    run = subprocess.Popen(
        [*COMMAND, "assess", evidence, "--out", tmp_path / "case"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "case" / ".lock").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert b"Traceback" not in said
    if run.returncode != 0:  # it may have been quicker
        assert run.returncode == 130
        assert b"run the same command again to go on" in said
    assert wait_for_end(run.pid) == []
    assert tocsin("assess", evidence, "--out", tmp_path / "case").returncode == 0
    assert contents(tmp_path / "case") == whole[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"needs root: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_is_told_and_the_next_run_with_room_completes(
    small_disk: Path, evidence: Path, whole: tuple[dict[str, bytes], float]
) -> None:
    case = small_disk / "case"
    for size in ("100k", "400k"):
        subprocess.run(["mount", "-o", f"remount,size={size}", small_disk], check=True)
        run = tocsin("assess", evidence, "--out", case)
        assert run.returncode == 4, run.stderr
        assert b"No space left on device" in run.stderr
        assert b"make room" in run.stderr
        assert b"Traceback" not in run.stderr
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    assert tocsin("assess", evidence, "--out", case).returncode == 0
    assert contents(case) == whole[0]


def test_a_disk_that_is_read_only_is_told(small_disk: Path, evidence: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    run = tocsin("assess", evidence, "--out", small_disk / "case")
    assert run.returncode == 4
    assert b"cannot be written (Read-only file system). Choose another folder with --out." in run.stderr


@pytest.mark.parametrize("size", [3_000, 40_000, pytest.param(None, marks=pytest.mark.slow, id="all but the largest")])
def test_files_that_may_not_grow_are_told(
    size: int | None, evidence: Path, whole: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    most = size or max(len(data) for data in whole[0].values()) - 1

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    case = tmp_path / "case"
    run = subprocess.run([*COMMAND, "assess", evidence, "--out", case], preexec_fn=limited, capture_output=True, check=False)
    assert run.returncode == 4, run.stderr
    assert b"File too large" in run.stderr
    assert b"Traceback" not in run.stderr
    assert tocsin("assess", evidence, "--out", case).returncode == 0
    assert contents(case) == whole[0]


def test_no_room_for_temporary_files_is_told(evidence: Path, tmp_path: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    words = [*COMMAND, "assess", evidence, "--out", tmp_path / "case"]
    run = subprocess.run(words, preexec_fn=limited, capture_output=True, check=False)
    assert run.returncode == 4
    assert b"No usable temporary directory" in run.stderr
    assert b"set TMPDIR" in run.stderr


@pytest.mark.slow
def test_whichever_write_fails_the_next_run_completes(
    evidence: Path, whole: tuple[dict[str, bytes], float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = pipeline.Request((evidence,), tmp_path / "case")
    sync, left = os.fsync, 0

    def failing(fd: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(fd)

    monkeypatch.setattr(os, "fsync", failing)
    for number in range(1, 200):
        left = number
        try:
            pipeline.assess(request)
        except CaseError as error:
            assert "make room" in str(error)
        else:
            break
        Case(tmp_path / "case").remove_unfinished()
    assert number > 10
    assert contents(tmp_path / "case") == whole[0]
