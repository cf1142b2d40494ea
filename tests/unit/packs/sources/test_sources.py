import gzip
import io
import json
import tarfile
import zipfile

import pytest

from kit.packs import osv
from tocsin.errors import PackError
from tocsin.packs.sources import Reading, read, sha256_of

RECORD = json.dumps(osv("A", "npm", "x", ("introduced", "0"))).encode()


def _zip(data):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("npm/A.json", data)
        archive.writestr("README.md", "# about")
    return sink.getvalue()


def _tar(data):
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        info = tarfile.TarInfo("A.json")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", RECORD), ("a.jsonl", RECORD + b"\n" + RECORD), ("a.json.gz", gzip.compress(RECORD)), ("all.zip", _zip(RECORD)),
        ("a.tar.gz", _tar(RECORD)), ("list.json", b"[" + RECORD + b"]"),
    ],
)  # fmt: skip
def test_records_are_found_in_whatever_they_are_wrapped(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    reading = Reading()
    assert {kind for kind, _ in read(tmp_path / name, reading)} == {"osv"}
    assert reading.unreadable == 0


def test_a_damaged_record_costs_itself_and_is_told_with_its_place(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        RECORD
        + b"\n{oops\n"
        + RECORD.replace(b'"npm"', b"7", 1).replace(b'{"ecosystem": 7', b'{"oops": 7')
        + b"\n"
        + RECORD
        + b"\n"
    )
    reading = Reading()
    assert len(list(read(path, reading))) == 2
    assert reading.unreadable == 2 and "a.jsonl, line 2" in reading.first_fault


@pytest.mark.parametrize("data", [gzip.compress(RECORD)[:-9], _zip(RECORD)[:-40], b"", b"\x00\x01", b"{}", b"[" * 5000])
def test_a_file_that_gives_nothing_is_refused(tmp_path, data):
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    with pytest.raises(PackError, match=r"a\.bin"):
        list(read(path, Reading()))


def test_a_folder_is_read_whole_and_hashed_by_names_and_contents(tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "a.json").write_bytes(RECORD)
    first = sha256_of(folder)
    (folder / "b.json").write_bytes(RECORD)
    assert len(list(read(folder, Reading()))) == 2 and sha256_of(folder) != first
