import pytest

from tocsin.readers._zeek import LOGS, history_flags, time_us

FIELDS = {"ts": 1, "id.orig_h": "198.51.100.7", "id.orig_p": 1025, "id.resp_h": "192.0.2.10", "id.resp_p": 443}


def conn(**fields):
    log = LOGS["conn"]
    return dict(zip(log.columns, log.row(0, *map((FIELDS | {"proto": "tcp"} | fields).get, log.fields)), strict=True))


@pytest.mark.parametrize(
    ("history", "flags"),
    [
        ("S", (2, 0)),
        ("ShADadfF", (19, 19)),
        ("Sr", (2, 4)),
        ("^hR", (4, 18)),
        ("Q", (2, 0)),
        ("CTWGN", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_flags_are_the_letters_of_the_history(history, flags):
    assert history_flags(history) == flags


def test_a_very_long_history_is_read_without_being_kept():
    kept = history_flags.cache_info().currsize
    assert conn(history="S" * 100_000)["connection_info_tcp_flags"] == 2
    assert history_flags.cache_info().currsize == kept


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({"conn_state": "S0"}, (2, 0)),
        ({"conn_state": "SF"}, (19, 19)),
        ({"conn_state": "REJ"}, (2, 4)),
        ({"conn_state": "RSTRH"}, (0, 22)),
        ({"conn_state": "OTH"}, (None, None)),
        ({}, (None, None)),
        ({"conn_state": "SF", "history": "S"}, (2, 0)),
        ({"conn_state": "SF", "history": "D", "proto": "udp"}, (None, None)),
    ],
    ids=str,
)
def test_without_history_the_state_tells_and_only_for_tcp(fields, flags):
    row = conn(**fields)
    assert (row["connection_info_tcp_flags"], row["connection_info_tcp_flags_in"]) == flags


def test_icmp_type_stands_where_the_port_does():
    row = conn(proto="icmp", **{"id.orig_p": 8, "id.resp_p": 0})
    assert (row["icmp_type"], row["src_endpoint_port"], row["dst_endpoint_port"]) == (8, None, None)
    six = conn(proto="icmp", **{"id.orig_h": "2001:db8::1", "id.resp_h": "2001:db8::2", "id.orig_p": 128, "id.resp_p": 129})
    assert (six["connection_info_protocol_num"], six["icmp_type"]) == (58, 128)


@pytest.mark.parametrize(
    ("fields", "number"), [({"proto": "unknown_transport"}, None), ({"proto": "unknown_transport", "ip_proto": 47}, 47)]
)
def test_newer_logs_say_the_protocol_number(fields, number):
    assert conn(**fields)["connection_info_protocol_num"] == number


@pytest.mark.parametrize(
    ("ts", "micros"),
    [
        (1644930131.25, 1_644_930_131_250_000),
        ("1644930131.250000", 1_644_930_131_250_000),
        (1644930131250, 1_644_930_131_250_000),
        ("2022-02-15T13:02:11.250000Z", 1_644_930_131_250_000),
        (22.335172, 22_335_172),
        (100_000_000_000, 100_000_000_000_000_000),
        (100_000_000_001, 100_000_000_001_000),
    ],
)
def test_time_stamps_in_each_of_zeeks_forms(ts, micros):
    assert time_us(ts) == micros


@pytest.mark.parametrize(
    "fields",
    [{"ts": None}, {"ts": -1}, {"id.orig_h": "host"}, {"id.resp_h": None}, {"id.orig_p": 65536}, {"duration": -1}, {"orig_pkts": -1},
     {"orig_ip_bytes": 2**63}, {"history": ["S"]}, {"conn_state": {}}],
    ids=str,
)  # fmt: skip
def test_values_that_cannot_be_are_refused(fields):
    with pytest.raises(ValueError, match="expected"):
        conn(**fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"query": "WWW.Example.org", "qtype_name": "*", "rcode_name": "NOERROR", "answers": ["a", "b"]}, ("www.example.org", "ANY", "NOERROR", "a,b")),
        ({"query": "x", "qtype": 65, "answers": []}, ("x", "65", None, None)),
        ({}, (None, None, None, None)),
    ],
)  # fmt: skip
def test_dns(fields, expected):
    log = LOGS["dns"]
    assert log.row(0, *map((FIELDS | fields).get, log.fields))[6:] == expected


def test_http_takes_the_host_from_the_header_else_from_the_url():
    log = LOGS["http"]

    def http(**fields):
        return dict(zip(log.columns, log.row(0, *map((FIELDS | fields).get, log.fields)), strict=True))

    proxied = http(method="GET", uri="http://a.example/x?y", status_code=200)
    assert [proxied[f"http_request_url_{part}"] for part in ("hostname", "path", "query_string")] == ["a.example", "/x", "y"]
    assert http(uri="http://a.example/x", host="b.example:80")["http_request_url_hostname"] == "b.example"
