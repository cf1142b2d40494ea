import pytest

from kit.packs import osv, write_pack
from tocsin.errors import PackError
from tocsin.ledger.keys import generate, public_key
from tocsin.packs import store

OLD = osv("A", "npm", "x", ("introduced", "0"), ("fixed", "1.0.0"))
NEW = osv("A", "npm", "x", ("introduced", "0"), ("fixed", "2.0.0"))


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_PACKS", str(tmp_path / "installed"))
    return tmp_path / "installed"


def verdict():
    found = store.installed().match([("npm", "x", "1.5.0")])[0]
    return found[0].verdict if found else None


def test_nothing_is_made_before_something_is_installed(place):
    assert store.installed().shelves == () and not place.exists()


def test_the_folder_is_beside_the_room(monkeypatch, tmp_path):
    monkeypatch.delenv("TOCSIN_PACKS")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    assert store.folder() == tmp_path / "packs"


def test_a_pack_of_the_same_name_replaces_the_old_one(tmp_path):
    store.import_pack(write_pack(tmp_path / "a.pack", OLD))
    assert verdict() == "fixed"
    store.import_pack(write_pack(tmp_path / "b.pack", NEW))
    assert verdict() == "affected" and len(store.paths()) == 1
    store.remove_pack("kit")
    assert store.paths() == []
    with pytest.raises(PackError, match="no such pack"):
        store.remove_pack("kit")


def test_a_damaged_pack_leaves_the_installed_one_as_it_is(tmp_path, place):
    store.import_pack(write_pack(tmp_path / "a.pack", OLD))
    broken = write_pack(tmp_path / "b.pack", NEW)
    for end in range(0, broken.stat().st_size, 997):
        half = tmp_path / "half.pack"
        half.write_bytes(broken.read_bytes()[:end])
        with pytest.raises(PackError, match=r"half\.pack"):
            store.import_pack(half)
    assert verdict() == "fixed"
    assert sorted(path.name for path in place.iterdir()) == [".lock", "kit.pack"]


def test_a_disk_that_fills_up_leaves_the_installed_one(tmp_path, monkeypatch):
    store.import_pack(write_pack(tmp_path / "a.pack", OLD))

    def full(path, data):
        path.write_bytes(data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_write", full)
    with pytest.raises(PackError, match="No space left"):
        store.import_pack(write_pack(tmp_path / "b.pack", NEW))
    assert verdict() == "fixed"


def test_a_name_that_leads_elsewhere_is_refused(tmp_path, place):
    with pytest.raises(PackError, match="expected a pack's name"):
        store.import_pack(write_pack(tmp_path / "a.pack", OLD, name="../../evil"))
    assert store.paths() == []


def test_only_trusted_signatures_are_installed_once_a_key_is_trusted(tmp_path):
    ours, theirs = generate(), generate()
    store.trust(public_key(ours), "EU data")
    with pytest.raises(PackError, match=r"not signed, and only these are trusted: EU data"):
        store.import_pack(write_pack(tmp_path / "a.pack", OLD))
    with pytest.raises(PackError, match=r"signed by .* only these are trusted"):
        store.import_pack(write_pack(tmp_path / "b.pack", OLD, private=theirs))
    store.import_pack(write_pack(tmp_path / "c.pack", OLD, private=ours))
    assert verdict() == "fixed" and store.installed().troubles == ()
    store.import_pack(write_pack(tmp_path / "d.pack", NEW), allow_unsigned=True)
    assert verdict() == "affected"


def test_a_pack_with_a_wrong_signature_is_neither_imported_nor_used(tmp_path, place):
    signed = write_pack(tmp_path / "a.pack", OLD, private=generate())
    data = signed.read_bytes()
    store.import_pack(signed)
    forged = data.replace(b"2025-11-01", b"2026-11-01")
    (tmp_path / "forged.pack").write_bytes(forged)
    with pytest.raises(PackError):
        store.import_pack(tmp_path / "forged.pack")
    (place / "kit.pack").write_bytes(forged)
    found = store.installed()
    assert found.shelves == () and found.troubles[0].startswith("PACK NOT USED")


def test_what_is_no_key_is_not_trusted():
    with pytest.raises(PackError, match="public key of 43"):
        store.trust("hello", "x")
