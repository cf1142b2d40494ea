"""pcap files: every variant of the format, and damage."""

import io
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.make_captures import samples
from kit.captures import START_NS, Captured, frames, pcap, pcap_head, pcap_record, read_tables
from kit.flow_exports import ethernet, ip_packet, tcp, udp
from tocsin.errors import EvidenceError
from tocsin.readers import _capture
from tocsin.readers import pcap as reader_module

SYN = ethernet(ip_packet("198.51.100.7", "192.0.2.10", 6, tcp(40000, 443, 2)))
QUERY = ethernet(ip_packet("198.51.100.7", "192.0.2.53", 17, udp(40000, 53, b"\0\1\1\0" + b"x" * 30)))
GOOD = pcap(frames([SYN, QUERY] * 6))
FILES = {name.partition("/")[2]: data for name, data in samples().items() if name.startswith("pcap/")}


def offsets(data, *, order="<", header=16):
    """Where each record's bytes start."""
    found, position = [], 24
    while position < len(data):
        found.append(position + header)
        position += header + struct.unpack_from(order + "I", data, position + 8)[0]
    return found


@pytest.mark.parametrize("kind", ["us", "ns", "modified"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_variant_is_claimed_and_gives_the_same_packet(order, kind):
    data = pcap([Captured(SYN, START_NS + 7_000)], order=order, kind=kind)
    assert reader_module._format(data) is not None
    row = read_tables(data).one("network_packet")
    assert row["time"] == datetime(2022, 2, 15, 13, 2, 11, 250_007, UTC)
    assert (row["src_endpoint_ip"], row["dst_endpoint_ip"], row["dst_endpoint_port"]) == ("198.51.100.7", "192.0.2.10", 443)
    assert row["packet_kind"] == "tcp_syn"
    assert row["record_offset"] == 24 + (24 if kind == "modified" else 16)


def test_bits_of_the_checksum_length_beside_the_link_type_are_left_out():
    data = pcap_head(link=1 | 0x4400_0000) + pcap_record(Captured(SYN))
    assert read_tables(data).one("network_packet")["packet_kind"] == "tcp_syn"


@pytest.mark.parametrize("data", [b"", b"\xd4\xc3", b"PK\x03\x04" + bytes(40)], ids=["nothing", "half a magic", "a ZIP file"])
def test_what_is_no_pcap_is_refused_with_what_was_found(data):
    assert reader_module._format(data) is None
    with pytest.raises(EvidenceError, match="at byte 0: expected a pcap"):
        list(reader_module.read(io.BytesIO(data), evidence_id="e1", report=lambda fault: None))


def test_a_file_cut_within_its_header_says_how_many_bytes_there_are():
    assert "found 23 bytes" in str(read_tables(GOOD[:23]).error)
    assert read_tables(GOOD[:24]).error is None


def test_a_header_alone_is_a_capture_without_packets():
    tables = read_tables(pcap([]))
    assert (tables.packets, tables.faults, tables.error) == (0, [], None)


def test_a_packet_captured_with_no_bytes_counts_as_it_was_on_the_wire():
    tables = read_tables(pcap([Captured(b"", original=1500), Captured(SYN)]))
    assert tables.packets == 2
    assert sum(row["frame_bytes"] for row in tables.rows["network_traffic"]) == 1500 + len(SYN)
    assert tables.faults == []


def test_a_record_that_claims_less_on_the_wire_than_was_captured_counts_what_was_captured():
    assert read_tables(pcap([Captured(SYN, original=10)])).one("network_traffic")["frame_bytes"] == len(SYN)


@pytest.mark.parametrize("seconds", [0, 2**32 - 1], ids=["1970", "2106"])
def test_times_at_the_ends_of_the_clock_are_kept(seconds):
    tables = read_tables(pcap([Captured(SYN, seconds * 10**9)]))
    assert tables.one("network_traffic")["time"] == datetime.fromtimestamp(seconds, UTC)
    assert tables.faults == []


def test_records_in_disorder_give_flows_from_the_earliest_to_the_latest():
    records = [Captured(SYN, START_NS + step * 10**9) for step in (2, 0, 5, 1)]
    tables = read_tables(pcap(records))
    flow = tables.one("network_activity")
    assert (flow["traffic_packets_out"], (flow["end_time"] - flow["time"]).total_seconds()) == (4, 5)
    assert tables.faults == []


@pytest.mark.parametrize("order", ["<", ">"])
def test_after_a_length_beyond_all_packets_the_records_behind_are_found(order):
    data = bytearray(pcap(frames([SYN, QUERY] * 6), order=order))
    where = offsets(bytes(data), order=order)
    struct.pack_into(order + "I", data, where[4] - 8, 0x7FFFFFFF)
    tables = read_tables(bytes(data))
    assert tables.offsets == [*where[:4], *where[5:]]
    [fault] = tables.faults
    assert fault.offset == where[4] - 16
    assert "expected a packet record, found" in fault.reason


def test_records_swallowed_by_a_length_too_large_are_found_again():
    data = bytearray(GOOD)
    where = offsets(GOOD)
    struct.pack_into("<I", data, where[4] - 8, len(SYN) + 90)
    tables = read_tables(bytes(data))
    assert set(where) - set(tables.offsets) <= {where[5]}
    assert len(tables.faults) == 1


def test_a_length_that_reaches_beyond_the_end_costs_its_record_only():
    data = bytearray(GOOD)
    where = offsets(GOOD)
    struct.pack_into("<II", data, where[4] - 8, 900_000, 900_000)
    tables = read_tables(bytes(data))
    assert tables.offsets == [*where[:4], *where[5:]]
    [fault] = tables.faults
    assert fault.offset == where[4] - 16


def test_a_hole_of_zeros_is_a_fault_and_what_comes_behind_is_found():
    where = offsets(GOOD)
    data = GOOD[: where[4]] + bytes(where[7] - where[4]) + GOOD[where[7] :]
    tables = read_tables(data)
    assert tables.offsets == [*where[:5], *where[8:]]
    [fault] = tables.faults
    assert where[4] - 16 <= fault.offset <= where[7]


def test_damage_to_the_first_record_does_not_cost_the_others_of_any_year():
    data = bytearray(GOOD)
    data[24:40] = b"\xff" * 16
    assert read_tables(bytes(data)).offsets == offsets(GOOD)[1:]


@pytest.mark.parametrize("first", [0, START_NS], ids=["first time unset", "all times set"])
def test_a_first_record_without_time_does_not_keep_others_from_being_found(first):
    data = bytearray(pcap([Captured(SYN, first), *frames([SYN] * 8)]))
    where = offsets(bytes(data))
    struct.pack_into("<I", data, where[4] - 8, 0xFFFFFFFF)
    assert read_tables(bytes(data)).offsets == [*where[:4], *where[5:]]


@pytest.mark.parametrize("chunk", [24, 40, 100, 1000])
def test_chunks_of_the_file_do_not_show(chunk, monkeypatch):
    whole = read_tables(GOOD)
    monkeypatch.setattr(_capture, "CHUNK_BYTES", chunk)
    parts = read_tables(GOOD)
    assert (parts.traffic(), parts.offsets, parts.faults) == (whole.traffic(), whole.offsets, whole.faults)
    assert parts.rows["network_activity"] == whole.rows["network_activity"]


def test_cut_anywhere_the_complete_records_are_read_and_one_fault_says_the_rest():
    where = offsets(GOOD)
    ends = [*(start - 16 for start in where[1:]), len(GOOD)]
    for cut in range(24, len(GOOD)):
        tables = read_tables(GOOD[:cut], threads=1)
        complete = sum(end <= cut for end in ends)
        assert tables.offsets == where[:complete]
        assert [fault.offset for fault in tables.faults] == ([] if cut in (24, *ends) else [(24, *ends)[complete]])


@settings(max_examples=60, deadline=None)
@given(start=st.integers(24, len(GOOD)), resume=st.integers(24, len(GOOD)), junk=st.binary(max_size=60))
def test_any_damage_leaves_the_records_before_it_and_ends(start, resume, junk):
    tables = read_tables(GOOD[:start] + junk + GOOD[resume:], threads=1)
    assert tables.error is None
    before = [at for at in offsets(GOOD) if at + len(SYN) <= start and at in offsets(GOOD)[::2]]
    assert set(before) <= set(tables.offsets)
    assert len(set(tables.offsets)) == len(tables.offsets)


@pytest.mark.parametrize("sample", FILES)
def test_the_sample_is_what_the_script_writes(sample):
    assert (Path(__file__).parents[2] / "evidence" / "pcap" / sample).read_bytes() == FILES[sample]
