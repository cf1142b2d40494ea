"""From indexed packets to tables: sums, flows, folding, web requests, exported flows; the same however the work is spread."""

import io
import ipaddress
import struct
from collections import deque
from datetime import timedelta

import numpy as np
import pyarrow.compute as pc
import pytest

from kit.captures import START_NS, Captured, frames, pcap, pcapng, read_tables
from kit.flow_exports import ethernet, ip_packet, tcp, udp, v5, v5_record
from tocsin.errors import EvidenceError
from tocsin.readers import _capture
from tocsin.readers._capture import read_capture, segments, traffic_series
from tocsin.readers.pcap import PcapWalker

CLIENT, SERVER = "198.51.100.7", "192.0.2.10"
CLIENT6, SERVER6 = "2001:db8::7", "2001:db8::53"
SECOND_NS = 10**9


def syn(src=CLIENT, dst=SERVER, sport=40000):
    return ethernet(ip_packet(src, dst, 6, tcp(sport, 443, 2)))


def conversation(count):
    """Packets of many clients and kinds, both ways, over a few seconds."""
    packets = []
    for number in range(count):
        client, port = f"198.51.{number % 7}.{number % 200 + 1}", 1024 + number % 37
        there = tcp(port, 443, (2, 16, 24, 17)[number % 4], b"x" * (number % 50))
        packets.append(ethernet(ip_packet(client, SERVER, 6, there)))
        packets.append(ethernet(ip_packet(SERVER, client, 6, tcp(443, port, 0x12))))
        packets.append(ethernet(ip_packet(CLIENT6, SERVER6, 17, udp(port, 53, bytes(12)))))
    return frames(packets)


def flow_sums(tables):
    """Packets, IP bytes and frame bytes by the two ends and the protocol, however they are spread over rows."""
    sums = {}
    for row in tables.rows["network_activity"]:
        ends = (row["src_endpoint_ip"], row["src_endpoint_port"]), (row["dst_endpoint_ip"], row["dst_endpoint_port"])
        key = (*sorted(ends), row["connection_info_protocol_num"])
        counts = [row[f"{what}_{way}"] for what in ("traffic_packets", "traffic_bytes", "frame_bytes") for way in ("out", "in")]
        sums[key] = [a + b for a, b in zip(sums.get(key, [0, 0, 0]), np.add(counts[::2], counts[1::2]).tolist(), strict=True)]
    return sums


def read_of(data, threads):
    return [
        (table, rows.to_pylist())
        for table, rows in read_capture(io.BytesIO(data), PcapWalker(), evidence_id="e1", report=print, threads=threads)
    ]


def test_both_directions_of_a_conversation_are_one_flow_of_the_first_sender():
    there, back = tcp(40000, 443, 2), tcp(443, 40000, 0x12)
    packets = [
        ip_packet(CLIENT, SERVER, 6, there),
        ip_packet(SERVER, CLIENT, 6, back),
        ip_packet(CLIENT, SERVER, 6, tcp(40000, 443, 24, b"x" * 9)),
    ]
    flow = read_tables(pcap(frames(ethernet(packet) for packet in packets))).one("network_activity")
    assert (flow["src_endpoint_ip"], flow["src_endpoint_port"], flow["dst_endpoint_port"]) == (CLIENT, 40000, 443)
    assert (flow["traffic_packets_out"], flow["traffic_packets_in"]) == (2, 1)
    assert (flow["traffic_bytes_out"], flow["traffic_bytes_in"]) == (40 + 49, 40)
    assert (flow["frame_bytes_out"], flow["frame_bytes_in"]) == (54 + 63, 54)
    assert (flow["connection_info_tcp_flags"], flow["connection_info_tcp_flags_in"]) == (0x1A, 0x12)
    assert flow["end_time"] - flow["time"] == timedelta(milliseconds=2)
    assert flow["record_offset"] == 40


@pytest.mark.parametrize(("silence_s", "flows"), [(120, 1), (121, 2)])
def test_a_flow_silent_for_more_than_two_minutes_is_over(silence_s, flows):
    records = [Captured(syn(), START_NS), Captured(syn(), START_NS + silence_s * SECOND_NS)]
    tables = read_tables(pcap(records, kind="ns"))
    assert len(tables.rows["network_activity"]) == flows
    assert sum(row["traffic_packets_out"] for row in tables.rows["network_activity"]) == 2


def test_the_type_of_the_first_icmp_packet_is_the_flow_s_and_it_has_no_ports():
    flow = read_tables(pcap(frames([ethernet(ip_packet(CLIENT, SERVER, 1, b"\x08" + bytes(7)))]))).one("network_activity")
    assert (flow["icmp_type"], flow["src_endpoint_port"], flow["connection_info_tcp_flags"]) == (8, None, None)


def test_frames_without_ip_are_counted_but_make_no_flow():
    tables = read_tables(pcap(frames([ethernet(bytes(28), kind=0x0806)])))
    row = tables.one("network_traffic")
    assert (row["packet_kind"], row["dst_endpoint_ip"], row["traffic_bytes"], row["frame_bytes"]) == ("non_ip", None, 0, 42)
    assert tables.rows["network_activity"] == []


@pytest.mark.parametrize("write", [pcap, pcapng])
def test_the_number_of_threads_does_not_show(write, monkeypatch):
    monkeypatch.setattr(_capture, "CHUNK_BYTES", 5000)
    data = write(conversation(300))
    one, two = (read_tables(data, threads=threads) for threads in (1, 2))
    assert (one.rows, one.faults) == (two.rows, two.faults)


def test_batches_come_in_the_same_order_on_any_number_of_threads(monkeypatch):
    monkeypatch.setattr(_capture, "CHUNK_BYTES", 5000)
    data = pcap(conversation(300))
    assert read_of(data, 1) == read_of(data, 2) == read_of(data, 7)


@pytest.mark.parametrize("held", [1, 2, 3])
def test_a_segment_stays_whole_while_as_many_are_held_as_was_said(held, monkeypatch):
    monkeypatch.setattr(_capture, "CHUNK_BYTES", 3000)
    monkeypatch.setattr(_capture, "INDEX_RECORDS", 20)  # several segments of one chunk
    data = pcap(conversation(60))
    kept = deque(maxlen=held)
    offsets = []
    for segment in segments(io.BytesIO(data), PcapWalker(), evidence_id="e1", report=print, held=held):
        kept.append((segment, segment.buffer.copy(), [column.copy() for column in segment.index[1:]]))
        offsets += (segment.base + segment.offsets).tolist()
        for old, buffer, columns in kept:
            assert (old.buffer == buffer).all()
            assert all((column == copy).all() for column, copy in zip(old.index[1:], columns, strict=True))
    assert len(offsets) == len(set(offsets)) == 180


@pytest.mark.parametrize(
    "small",
    [
        {"CELLS": 3},
        {"FLOWS": 8},
        {"PICKED": 2},
        {"INDEX_RECORDS": 5},
        {"CELLS": 1, "FLOWS": 1, "PICKED": 1, "INDEX_RECORDS": 1},
    ],
    ids=lambda small: ",".join(small),
)
def test_full_tables_are_emptied_and_the_sums_stay(small, monkeypatch):
    requests = [ethernet(ip_packet(CLIENT, SERVER, 6, tcp(1, 80, 24, b"GET / HTTP/1.1\r\n\r\n")))] * 7
    data = pcap(conversation(60) + frames(requests))
    whole = read_tables(data)
    for name, value in small.items():
        monkeypatch.setattr(_capture, name, value)
    parts = read_tables(data)
    assert parts.traffic() == whole.traffic()
    assert flow_sums(parts) == flow_sums(whole)
    assert len(parts.rows["http_activity"]) == len(whole.rows["http_activity"]) == 7
    assert len(parts.rows["network_activity"]) >= len(whole.rows["network_activity"])


def test_the_sample_holds_every_packet_of_a_small_capture_and_few_of_a_large_one(monkeypatch):
    data = pcap(frames([syn()] * 1000))
    assert {row["weight"] for row in read_tables(data).rows["network_packet"]} == {1}
    monkeypatch.setattr(_capture, "SAMPLE_ROWS", 16)
    rows = read_tables(data).rows["network_packet"]
    assert 8 <= len(rows) <= 64
    assert 700 <= sum(row["weight"] for row in rows) <= 1300


def test_the_fast_pass_alone_gives_the_same_series():
    data = pcap(conversation(50))
    rows = [row for batch in traffic_series(io.BytesIO(data), PcapWalker(), threads=2) for row in batch.to_pylist()]
    assert sum(row["traffic_packets"] for row in rows) == 150
    assert {row["packet_kind"] for row in rows} == {row["packet_kind"] for row in read_tables(data).rows["network_traffic"]}


# Folding


def number_of(address):
    return struct.pack(">I", int(ipaddress.ip_address(address)))


def flood(count, *, to_server, six=False):
    """One SYN for each of many addresses, as a pcap of raw IP, written fast."""
    outside = np.arange(count, dtype=np.int64) * (1 if six else 3) + 1
    if six:
        base = bytearray(ip_packet("2001:db8:1::", SERVER6, 6, tcp(40000, 443, 2)))
        at, width = (16 if to_server else 32), 8
        if not to_server:
            base[8:24], base[24:40] = base[24:40], base[8:24]
    else:
        base = bytearray(ip_packet("10.0.0.0", SERVER, 6, tcp(40000, 443, 2)))
        at, width = (12 if to_server else 16), 4
        if not to_server:
            base[12:16], base[16:20] = base[16:20], base[12:16]
        outside += 10 << 24
    record = struct.pack("<IIII", START_NS // SECOND_NS, 0, len(base), len(base)) + bytes(base)
    rows = np.tile(np.frombuffer(record, np.uint8), (count, 1))
    for byte in range(width):
        rows[:, 16 + at + byte] = outside >> 8 * (width - 1 - byte) & 255
    return pcap([], link=101) + rows.tobytes()


def columns_of(data, table):
    batches = [b for t, b in read_capture(io.BytesIO(data), PcapWalker(), evidence_id="e1", report=print) if t == table]
    total = {
        name: sum(pc.sum(b[name]).as_py() for b in batches)
        for name in batches[0].schema.names
        if "packets" in name or "bytes" in name
    }
    return batches, total


@pytest.mark.parametrize("six", [False, True], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize(("over", "folded"), [(0, False), (1, True)])
def test_destinations_above_the_limit_are_folded_and_sums_stay(over, folded, six):
    count = _capture.FOLD_DESTINATIONS + over
    data = flood(count, to_server=False, six=six)
    batches, total = columns_of(data, "network_traffic")
    length = 60 if six else 40
    assert total == {"traffic_packets": count, "traffic_bytes": count * length, "frame_bytes": count * length}
    addresses = {address for batch in batches for address in batch["dst_endpoint_ip"].to_pylist()}
    prefixes = {str(ipaddress.ip_network(address)) for address in addresses}
    assert addresses == ({"2001:db8::/32"} if six else {"10.0.0.0/16"}) if folded else len(prefixes) == count


def test_destinations_with_many_packets_and_frames_without_ip_are_never_folded(monkeypatch):
    monkeypatch.setattr(_capture, "FOLD_DESTINATIONS", 2)
    packets = [syn(SERVER, CLIENT)] * 8 + [syn(SERVER, f"203.0.113.{n}") for n in range(1, 5)] + [syn(SERVER, "198.18.0.1")] * 7
    packets += [ethernet(bytes(28), kind=0x0806), ethernet(ip_packet("::1", "::1", 6, tcp(1, 2, 2)))]
    tables = read_tables(pcap(frames(packets)))
    sums = {row["dst_endpoint_ip"]: row["traffic_packets"] for row in tables.rows["network_traffic"]}
    assert sums == {CLIENT: 8, "203.0.0.0/16": 4, "198.18.0.0/16": 7, None: 1, "::/32": 1}


@pytest.mark.parametrize("six", [False, True], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize(("over", "prefixes"), [(0, 0), (9, 1)])
def test_unanswered_sources_above_the_limit_are_folded_and_sums_stay(over, prefixes, six):
    count = _capture.FOLD_SOURCES + over
    batches, total = columns_of(flood(count, to_server=True, six=six), "network_activity")
    length = 60 if six else 40
    assert total["traffic_packets_out"] == count
    assert total["traffic_bytes_out"] == total["frame_bytes_out"] == count * length
    folded = [row for batch in batches if batch.num_rows < 100 for row in batch.to_pylist()]
    assert len(folded) == prefixes
    for row in folded:
        assert row["src_endpoint_ip"] == ("2001:db8::/32" if six else "10.3.0.0/16")
        assert (row["src_endpoint_port"], row["dst_endpoint_port"], row["traffic_packets_out"]) == (None, None, over)
        assert row["dst_endpoint_ip"] == (SERVER6 if six else SERVER)


def test_completed_handshakes_and_longer_flows_are_never_folded(monkeypatch):
    monkeypatch.setattr(_capture, "FOLD_SOURCES", 1)
    answer, ack = (
        ethernet(ip_packet(SERVER, CLIENT, 6, tcp(443, 2, 0x12))),
        ethernet(ip_packet(CLIENT, SERVER, 6, tcp(2, 443, 16))),
    )
    packets = [*(syn(sport=port) for port in (1, 2, 3)), answer, ack, *[syn(sport=4)] * 6]
    rows = read_tables(pcap(frames(packets))).rows["network_activity"]
    found = {
        (row["src_endpoint_ip"], row["src_endpoint_port"]): (row["traffic_packets_out"], row["traffic_packets_in"])
        for row in rows
    }
    assert found == {(CLIENT, 1): (1, 0), (CLIENT, 2): (2, 1), (CLIENT, 4): (6, 0), ("198.51.0.0/16", None): (1, 0)}


def test_handshakes_left_open_are_folded_with_their_answers(monkeypatch):
    monkeypatch.setattr(_capture, "FOLD_SOURCES", 1)
    packets = [
        packet
        for port in range(1, 5)
        for packet in (syn(sport=port), ethernet(ip_packet(SERVER, CLIENT, 6, tcp(443, port, 0x12))))
    ]
    rows = read_tables(pcap(frames(packets))).rows["network_activity"]
    sums = {
        row["src_endpoint_ip"]: (row["traffic_packets_out"], row["traffic_bytes_in"], row["frame_bytes_in"]) for row in rows
    }
    assert sums == {CLIENT: (1, 40, 54), "198.51.0.0/16": (3, 120, 162)}


def test_an_address_that_ends_like_the_mark_of_a_fold_is_still_an_address():
    address = "2001:db8:1:2:ffff:ffff:ffff:ffe0"
    assert read_tables(pcap(frames([syn(SERVER6, address)]))).one("network_traffic")["dst_endpoint_ip"] == address


# Payloads


def request(data, port=80):
    return pcap(frames([ethernet(ip_packet(CLIENT, SERVER, 6, tcp(40000, port, 24, data)))]))


def test_a_request_gives_method_path_query_host_agent_and_referrer():
    data = request(
        b"POST /login?next=%2F&a=b HTTP/1.1\r\nhost: www.example.org\r\nUser-Agent:  curl/8\r\nReferer: https://example.org/\r\n\r\nx: y",
        8080,
    )
    row = read_tables(data).one("http_activity")
    assert (row["http_request_http_method"], row["http_request_url_path"]) == ("POST", "/login")
    assert row["http_request_url_query_string"] == "next=%2F&a=b"
    assert (row["http_request_url_hostname"], row["http_request_user_agent"]) == ("www.example.org", "curl/8")
    assert row["http_request_referrer"] == "https://example.org/"
    assert (row["src_endpoint_ip"], row["dst_endpoint_ip"], row["dst_endpoint_port"]) == (CLIENT, SERVER, 8080)
    assert row["record_offset"] == 40


@pytest.mark.parametrize(
    ("data", "path", "agent"),
    [
        (b"GET /cut/off", "/cut/off", None),
        (b"GET / HTTP/1.0\r\n\r\nUser-Agent: body", "/", None),
        (b"GET /\xff\xfe HTTP/1.1\r\nUser-Agent: \xff\r\n\r\n", "/\ufffd\ufffd", "\ufffd"),
        (b"GET  HTTP/1.1\r\n\r\n", "", None),
        (b"GET /a b HTTP/1.1\r\n:\r\n::\r\nno colon\r\n\r\n", "/a b", None),
    ],
    ids=["cut off", "headers end", "not UTF-8", "no path", "odd headers"],
)
def test_odd_requests_give_what_they_have(data, path, agent):
    row = read_tables(request(data)).one("http_activity")
    assert (row["http_request_url_path"], row["http_request_user_agent"], row["http_request_url_hostname"]) == (
        path,
        agent,
        None,
    )


@pytest.mark.parametrize(("limit", "rows", "faults"), [(5, 5, 0), (4, 4, 1), (2, 2, 1)])
def test_requests_beyond_the_limit_are_counted_not_listed_and_that_is_said_once(limit, rows, faults, monkeypatch):
    monkeypatch.setattr(_capture, "HTTP_ROWS_MAX", limit)
    packet = ethernet(ip_packet(CLIENT, SERVER, 6, tcp(40000, 80, 24, b"GET / HTTP/1.1\r\n\r\n")))
    tables = read_tables(pcap(frames([packet] * 5)))
    assert (len(tables.rows["http_activity"]), len(tables.faults), tables.packets) == (rows, faults, 5)


def test_flows_exported_within_a_capture_are_rows_of_their_exporter():
    export = ethernet(ip_packet("198.18.0.9", "198.18.0.1", 17, udp(50000, 2055, v5(v5_record(CLIENT, SERVER, dport=443)))))
    tables = read_tables(pcap(frames([export])))
    exported = [row for row in tables.rows["network_activity"] if row["device_ip"]]
    carrier = [row for row in tables.rows["network_activity"] if not row["device_ip"]]
    assert [(row["device_ip"], row["src_endpoint_ip"], row["dst_endpoint_port"]) for row in exported] == [
        ("198.18.0.9", CLIENT, 443)
    ]
    assert [(row["src_endpoint_ip"], row["traffic_packets_out"]) for row in carrier] == [("198.18.0.9", 1)]
    assert 40 < exported[0]["record_offset"] < len(pcap(frames([export])))


# How it ends


def test_a_reader_that_is_closed_early_ends_quietly(monkeypatch):
    monkeypatch.setattr(_capture, "CHUNK_BYTES", 500)
    batches = read_capture(io.BytesIO(pcap(conversation(100))), PcapWalker(), evidence_id="e1", report=print, threads=2)
    next(batches)
    batches.close()


class BreaksOff(io.BytesIO):
    """A compressed stream that turns out to be damaged after some bytes."""

    def readinto(self, buffer):
        count = super().readinto(memoryview(buffer)[:1000])
        if not count:
            raise EvidenceError("at byte 77: expected more, found the end")
        return count


def test_what_came_before_a_stream_breaks_off_is_kept_and_the_error_is_passed_on():
    rows = 0
    data = pcap(frames([syn()] * 100))
    with pytest.raises(EvidenceError, match="byte 77"):
        for table, batch in read_capture(BreaksOff(data), PcapWalker(), evidence_id="e1", report=print):
            rows += pc.sum(batch["traffic_packets"]).as_py() if table == "network_traffic" else 0
    assert rows == 100


@pytest.mark.parametrize(("many", "kept"), [(100, 40), (99, 10)], ids=["not more than many", "one more"])
def test_where_there_are_very_many_flows_fewer_sources_are_kept_one_by_one(many, kept, monkeypatch):
    monkeypatch.setattr(_capture, "FOLD_SOURCES", 40)
    monkeypatch.setattr(_capture, "MANY_FLOWS", many)
    tables = read_tables(pcap(frames([syn(src=f"203.{number}.0.1") for number in range(100)])))
    rows = tables.rows["network_activity"]
    single = [row for row in rows if "/" not in row["src_endpoint_ip"]]
    assert len(single) == kept
    assert sum(row["traffic_packets_out"] for row in rows) == 100


@pytest.mark.parametrize("part", [1, 7, 1000])
def test_flows_given_in_parts_are_the_same_flows(part, monkeypatch):
    data = pcap(conversation(50))
    whole = read_tables(data).rows["network_activity"]
    monkeypatch.setattr(_capture, "FLOW_ROWS", part)
    assert read_tables(data).rows["network_activity"] == whole
