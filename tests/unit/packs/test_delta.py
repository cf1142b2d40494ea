import pytest

from kit.packs import osv, write_pack
from tocsin.errors import PackError
from tocsin.ledger.keys import generate
from tocsin.packs import store
from tocsin.packs.delta import is_delta, make_delta


def records(count, fixed):
    return [
        osv(f"A-{n}", "npm", f"package-{n}", ("introduced", "0"), ("fixed", f"{n}.{fixed if n == 7 else 0}.0"))
        for n in range(count)
    ]


def test_a_delta_gives_the_new_pack_byte_for_byte_and_is_small(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_PACKS", str(tmp_path / "installed"))
    private = generate()
    old = write_pack(tmp_path / "old.pack", *records(3000, 0), private=private)
    new = write_pack(tmp_path / "new.pack", *records(3000, 5), private=private)
    size = make_delta(old, new, tmp_path / "x.delta")
    assert is_delta(tmp_path / "x.delta") and not is_delta(old)
    assert size < new.stat().st_size / 4
    store.import_pack(old)
    store.import_pack(tmp_path / "x.delta")
    (installed,) = store.paths()
    assert installed.read_bytes() == new.read_bytes()
    with pytest.raises(PackError, match="is for kit of"):
        store.import_pack(tmp_path / "x.delta")


def test_a_damaged_delta_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_PACKS", str(tmp_path / "installed"))
    old, new = write_pack(tmp_path / "old.pack", *records(50, 0)), write_pack(tmp_path / "new.pack", *records(50, 5))
    make_delta(old, new, tmp_path / "x.delta")
    store.import_pack(old)
    (installed,) = store.paths()
    data = (tmp_path / "x.delta").read_bytes()
    for at in range(200, len(data), max(len(data) // 40, 1)):
        (tmp_path / "y.delta").write_bytes(data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :])
        try:
            store.import_pack(tmp_path / "y.delta")
        except PackError:
            assert installed.read_bytes() == old.read_bytes()
        else:  # a byte that means nothing to a ZIP
            assert installed.read_bytes() == new.read_bytes()
            store.import_pack(old)
