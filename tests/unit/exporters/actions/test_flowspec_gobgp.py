import pytest

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
from kit.flowspec import from_gobgp, random_cases, run_gobgp_script
from kit.wire import matches
from tocsin.exporters.actions.flowspec_gobgp import FLOWSPEC_GOBGP as KIND
from tocsin.exporters.actions.flowspec_gobgp import render
from tocsin.terms import Tlp

EFFECTS = ("drop", "rate_limit")


def test_gobgp_is_told_exactly_the_packets_that_match(tmp_path):
    for one, packets in random_cases(8956, 20, lambda one: not KIND.why_not(ntp_amplification(), one)):
        done, calls = run_gobgp_script(render(ntp_amplification(), one), tmp_path)
        assert done.returncode == 0, done.stderr
        routes = [from_gobgp(call)[1] for call in calls]
        for packet in packets:
            assert any(route.matches(packet) for route in routes) == matches(one.match, packet), (one.match, packet)


def test_gobgp_is_told_the_same_routes_to_withdraw_as_to_add(tmp_path):
    text = render(carpet_bombing(), carpet_bombing().mitigations[0])
    added = [from_gobgp(call) for call in run_gobgp_script(text, tmp_path)[1]]
    removed = [from_gobgp(call) for call in run_gobgp_script(text, tmp_path, "del")[1]]
    assert {verb for verb, _, _ in added} == {"add"}
    assert {verb for verb, _, _ in removed} == {"del"}
    assert [call[1:] for call in added] == [call[1:] for call in removed]
    assert len(added) == 2


def test_a_route_that_cannot_be_added_ends_the_script_and_one_that_cannot_be_withdrawn_does_not(tmp_path):
    text = render(carpet_bombing(), carpet_bombing().mitigations[0])
    done, calls = run_gobgp_script(text, tmp_path, "add", fail=1)
    assert (done.returncode, len(calls)) == (1, 1)
    done, calls = run_gobgp_script(text, tmp_path, "del", fail=1)
    assert (done.returncode, len(calls)) == (1, 2)


@pytest.mark.parametrize("verb", ["", "remove", "add; reboot"])
def test_the_script_does_nothing_without_a_verb_it_knows(verb, tmp_path):
    done, calls = run_gobgp_script(render(carpet_bombing(), carpet_bombing().mitigations[0]), tmp_path, verb)
    assert (done.returncode, calls) == (2, [])
    assert "usage" in done.stderr


def test_hostile_text_does_not_change_what_the_script_does(tmp_path):
    for finding, one in suited(KIND, all_findings(), *EFFECTS):
        plain = run_gobgp_script(render(finding, one), tmp_path)[1]
        for text in HOSTILE_TEXT:
            evil = hostile(finding, text)
            assert run_gobgp_script(render(evil, evil.mitigations[finding.mitigations.index(one)]), tmp_path)[1] == plain
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls", "gobgp", "script.sh"]


def test_a_packet_rate_becomes_bytes_by_the_mean_packet_of_the_attack(tmp_path):
    wide = mitigation("rate_limit", 10_000, dst=("192.0.2.10/32",), protocol=6)
    assert run_gobgp_script(render(syn_flood_spoofed(), wide), tmp_path)[1][0][-2:] == ["rate-limit", "440000"]


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
