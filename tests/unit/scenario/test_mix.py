import numpy as np
import pytest

from tocsin.scenario import flood_mix
from tocsin.scenario.packets import ip_lengths


@pytest.fixture(scope="module")
def parts():
    return list(flood_mix(400_000))


def test_it_has_exactly_as_many_packets_as_asked_for(parts):
    assert [len(part) for part in parts] == [250_000, 150_000]
    assert [len(part) for part in flood_mix(1)] == [1]
    assert list(flood_mix(0)) == []


def test_it_is_in_order_small_and_mixed(parts):
    times = np.concatenate([part.rows["time_ns"] for part in parts])
    assert (np.diff(times) >= 0).all()
    labels = np.concatenate([part.labels for part in parts])
    shares = np.bincount(np.abs(labels), minlength=5) / len(labels)
    assert shares == pytest.approx([0.08, 0.45, 0.25, 0.12, 0.10], abs=0.03)
    lengths = np.concatenate([ip_lengths(part.rows) for part in parts])
    assert np.median(lengths) <= 100
    assert (lengths <= 86).mean() > 0.7


def test_a_longer_mix_begins_like_a_shorter_one(parts):
    assert np.array_equal(next(flood_mix(1000)).rows["src_lo"], parts[0].rows["src_lo"][:1000])
    assert not np.array_equal(next(flood_mix(1000, seed=1)).rows["src_lo"], parts[0].rows["src_lo"][:1000])


def test_slices_differ(parts):
    assert not np.array_equal(parts[0].rows["seq"][:100], parts[1].rows["seq"][:100])
