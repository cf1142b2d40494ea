import json

import pytest

from kit.text_logs import claimants, read
from tocsin.readers.access_json import layout_of

NGINX = {
    "time_iso8601": "2022-02-15T15:02:11+02:00",
    "remote_addr": "198.51.100.7",
    "request_method": "GET",
    "request_uri": "/a?b",
    "status": 200,
}


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def row_of(**fields):
    return read("access_json", lines({**NGINX, **fields})).one()


@pytest.mark.parametrize(
    "time",
    ["2022-02-15T15:02:11+02:00", "2022-02-15T13:02:11Z", "15/Feb/2022:15:02:11 +0200", "[15/Feb/2022:15:02:11 +0200]", 1644930131, 1644930131.0,
     "1644930131.000", 1644930131000, 1644930131000000, 1644930131000000000],
)  # fmt: skip
def test_times_in_their_spellings(time):
    record = {key: value for key, value in NGINX.items() if key != "time_iso8601"}
    assert read("access_json", lines({**record, "time": time})).one()["time"] == "2022-02-15T13:02:11+00:00"


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"request_time": "0.123"}, 0.123),
        ({"request_time": 0.5}, 0.5),
        ({"request_time": "15"}, None),
        ({"request_time": 15}, None),
        ({"request_time": "-"}, None),
        ({"duration_ms": 15}, 0.015),
        ({"process_time_taken_microseconds": "1500"}, 0.0015),
        ({"latency_us": 1500}, 0.0015),
        ({"duration": 15}, None),
        ({"duration": 0.25, "logger": "http.log.access"}, 0.25),
        ({"duration": "250ms", "logger": "http.log.access"}, None),
        ({"Duration": 250_000_000, "DownstreamStatus": 200}, 0.25),
        ({"request_time": [1.5]}, None),
    ],
    ids=str,
)
def test_durations_only_where_the_unit_is_certain(fields, seconds):
    assert row_of(**fields).get("duration_s") == seconds


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, ("GET", "/a", "b")),
        ({"request": "POST /c?d HTTP/1.1", "request_uri": None, "request_method": None}, ("POST", "/c", "d")),
        ({"request": "POST /c?d HTTP/1.1"}, ("GET", "/a", "b")),
        ({"request": "/c", "request_uri": None}, ("GET", "/c", None)),
        ({"request_uri": "/a", "args": "x=1"}, ("GET", "/a", "x=1")),
        ({"request_uri": "/a", "query": "?x=1"}, ("GET", "/a", "x=1")),
        ({"request_uri": "/a", "query": ""}, ("GET", "/a", None)),
        ({"request_uri": "http://b.example/a"}, ("GET", "/a", None)),
    ],
    ids=str,
)
def test_what_was_asked_for(fields, asked):
    row = row_of(**fields)
    assert tuple(row.get(f"http_request_{key}") for key in ("http_method", "url_path", "url_query_string")) == asked


def test_a_request_that_is_no_http_stands_in_the_path():
    record = {"time": 1644930131, "remote_addr": "198.51.100.7", "status": 400, "request": "\\x16\\x03"}
    row = read("access_json", lines(record)).one()
    assert row["http_request_url_path"] == "\\x16\\x03"
    assert "http_request_http_method" not in row


@pytest.mark.parametrize(
    ("client", "address"),
    [("198.51.100.7", "198.51.100.7"), ("198.51.100.7:1025", "198.51.100.7"), ("[2001:DB8::7]:1025", "2001:db8::7"), ("2001:db8::7", "2001:db8::7"),
     ("client.example.net", "client.example.net"), ("-", None)],
)  # fmt: skip
def test_clients_with_and_without_port(client, address):
    assert row_of(remote_addr=client).get("src_endpoint_ip") == address


def test_keys_are_compared_without_case_and_signs_and_in_the_order_of_the_list():
    keys = layout_of(("Remote-Addr", "client_ip", "STATUS", "user.agent", "UserAgent")).keys
    assert keys == {"client": "client_ip", "status": "STATUS", "agent": "user.agent"}


def test_half_a_surrogate_pair_does_no_harm():
    assert row_of(http_user_agent="a\ud800")["http_request_user_agent"] == "a\\ud800"


@pytest.mark.parametrize(
    "record",
    [{**NGINX, "status": "OK"}, {**NGINX, "status": 2**40}, {**NGINX, "time_iso8601": "x" * 100}, {**NGINX, "time_iso8601": None}, {**NGINX, "remote_addr": {}},
     {**NGINX, "bytes_sent": -1}, {**NGINX, "server_port": 70000}, {"remote_addr": "198.51.100.7", "status": 200}, [1], 7],
    ids=range(10),
)  # fmt: skip
def test_a_record_that_does_not_fit_is_a_fault(record):
    result = read("access_json", lines(NGINX, record, NGINX))
    assert result.fault_offsets == [len(lines(NGINX))]
    assert len(result.rows) == 2


def test_messages_of_the_server_itself_are_passed_over():
    assert read("access_json", lines({"level": "info", "ts": 1644930131, "msg": "serving"})) == ([], [])


def test_layouts_are_not_kept_without_bound():
    records = [{**NGINX, f"extra{n}": 1} for n in range(2500)]
    assert len(read("access_json", lines(*records)).rows) == 2500


@pytest.mark.parametrize(
    ("records", "claimed"),
    [
        ([NGINX], True),
        ([{"level": "info", "msg": "serving"}, NGINX], True),
        ([{key: value for key, value in NGINX.items() if key != "status"}], False),
        ([{key: value for key, value in NGINX.items() if key != "remote_addr"}], False),
        ([{key: value for key, value in NGINX.items() if key != "request_uri"}], False),
        ([{"level": "info", "msg": "serving"}], False),
    ],
    ids=["a request", "not the first line", "no status", "no client", "no target", "no request"],
)
def test_claimed_are_requests_with_client_time_status_and_target(records, claimed):
    assert claimants(lines(*records).encode()) == (["access_json"] if claimed else [])


def test_a_zeek_http_log_is_not_claimed():
    record = {
        "ts": 1,
        "uid": "C",
        "id.orig_h": "198.51.100.7",
        "id.resp_h": "192.0.2.1",
        "method": "GET",
        "uri": "/",
        "status_code": 200,
        "client_ip": "x",
    }
    assert claimants(lines(record).encode()) == ["zeek_json"]
