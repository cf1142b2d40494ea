"""The series chart shows the attack against its own usual, whatever the series is like."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.assessments import finding, syn_flood
from tocsin.exporters.charts import draw, series_sheet
from tocsin.exporters.charts._draw import WIDTH
from tocsin.exporters.charts.series import _extent, _overlap, _Plot
from tocsin.model import Series

T0 = datetime(2022, 2, 15, 13, tzinfo=UTC)


def charted(values, *, step_s=1, usual=None, first=T0, last=T0 + timedelta(seconds=5)):
    series = Series(int(T0.timestamp()), step_s, "packets/s", tuple(values), usual)
    return finding("SYN flood", "192.0.2.1", vector="syn_flood", first=first, last=last, series=series)


def layers(sheet):
    return [layer["name"] for layer in sheet.spec["layer"]]


def said(sheet):
    return [datum["s"] for layer in sheet.spec["layer"] for datum in layer["data"]["values"] if "s" in datum]


@pytest.mark.parametrize(
    "series",
    [None, Series(0, 1, "packets/s", ()), Series(0, 0, "packets/s", (1.0,))],
    ids=["no series", "no values", "no step"],
)
def test_nothing_to_show_gives_no_sheet(series):
    assert series_sheet(finding("x", "192.0.2.1", series=series)) is None


def test_one_step_is_a_bar_that_says_how_short_it_was():
    sheet = series_sheet(charted([37_841], usual=4, last=T0 + timedelta(milliseconds=23)))
    assert said(sheet) == ["37,841 packets, all within 23 ms", "usual: 4 packets/s"]


def test_one_time_stamp_for_all_packets_is_said():
    assert said(series_sheet(charted([9], last=T0))) == ["9 packets, all at one instant"]


def test_an_amount_is_told_where_the_rate_would_be_the_steps_and_not_the_attacks():
    sheet = series_sheet(charted([9], step_s=60, last=T0 + timedelta(seconds=2)))
    assert said(sheet) == ["540 packets, all within 2 s"]
    assert "192.0.2.1: 540 packets, all within 2 s" in sheet.alt


def test_one_long_step_does_not_claim_to_know_how_short_it_was():
    sheet = series_sheet(charted([9], step_s=60, last=T0 + timedelta(seconds=60)))
    assert said(sheet) == ["9 packets/s within one step of 1 min"]


@pytest.mark.parametrize(("steps", "mark"), [(40, "rect"), (41, "line")], ids=["few steps are columns", "many are a line"])
def test_mark(steps, mark):
    sheet = series_sheet(charted([1.0] * steps))
    attack = next(layer for layer in sheet.spec["layer"] if layer["name"] == "attack")
    assert attack["mark"]["type"] == mark


def test_no_peak_is_lost_in_a_long_series():
    values = [1.0] * 100_000
    values[77_777] = 5_000.0
    sheet = series_sheet(charted(values))
    attack = next(layer for layer in sheet.spec["layer"] if layer["name"] == "attack")
    assert len(attack["data"]["values"]) <= 320
    assert max(point["v"] for point in attack["data"]["values"]) == 5_000
    assert "5,000 packets/s" in {cell for row in sheet.rows for cell in row}
    assert len(sheet.rows) <= 24


def test_without_a_usual_it_says_so_and_draws_no_line():
    sheet = series_sheet(charted([1.0, 2.0]))
    assert "ordinary" not in layers(sheet)
    assert "nothing to compare" in sheet.alt


def test_without_times_there_is_no_band():
    sheet = series_sheet(charted([1.0, 2.0], first=None, last=None))
    assert "band" not in layers(sheet)


def test_an_instant_within_a_long_capture_can_still_be_seen():
    sheet = series_sheet(charted([1.0] * 1_000, last=T0))
    band = next(layer for layer in sheet.spec["layer"] if layer["name"] == "band")["encoding"]
    assert band["x2"]["value"] - band["x"]["value"] == 2


def test_values_that_are_no_numbers_count_as_nothing():
    sheet = series_sheet(charted([float("nan"), float("inf"), -5, 7], usual=float("nan")))
    assert draw([sheet])
    assert "up to 7 packets/s" in sheet.alt


@given(st.integers(-3_000, 3_000), st.integers(0, 4_000), st.integers(2, 2_000))
def test_time_labels_neither_overlap_nor_leave_the_chart(offset_s, lasted_s, steps):
    first = T0 + timedelta(seconds=offset_s)
    found = charted([1.0] * steps, first=first, last=first + timedelta(seconds=lasted_s))
    plot = _Plot(found, found.series, found.series.values, None, "packets/s")
    labels = [(one["x"], one["s"], one["a"]) for one in plot._times()["data"]["values"]]
    assert labels
    assert not any(_overlap(a, b) for i, a in enumerate(labels) for b in labels[:i])
    assert all(left > -0.1 and right < WIDTH + 0.1 for left, right in map(_extent, labels))


def test_onset_and_end_are_labelled():
    assert {"13:02:11 onset", "13:16:40 end"} <= set(said(series_sheet(syn_flood())))
