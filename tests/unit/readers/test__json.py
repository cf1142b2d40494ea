import pytest

from tocsin.readers._json import endpoint_key, head_objects, json_object


def test_an_object_with_blanks_around_is_an_object():
    assert json_object(' {"a": 1} \r') == {"a": 1}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "7",
        "[1]",
        '"a"',
        '{"a":1',
        '{"a":1}{',
        '{"a":1} x',
        "{'a':1}",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"a":' + "9" * 5000 + "}",
        '\\x {"',
    ],
)
def test_what_is_no_object_is_refused(line):
    with pytest.raises(ValueError, match="expected"):
        json_object(line)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (r'{"a":"caf\xc3\xa9"}', r"caf\xc3\xa9"),
        (r'{"a":"\\x41"}', r"\x41"),
        (r'{"a":"\\\x41"}', r"\\x41"),
        (r'{"a":"\x22\u00e9"}', r"\x22é"),
    ],
)
def test_bytes_that_servers_write_as_hex_escapes_are_kept_as_written(line, value):
    assert json_object(line) == {"a": value}


def test_a_head_is_json_lines_only_if_each_line_starts_as_one():
    assert head_objects(b'{"a":1}\n{"b":\n{"c":3}\n') == [{"a": 1}, {"c": 3}]
    assert head_objects(b'{"a":1}\ntext\n') == []
    assert head_objects(b"") == []


def test_endpoints_in_their_spellings():
    assert endpoint_key({"id.orig_h": 1}, "orig_h") == "id.orig_h"
    assert endpoint_key({"id_orig_h": 1}, "orig_h") == "id_orig_h"
    assert endpoint_key({"id": {"orig_h": 1}}, "orig_h") == "id"
    assert endpoint_key({"id": "orig_h"}, "orig_h") is None
