from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.scenario.addresses import addresses
from tocsin.scenario.packets import blank
from tocsin.scenario.stage import REQUEST, SECOND, Traffic
from tocsin.scenario.truth import Truth, measured, read_truth

NOON = datetime(2022, 2, 15, 12, tzinfo=UTC)
START_NS = int(NOON.timestamp()) * SECOND
NAMES = {"label": 2, "site": "here", "vector": "udp_flood", "variant": "", "expected": "attack", "victim": "192.0.2.10"}
NAMES |= {"port": None, "spoofed": False, "services": ()}


def traffic():
    seconds = np.array([0.5, 0.999, 1.0, 1.1, 1.2, 3.9])
    src = addresses(["198.18.0.1", "198.18.0.2", "198.18.0.1", "198.18.0.1", "198.18.0.1", "198.18.0.2"])
    rows = blank(src, addresses(["192.0.2.10"]), 17, payload_length=72, time_ns=START_NS + (seconds * SECOND).astype(int))
    rows["label"] = [2, 2, 2, 2, 2, 2]
    others = rows[:3].copy()
    others["label"] = [0, 1, -2]
    requests = np.zeros(3, REQUEST)
    requests["time_ns"], requests["label"] = START_NS + np.array([0, 1, 1]) * SECOND, 2
    return Traffic(np.concatenate([rows, others]), requests)


def test_only_its_own_packets_count():
    truth = measured(traffic(), **NAMES)
    assert (truth.packets, truth.sources) == (6, 2)
    assert (truth.peak_packets_per_s, truth.peak_bits_per_s) == (3, 3 * 100 * 8)
    assert (truth.requests, truth.peak_requests_per_s) == (3, 2)
    assert (truth.start, truth.end) == (NOON + timedelta(seconds=0.5), NOON + timedelta(seconds=3.9))


def test_without_requests_their_rate_is_nought():
    assert measured(Traffic(traffic().rows), **NAMES).peak_requests_per_s == 0


def test_an_attack_without_packets_is_refused():
    with pytest.raises(ValueError, match="udp_flood: no packet"):
        measured(traffic(), **(NAMES | {"label": 5}))


def test_truth_survives_the_way_to_disk_and_back(tmp_path):
    truth = Truth("x", 1, NOON, NOON + timedelta(seconds=9), (measured(traffic(), **NAMES),), {"a.pcap": 6}, {"here": 3})
    path = tmp_path / "truth.json"
    truth.write(path)
    assert read_truth(path) == truth
    first = path.read_bytes()
    truth.write(path)
    assert path.read_bytes() == first
    assert b'"2022-02-15T12:00:00.500000Z"' in first
