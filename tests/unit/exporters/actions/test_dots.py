import json

import pytest

from kit.findings import carpet_bombing, mitigation, ntp_amplification, syn_flood_direct
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


def test_both_address_families_are_entries_of_one_request():
    assert [entry["target-prefix"] for entry in scope(ntp_amplification(), mitigation(dst=(*TARGET, "2001:db8::1/128")))] == [
        ["192.0.2.1/32"],
        ["2001:db8::1/128"],
    ]


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
