import io

import pytest

from tocsin.errors import EvidenceError
from tocsin.readers import _xml

REPORT = b"""<?xml version="1.0"?>
<!DOCTYPE r SYSTEM "https://example.org/r.dtd">
<r xmlns="urn:x" xmlns:y="urn:y" version="1"><head name="h"/>
<host ip="192.0.2.1"><y:tag y:k="v">linux &amp; <b>more</b> text</y:tag><item n="1"/><item n="2"><out>o</out></item></host>
<host ip="192.0.2.2"><item n="3"/></host></r>
"""


def read(data: bytes, *wanted: str):
    faults = []
    return list(_xml.records(io.BytesIO(data), set(wanted), "e1", faults.append)), faults


def test_records_know_their_byte_and_their_ancestors_with_earlier_children():
    found, faults = read(REPORT, "item")
    assert [record.element.get("n") for record in found] == ["1", "2", "3"]
    assert all(REPORT[record.offset :].startswith(b"<item n=") for record in found)
    root, host = found[1].parents
    assert (root.tag, root.get("version"), host.get("ip")) == ("r", "1", "192.0.2.1")
    assert root.find("head").get("name") == "h"
    assert _xml.text(host, "tag") == "linux & more text"
    assert host.find("tag").get("k") == "v"
    assert _xml.text(found[1].element, "out") == "o"
    assert faults == []


def test_a_record_within_a_record_comes_first_and_is_taken_out():
    found, _ = read(REPORT, "item", "host")
    assert [record.element.tag for record in found] == ["item", "item", "host", "item", "host"]
    assert [child.tag for child in found[2].element] == ["tag"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "windows-1252"])
def test_encodings_are_the_documents_own(encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?><r><i>é</i></r>'.encode(encoding)
    assert _xml.text(read(data, "i")[0][0].element) == "é"
    assert _xml.root(data).name == "r"


def test_blanks_before_the_declaration_shift_no_offset():
    found, _ = read(b"\n \n" + REPORT, "item")
    assert (b"\n \n" + REPORT)[found[0].offset :].startswith(b'<item n="1"')
    assert _xml.root(b"\n \n" + REPORT).name == "r"


def test_a_document_cut_anywhere_gives_what_was_complete_then_an_error_with_the_byte():
    whole = [record.element.get("n") for record in read(REPORT, "item")[0]]
    ends = [REPORT.index(b'<item n="1"/>') + 13, REPORT.index(b"</item>") + 7, REPORT.index(b'<item n="3"/>') + 13]
    for cut in range(REPORT.rindex(b">")):
        found = []
        with pytest.raises(EvidenceError, match="at byte"):
            found.extend(r.element.get("n") for r in _xml.records(io.BytesIO(REPORT[:cut]), {"item"}, "e1", lambda _: None))
        assert found == whole[: sum(cut >= end for end in ends)]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r><i>&b;</i></r>', id="entities that grow"),
        pytest.param(b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><i>&x;</i></r>', id="an external entity"),
        pytest.param(b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://192.0.2.1/x">%p;]><r><i/></r>', id="a parameter entity"),
        pytest.param(b"<r>" + b"<a>" * 1000, id="too deep"),
    ],
)
def test_what_xml_can_do_to_its_reader_is_refused(data):
    with pytest.raises(EvidenceError, match=r"at byte [\d,]+: expected"):
        read(data, "i")


def test_many_records_do_not_add_up_in_memory(monkeypatch):
    monkeypatch.setattr(_xml, "HELD_MOST", 50)
    data = b"<r>" + b"<i><a/><b/></i>text" * 1000 + b"</r>"
    assert len(read(data, "i")[0]) == 1000
    with pytest.raises(EvidenceError, match="at most 50 elements"):
        read(data, "other")


def test_long_texts_are_cut_and_reported(monkeypatch):
    monkeypatch.setattr(_xml, "TEXT_CHARACTERS", 1000)
    monkeypatch.setattr(_xml, "CHUNK_BYTES", 512)
    [record], faults = read(b"<r><i>" + b"x &lt; " * 40_000 + b"</i></r>", "i")
    assert len(_xml.text(record.element)) < 100_000
    assert len(faults) == 1


def test_something_behind_the_root_is_a_fault():
    found, [fault] = read(REPORT + b"<r/>", "item")
    assert len(found) == 3
    assert fault.offset == len(REPORT)


def test_the_root_is_seen_in_a_head_cut_anywhere():
    start = REPORT.index(b'version="1">') + len(b'version="1">')
    for cut in range(start, len(REPORT)):
        root = _xml.root(REPORT[:cut])
        assert (root.name, root.namespace, root.attributes["version"]) == ("r", "urn:x", "1")
    assert _xml.root(REPORT).tags == {"r", "head", "host", "tag", "b", "item", "out"}
    assert _xml.root(b"{}") is None is _xml.root(b"") is _xml.root(b"<") is _xml.root(b"<<<")


def test_texts_and_attributes_are_none_where_empty():
    element = read(b'<r><i a="" b=" x "><t> </t><t>1</t></i></r>', "i")[0][0].element
    assert (_xml.attribute(element, "a"), _xml.attribute(element, "b"), _xml.attribute(None, "b")) == (None, "x", None)
    assert (_xml.text(element, "t"), _xml.text(element, "u"), _xml.text(None), _xml.texts(element, "t")) == (
        None,
        None,
        None,
        ["1"],
    )
