"""nfdump files, read by the real nfdump, compared with nfdump's own JSON."""

import io
import os
import shutil
import struct
import time
from datetime import UTC, datetime

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.make_flow_exports import samples
from kit import flow_tools
from kit.flow_exports import (
    IPV4_FIELDS,
    NfdumpFlow,
    data_set,
    flow,
    ipfix,
    nfdump_file,
    options_template_set,
    record,
    template_set,
    v5,
    v5_record,
    v9,
)
from kit.text_logs import GOLDEN, TESTS, compare_golden, read
from tocsin.errors import EvidenceError, LimitError
from tocsin.readers import nfdump
from tocsin.readers._flow_framing import framed

pytestmark = flow_tools.needs_nfdump
SAMPLE = samples()["nfdump/flows.nfdump"]
TCP = NfdumpFlow("198.51.100.7", "192.0.2.10", 40000, 443, 6, 0x1B, 9, 900)


def comparable(row):
    """The columns nfdump's JSON has too."""
    return (
        datetime.fromisoformat(row["time"]), datetime.fromisoformat(row["end_time"]), row["src_endpoint_ip"], row["dst_endpoint_ip"],
        row["connection_info_protocol_num"], row.get("src_endpoint_port", 0), row.get("dst_endpoint_port", 0), row.get("icmp_type"),
        row["traffic_packets_out"], row["traffic_bytes_out"], row.get("traffic_packets_in", 0), row.get("traffic_bytes_in", 0),
        row.get("connection_info_tcp_flags"), row.get("device_ip"),
    )  # fmt: skip


def from_json(flow):
    flags = sum(1 << 7 - at for at, letter in enumerate("CEUAPRSF") if letter in flow.get("tcp_flags", ""))
    tcp, ports = flow["proto"] == 6, flow["proto"] in (6, 17)
    return (
        datetime.fromisoformat(flow["first"]).replace(tzinfo=UTC), datetime.fromisoformat(flow["last"]).replace(tzinfo=UTC),
        flow.get("src4_addr") or flow["src6_addr"], flow.get("dst4_addr") or flow["dst6_addr"], flow["proto"],
        flow.get("src_port", 0) if ports else 0, flow.get("dst_port", 0) if ports else 0, flow.get("icmp_type"),
        flow["in_packets"], flow["in_bytes"], flow.get("out_packets", 0), flow.get("out_bytes", 0), flags if tcp else None,
        flow.get("ip4_router") or flow.get("ip6_router"),
    )  # fmt: skip


def equal_to_nfdump(data, tmp_path):
    path = tmp_path / "flows"
    path.write_bytes(data)
    result = read("nfdump", data)
    assert sorted(map(str, map(comparable, result.rows))) == sorted(map(str, map(from_json, flow_tools.nfdump(path))))
    return result


def test_the_sample_is_what_the_script_writes():
    assert (TESTS / "evidence/nfdump/flows.nfdump").read_bytes() == SAMPLE


def test_rows_are_the_golden_ones():
    result = read("nfdump", SAMPLE)
    assert result.faults == []
    compare_golden(GOLDEN / "nfdump/flows.nfdump.jsonl", result.rows)


def test_rows_are_those_of_nfdump(tmp_path):
    assert len(equal_to_nfdump(SAMPLE, tmp_path).rows) == 4


@pytest.mark.parametrize("flags", [0, 1, 2, 4, 8, 16, 32, 64, 128, 255])
def test_each_tcp_flag_is_read(flags):
    assert read("nfdump", nfdump_file([TCP._replace(flags=flags)])).one()["connection_info_tcp_flags"] == flags


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(TCP._replace(packets=2**62, octets=2**63 - 1), id="large counts"),
        pytest.param(TCP._replace(first_ms=0, last_ms=0), id="1970"),
        pytest.param(TCP._replace(first_ms=4_102_444_800_001, last_ms=4_102_448_400_999), id="2100"),
        pytest.param(TCP._replace(proto=255), id="a protocol without ports"),
        pytest.param(
            TCP._replace(src="2001:db8:1:2:3:4:5:6", dst="2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), id="long addresses"
        ),
        pytest.param(TCP._replace(proto=58, sport=0, dport=0x8500), id="ICMPv6 in IPv4"),
        pytest.param(TCP._replace(proto=132), id="SCTP"),
    ],
)
def test_any_values_come_through(held, tmp_path):
    row = (
        equal_to_nfdump(nfdump_file([held]), tmp_path).rows[0]
        if held.proto != 132
        else read("nfdump", nfdump_file([held])).one()
    )
    assert row["traffic_packets_out"] == held.packets
    assert row.get("dst_endpoint_port") == (held.dport if held.proto in (6, 132) else None)


def test_an_ipv4_address_in_an_ipv6_field_is_an_ipv4_address():
    row = read("nfdump", nfdump_file([TCP._replace(src="::192.0.2.1", dst="::192.0.2.2")])).one()
    assert (row["src_endpoint_ip"], row["dst_endpoint_ip"]) == ("192.0.2.1", "192.0.2.2")


def test_a_flow_that_ends_before_it_starts_ends_at_its_start():
    row = read("nfdump", nfdump_file([TCP._replace(last_ms=TCP.first_ms - 1)])).one()
    assert row["end_time"] == row["time"]


def test_counts_of_what_came_back_are_zero_only_where_the_exporter_counts_them():
    data = nfdump_file(
        [
            TCP._replace(back=(3, 400), exporter=1),
            TCP._replace(back=(0, 0), exporter=1),
            TCP._replace(back=(0, 0), exporter=2),
            TCP._replace(exporter=3),
        ]
    )
    rows = read("nfdump", data).rows
    assert sorted(str((row.get("traffic_packets_in"), row.get("traffic_bytes_in"))) for row in rows) == [
        "(0, 0)",
        "(3, 400)",
        "(None, None)",
        "(None, None)",
    ]


def test_offsets_are_those_of_the_blocks():
    data = nfdump_file([TCP] * 3, [TCP] * 2, [TCP])
    block = len(nfdump_file([TCP])) - 40
    second = 40 + 12 + 3 * (block - 12)
    third = second + 12 + 2 * (block - 12)
    assert [row["record_offset"] for row in read("nfdump", data).rows] == [40, 40, 40, second, second, third]


def test_many_flows_come_in_batches():
    data = nfdump_file(*[[TCP] * 5000] * 10)
    sizes = [batch.rows.num_rows for batch in nfdump.read_nfdump(io.BytesIO(data), evidence_id="e1", report=lambda fault: None)]
    assert sum(sizes) == 50_000
    assert len(sizes) > 1


def test_the_clock_and_language_of_this_machine_do_not_matter(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    time.tzset()
    assert read("nfdump", nfdump_file([TCP])).one()["time"] == "2022-02-15T13:00:00.123000+00:00"
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("compression", ["-z", "-y", "-j"])
def test_compressed_files_of_the_real_collector(compression, tmp_path):
    payloads = [v5(v5_record(), v5_record(proto=1, sport=0, dport=0x0800)), v9(template_set(9, (256, IPV4_FIELDS)))]
    payloads.append(
        v9(data_set(256, *(flow("198.51.100.7", f"192.0.2.{n}", n, 53, 17, 0, n, 60 * n, 1000, 2000) for n in range(1, 200))))
    )
    data = flow_tools.nfcapd(payloads, tmp_path, compression).read_bytes()
    rows = equal_to_nfdump(data, tmp_path).rows
    assert len(rows) == 201
    assert {(row["device_ip"], row["sampling_rate"]) for row in rows} == {("127.0.0.1", 1)}


@pytest.mark.parametrize("by", ["exporter", "collector"])
def test_sampling_rates_are_those_the_file_names(by, tmp_path):
    fields = ((8, 4), (12, 4), (4, 1), (2, 4), (1, 4), (152, 8), (153, 8))
    rate = data_set(300, struct.pack(">III", 0, 1, 49))
    options = [ipfix(options_template_set(10, 300, [(149, 4)], [(305, 4), (306, 4)]), rate)] if by == "exporter" else []
    flows = ipfix(
        template_set(10, (256, fields)),
        data_set(256, record(fields, ("192.0.2.1", "192.0.2.2", 6, 3, 180, 1644930131250, 1644930131250))),
    )
    path = flow_tools.nfcapd([*options, flows], tmp_path, *(["-s", "50"] if by == "collector" else []))
    row = read("nfdump", path.read_bytes()).one()
    assert (row["sampling_rate"], row["traffic_packets_out"], row["traffic_bytes_out"]) == (50, 150, 9000)


def test_firewall_events_of_the_real_collector(tmp_path):
    data = samples()["flow_export/netflow9.dat"]
    at = 0
    while at + (length := framed(data, at)[0]) < len(data):
        at += length
    events = data[at:]
    rows = read("nfdump", flow_tools.nfcapd([events], tmp_path).read_bytes()).rows
    ours = read("flow_export", events).rows
    compared = (
        "time",
        "end_time",
        "src_endpoint_ip",
        "connection_state",
        "disposition_id",
        "traffic_packets_out",
        "traffic_bytes_out",
        "traffic_bytes_in",
    )
    assert [[row.get(column) for column in compared] for row in rows] == [
        [row.get(column) for column in compared] for row in ours
    ]


def test_an_empty_file_gives_nothing():
    assert read("nfdump", nfdump_file()) == ([], [])


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (SAMPLE, True),
        (b"\x0c\xa5\1\0" + bytes(300), True),
        (b"\xa5\x0c\0\2" + bytes(300), True),
        (b"\x0c\xa5\3\0" + bytes(300), False),
        (SAMPLE[:3], False),
        (b"", False),
    ],
)
def test_claims(head, claimed):
    assert nfdump._claims(head, "nfcapd.202202151300") == claimed


def test_without_nfdump_the_reader_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EvidenceError, match="nfdump file: install nfdump to read it"):
        read("nfdump", SAMPLE)


def imposter(tmp_path, monkeypatch, script):
    """Another program of the same name, to see what a failing nfdump does to us."""
    program = tmp_path / "nfdump"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


def test_a_failing_nfdump_is_an_error_with_its_words_and_without_our_paths(monkeypatch, tmp_path):
    imposter(tmp_path, monkeypatch, 'echo "flows.nfdump: no such thing" >&2; exit 3')
    with pytest.raises(EvidenceError, match="nfdump failed with status 3: the file: no such thing"):
        read("nfdump", SAMPLE)


def test_an_nfdump_that_crashes_is_told_with_its_signal(monkeypatch, tmp_path):
    imposter(tmp_path, monkeypatch, "kill -SEGV $$")
    with pytest.raises(EvidenceError, match="nfdump was ended by signal 11"):
        read("nfdump", SAMPLE)


def test_an_nfdump_that_hangs_is_given_up(monkeypatch, tmp_path):
    imposter(tmp_path, monkeypatch, 'case "$1" in -r) exec sleep 60;; esac')
    monkeypatch.setattr(nfdump, "SECONDS_MIN", 0.3)
    start = time.monotonic()
    with pytest.raises(LimitError, match="nfdump took more than 0 s"):
        read("nfdump", SAMPLE)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("question", ["-E", "-r"])
def test_an_nfdump_that_complains_without_end_is_given_up(monkeypatch, tmp_path, question):
    """As nfdump 1.7 does about an appendix whose records have no length; found by fuzzing."""
    imposter(tmp_path, monkeypatch, f'case "$1" in {question}) yes "Error process appendix" >&2;; esac')
    with pytest.raises(LimitError, match="complains without end: 'Error process appendix"):
        read("nfdump", SAMPLE)


def test_what_nfdump_prints_beside_flows_is_reported_and_flows_go_on(monkeypatch, tmp_path):
    real = shutil.which("nfdump")
    imposter(
        tmp_path,
        monkeypatch,
        f'{real} "$@"; case "$1" in -r) echo "a line"; {real} "$@" | sed s/13:00/99:99/; echo "a warning" >&2;; esac',
    )
    result = read("nfdump", nfdump_file([TCP]))
    assert len(result.rows) == 1
    assert [fault.reason.split(":")[1].strip()[:20] for fault in result.faults] == [
        "expected 18 columns,",
        "expected a flow, fou",
        "a warning",
    ]


def test_readings_that_are_given_up_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    batches = nfdump.read_nfdump(io.BytesIO(nfdump_file(*[[TCP] * 5000] * 10)), evidence_id="e1", report=lambda fault: None)
    next(batches)
    batches.close()
    assert list(tmp_path.iterdir()) == []


def test_truncation_at_each_byte_is_survived_and_said():
    data = nfdump_file([TCP], [TCP._replace(proto=17)])
    for cut in range(4, len(data), 7):
        result = read("nfdump", data[:cut])
        assert len(result.rows) <= 2
        assert len(result.rows) == 2 or result.faults


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_damage_gives_rows_and_faults_or_an_evidence_error(data):
    cut, resume = (data.draw(st.integers(4, len(SAMPLE))) for _ in range(2))
    damaged = SAMPLE[:cut] + data.draw(st.binary(max_size=20)) + SAMPLE[resume:]
    try:
        read("nfdump", damaged)
    except EvidenceError:
        return


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("", {}),
        ("SysID: 1, IP: 192.0.2.1, version: 9, ID: 0\n", {}),
        ("SysID: 1, IP: x\n    Sampler: Generic Sampler: algorithm: 2, packet interval: 1, packet space: 99\n", {1: 100}),
        ("SysID: 2, IP: x\n    Sampler: id: 1, packet interval: 10, packet space: 90\nSysID: 3, IP: y\n", {2: 10}),
        ("SysID: 2, IP: x\n  packet interval: 1, packet space: 9\n  packet interval: 1, packet space: 99\n", {2: None}),
        ("SysID: 2, IP: x\n  packet interval: 1, packet space: 9\n  packet interval: 1, packet space: 9\n", {2: 10}),
        ("SysID: 2, IP: x\n  packet interval: 0, packet space: 9\n", {}),
    ],
)
def test_sampling_rates_from_the_list_of_exporters(text, rates):
    assert nfdump._sampling_rates(text) == rates


@pytest.mark.parametrize(
    ("text", "flags"), [("...A..S.", 18), ("CEUAPRSF", 255), (".AP.SF", 27), ("0x7f", 127), ("0xzz", None), ("........", 0)]
)
def test_flags_as_any_version_prints_them(text, flags):
    assert nfdump._flags(text) == flags


@pytest.mark.real
def test_a_real_file_of_version_1(real_data, tmp_path):
    packed = (real_data / "network/flow_nfdump_malicious.nfdump.zst").read_bytes()
    data = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    result = equal_to_nfdump(data, tmp_path)
    assert result.faults == []
    assert len(result.rows) == 4593
    assert sum(row["traffic_bytes_out"] for row in result.rows) == 241_025
    assert {row["record_offset"] for row in result.rows} == {276}


@pytest.mark.real
def test_a_real_file_that_was_cut_off_says_so(real_data):
    packed = (real_data / "network/flow_nfdump_malicious.nfdump.zst").read_bytes()
    data = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    result = read("nfdump", data[:300_000])
    assert any("Short read" in fault.reason for fault in result.faults)
