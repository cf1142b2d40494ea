"""What holds for every reader of text logs, over every sample."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.make_text_logs import samples
from kit.text_logs import GOLDEN, TESTS, TEXT_READERS, claimants, compare_golden, read, read_offsets
from tocsin.errors import EvidenceError
from tocsin.readers import _lines

SAMPLES = samples()
JSON_READERS = ("zeek_json", "suricata_eve", "access_json")
every_sample = pytest.mark.parametrize("sample", SAMPLES)


def reader_of(sample: str) -> str:
    return sample.partition("/")[0]


def line_starts(data: bytes) -> list[int]:
    starts = [0]
    starts += [at + 1 for at, byte in enumerate(data) if byte == 0x0A and at + 1 < len(data)]
    return starts


@every_sample
def test_the_sample_is_what_the_script_writes(sample):
    assert (TESTS / "evidence" / sample).read_bytes() == SAMPLES[sample]


def test_every_text_reader_has_a_sample():
    assert {reader_of(sample) for sample in SAMPLES} == set(TEXT_READERS)


@every_sample
def test_rows_are_the_golden_ones_and_nothing_is_at_fault(sample):
    result = read(reader_of(sample), SAMPLES[sample])
    assert result.faults == []
    compare_golden(GOLDEN / (sample + ".jsonl"), result.rows)


@every_sample
def test_exactly_one_reader_claims_the_sample(sample):
    assert claimants(SAMPLES[sample]) == [reader_of(sample)]


@every_sample
def test_a_byte_order_mark_and_crlf_change_offsets_only(sample):
    data = b"\xef\xbb\xbf" + SAMPLES[sample].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert claimants(data) == [reader_of(sample)]
    changed, plain = read(reader_of(sample), data), read(reader_of(sample), SAMPLES[sample])
    without_offset = [[{k: v for k, v in row.items() if k != "record_offset"} for row in r.rows] for r in (changed, plain)]
    assert without_offset[0] == without_offset[1]
    assert changed.faults == []


@every_sample
@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_chunks_of_the_stream_do_not_show(sample, chunk, monkeypatch):
    whole = read(reader_of(sample), SAMPLES[sample])
    monkeypatch.setattr(_lines, "CHUNK_BYTES", chunk)
    assert read(reader_of(sample), SAMPLES[sample]) == whole


@every_sample
def test_truncation_at_each_byte_costs_at_most_the_last_line_and_is_said(sample):
    data, name = SAMPLES[sample], reader_of(sample)
    whole, _ = read_offsets(name, data)
    starts = line_starts(data)
    for cut in range(len(data)):
        last = max((start for start in starts if start < cut), default=0)
        finished = cut == 0 or data[cut - 1 : cut] == b"\n"
        try:
            rows, faults = read_offsets(name, data[:cut])
        except EvidenceError:  # only the header of another log was left
            continue
        complete = cut if finished else last
        assert {offset for offset in rows if offset < complete} == {offset for offset in whole if offset < complete}
        only_the_break_is_missing = name in JSON_READERS and data[cut : cut + 1] == b"\n"
        if not finished and data[last:cut].strip() and not only_the_break_is_missing:
            assert last in faults


@every_sample
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_gives_rows_at_line_starts_and_faults_never_an_error(sample, data):
    good, name = SAMPLES[sample], reader_of(sample)
    cut, resume = data.draw(st.integers(0, len(good))), data.draw(st.integers(0, len(good)))
    damaged = good[:cut] + data.draw(st.binary(max_size=40)) + good[resume:]
    try:
        result = read(name, damaged)
    except EvidenceError:
        return
    starts = set(line_starts(damaged)) | {3}
    assert {row["record_offset"] for row in result.rows} <= starts
    assert {fault.offset for fault in result.faults} <= starts
    assert len({(row["table"], row["record_offset"]) for row in result.rows}) == len(result.rows)


@pytest.mark.parametrize("name", TEXT_READERS)
@settings(max_examples=25, deadline=None)
@given(junk=st.binary(max_size=300))
def test_junk_never_raises_anything_but_evidence_errors(name, junk):
    try:
        read(name, junk)
    except EvidenceError:
        return


@settings(max_examples=100, deadline=None)
@given(junk=st.one_of(st.binary(max_size=500), st.text(max_size=500).map(str.encode)))
def test_nobody_claims_junk(junk):
    assert claimants(junk) == []


STRANGERS = {
    "pcap": bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000") + b"\x00" * 200,
    "pcapng": bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000") + b"\x00" * 200,
    "nfdump": bytes.fromhex("0ca50200") + b"\x00" * 300,
    "empty": b"",
    "blank lines": b"\n\n  \n\r\n",
    "sbom": b'{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[]}\n',
    "sbom, pretty": b'{\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.5",\n  "metadata": {"timestamp": "2022-02-15T13:02:11Z"}\n}\n',
    "csaf": b'{"document":{"category":"csaf_base","title":"x","tracking":{"status":"final"}},"vulnerabilities":[]}\n',
    "stix": b'{"type":"bundle","id":"bundle--1","objects":[{"type":"indicator","created":"2022-02-15T13:02:11Z"}]}\n',
    "json lines": b'{"timestamp":"2022-02-15T13:02:11Z","level":"info","message":"started"}\n{"a":1}\n',
    "posts": b'{"id":1,"time":"2022-02-15T13:02:11Z","user":"a","text":"hello","url":"https://example.org/1"}\n',
    "json array": b'[{"ts":1,"uid":"C1","id.orig_h":"192.0.2.1","id.resp_h":"192.0.2.2"}]\n',
    "other csv": b"date,source,destination,bytes\n2022-02-15,192.0.2.1,192.0.2.2,10\n",
    "windows firewall": b"#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Fields: date time action protocol src-ip dst-ip\n",
    "markdown": b"# A report\n\nThe log says:\n\n    198.51.100.7 - - [15/Feb/2022:15:02:11 +0200] \"GET / HTTP/1.1\" 200 15\n\nand\n\nmore\n\n- words\n",
    "markdown with a packet": b"# A report\n\nFeb 15 13:02:11 fw kernel: DROP IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=TCP SPT=1 DPT=2\n\nwords\n",
    "syslog without packets": b"Feb 15 13:02:11 web1 sshd[1]: Accepted publickey for root\n" * 5,
    "html": b"<!doctype html>\n<html><body>GET / HTTP/1.1</body></html>\n",
    "yaml": b"openapi: 3.0.0\npaths:\n  /a:\n    get: {}\n",
}  # fmt: skip


@pytest.mark.parametrize("stranger", STRANGERS)
def test_nobody_claims_what_is_no_log_of_ours(stranger):
    assert claimants(STRANGERS[stranger]) == []


@pytest.mark.parametrize("name", TEXT_READERS)
def test_an_empty_file_gives_nothing(name):
    assert read(name, b"") == ([], [])
