"""ExaBGP's parser reads our file, and a router's reading of its NLRIs is compared with the match."""

import dataclasses

import pytest

from kit import exabgp
from kit.findings import (
    HOSTILE_TEXT,
    all_findings,
    carpet_bombing,
    hostile,
    mitigation,
    ntp_amplification,
    suited,
    syn_flood_spoofed,
)
from kit.flowspec import decode, random_cases
from kit.wire import matches
from tocsin.exporters.actions import _flowspec
from tocsin.exporters.actions.flowspec_exabgp import FLOWSPEC_EXABGP as KIND
from tocsin.exporters.actions.flowspec_exabgp import render
from tocsin.terms import Tlp

EFFECTS = ("drop", "rate_limit")


def announced(text, folder):
    path = folder / "flow.conf"
    path.write_text(text)
    # ExaBGP lists a neighbour's flow routes twice.
    nlris = {(change.nlri.pack_nlri(), str(change.nlri.afi)): None for change in exabgp.changes(path)}
    return [decode(nlri, 4 if family == "ipv4" else 6) for nlri, family in nlris]


def test_exabgp_accepts_every_file(tmp_path):
    texts = [render(*pair) for pair in suited(KIND, all_findings(), *EFFECTS)]
    texts += [
        render(*pair) for text in HOSTILE_TEXT for pair in suited(KIND, (hostile(f, text) for f in all_findings()), *EFFECTS)
    ]
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.conf")
        paths[-1].write_text(text)
    done = exabgp.validate(paths)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(paths) > 20


def test_exabgp_announces_exactly_the_packets_that_match(tmp_path):
    hits = 0
    for one, packets in random_cases(8955, 80, lambda one: not KIND.why_not(ntp_amplification(), one)):
        routes = announced(render(ntp_amplification(), one), tmp_path)
        for packet in packets:
            assert any(route.matches(packet) for route in routes) == matches(one.match, packet), (one.match, packet)
            hits += matches(one.match, packet)
    assert 500 < hits < 2_000


def test_neighbours_share_a_route_when_dropped_and_not_when_limited():
    pair = ("192.0.2.10/32", "192.0.2.11/32")
    assert len(_flowspec.routes(mitigation(dst=pair))) == 1
    assert len(_flowspec.routes(mitigation("rate_limit", 1, dst=pair))) == 2


def test_without_a_measured_packet_size_the_largest_that_matches_counts():
    finding = ntp_amplification()
    unmeasured = dataclasses.replace(finding, attributes={})
    sized = mitigation("rate_limit", 1_000, dst=("192.0.2.10/32",), length_bytes=(40, 60))
    assert _flowspec.rate_bytes_per_s(unmeasured, sized) == 60_000
    assert _flowspec.rate_bytes_per_s(unmeasured, mitigation("rate_limit", 1_000, dst=("192.0.2.10/32",))) == 1_500_000


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (mitigation(protocol=17), "destination"),
        (mitigation(dst=("192.0.2.1/32",)), ""),
        (mitigation(dst=("192.0.2.1/32",), ttl=(50, 60)), "TTL"),
        (mitigation(dst=("255.255.255.255/32",)), "no router"),
        (mitigation("rate_limit", None, dst=("192.0.2.1/32",)), "limit"),
        (mitigation("rate_limit", 0, dst=("192.0.2.1/32",)), "limit"),
        (mitigation("rate_limit", 1, dst=("192.0.2.1/32",)), ""),
        (mitigation("rate_limit", 1, dst=("192.0.2.1/32",), src=("10.0.0.0/32", "10.0.0.2/32")), "each listed source"),
        (mitigation("rate_limit", 1, dst=("192.0.2.1/32",), src=("10.0.0.0/32", "10.0.0.1/32")), ""),
        (mitigation(dst=("192.0.2.1/32",), src=tuple(f"10.0.{n}.1/32" for n in range(100))), ""),
        (mitigation(dst=("192.0.2.1/32",), src=tuple(f"10.0.{n}.1/32" for n in range(101))), "101"),
    ],
)
def test_what_it_cannot_say_is_refused(one, said):
    reason = _flowspec.why_not(ntp_amplification(), one)
    assert said in reason
    assert bool(said) == bool(reason)


def test_an_unedited_exabgp_file_reaches_nobody():
    text = render(carpet_bombing(), carpet_bombing().mitigations[0])
    assert "neighbor 127.0.0.1 {" in text


def test_a_packet_rate_becomes_bytes_by_the_mean_packet_of_the_attack():
    finding = syn_flood_spoofed()
    # 200 packets of 44 bytes are less than routers enforce.
    assert render(finding, finding.mitigations[0]).count("rate-limit 9600;") == 1
    wide = mitigation("rate_limit", 10_000, dst=("192.0.2.10/32",), protocol=6)
    assert "rate-limit 440000;" in render(finding, wide)


def test_the_header_says_how_and_when_to_withdraw():
    finding = carpet_bombing()
    text = render(finding, finding.mitigations[0], tlp=Tlp.GREEN)
    head = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    for said in (
        "TLP:GREEN",
        finding.title,
        finding.id,
        "99.0 % of the attack",
        "Approved by",
        "after 4 h at the latest",
        "Roll back",
    ):
        assert said in head
