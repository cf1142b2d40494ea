import io

from tocsin.readers._toml_lock import head, tables


def read(text):
    faults = []
    return list(tables(io.BytesIO(text.encode()), "e1", faults.append)), faults


def test_each_package_is_a_table_at_its_byte():
    text = (
        'version = 1\n\n[[package]]\nname = "ä"\n\n[package.source]\nurl = "u"\n\n[[package]]\nname = "b"\n[metadata]\nx = 1\n'
    )
    found, faults = read(text)
    assert faults == []
    assert [(one.values, one.offset) for one in found] == [
        ({"version": 1}, 0),
        ({"name": "ä", "source": {"url": "u"}}, text.index("[[")),
        ({"name": "b"}, len(text[: text.rindex("[[")].encode())),
        ({"metadata": {"x": 1}}, len(text[: text.index("[metadata")].encode())),
    ]


def test_damage_stays_in_its_table():
    found, faults = read('[[package]]\nname = "a"\n[[package]]\nname = broken\n[[package]]\nname = "c"\n')
    assert [one.values.get("name") for one in found if one.values] == ["a", "c"]
    assert [fault.offset for fault in faults] == [23]


def test_a_table_without_end_is_left_out():
    found, faults = read('[[package]]\nname = "' + "a\n" * 600_000)
    assert ([one.values for one in found], len(faults)) == ([{}, {}], 1)


def test_keys_seen_in_a_head():
    keys, before = head(b'# x\n[[package]]\nname = "a"\nfiles = []\n[package.dependencies]\nb = "1"\n')
    assert {"name", "files", ".dependencies"} <= keys
    assert before == "# x"
