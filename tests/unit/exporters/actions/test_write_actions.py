import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.findings import (
    HOSTILE_TEXT,
    SPOOFED,
    all_findings,
    hostile,
    http_flood,
    icmpv6_flood,
    mitigation,
    ntp_amplification,
    port_scan,
    syn_flood_direct,
    syn_flood_spoofed,
)
from tocsin.exporters.actions import KINDS, write_actions
from tocsin.model import Entity, Mitigation, TrafficMatch
from tocsin.terms import Tlp

SAFE_PATH = re.compile(r"actions/[0-9]+(-[A-Za-z0-9_][A-Za-z0-9._-]*)?-[0-9a-f]{8}/[a-z_]+\.[a-z]+", re.ASCII)


def kinds(finding):
    return [action.kind for action, _ in write_actions(finding)]


def test_each_effect_is_written_as_the_kinds_that_suit_it():
    filters = ["nftables", "flowspec_exabgp", "flowspec_gobgp", "dots", "dots_acl"]
    assert kinds(syn_flood_direct()) == [*filters, "nftables"]
    # Lengths are ranges, which DOTS filters cannot say.
    assert kinds(ntp_amplification()) == [*filters[:4], *filters[:3], "rtbh"]
    assert kinds(http_flood()) == ["nginx", "haproxy", "apache"] * 2
    assert kinds(icmpv6_flood()) == filters * 2


def test_a_refused_mitigation_has_its_reason_and_no_file():
    refused = [(action, data) for action, data in write_actions(syn_flood_spoofed()) if action.refused]
    assert [(action.kind, action.refused, action.path, data) for action, data in refused] == [("drop", SPOOFED, "", b"")]


def test_a_kind_that_cannot_say_it_is_refused_while_the_others_are_written():
    actions = {
        action.kind: action for action, _ in write_actions(with_mitigations(mitigation(dst=("192.0.2.1/32",), ttl=(50, 60))))
    }
    assert "TTL" in actions["flowspec_exabgp"].refused
    assert actions["flowspec_gobgp"].path == ""
    assert actions["nftables"].path
    assert not actions["nftables"].refused


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (mitigation(), "all traffic"),
        (mitigation(dst=("192.0.2.1; reboot",)), "not an IP prefix"),
        (mitigation("sinkhole", dst=("192.0.2.1/32",)), "sinkhole"),
        (mitigation("blackhole", protocol=17), "destination"),
    ],
)
def test_what_cannot_be_written_down_is_refused_with_the_reason(one, said):
    written = list(write_actions(with_mitigations(one)))
    assert len(written) == 1
    assert said in written[0][0].refused
    assert written[0][1] == b""


def test_a_limit_in_the_web_server_needs_no_match():
    written = [action for action, _ in write_actions(with_mitigations(mitigation("limit_connections", 10)))]
    assert [(action.kind, action.refused) for action in written] == [("nginx", ""), ("haproxy", ""), ("apache", "")]


def test_hit_collateral_note_and_undo_come_along():
    action = next(action for action, _ in write_actions(syn_flood_direct()))
    assert (action.hit_ratio, action.collateral_ratio) == (0.993, 0.0)
    assert action.undo.startswith("nft delete table inet tocsin_")
    assert action.summary == "Drop the four flooding hosts."


def test_a_request_for_protection_claims_no_measure_and_is_made_once():
    actions = [action for action, _ in write_actions(ntp_amplification()) if action.kind == "dots"]
    assert [(action.hit_ratio, action.collateral_ratio) for action in actions] == [(None, None)]


def test_every_file_but_json_starts_with_a_header_that_tells_its_marking():
    for finding in all_findings():
        for action, data in write_actions(finding, tlp=Tlp.AMBER_STRICT):
            if action.path and not action.path.endswith(".json"):
                head = data.decode().partition("\n\n")[0]
                assert all(line.startswith("#") for line in head.splitlines()[:8]), action.path
                assert "# TLP:AMBER+STRICT\n" in head
                assert finding.id in head
                assert "Approved by" in head


def test_paths_are_safe_and_shared_by_no_two_files():
    paths = [action.path for finding in all_findings() for action, _ in write_actions(finding) if action.path]
    assert len(set(paths)) == len(paths) > 25
    assert all(SAFE_PATH.fullmatch(path) for path in paths)
    assert any("-www.mod.example-http_flood-" in path for path in paths)


@given(st.text(), st.text())
@settings(max_examples=60, deadline=None)
def test_paths_are_safe_whatever_victim_and_vector_are_called(victim, vector):
    base = syn_flood_direct()
    named = dataclasses.replace(base, entities=(Entity("victim", "host", victim),), attributes={"vector": vector})
    assert all(SAFE_PATH.fullmatch(action.path) for action, _ in write_actions(named) if action.path)


def test_two_findings_on_one_victim_by_one_vector_do_not_share_a_folder():
    one, other = syn_flood_direct(), dataclasses.replace(syn_flood_direct(), id="017efd79-0000-7000-8000-6bb3bfe80cf3")
    folders = [{action.path.split("/")[1] for action, _ in write_actions(finding)} for finding in (one, other)]
    assert not folders[0] & folders[1]


def test_hostile_text_changes_comments_only():
    for finding in all_findings():
        plain = {action.kind + str(number): code(data) for number, (action, data) in enumerate(write_actions(finding))}
        for text in HOSTILE_TEXT:
            evil = hostile(finding, text)
            assert {action.kind + str(number): code(data) for number, (action, data) in enumerate(write_actions(evil))} == plain
            assert all(b"\\" not in data and b"\0" not in data for _, data in write_actions(evil))


def test_the_same_finding_gives_the_same_bytes():
    assert list(write_actions(ntp_amplification())) == list(write_actions(ntp_amplification()))


def test_no_file_holds_a_time_of_day():
    for finding in all_findings():
        late = dataclasses.replace(finding, first_seen=None, last_seen=None, evidence=())
        assert [data for _, data in write_actions(finding)] == [data for _, data in write_actions(late)]


def test_a_finding_without_mitigations_has_no_actions():
    assert list(write_actions(port_scan())) == []


def test_the_effects_are_those_of_the_model():
    effects = (Mitigation.__doc__ or "").partition("effect:")[2].partition(".\n")[0]
    assert set(re.findall(r"``(\w+)``", effects)) == set(KINDS)


def test_thousands_of_sources_go_into_the_firewall_and_not_into_routes():
    many = tuple(f"10.{n >> 8}.{n & 255}.{n % 7}/32" for n in range(16_000))
    actions = {
        action.kind: action for action, _ in write_actions(with_mitigations(mitigation(dst=("192.0.2.1/32",), src=many)))
    }
    assert actions["nftables"].path
    assert "FlowSpec routes" in actions["flowspec_exabgp"].refused


def with_mitigations(*ones):
    return dataclasses.replace(syn_flood_direct(), mitigations=ones)


def code(data):
    """A file without its comments; the backslash of the usage line in the shell script stays out too."""
    return [line for line in data.decode().splitlines() if not line.startswith("#")]


def test_an_empty_match_field_is_no_wildcard_for_a_blackhole():
    one = Mitigation("blackhole", "Give it up.", TrafficMatch(src=("198.51.100.1/32",)))
    assert [action.refused != "" for action, _ in write_actions(with_mitigations(one))] == [True]
