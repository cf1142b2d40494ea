import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from tocsin.errors import TocsinError
from tocsin.readers import identify
from tocsin.scenario import Attack, CaptureFormat, build, read_truth, write
from tocsin.scenario.build import EVIDENCE

SMALL = {"duration_s": 8.0, "ordinary_pps": 40.0, "rate_pps": 100.0}
READERS = {
    "pcap": "pcap", "pcapng": "pcapng", "netflow5": "flow_export", "netflow9": "flow_export", "netflow9-pcap": "pcap",
    "combined": "access_log", "nginx": "access_log", "iis": "iis_w3c", "json": "access_json", "firewall": "firewall_syslog",
}  # fmt: skip


def test_a_folder_holds_evidence_truth_and_labels_apart(tmp_path):
    scenario = build("vector:syn_flood/spoofed", evidence=("pcap", "combined"), **SMALL)
    path = write(scenario, tmp_path / "out", labels=True)
    assert path == tmp_path / "out" / "truth.json"
    assert sorted(file.name for file in (tmp_path / "out" / "evidence").iterdir()) == ["ministry-access.log", "ministry.pcap"]
    assert read_truth(path) == scenario.truth
    labels = np.load(tmp_path / "out" / "labels" / "ministry.pcap.npy")
    assert len(labels) == scenario.truth.packets["ministry.pcap"]
    assert (labels == 1).sum() == scenario.attacks[0].packets
    assert (labels == 0).any()
    assert (labels == -1).any()
    lines = (tmp_path / "out" / "evidence" / "ministry-access.log").read_text().splitlines()
    assert len(lines) == len(scenario.pieces[1].labels) == scenario.truth.requests["ministry"]


@pytest.mark.parametrize("kind", EVIDENCE)
def test_each_kind_of_evidence_is_claimed_by_its_reader(tmp_path, kind):
    write(build("vector:http_flood", evidence=(kind,), **SMALL), tmp_path)
    (file,) = (tmp_path / "evidence").iterdir()
    reader = identify(file.read_bytes()[:65536], "unnamed")
    assert reader is not None
    assert reader.id == READERS[kind]


def digest_of(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path):
    program = (
        "from pathlib import Path; from tocsin.scenario import build, write;"
        "write(build('vector:amplification/dns+ntp', seed=3, duration_s=8.0, ordinary_pps=40.0, rate_pps=100.0,"
        f"evidence={tuple(EVIDENCE)!r}), Path({str(tmp_path / 'other')!r}), labels=True)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONHASHSEED": "7"})
    write(build("vector:amplification/dns+ntp", seed=3, evidence=EVIDENCE, **SMALL), tmp_path / "here", labels=True)
    here = digest_of(tmp_path / "here")
    assert here == digest_of(tmp_path / "other")
    write(build("vector:amplification/dns+ntp", seed=4, evidence=EVIDENCE, **SMALL), tmp_path / "seed", labels=True)
    assert all(here[name] != digest for name, digest in digest_of(tmp_path / "seed").items() if "firewall" not in name)


def test_more_attacks_leave_the_first_as_it_was():
    alone = build("vector:udp_flood", **SMALL)
    both = build("vector:udp_flood", attacks=[Attack("port_scan", 1, 3, 50)], **SMALL)
    assert both.attacks[0] == alone.attacks[0]
    assert [attack.vector for attack in both.attacks] == ["udp_flood", "port_scan"]
    assert set(both.piece("capture").labels.tolist()) == {-2, -1, 0, 1, 2}


def test_the_attack_lies_in_the_middle_unless_told_otherwise():
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    attack = build("vector:udp_flood", start=start, **SMALL).attacks[0]
    assert 2 <= (attack.start - start).total_seconds() < 2.3
    assert 5.7 < (attack.end - start).total_seconds() <= 6
    early = build("vector:udp_flood", start=start, attack_start_s=0, attack_duration_s=1, **SMALL).attacks[0]
    assert (early.end - start).total_seconds() <= 1


def test_evidence_without_ordinary_traffic_is_all_attack():
    scenario = build("vector:rst_flood", duration_s=5, ordinary_pps=0, rate_pps=50)
    assert set(scenario.piece("capture").labels.tolist()) == {1}
    assert build("ordinary", duration_s=5, ordinary_pps=50).attacks == ()


def test_a_capture_is_written_in_the_form_asked_for(tmp_path):
    form = CaptureFormat(nanoseconds=True, big_endian=True)
    write(build("ordinary", form=form, duration_s=5.0, ordinary_pps=20.0), tmp_path)
    assert (tmp_path / "evidence" / "ministry.pcap").read_bytes()[:4].hex() == "a1b23c4d"


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("vector:nothing", {}, "vector:NAME"),
        ("elsewhere", {}, "february-2022"),
        ("vector:syn_flood/loud", {}, "loud"),
        ("ordinary", {"evidence": ("pcap", "fax")}, "fax"),
    ],
)
def test_a_wrong_name_is_refused_with_a_word(name, options, told):
    with pytest.raises(TocsinError, match=told):
        build(name, **(SMALL | options))


def test_evidence_of_others_is_not_mixed_with_ours(tmp_path):
    scenario = build("ordinary", duration_s=2.0, ordinary_pps=20.0)
    write(scenario, tmp_path)
    write(scenario, tmp_path)
    (tmp_path / "evidence" / "theirs.pcap").write_bytes(b"")
    with pytest.raises(TocsinError, match=r"theirs\.pcap"):
        write(scenario, tmp_path)


def test_a_kind_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        build("ordinary", duration_s=2.0, ordinary_pps=20.0).piece("netflow")
