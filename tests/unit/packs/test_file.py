import json
import zipfile

import pytest

from kit.packs import osv, write_pack
from tocsin.errors import PackError
from tocsin.ledger.keys import generate, public_key
from tocsin.packs.file import open_pack, read_manifest, sign_file

RECORD = osv("PYSEC-1", "PyPI", "django", ("introduced", "0"), ("fixed", "3.2"))


def test_what_is_written_is_read(tmp_path):
    pack = open_pack(write_pack(tmp_path / "a.pack", RECORD))
    assert pack.tables["packages"].to_pylist() == [{"package": "pypi\tdjango", "ranges": 1}]
    assert pack.manifest.sources[0].advisories == 1 and pack.manifest.sources[0].date == "2025-11-01"
    assert read_manifest(tmp_path / "a.pack") == pack.manifest and not pack.signature.key


def test_the_same_sources_give_the_same_bytes(tmp_path):
    first = write_pack(tmp_path / "a.pack", RECORD).read_bytes()
    assert write_pack(tmp_path / "a.pack", RECORD).read_bytes() == first


def test_a_signature_holds_and_one_changed_byte_of_the_manifest_breaks_it(tmp_path):
    private = generate()
    path = write_pack(tmp_path / "a.pack", RECORD)
    sign_file(path, private)
    assert open_pack(path).signature.key == public_key(private) and open_pack(path).signature.holds
    _rewrite(path, "manifest.json", lambda data: data.replace(b"2025-11-01", b"2026-11-01"))
    assert not open_pack(path).signature.holds


def _rewrite(path, member, change):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = change(members[member])
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_a_changed_table_is_told_with_its_name(tmp_path):
    path = write_pack(tmp_path / "a.pack", RECORD)
    _rewrite(path, "ranges.arrow", lambda data: data[:-1] + b"x")
    with pytest.raises(PackError, match=r"ranges\.arrow is not what the manifest says"):
        open_pack(path)


@pytest.mark.parametrize("change", [lambda d: d[: len(d) // 2], lambda d: b"", lambda d: d[:-30] + b"\0" * 30])
def test_a_damaged_file_is_refused(tmp_path, change):
    path = write_pack(tmp_path / "a.pack", RECORD)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(PackError, match=r"a\.pack: .*Get the pack again"):
        open_pack(path)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"format": "tocsin-pack/9"}', json.dumps({"format": "tocsin-pack/1", "sources": 3}).encode()],
)
def test_a_hostile_manifest_is_refused(tmp_path, manifest):
    path = write_pack(tmp_path / "a.pack", RECORD)
    _rewrite(path, "manifest.json", lambda data: manifest)
    with pytest.raises(PackError, match=r"a\.pack: "):
        open_pack(path)


def test_no_file_is_told(tmp_path):
    with pytest.raises(PackError, match="no such file"):
        open_pack(tmp_path / "none.pack")
