import dataclasses
import ipaddress
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.exporters.actions._rules import PREFIXES_MAX, merged, problem, rules, unrouted
from tocsin.model import TrafficMatch

PAIR = st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ({"protocol": 17}, ""),
        ({}, "all traffic"),
        ({"dst": ("0.0.0.0/0",)}, "all traffic"),
        ({"dst": ("::/0",), "src": ("::/0",)}, "all traffic"),
        ({"dst": ("0.0.0.0/1",)}, ""),
        ({"dst": ("0.0.0.0/0",), "protocol": 17}, ""),
        ({"tcp_flags": 0, "tcp_mask": 0}, "all traffic"),
        ({"dst": ("192.0.2.10; drop",)}, "not an IP prefix"),
        ({"src": ("",)}, "not an IP prefix"),
        ({"dst": ("192.0.2.0/33",)}, "not an IP prefix"),
        ({"dst": ("192.0.2.77/24",)}, ""),
        ({"src_ports": ((0, 65535),)}, ""),
        ({"src_ports": ((0, 65536),)}, "port"),
        ({"dst_ports": ((-1, 5),)}, "port"),
        ({"dst_ports": ((9, 8),)}, "port"),
        ({"length_bytes": (0, 65575)}, ""),
        ({"length_bytes": (0, 65576)}, "length"),
        ({"length_bytes": (0, 19)}, "families"),
        ({"length_bytes": (0, 20)}, ""),
        ({"ttl": (0, 255)}, ""),
        ({"ttl": (0, 256)}, "TTL"),
        ({"protocol": 255}, ""),
        ({"protocol": 256}, "protocol"),
        ({"icmp_types": (255,)}, ""),
        ({"icmp_types": (256,)}, "ICMP type"),
        ({"tcp_flags": 256, "tcp_mask": 256}, "flags"),
        ({"tcp_flags": 2, "tcp_mask": 0x12}, ""),
        ({"tcp_flags": 2, "tcp_mask": 0x10}, "own mask"),
        ({"fragment": True, "protocol": 17}, ""),
        ({"fragment": True, "dst_ports": ((80, 80),)}, ""),
        ({"protocol": 1, "dst_ports": ((80, 80),)}, "no ports"),
        ({"protocol": 132, "dst_ports": ((80, 80),)}, ""),
        ({"protocol": 17, "tcp_flags": 2}, "no TCP flags"),
        ({"protocol": 17, "icmp_types": (8,)}, "no ICMP types"),
        ({"dst": ("192.0.2.1/32",), "src": ("2001:db8::/32",)}, "families"),
        ({"dst": ("192.0.2.1/32",), "protocol": 58}, "families"),
        ({"dst": ("2001:db8::1/128",), "protocol": 1}, "families"),
        ({"dst": ("2001:db8::1/128",), "length_bytes": (20, 39)}, "families"),
        ({"src": ("10.0.0.1/32",) * PREFIXES_MAX}, ""),
        ({"src": ("10.0.0.1/32",) * (PREFIXES_MAX + 1)}, "too many"),
    ],
)
def test_a_match_that_is_wrong_or_matches_nothing_or_everything_is_not_written(match, said):
    found = problem(TrafficMatch(**match))
    assert said in found
    assert bool(said) == bool(found)


def test_a_match_may_be_empty_where_that_was_asked_for_and_is_still_checked():
    assert problem(TrafficMatch(), may_be_empty=True) == ""
    assert "port" in problem(TrafficMatch(src_ports=((9, 8),)), may_be_empty=True)


@pytest.mark.parametrize(
    ("dst", "crosses"),
    [
        ("192.0.2.1/32", True),
        ("10.10.10.10/32", True),
        ("2001:db8::1/128", True),
        ("255.255.255.255/32", False),
        ("255.255.255.254/32", True),
        ("224.0.0.1/32", False),
        ("127.0.0.1/32", False),
        ("0.0.0.0/32", False),
        ("169.254.1.1/32", False),
        ("fe80::1/128", False),
        ("ff02::1/128", False),
    ],
)
def test_what_no_router_passes_on_is_known(dst, crosses):
    assert (unrouted(TrafficMatch(dst=("198.51.100.1/32", "2001:db8:1::1/128", dst))) == "") == crosses


def test_a_family_without_listed_prefixes_is_left_out_not_matched_whole():
    mixed = TrafficMatch(dst=("192.0.2.1/32", "2001:db8::1/128"), src=("198.51.100.1/32",))
    assert [rule.version for rule in rules(mixed)] == [4]


def test_a_match_without_prefixes_holds_in_both_families():
    assert [rule.version for rule in rules(TrafficMatch(protocol=17))] == [4, 6]


@pytest.mark.parametrize(
    ("match", "protocols"),
    [
        ({"tcp_flags": 2}, [(6,), (6,)]),
        ({"icmp_types": (8,)}, [(1,), (58,)]),
        ({"src_ports": ((53, 53),)}, [(6, 17), (6, 17)]),
        ({"protocol": 17, "src_ports": ((53, 53),)}, [(17,), (17,)]),
        ({"ttl": (1, 2)}, [(), ()]),
    ],
)
def test_fields_imply_their_protocol(match, protocols):
    assert [rule.protocols for rule in rules(TrafficMatch(**match))] == protocols


def test_flags_without_a_mask_must_be_set_whatever_the_others_are():
    assert {rule.flags for rule in rules(TrafficMatch(tcp_flags=0x12))} == {(0x12, 0x12)}


def test_destinations_are_listed_once_and_stay_apart_while_sources_are_joined():
    pair = ("192.0.2.10/32", "192.0.2.11/32", "192.0.2.10/32", "192.0.2.10/31")
    rule = rules(TrafficMatch(dst=pair[:3], src=pair[:3]))[0]
    assert [str(prefix) for prefix in rule.dst] == ["192.0.2.10/32", "192.0.2.11/32"]
    assert [str(prefix) for prefix in rule.src] == ["192.0.2.10/31"]
    assert [str(prefix) for prefix in rules(TrafficMatch(dst=pair))[0].dst] == ["192.0.2.10/31"]


@given(st.lists(PAIR, max_size=6))
def test_merged_ranges_hold_the_same_numbers_and_do_not_touch(ranges):
    result = merged(ranges)
    assert {n for low, high in result for n in range(low, high + 1)} == {
        n for low, high in ranges for n in range(low, high + 1)
    }
    assert all(first[1] + 1 < second[0] for first, second in itertools.pairwise(result))


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(27, 32)), min_size=1, max_size=8))
def test_listed_destinations_hold_the_same_addresses_and_do_not_overlap(given_prefixes):
    prefixes = tuple(str(ipaddress.ip_network((0xC0000200 + host, length), strict=False)) for host, length in given_prefixes)
    rule = rules(TrafficMatch(dst=prefixes))[0]
    held = [address for prefix in rule.dst for address in prefix]
    assert len(held) == len(set(held))
    assert set(held) == {address for prefix in prefixes for address in ipaddress.ip_network(prefix)}


def test_a_rule_is_frozen():
    rule = rules(TrafficMatch(protocol=17))[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.version = 6
