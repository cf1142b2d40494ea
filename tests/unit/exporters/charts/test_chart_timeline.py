"""The timeline has a row per victim and loses nothing silently."""

from datetime import UTC, datetime, timedelta

import pytest

from kit.assessments import finding, ministry_and_banks
from tocsin.exporters.charts import draw, timeline_sheet

T0 = datetime(2022, 2, 15, 13, tzinfo=UTC)


def hit(victim, minute=0, lasted=timedelta(minutes=1), **fields):
    first = T0 + timedelta(minutes=minute)
    return finding(f"flood on {victim}", victim, vector="udp_flood", first=first, last=first + lasted, **fields)


def data(sheet, name):
    return [datum for layer in sheet.spec["layer"] if layer["name"] == name for datum in layer["data"]["values"]]


def test_one_row_per_victim_one_bar_per_finding():
    sheet = timeline_sheet([hit("192.0.2.1"), hit("192.0.2.2", 5), hit("192.0.2.1", 9)])
    assert [name["s"] for name in data(sheet, "names")] == ["192.0.2.1", "192.0.2.2"]
    assert sorted(label["s"] for label in data(sheet, "labels")) == ["1 UDP flood", "2 UDP flood", "3 UDP flood"]


def test_findings_without_victim_or_time_are_left_out():
    assert (
        timeline_sheet([finding("context", "", entities=()), finding("timeless", "192.0.2.1", first=None, last=None)]) is None
    )
    assert timeline_sheet([]) is None


def test_what_does_not_fit_is_counted_and_stays_in_the_table():
    sheet = timeline_sheet([hit(f"192.0.2.{number}") for number in range(20)])
    assert len(data(sheet, "names")) == 16
    assert "4 findings more are in the table" in sheet.alt
    assert len(sheet.rows) == 20


@pytest.mark.parametrize(
    "lasted",
    [timedelta(0), timedelta(milliseconds=23), timedelta(hours=1), timedelta(days=3), timedelta(days=4_000)],
    ids=["instant", "23 ms", "hour", "days", "years"],
)
def test_any_span_is_drawn_inside_the_chart_with_few_ticks(lasted):
    sheet = timeline_sheet([hit("192.0.2.1", lasted=lasted)])
    bar = data(sheet, "bars")[0]
    assert 0 <= bar["x"] < bar["x2"] <= 640
    assert 1 <= len(data(sheet, "ticks")) <= 6
    assert draw([sheet])


def test_labels_stay_inside_the_chart():
    late = timeline_sheet([hit("192.0.2.1"), hit("192.0.2.2", 59)])
    assert [label["a"] for label in data(late, "labels")] == ["left", "right"]
    long = timeline_sheet([hit("192.0.2.1", lasted=timedelta(hours=1))])
    assert [label["in"] for label in data(long, "labels")] == [True]


def test_numbers_are_those_of_the_report():
    sheet = timeline_sheet(ministry_and_banks().findings)
    assert ("192.0.2.10", "7", "port scan", "15 Feb 2022, 12:51:00 to 12:53:00 UTC", "Low") in sheet.rows
