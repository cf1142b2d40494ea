from datetime import datetime

import numpy as np
import pytest

from tocsin.scenario.addresses import texts
from tocsin.scenario.packets import PACKET
from tocsin.scenario.stage import SECOND, Site, Stage, Strings, Traffic, joined, outside_clients


def rows_at(*times):
    rows = np.zeros(len(times), PACKET)
    rows["time_ns"] = times
    rows["seq"] = np.arange(len(times))
    return rows


def test_joined_traffic_is_in_order_and_equal_times_keep_theirs():
    traffic = joined([Traffic(rows_at(5, 1)), Traffic(rows_at(1, 3))])
    assert traffic.rows["time_ns"].tolist() == [1, 1, 3, 5]
    assert traffic.rows["seq"].tolist() == [1, 0, 1, 0]


def test_a_tap_sees_its_span_without_its_end(stage):
    traffic = Traffic(rows_at(stage.start_ns - 1, stage.start_ns, stage.end_ns - 1, stage.end_ns))
    packets, requests = stage.finish(traffic)
    assert packets.rows["seq"].tolist() == [1, 2]
    assert len(requests) == 0


def test_a_tap_on_a_trunk_sees_tags():
    stage = Stage.set(Site(vlan=12), seed=1)
    packets, _ = stage.finish(Traffic(rows_at(stage.start_ns)))
    assert packets.rows["vlan"].tolist() == [12]


def test_parts_have_randomness_of_their_own(stage):
    one, again, other = (stage.part(name).rng.integers(1 << 60) for name in ("a", "a", "b"))
    assert one == again != other
    assert stage.part("a").part("b").rng.integers(1 << 60) != stage.part("b").part("a").rng.integers(1 << 60)


def test_another_seed_or_site_gives_other_traffic():
    drawn = {Stage.set(site, seed=seed).rng.integers(1 << 60) for seed in (1, 2) for site in (Site(), Site("other"))}
    assert len(drawn) == 4


def test_a_start_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        Stage.set(Site(), seed=1, start=datetime(2022, 2, 15))  # noqa: DTZ001


def test_arrivals_are_sorted_and_within_their_span(stage):
    times = stage.arrivals(1000, start_s=2, duration_s=3)
    assert (np.diff(times) >= 0).all()
    assert stage.start_ns + 2 * SECOND <= times[0]
    assert times[-1] < stage.start_ns + 5 * SECOND


def test_strings_have_stable_numbers_and_nothing_is_zero():
    strings = Strings()
    assert [strings.add(text) for text in ("a", "b", "a", "")] == [1, 2, 1, 0]
    assert strings.all() == ["", "a", "b"]


def test_people_inside_are_of_the_site_and_others_are_not():
    rng = np.random.default_rng(1)
    assert all(host.startswith("192.0.2.") for host in texts(Site().clients(rng, 50)))
    assert all(host.startswith(("10.", "100.")) for host in texts(outside_clients(rng, 200)))
