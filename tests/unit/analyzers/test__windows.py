"""When something began and ended, in counts per second."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.analyzers._windows import SPAN_S_MAX, Spell, Window, by_number, chart, dense, ranked, spans, spells, windows

FIRST = 1_644_930_000


def usual(seconds, level=20, seed=1):
    return np.random.default_rng(seed).poisson(level, seconds)


def placed(line, start, counts):
    line[start : start + len(counts)] += np.asarray(counts, np.int64)
    return line


def limits(found):
    return [(window.start - FIRST, window.end - FIRST) for window in found]


class TestWindows:
    def test_an_attack_amid_the_usual_has_its_own_limits_and_the_usual_to_compare_with(self):
        found = windows(placed(usual(300), 100, [500] * 60), FIRST)
        assert limits(found) == [(100, 159)]
        assert found[0].usual == pytest.approx(20, rel=0.1)

    def test_a_ramp_begins_where_counts_leave_the_usual_not_half_way_up(self):
        found = windows(placed(usual(300), 100, np.linspace(0, 2_000, 100)), FIRST)
        assert len(found) == 1
        assert 100 <= found[0].start - FIRST <= 104
        assert found[0].end - FIRST == 199

    def test_pulses_within_a_minute_are_one_attack(self):
        line = usual(600)
        for start in (100, 140, 180):
            placed(line, start, [800] * 10)
        assert limits(windows(line, FIRST)) == [(100, 189)]

    @pytest.mark.parametrize(
        ("pause", "parts"),
        [pytest.param(60, 1, id="a minute apart: one"), pytest.param(61, 2, id="a second more: two")],
    )
    def test_attacks_far_apart_are_several(self, pause, parts):
        line = np.full(500, 10)
        placed(line, 100, [900] * 10)
        placed(line, 100 + 9 + pause, [900] * 10)
        assert len(windows(line, FIRST)) == parts

    @pytest.mark.parametrize("level", [1, 20, 5_000])
    def test_a_flat_series_is_one_window_with_nothing_to_compare_with(self, level):
        assert windows(np.full(100, level), FIRST) == [Window(FIRST, FIRST + 99, None)]

    def test_a_capture_of_nothing_but_the_attack_is_one_window(self):
        assert windows(usual(120, 50_000), FIRST) == [Window(FIRST, FIRST + 119, None)]

    @pytest.mark.parametrize(
        ("factor", "changed"),
        [pytest.param(3.9, False, id="3.9 times: no change"), pytest.param(4.1, True, id="4.1 times: a change")],
    )
    def test_a_change_is_fourfold(self, factor, changed):
        line = np.full(200, 100.0)
        line[50:100] *= factor
        found = windows(line.astype(np.int64), FIRST)
        assert (found[0].usual is not None) is changed

    def test_a_single_second_is_a_window(self):
        assert windows(np.array([7]), FIRST) == [Window(FIRST, FIRST, None)]

    def test_a_burst_of_one_second_amid_nothing(self):
        assert limits(windows(placed(np.zeros(100, np.int64), 40, [5_000]), FIRST)) == [(40, 40)]

    def test_nothing_has_no_window(self):
        assert windows(np.zeros(50, np.int64), FIRST) == []
        assert windows(np.zeros(0, np.int64), FIRST) == []

    def test_a_minute_within_a_day_of_nothing_is_found_to_the_second(self):
        line = np.zeros(86_400, np.int64)
        line[::600] = 1
        found = windows(placed(line, 40_000, [300] * 60), FIRST)
        assert limits(found) == [(40_000, 40_059)]
        assert found[0].usual == pytest.approx(0, abs=0.01)

    def test_a_minute_within_a_busy_day_is_found_to_the_second(self):
        found = windows(placed(usual(86_400, 5), 40_000, [300] * 60), FIRST)
        assert limits(found) == [(40_000, 40_059)]

    def test_an_ordinary_burst_well_before_is_no_part_of_it(self):
        line = placed(usual(600, 20), 300, [2_000] * 60)
        assert limits(windows(placed(line, 100, [400] * 3), FIRST)) == [(300, 359)]

    def test_where_nothing_is_ordinary_each_burst_stands(self):
        line = placed(placed(np.zeros(600, np.int64), 300, [2_000] * 60), 100, [400] * 3)
        assert limits(windows(line, FIRST, share_min=0.0)) == [(100, 102), (300, 359)]

    @settings(max_examples=200, deadline=None)
    @given(
        # Not all equal from the fourth value on: see the flat series above.
        line=st.lists(st.one_of(st.just(0), st.integers(0, 50), st.integers(0, 10**7)), max_size=400).filter(
            lambda line: len(line) < 4 or len(set(line)) > 1 or not any(line)
        ),
        share=st.sampled_from([0.0, 0.05]),
    )
    def test_windows_are_disjoint_in_order_in_range_and_hold_the_busiest_second(self, line, share):
        counts = np.array(line, np.int64)
        found = limits(windows(counts, FIRST, share_min=share))
        assert bool(found) is bool(counts.any())
        for start, end in found:
            assert 0 <= start <= end < len(counts)
        assert all(end < start for (_, end), (start, _) in pairwise(found))
        if found and not share:  # with a share, the busiest second may stand alone, its run outweighed by longer ones
            assert any(counts[start : end + 1].max() == counts.max() for start, end in found)


class TestSpans:
    def test_neighbouring_hours_join(self):
        assert spans([(0, 100, 3_500), (1, 3_700, 7_000)]) == [(100, 7_000)]

    def test_an_empty_hour_parts_them(self):
        assert spans([(0, 100, 3_500), (2, 7_300, 7_400)]) == [(100, 3_500), (7_300, 7_400)]

    def test_evidence_of_two_years_is_two_spans_in_order(self):
        assert spans([(8_760, 31_536_000, 31_536_010), (0, 5, 9)]) == [(5, 9), (31_536_000, 31_536_010)]

    def test_no_span_is_longer_than_its_bound(self):
        hours = [(n, n * 3_600, n * 3_600 + 3_599) for n in range(1_200)]
        found = spans(hours)
        assert len(found) == 3
        assert all(last - first <= SPAN_S_MAX for first, last in found)

    def test_nothing_covers_nothing(self):
        assert spans([]) == []


class TestSpells:
    def test_each_span_is_looked_at_by_itself(self):
        seconds = np.r_[FIRST + np.arange(100), FIRST + 100_000 + np.arange(50)]
        counts = np.r_[usual(100, 10), usual(50, 9_000)]
        covered = [(FIRST, FIRST + 99), (FIRST + 100_000, FIRST + 100_049)]
        assert [spell.window.usual for spell in spells(seconds, counts, covered)] == [None, None]

    def test_a_spell_keeps_its_surroundings_and_nothing_far_away(self):
        line = placed(np.full(1_000, 10), 500, [900] * 30)
        (spell,) = spells(FIRST + np.arange(1_000), line, [(FIRST, FIRST + 999)])
        assert spell.inside.tolist() == [910] * 30
        assert (spell.start - FIRST, len(spell.line)) == (440, 150)

    def test_seconds_without_packets_count_as_none(self):
        (spell,) = spells(np.array([FIRST + 200]), np.array([5_000]), [(FIRST, FIRST + 999)])
        assert spell.window.usual == 0

    def test_a_span_without_rows_has_no_spell(self):
        assert list(spells(np.array([FIRST]), np.array([5]), [(0, 10)])) == []


def test_dense_adds_what_falls_into_one_second():
    assert dense(np.array([5, 7, 5]), np.array([1, 2, 3]), 5, 8).tolist() == [4, 0, 2, 0]


@pytest.mark.parametrize(("length", "step", "points"), [(1_200, 1, 1_200), (1_201, 2, 601), (86_400, 72, 1_200)])
def test_a_chart_has_at_most_so_many_points_and_keeps_the_peak(length, step, points):
    line = np.full(length, 3)
    line[-1] = 99
    series = chart(Spell(Window(FIRST, FIRST + length - 1, 2.5), line, FIRST), "packets/s")
    assert (series.step_s, len(series.values), max(series.values), series.usual) == (step, points, 99.0, 2.5)
    assert (series.start_s, series.unit) == (FIRST, "packets/s")


def test_rows_by_window_keep_their_rank():
    rows = pa.table({"number": [1, 0, 1], "rank": [1, 0, 0], "src": ["b", "c", "a"], "packets": [1, 5, 9]})
    assert ranked(rows, "src", "packets") == {0: (("c", 5),), 1: (("a", 9), ("b", 1))}
    assert {number: len(mine) for number, mine in by_number(rows).items()} == {0: 1, 1: 2}
