"""What is proposed against the attacks in real captures is accepted by the real programs, and hits what it should."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit import exabgp, netns
from tocsin.cli import app

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def case(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case of all captures of attacks, read together."""
    out = tmp_path_factory.mktemp("captures") / "case"
    attacks = sorted(str(p) for p in (real_data / "network").glob("*flood*.pcap*") if not p.name.startswith("ot_"))
    attacks += sorted(str(p) for p in (real_data / "network").glob("ddos_*") if str(p) not in attacks)
    result = CliRunner().invoke(app, ["assess", *attacks, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


def findings(case: Path) -> list[dict]:
    return [f for f in json.loads((case / "findings.json").read_text())["findings"] if f["class"] == "attack"]


def test_every_attack_has_an_action_that_hits_it_and_spares_the_rest_or_says_why_not(case: Path) -> None:
    for finding in findings(case):
        usable = [a for a in finding["actions"] if a["path"] and a["kind"] not in ("rtbh", "dots")]
        assert usable, finding["title"]
        best = usable[0]
        good = best["hit_ratio"] is not None and best["hit_ratio"] >= 0.95 and best["collateral_ratio"] < 0.01
        assert good or best["note"], (finding["title"], best)


def test_sources_are_not_blocked_where_they_are_forged(case: Path) -> None:
    forged = [f for f in findings(case) if f["attributes"]["sources_spoofed"] and f["attributes"]["vector"] != "dhcp_flood"]
    assert forged
    for finding in forged:
        assert any("refused" in a["refused"] or "forged" in a["refused"] for a in finding["actions"]), finding["title"]


@pytest.mark.skipif(netns.command() is None, reason="nft or a network namespace is not to be had here")
def test_nft_accepts_every_file(case: Path) -> None:
    files = sorted((case / "actions").rglob("*.nft"))
    assert files
    checked = netns.check(files)
    assert checked.returncode == 0, checked.stderr


def test_exabgp_accepts_every_file(case: Path) -> None:
    files = sorted((case / "actions").rglob("flowspec_exabgp.conf"))
    assert files
    checked = exabgp.validate(files)
    assert checked.returncode == 0, checked.stdout + checked.stderr
