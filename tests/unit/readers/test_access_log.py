import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.text_logs import claimants, read
from tocsin.readers import access_log

AT = "[15/Feb/2022:15:02:11 +0200]"
REST = '"GET /a HTTP/1.1" 200 10'


def record(who="198.51.100.7 - -", request="GET /a HTTP/1.1", tail=' 200 10 "-" "curl/7.68.0"', at=AT):
    return read("access_log", f'{who} {at} "{request}"{tail}\n').one()


@pytest.mark.parametrize(
    ("who", "client", "host", "port", "user"),
    [
        ("198.51.100.7 - -", "198.51.100.7", None, None, None),
        ("198.51.100.7 - alice", "198.51.100.7", None, None, "alice"),
        ('198.51.100.7 - ""', "198.51.100.7", None, None, None),
        ("198.51.100.7 - Alice B. Smith", "198.51.100.7", None, None, "Alice B. Smith"),
        ("2001:DB8::7 - -", "2001:db8::7", None, None, None),
        ("::ffff:198.51.100.7 - -", "198.51.100.7", None, None, None),
        ("client.example.net - -", "client.example.net", None, None, None),
        ("- - -", None, None, None, None),
        ("www.example.org:443 198.51.100.7 - -", "198.51.100.7", "www.example.org", 443, None),
        ("www.example.org 2001:db8::7 - bob", "2001:db8::7", "www.example.org", None, "bob"),
        ("192.0.2.10:8080 198.51.100.7 - -", "198.51.100.7", "192.0.2.10", 8080, None),
        ("www.example.org:443 client.example.net - -", "client.example.net", "www.example.org", 443, None),
        ("Feb 15 15:02:11 web1 nginx: 198.51.100.7 - -", "198.51.100.7", None, None, None),
        ("<190>Feb 15 15:02:11 nginx: 198.51.100.7 - -", "198.51.100.7", None, None, None),
        ("Feb 15 15:02:11 web1 198.51.100.7 - -", "198.51.100.7", None, None, None),
        ("2022-02-15T15:02:11+02:00 web1 httpd[7]: www.example.org:80 198.51.100.7 - bob", "198.51.100.7", "www.example.org", 80, "bob"),
        ("<190>1 2022-02-15T13:02:11Z web1 nginx 7 - - 198.51.100.7 - -", "198.51.100.7", None, None, None),
        ("2022-02-15T13:02:11.123456789Z stdout F 198.51.100.7 - -", "198.51.100.7", None, None, None),
        ("web_1  | 198.51.100.7 - -", "198.51.100.7", None, None, None),
    ],
)  # fmt: skip
def test_what_stands_before_the_time(who, client, host, port, user):
    row = record(who)
    found = [row.get(key) for key in ("src_endpoint_ip", "http_request_url_hostname", "dst_endpoint_port", "actor_user_name")]
    assert found == [client, host, port, user]


@pytest.mark.parametrize(
    ("request_line", "method", "path", "query"),
    [
        ("GET /a?b=1 HTTP/1.1", "GET", "/a", "b=1"),
        ("GET /a? HTTP/1.1", "GET", "/a", ""),
        ("GET /a b HTTP/1.1", "GET", "/a b", None),
        ("PROPFIND / HTTP/1.1", "PROPFIND", "/", None),
        ('GET /say\\"hi\\" HTTP/1.1', "GET", '/say"hi"', None),
        ("\\x16\\x03\\x01", None, "\\x16\\x03\\x01", None),
        ("-", None, None, None),
        ("", None, None, None),
    ],
)
def test_requests_and_what_is_none(request_line, method, path, query):
    row = record(request=request_line)
    assert [row.get(f"http_request_{key}") for key in ("http_method", "url_path", "url_query_string")] == [method, path, query]


@pytest.mark.parametrize(
    ("extras", "seconds"),
    [
        ("", None),
        (" 0.123", 0.123),
        (' "203.0.113.5" 0.123', 0.123),
        (" 423 0.012 [upstream]", 0.012),
        (' "-" rt=1.5 uct="0.001"', 1.5),
        (" request_time=0.250", 0.25),
        (' 7 "router@docker" "http://10.0.0.1" 12ms', 0.012),
        (" 1534", None),
        (" 1.5", None),
        (" 0.1234", None),
        (" 15 2", None),
        (" upstream_rt=0.123x", None),
    ],
)
def test_durations_only_where_the_unit_is_certain(extras, seconds):
    assert record(tail=f' 200 10 "-" "-"{extras}').get("duration_s") == seconds


@pytest.mark.parametrize(
    ("tail", "status", "size", "agent"),
    [
        (" 200 10", 200, 10, None),
        (" 304 -", 304, None, None),
        (" - -", None, None, None),
        (' 200 10 "-" "say \\"hi\\""', 200, 10, 'say "hi"'),
        (' 200 10 "-" "\\x22\\\\"', 200, 10, "\\x22\\\\"),
        (' 200 10 "-" "Mozi', 200, 10, None),
    ],
)
def test_what_stands_behind_the_request(tail, status, size, agent):
    row = record(tail=tail)
    found = [row.get(f"http_{key}") for key in ("response_code", "response_length_bytes", "request_user_agent")]
    assert found == [status, size, agent]


@pytest.mark.parametrize("at", ["[15/Feb/2022:15:02:11 +0200]", "[2022-02-15T13:02:11Z]", "[2022-02-15 13:02:11]"])
def test_times_become_utc(at):
    assert record(at=at)["time"] == "2022-02-15T13:02:11+00:00"


@pytest.mark.parametrize(
    "line",
    [
        "not a record",
        f"198.51.100.7 {AT} {REST}",
        f"{AT} {REST}",
        f" - - {AT} {REST}",
        f'198.51.100.7 - - {AT} "GET /a HTTP/1.1" 2000 10',
        f'198.51.100.7 - - {AT} "GET /a HTTP/1.1" 200',
        f'198.51.100.7 - - {AT} "GET /a HTTP/1.1',
        f"198.51.100.7 - - [31/Feb/2022:15:02:11 +0200] {REST}",
        f"198.51.100.7 - - 15/Feb/2022 {REST}",
        "Feb 15 15:02:11 web1 nginx: 198.51.100.7 - - [x] \"GET",
    ],
)  # fmt: skip
def test_a_line_that_is_no_record_is_a_fault_and_the_next_is_read(line):
    good = f"198.51.100.7 - - {AT} {REST}\n"
    result = read("access_log", good + line + "\n" + good)
    assert [fault.offset for fault in result.faults] == [len(good)]
    assert [row["record_offset"] for row in result.rows] == [0, len(good) + len(line) + 1]


def test_lines_of_other_programs_in_syslog_are_passed_over():
    assert read("access_log", "Feb 15 15:02:11 web1 sshd[7]: Accepted publickey\n") == ([], [])


def test_firewall_records_among_them_are_said():
    packet = "Feb 15 13:02:11 fw kernel: IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=TCP SPT=1 DPT=2\n"
    result = read("access_log", packet * 2)
    assert [(fault.offset, "2 of a firewall" in fault.reason) for fault in result.faults] == [(0, True)]


@pytest.mark.parametrize(("records", "others", "claimed"), [(5, 5, True), (4, 5, False), (1, 0, True), (0, 1, False)])
def test_half_of_the_lines_must_be_records(records, others, claimed):
    head = (f"198.51.100.7 - - {AT} {REST}\n" * records + "something else\n" * others).encode()
    assert (claimants(head) == ["access_log"]) is claimed


@pytest.mark.parametrize(("packets", "claimant"), [(0, "access_log"), (1, "firewall_syslog"), (2, "firewall_syslog")])
def test_in_syslog_one_record_is_enough_if_packets_are_not_as_many(packets, claimant):
    packet = "Feb 15 13:02:11 fw kernel: IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=TCP SPT=1 DPT=2\n"
    head = (
        f"Feb 15 15:02:11 web1 nginx: 198.51.100.7 - - {AT} {REST}\n"
        + packet * packets
        + "Feb 15 15:02:11 web1 sshd[7]: x\n" * 9
    )
    assert claimants(head.encode()) == [claimant]


def test_a_record_is_not_found_in_a_binary_head():
    assert claimants(b"\x1f\x8b" + bytes(range(256)) * 200) == []


@pytest.mark.parametrize(
    "line",
    [
        "a " * 500_000,
        " [" * 500_000,
        f"x {AT} " * 40_000,
        f'198.51.100.7 - - {AT} "' + "\\" * 1_000_000,
        f'198.51.100.7 - - {AT} "GET /a HTTP/1.1" 200 10 "' + '" "' * 300_000,
        f'198.51.100.7 - - {AT} "GET /a HTTP/1.1" 200 10 "-" "-"' + ' "' * 400_000,
        "<1>" + "[a " * 300_000,
    ],
)  # fmt: skip
def test_a_hostile_line_takes_time_in_proportion_to_its_length(line):
    started = time.process_time()
    read("access_log", line[:1_000_000] + "\n")
    assert time.process_time() - started < 2


PIECES = st.sampled_from([
    "198.51.100.7", "2001:DB8::7", "::ffff:192.0.2.1", "-", '""', "", " ", "\t", "www.example.org:443", "alice", "Feb 15 15:02:11", "web1", "nginx:",
    "nginx[7]:", "<190>", "2022-02-15T15:02:11+02:00", AT, "[31/Feb/2022:15:02:11 +0200]", "[2022-02-15T13:02:11Z]", '"', "\\", '\\"', "GET", "get", "POST",
    "/", "/a", "?", "b=1", "HTTP/1.1", "HTTP/2.0", "http://example.org/x", "200", "304", "2000", "10", "1" * 19, "0.123", "12ms", "rt=0.5", "é", "\xa0",
    "\r", "\0", "\x1b", "[", "]", ":", "|", "stdout F", "curl/7.68.0",
])  # fmt: skip
RECORDS = st.builds(
    lambda before, who, request, tail, agent, extras: f'{before}{who} {AT} "{request}" {tail} "-" "{agent}"{extras}',
    st.sampled_from(["", "", "Feb 15 15:02:11 web1 nginx: ", "<190>2022-02-15T13:02:11Z web1 nginx[7]: ", "web_1 | ", "\0\0"]),
    st.lists(PIECES, min_size=2, max_size=5).map(" ".join),
    st.lists(PIECES, max_size=4).map(" ".join) | st.just("GET /a?b HTTP/1.1"),
    st.sampled_from(["200 10", "304 -", "- -", "200 x", "200"]),
    PIECES,
    st.sampled_from(["", " 0.123", ' "x" 0.5', " 12ms", "\r", "\0", "x"]),
)


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(RECORDS | st.lists(PIECES, max_size=12).map(" ".join), min_size=1, max_size=4))
def test_lines_read_by_column_give_what_lines_read_one_by_one_give(lines):
    data = "\n".join([*lines, ""]).encode()
    by_column = read("access_log", data)
    plain, access_log._PLAIN = access_log._PLAIN, re.compile(rb"(?!)")
    try:
        one_by_one = read("access_log", data)
    finally:
        access_log._PLAIN = plain
    assert by_column.rows == one_by_one.rows
    assert by_column.fault_offsets == one_by_one.fault_offsets
