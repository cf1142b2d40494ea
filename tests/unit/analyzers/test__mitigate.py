"""Which packets to act on: what a match covers, how it is measured, and what is refused."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.flows import ACK, PSH_ACK, START, START_S, SYN, SYN_ACK, VICTIM, address
from tocsin.analyzers._floods import Candidate, Verdict
from tocsin.analyzers._mitigate import HIT_MIN, SOURCES_MAX, Packets, _narrow, covers, destination, mitigations
from tocsin.analyzers._windows import Spell, Window
from tocsin.model import TrafficMatch
from tocsin.terms import FindingClass, IpProtocol, TcpFlag, Vector

NUMBERS = ("sport", "dport", "protocol", "flags", "length", "ttl", "icmp_type", "fragment", "weight")
USUAL = {
    "sport": 40_000,
    "dport": 443,
    "protocol": 6,
    "flags": -1,
    "length": 60,
    "ttl": 55,
    "icmp_type": -1,
    "fragment": 0,
    "weight": 1,
}


def packets(attack, others=(), elsewhere=0):
    """Packets toward the target, of the attack and others; each a mapping of what is unusual."""
    rows = [USUAL | {"src": "198.18.0.1"} | row for row in [*attack, *others]]
    columns = {name: np.array([row[name] for row in rows], np.int64) for name in NUMBERS}
    columns["src"] = np.array([row["src"] for row in rows], object)
    marks = np.array([True] * len(attack) + [False] * len(others), bool)
    return Packets(columns, marks, elsewhere)


def covered(match, *rows):
    return covers(match, packets(rows).columns).tolist()


@pytest.mark.parametrize(
    ("match", "inside", "outside"),
    [
        pytest.param({"protocol": 17}, {"protocol": 17}, {"protocol": 6}, id="protocol"),
        pytest.param({"protocol": 17}, {"protocol": 17}, {"protocol": -1}, id="protocol unknown"),
        pytest.param({"src_ports": ((53, 53), (123, 124))}, {"sport": 124}, {"sport": 125}, id="source port, upper end"),
        pytest.param({"src_ports": ((53, 53), (123, 124))}, {"sport": 53}, {"sport": 122}, id="source port, lower end"),
        pytest.param({"dst_ports": ((443, 443),)}, {"dport": 443}, {"dport": -1}, id="no port"),
        pytest.param({"tcp_flags": SYN, "tcp_mask": SYN | ACK}, {"flags": SYN}, {"flags": SYN_ACK}, id="SYN alone"),
        pytest.param(
            {"tcp_flags": SYN, "tcp_mask": SYN | ACK}, {"flags": SYN | TcpFlag.ECE}, {"flags": ACK}, id="ECN is not masked"
        ),
        pytest.param({"tcp_flags": 0, "tcp_mask": SYN}, {"flags": ACK}, {"flags": -1}, id="flags unknown"),
        pytest.param({"length_bytes": (40, 60)}, {"length": 60}, {"length": 61}, id="longest"),
        pytest.param({"length_bytes": (40, 60)}, {"length": 40}, {"length": 39}, id="shortest"),
        pytest.param({"ttl": (50, 60)}, {"ttl": 50}, {"ttl": -1}, id="TTL unknown"),
        pytest.param({"icmp_types": (8, 0)}, {"icmp_type": 0}, {"icmp_type": 3}, id="ICMP type"),
        pytest.param({"fragment": True}, {"fragment": 1}, {"fragment": 0}, id="fragment"),
        pytest.param({"src": ("198.18.0.9/32",)}, {"src": "198.18.0.9"}, {"src": "198.18.0.8"}, id="source"),
        pytest.param({"src": ("2001:db8::9/128",)}, {"src": "2001:db8::9"}, {"src": "2001:db8::8"}, id="IPv6 source"),
    ],
)
def test_a_match_covers_what_it_says(match, inside, outside):
    assert covered(TrafficMatch(**match), inside, outside) == [True, False]


def test_an_empty_match_covers_everything_and_all_conditions_must_hold():
    assert covered(TrafficMatch(), {}, {"protocol": -1}) == [True, True]
    assert covered(TrafficMatch(protocol=6, ttl=(55, 55)), {}, {"ttl": 54}, {"protocol": 17}) == [True, False, False]


class TestMeasure:
    def test_hit_is_of_the_attack_collateral_of_everything_else(self):
        known = packets([{"weight": 8}, {"weight": 2, "sport": 1}], [{"weight": 5}, {"weight": 5, "sport": 1}], elsewhere=90)
        assert known.measure(TrafficMatch(src_ports=((40_000, 40_000),))) == (0.8, 0.05)

    def test_without_packets_of_the_attack_nothing_is_measured(self):
        assert packets([], [{}]).measure(TrafficMatch()) == (None, None)

    def test_where_there_is_nothing_else_nothing_else_is_hit(self):
        assert packets([{}]).measure(TrafficMatch()) == (1.0, 0.0)

    @given(
        st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 3)), min_size=1, max_size=30),
        st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 3)), max_size=30),
        st.integers(0, 10**9),
    )
    def test_both_lie_between_nothing_and_all(self, attack, others, elsewhere):
        rows = [[{"weight": w, "sport": p} for w, p in part] for part in (attack, others)]
        hit, collateral = packets(*rows, elsewhere).measure(TrafficMatch(src_ports=((1, 2),)))
        assert 0 <= hit <= 1
        assert 0 <= collateral <= 1


class TestNarrow:
    def test_a_length_that_only_the_attack_has_is_added(self):
        known = packets([{"length": 1_428}] * 100, [{"length": 60 + n} for n in range(100)])
        found = _narrow(TrafficMatch(protocol=6), known)
        assert found.length_bytes == (1_428, 1_428)
        assert known.measure(found) == (1.0, 0.0)

    def test_a_ttl_that_only_the_attack_has_is_added(self):
        known = packets([{"ttl": 241}] * 100, [{"ttl": 50 + n % 9} for n in range(100)])
        assert _narrow(TrafficMatch(protocol=6), known).ttl == (241, 241)

    def test_nothing_is_added_where_nothing_else_is_hit(self):
        known = packets([{"length": 1_428}] * 100, [{"protocol": 17}] * 100)
        assert _narrow(TrafficMatch(protocol=6), known) == TrafficMatch(protocol=6)

    def test_nothing_is_added_that_does_not_tell_them_apart(self):
        known = packets([{}] * 100, [{}] * 100)
        assert _narrow(TrafficMatch(protocol=6), known) == TrafficMatch(protocol=6)

    def test_nothing_can_be_added_without_measuring(self):
        assert _narrow(TrafficMatch(protocol=6), packets([], [{}])) == TrafficMatch(protocol=6)

    @given(st.lists(st.integers(40, 1_500), min_size=1, max_size=60), st.lists(st.integers(40, 1_500), max_size=60))
    def test_narrowing_never_loses_the_attack_nor_hits_more(self, attack, others):
        known = packets([{"length": n} for n in attack], [{"length": n} for n in others])
        wide, found = TrafficMatch(protocol=6), _narrow(TrafficMatch(protocol=6), known)
        (hit, collateral), (new_hit, new_collateral) = known.measure(wide), known.measure(found)
        assert new_hit >= min(hit, HIT_MIN)
        assert new_collateral <= collateral


def candidate(
    group, *, sources=100, target=VICTIM, usual=0.0, ports=((443, 1_000),), source_ports=(), services=None, visitors=()
):
    structure = {
        "flows": sources, "flow_packets": 1_000, "flow_bytes": 60_000, "kept_packets": 1_000, "seen": 1_000, "sources": sources,
        "ports": len(ports), "hosts": 1, "folded": 0, "first": START, "last": START + timedelta(seconds=9),
    }  # fmt: skip
    spell = Spell(Window(START_S, START_S + 9, usual), np.full(10, 100), START_S)
    named = tuple((address(n), 10) for n in range(min(sources, SOURCES_MAX)))
    return Candidate(
        target, group, spell, structure, services=services or {}, sources=named, ports=ports, source_ports=source_ports,
        visitors=frozenset(visitors),
    )  # fmt: skip


def proposed(vector, c, known, *, spoofed=False, cls=FindingClass.ATTACK):
    return mitigations(c, Verdict(vector, cls, "Because.", 90, spoofed), known)


def of_attack(**row):
    return packets(
        [row | {"src": address(n)} for n in range(100)], [{"src": "203.0.113.5", "flags": PSH_ACK, "dport": 22}] * 100
    )


SHAPES = [
    pytest.param(Vector.RST_FLOOD, "rst", {"flags": TcpFlag.RST}, {"protocol": 6, "tcp_flags": 4, "tcp_mask": 4}, id="RST"),
    pytest.param(Vector.FIN_FLOOD, "fin", {"flags": TcpFlag.FIN}, {"protocol": 6, "tcp_flags": 1, "tcp_mask": 7}, id="FIN"),
    pytest.param(
        Vector.ACK_FLOOD, "ack", {"flags": ACK}, {"protocol": 6, "dst_ports": ((443, 443),), "tcp_flags": 16}, id="ACK"
    ),
    pytest.param(Vector.UDP_FLOOD, "udp", {"protocol": 17}, {"protocol": 17, "dst_ports": ((443, 443),)}, id="UDP"),
    pytest.param(Vector.FRAGMENT_FLOOD, "fragment", {"protocol": 17, "fragment": 1}, {"fragment": True}, id="fragments"),
    pytest.param(Vector.ICMP_FLOOD, "icmp", {"protocol": 1}, {"protocol": 1}, id="ICMP"),
    pytest.param(Vector.ICMPV6_FLOOD, "icmpv6", {"protocol": 58}, {"protocol": 58}, id="ICMPv6"),
    pytest.param(
        Vector.AMPLIFICATION, "amp", {"protocol": 17, "sport": 123}, {"protocol": 17, "src_ports": ((123, 123),)}, id="NTP"
    ),
    pytest.param(Vector.SYNACK_REFLECTION, "synack", {"flags": SYN_ACK}, {"tcp_flags": 18, "tcp_mask": 22}, id="SYN-ACK"),
    pytest.param(
        Vector.MIDDLEBOX_REFLECTION, "ack", {"flags": PSH_ACK, "sport": 80}, {"src_ports": ((80, 80),)}, id="block pages"
    ),
]


@pytest.mark.parametrize(("vector", "group", "row", "shape"), SHAPES)
def test_the_first_advice_is_a_drop_of_what_makes_the_vector_one(vector, group, row, shape):
    target = "2001:db8::10" if group == "icmpv6" else VICTIM
    c = candidate(group, target=target, services={"ntp": 1_000}, source_ports=((row.get("sport", USUAL["sport"]), 1_000),))
    best = proposed(vector, c, of_attack(**row))[0]
    assert (best.effect, best.hit_ratio, best.collateral_ratio) == ("drop", 1.0, 0.0)
    assert best.match.dst == (f"{target}/{128 if ':' in target else 32}",)
    assert {name: getattr(best.match, name) for name in shape} == shape


def effects(advice):
    return [("refused " if m.refused else "") + m.effect for m in advice]


class TestSynFlood:
    def test_the_proxy_comes_first_and_blind_dropping_of_handshakes_never(self):
        advice = proposed(Vector.SYN_FLOOD, candidate("syn", sources=2_000), of_attack(flags=SYN), spoofed=True)
        assert effects(advice) == ["syn_proxy", "rate_limit", "blackhole", "refused drop"]
        assert advice[0].match.tcp_flags == SYN
        assert "forged" in advice[-1].refused

    def test_real_sources_can_be_blocked(self):
        advice = proposed(Vector.SYN_FLOOD, candidate("syn"), of_attack(flags=SYN))
        assert effects(advice) == ["drop", "syn_proxy", "rate_limit", "blackhole"]
        assert len(advice[0].match.src) == 100

    def test_sources_that_are_visitors_too_are_spared(self):
        c = candidate("syn", sources=3, visitors=[address(0)])
        advice = proposed(Vector.SYN_FLOOD, c, of_attack(flags=SYN))
        assert [m.match.src for m in advice if m.match.src] == [(f"{address(1)}/32", f"{address(2)}/32")]

    def test_where_all_sources_are_visitors_blocking_is_refused(self):
        c = candidate("syn", sources=2, visitors=[address(0), address(1)])
        assert "ordinary connections" in proposed(Vector.SYN_FLOOD, c, of_attack(flags=SYN))[-1].refused


@pytest.mark.parametrize(
    ("vector", "group", "sources", "reason"),
    [
        pytest.param(Vector.AMPLIFICATION, "amp", 50, "innocent reflectors", id="amplifiers"),
        pytest.param(Vector.SYNACK_REFLECTION, "synack", 50, "innocent reflectors", id="SYN-ACK reflectors"),
        pytest.param(Vector.MIDDLEBOX_REFLECTION, "ack", 50, "innocent reflectors", id="middleboxes"),
        pytest.param(Vector.UDP_FLOOD, "udp", SOURCES_MAX + 1, "more than an edge router", id="1,001 sources"),
        pytest.param(Vector.UDP_FLOOD, "udp", SOURCES_MAX, "", id="1,000 sources"),
    ],
)
def test_blocking_sources_is_refused_with_its_reason(vector, group, sources, reason):
    advice = proposed(vector, candidate(group, sources=sources, services={"ntp": 1_000}), of_attack(protocol=17, sport=123))
    refused = [m for m in advice if m.refused]
    assert [reason in m.refused and m.match == TrafficMatch() for m in refused] == ([True] if reason else [])


def test_what_hits_others_too_is_limited_not_dropped():
    known = packets([{"protocol": 17}] * 100, [{"protocol": 17}] * 100)
    advice = proposed(Vector.UDP_FLOOD, candidate("udp", sources=2_000, usual=50.0), known)
    assert effects(advice)[0] == "rate_limit"
    assert advice[0].rate_per_s == 200, "four times the usual"
    assert "a limit is proposed, not a drop" in advice[0].note


def test_what_could_not_be_measured_says_so():
    advice = proposed(Vector.UDP_FLOOD, candidate("udp", sources=2_000), packets([]))
    assert advice[0].effect == "rate_limit"
    assert advice[0].hit_ratio is None
    assert "Not measured" in advice[0].note


def test_the_blackhole_says_that_it_completes_the_attack():
    advice = proposed(Vector.UDP_FLOOD, candidate("udp"), of_attack(protocol=17))
    last = next(m for m in advice if m.effect == "blackhole")
    assert "completes the attack" in last.note
    assert last.match == TrafficMatch(dst=(f"{VICTIM}/32",))
    assert last.collateral_ratio == 1.0


def test_a_dhcp_flood_is_limited_at_the_switch():
    c = candidate("dhcp", target="255.255.255.255")
    assert effects(proposed(Vector.DHCP_FLOOD, c, of_attack(protocol=17, dport=67), spoofed=True)) == ["rate_limit"]


@pytest.mark.parametrize(
    ("group", "row"), [("syn", {"flags": SYN}), ("udp", {"protocol": 17}), ("amp", {"protocol": 17, "sport": 123})]
)
def test_against_carpet_bombing_the_whole_range_is_protected(group, row):
    c = candidate(group, target="192.0.2", services={"ntp": 1_000})
    advice = proposed(Vector.CARPET_BOMBING, c, of_attack(**row))
    assert all(m.match.dst == ("192.0.2.0/24",) for m in advice if not m.refused)
    shape = next(m.match for m in advice if m.effect in ("rate_limit", "drop") and not m.match.src and not m.refused)
    assert shape.protocol == (IpProtocol.TCP if group == "syn" else IpProtocol.UDP)


@pytest.mark.parametrize(("group", "protocol"), [("rst", 6), ("fin", 6), ("synack", 6)])
def test_carpet_bombing_by_other_tcp_segments_is_matched_as_tcp(group, protocol):
    c = candidate(group, target="192.0.2")
    advice = proposed(Vector.CARPET_BOMBING, c, of_attack(flags=TcpFlag.RST))
    assert next(m.match for m in advice if m.effect in ("rate_limit", "drop") and not m.match.src).protocol == protocol


@pytest.mark.parametrize("cls", [c for c in FindingClass if c is not FindingClass.ATTACK])
def test_nothing_is_done_against_what_is_no_attack(cls):
    assert proposed(Vector.PORT_SCAN, candidate("syn"), of_attack(flags=SYN), cls=cls) == []


def test_a_neighbourhood_is_written_as_a_prefix():
    assert destination("192.0.2") == "192.0.2.0/24"
