import gzip

import pytest

from kit.text_logs import claimants, read
from tocsin.errors import EvidenceError

HEADER = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{}\n#fields\t{}\n"
FIELDS = "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\thistory\torig_pkts"
CONN = HEADER.format("conn", FIELDS)
RECORD = "1644930131.0\tC1\t198.51.100.7\t1025\t192.0.2.10\t443\ttcp\tS0\tS\t1\n"


def test_fields_are_found_by_name_and_others_are_null():
    row = read("zeek_tsv", CONN + RECORD).one()
    assert (row["src_endpoint_port"], row["traffic_packets_out"], row["connection_info_tcp_flags"]) == (1025, 1, 2)
    assert "traffic_bytes_out" not in row


def test_the_header_decides_on_separator_and_the_word_for_nothing():
    text = CONN.replace("\\x09", "\\x7c").replace("\t", "|").replace("#unset_field|-", "#unset_field|NIL") + RECORD.replace(
        "\t", "|"
    ).replace("S0", "NIL")
    row = read("zeek_tsv", text).one()
    assert "connection_state" not in row
    assert row["connection_info_tcp_flags"] == 2


def test_the_word_for_an_empty_field_is_no_value():
    row = read("zeek_tsv", CONN + RECORD.replace("S0", "(empty)")).one()
    assert "connection_state" not in row


def test_logs_put_together_are_each_read_by_their_own_header():
    dns = (
        HEADER.format("dns", "ts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tquery")
        + "1644930132.0\t198.51.100.7\t5\t192.0.2.53\t53\texample.org\n"
    )
    rows = read("zeek_tsv", CONN + RECORD + "#close\tx\n" + dns).rows
    assert [row["table"] for row in rows] == ["network_activity", "dns_activity"]


@pytest.mark.parametrize("path", ["x509", "ssl", "conn-summary"])
def test_another_log_is_named_and_nothing_is_read(path):
    with pytest.raises(EvidenceError, match=f"Zeek log '{path}'"):
        read("zeek_tsv", HEADER.format(path, FIELDS) + RECORD)


def test_another_log_behind_ours_is_left_out_with_a_fault():
    text = CONN + RECORD
    result = read("zeek_tsv", text + HEADER.format("x509", "ts\tid") + "1\t2\n")
    assert len(result.rows) == 1
    assert len(result.faults) == 1
    assert "'x509'" in result.faults[0].reason
    assert result.faults[0].offset > len(text)


def test_a_log_without_records_is_no_error():
    assert read("zeek_tsv", CONN + "#close\tx\n") == ([], [])


@pytest.mark.parametrize(
    "line",
    [RECORD.replace("\t1\n", ""), RECORD.replace("\n", "\tmore"), RECORD.replace("198.51.100.7", "name").strip(), RECORD.replace("1644930131.0", "-").strip()],
    ids=["a field short", "a field too many", "no address", "no time"],
)  # fmt: skip
def test_a_record_that_does_not_fit_is_a_fault(line):
    result = read("zeek_tsv", CONN + line + "\n" + RECORD)
    assert result.fault_offsets == [len(CONN)]
    assert len(result.rows) == 1


@pytest.mark.parametrize(
    ("text", "rows", "faults"),
    [
        pytest.param(RECORD, 0, 1, id="no header"),
        pytest.param(HEADER.format("conn", "uid\tproto") + RECORD, 0, 2, id="no ts among the fields"),
        pytest.param(CONN.replace("\\x09", "tab") + RECORD, 1, 1, id="a separator that is none: the tab is taken"),
        pytest.param(CONN.partition("#fields")[0] + RECORD, 0, 1, id="no fields line"),
    ],
)
def test_a_header_that_makes_no_sense_is_a_fault(text, rows, faults):
    result = read("zeek_tsv", text)
    assert (len(result.rows), len(result.faults)) == (rows, faults)


@pytest.mark.parametrize(
    ("head", "claimed"), [(b"#separator \\x09\n", True), (b"#separator\n", False), (b"\n#separator \\x09\n#path\tx", True)]
)
def test_claimed_by_the_first_header_line(head, claimed):
    assert claimants(head) == (["zeek_tsv"] if claimed else [])


@pytest.mark.real
def test_each_log_of_an_exercise_is_claimed_and_named(real_data):
    logs = sorted((real_data / "host" / "zeek" / "wrccdc").glob("*.log.gz"))
    assert len(logs) >= 14
    for log in logs:
        data = gzip.decompress(log.read_bytes())
        assert claimants(data) == ["zeek_tsv"], log
        with pytest.raises(EvidenceError, match=f"Zeek log '{log.name.removesuffix('.log.gz')}'"):
            read("zeek_tsv", data)
