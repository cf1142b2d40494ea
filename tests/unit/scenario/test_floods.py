import numpy as np
import pytest

from tocsin.scenario.attacks import stage_attack
from tocsin.scenario.packets import destination
from tocsin.scenario.stage import SECOND, Site, Stage
from tocsin.scenario.truth import Attack
from tocsin.terms import TcpFlag

SYN, ACK, RST, FIN = TcpFlag.SYN, TcpFlag.ACK, TcpFlag.RST, TcpFlag.FIN


def flood(vector, variant="", **more):
    stage = Stage.set(Site(), seed=9, duration_s=12)
    rows = stage_attack(stage, Attack(vector, 1, 10, 400, variant=variant, **more), 1)[0].rows
    return rows[rows["label"] == 1], rows[rows["label"] == -1]


def flags(rows):
    return set(rows["flags"].tolist())


def test_a_syn_flood_is_half_answered_and_bots_reset():
    own, provoked = flood("syn_flood")
    assert flags(own) == {SYN}
    synacks = provoked[provoked["flags"] == SYN | ACK]
    assert len(synacks) / len(own) == pytest.approx(0.5, abs=0.05)
    resets = provoked[provoked["flags"] == RST]
    assert len(resets) / len(synacks) == pytest.approx(0.4, abs=0.06)
    assert set(resets["dst_port"].tolist()) == {443}


def test_a_syn_ack_acknowledges_its_syn():
    own, provoked = flood("syn_flood", "bare")
    asked = {(int(row["src_lo"]), int(row["src_port"])): int(row["seq"]) for row in own}
    synacks = provoked[provoked["flags"] == SYN | ACK]
    assert all(asked[(int(row["dst_lo"]), int(row["dst_port"]))] + 1 & 0xFFFFFFFF == int(row["ack"]) for row in synacks)


@pytest.mark.parametrize(("variant", "again"), [("direct", 0.27), ("ecn", 0.27), ("bare", 0), ("spoofed", 0)])
def test_only_ordinary_stacks_try_again(variant, again):
    own, _ = flood("syn_flood", variant)
    _, counts = np.unique(own[["src_lo", "src_port", "seq"]], return_counts=True)
    assert 1 - len(counts) / len(own) == pytest.approx(again, abs=0.05)


def test_the_ecn_variant_sets_its_flags():
    assert flags(flood("syn_flood", "ecn")[0]) == {SYN | TcpFlag.ECE | TcpFlag.CWR}


@pytest.mark.parametrize(
    ("vector", "variant", "own_flags", "answered"),
    [
        ("ack_flood", "spoofed", {ACK}, 0.8),
        ("ack_flood", "psh", {ACK | TcpFlag.PSH}, 0.8),
        ("fin_flood", "direct", {FIN | ACK}, 0.8),
        ("rst_flood", "direct", {RST, RST | ACK}, 0.0),
    ],
)
def test_floods_of_other_flags(vector, variant, own_flags, answered):
    own, provoked = flood(vector, variant)
    assert flags(own) == own_flags
    assert len(provoked) / len(own) == pytest.approx(answered, abs=0.04)
    assert flags(provoked) <= {RST}
    assert (own["payload_length"] > 0).all() == (variant == "psh")


@pytest.mark.parametrize(
    ("variant", "ports", "lengths"),
    [
        ("random_ports", 1000, {512}),
        ("single_port", 1, {1400}),
        ("small", 1, {25}),
        ("variable", 1000, None),
        ("spoofed", 1000, None),
    ],
)
def test_udp_floods(variant, ports, lengths):
    own, provoked = flood("udp_flood", variant)
    assert len(np.unique(own["dst_port"])) >= ports
    assert len(np.unique(own["dst_port"])) == 1 or ports > 1
    assert lengths is None or set(own["payload_length"].tolist()) == lengths
    assert set(provoked["src_port"].tolist()) == {3 << 8 | 3}
    assert np.bincount((provoked["time_ns"] - own["time_ns"][0]) // SECOND).max() <= 10


def test_fragments_of_a_fragment_flood_never_make_a_whole():
    later, _ = flood("fragment_flood")
    first, _ = flood("fragment_flood", "first")
    assert (later["fragment"] & 0x1FFF > 0).all()
    assert (first["fragment"] == 0x2000).all()
    assert set(flood("fragment_flood", "tiny")[0]["payload_length"].tolist()) == {24}


@pytest.mark.parametrize(
    ("vector", "variant", "kind", "answered"),
    [
        ("icmp_flood", "echo", 8, 0.3),
        ("icmp_flood", "echo_reply", 0, 0),
        ("icmp_flood", "unreachable", 3, 0),
        ("icmpv6_flood", "echo", 128, 0.3),
        ("icmpv6_flood", "extensions", 128, 0.3),
        ("icmpv6_flood", "neighbour", 135, 0),
    ],
)
def test_icmp_floods(vector, variant, kind, answered):
    own, provoked = flood(vector, variant)
    assert set((own["src_port"] >> 8).tolist()) == {kind}
    assert len(provoked) / len(own) == pytest.approx(answered, abs=0.03)
    assert (own["extensions"] > 0).all() == (variant == "extensions")


def test_a_dhcp_flood_has_ever_new_hardware_addresses_until_nothing_is_left():
    stage = Stage.set(Site(), seed=9, duration_s=12)
    rows = stage_attack(stage, Attack("dhcp_flood", 1, 10, 100), 1)[0].rows
    own, provoked = rows[rows["label"] == 1], rows[rows["label"] == -1]
    pool = stage.payloads.array()
    hardware = {pool[int(row["payload"]) + 28 : int(row["payload"]) + 34].tobytes() for row in own}
    assert len(hardware) == len(own)
    assert len(provoked) == 90
    assert len(np.unique(destination(own))) == 1


def test_an_attack_stops_when_it_is_told_to():
    own, _ = flood("syn_flood")
    assert own["time_ns"].max() < Stage.set(Site(), seed=9).start_ns + 11 * SECOND
