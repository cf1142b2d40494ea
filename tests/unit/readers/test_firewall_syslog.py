import time

import pytest

from kit.text_logs import claimants, read
from tocsin.readers.firewall_syslog import disposition

PACKET = "IN=eth0 OUT= MAC=00:16 SRC=203.0.113.9 DST=192.0.2.10 LEN=60 TOS=0x00 PREC=0x00 TTL=54 ID=1 DF PROTO={}"
ISO = "2022-02-15T15:02:11+02:00 fw1 kernel: [ 9.000001] "


def packet(rest="TCP SPT=1025 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 ", before="[UFW BLOCK] "):
    return read("firewall_syslog", ISO + before + PACKET.format(rest) + "\n").one()


@pytest.mark.parametrize(
    ("words", "flags"),
    [("SYN", 2), ("SYN ACK", None), ("ACK SYN", 18), ("ACK PSH FIN", 25), ("RST", 4), ("CWR ECE SYN", 194), ("URG PSH FIN", 41), ("", 0)],
)  # fmt: skip
def test_tcp_flags_are_the_words_before_the_urgent_pointer(words, flags):
    row = packet(f"TCP SPT=1 DPT=2 SEQ=7 ACK=9 WINDOW=0 RES=0x00 {words + ' ' if words else ''}URGP=0 OPT (020405B4)")
    assert row["connection_info_tcp_flags"] == (18 if flags is None else flags)


@pytest.mark.parametrize(
    ("rest", "flags"),
    [
        pytest.param("SEQ=1 ACK=0 WINDOW=64240 SYN URGP=0", 2, id="as ulogd writes it"),
        pytest.param("WINDOW=64240 RES=0x00 ACK SYN", None, id="the line was cut off"),
        pytest.param("", None, id="not written"),
    ],
)
def test_flags_that_are_not_written_are_not_known(rest, flags):
    assert packet(f"TCP SPT=1 DPT=2 {rest}").get("connection_info_tcp_flags") == flags


@pytest.mark.parametrize(
    ("rest", "protocol", "ports", "flags", "icmp"),
    [
        ("TCP SPT=1025 DPT=443 WINDOW=1 RES=0x00 SYN URGP=0", 6, (1025, 443), 2, None),
        ("TCP", 6, (None, None), None, None),
        ("UDP SPT=53 DPT=1025 LEN=40", 17, (53, 1025), None, None),
        ("ICMP TYPE=8 CODE=0 ID=1 SEQ=1", 1, (None, None), None, 8),
        ("47", 47, (None, None), None, None),
        ("2", 2, (None, None), None, None),
        ("SCTP", 132, (None, None), None, None),
    ],
)
def test_protocols(rest, protocol, ports, flags, icmp):
    row = packet(rest)
    assert row["connection_info_protocol_num"] == protocol
    assert (row.get("src_endpoint_port"), row.get("dst_endpoint_port")) == ports
    assert (row.get("connection_info_tcp_flags"), row.get("icmp_type")) == (flags, icmp)
    assert (row["traffic_packets_out"], row["traffic_bytes_out"], row["time"]) == (1, 60, row["end_time"])
    assert "sampling_rate" not in row


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("[UFW BLOCK] ", 2), ("[UFW ALLOW] ", 1), ("DROP_WAN_IN: ", 2), ("IPTables-Dropped: ", 2), ("FINAL_REJECT: ", 2), ("REJECT wan in: ", 2),
        ("Denied ", 2), ("fw-deny: ", 2), ("ACCEPT ", 1), ("nft-accepted: ", 1), ("PASS: ", 1), ("filter_FWD_allow_REJECT: ", None), ("", None),
        ("[UFW AUDIT] ", None), ("backdrop ", None), ("DROPBEAR ", None), ("shallow ", None),
    ],
)  # fmt: skip
def test_the_disposition_is_in_the_words_of_the_prefix(prefix, expected):
    assert disposition(prefix) == expected
    assert packet(before=prefix).get("disposition_id") == expected


@pytest.mark.parametrize(("prefix", "blocked"), [("", None), ("[UFW BLOCK] ", 2)])
def test_dmesg_lines_have_a_time_and_no_host(prefix, blocked):
    line = "[Tue Feb 15 13:02:11 2022] " + prefix + PACKET.format("UDP SPT=1 DPT=2") + "\n"
    assert claimants(line.encode()) == ["firewall_syslog"]
    row = read("firewall_syslog", line).one()
    assert (row["time"], row.get("disposition_id")) == ("2022-02-15T13:02:11+00:00", blocked)


def test_the_exporter_is_the_host_where_that_is_an_address():
    line = "Feb 15 13:02:11 {} kernel: " + PACKET.format("UDP SPT=1 DPT=2") + "\n"
    rows = read("firewall_syslog", line.format("192.0.2.1") + line.format("fw1")).rows
    assert [row.get("device_ip") for row in rows] == ["192.0.2.1", None]


def test_without_a_year_rows_are_dated_1972_and_one_fault_says_so():
    line = "Dec 31 23:59:59 fw1 kernel: " + PACKET.format("UDP SPT=1 DPT=2") + "\n"
    result = read("firewall_syslog", line + line.replace("Dec 31", "Jan  1"))
    assert [row["time"][:10] for row in result.rows] == ["1972-12-31", "1973-01-01"]
    assert len(result.faults) == 1
    assert "dated 1972" in result.faults[0].reason


def test_with_a_year_there_is_no_fault():
    line = "Dec 31 23:59:59 fw1 kernel: " + PACKET.format("UDP SPT=1 DPT=2") + "\n"
    result = read("firewall_syslog", line + "2022-01-01T00:00:01Z fw1 x: y\n")
    assert [row["time"] for row in result.rows] == ["2021-12-31T23:59:59+00:00"]
    assert result.faults == []


def test_other_messages_are_passed_over_and_web_records_said():
    web = 'Feb 15 15:02:11 web1 nginx: 198.51.100.7 - - [15/Feb/2022:15:02:11 +0200] "GET / HTTP/1.1" 200 1\n'
    result = read("firewall_syslog", "Feb 15 13:02:11 fw1 sshd[1]: Accepted SRC of it\n" + web * 2)
    assert result.rows == []
    assert ["2 records of a web server" in fault.reason for fault in result.faults] == [True]


@pytest.mark.parametrize(
    "line",
    [
        "not syslog",
        ISO + PACKET.format("TCP SPT=99999 DPT=2"),
        ISO + PACKET.format("UDP").replace("203.0.113.9", "203.0.113.999"),
        ISO + PACKET.format("UDP").replace("LEN=60", "LEN=x"),
        ISO + "IN=eth0 OUT= MAC=00",
        ISO + "DROP IN=eth0 OUT= SRC=192.0.2.1 DST=",
        "Feb 30 13:02:11 fw1 kernel: " + PACKET.format("UDP SPT=1 DPT=2"),
    ],
)
def test_a_line_that_is_no_packet_is_a_fault_and_the_next_is_read(line):
    good = ISO + PACKET.format("UDP SPT=1 DPT=2") + "\n"
    result = read("firewall_syslog", good + line + "\n" + good)
    assert [fault.offset for fault in result.faults] == [len(good)]
    assert len(result.rows) == 2


@pytest.mark.parametrize(
    ("other", "claimed"), [("Feb 15 13:02:11 fw1 x: y\n" * 9, True), ("words\n", True), ("words\n" * 2, False)]
)
def test_nine_tenths_must_be_syslog_and_one_line_a_packet(other, claimed):
    head = (ISO + PACKET.format("UDP SPT=1 DPT=2") + "\n") + "Feb 15 13:02:11 fw1 x: y\n" * 8 + other
    assert claimants(head.encode()) == (["firewall_syslog"] if claimed else [])


@pytest.mark.parametrize(
    "body",
    ["IN=" * 300_000, "-IN=" * 250_000, " IN= OUT=" * 100_000, "IN= OUT= " + "SRC=" * 200_000, "IN= OUT= SRC=" + "1" * 900_000,
     "IN= OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=4 " + "PROTO " * 150_000],
)  # fmt: skip
def test_a_hostile_line_takes_time_in_proportion_to_its_length(body):
    started = time.process_time()
    read("firewall_syslog", (ISO + body)[:1_000_000] + "\n")
    assert time.process_time() - started < 2
