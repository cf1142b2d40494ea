"""pcapng files: sections, interfaces, every kind of packet block, and damage."""

import io
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.make_captures import samples
from kit.captures import (
    START_NS,
    block,
    enhanced,
    frames,
    interface,
    old_packet,
    pcapng,
    read_tables,
    section,
    simple,
)
from kit.flow_exports import ethernet, ip_packet, tcp, udp
from tocsin.errors import EvidenceError
from tocsin.readers import _capture
from tocsin.readers import pcapng as reader_module

SYN = ethernet(ip_packet("198.51.100.7", "192.0.2.10", 6, tcp(40000, 443, 2)))
RAW_QUERY = ip_packet("2001:db8::7", "2001:db8::53", 17, udp(40000, 53, b"\0\1\1\0" + bytes(8)))
SECONDS = START_NS // 10**9
GOOD = pcapng(frames([SYN] * 10))
BLOCK = len(enhanced(SYN, 0))
FIRST = len(GOOD) - 10 * BLOCK
ORDERS = pytest.mark.parametrize("order", ["<", ">"])
FILES = {name.partition("/")[2]: data for name, data in samples().items() if name.startswith("pcapng/")}


def times(data):
    return [row["time"] for row in sorted(read_tables(data).rows["network_packet"], key=lambda row: row["record_offset"])]


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


@ORDERS
def test_both_byte_orders_give_the_same_packet(order):
    data = pcapng(frames([SYN]), order=order)
    assert reader_module._claims(data, "")
    tables = read_tables(data)
    row = tables.one("network_packet")
    assert (row["time"], row["packet_kind"]) == (at(START_NS / 1e9), "tcp_syn")
    assert row["record_offset"] == len(data) - BLOCK + 28
    assert tables.faults == []


@ORDERS
@pytest.mark.parametrize(
    ("tsresol", "per_s"),
    [(None, 10**6), (0, 1), (3, 10**3), (6, 10**6), (9, 10**9), (128, 1), (128 + 10, 2**10), (128 + 30, 2**30), (128 + 32, 2**32)],
    ids=["not given", "s", "ms", "us", "ns", "2^-0", "2^-10", "2^-30", "2^-32"],
)  # fmt: skip
def test_resolutions_of_powers_of_ten_and_two(order, tsresol, per_s):
    ticks = SECONDS * per_s + per_s // 4
    data = section(order=order) + interface(order=order, tsresol=tsresol) + enhanced(SYN, ticks, order=order)
    assert times(data) == [at(SECONDS + (0.25 if per_s > 1 else 0))]


@ORDERS
@pytest.mark.parametrize("offset", [-3600, 0, 1_000_000_000])
def test_an_interface_s_offset_is_added(order, offset):
    data = section(order=order) + interface(order=order, tsoffset=offset)
    data += enhanced(SYN, (SECONDS - offset) * 10**6, order=order)
    assert times(data) == [at(SECONDS)]


def test_picoseconds_since_an_offset():
    data = section() + interface(tsresol=12, tsoffset=SECONDS) + enhanced(SYN, 5 * 10**12 + 250_000_000_000)
    assert times(data) == [at(SECONDS + 5.25)]


@pytest.mark.parametrize("offset", [2**63 - 1, -(2**63), 9_000_000_000])
@pytest.mark.parametrize("tsresol", [0, 9, 18, 127, 255])
def test_times_out_of_any_range_are_held_at_its_ends(offset, tsresol):
    tables = read_tables(section() + interface(tsresol=tsresol, tsoffset=offset) + enhanced(SYN, 2**63 - 1))
    assert tables.one("network_packet")["time"] in (at(0), at(9_000_000_000)) or tsresol in (9, 18, 127, 255)
    assert at(0) <= tables.one("network_packet")["time"] <= at(9_000_000_000)


def test_the_far_future_does_not_turn_into_the_past():
    assert times(section() + interface(tsresol=0, tsoffset=9_000_000_000) + enhanced(SYN, 9_000_000_000)) == [at(9_000_000_000)]


def test_each_packet_has_the_link_type_and_resolution_of_its_interface():
    data = section() + interface(tsresol=9) + interface(link=101, tsresol=3)
    data += enhanced(RAW_QUERY, SECONDS * 1000, number=1) + enhanced(SYN, (SECONDS + 1) * 10**9, number=0)
    tables = read_tables(data)
    assert [row["packet_kind"] for row in tables.rows["network_packet"]] == ["udp_to_dns", "tcp_syn"]
    assert times(data) == [at(SECONDS), at(SECONDS + 1)]


def test_a_new_section_has_its_own_byte_order_and_interfaces():
    first = section() + interface(link=101) + enhanced(RAW_QUERY, SECONDS * 10**6)
    second = section(order=">") + interface(order=">", tsresol=9) + enhanced(SYN, START_NS, order=">")
    tables = read_tables(first + second + first)
    assert [row["packet_kind"] for row in tables.rows["network_packet"]] == ["udp_to_dns", "tcp_syn", "udp_to_dns"]
    assert tables.faults == []


def test_a_packet_of_an_interface_of_the_section_before_is_a_fault():
    tables = read_tables(GOOD + section() + enhanced(SYN, START_NS))
    assert tables.packets == 10
    assert [fault.offset for fault in tables.faults] == [len(GOOD) + len(section())]


@ORDERS
def test_old_packet_blocks_are_read_with_their_short_interface_number(order):
    data = section(order=order) + interface(order=order) + interface(order=order, tsresol=9)
    data += old_packet(SYN, SECONDS * 10**6, order=order) + old_packet(SYN, (SECONDS + 1) * 10**9, order=order, number=1)
    assert times(data) == [at(SECONDS), at(SECONDS + 1)]


@ORDERS
def test_simple_packet_blocks_take_the_time_of_the_packet_before(order):
    data = section(order=order) + interface(order=order)
    data += simple(SYN, order=order) + enhanced(SYN, SECONDS * 10**6, order=order) + simple(SYN, order=order)
    assert times(data) == [at(0), at(SECONDS), at(SECONDS)]


def test_a_simple_packet_cut_by_the_interface_s_snap_length_counts_as_on_the_wire():
    data = section() + interface(snaplen=41) + simple(SYN[:41], original=1500)
    row = read_tables(data).one("network_traffic")
    assert (row["frame_bytes"], row["traffic_packets"]) == (1500, 1)


@ORDERS
def test_blocks_we_do_not_know_are_stepped_over(order):
    unknown = [block(kind, b"x" * 21, order=order) for kind in (4, 5, 10, 0xBAD, 0x80000001, 0x0A0D0D0B)]
    data = section(order=order) + unknown[0] + interface(order=order) + b"".join(
        other + enhanced(SYN, SECONDS * 10**6, order=order) for other in unknown
    )  # fmt: skip
    tables = read_tables(data)
    assert (tables.packets, tables.faults) == (6, [])


def test_a_packet_captured_with_no_bytes_counts():
    data = section() + interface() + block(6, struct.pack("<IIIII", 0, 0, 0, 0, 900))
    assert read_tables(data).one("network_traffic")["frame_bytes"] == 900


@pytest.mark.parametrize("data", [b"", GOOD[:27], b"\x0a\x0d\x0d\x0a" + bytes(40)], ids=["nothing", "cut header", "no magic"])
def test_what_is_no_section_header_is_refused(data):
    with pytest.raises(EvidenceError, match="at byte 0: expected a pcapng section header"):
        list(reader_module.read(io.BytesIO(data), evidence_id="e1", report=lambda fault: None))


@ORDERS
@pytest.mark.parametrize("length", [0, 8, 31, 4096, 0xFFFFFFFC], ids=["zero", "short", "odd", "beyond the end", "beyond all"])
def test_after_a_wrong_block_length_the_packets_behind_are_found(order, length):
    data = bytearray(pcapng(frames([SYN] * 10), order=order))
    where = FIRST + 4 * BLOCK
    struct.pack_into(order + "I", data, where + 4, length)
    tables = read_tables(bytes(data))
    assert tables.packets == 9
    assert [fault.offset for fault in tables.faults] == [where]


def test_a_section_of_the_other_byte_order_is_found_after_damage():
    damaged = bytearray(GOOD)
    damaged[FIRST + 9 * BLOCK + 4 :] = b"\xff" * (BLOCK - 4)
    assert read_tables(bytes(damaged) + pcapng(frames([SYN] * 3), order=">")).packets == 12


@pytest.mark.parametrize("inner", [block(5, bytes(12)), interface(), section()], ids=["statistics", "interface", "section"])
def test_a_block_within_a_packet_before_damage_is_looked_at_once(inner):
    tables = read_tables(GOOD + enhanced(inner + b"x" * 40, START_NS) + b"\xff" * 64, threads=1)
    assert len(tables.faults) <= 3
    assert tables.packets == 11


def test_a_packet_full_of_other_blocks_before_damage_is_no_work_without_end():
    payload = block(5, b"") * 20_000
    started = time.process_time()
    tables = read_tables(section() + interface() + enhanced(payload, 0) * 4 + b"\xff" * 64, threads=1)
    assert time.process_time() - started < 5, "walking each chain of blocks from each of its blocks takes minutes"
    assert tables.packets == 4


def test_damage_behind_a_late_interface_does_not_renumber_those_that_follow():
    late = interface(tsresol=9) + b"\xff" * 16 + interface(link=101, tsresol=0)
    tables = read_tables(section() + interface() + enhanced(SYN, 0) + late + enhanced(RAW_QUERY, SECONDS, number=2))
    assert [row["packet_kind"] for row in tables.rows["network_packet"]] == ["tcp_syn", "udp_to_dns"]
    assert len(tables.faults) == 1


def test_an_interface_block_whose_length_is_wrong_is_a_fault():
    tables = read_tables(section() + struct.pack("<III", 1, 16, 16) + bytes(4) + GOOD)
    assert tables.packets == 10
    assert tables.faults


@pytest.mark.parametrize("chunk", [28, 60, 100, 1000])
def test_chunks_of_the_file_do_not_show(chunk, monkeypatch):
    [data] = FILES.values()
    whole = read_tables(data)
    monkeypatch.setattr(_capture, "CHUNK_BYTES", chunk)
    parts = read_tables(data)
    assert (parts.traffic(), parts.offsets, parts.faults) == (whole.traffic(), whole.offsets, whole.faults)
    assert parts.rows["network_activity"] == whole.rows["network_activity"]


def test_cut_anywhere_the_complete_packets_are_read_and_one_fault_says_the_rest():
    for cut in range(28, len(GOOD)):
        tables = read_tables(GOOD[:cut], threads=1)
        complete = max(0, (cut - FIRST) // BLOCK)
        assert tables.packets == complete
        whole = cut in (28, FIRST) or (cut > FIRST and (cut - FIRST) % BLOCK == 0)
        assert len(tables.faults) == (0 if whole else 1)


@settings(max_examples=60, deadline=None)
@given(start=st.integers(28, len(GOOD)), resume=st.integers(28, len(GOOD)), junk=st.binary(max_size=60))
def test_any_damage_leaves_the_packets_before_it_and_ends(start, resume, junk):
    tables = read_tables(GOOD[:start] + junk + GOOD[resume:], threads=1)
    assert tables.error is None
    assert tables.packets >= max(0, (start - FIRST) // BLOCK)
    assert len(set(tables.offsets)) == len(tables.offsets)


@pytest.mark.parametrize("sample", FILES)
def test_the_sample_is_what_the_script_writes(sample):
    assert (Path(__file__).parents[2] / "evidence" / "pcapng" / sample).read_bytes() == FILES[sample]
