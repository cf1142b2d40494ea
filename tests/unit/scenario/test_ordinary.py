import numpy as np
import pytest

from tocsin.scenario.addresses import addresses
from tocsin.scenario.capture import write_capture
from tocsin.scenario.ordinary import KINDS, MIX, ordinary
from tocsin.scenario.stage import Site, Stage, Traffic
from tocsin.terms import TcpFlag


def whole(rate=400.0, duration_s=60.0, seed=2):
    stage = Stage.set(Site(), seed=seed, duration_s=duration_s)
    return stage, *stage.finish(ordinary(stage, rate))


@pytest.mark.parametrize("seed", range(3))
def test_the_rate_is_about_what_was_asked_for(seed):
    _, packets, _ = whole(rate=1000, seed=seed)
    assert len(packets) / 60 == pytest.approx(1000, rel=0.3)


def test_everything_is_ordinary_and_in_order():
    stage, packets, requests = whole()
    assert set(packets.labels.tolist()) == {0}
    assert (np.diff(packets.rows["time_ns"]) >= 0).all()
    assert stage.start_ns <= packets.rows["time_ns"][0]
    assert packets.rows["time_ns"][-1] < stage.end_ns
    assert len(requests) > 50


def test_there_are_both_families_and_many_kinds():
    _, packets, _ = whole()
    rows = packets.rows
    assert set(np.unique(rows["ethertype"]).tolist()) == {0x0800, 0x0806, 0x86DD}
    assert {1, 6, 17} <= set(np.unique(rows["protocol"]).tolist())
    assert {25, 53, 80, 123, 443} <= set(np.unique(rows["dst_port"]).tolist())


@pytest.mark.parametrize(
    ("protocol", "port", "least"),
    [pytest.param(6, 443, 0.6, id="https"), pytest.param(17, 53, 0.9, id="dns"), pytest.param(17, 123, 0.9, id="ntp")],
)
def test_what_is_asked_is_answered(protocol, port, least):
    _, packets, _ = whole()
    rows = packets.rows[packets.rows["protocol"] == protocol]
    there, back = (rows["dst_port"] == port).sum(), (rows["src_port"] == port).sum()
    assert min(there, back) / max(there, back) > (least if port != 443 else 0.4)


def test_handshakes_complete():
    _, packets, _ = whole()
    tcp = packets.rows[packets.rows["protocol"] == 6]
    opened, accepted = ((tcp["flags"] == flags).sum() for flags in (TcpFlag.SYN, TcpFlag.SYN | TcpFlag.ACK))
    assert accepted / opened > 0.97


def test_sessions_that_began_before_the_capture_are_in_it():
    _, packets, _ = whole()
    early = packets.rows[: len(packets) // 60]
    assert ((early["protocol"] == 6) & (early["payload_length"] > 0)).any()


@pytest.mark.parametrize("kind", MIX)
def test_the_usual_packets_of_a_kind_are_about_right(kind):
    stage = Stage.set(Site(), seed=3, duration_s=600)
    generate, usual = KINDS[kind]
    assert len(generate(stage, 100).rows) / 100 == pytest.approx(usual, rel=0.35)


def test_a_mix_of_one_kind_has_only_that(stage):
    rows = ordinary(stage, 50, mix={"ntp": 1}).rows
    assert set(rows["protocol"].tolist()) == {17}
    assert ((rows["src_port"] == 123) | (rows["dst_port"] == 123)).all()


def test_hosts_are_of_the_ranges_set_aside_for_examples():
    _, packets, _ = whole()
    rows = packets.rows[packets.rows["ethertype"] == 0x0800]
    allowed = addresses(["10.0.0.0", "100.64.0.0", "198.18.0.0", "192.0.2.0"])["lo"]
    masks = np.array([0xFF000000, 0xFFC00000, 0xFFFE0000, 0xFFFFFF00], np.uint64)
    for side in ("src_lo", "dst_lo"):
        matches = (rows[side][:, None] & (masks | np.uint64(0xFFFF_0000_0000))) == allowed
        assert matches.any(axis=1).all()


def test_tshark_finds_nothing_wrong(tmp_path, broken, tshark):
    stage, packets, _ = whole(rate=300, duration_s=30)
    path = tmp_path / "ordinary.pcap"
    write_capture(path, packets, inside=stage.site.inside)
    assert broken(path) == []
    gaps = ("tcp.analysis.lost_segment", "tcp.analysis.ack_lost_segment", "tcp.analysis.out_of_order")
    told = ("http.host", "dns.response_to", "tls.handshake.extensions_server_name")
    counts = np.array([[bool(cell) for cell in line.split("\t")] for line in tshark(path, "", *gaps, *told)]).sum(axis=0)
    assert (counts[:3] == 0).all()
    assert (counts[3:] > 5).all()


def test_no_rate_gives_no_traffic(stage):
    assert len(ordinary(stage, 0.0).rows) == 0
    assert len(stage.finish(Traffic(ordinary(stage, 0.0).rows))[0]) == 0
