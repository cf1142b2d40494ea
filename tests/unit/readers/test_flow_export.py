"""The reader of raw export payloads: framing, resynchronisation, claims; golden rows of every sample."""

import io

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.make_flow_exports import samples
from kit.flow_exports import IPV4_FIELDS, counter_sample, data_set, flow, ipfix, sflow, template_set, v5, v5_record, v9
from kit.text_logs import GOLDEN, TESTS, compare_golden, read
from tocsin.errors import EvidenceError
from tocsin.readers import HEAD_BYTES, _lines, flow_export
from tocsin.readers._flow_framing import framed

SAMPLES = {name: content for name, content in samples().items() if name.startswith("flow_export")}
every_sample = pytest.mark.parametrize("sample", SAMPLES)

SYN = flow("198.51.100.7", "192.0.2.10", 40000, 443, 6, 2, 3, 180, 1000, 2500)
V5 = v5(v5_record(), v5_record(sport=40001))
V9_TEMPLATE, V9_DATA = v9(template_set(9, (256, IPV4_FIELDS))), v9(data_set(256, SYN, SYN))
IPFIX = ipfix(data_set(300, bytes(8)))
NO_TIME = "its rows are dated 1970"


def offsets(data):
    result = read("flow_export", data)
    return [row["record_offset"] for row in result.rows], [(fault.offset, fault.reason) for fault in result.faults]


def claims(data):
    return flow_export._claims(data[:HEAD_BYTES], "evidence")


@every_sample
def test_the_sample_is_what_the_script_writes(sample):
    assert (TESTS / "evidence" / sample).read_bytes() == SAMPLES[sample]


@every_sample
def test_rows_are_the_golden_ones(sample):
    result = read("flow_export", SAMPLES[sample])
    compare_golden(GOLDEN / (sample + ".jsonl"), result.rows)
    assert all(NO_TIME in fault.reason for fault in result.faults)


@every_sample
def test_the_sample_is_claimed(sample):
    assert claims(SAMPLES[sample])


def test_kinds_may_be_mixed_and_offsets_count_from_the_start_of_the_file():
    kinds = list(SAMPLES.values())
    rows, _ = offsets(b"".join(kinds))
    expected, base = [], 0
    for content in kinds:
        expected += [base + offset for offset in offsets(content)[0]]
        base += len(content)
    assert rows == expected


@pytest.mark.parametrize("size", [1, 7, 100])
@every_sample
def test_chunks_of_the_stream_do_not_show(sample, size, monkeypatch):
    whole = read("flow_export", SAMPLES[sample])
    monkeypatch.setattr(flow_export, "CHUNK_BYTES", size)
    monkeypatch.setattr(flow_export, "MESSAGE_BYTES_MAX", len(SAMPLES[sample]))
    assert read("flow_export", SAMPLES[sample]) == whole


def test_long_files_are_read_in_parts_and_batches(monkeypatch):
    monkeypatch.setattr(flow_export, "BATCH_ROWS", 500)
    monkeypatch.setattr(_lines, "BATCH_ROWS", 500)
    data = V5 * 2000
    assert len(data) > 2 * flow_export.MESSAGE_BYTES_MAX
    found = list(flow_export.read_flow_export(io.BytesIO(data), evidence_id="e1", report=lambda fault: None))
    assert [batch.rows.num_rows for batch in found] == [500] * 8
    assert pa.Table.from_batches([batch.rows for batch in found])["record_offset"].to_pylist() == [
        base + at for base in range(0, len(data), len(V5)) for at in (24, 72)
    ]


def test_flows_before_the_first_template_and_rate_are_decoded_like_the_others():
    rows = read("flow_export", SAMPLES["flow_export/netflow9.dat"]).rows
    assert rows[0]["record_offset"] == 24


@pytest.mark.parametrize(
    "junk",
    [b"\xff", b"\0" * 50, b"\0\5\0\2 but no more of it", b"\0\x09\0\1" * 20, b"\0\0\0\5" * 9, b"x" * 200_000],
    ids=["a byte", "zeros", "half a header", "versions of NetFlow v9", "versions of sFlow", "much"],
)
@pytest.mark.parametrize("before", [V5, b""], ids=["V5", "nothing"])
@pytest.mark.parametrize("after", [V5, V9_TEMPLATE + V9_DATA, SAMPLES["flow_export/sflow.dat"]], ids=["V5", "V9", "sFlow"])
def test_damage_costs_what_is_damaged_and_reading_goes_on(before, junk, after):
    rows, faults = offsets(before + junk + after)
    start = len(before) + len(junk)
    assert [offset for offset in rows if offset < len(before)] == offsets(before)[0] if before else True
    assert [offset - start for offset in rows if offset >= len(before)] == offsets(after)[0]
    [damage] = [(offset, reason) for offset, reason in faults if NO_TIME not in reason]
    assert damage[0] == len(before)
    assert f"found {len(junk)} bytes of something else" in damage[1]


def test_what_looks_like_netflow_v5_amid_damage_needs_a_follower():
    fake = b"\xff" + V5[:60]
    assert offsets(V5 + fake + b"\xff" * 80)[0] == [24, 72]
    assert offsets(V5 + b"\xff" + V5 + V5)[0] == [24, 72, 145, 193, 265, 313]


def test_something_else_up_to_the_end_is_told():
    rows, faults = offsets(V5 + b"end")
    assert rows == [24, 72]
    assert faults == [(120, "expected a flow export message, found 3 bytes of something else up to the end")]


@every_sample
def test_truncation_at_each_byte_gives_the_records_before_it(sample):
    data = SAMPLES[sample]
    whole = set(offsets(data)[0])
    starts, at = [], 0
    while at < len(data):
        starts.append(at)
        at += framed(data, at)[0]
    for cut in range(len(data)):
        try:
            rows, faults = offsets(data[:cut])
        except EvidenceError:
            assert cut < starts[1] if len(starts) > 1 else True
            continue
        last = max(start for start in starts if start <= cut)
        # A template that was cut off takes the data that waited for it along.
        assert set(rows) <= whole
        assert cut in starts or faults or sample == "flow_export/netflow9.dat"
        if sample in ("flow_export/netflow5.dat", "flow_export/sflow.dat"):
            assert {offset for offset in whole if offset < last} <= set(rows)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_damage_gives_rows_and_faults_never_another_error(data):
    good = data.draw(st.sampled_from(list(SAMPLES.values())))
    cut, resume = (data.draw(st.integers(0, len(good))) for _ in range(2))
    damaged = good[:cut] + data.draw(st.binary(max_size=40)) + good[resume:]
    try:
        rows, _ = offsets(damaged)
    except EvidenceError:
        return
    assert all(0 <= offset < len(damaged) for offset in rows)


@settings(max_examples=100, deadline=None)
@given(junk=st.binary(max_size=300))
def test_junk_is_refused_or_read_and_rarely_claimed(junk):
    try:
        offsets(junk)
    except EvidenceError:
        assert not claims(junk)


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"hello, world", bytes(range(256))])
def test_a_file_without_messages_says_so(data):
    with pytest.raises(EvidenceError, match="expected NetFlow v5, v9, IPFIX or sFlow v5 messages"):
        offsets(data)


@pytest.mark.parametrize(
    ("data", "claimed"),
    [
        pytest.param(V5, True, id="one message"),
        pytest.param(V5 + V9_TEMPLATE + IPFIX, True, id="three"),
        pytest.param(V5 + V9_TEMPLATE[:30], True, id="the second is cut off"),
        pytest.param(V5[:-1], False, id="the first is cut off"),
        pytest.param(V5 + b"x", False, id="followed by something else"),
        pytest.param(b"x" + V5, False, id="after something else"),
        pytest.param(V5 * 1000, True, id="longer than the head"),
        pytest.param(sflow(counter_sample()) * 3, True, id="counters alone"),
        pytest.param(bytes(100), False, id="zeros"),
        pytest.param(b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(40), False, id="a capture"),
        pytest.param(b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(200), False, id="AppleDouble"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_claims(data, claimed):
    assert claims(data) == claimed


@pytest.mark.parametrize("extra", range(-30, 31, 5))
def test_the_end_of_the_head_within_a_message_does_not_matter(extra):
    body = ipfix(data_set(300, bytes(HEAD_BYTES - 20 - 24 + extra - 40), pad=False))
    assert claims(body + V5)


REAL = {"flow_netflow5.dat": 30, "flow_netflow9_asa_tpl.dat": 0, "flow_netflow9_asa_data.dat": 0}


@pytest.mark.real
@pytest.mark.parametrize("name", REAL)
def test_real_payloads(real_data, name):
    data = (real_data / "network" / name).read_bytes()
    assert claims(data)
    result = read("flow_export", data)
    assert len(result.rows) == REAL[name]
    assert ["template 265" in fault.reason for fault in result.faults] == (
        [True] if name == "flow_netflow9_asa_data.dat" else []
    )


@pytest.mark.real
def test_real_firewall_events_with_their_templates(real_data):
    data = b"".join((real_data / "network" / f"flow_netflow9_asa_{part}.dat").read_bytes() for part in ("data", "tpl"))
    result = read("flow_export", data)
    assert result.faults == []
    assert len(result.rows) == 14
    assert {row["connection_state"] for row in result.rows} == {"deleted"}
    assert sum(row["traffic_bytes_out"] for row in result.rows) == 13 * 56 + 160
