"""The denial-of-service analyzer from rows to findings: attacks, near misses, look-alikes, and what evidence may lack."""

import random

import pytest

from kit.flows import (
    ACK,
    EVIDENCE,
    FIN_ACK,
    PSH_ACK,
    RST,
    SERVER_V6,
    SYN,
    SYN_ACK,
    VICTIM,
    WHOLE,
    Row,
    address,
    answer,
    at,
    captured,
    datagram,
    exported,
    flow,
    half_open,
    icmp,
    visit,
)
from tocsin.analyzers.denial_of_service import destination, prefix_text
from tocsin.model import Asset, Profile
from tocsin.terms import FindingClass, Severity

RATE, SECONDS = 150, 10


def each(make, rate=RATE, seconds=SECONDS, start=30.0, **columns) -> list[Row]:
    """So many rows a second, evenly, of sources n, n+1, …"""
    return [make(start + n / rate, n, **columns) for n in range(rate * seconds)]


def ordinary(seconds=60, rate=3, **columns) -> list[Row]:
    """Visitors before, during and after."""
    return [visit(n / rate, n, **columns) for n in range(seconds * rate)]


def of_flags(flags):
    return lambda seconds, n, **columns: flow(seconds, src=address(n % 200), sport=1024 + n, flags=flags, **columns)


@pytest.fixture(scope="module")
def said(find):
    """What is found in a capture of flows: (class, vector, victim or target or source)."""

    def say(flows, **known):
        return [summary(f) for f in find("denial_of_service", captured(flows), **known)]

    return say


def summary(f):
    subject = next((e.value for e in f.entities if e.role in ("victim", "target")), f.entities[0].value if f.entities else "")
    return f.cls.value, f.attributes["vector"], subject


def block_page(seconds, n, **columns):
    return flow(seconds, src=address(n % 200), sport=80, dport=1024 + n, flags=PSH_ACK, bytes=900, **columns)


def victim(n) -> str:
    """Each in a network of its own."""
    return f"10.0.{n}.10"


EVERYONE = "255.255.255.255"
ATTACKS = {
    "syn_flood": each(half_open, dst=victim(0)),
    "synack_reflection": each(of_flags(SYN_ACK), rate=200, dst=victim(1)),
    "ack_flood": each(of_flags(ACK), dst=victim(2)),
    "rst_flood": each(of_flags(RST), dst=victim(3)),
    "fin_flood": each(of_flags(FIN_ACK), dst=victim(4)),
    "middlebox_reflection": each(block_page, dst=victim(5)),
    "udp_flood": each(datagram, dst=victim(6)),
    "amplification": each(answer, dst=victim(7)),
    "fragment_flood": each(datagram, sport=None, dport=None, dst=victim(8)),
    "icmp_flood": each(icmp, dst=victim(9)),
    "icmpv6_flood": each(icmp, proto=58, kind=128, dst=SERVER_V6, src="2001:db8:9::1"),
    "dhcp_flood": each(lambda s, n: datagram(s, 0, src="0.0.0.0", sport=68, dport=67, dst=EVERYONE)),  # noqa: S104
}


@pytest.fixture(scope="module")
def all_at_once(find):
    flows = ordinary() + [row for attack in ATTACKS.values() for row in attack]
    return {summary(f) for f in find("denial_of_service", captured(flows))}


@pytest.mark.parametrize("vector", ATTACKS)
def test_an_attack_is_found_by_its_vector_and_as_nothing_else(all_at_once, vector):
    target = ATTACKS[vector][0]["dst_endpoint_ip"]
    assert {said for said in all_at_once if said[2] == target} == {("attack", vector, target)}


def test_of_twelve_attacks_at_once_twelve_are_found_and_no_visitor_suspected(all_at_once):
    assert len(all_at_once) == len(ATTACKS)


QUIET = {
    "thirty visitors a second": ordinary(rate=30, dst=victim(20)),
    "39 open handshakes a second": each(half_open, rate=39, dst=victim(21)),
    "19 UDP packets a second": each(datagram, rate=19, dst=victim(22)),
    "a call, both ways": [
        flow(1, proto=17, sport=50_000, dport=4_500, packets=20_000, packets_back=18_000, lasts_s=50, dst=victim(23))
    ],
    "a large upload": [flow(1, flags=WHOLE, back=WHOLE, packets=200_000, packets_back=90_000, lasts_s=50, dst=victim(24))],
    "multicast": each(datagram, rate=100, dst="239.1.2.3"),
    "a time server's clients": [datagram(n / 5, n, dport=123, packets_back=1, dst=victim(25)) for n in range(300)],
    "one-sided film": [datagram(1, 5, packets=100_000, lasts_s=50, dst=victim(26))],
}


@pytest.fixture(scope="module")
def ordinary_hour(find):
    return [summary(f) for f in find("denial_of_service", captured(row for rows in QUIET.values() for row in rows))]


@pytest.mark.parametrize("case", QUIET)
def test_the_ordinary_is_no_finding(ordinary_hour, case):
    target = QUIET[case][0]["dst_endpoint_ip"]
    assert [said for said in ordinary_hour if said[2] == target] == []


def test_nothing_of_the_ordinary_is_told_of_anybody_else_either(ordinary_hour):
    assert ordinary_hour == []


def test_a_finding_tells_all_that_a_report_needs(find):
    profile = Profile(assets=(Asset("web", "web site", addresses=(VICTIM,), criticality="critical"),))
    (f,) = find("denial_of_service", captured(ordinary() + each(half_open)), profile=profile)
    assert f.title == f"SYN flood on {VICTIM}:443, 10 s, peak 150 packets/s"
    assert (f.cls, f.severity) == (FindingClass.ATTACK, Severity.HIGH), "one higher than medium: the asset is critical"
    assert abs((f.first_seen - at(30)).total_seconds()) < 1
    assert abs((f.last_seen - at(40)).total_seconds()) < 1
    assert f.attributes["port"] == 443
    assert f.attributes["packets"] == pytest.approx(1_500, rel=0.03)
    assert f.attributes["sources"] == 1_500
    assert f.attributes["sources_spoofed"] is True
    assert f.named("source") == (), "forged addresses are nobody's"
    assert f.series.unit == "packets/s"
    assert max(f.series.values) == pytest.approx(150, abs=5)
    assert f.parameters["rate_min"] == 100
    assert 1 <= len(f.evidence) <= 5
    assert {(row.name, row.sha256) for row in f.evidence} == {EVIDENCE["e1"]}
    assert f" → {VICTIM}:443 TCP S 60 B" in f.evidence[0].excerpt
    assert {m.effect for m in f.mitigations} >= {"syn_proxy", "blackhole"}
    assert any("forged" in m.refused for m in f.mitigations)


def test_sources_that_are_real_are_named_and_can_be_blocked(find):
    (f,) = find("denial_of_service", captured(ordinary() + each(lambda s, n: half_open(s, n % 40, sport=1024 + n))))
    assert f.attributes["sources"] == 40
    assert f.attributes["sources_spoofed"] is False
    assert len(f.named("source")) == 10
    blocks = [m for m in f.mitigations if m.effect == "drop" and m.match.src]
    assert [m.refused for m in blocks] == [""]
    assert blocks[0].hit_ratio == 1.0
    assert blocks[0].collateral_ratio == 0.0


class TestLookAlikes:
    def test_one_sender_at_many_ports_of_one_host_is_a_port_scan(self, said):
        scan = each(lambda s, n: half_open(s, 7, dport=1 + n, back=20, packets_back=1))
        assert said(ordinary() + scan) == [("suspicious", "port_scan", VICTIM)]

    def test_one_sender_at_many_hosts_is_a_host_scan(self, said):
        scan = [half_open(n / 50, 7, dst=f"192.0.2.{n}", back=None, packets_back=0) for n in range(200)]
        assert said(ordinary() + scan) == [("suspicious", "host_scan", address(7))]

    def test_fourteen_hosts_are_no_scan(self, said):
        scan = [half_open(n / 50, 7, dst=f"192.0.2.{n}", back=None, packets_back=0) for n in range(14)]
        assert said(ordinary() + scan) == []

    def test_replies_to_what_was_never_sent_are_backscatter(self, said):
        replies = [
            flow(n / 4, src=f"198.51.100.{n % 3}", sport=80, dst=f"192.0.2.{n % 250}", dport=1024 + n, flags=SYN_ACK)
            for n in range(200)
        ]
        assert said(ordinary() + replies) == [("context", "backscatter", "198.51.100.0")]

    def test_a_flood_over_a_range_is_carpet_bombing_of_the_range_alone(self, said):
        bombs = each(lambda s, n: datagram(s, n % 300, dst=f"192.0.2.{n % 200}", sport=1024 + n), rate=800)
        assert said(ordinary() + bombs) == [("attack", "carpet_bombing", "192.0.2.0/24")]

    def test_what_the_victim_provokes_is_part_of_the_flood(self, said):
        errors = each(lambda s, n: icmp(s, n % 3, kind=3), rate=30)
        assert said(ordinary() + each(datagram) + errors) == [("attack", "udp_flood", VICTIM)]


class TestSeveralAtOnce:
    def test_two_victims_are_two_findings(self, said):
        both = each(half_open) + each(datagram, dst="192.0.2.77")
        assert set(said(ordinary() + both)) == {("attack", "syn_flood", VICTIM), ("attack", "udp_flood", "192.0.2.77")}

    def test_two_vectors_at_one_victim_are_two_findings(self, said):
        assert {vector for _, vector, _ in said(ordinary() + each(half_open) + each(datagram))} == {"syn_flood", "udp_flood"}

    def test_two_services_at_one_victim_are_one_amplification(self, find):
        mixed = each(answer) + each(answer, port=161)
        (f,) = find("denial_of_service", captured(ordinary() + mixed))
        assert set(f.attributes["services"]) == {"ntp", "snmp"}


class TestHowEvidenceMayBe:
    def test_shuffled_rows_give_equal_findings(self, find):
        tables = captured(ordinary() + each(half_open) + each(answer, dst="192.0.2.77"))
        shuffled = {name: random.Random(3).sample(rows, len(rows)) for name, rows in tables.items()}
        assert find("denial_of_service", shuffled) == find("denial_of_service", tables)

    def test_the_same_rows_in_two_evidences_are_not_counted_twice(self, find):
        flows = ordinary() + each(half_open)
        twice = captured(flows + [row | {"evidence_id": "e2"} for row in flows])
        (once,), (f,) = find("denial_of_service", captured(flows)), find("denial_of_service", twice)
        assert f.attributes["packets"] == once.attributes["packets"]
        assert f.attributes["peak_packets_per_s"] == once.attributes["peak_packets_per_s"]
        assert {row.evidence_id for row in f.evidence} == {"e1", "e2"}

    def test_flow_exports_alone_show_it(self, find):
        flows = [
            exported(30 + n / RATE, src=address(n), sport=1024 + n, flags=SYN) for n in range(RATE * SECONDS)
        ]  # fmt: skip
        (f,) = find("denial_of_service", {"network_activity": flows})
        assert summary(f) == ("attack", "syn_flood", VICTIM)

    def test_a_sampled_export_needs_thirty_samples(self, find):
        def sampled(seen):
            return [exported(30 + n / 3, src=address(n), flags=SYN, packets=1_000, sampling_rate=1_000) for n in range(seen)]

        assert [f.attributes["vector"] for f in find("denial_of_service", {"network_activity": sampled(30)})] == ["syn_flood"]
        assert find("denial_of_service", {"network_activity": sampled(29)}) == []

    def test_a_capture_without_its_flows_can_only_show_everyones_floods(self, find):
        tables = captured(each(half_open))
        assert find("denial_of_service", tables | {"network_activity": []}) == []

    def test_one_instant_has_packets_but_no_rate(self, find):
        (f,) = find("denial_of_service", captured([half_open(30, n) for n in range(500)]))
        assert f.attributes["peak_packets_per_s"] is None
        assert "same time stamp" in f.attributes["reason"]
        assert f.title == f"SYN flood on {VICTIM}:443, 500 packets at one instant"

    def test_a_null_in_any_column_of_some_rows_breaks_nothing(self, find):
        tables = captured(ordinary(10, 2) + each(half_open, start=3))
        for rows in tables.values():
            columns = sorted(set(rows[0]) - {"evidence_id", "record_offset"})
            for n, row in enumerate(rows):
                if n % 3 == 0:
                    row[columns[n // 3 % len(columns)]] = None
        assert ("attack", "syn_flood", VICTIM) in [summary(f) for f in find("denial_of_service", tables)]

    def test_nothing_but_nulls_is_no_finding(self, find):
        tables = captured(each(half_open, rate=30))
        kept = ("evidence_id", "record_offset")
        empty = {name: [{k: v if k in kept else None for k, v in row.items()} for row in rows] for name, rows in tables.items()}
        assert find("denial_of_service", empty) == []

    def test_flows_toward_nobody_break_nothing(self, find):
        flows = [
            flow(n / 100, flags=SYN, src_endpoint_ip=None, back=ACK, packets_back=1, frame_bytes_out=None) for n in range(500)
        ]
        assert [summary(f)[1] for f in find("denial_of_service", {"network_activity": flows})] in ([], ["syn_flood"])

    def test_a_heartbeat_of_equal_counts_breaks_nothing(self, said):
        assert said([datagram(n, 0, sport=5_000) for n in range(300)]) == []

    def test_an_address_that_is_none_breaks_nothing(self, said):
        said(each(half_open, dst="not an address") + each(half_open, src="'; DROP TABLE x; --", dst="::ffff:1.2.3.4/99"))


def test_thresholds_are_in_the_callers_hand(find):
    tables = captured(ordinary() + each(half_open))
    assert find("denial_of_service", tables, rate_min=1_000) == []
    assert find("denial_of_service", tables, packets_min=10_000) == []


def test_findings_say_when_there_were_more_targets_than_are_looked_into(find):
    flows = [row for n in range(3) for row in each(of_flags(SYN), dst=victim(n))]
    whole = find("denial_of_service", captured(flows))
    cut = find("denial_of_service", captured(flows), targets_max=2)
    assert {"targets_left_out" in f.attributes for f in whole} == {False}
    assert {f.attributes["targets_left_out"] for f in cut} == {1}
    assert all("1 less busy target" in f.confidence_basis for f in cut)


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("192.0.2.10", "192.0.2.10"),
        ("192.0.2", "192.0.2.0/24"),
        ("198.51.0.0/16", "198.51.0.0/16"),
        ("2001:db8::10", "2001:db8::10"),
        ("2001:db8:", "2001:db8::/112"),
        ("2001:db8:1:2:3:4:5", "2001:db8:1:2:3:4:5:0/112"),
    ],
)
def test_a_target_is_written_as_address_or_prefix(target, place):
    assert destination(target) == place


@pytest.mark.parametrize("address", ["192.0.2.10", "2001:db8::10", "2001:db8:1:2:3:4:5:6"])
def test_the_neighbourhood_in_python_is_that_of_the_expression(address, table, rows_of):
    from tocsin.analyzers._traffic import prefix_of

    rows = table([flow(dst=address)], "network_activity")
    assert rows_of(rows.select(p=prefix_of(rows.dst_endpoint_ip)))[0]["p"] == prefix_text(address)
