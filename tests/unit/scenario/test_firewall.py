import io

import numpy as np

from tocsin.readers import readers
from tocsin.scenario.addresses import addresses
from tocsin.scenario.build import play_site
from tocsin.scenario.firewall import logged, write_firewall_log
from tocsin.scenario.packets import Packets, blank
from tocsin.scenario.stage import SECOND, Site, Stage
from tocsin.scenario.truth import Attack
from tocsin.terms import Disposition

INSIDE, OUTSIDE = addresses(["192.0.2.10"]), addresses(["198.18.0.9"])


def verdict(src, dst, protocol, **columns):
    _, blocked = logged(Packets(blank(src, dst, protocol, **columns), np.zeros(1, np.uint8)), Site())
    return blocked.tolist()


def test_the_rules():
    assert verdict(OUTSIDE, INSIDE, 6, flags=2, dst_port=443) == [False]
    assert verdict(OUTSIDE, INSIDE, 6, flags=2, dst_port=444) == [True]
    assert verdict(OUTSIDE, INSIDE, 6, flags=16, dst_port=444) == []
    assert verdict(OUTSIDE, INSIDE, 17, dst_port=9999, src_port=9999) == [True]
    assert verdict(OUTSIDE, INSIDE, 17, dst_port=9999, src_port=53) == []
    assert verdict(OUTSIDE, INSIDE, 17, dst_port=53, src_port=9999) == []
    assert verdict(INSIDE, OUTSIDE, 6, flags=2, dst_port=444) == []


def test_a_limit_holds_in_every_second():
    rows = blank(OUTSIDE, INSIDE, 6, flags=2, dst_port=444, time_ns=np.arange(40) * SECOND // 10)
    kept, _ = logged(Packets(rows, np.zeros(1, np.uint8)), Site(), per_s=3)
    assert np.bincount(kept["time_ns"] // SECOND).tolist() == [3, 3, 3, 3]


def test_our_reader_reads_every_line(tmp_path):
    stage = Stage.set(Site(), seed=8, duration_s=20)
    attacks = [Attack("udp_flood", 5, 10, 50), Attack("syn_flood", 5, 10, 50), Attack("port_scan", 1, 10, 20)]
    played = play_site(stage, attacks, ordinary_pps=100)
    path = tmp_path / "fw.log"
    write_firewall_log(path, played.packets, stage.site)
    rows, blocked = logged(played.packets, stage.site)
    faults = []
    batches = readers()["firewall_syslog"].read(io.BytesIO(path.read_bytes()), evidence_id="e", report=faults.append)
    read = [row for batch in batches for row in batch.rows.to_pylist()]
    assert faults == []
    assert [row["dst_endpoint_port"] for row in read] == rows["dst_port"].tolist()
    dispositions = [Disposition.BLOCKED if drop else Disposition.ALLOWED for drop in blocked]
    assert [row["disposition_id"] for row in read] == dispositions
    assert int(read[0]["time"].timestamp()) == int(rows["time_ns"][0] // SECOND)
    assert blocked.any()
    assert not blocked.all()
