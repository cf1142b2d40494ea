import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import EvidenceError
from tocsin.readers import _json_report as jr

REPORT = b'{"tool": {"name": "x\xc3\xa9"}, "results": [{"id": "A", "n": 1.5}, {"id": "B", "more": [{"deep": true}]}]}'


def read(data: bytes):
    faults = []
    return list(jr.documents(io.BytesIO(data), evidence_id="e1", report=faults.append)), faults


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_what_json_writes_is_read_as_json_reads_it(value):
    for text in (json.dumps([value]), json.dumps([value], ensure_ascii=False, indent=1)):
        [found], faults = read(text.encode("utf-8", "surrogatepass"))
        assert found == json.loads(text) or "\\ud" in text or any("\ud800" <= c <= "\udfff" for c in text)
        assert faults == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_each_object_knows_the_byte_it_starts_at_in_any_encoding(encoding):
    data = '{"ä€": "ö", "list": [{"id": "ü"}, {"id": "last"}]}'.replace("€", "" if encoding == "latin-1" else "€").encode(
        encoding
    )
    [found], _ = read(data)
    for held in (found, *found["list"]):
        assert data[held.offset :].decode("utf-16-le" if encoding == "utf-16" else encoding).startswith("{")
    assert found["list"][1].offset == data.rindex("{".encode("utf-16-le" if encoding == "utf-16" else "ascii"))


def test_lines_and_concatenated_documents_are_read_one_after_the_other():
    found, faults = read(b'{"a":1}\n{"a":2}{"a":3}\n\n[{"a":4}]\n')
    assert [*found[:3], *found[3]] == [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]
    assert [held.offset for held in (*found[:3], *found[3])] == [0, 8, 15, 25]
    assert faults == []


def test_a_damaged_line_costs_itself():
    found, [fault] = read(b'{"a":1}\n{"a":oops}\n{"a":3}\n')
    assert [item.get("a") for item in found if item] == [1, 3]
    assert fault.offset == 13


def test_a_report_cut_off_gives_what_was_complete():
    for cut in range(1, len(REPORT)):
        try:
            found, faults = read(REPORT[:cut])
        except EvidenceError as error:
            assert "at byte" in str(error)
            continue
        assert len(faults) == 1
        assert all(set(item) >= {"id"} for item in jr.records(found[0], "results"))
    [found], _ = read(REPORT[: REPORT.index(b', "more"')])
    assert found["results"] == [{"id": "A", "n": 1.5}]


@pytest.mark.parametrize("data", [b"", b"x", b"[" * 5000, b'{"a":' * 5000, b"nul", b'{"a" 1}', b"\xff\xfe{"])
def test_what_is_no_json_is_an_error_or_a_fault(data):
    try:
        found, faults = read(data)
        assert faults
        assert found
    except EvidenceError as error:
        assert "expected" in str(error)


def test_a_comma_before_the_end_unquoted_keys_and_nan_are_forgiven():
    assert read(b'[{"a": NaN},\n{finished: 1},\n]')[0] == [[{"a": None}, {"finished": 1}]]


def test_numbers_are_bounded():
    assert read(b"[" + b"9" * 5000 + b", 1e999, -0.5e1]")[0] == [[None, None, -5.0]]


def test_a_shape_shows_kind_paths_and_values_of_a_head_cut_anywhere():
    found = jr.shape(REPORT)
    assert found.kind == "object"
    assert found.has("tool.name", "results[].id", "results[].more[].deep")
    assert found.text("tool.name") == "xé"
    assert found.values["results[].n"] == 1.5
    for cut in range(len(REPORT)):
        assert jr.shape(REPORT[:cut]).paths <= found.paths | {""}
    assert jr.shape(REPORT[: REPORT.index(b"1.5")]).has("results[].id")
    assert jr.shape(b"[" + REPORT + b"]").has("[].tool.name")
    assert jr.shape(REPORT + b"\n" + REPORT).documents == 2
    assert jr.shape(b"<a/>").kind == "" == jr.shape(b"[1, 2").text("x")


def test_getters_never_raise_and_tell_kinds_apart():
    value = read(b'{"t": " x ", "n": "7.5", "i": 7, "big": 1e300, "l": [{"a": 1}, 3, "s"], "o": {"k": [5]}, "e": ""}')[0][0]
    assert (jr.text(value, "t"), jr.text(value, "i"), jr.text(value, "e"), jr.text(value, "l"), jr.text(None, "x")) == (
        "x",
        "7",
        None,
        None,
        None,
    )
    assert (jr.number(value, "n"), jr.number(value, "t"), jr.number(value, "o", "k", 0), jr.number(value, "o", "k", 9)) == (
        7.5,
        None,
        5.0,
        None,
    )
    assert (jr.whole(value, "i"), jr.whole(value, "n"), jr.whole(value, "big"), jr.whole(10**400)) == (7, None, None, None)
    assert jr.records(value, "l") == [{"a": 1}] == [jr.record(value, "l", 0)]
    assert jr.texts(value, "l") == ["s"]
    assert jr.texts(value, "t") == ["x"]
    assert jr.record(value, "t") == {} == jr.record(value, "l", "x")
    assert jr.records(value, "o") == [{"k": [5]}]


def test_one_document_is_asked_for_and_others_are_reported():
    faults = []
    assert jr.document(io.BytesIO(b'{"a":1}{"b":2}'), evidence_id="e1", report=faults.append) == {"a": 1}
    assert faults[0].offset == 7
    with pytest.raises(EvidenceError):
        jr.document(io.BytesIO(b"[1]"), evidence_id="e1", report=faults.append)
    assert list(jr.objects(io.BytesIO(b'[{"a":1}]{"a":2}'), evidence_id="e1", report=faults.append)) == [{"a": 1}, {"a": 2}]


def test_what_is_too_large_is_refused():
    with pytest.raises(EvidenceError, match="at most 10 bytes"):
        jr.content(io.BytesIO(b"x" * 11), most=10)
