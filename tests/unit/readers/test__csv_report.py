import io

import pytest

from tocsin.errors import EvidenceError
from tocsin.readers import _csv_report as cr

REPORT = 'Plugin ID,Host,"Plugin Output"\r\n1,192.0.2.1,"line one\nline two"\r\n\r\n2,hé,\r\n'


def read(data: bytes, *wanted: str):
    faults = []
    return list(
        cr.records(io.BytesIO(data), *(wanted or ("plugin_id", "host")), evidence_id="e1", report=faults.append)
    ), faults


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_records_know_their_byte_in_any_encoding(encoding):
    data = REPORT.encode(encoding)
    found, faults = read(data)
    assert found == [
        {"plugin_id": "1", "host": "192.0.2.1", "plugin_output": "line one\nline two"},
        {"plugin_id": "2", "host": "hé"},
    ]
    wide = "utf-16-le" if encoding == "utf-16" else "utf-8" if encoding == "utf-8-sig" else encoding
    assert data[found[0].offset :].startswith("1,192".encode(wide))
    assert data[found[1].offset :].startswith("2,h".encode(wide))
    assert faults == []


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters_and_lines_before_the_heading(delimiter):
    data = f"Report of\n\na, b,c\n{'x,y'}\n{delimiter.join(['Plugin ID', 'Host'])}\n{delimiter.join(['1', 'h'])}\n".encode()
    assert read(data)[0] == [{"plugin_id": "1", "host": "h"}]
    assert cr.columns(data, "host") == {"plugin_id", "host"}


def test_a_repeated_column_keeps_what_it_has_first_and_surplus_fields_are_a_fault():
    found, [fault] = read(b"a,b,a\n1,2,3\n1,2,3,4\n1,2,,,\n,2,3\n", "a", "b")
    assert found == [{"a": "1", "b": "2"}, {"a": "1", "b": "2"}, {"a": "3", "b": "2"}]
    assert fault.offset == 12


def test_what_has_no_such_heading_is_an_error():
    assert not cr.has_columns(b"a,b\n", "c")
    with pytest.raises(EvidenceError, match="a heading with the columns c"):
        read(b"a,b\n", "c")


@pytest.mark.parametrize("head", [b"", b"{}", b"[1,2]", b"<a,b>", b"\x00\x01,", b"\xff\xfe", b"\ra,b", b'"' * 100, b",,,,"])
def test_headings_never_raise(head):
    assert not cr.has_columns(head, "a")


def test_a_record_cut_anywhere_is_still_read():
    data = REPORT.encode()
    for cut in range(30, len(data)):
        assert len(read(data[:cut])[0]) <= 2


def test_first_takes_the_first_that_is_filled():
    record = cr.Record([("b", "2"), ("c", "3")], 0)
    assert record.first("a", "b", "c") == "2"
    assert record.first("x") is None


def test_records_quoted_as_one_field_are_opened():
    found, faults = read(b'"A,""B"",""C"""\n"1,""x, y"",""line\nmore"""\n', "a", "c")
    assert found == [{"a": "1", "b": "x, y", "c": "line\nmore"}]
    assert faults == []
