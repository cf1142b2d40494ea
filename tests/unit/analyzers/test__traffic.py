"""What a flow is by its shape: of which family, and whether its receiver asked for it; and how flows become counts per second."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.flows import (
    ACK,
    FIN_ACK,
    PSH_ACK,
    RST,
    RST_ACK,
    START_S,
    SYN,
    SYN_ACK,
    VICTIM,
    WHOLE,
    answer,
    datagram,
    exported,
    flow,
    half_open,
    icmp,
    traffic,
    visit,
)
from tocsin.analyzers._traffic import (
    SPREAD_S_MAX,
    busy_hours,
    family_of_kind,
    per_second,
    prefix_of,
    seen_once,
    sides,
    totals_per_second,
    unix_second,
    unsolicited_per_second,
    web_sides,
)
from tocsin.packs import amplifiers
from tocsin.schema.network_traffic import PACKET_KINDS
from tocsin.terms import TcpFlag

CLIENT = "198.18.0.1"
ASKED, UNASKED = False, True


@pytest.fixture
def judged(table, rows_of):
    """Family and ``unsolicited`` of each side, by its receiver (``out``: to the flow's destination)."""

    def judge(*rows):
        found = rows_of(sides(table(rows, "network_activity")))
        return {(row["src"], row["dst"]): (row["family"], row["unsolicited"]) for row in found}

    return judge


def tcp(flags, back=None, **columns):
    return flow(flags=flags, back=back, packets_back=0 if back is None else 1, **columns)


FORWARD = [
    pytest.param(tcp(SYN), "syn", UNASKED, id="a SYN without an answer"),
    pytest.param(tcp(SYN, SYN_ACK), "syn", UNASKED, id="a handshake the client never completed"),
    pytest.param(tcp(SYN, RST_ACK), "syn", UNASKED, id="a SYN to a closed port"),
    pytest.param(tcp(SYN | TcpFlag.ECE | TcpFlag.CWR), "syn", UNASKED, id="a SYN that offers ECN"),
    pytest.param(tcp(SYN | ACK | TcpFlag.PSH, WHOLE), "syn", ASKED, id="a handshake completed"),
    pytest.param(tcp(SYN_ACK), "synack", UNASKED, id="a SYN-ACK that comes first"),
    pytest.param(tcp(SYN_ACK, RST), "synack", UNASKED, id="a SYN-ACK turned away with a reset"),
    pytest.param(tcp(SYN_ACK, packets=5), "synack", UNASKED, id="a SYN-ACK sent five times"),
    pytest.param(tcp(SYN_ACK, packets=6), "syn", ASKED, id="six packets are more than a SYN-ACK and its repetitions"),
    pytest.param(tcp(SYN_ACK | TcpFlag.PSH), "syn", ASKED, id="a SYN-ACK followed by data is one side of a connection"),
    pytest.param(tcp(SYN_ACK | TcpFlag.FIN), "syn", ASKED, id="a SYN-ACK followed by FIN is one side of a connection"),
    pytest.param(tcp(SYN_ACK, SYN), "syn", ASKED, id="a SYN-ACK answered by a SYN is the answer of a server seen first"),
    pytest.param(tcp(RST), "rst", UNASKED, id="a reset of no connection"),
    pytest.param(tcp(RST, packets=5), "rst", UNASKED, id="five resets"),
    pytest.param(tcp(RST_ACK, packets=6), "ack", UNASKED, id="six packets with a reset are the end of something longer"),
    pytest.param(tcp(RST, PSH_ACK), "rst", ASKED, id="a reset of a connection that sends data"),
    pytest.param(tcp(FIN_ACK), "fin", UNASKED, id="a FIN of no connection"),
    pytest.param(tcp(FIN_ACK, RST), "fin", UNASKED, id="a FIN turned away with a reset"),
    pytest.param(tcp(FIN_ACK, FIN_ACK), "fin", ASKED, id="both sides closing"),
    pytest.param(tcp(FIN_ACK | TcpFlag.PSH), "ack", UNASKED, id="a FIN with data counts as a segment"),
    pytest.param(tcp(ACK), "ack", UNASKED, id="an ACK of no connection"),
    pytest.param(tcp(ACK, RST), "ack", UNASKED, id="an ACK turned away with a reset"),
    pytest.param(tcp(PSH_ACK, PSH_ACK), "ack", ASKED, id="data both ways, begun before the capture"),
    pytest.param(tcp(PSH_ACK, SYN_ACK), "ack", ASKED, id="a SYN-ACK answers what was overlooked"),
    pytest.param(tcp(None), "ack", ASKED, id="flags unknown: nothing is claimed"),
    pytest.param(tcp(0), "ack", UNASKED, id="no flag set at all"),
    pytest.param(datagram(0, 1, src=CLIENT), "udp", UNASKED, id="UDP without an answer"),
    pytest.param(datagram(0, 1, src=CLIENT, packets_back=1), "udp", ASKED, id="UDP with an answer"),
    pytest.param(answer(0, 1, 123, src=CLIENT), "udp_from_ntp", UNASKED, id="an NTP answer nobody asked for"),
    pytest.param(answer(0, 1, 123, src=CLIENT, dport=123), "udp_from_ntp", UNASKED, id="from the NTP port to the NTP port"),
    pytest.param(datagram(0, 1, src=CLIENT, dport=123), "udp", UNASKED, id="a question to NTP is UDP"),
    pytest.param(datagram(0, 1, src=CLIENT, dport=67), "dhcp", UNASKED, id="to a DHCP server"),
    pytest.param(datagram(0, 1, src=CLIENT, dport=547), "dhcp", UNASKED, id="to a DHCPv6 server"),
    pytest.param(datagram(0, 1, src=CLIENT, dport=68), "udp", UNASKED, id="to a DHCP client"),
    pytest.param(datagram(0, 1, src=CLIENT, sport=None, dport=None), "fragment", UNASKED, id="a UDP fragment in a capture"),
    pytest.param(datagram(0, 1, src=CLIENT, sport=0, dport=0), "fragment", UNASKED, id="a UDP fragment as exporters tell it"),
    pytest.param(datagram(0, 1, src=CLIENT, sport=0), "udp", UNASKED, id="only the source port is 0"),
    pytest.param(datagram(0, 1, src="198.18.0.0/16", sport=None, dport=None), "udp", UNASKED, id="no ports: sources folded"),
    pytest.param(tcp(None, sport=None, dport=None), "fragment", UNASKED, id="a TCP fragment in a capture"),
    pytest.param(tcp(ACK, sport=None, dport=None), "ack", UNASKED, id="flags but no ports: folded, no fragment"),
    pytest.param(icmp(0, 1, 8, src=CLIENT), "icmp", UNASKED, id="an echo request"),
    pytest.param(icmp(0, 1, 3, src=CLIENT), "unreachable", UNASKED, id="ICMP type 3: unreachable"),
    pytest.param(icmp(0, 1, 11, src=CLIENT), "unreachable", UNASKED, id="ICMP type 11: time exceeded"),
    pytest.param(icmp(0, 1, None, src=CLIENT), "icmp", UNASKED, id="ICMP of unknown type"),
    pytest.param(icmp(0, 1, 0, src=CLIENT, proto=58), "icmpv6", UNASKED, id="ICMPv6 type 0"),
    pytest.param(icmp(0, 1, 1, src=CLIENT, proto=58), "unreachable", UNASKED, id="ICMPv6 type 1: unreachable"),
    pytest.param(icmp(0, 1, 4, src=CLIENT, proto=58), "unreachable", UNASKED, id="ICMPv6 type 4: parameter problem"),
    pytest.param(icmp(0, 1, 5, src=CLIENT, proto=58), "icmpv6", UNASKED, id="ICMPv6 type 5"),
    pytest.param(icmp(0, 1, 128, src=CLIENT, proto=58), "icmpv6", UNASKED, id="an ICMPv6 echo request"),
    pytest.param(flow(proto=47, sport=None, dport=None), "other", UNASKED, id="GRE without an answer"),
    pytest.param(flow(proto=47, sport=None, dport=None, packets_back=1), "other", ASKED, id="GRE with an answer"),
    pytest.param(flow(proto=None), "other", UNASKED, id="protocol unknown"),
]


@pytest.fixture(scope="module")
def told(table, rows_of):
    """All of them in one query; they do not meet, since none is a one-way export."""
    found = rows_of(sides(table([case.values[0] for case in FORWARD], "network_activity")))
    return {row["record_offset"]: (row["family"], row["unsolicited"]) for row in found if row["initiator"]}


@pytest.mark.parametrize(("row", "family", "unsolicited"), FORWARD)
def test_a_flow_is_told_by_its_shape(told, row, family, unsolicited):
    assert told[row["record_offset"]] == (family, unsolicited)


@pytest.mark.parametrize(
    ("row", "family"),
    [
        pytest.param(tcp(SYN, SYN_ACK), "syn", id="the server's half of a handshake"),
        pytest.param(tcp(SYN, RST_ACK), "rst", id="a closed port's reset"),
        pytest.param(tcp(ACK, RST), "rst", id="a reset for a stray segment"),
        pytest.param(visit(0, 1, src=CLIENT), "syn", id="the pages a browser asked for"),
        pytest.param(datagram(0, 1, src=CLIENT, dport=123, packets_back=1), "udp_from_ntp", id="an NTP answer"),
        pytest.param(answer(0, 1, 123, src=CLIENT, dport=123, packets_back=1), "udp", id="an NTP peer's answer"),
        pytest.param(icmp(0, 1, 8, src=CLIENT, packets_back=1), "icmp", id="an echo reply"),
    ],
)
def test_answers_are_never_unsolicited(judged, row, family):
    assert judged(row)[VICTIM, CLIENT] == (family, ASKED)


def test_an_upload_captured_from_its_middle_is_solicited(judged):
    rows = flow(flags=PSH_ACK, back=ACK, packets=10_000, packets_back=5_000, lasts_s=2)
    assert judged(rows)[CLIENT, VICTIM] == ("ack", ASKED)


class TestOneWayExports:
    """NetFlow tells each direction by itself: the opposite flow is the answer."""

    def test_a_question_with_its_answer_exported_is_solicited(self, judged):
        question = exported(0, proto=17, sport=5_000, dport=53)
        reply = exported(0.1, proto=17, src=VICTIM, sport=53, dst=CLIENT, dport=5_000)
        assert judged(question, reply) == {(CLIENT, VICTIM): ("udp", ASKED), (VICTIM, CLIENT): ("udp_from_dns", ASKED)}

    def test_an_answer_on_another_port_is_none(self, judged):
        question = exported(0, proto=17, sport=5_000, dport=53)
        other = exported(0.1, proto=17, src=VICTIM, sport=53, dst=CLIENT, dport=5_001)
        assert judged(question, other) == {(CLIENT, VICTIM): ("udp", UNASKED), (VICTIM, CLIENT): ("udp_from_dns", UNASKED)}

    def test_an_answer_of_another_protocol_is_none(self, judged):
        question = exported(0, proto=17, sport=5_000, dport=53)
        other = exported(0.1, proto=6, src=VICTIM, sport=53, dst=CLIENT, dport=5_000, flags=WHOLE)
        assert judged(question, other)[CLIENT, VICTIM] == ("udp", UNASKED)

    def test_a_handshake_left_open_stays_unsolicited_though_the_server_answered(self, judged):
        opened = exported(0, flags=SYN)
        reply = exported(0.1, flags=SYN_ACK, src=VICTIM, sport=443, dst=CLIENT, dport=40_000)
        assert judged(opened, reply) == {(CLIENT, VICTIM): ("syn", UNASKED), (VICTIM, CLIENT): ("syn", ASKED)}

    @pytest.mark.parametrize(
        ("later_s", "initiator"),
        [
            pytest.param(0.1, CLIENT, id="who came first"),
            pytest.param(-0.1, VICTIM, id="who came first, though on the lower port"),
            pytest.param(0.0, CLIENT, id="at the same time: who has the higher port"),
        ],
    )
    def test_the_initiator_is(self, table, rows_of, later_s, initiator):
        rows = [exported(1, flags=WHOLE), exported(1 + later_s, flags=WHOLE, src=VICTIM, sport=443, dst=CLIENT, dport=40_000)]
        found = rows_of(sides(table(rows, "network_activity")))
        assert [row["src"] for row in found if row["initiator"]] == [initiator]

    def test_a_sample_hardly_holds_both_flows_so_any_answer_counts(self, judged):
        question = exported(0, proto=17, sport=5_000, dport=4_433, sampling_rate=100)
        other = exported(9, proto=17, src=VICTIM, sport=4_433, dst=CLIENT, dport=5_001, sampling_rate=100)
        assert judged(question, other)[CLIENT, VICTIM] == ("udp", ASKED)

    def test_a_flow_whose_flags_are_unknown_is_not_claimed(self, judged):
        assert judged(exported(0, flags=None))[CLIENT, VICTIM] == ("ack", ASKED)


class TestNulls:
    @pytest.mark.parametrize("column", ["time", "dst_endpoint_ip", "traffic_packets_out"])
    def test_without_it_a_flow_tells_nothing(self, judged, column):
        assert judged(flow(flags=SYN, **{column: None})) == {}

    def test_an_unknown_source_is_kept(self, judged):
        assert judged(flow(flags=SYN, src_endpoint_ip=None))[None, VICTIM] == ("syn", UNASKED)

    def test_what_goes_to_an_unknown_address_is_left_out(self, judged):
        assert set(judged(flow(flags=SYN, src_endpoint_ip=None, back=SYN_ACK, packets_back=1))) == {(None, VICTIM)}

    def test_no_packets_is_no_flow(self, judged):
        assert judged(flow(flags=SYN, packets=0)) == {}

    def test_a_flow_without_an_end_ends_where_it_begins(self, table, rows_of):
        row = rows_of(sides(table([flow(3, flags=SYN, end_time=None)], "network_activity")))[0]
        assert row["end_time"] == row["time"]

    def test_everything_else_may_be_missing(self, table, rows_of):
        empty = dict.fromkeys(flow())
        known = {
            name: flow()[name] for name in ("time", "dst_endpoint_ip", "traffic_packets_out", "evidence_id", "record_offset")
        }
        rows = rows_of(sides(table([empty | known], "network_activity")))
        assert [(row["family"], row["flags"], row["sampling"], row["bytes"]) for row in rows] == [("other", None, 1, 0)]


def test_every_kind_of_packet_has_a_family(con, rows_of, table):
    kinds = [*PACKET_KINDS, *(f"udp_{way}_{a.service}" for way in ("from", "to") for a in amplifiers())]
    rows = table([traffic(0, kind) for kind in kinds], "network_traffic")
    found = {
        row["packet_kind"]: row["family"]
        for row in rows_of(rows.select("packet_kind", family=family_of_kind(rows.packet_kind)))
    }
    assert found["tcp_syn"] == "syn"
    assert found["udp_to_ntp"] == "udp"
    assert found["udp_from_ntp"] == "udp_from_ntp"
    assert {kind for kind, family in found.items() if family == "other"} == {"non_ip", "ip_other"}


def test_a_time_belongs_to_the_second_it_lies_in(table, rows_of):
    rows = table([flow(0.0), flow(0.999_999), flow(1.0)], "network_activity")
    found = rows_of(rows.select("record_offset", second=unix_second(rows.time)))
    assert [row["second"] - START_S for row in found] == [0, 0, 1]


def test_web_ports_count_at_either_end_and_only_for_tcp(table, rows_of):
    rows = [
        flow(dport=443),
        flow(sport=80, dport=5_000),
        flow(dport=22),
        flow(dport=443, proto=17),
        flow(dport=None, sport=None),
    ]
    found = rows_of(web_sides(sides(table(rows, "network_activity"))))
    assert {row["record_offset"] for row in found} == {rows[0]["record_offset"], rows[1]["record_offset"]}


class TestPerSecond:
    @settings(max_examples=4, deadline=None)
    @given(
        shapes=st.lists(
            st.tuples(st.integers(1, 10**9), st.integers(0, 10**12), st.integers(0, 3 * SPREAD_S_MAX), st.floats(0, 0.999)),
            min_size=1,
            max_size=40,
        )
    )
    def test_no_packet_and_no_byte_is_lost_or_made(self, table, rows_of, shapes):
        rows = [flow(part, packets=p, bytes=b, lasts_s=lasts, flags=ACK) for p, b, lasts, part in shapes]
        spread = per_second(sides(table(rows, "network_activity")))
        of = {row["record_offset"]: row for row in rows}
        sums: dict[int, list[int]] = {}
        for row in rows_of(spread.select("record_offset", "second", "packets", "bytes")):
            held = sums.setdefault(row["record_offset"], [0, 0])
            held[0], held[1] = held[0] + row["packets"], held[1] + row["bytes"]
            last = int((of[row["record_offset"]]["end_time"]).timestamp())
            assert START_S <= row["second"] <= last
            assert row["packets"] > 0
        assert sums == {offset: [row["traffic_packets_out"], row["traffic_bytes_out"]] for offset, row in of.items()}

    def test_few_packets_over_long_do_not_fill_each_second(self, table, rows_of):
        spread = rows_of(per_second(sides(table([flow(0, packets=2, lasts_s=9, flags=ACK)], "network_activity"))))
        assert [(row["second"] - START_S, row["packets"]) for row in sorted(spread, key=lambda r: r["second"])] == [
            (0, 1),
            (5, 1),
        ]

    def test_an_end_before_the_beginning_counts_as_the_beginning(self, table, rows_of):
        spread = rows_of(per_second(sides(table([flow(5, packets=7, lasts_s=-3, flags=ACK)], "network_activity"))))
        assert [(row["second"] - START_S, row["packets"]) for row in spread] == [(5, 7)]


class TestTotals:
    @pytest.fixture
    def totals(self, table, rows_of):
        def add(series, flows):
            both = seen_once(sides(table(flows, "network_activity")))
            found = rows_of(totals_per_second(table(series, "network_traffic"), both))
            return sorted((row["second"] - START_S, row["family"], row["packets"]) for row in found if row["dst"] == VICTIM)

        return add

    def test_captures_are_counted_exactly_and_not_once_more_from_their_flows(self, totals):
        assert totals([traffic(0, "tcp_syn", 7), traffic(1, "tcp_syn", 1)], [flow(0, flags=SYN, packets=8, lasts_s=1)]) == [
            (0, "syn", 7),
            (1, "syn", 1),
        ]

    def test_exported_flows_are_spread(self, totals):
        assert totals([], [exported(0, flags=SYN, packets=5, lasts_s=1)]) == [(0, "syn", 3), (1, "syn", 2)]

    def test_rows_of_one_evidence_add_up(self, totals):
        assert totals([traffic(0, "tcp_ack", 2), traffic(0.5, "tcp_data", 3)], []) == [(0, "ack", 5)]

    def test_of_two_evidences_the_larger_counts(self, totals):
        assert totals([traffic(0, "tcp_ack", 2), traffic(0, "tcp_ack", 3, evidence="e2")], []) == [(0, "ack", 3)]

    def test_exported_flows_of_what_a_capture_shows_are_left_out(self, totals):
        shown = [flow(0, flags=ACK), exported(30, flags=ACK, packets=99, evidence="e2")]
        assert totals([traffic(0, "tcp_ack", 1)], shown) == [(0, "ack", 1)]

    def test_exported_flows_of_another_minute_stay(self, totals):
        shown = [flow(0, flags=ACK), exported(60, flags=ACK, packets=99, evidence="e2")]
        assert totals([traffic(0, "tcp_ack", 1)], shown) == [(0, "ack", 1), (60, "ack", 99)]

    def test_a_destination_that_is_unknown_is_nobodys(self, totals):
        assert totals([traffic(0, "non_ip", 5, dst=None)], []) == []

    def test_only_the_unsolicited_is_counted_apart(self, table, rows_of):
        rows = [half_open(0, 1), visit(0, 2)]
        found = rows_of(unsolicited_per_second(sides(table(rows, "network_activity"))))
        assert [(row["dst"], row["family"], row["packets"]) for row in found] == [(VICTIM, "syn", 1)]


def test_busy_hours_hold_their_first_and_last_second(table, rows_of):
    flows = [flow(5, flags=ACK), flow(50, flags=ACK), flow(7_205, flags=ACK)]
    found = rows_of(busy_hours(per_second(sides(table(flows, "network_activity")))))
    assert [(row["first"] - START_S, row["last"] - START_S) for row in sorted(found, key=lambda r: r["hour"])] == [
        (5, 50),
        (7_205, 7_205),
    ]


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.10", "192.0.2"),
        ("192.0.2.255", "192.0.2"),
        ("2001:db8::10", "2001:db8:"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5"),
        ("2001:db8::", "2001:db8:"),
        ("198.51.0.0/16", "198.51.0.0/16"),
    ],
)
def test_the_neighbourhood_of_an_address(table, rows_of, address, prefix):
    rows = table([flow(dst=address)], "network_activity")
    assert rows_of(rows.select(prefix=prefix_of(rows.dst_endpoint_ip)))[0]["prefix"] == prefix
