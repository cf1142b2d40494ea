import ipaddress
import json

import pytest

from kit.findings import all_findings, carpet_bombing, mitigation, ntp_amplification, suited, syn_flood_direct
from kit.flowspec import random_cases
from tocsin.exporters.actions.dots import DOTS, DOTS_ACL, ENTRIES_MAX, acl_render, render

TARGET = ("192.0.2.1/32",)


def scope(finding, one):
    body = json.loads(render(finding, one))
    assert list(body) == ["ietf-dots-signal-channel:mitigation-scope"]
    return body["ietf-dots-signal-channel:mitigation-scope"]["scope"]


def lists(finding, one):
    return json.loads(acl_render(finding, one))["ietf-dots-data-channel:acls"]["acl"]


def entries(**match):
    made = lists(ntp_amplification(), mitigation(**match))
    assert len(made) == 1
    return [entry["matches"] for entry in made[0]["aces"]["ace"]]


def test_a_request_names_targets_ports_protocol_and_how_long():
    assert scope(syn_flood_direct(), syn_flood_direct().mitigations[0]) == [
        {
            "target-prefix": ["192.0.2.10/32"],
            "target-port-range": [{"lower-port": 443, "upper-port": 443}],
            "target-protocol": [6],
            "lifetime": 14_400,
        }
    ]


def test_both_address_families_are_in_the_one_scope_that_a_mid_names():
    one = mitigation(dst=(*TARGET, "2001:db8::1/128"), protocol=17, dst_ports=((53, 53),))
    assert scope(ntp_amplification(), one) == [
        {
            "target-prefix": ["192.0.2.1/32", "2001:db8::1/128"],
            "target-port-range": [{"lower-port": 53, "upper-port": 53}],
            "target-protocol": [17],
            "lifetime": 14_400,
        }
    ]


# RFC 9132, section 6: the key that stands for a name in CBOR, and what JSON has there. What else a client may say, we do not.
SIGNAL_KEYS = {
    "ietf-dots-signal-channel:mitigation-scope": (1, dict), "scope": (2, list), "target-prefix": (6, list),
    "target-port-range": (7, list), "lower-port": (8, int), "upper-port": (9, int), "target-protocol": (10, list),
    "lifetime": (14, int),
}  # fmt: skip


def to_cbor_keys(value):
    """A body as a client sends it: each name as its key; raises for a name or a type that the table does not have."""
    if isinstance(value, list):
        return [to_cbor_keys(one) for one in value]
    if not isinstance(value, dict):
        return value
    assert all(type(held) is SIGNAL_KEYS[name][1] for name, held in value.items()), value
    return {SIGNAL_KEYS[name][0]: to_cbor_keys(held) for name, held in value.items()}


def test_every_request_can_be_put_into_cbor_and_keeps_the_ranges_of_the_rfc():
    random_ones = [(ntp_amplification(), one) for one, _ in random_cases(9132, 60, lambda one: True)]
    made = [
        (f, one) for f, one in [*suited(DOTS, all_findings(), "drop", "rate_limit"), *random_ones] if not DOTS.why_not(f, one)
    ]
    assert len(made) > 40
    for finding, one in made:
        body = to_cbor_keys(json.loads(render(finding, one)))
        [told] = body[1][2]
        assert {6, 14} <= set(told)
        for prefix in map(ipaddress.ip_network, told[6]):
            assert not (prefix.is_multicast or prefix.is_loopback), "RFC 9132, section 4.4.1.1, forbids them"
        assert all(0 <= ports[8] <= ports[9] <= 65535 for ports in told.get(7, ()))
        assert all(0 <= number <= 255 for number in told.get(10, ()))
        assert 0 < told[14] < 1 << 31


def test_sources_do_not_go_into_a_request():
    assert "198.51.100" not in render(syn_flood_direct(), syn_flood_direct().mitigations[0])


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ({"dst": TARGET}, ""),
        ({"protocol": 17}, "destination"),
        ({"dst": ("255.255.255.255/32",)}, "no router"),
        ({"dst": tuple(f"10.0.{n}.0/32" for n in range(ENTRIES_MAX))}, ""),
        ({"dst": tuple(f"10.0.{n}.0/32" for n in range(ENTRIES_MAX + 1))}, "destinations"),
    ],
)
def test_a_request_that_names_nothing_or_too_much_is_refused(match, said):
    reason = DOTS.why_not(ntp_amplification(), mitigation(**match))
    assert said in reason
    assert bool(said) == bool(reason)


def test_a_filter_has_one_entry_for_each_port_range_and_source():
    match = {"dst": TARGET, "src": ("198.51.100.0/24", "203.0.113.0/24"), "protocol": 17, "src_ports": ((53, 53), (1900, 1902))}
    made = entries(**match)
    assert len(made) == 4
    assert made[1] == {
        "ipv4": {"destination-ipv4-network": "192.0.2.1/32", "source-ipv4-network": "198.51.100.0/24", "protocol": 17},
        "udp": {"source-port-range-or-operator": {"lower-port": 1900, "upper-port": 1902}},
    }
    assert made[0]["udp"] == {"source-port-range-or-operator": {"operator": "eq", "port": 53}}


def test_a_filter_matches_flags_icmp_types_and_fragments():
    assert entries(dst=TARGET, tcp_flags=4, tcp_mask=4)[0]["tcp"] == {"flags-bitmask": {"operator": "match", "bitmask": 4}}
    assert entries(dst=("2001:db8::1/128",), protocol=58, icmp_types=(128,))[0]["icmp"] == {"type": 128}
    assert entries(dst=TARGET, fragment=True)[0]["ipv4"]["fragment"] == {"operator": "any", "type": "isf ff"}
    assert entries(dst=("2001:db8::1/128",), fragment=True)[0]["ipv6"]["fragment"] == [None]


def test_ports_without_a_protocol_are_entries_for_tcp_and_udp():
    made = entries(dst=TARGET, dst_ports=((53, 53),))
    assert [(matches["ipv4"]["protocol"], set(matches) - {"ipv4"}) for matches in made] == [(6, {"tcp"}), (17, {"udp"})]


def test_a_limit_is_in_bytes_and_accepts_what_is_below_it():
    made = lists(carpet_bombing(), carpet_bombing().mitigations[0])
    assert made[0]["aces"]["ace"][0]["actions"] == {"forwarding": "accept", "rate-limit": "6670000.00"}
    assert [one["type"] for one in made] == ["ipv4-acl-type"]
    assert {one["activation-type"] for one in made} == {"immediate"}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (mitigation(dst=TARGET), ""),
        (mitigation(protocol=17), "destination"),
        (mitigation(dst=TARGET, ttl=(5, 5)), "TTL"),
        (mitigation(dst=TARGET, length_bytes=(60, 60)), "length"),
        (mitigation(dst=TARGET, tcp_flags=2, tcp_mask=0x12), "bit mask"),
        (mitigation(dst=TARGET, tcp_flags=2, tcp_mask=2), ""),
        (mitigation(dst=TARGET, protocol=132, dst_ports=((80, 80),)), "TCP and UDP"),
        (mitigation("rate_limit", 0, dst=TARGET), "no rate"),
        (mitigation("rate_limit", 1, dst=TARGET), ""),
        (mitigation(dst=TARGET, src=tuple(f"10.0.{n}.0/32" for n in range(ENTRIES_MAX))), ""),
        (mitigation(dst=TARGET, src=tuple(f"10.0.{n}.0/32" for n in range(ENTRIES_MAX + 1))), "entries"),
    ],
)
def test_what_a_filter_cannot_say_is_left_out(one, said):
    reason = DOTS_ACL.why_not(ntp_amplification(), one)
    assert said in reason
    assert bool(said) == bool(reason)
    assert DOTS_ACL.optional
