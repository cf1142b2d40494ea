"""A big capture of small packets for benchmarks: floods of several kinds with ordinary traffic, in slices."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tocsin.scenario.floods import syn_flood, udp_flood
from tocsin.scenario.ordinary import ordinary
from tocsin.scenario.packets import Packets, Payloads
from tocsin.scenario.reflection import amplification
from tocsin.scenario.stage import SECOND, Site, Stage, Traffic, joined
from tocsin.scenario.truth import Attack

MIX_PPS = 100_000
_SLICE_PACKETS = 250_000


def flood_mix(packets: int = 3_000_000, *, seed: int = 0) -> Iterator[Packets]:
    """Slices of a capture in the order of time, at 100,000 packets a second, most frames of 60 to 100 bytes.

    About 45 % are a spoofed SYN flood with answers, 25 % a direct one, 12 % a UDP flood of small packets, 10 % amplification
    (Steam queries), 8 % ordinary. Labels: 1 to 4 in this order; 0 ordinary. Any number of packets costs the memory of one slice.

    Args:
        packets: Exactly how many, over all slices.
        seed: The same seed gives the same packets; a longer mix begins like a shorter one.
    """
    site = Site("mix")
    whole = Stage.set(site, seed=seed, duration_s=_SLICE_PACKETS / MIX_PPS)
    number = 0
    left = packets
    while left > 0:
        start_ns = whole.start_ns + number * _SLICE_PACKETS * SECOND // MIX_PPS
        stage = replace(whole, start_ns=start_ns, payloads=Payloads(np.random.default_rng(seed))).part(f"slice {number}")
        traffic = _slice(stage)
        parts, _ = stage.finish(traffic)
        rows = parts.rows[: min(left, _SLICE_PACKETS)]
        yield Packets(rows, parts.pool)
        left -= len(rows)
        number += 1


def _slice(stage: Stage) -> Traffic:
    site, length = stage.site, stage.duration_s
    parts = []
    for label, share, attack in (
        (1, 0.31, Attack("syn_flood", 0, length, 1, site.web, 443, 2000, "spoofed")),
        (2, 0.17, Attack("syn_flood", 0, length, 1, site.host(11), 443, 800, "bare")),
        (3, 0.125, Attack("udp_flood", 0, length, 1, site.host(12), 27015, 500, "small")),
        (4, 0.105, Attack("amplification", 0, length, 1, site.host(13), 0, 900, "", ("steam",))),
    ):
        make = {"syn_flood": syn_flood, "udp_flood": udp_flood, "amplification": amplification}[attack.vector]
        parts.append(make(stage.part(f"attack {label}"), replace(attack, rate_pps=share * MIX_PPS), label))
    return joined([*parts, ordinary(stage, 0.09 * MIX_PPS)])
