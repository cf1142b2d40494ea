import dataclasses

import pytest

from kit import netns
from kit.captures import ip_packets
from kit.findings import (
    HOSTILE_TEXT,
    all_findings,
    hostile,
    mitigation,
    ntp_amplification,
    suited,
    syn_flood_direct,
    syn_flood_spoofed,
)
from kit.flowspec import random_cases
from kit.wire import Packet, matches
from tocsin.exporters.actions._kind import name
from tocsin.exporters.actions.nftables import NFTABLES, render
from tocsin.terms import Tlp

EFFECTS = ("drop", "rate_limit", "syn_proxy")
needs_kernel = pytest.mark.skipif(netns.command() is None, reason="needs nft and the right to make a network namespace")


def files(findings):
    return [render(finding, one) for finding, one in suited(NFTABLES, findings, *EFFECTS)]


@needs_kernel
def test_nft_accepts_every_file(tmp_path):
    odd = [
        mitigation(protocol=47),
        mitigation(protocol=132, dst_ports=((80, 90), (85, 100)), dst=("192.0.2.0/24", "192.0.2.7/32", "2001:db8::/32")),
        mitigation(dst_ports=((53, 53),)),
        mitigation(tcp_flags=0, tcp_mask=0xFF),
        mitigation(tcp_flags=0xFF, tcp_mask=0xFF),
        mitigation(fragment=True),
        mitigation(length_bytes=(0, 65575)),
        mitigation(ttl=(0, 255), icmp_types=(8, 0)),
        mitigation("rate_limit", 1, dst=("192.0.2.1/32", "192.0.2.2/32", "2001:db8::1/128", "2001:db8::2/128")),
        mitigation("rate_limit", 1_000_000_000, dst=("192.0.2.0/25", "192.0.2.128/25")),
        mitigation("rate_limit", 7, src=tuple(f"10.{high}.{low}.0/24" for high in range(8) for low in range(250))),
        mitigation("syn_proxy", dst=("192.0.2.1/32", "2001:db8::1/128")),
        mitigation("syn_proxy", dst=("192.0.2.0/24",), dst_ports=((80, 80), (443, 444)), tcp_flags=0xC2, tcp_mask=0xFF),
    ]
    texts = [*files(all_findings()), *(render(ntp_amplification(), one) for one in odd)]
    texts += files(hostile(finding, text) for finding in all_findings() for text in HOSTILE_TEXT)
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.nft")
        paths[-1].write_text(text)
    done = netns.check(paths)
    assert done.returncode == 0, done.stderr
    assert len(paths) > 40


@needs_kernel
def test_the_kernel_drops_exactly_the_packets_that_match():
    finding = ntp_amplification()
    cases, expected = [], []
    for one, packets in random_cases(20220215, 50, lambda one: not NFTABLES.why_not(finding, one)):
        cases.append((name(finding, one), render(finding, one), [packet.to_bytes() for packet in packets]))
        expected.append(sum(matches(one.match, packet) for packet in packets))
    assert netns.count(cases) == expected
    assert 300 < sum(expected) < 1_000


@needs_kernel
def test_a_protocol_is_found_behind_an_ipv6_authentication_header():
    one = mitigation(dst=("2001:db8::1/128",), protocol=58)
    echo = Packet("2001:db8:f::1", "2001:db8::1", 58, icmp_type=128, length=64).to_bytes()
    header = bytes([58, 2]) + bytes(14)
    behind = echo[:4] + (len(header) + 24).to_bytes(2, "big") + bytes([51]) + echo[7:40] + header + echo[40:]
    other = behind[:40] + bytes([6]) + behind[41:]
    finding = ntp_amplification()
    case = (name(finding, one), render(finding, one))
    assert netns.count([(*case, [echo]), (*case, [behind]), (*case, [other])]) == [1, 1, 0]


# Packets by the ground truth beside the captures, and by tshark where it gives none.
@needs_kernel
@pytest.mark.real
@pytest.mark.parametrize(
    ("capture", "match", "packets"),
    [
        (
            "ddos_bacnet_dvr37810_amplification.pcapng",
            {"protocol": 17, "src_ports": ((47808, 47808), (37810, 37810))},
            6_737 + 2_377,
        ),
        ("ddos_snmp_amplification.pcapng", {"protocol": 17, "src_ports": ((161, 161),)}, 4_079),
        ("ddos_tcp_synack_reflection.pcap", {"dst": ("10.10.10.10/32",), "tcp_flags": 0x12, "tcp_mask": 0x17}, 6_651),
        ("ddos_synflood_spoofed.pcap", {"tcp_flags": 2, "tcp_mask": 0x17, "dst_ports": ((25565, 25565),)}, 37_841),
        ("ddos_ipv6_icmpv6_exthdr_flood.pcap", {"dst": ("2001:db8:1::1/128",), "protocol": 58}, 35_690),
        ("flood_dhcp_request.pcap", {"protocol": 17, "dst_ports": ((67, 67),)}, 10_000),
    ],
)
def test_the_kernel_drops_the_packets_of_real_floods(real_data, capture, match, packets):
    one, finding = mitigation(**match), ntp_amplification()
    sent = ip_packets(real_data / "network" / f"{capture}.zst")
    assert netns.count([(name(finding, one), render(finding, one), sent)]) == [packets]


@needs_kernel
def test_a_limit_lets_its_rate_pass_and_drops_the_rest():
    one = mitigation("rate_limit", 200, dst=("192.0.2.10/32",), protocol=17)
    finding = ntp_amplification()
    flood = [Packet("198.51.100.7", "192.0.2.10", 17, 123, 80).to_bytes()] * 1_000
    dropped = netns.count([(name(finding, one), render(finding, one), flood)])[0]
    assert 600 < dropped <= 800


@needs_kernel
@pytest.mark.parametrize(
    "dst", [("192.0.2.10/32", "192.0.2.11/32"), ("192.0.2.8/30", "192.0.2.12/30")], ids=["meter", "prefixes"]
)
def test_a_limit_holds_for_each_listed_destination_alone(dst):
    one = mitigation("rate_limit", 200, dst=dst, protocol=17)
    finding = ntp_amplification()
    flood = [Packet("198.51.100.7", "192.0.2.10", 17).to_bytes()] * 1_000
    bystander = [Packet("198.51.100.7", f"192.0.2.{11 if dst[0].endswith('/32') else 13}", 17).to_bytes()] * 150
    dropped = netns.count([(name(finding, one), render(finding, one), flood + bystander)])[0]
    assert 600 < dropped <= 800


@needs_kernel
def test_a_visitor_gets_through_the_proxy_to_the_server():
    finding = syn_flood_direct()
    proxy = finding.mitigations[1]
    assert proxy.effect == "syn_proxy"
    assert netns.talk(render(finding, proxy), "192.0.2.10", 443) == "hellohello"


def test_loading_a_file_again_replaces_its_table():
    text = render(syn_flood_direct(), syn_flood_direct().mitigations[0])
    table = name(syn_flood_direct(), syn_flood_direct().mitigations[0])
    code = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert code[:3] == [f"add table inet {table}", f"delete table inet {table}", f"table inet {table} {{"]
    assert NFTABLES.undo(syn_flood_direct(), syn_flood_direct().mitigations[0]) == f"nft delete table inet {table}"


def test_two_mitigations_of_a_finding_have_tables_of_their_own():
    names = {name(finding, one) for finding in all_findings() for one in finding.mitigations}
    assert len(names) == sum(len(finding.mitigations) for finding in all_findings())


def test_the_header_tells_marking_finding_measure_expiry_and_roll_back():
    finding = syn_flood_direct()
    text = render(finding, finding.mitigations[0], tlp=Tlp.RED)
    head = " ".join(line.lstrip("# ") for line in text.split("\n\n")[0].splitlines())
    assert head.startswith("TLP:RED ")
    for said in (
        finding.title,
        finding.id,
        "99.3 % of the attack and 0 % of the other",
        "Approved by",
        "4 h",
        "nft delete table",
    ):
        assert said in head


def test_addresses_expire_by_themselves():
    text = render(syn_flood_direct(), syn_flood_direct().mitigations[0])
    assert text.count("timeout 4h") == 2
    unnamed = render(syn_flood_direct(), mitigation(protocol=47))
    assert "timeout 4h" not in unnamed
    assert "at now + 4 hours" in unnamed


def test_the_proxy_says_which_kernel_settings_it_needs():
    text = render(syn_flood_spoofed(), syn_flood_spoofed().mitigations[1])
    for setting in ("tcp_syncookies=1", "tcp_timestamps=1", "nf_conntrack_tcp_loose=0"):
        assert setting in text


def test_dropping_icmpv6_that_ipv6_lives_on_is_cautioned():
    flood = mitigation(dst=("2001:db8::1/128",), protocol=58)
    echo = mitigation(dst=("2001:db8::1/128",), protocol=58, icmp_types=(128,))
    assert "Caution" in render(ntp_amplification(), flood)
    assert "Caution" not in render(ntp_amplification(), echo)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (mitigation("rate_limit", 0, protocol=17), "limit"),
        (mitigation("rate_limit", None, protocol=17), "limit"),
        (mitigation("rate_limit", 1, protocol=17), ""),
        (mitigation("rate_limit", 1_000_000_000, protocol=17), ""),
        (mitigation("rate_limit", 1_000_000_001, protocol=17), "limit"),
        (mitigation("syn_proxy", dst=("192.0.2.1/32",)), ""),
        (mitigation("syn_proxy", dst=("192.0.2.1/32",), protocol=17), "TCP"),
        (mitigation("syn_proxy", dst=("192.0.2.1/32",), fragment=True), "TCP"),
        (mitigation("syn_proxy", protocol=6), "destination"),
    ],
)
def test_what_it_cannot_say_is_refused(one, said):
    reason = NFTABLES.why_not(ntp_amplification(), one)
    assert said in reason
    assert bool(said) == bool(reason)


def test_no_line_outside_the_comments_holds_foreign_text():
    for finding in all_findings():
        for one in finding.mitigations:
            if one.effect in EFFECTS and not one.refused:
                plain = [line for line in render(finding, one).splitlines() if not line.startswith("#")]
                for text in HOSTILE_TEXT:
                    evil = hostile(finding, text)
                    same = evil.mitigations[finding.mitigations.index(one)]
                    assert [line for line in render(evil, same).splitlines() if not line.startswith("#")] == plain


def test_the_same_finding_gives_the_same_bytes():
    finding = syn_flood_direct()
    assert render(finding, finding.mitigations[0]) == render(dataclasses.replace(finding), finding.mitigations[0])
