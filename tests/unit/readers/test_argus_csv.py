import shutil
import subprocess

import pytest

from kit.text_logs import claimants, read
from tocsin.readers.argus_csv import one_way, state_flags

HEADER = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes,SrcBytes"


def flow(header=HEADER, **values):
    held = {"StartTime": "1644930131.25", "Dur": "1.5", "Proto": "tcp", "SrcAddr": "198.51.100.7", "Sport": "1025", "Dir": "   ->",
            "DstAddr": "192.0.2.10", "Dport": "443", "State": "REQ", "TotPkts": "2", "TotBytes": "120", "SrcBytes": "120"} | values  # fmt: skip
    return read("argus_csv", header + "\n" + ",".join(held.get(name, "") for name in header.split(",")) + "\n")


def counts(row):
    return [row.get(f"traffic_{what}") for what in ("packets_out", "bytes_out", "packets_in", "bytes_in")]


@pytest.mark.parametrize(
    ("state", "packets", "flags"),
    [
        ("S_", (1, 0), (2, 0)), ("S_RA", (1, 1), (2, 20)), ("_SA", (0, 1), (0, 18)), ("FSPA_FRPA", (9, 9), (27, 29)), ("SEC_", (1, 0), (194, 0)),
        ("REQ", (1, 0), (2, 0)), ("REQ", (None, None), (2, None)), ("ACC", (1, 0), (18, 0)), ("ACC", (0, 1), (0, 18)), ("ACC", (1, 1), (None, None)),
        ("CON", (2, 2), (None, None)), ("_", (0, 0), (None, None)), (None, (1, 0), (None, None)),
    ],
)  # fmt: skip
def test_flags_that_a_state_tells(state, packets, flags):
    assert state_flags(state, *packets) == flags


@pytest.mark.parametrize(
    ("protocol", "direction", "state", "way"),
    [(6, "->", "CON", ""), (6, "->", "REQ", "out"), (6, "->", "S_", "out"), (6, "<?", "_RA", "in"), (6, "->", "S_SA", ""), (17, "->", "INT", "out"),
     (17, "<->", "CON", ""), (17, "<-", "RSP", "in"), (1, "->", "ECO", "out")],
)  # fmt: skip
def test_who_sent_alone(protocol, direction, state, way):
    assert one_way(protocol, direction, state) == way


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        pytest.param(HEADER, {}, [2, 92, 0, 0], id="all bytes are the source's, so are the packets"),
        pytest.param(HEADER, {"State": "CON", "SrcBytes": "60"}, [None, 60, None, 60], id="packets per direction not known, bytes with their headers"),
        pytest.param(HEADER, {"State": "_RA", "SrcBytes": "0"}, [0, 0, 2, 92], id="all are the destination's"),
        pytest.param(HEADER.replace(",SrcBytes", ""), {}, [2, 92, 0, 0], id="totals alone, one way by the state"),
        pytest.param(HEADER.replace(",SrcBytes", ""), {"State": "CON"}, [None] * 4, id="totals alone, both ways"),
        pytest.param(HEADER + ",SrcPkts", {"SrcPkts": "1", "SrcBytes": "60", "State": "CON"}, [1, 46, 1, 46], id="the other part out of the total"),
        pytest.param("StartTime,Proto,SrcAddr,DstAddr,SrcPkts,DstPkts,SrcBytes,DstBytes",
                     {"SrcPkts": "1", "DstPkts": "2", "SrcBytes": "60", "DstBytes": "130"}, [1, 46, 2, 102], id="both printed"),
    ],
)  # fmt: skip
def test_packets_and_bytes_per_direction(header, values, expected):
    assert counts(flow(header, **values).one()) == expected


@pytest.mark.parametrize(
    ("start", "time"),
    [
        ("1644930131.25", "2022-02-15T13:02:11.250000+00:00"),
        ("2022/02/15 13:02:11.250000", "2022-02-15T13:02:11.250000+00:00"),
        ("2022-02-15T13:02:11Z", "2022-02-15T13:02:11+00:00"),
    ],
)
def test_times(start, time):
    assert flow(StartTime=start).one()["time"] == time


@pytest.mark.parametrize(
    ("header", "values", "span"),
    [
        ("StartTime,Dur,Proto,SrcAddr,DstAddr", {"StartTime": "10", "Dur": "2"}, ("10", "12")),
        ("StartTime,LastTime,Proto,SrcAddr,DstAddr", {"StartTime": "10", "LastTime": "13"}, ("10", "13")),
        ("LastTime,Dur,Proto,SrcAddr,DstAddr", {"LastTime": "13", "Dur": "2"}, ("11", "13")),
        ("LastTime,Proto,SrcAddr,DstAddr", {"LastTime": "13"}, ("13", "13")),
        ("StartTime,Proto,SrcAddr,DstAddr", {"StartTime": "10"}, ("10", "10")),
    ],
)
def test_the_span_from_what_is_printed(header, values, span):
    row = flow(header, **values).one()
    assert (row["time"][17:19], row["end_time"][17:19]) == span


def test_times_of_day_are_dated_from_1970_on_and_said_once():
    times = ["23:59:58.5", "23:59:59.0", "00:00:01.0", "23:59:59.5", "00:00:02.0"]
    lines = [f"{time},0,tcp,198.51.100.7,1,->,192.0.2.10,2,REQ,1,60,60" for time in times]
    result = read("argus_csv", "\n".join([HEADER, *lines, ""]))
    assert [row["time"][8:10] for row in result.rows] == ["01", "01", "02", "01", "02"]
    assert ["1970-01-01" in fault.reason for fault in result.faults] == [True]


@pytest.mark.parametrize(("text", "number"), [("443", 443), ("https", 443), ("0x0303", 771), ("", None), ("*", None)])
def test_ports_as_ra_prints_them(text, number):
    assert flow(Dport=text).one().get("dst_endpoint_port") == number


def test_names_of_services_that_are_not_known_are_said_once():
    result = flow(Dport="bacula-sd", Sport="x11")
    assert "dst_endpoint_port" not in result.rows[0]
    assert [("'bacula-sd', 'x11'" in fault.reason) for fault in result.faults] == [True]


def test_icmp_has_its_type_where_the_port_stands():
    row = flow(Proto="icmp", Sport="0x0008", Dport="0x0a37", State="ECO").one()
    assert (row["icmp_type"], row["connection_info_protocol_num"]) == (8, 1)
    assert "src_endpoint_port" not in row


@pytest.mark.parametrize(
    "values",
    [{"Proto": "man", "SrcAddr": "0", "DstAddr": "0"}, {"Proto": "arp"}, {"Proto": "0", "SrcAddr": "00:13:7f:4f:8e:f2"}],
)
def test_what_is_no_ip_flow_is_passed_over(values):
    assert flow(**values) == ([], [])


@pytest.mark.parametrize(
    "values",
    [{"SrcAddr": "name"}, {"StartTime": "x"}, {"StartTime": "25:00:00"}, {"Sport": "65536"}, {"TotPkts": "-1"}, {"SrcBytes": "121"}, {"Dur": "-1"}, {"Proto": "a,b"}],
    ids=str,
)  # fmt: skip
def test_a_record_that_does_not_fit_is_a_fault(values):
    result = flow(**values)
    assert result.rows == []
    assert result.fault_offsets == [len(HEADER) + 1]


def test_the_header_decides_also_when_it_comes_again():
    first = HEADER + "\n1,0,tcp,198.51.100.7,1,->,192.0.2.10,2,REQ,1,60,60\n"
    second = "SrcAddr;DstAddr;Proto;LastTime\n198.51.100.8;192.0.2.10;udp;2\n"
    assert [row["src_endpoint_ip"] for row in read("argus_csv", first + first + second).rows] == [
        "198.51.100.7",
        "198.51.100.7",
        "198.51.100.8",
    ]


def test_a_record_before_any_header_is_a_fault():
    assert read("argus_csv", "1,0,tcp,198.51.100.7\n").fault_offsets == [0]


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (HEADER, True),
        (HEADER.replace(",", "\t"), True),
        ("StartTime,SrcAddr,DstAddr", False),
        ("Proto,SrcAddr,DstAddr", False),
        ("time,src,dst,proto", False),
    ],
)
def test_claimed_by_argus_names_in_the_first_line(head, claimed):
    assert claimants(head.encode() + b"\n") == (["argus_csv"] if claimed else [])


@pytest.mark.real
@pytest.mark.skipif(not (shutil.which("argus") and shutil.which("ra")), reason="argus and ra are not installed")
def test_what_argus_prints_of_a_real_scan_adds_up(real_data, tmp_path):
    flows = tmp_path / "scan.argus"
    subprocess.run(["argus", "-r", real_data / "network" / "scan_syn.pcap", "-w", flows], check=True, capture_output=True)

    def ra(*options):
        return subprocess.run(["ra", "-r", flows, "-c", ",", "-u", "-n", *options], check=True, capture_output=True).stdout

    fields = ["-s", "stime", "dur", "proto", "saddr", "sport", "dir", "daddr", "dport", "state"]
    full = ra(*fields, "spkts", "dpkts", "sbytes", "dbytes")
    assert claimants(full) == ["argus_csv"]
    by_direction, by_totals = read("argus_csv", full), read("argus_csv", ra("-Zb", *fields, "pkts", "bytes", "sbytes"))
    assert by_direction.faults == by_totals.faults == []
    # capinfos counts 2,011 packets; six retransmissions and replies lie in 2,000 flows.
    assert sum(row["traffic_packets_out"] + row["traffic_packets_in"] for row in by_direction.rows) == 2011
    assert len(by_direction.rows) == len(by_totals.rows)
    for one, other in zip(by_direction.rows, by_totals.rows, strict=True):
        if "traffic_packets_out" in other:
            assert counts(one) == counts(other)
        if "connection_info_tcp_flags" in one:
            assert one["connection_info_tcp_flags"] == other["connection_info_tcp_flags"]
