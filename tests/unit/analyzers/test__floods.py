"""The decision what a stream of packets is: both sides of each threshold, vector by vector."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from kit.flows import START, START_S, VICTIM, address
from tocsin.analyzers import analyzers
from tocsin.analyzers._floods import (
    MEANINGS,
    NAMES,
    SEEN_MIN,
    Candidate,
    Limits,
    carpet,
    forged,
    is_port_scan,
    judge,
    main_services,
    without_side_effects,
)
from tocsin.analyzers._windows import Spell, Window
from tocsin.terms import FindingClass, Vector

LIMITS = Limits(**analyzers()["denial_of_service"].parameters)


def candidate(group, packets, *, lasts_s=10, sources=100, target=VICTIM, usual=0.0, start=START_S, **known):
    """So many packets of a group from so many sources, over so many seconds."""
    counts = np.full(max(1, lasts_s), packets // max(1, lasts_s), np.int64)
    counts[0] += packets - counts.sum()
    window = Window(start, start + len(counts) - 1, usual)
    about = {name: known.pop(name) for name in ("services", "ports", "source_ports", "met", "visitors") if name in known}
    named = known.pop("named", tuple((address(n), packets // max(1, sources)) for n in range(min(sources, 1_000))))
    structure = {
        "flows": max(sources, 1),
        "flow_packets": packets,
        "flow_bytes": 60 * packets,
        "kept_packets": packets,
        "seen": packets,
        "sources": sources,
        "ports": known.pop("port_count", 1),
        "hosts": 1,
        "refused": 0,
        "folded": 0,
        "solicited_flows": 0,
        "first": START,
        "last": START + timedelta(seconds=lasts_s),
    } | known
    return Candidate(target, group, Spell(window, counts, start), structure, sources=named, **about)


@pytest.mark.parametrize(
    ("given", "vector"),
    [
        pytest.param(candidate("syn", 500), Vector.SYN_FLOOD, id="50 open handshakes a second"),
        pytest.param(candidate("syn", 499), None, id="49.9 open handshakes a second"),
        pytest.param(candidate("syn", 100, lasts_s=1), Vector.SYN_FLOOD, id="100 open handshakes"),
        pytest.param(candidate("syn", 99, lasts_s=1), None, id="99 open handshakes"),
        pytest.param(
            candidate("syn", 3_000, flows=30, solicited_flows=70), Vector.SYN_FLOOD, id="30 % of handshakes left open"
        ),
        pytest.param(candidate("syn", 3_000, flows=29, solicited_flows=71), None, id="29 % of handshakes left open"),
        pytest.param(candidate("syn", 3_000, sources=3, refused=3), None, id="three programs knocking at a closed port"),
        pytest.param(candidate("syn", 3_000, sources=4, refused=4), Vector.SYN_FLOOD, id="four sources at a closed port"),
        pytest.param(
            candidate("syn", 10_000, sources=3, refused=3),
            Vector.SYN_FLOOD,
            id="three sources at a closed port, 1,000 a second",
        ),
        pytest.param(candidate("synack", 1_000, sources=20), Vector.SYNACK_REFLECTION, id="SYN-ACKs of 20 hosts"),
        pytest.param(candidate("synack", 1_000, sources=19), None, id="SYN-ACKs of 19 hosts are backscatter"),
        pytest.param(
            candidate("synack", 10_000, sources=2), Vector.SYNACK_REFLECTION, id="SYN-ACKs of two hosts, 1,000 a second"
        ),
        pytest.param(candidate("synack", 999, sources=20), None, id="99.9 SYN-ACKs a second"),
        pytest.param(candidate("ack", 1_000, sources=20), Vector.ACK_FLOOD, id="stray segments in 20 flows"),
        pytest.param(
            candidate("ack", 1_000, sources=19), None, id="stray segments in 19 flows may be connections seen by half"
        ),
        pytest.param(candidate("ack", 30_000, sources=1), Vector.ACK_FLOOD, id="one stray flow of 3,000 segments a second"),
        pytest.param(candidate("ack", 29_990, sources=1), None, id="one stray flow of 2,999 segments a second"),
        pytest.param(candidate("ack", 199, lasts_s=1), None, id="199 stray segments"),
        pytest.param(candidate("ack", 200, lasts_s=1), Vector.ACK_FLOOD, id="200 stray segments"),
        pytest.param(candidate("rst", 1_000), Vector.RST_FLOOD, id="resets of no connection"),
        pytest.param(candidate("fin", 1_000), Vector.FIN_FLOOD, id="FINs of no connection"),
        pytest.param(
            candidate("ack", 1_000, source_ports=((80, 800),), flow_bytes=90_000),
            Vector.MIDDLEBOX_REFLECTION,
            id="80 % from web ports with content",
        ),
        pytest.param(
            candidate("ack", 1_000, source_ports=((80, 799),), flow_bytes=90_000), Vector.ACK_FLOOD, id="79.9 % from web ports"
        ),
        pytest.param(
            candidate("ack", 1_000, source_ports=((80, 800),), flow_bytes=89_000), Vector.ACK_FLOOD, id="from web ports, empty"
        ),
        pytest.param(candidate("udp", 1_000), Vector.UDP_FLOOD, id="UDP nobody asked for"),
        pytest.param(candidate("udp", 999), None, id="99.9 UDP packets a second"),
        pytest.param(candidate("udp", 1_000, sources=19), None, id="UDP in 19 flows may be calls"),
        pytest.param(candidate("udp", 30_000, sources=1), Vector.UDP_FLOOD, id="one UDP stream of 3,000 packets a second"),
        pytest.param(candidate("udp", 29_990, sources=1), None, id="one UDP stream of 2,999 packets a second"),
        pytest.param(
            candidate("udp", 60_000, sources=1, met=frozenset({address(0)})),
            None,
            id="from a host that also holds a connection",
        ),
        pytest.param(
            candidate("udp", 60_000, sources=2, met=frozenset({address(0)})), Vector.UDP_FLOOD, id="half from such a host"
        ),
        pytest.param(
            candidate("amp", 500, sources=10, services={"ntp": 500}), Vector.AMPLIFICATION, id="answers of ten open services"
        ),
        pytest.param(candidate("amp", 500, sources=9, services={"ntp": 500}), None, id="answers of nine services"),
        pytest.param(candidate("amp", 50, lasts_s=1, services={"ntp": 50}), Vector.AMPLIFICATION, id="50 answers in a second"),
        pytest.param(candidate("amp", 49, lasts_s=1, services={"ntp": 49}), None, id="49 answers in a second"),
        pytest.param(
            candidate("amp", 9_990, services={"dns": 9_990}), None, id="999 small DNS answers a second: a resolver seen by half"
        ),
        pytest.param(
            candidate("amp", 10_000, services={"dns": 10_000}), Vector.AMPLIFICATION, id="1,000 small DNS answers a second"
        ),
        pytest.param(
            candidate("amp", 1_000, services={"dns": 1_000}, flow_bytes=300_000),
            Vector.AMPLIFICATION,
            id="DNS answers of 300 bytes",
        ),
        pytest.param(candidate("amp", 1_000, services={"dns": 1_000}, flow_bytes=299_000), None, id="DNS answers of 299 bytes"),
        pytest.param(candidate("fragment", 1_000, sources=20), Vector.FRAGMENT_FLOOD, id="fragments of 20 sources"),
        pytest.param(candidate("fragment", 1_000, sources=19), None, id="fragments of 19 sources"),
        pytest.param(candidate("fragment", 10_000, sources=1), Vector.FRAGMENT_FLOOD, id="1,000 fragments a second of one"),
        pytest.param(candidate("icmp", 1_000, sources=1), Vector.ICMP_FLOOD, id="100 pings a second"),
        pytest.param(candidate("icmp", 999, sources=1), None, id="99.9 pings a second"),
        pytest.param(candidate("icmpv6", 1_000, target="2001:db8::10"), Vector.ICMPV6_FLOOD, id="100 ICMPv6 pings a second"),
        pytest.param(candidate("unreachable", 2_000), Vector.ICMP_FLOOD, id="200 ICMP errors a second"),
        pytest.param(candidate("unreachable", 1_999), None, id="199.9 ICMP errors a second"),
        pytest.param(
            candidate("unreachable", 2_000, target="2001:db8::10"), Vector.ICMPV6_FLOOD, id="200 ICMPv6 errors a second"
        ),
        pytest.param(candidate("dhcp", 200, lasts_s=20, sources=1), Vector.DHCP_FLOOD, id="ten DHCP requests a second"),
        pytest.param(candidate("dhcp", 200, lasts_s=21, sources=1), None, id="9.5 DHCP requests a second"),
        pytest.param(candidate("dhcp", 199, sources=1, target="255.255.255.255"), None, id="199 DHCP requests to everyone"),
        pytest.param(
            candidate("dhcp", 200, sources=1, target="255.255.255.255"), Vector.DHCP_FLOOD, id="200 DHCP requests to everyone"
        ),
        pytest.param(candidate("udp", 90_000, target="239.1.2.3"), None, id="multicast is nobody's victim"),
        pytest.param(
            candidate("icmpv6", 5_000, target="ff02::1"), Vector.ICMPV6_FLOOD, id="500 neighbour packets a second to all"
        ),
        pytest.param(candidate("icmpv6", 4_990, target="ff02::1"), None, id="499 neighbour packets a second to all"),
        pytest.param(candidate("syn", 9_000, seen=SEEN_MIN), Vector.SYN_FLOOD, id="30 samples, each multiplied"),
        pytest.param(candidate("syn", 9_000, seen=SEEN_MIN - 1), None, id="29 samples, each multiplied"),
        pytest.param(candidate("other", 90_000), None, id="no rule for other protocols"),
    ],
)
def test_it_is(given, vector):
    found = judge(given, LIMITS)
    assert (found.vector if found else None) == vector
    if found:
        assert found.cls is FindingClass.ATTACK
        assert found.basis.endswith(".")
        assert 0 < found.confidence <= 96


@pytest.mark.parametrize(
    ("given", "scan"),
    [
        pytest.param(candidate("syn", 15, sources=1, port_count=15), True, id="15 ports of one sender"),
        pytest.param(candidate("syn", 14, sources=1, port_count=14), False, id="14 ports of one sender"),
        pytest.param(candidate("syn", 120, sources=8, port_count=120), True, id="15 ports of each of eight senders"),
        pytest.param(candidate("syn", 135, sources=9, port_count=135), False, id="of nine senders"),
        pytest.param(candidate("syn", 400, sources=1, port_count=100), True, id="four packets to each port"),
        pytest.param(candidate("syn", 401, sources=1, port_count=100), False, id="more than four packets to a port"),
        pytest.param(candidate("udp", 50_000, sources=1, port_count=50_000), True, id="UDP to 5,000 ports a second"),
        pytest.param(candidate("udp", 50_010, sources=1, port_count=50_010), False, id="UDP to more ports a second"),
        pytest.param(candidate("icmp", 100, sources=1, port_count=100), False, id="ICMP has no ports"),
    ],
)
def test_a_port_scan_is_few_senders_many_ports_few_packets(given, scan):
    assert is_port_scan(given, LIMITS) is scan
    if scan:
        found = judge(replace(given, structure=given.structure | {"seen": SEEN_MIN}), LIMITS)
        assert (found.vector, found.cls) == (Vector.PORT_SCAN, FindingClass.SUSPICIOUS)


@pytest.mark.parametrize(
    ("given", "made_up"),
    [
        pytest.param(candidate("syn", 1_249, sources=500), True, id="500 sources, 2.498 packets each"),
        pytest.param(candidate("syn", 1_250, sources=500), False, id="500 sources, 2.5 packets each"),
        pytest.param(candidate("syn", 499, sources=499), False, id="499 sources, one packet each"),
        pytest.param(candidate("syn", 1_000, sources=2, named=(("127.0.0.1", 11),)), True, id="1.1 % from 127.0.0.1"),
        pytest.param(candidate("syn", 1_000, sources=2, named=(("127.0.0.1", 10),)), False, id="1 % from 127.0.0.1"),
        pytest.param(candidate("syn", 1_000, sources=2, named=(("0.1.2.3", 11),)), True, id="from 0/8"),
        pytest.param(candidate("syn", 1_000, sources=2, named=(("224.0.0.1", 11),)), True, id="from multicast"),
        pytest.param(
            candidate("syn", 1_000, sources=2, named=(("223.255.255.1", 999),)), False, id="from just below multicast"
        ),
        pytest.param(
            candidate("syn", 1_000, sources=2, named=(("::1", 999), ("198.18.0.0/16", 9))), False, id="not told of IPv6"
        ),
        pytest.param(candidate("syn", 0, sources=0), False, id="nothing is known of the sources"),
    ],
)
def test_sources_are_forged_if(given, made_up):
    assert forged(given) is made_up


def test_the_more_and_the_clearer_the_surer():
    little = judge(candidate("syn", 500, usual=None, sources=4), LIMITS)
    much = judge(candidate("syn", 50_000, sources=500), LIMITS)
    assert little.confidence == 62
    assert much.confidence == 96
    assert "Outside" not in little.basis
    assert "next to none" in much.basis
    assert "30 packets/s of the kind" in judge(candidate("syn", 50_000, usual=30.0), LIMITS).basis


@pytest.mark.parametrize(
    ("known", "hit"),
    [
        pytest.param({"hosts": 16}, True, id="16 hosts"),
        pytest.param({"hosts": 15}, False, id="15 hosts"),
        pytest.param({"hosts": 16, "packets": 5_000}, True, id="500 packets a second"),
        pytest.param({"hosts": 16, "packets": 4_999}, False, id="499.9 packets a second"),
        pytest.param({"hosts": 254, "sources": 4, "packets": 25_400}, False, id="four senders, ten a second to each: a scan"),
        pytest.param({"hosts": 254, "sources": 5, "packets": 25_400}, True, id="five senders"),
        pytest.param({"hosts": 254, "sources": 4, "packets": 25_410}, True, id="four senders, more than ten a second to each"),
    ],
)
def test_carpet_bombing_hits_many_hosts_of_one_range(known, hit):
    given = candidate("udp", known.pop("packets", 50_000), target="192.0.2", **known)
    found = carpet(
        given, judge(given, LIMITS) or judge(replace(given, structure=given.structure | {"flows": 99}), LIMITS), LIMITS
    )
    assert (found is not None) is hit
    if found:
        assert found.vector is Vector.CARPET_BOMBING


class TestSideEffects:
    @staticmethod
    def kept(*candidates):
        pairs = [(c, judge(c, LIMITS)) for c in candidates]
        return [c.group for c, _ in without_side_effects(pairs)]

    def test_resets_beside_a_larger_syn_flood_are_its_echo(self):
        assert self.kept(candidate("syn", 9_003), candidate("rst", 3_000)) == ["syn"]

    def test_resets_a_third_as_many_stand_for_themselves(self):
        assert self.kept(candidate("syn", 9_000), candidate("rst", 3_000)) == ["syn", "rst"]

    def test_resets_toward_somebody_else_stand(self):
        assert self.kept(candidate("syn", 90_000), candidate("rst", 3_000, target="192.0.2.99")) == ["syn", "rst"]

    @pytest.mark.parametrize(("after_s", "groups"), [(19, ["syn"]), (20, ["syn", "rst"])])
    def test_resets_long_after_stand(self, after_s, groups):
        assert self.kept(candidate("syn", 90_000), candidate("rst", 3_000, start=START_S + after_s)) == groups

    def test_fragments_beside_amplification_are_its_large_answers_however_many(self):
        amplified = candidate("amp", 3_000, services={"dns": 3_000}, flow_bytes=3_000 * 1_400)
        assert self.kept(amplified, candidate("fragment", 9_000)) == ["amp"]

    def test_two_floods_of_unrelated_kinds_both_stand(self):
        assert self.kept(candidate("syn", 90_000), candidate("udp", 3_000)) == ["syn", "udp"]


def test_main_services_have_a_twentieth_of_the_packets_most_first():
    given = candidate("amp", 1_000, services={"dns": 51, "ntp": 900, "snmp": 49, "nosuch": 500})
    assert main_services(given) == ["ntp"]
    assert main_services(candidate("amp", 1_000, services={"dns": 50, "ntp": 901, "snmp": 49})) == ["ntp", "dns"]


def test_a_burst_is_not_extrapolated_to_a_second():
    assert candidate("udp", 5_000, lasts_s=0).rate == 5_000


def test_every_vector_the_rules_can_give_has_a_name_and_a_meaning():
    assert set(NAMES) <= set(MEANINGS)
    assert set(Vector) - set(MEANINGS) == {Vector.HTTP_FLOOD, Vector.SLOW_HTTP, Vector.FLASH_CROWD}
