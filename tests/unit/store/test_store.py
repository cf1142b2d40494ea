"""Every write is whole or not there, and what cannot be written is said."""

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.errors import CaseError, PluginError
from tocsin.model import Batch, EvidenceCoverage, Fault
from tocsin.schema import TABLES
from tocsin.store import Case, TableWriter, dumps, table_path, writing
from tocsin.terms import ReadStatus

DNS = TABLES["dns_activity"].arrow
FOUND = EvidenceCoverage(
    "e" * 16, "a.log", "f" * 64, 3, "words", ReadStatus.PARTIAL, {"dns_activity": 2}, 1, (Fault("e" * 16, 9, "bad"),), "one bad"
)


def rows(count: int) -> Batch:
    return Batch("dns_activity", pa.RecordBatch.from_pylist([{"record_offset": n} for n in range(count)], schema=DNS))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path / "case")


def test_a_file_is_written_whole(case: Case) -> None:
    assert case.write("a/b.txt", b"one").read_bytes() == b"one"
    assert case.write("a/b.txt", b"two").read_bytes() == b"two"
    assert [path.name for path in (case.folder / "a").iterdir()] == ["b.txt"]


def test_a_write_that_fails_leaves_the_old_file(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.write("a.txt", b"old")

    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CaseError, match=r"a\.txt: No space left on device\. What was read is kept: make room"):
        case.write("a.txt", b"new")
    assert (case.folder / "a.txt").read_bytes() == b"old"


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO])
def test_a_folder_that_refuses_says_to_choose_another(number: int) -> None:
    said = r"x: cannot be written \(.*\)\. Choose another folder with --out\."
    with pytest.raises(CaseError, match=said), writing(Path("x")):
        raise OSError(number, os.strerror(number))


def test_a_folder_below_a_file_cannot_be_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CaseError, match="cannot be written"), Case(tmp_path / "file" / "case").locked():
        pass


def test_a_read_only_folder_cannot_be_held() -> None:
    with pytest.raises(CaseError, match="Choose another folder"), Case(Path("/proc/case")).locked():
        pass


def test_other_errors_pass_through_the_lock(case: Case) -> None:
    with pytest.raises(ConnectionRefusedError), case.locked():
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")


def test_a_full_temporary_folder_is_told_as_such(case: Case) -> None:
    with pytest.raises(CaseError, match=r"^/tmp/x: No space left"), case.locked():
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/x")  # noqa: S108


def test_two_runs_cannot_hold_one_folder(case: Case) -> None:
    hold = (
        "import sys; from pathlib import Path; from tocsin.store import Case\nwith Case(Path(sys.argv[1])).locked(): print(1)"
    )
    with case.locked():
        other = subprocess.run([sys.executable, "-c", hold, case.folder], capture_output=True, text=True, check=False)
    assert "another run is writing here" in other.stderr
    subprocess.run([sys.executable, "-c", hold, case.folder], check=True, stdout=subprocess.DEVNULL)


def test_a_record_comes_back_as_it_was(case: Case) -> None:
    case.write(table_path("dns_activity", FOUND.evidence_id), b"")
    case.write_record(FOUND, "key")
    assert case.record(FOUND.evidence_id, "key") == FOUND


def test_a_record_is_not_used_with_another_key_or_without_its_tables(case: Case) -> None:
    case.write_record(FOUND, "key")
    assert case.record(FOUND.evidence_id, "key") is None
    case.write(table_path("dns_activity", FOUND.evidence_id), b"")
    assert case.record(FOUND.evidence_id, "other") is None
    assert case.record("unknown", "key") is None


@pytest.mark.parametrize("cut", range(0, 300, 7))
def test_a_cut_off_record_is_read_again(case: Case, cut: int) -> None:
    case.write(table_path("dns_activity", FOUND.evidence_id), b"")
    case.write_record(FOUND, "key")
    path = case.folder / "evidence" / f"{FOUND.evidence_id}.json"
    path.write_bytes(path.read_bytes()[:cut])
    assert case.record(FOUND.evidence_id, "key") is None


def test_what_is_not_a_record_is_read_again(case: Case) -> None:
    for text in (b"[]", b"{}", b'{"key": "key"}', b"null", b'"key"', b"\xff"):
        case.write("evidence/x.json", text)
        assert case.record("x", "key") is None


def test_only_files_of_this_run_stay(case: Case) -> None:
    for name in ("actions/1/a", "actions/2/b", "actions/c"):
        case.write(name, b"")
    case.remove_others("actions", {"actions/2/b"})
    assert sorted(p.relative_to(case.folder).as_posix() for p in case.folder.rglob("*")) == [
        "actions",
        "actions/2",
        "actions/2/b",
    ]
    case.remove_others("exchange", set())


def test_unfinished_files_are_removed(case: Case) -> None:
    for name in (
        ".findings.json.part",
        "evidence/.x.json.part",
        "tables/dns_activity/.x.parquet.part",
        "tables/dns_activity/y",
    ):
        case.write(name, b"")
    case.remove_unfinished()
    assert [path.name for path in case.folder.rglob("*") if path.is_file()] == ["y"]


def test_tables_are_those_with_rows(case: Case) -> None:
    empty = replace(FOUND, rows={"dns_activity": 0})
    assert case.tables({"b": FOUND, "a": FOUND, "c": empty}) == {
        "dns_activity": [case.folder / "tables/dns_activity/a.parquet", case.folder / "tables/dns_activity/b.parquet"]
    }


def test_rows_are_there_once_they_are_committed(case: Case) -> None:
    writer = TableWriter(case, "x")
    for _ in range(12):
        writer.add(rows(20_000), ("dns_activity",))
    assert list(case.folder.rglob("*.parquet")) == []
    writer.commit()
    assert pq.read_metadata(case.folder / table_path("dns_activity", "x")).num_rows == writer.rows["dns_activity"] == 240_000
    assert list(case.folder.rglob("*.part")) == []


def test_abandoned_rows_leave_nothing(case: Case) -> None:
    writer = TableWriter(case, "x")
    writer.add(rows(200_000), ("dns_activity",))
    writer.abandon()
    writer.commit()
    assert writer.rows == {}
    assert [path for path in case.folder.rglob("*") if path.is_file()] == []


def test_a_reader_that_breaks_its_contract_is_told_so(case: Case) -> None:
    writer = TableWriter(case, "x")
    with pytest.raises(PluginError, match="gave rows for dns_activity; it declares http_activity"):
        writer.add(rows(1), ("http_activity",))
    with pytest.raises(PluginError, match="expected"):
        writer.add(Batch("dns_activity", pa.RecordBatch.from_pydict({"a": [1]})), ("dns_activity",))


def test_json_is_written_one_way() -> None:
    assert dumps({"b": "ž", "a": None}) == '{\n "b": "ž",\n "a": null\n}\n'.encode()
