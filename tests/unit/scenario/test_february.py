from datetime import timedelta

import numpy as np
import pytest

from tocsin.model.profile import load_profile
from tocsin.scenario import build, write
from tocsin.scenario.february import BANK_ONE, BANK_TWO, MINISTRY


@pytest.fixture(scope="module")
def scenario():
    return build("february-2022", seed=1, duration_s=310.0, ordinary_pps=10.0)  # All attacks have begun by then.


def test_three_sites_are_attacked_within_minutes(scenario):
    starts = {}
    for attack in scenario.attacks:
        starts.setdefault(attack.site, attack.start)
    assert set(starts) == {"ministry", "bank-one", "bank-two"}
    assert max(starts.values()) - min(starts.values()) < timedelta(minutes=2)
    assert {attack.vector for attack in scenario.attacks} == {"syn_flood", "http_flood", "amplification", "udp_flood"}
    assert not any(attack.spoofed for attack in scenario.attacks)


def test_labels_number_the_attacks_through_all_sites(scenario):
    assert [attack.label for attack in scenario.attacks] == list(range(1, 9))
    by_name = {piece.name: piece for piece in scenario.pieces}
    for name, labels in (("ministry-edge.pcap", {1, 2, 3}), ("bank-one-tap.pcapng", {4, 5, 6})):
        own = np.unique(by_name[name].labels)
        assert set(own[own > 0].tolist()) == labels


def test_a_short_version_has_only_what_began(scenario):
    short = build("february-2022", seed=1, duration_s=150.0, ordinary_pps=2.0)
    assert [attack.vector for attack in short.attacks] == ["syn_flood"]


def test_the_folder_is_what_a_team_is_handed(scenario, tmp_path):
    write(scenario, tmp_path)
    profile = load_profile(tmp_path / "partner.yaml")
    for site in (MINISTRY, BANK_ONE, BANK_TWO):
        assert profile.owns(site.web)
        assert profile.owns(site.web_v6)
        assert profile.asset(site.web).criticality == "critical"
        assert profile.organisation(site.mail).name == site.title
    names = {file.name for file in (tmp_path / "evidence").iterdir()}
    assert names == {
        "ministry-edge.pcap", "bank-one-tap.pcapng", "provider-netflow9.pcap", "ministry-access.log", "bank-one-u_ex220215.log",
        "bank-two-access.json",
    }  # fmt: skip


@pytest.mark.slow
def test_the_whole_is_as_large_as_promised(tmp_path):
    write(build("february-2022", seed=1), tmp_path)
    assert 60e6 < sum(file.stat().st_size for file in (tmp_path / "evidence").iterdir()) < 150e6
