import itertools

import numpy as np
import pytest

from tocsin.scenario import flood_mix
from tocsin.scenario.packets import ip_lengths


@pytest.mark.parametrize("packets", [1, 249_999, 300_000])
def test_it_has_exactly_as_many_packets_as_asked_for(packets):
    assert sum(len(part) for part in flood_mix(packets)) == packets


def test_it_is_in_order_small_and_mixed():
    parts = list(flood_mix(400_000))
    times = np.concatenate([part.rows["time_ns"] for part in parts])
    assert (np.diff(times) >= 0).all()
    labels = np.concatenate([part.labels for part in parts])
    shares = np.bincount(np.abs(labels), minlength=5) / len(labels)
    assert shares == pytest.approx([0.08, 0.45, 0.25, 0.12, 0.10], abs=0.03)
    lengths = np.concatenate([ip_lengths(part.rows) for part in parts])
    assert np.median(lengths) <= 100
    assert (lengths <= 86).mean() > 0.7


def test_a_longer_mix_begins_like_a_shorter_one():
    short, long = next(flood_mix(1000)), next(flood_mix(300_000))
    assert np.array_equal(short.rows["src_lo"], long.rows["src_lo"][:1000])
    assert not np.array_equal(next(flood_mix(1000, seed=1)).rows["src_lo"], short.rows["src_lo"])


def test_slices_differ():
    first, second = itertools.islice(flood_mix(500_000), 2)
    assert not np.array_equal(first.rows["seq"][:100], second.rows["seq"][:100])
