import gzip
import json
import lzma
from collections import Counter

import pytest

from kit.text_logs import claimants, read
from tocsin.errors import EvidenceError
from tocsin.readers.zeek_json import log_name

CONN = {"ts": 1644930131.25, "uid": "C1", "id.orig_h": "198.51.100.7", "id.orig_p": 1025, "id.resp_h": "192.0.2.10", "id.resp_p": 443,
        "proto": "tcp", "conn_state": "S0", "history": "S", "orig_pkts": 1, "orig_ip_bytes": 60}  # fmt: skip


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def respelt(separator):
    return {key.replace("id.", f"id{separator}"): value for key, value in CONN.items()}


NESTED = {
    **{k: v for k, v in CONN.items() if not k.startswith("id.")},
    "id": {k[3:]: v for k, v in CONN.items() if k.startswith("id.")},
}


@pytest.mark.parametrize(
    "record", [CONN, respelt("_"), NESTED, {**CONN, "_path": "conn"}, {**CONN, "@stream": "conn"}], ids=range(5)
)
def test_endpoints_and_names_in_their_spellings_give_the_same_row(record):
    assert claimants(lines(record).encode()) == ["zeek_json"]
    row = read("zeek_json", lines(record)).one()
    assert row == read("zeek_json", lines(CONN)).one()
    assert (row["src_endpoint_ip"], row["dst_endpoint_port"], row["traffic_bytes_out"]) == ("198.51.100.7", 443, 60)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"_path": "ssl", "conn_state": "S0"}, "ssl"),
        ({"conn_state": "S0"}, "conn"),
        ({"proto": "udp", "orig_pkts": 1}, "conn"),
        ({"request_body_len": 0, "trans_depth": 1}, "http"),
        ({"method": "GET", "uri": "/"}, "http"),
        ({"query": "x", "trans_id": 1}, "dns"),
        ({"query": "x"}, ""),
        ({"trans_depth": 1, "mailfrom": "a"}, ""),
    ],
    ids=str,
)
def test_the_log_is_named_or_told_by_its_fields(record, name):
    assert log_name(record) == name


def test_records_of_other_logs_among_ours_are_passed_over():
    assert len(read("zeek_json", lines({**CONN, "_path": "ssl"}, CONN)).rows) == 1


@pytest.mark.parametrize(
    ("record", "said"),
    [({**CONN, "_path": "ssl"}, "'ssl' \\(2 records"), ({"ts": 1, "uid": "C", "id.orig_h": "x"}, "uid, id.orig_h")],
)
def test_a_file_of_another_log_is_named_and_nothing_is_read(record, said):
    with pytest.raises(EvidenceError, match=said):
        read("zeek_json", lines(record, record))


@pytest.mark.parametrize(
    "record",
    [{**CONN, "ts": "yesterday"}, {**CONN, "ts": float("nan")}, {**CONN, "id.orig_h": 7}, {**CONN, "orig_pkts": "many"}, {**CONN, "proto": []}, {"a": 1}, [],
     {**NESTED, "id": {"orig_h": {}, "resp_h": 1}}],
    ids=str,
)  # fmt: skip
def test_a_record_that_does_not_fit_is_a_fault(record):
    result = read("zeek_json", lines(CONN, record, CONN))
    assert result.fault_offsets == [len(lines(CONN))]
    assert len(result.rows) == 2


@pytest.mark.parametrize(
    ("record", "claimed"),
    [
        ({"ts": 1, "uid": "C", "id.orig_h": "x"}, True),
        ({"ts": 1, "_path": "stats"}, True),
        ({"ts": 1, "uid": "C"}, False),
        ({"uid": "C", "id.orig_h": "x"}, False),
        ({"ts": 1, "level": "info"}, False),
    ],
    ids=str,
)
def test_claimed_by_time_and_name_or_endpoints(record, claimed):
    assert claimants(lines(record).encode()) == (["zeek_json"] if claimed else [])


@pytest.mark.real
@pytest.mark.parametrize(("name", "flows"), [("zeek_conn_mixed.log", 576), ("zeek_conn_vertical_portscan.log", 50)])
def test_real_conn_logs_are_read_whole(real_data, name, flows):
    data = (real_data / "network" / name).read_bytes()
    assert claimants(data) == ["zeek_json"]
    result = read("zeek_json", data)
    records = [json.loads(line) for line in data.splitlines()]
    assert (len(result.rows), result.faults) == (flows, [])
    assert [row["connection_state"] for row in result.rows] == [record["conn_state"] for record in records]
    assert sum(row["traffic_bytes_out"] for row in result.rows) == sum(record["orig_ip_bytes"] for record in records)
    tcp = [(row, record) for row, record in zip(result.rows, records, strict=True) if record["proto"] == "tcp"]
    for row, record in tcp:
        assert bool(row["connection_info_tcp_flags"] & 2) == ("S" in record["history"])
        assert bool(row["connection_info_tcp_flags_in"] & 4) == ("r" in record["history"])


@pytest.mark.real
def test_a_real_combined_log_gives_its_conn_dns_and_http_records(real_data):
    data = lzma.decompress((real_data / "host" / "zeek" / "apt29-day1" / "combined_zeek.jsonl.xz").read_bytes())
    streams = Counter(json.loads(line)["@stream"] for line in data.splitlines())
    result = read("zeek_json", data)
    assert result.faults == []
    assert Counter(row["table"] for row in result.rows) == {
        "network_activity": streams["conn"],
        "dns_activity": streams["dns"],
        "http_activity": streams["http"],
    }


@pytest.mark.real
def test_real_logs_of_other_kinds_are_named(real_data):
    for log in sorted((real_data / "host" / "zeek" / "wrccdc-json").glob("*.json.gz")):
        data = gzip.decompress(log.read_bytes())
        assert claimants(data) == ["zeek_json"]
        with pytest.raises(EvidenceError, match=log.name.removesuffix(".json.gz")):
            read("zeek_json", data)
