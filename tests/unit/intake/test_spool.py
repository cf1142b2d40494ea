import errno
import hashlib
import io
import os
import shutil
import stat
import zlib
from functools import partial
from pathlib import Path

import pytest

from tocsin.errors import CaseError, EvidenceError, LimitError
from tocsin.intake import spool
from tocsin.intake.limits import Limits
from tocsin.intake.spool import Spool, Spooled
from tocsin.intake.streams import Content, Span

SMALL = Limits(free_bytes_min=0)
DATA = b"GET / 200\n" * 500


def added(spool: Spool, data: bytes = DATA, *, size_bytes: int = 0, limit_bytes: int = 1 << 30, declared: int = 0) -> Spooled:
    content = Span(io.BufferedReader(io.BytesIO(data)), declared or len(data), "a.zip!a")  # type: ignore[arg-type]
    return spool.add(content, name="a.zip!a", size_bytes=size_bytes, limit_bytes=limit_bytes, tick=lambda done: None)


def test_a_member_lies_under_its_hash_for_its_owner_alone(tmp_path):
    found = added(Spool(tmp_path / "deep" / "spool", SMALL))
    assert found.sha256 == hashlib.sha256(DATA).hexdigest()
    assert found.path == tmp_path / "deep" / "spool" / found.sha256
    assert (found.path.read_bytes(), found.size_bytes, found.crc32, found.damage) == (DATA, len(DATA), zlib.crc32(DATA), None)
    assert stat.S_IMODE(found.path.parent.stat().st_mode) == 0o700


def test_a_member_already_there_is_written_anew_whatever_it_holds(tmp_path):
    path = added(Spool(tmp_path, SMALL)).path
    path.write_bytes(b"tampered")
    assert added(Spool(tmp_path, SMALL)).path.read_bytes() == DATA
    assert list(tmp_path.iterdir()) == [path]


def test_a_member_met_again_in_a_run_is_left_to_who_reads_it(tmp_path):
    spool = Spool(tmp_path, SMALL)
    first = added(spool)
    assert added(spool) == first
    assert first.path.lstat().st_ino == first.identity[3]
    first.path.write_bytes(b"tampered")
    assert added(spool).path.read_bytes() == DATA
    first.path.unlink()
    assert added(spool).path.read_bytes() == DATA


def test_what_a_killed_run_left_is_replaced_even_if_it_is_a_link(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / ".unfinished").symlink_to(victim)
    assert added(Spool(tmp_path / "spool", SMALL)).path.read_bytes() == DATA
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize(("limit", "passes"), [(len(DATA), True), (len(DATA) - 1, False)])
@pytest.mark.parametrize("size_bytes", [0, len(DATA), 10], ids=["no size said", "true size said", "a lie"])
def test_a_member_larger_than_granted_leaves_nothing(tmp_path, limit, passes, size_bytes):
    if passes:
        assert added(Spool(tmp_path, SMALL), size_bytes=size_bytes, limit_bytes=limit).size_bytes == len(DATA)
        return
    with pytest.raises(LimitError, match="or more, of which"):
        added(Spool(tmp_path, SMALL), size_bytes=size_bytes, limit_bytes=limit)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("most", "passes"), [(2 * len(DATA), True), (2 * len(DATA) - 1, False)])
def test_all_members_together_are_limited(tmp_path, most, passes):
    spool = Spool(tmp_path, Limits(free_bytes_min=0, spooled_bytes_max=most))
    added(spool)
    if passes:
        added(spool, DATA[::-1])
    else:
        with pytest.raises(LimitError):
            added(spool, DATA[::-1])


def test_a_member_that_is_cut_off_is_kept_with_the_reason(tmp_path):
    found = added(Spool(tmp_path, SMALL), declared=len(DATA) + 1)
    assert found.size_bytes == len(DATA)
    assert isinstance(found.damage, EvidenceError)


def disk(monkeypatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 10**12 - free, free))


def test_a_full_disk_stops_the_run_and_says_how_much_is_needed(tmp_path, monkeypatch):
    disk(monkeypatch, (2 << 30) - 1)
    with pytest.raises(
        CaseError, match=r"2\.1 GB of disk are free; unpacking a\.zip!a needs 3\.1 GB, 2\.1 GB of it to stay free"
    ):
        added(Spool(tmp_path, Limits()), size_bytes=10**9)


@pytest.mark.parametrize(("free", "passes"), [((2 << 30) + len(DATA), True), ((2 << 30) + len(DATA) - 1, False)])
def test_a_member_too_large_for_the_disk_is_refused_alone(tmp_path, monkeypatch, free, passes):
    disk(monkeypatch, free)
    if passes:
        added(Spool(tmp_path, Limits()), size_bytes=len(DATA))
    else:
        with pytest.raises(LimitError, match="are to stay free"):
            added(Spool(tmp_path, Limits()), size_bytes=len(DATA))


class Zeros(Content):
    """Many of them, and no end is said beforehand."""

    left = 9 << 20

    def _pull(self, view: memoryview) -> int:
        self.left -= len(view)
        return max(0, min(len(view), self.left))


@pytest.mark.parametrize(("room", "passes"), [(9 << 20, True), (4 << 20, False)])
def test_a_member_that_says_no_size_is_stopped_before_the_disk_is_full(tmp_path, monkeypatch, room, passes):
    def usage(path: Path) -> shutil._ntuple_diskusage:
        used = sum(file.stat().st_size for file in tmp_path.iterdir())
        return shutil._ntuple_diskusage(10**12, used, (2 << 30) + room - used)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(spool, "_CHECK_BYTES", 1 << 20)
    add = partial(Spool(tmp_path, Limits()).add, name="a", size_bytes=0, limit_bytes=10 << 20, tick=lambda done: None)
    if passes:
        assert add(Zeros()).size_bytes > 8 << 20
    else:
        with pytest.raises(LimitError, match="are to stay free"):
            add(Zeros())
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_disk_that_fills_while_writing_stops_the_run(tmp_path, monkeypatch):
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *rest, **more: real(Path("/dev/full"), "wb", buffering=0))
    with pytest.raises(CaseError, match=r"the disk is full; unpacking a\.zip!a needs 5 kB"):
        added(Spool(tmp_path, SMALL), size_bytes=len(DATA))


def test_a_folder_that_cannot_be_made_stops_the_run(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CaseError, match="cannot be written to"):
        added(Spool(tmp_path / "file" / "spool", SMALL))


def test_other_errors_of_the_disk_are_told(tmp_path, monkeypatch):
    def replace(path: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(CaseError, match="Read-only file system"):
        added(Spool(tmp_path, SMALL))
    assert list(tmp_path.iterdir()) == []
