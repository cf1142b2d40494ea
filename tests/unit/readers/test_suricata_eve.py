import json
from collections import Counter

import pytest
import zstandard

from kit.text_logs import claimants, read
from tocsin.readers import suricata_eve

BASE = {"timestamp": "2022-02-15T15:02:11.250000+0200", "flow_id": 7, "src_ip": "198.51.100.7", "src_port": 1025, "dest_ip": "192.0.2.10",
        "dest_port": 443, "proto": "TCP"}  # fmt: skip
SPAN = {"start": "2022-02-15T15:02:11.250000+0200", "end": "2022-02-15T15:02:12.250000+0200"}
FLOW = {
    **BASE,
    "event_type": "flow",
    "flow": {"pkts_toserver": 2, "pkts_toclient": 1, "bytes_toserver": 120, "bytes_toclient": 60, **SPAN, "state": "new"},
}
NETFLOW = {**BASE, "event_type": "netflow", "netflow": {"pkts": 2, "bytes": 120, **SPAN}, "tcp": {"tcp_flags": "12"}}
DNS = {**BASE, "event_type": "dns", "src_port": 5353, "dest_port": 53, "proto": "UDP"}


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def dns(second=0, **fields):
    outer = {key: fields.pop(key) for key in ("flow_id", "src_ip", "src_port", "dest_ip", "dest_port") if key in fields}
    return {**DNS, "timestamp": f"2022-02-15T13:02:{second:02}Z", **outer, "dns": {"id": 1, **fields}}


def lookups(*records):
    result = read("suricata_eve", lines(*records))
    assert result.faults == []
    keys = ("src_endpoint_ip", "query_hostname", "query_type", "rcode", "answers")
    return [tuple(row.get(key) for key in keys) for row in result.rows]


def test_a_flow_has_both_directions():
    row = read("suricata_eve", lines({**FLOW, "tcp": {"tcp_flags": "16", "tcp_flags_ts": "02", "tcp_flags_tc": "14"}})).one()
    counts = [row[f"traffic_{what}"] for what in ("packets_out", "bytes_out", "packets_in", "bytes_in")]
    assert counts == [2, 92, 1, 46]
    assert (row["connection_info_tcp_flags"], row["connection_info_tcp_flags_in"]) == (2, 20)
    assert (row["time"], row["end_time"]) == ("2022-02-15T13:02:11.250000+00:00", "2022-02-15T13:02:12.250000+00:00")


def test_a_netflow_event_has_one():
    row = read("suricata_eve", lines(NETFLOW)).one()
    assert (row["traffic_packets_out"], row["traffic_bytes_out"], row["connection_info_tcp_flags"]) == (2, 92, 18)
    assert "traffic_packets_in" not in row
    assert "connection_info_tcp_flags_in" not in row


@pytest.mark.parametrize(
    ("first", "other", "count"), [(FLOW, NETFLOW, 1), (NETFLOW, FLOW, 1)], ids=["flow first", "netflow first"]
)
def test_packets_are_not_counted_twice_where_both_are_logged(first, other, count):
    result = read("suricata_eve", lines(first, other, other))
    assert len(result.rows) == count
    assert result.fault_offsets == [len(lines(first))]
    assert "found 2 of the other kind" in result.faults[0].reason


def test_icmp_has_a_type_and_no_ports():
    row = read(
        "suricata_eve",
        lines({**FLOW, "proto": "IPv6-ICMP", "src_ip": "2001:db8::1", "dest_ip": "2001:db8::2", "icmp_type": 128}),
    ).one()
    assert (row["connection_info_protocol_num"], row["icmp_type"]) == (58, 128)
    assert "dst_endpoint_port" not in row


@pytest.mark.parametrize(("app", "name"), [("tls", "tls"), ("failed", None), (None, None)])
def test_a_protocol_that_was_not_found_out_is_none(app, name):
    assert read("suricata_eve", lines({**FLOW, "app_proto": app})).one().get("app_name") == name


def test_an_event_in_an_envelope_is_unwrapped():
    data = lines({"firewall_name": "f", "event_timestamp": "1644930131", "event": FLOW})
    assert claimants(data.encode()) == ["suricata_eve"]
    assert read("suricata_eve", data).one()["src_endpoint_ip"] == "198.51.100.7"


def test_http_of_a_proxy_has_the_host_of_the_url():
    http = {
        **BASE,
        "event_type": "http",
        "http": {"url": "http://A.example/x?y", "http_method": "GET", "status": "200", "length": 7},
    }
    row = read("suricata_eve", lines(http)).one()
    assert [row[f"http_request_url_{part}"] for part in ("hostname", "path", "query_string")] == ["a.example", "/x", "y"]
    assert (row["http_response_code"], row["http_response_length_bytes"]) == (200, 7)


ANSWERS = [
    {"rrname": "a.example", "rrtype": "CNAME", "rdata": "b.example"},
    {"rrname": "b.example", "rrtype": "A", "rdata": "192.0.2.1"},
]
ONE = ("198.51.100.7", "a.example", "A", "NOERROR", "b.example,192.0.2.1")


@pytest.mark.parametrize(
    ("query", "answers"),
    [
        pytest.param(
            dns(type="query", rrname="A.example", rrtype="A"),
            [dns(1, type="answer", rcode="NOERROR", **answer) for answer in ANSWERS],
            id="version 1: an event per record",
        ),
        pytest.param(
            dns(type="query", rrname="a.example", rrtype="A"),
            [dns(1, version=2, type="answer", rcode="NOERROR", rrname="a.example", rrtype="A", answers=ANSWERS)],
            id="version 2: detailed",
        ),
        pytest.param(
            dns(type="query", rrname="a.example", rrtype="A"),
            [dns(1, version=2, type="answer", rcode="NOERROR", grouped={"CNAME": ["b.example"], "A": ["192.0.2.1"]})],
            id="version 2: grouped",
        ),
        pytest.param(
            dns(version=3, type="request", rcode="NOERROR", queries=[{"rrname": "a.example", "rrtype": "A"}]),
            [dns(1, version=3, type="response", rcode="NOERROR", queries=[{"rrname": "a.example", "rrtype": "A"}], answers=ANSWERS)],
            id="version 3",
        ),
        pytest.param(
            dns(type="query", rrname="a.example", rrtype="A"),
            [dns(1, version=2, type="answer", rcode="NOERROR", answers=ANSWERS, src_ip="192.0.2.10", src_port=53, dest_ip="198.51.100.7", dest_port=5353)],
            id="the answer logged from the server's side",
        ),
    ],
)  # fmt: skip
def test_query_and_answer_are_one_row_at_the_query(query, answers):
    result = read("suricata_eve", lines(query, *answers))
    assert lookups(query, *answers) == [ONE]
    assert (result.rows[0]["record_offset"], result.rows[0]["time"]) == (0, "2022-02-15T13:02:00+00:00")


@pytest.mark.parametrize("version", [1, 2])
def test_an_answer_without_query_is_a_row_of_its_own(version):
    if version == 1:
        events = [dns(1, type="answer", rcode="NOERROR", **answer) for answer in ANSWERS]
        assert lookups(*events) == [("198.51.100.7", "a.example", "CNAME", "NOERROR", "b.example,192.0.2.1")]
    else:
        assert lookups(dns(1, version=2, type="answer", rcode="NOERROR", rrname="a.example", rrtype="A", answers=ANSWERS)) == [
            ONE
        ]


def test_a_query_without_answer_is_a_row_without_rcode():
    assert lookups(dns(type="query", rrname="a.example", rrtype="A", rcode="NOERROR")) == [
        ("198.51.100.7", "a.example", "A", None, None)
    ]


def test_answers_go_to_the_queries_of_their_flow_and_id_in_order():
    events = [
        dns(type="query", rrname="a.example", rrtype="A"),
        dns(type="query", rrname="a.example", rrtype="A"),
        dns(type="query", rrname="b.example", rrtype="A", flow_id=8),
        dns(type="query", rrname="c.example", rrtype="A")
        | {"dns": {"type": "query", "id": 2, "rrname": "c.example", "rrtype": "A"}},
        dns(1, version=2, type="answer", rcode="NXDOMAIN", flow_id=8),
        dns(1, version=2, type="answer", rcode="SERVFAIL"),
    ]
    assert [row[3] for row in lookups(*events)] == ["SERVFAIL", None, "NXDOMAIN", None]


def test_events_without_flow_id_are_not_joined():
    events = [
        dns(type="query", rrname="a.example", rrtype="A", flow_id=None),
        dns(1, version=2, type="answer", rcode="NOERROR", flow_id=None),
    ]
    assert [row[3] for row in lookups(*events)] == [None, "NOERROR"]


@pytest.mark.parametrize(("held", "rows"), [(2, 2), (1, 3)])
def test_only_the_latest_queries_wait_for_their_answers(held, rows, monkeypatch):
    monkeypatch.setattr(suricata_eve, "PENDING_QUERIES", held)
    events = [
        dns(type="query", rrname="a.example", rrtype="A"),
        dns(type="query", rrname="b.example", rrtype="A", flow_id=8),
        dns(1, version=2, type="answer", rcode="NOERROR", rrname="a.example"),
    ]
    assert len(lookups(*events)) == rows


def test_answers_in_a_row_are_bounded():
    many = [{"rdata": f"192.0.2.{n % 256}"} for n in range(1000)]
    assert lookups(dns(version=2, type="answer", answers=many))[0][4].count(",") == 99


@pytest.mark.parametrize(
    "record",
    [
        {**FLOW, "src_ip": "host"}, {**FLOW, "flow": 7}, {**FLOW, "flow": {"start": "now"}}, {**FLOW, "timestamp": 7}, {**FLOW, "event_type": None},
        {**FLOW, "flow": {**FLOW["flow"], "pkts_toserver": -1}}, {**FLOW, "tcp": {"tcp_flags_ts": "xyz"}}, {**FLOW, "tcp": []},
        dns(type="other"), {**DNS, "dns": None}, dns(type="query", rrname={}), {**BASE, "event_type": "http", "http": {"status": "OK"}}, [], "x",
    ],
    ids=range(14),
)  # fmt: skip
def test_an_event_that_does_not_fit_is_a_fault(record):
    result = read("suricata_eve", lines(FLOW, record, FLOW))
    assert result.fault_offsets == [len(lines(FLOW))]
    assert len(result.rows) == 2


def test_other_events_are_passed_over_but_a_file_of_them_says_what_it_holds():
    other = {**BASE, "event_type": "alert", "alert": {}}
    assert read("suricata_eve", lines(other, FLOW)).faults == []
    result = read("suricata_eve", lines(other, other))
    assert result.rows == []
    assert ["2 'alert'" in fault.reason for fault in result.faults] == [True]


@pytest.mark.parametrize(
    ("record", "claimed"),
    [({"timestamp": "x", "event_type": "flow", "src_ip": "x"}, True), ({"timestamp": "x", "event_type": "stats", "stats": {}}, True),
     ({"timestamp": "x", "event_type": "login", "user": "x"}, False), ({"event_type": "flow", "src_ip": "x"}, False)],
    ids=str,
)  # fmt: skip
def test_claimed_by_time_stamp_type_and_what_else_events_have(record, claimed):
    assert claimants(lines(record).encode()) == (["suricata_eve"] if claimed else [])


@pytest.mark.real
def test_a_real_log_is_read_whole(real_data):
    packed = (real_data / "network" / "suricata_eve_malicious.json.zst").read_bytes()
    data = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    events = [json.loads(line) for line in data.splitlines()]
    kinds = Counter(event["event_type"] for event in events)
    assert claimants(data) == ["suricata_eve"]
    result = read("suricata_eve", data)
    assert result.faults == []
    found = Counter(row["table"] for row in result.rows)
    queries = sum(event["event_type"] == "dns" and event["dns"]["type"] == "query" for event in events)
    assert found == {"network_activity": kinds["flow"], "http_activity": kinds["http"], "dns_activity": queries}
    flows = [event["flow"] for event in events if event["event_type"] == "flow"]
    assert sum(row["traffic_packets_out"] for row in result.rows if "traffic_packets_out" in row) == sum(
        flow["pkts_toserver"] for flow in flows
    )
    assert all(
        row["traffic_bytes_out"] >= 20 * row["traffic_packets_out"] for row in result.rows if row["table"] == "network_activity"
    )
    assert all("rcode" in row for row in result.rows if row["table"] == "dns_activity")
