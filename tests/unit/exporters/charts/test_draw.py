"""Specs become SVG that follows the page's theme and can be read without it."""

# ruff: noqa: S314  (what is parsed here we have drawn ourselves)

import re
import xml.etree.ElementTree as ET

from kit.assessments import hostile, ministry_and_banks, syn_flood
from tocsin.exporters.charts import draw, series_sheet, timeline_sheet, tokens
from tocsin.exporters.charts._draw import severity_colour
from tocsin.terms import Severity


def sheets(assessment):
    made = [timeline_sheet(assessment.findings), *map(series_sheet, assessment.findings)]
    return [sheet for sheet in made if sheet]


def test_each_sheet_gives_one_well_formed_drawing_in_order():
    charts = draw(sheets(ministry_and_banks()))
    assert len(charts) == 7
    for chart in charts:
        ET.fromstring(chart.svg)
        ET.fromstring(chart.page)
    texts = ["".join(ET.fromstring(chart.svg).itertext()) for chart in charts]
    assert "1 SYN flood" in texts[0]
    assert "1.2 million packets/s" in texts[1]
    assert "5.1 Gbit/s" in texts[2]


def test_the_page_variant_has_no_colour_and_no_font_of_its_own():
    page = draw([series_sheet(syn_flood())])[0].page
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", page)
    assert "var(--sev-critical)" in page
    assert "font-family" not in page
    assert "style=" not in page  # the page's policy forbids it


def test_the_page_variant_says_what_it_shows():
    chart = draw([series_sheet(syn_flood())])[0]
    assert ET.fromstring(chart.page).attrib["aria-label"] == chart.alt
    assert "up to 1.2 million packets/s; usual: 14,000 packets/s" in chart.alt


def test_hostile_text_stays_text():
    for chart in draw(sheets(hostile())):
        for variant in (chart.svg, chart.page):
            tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(variant).iter()}
            assert tags <= {"svg", "g", "path", "text", "line", "rect"}


def test_nothing_to_draw_draws_nothing():
    assert draw([]) == []


def test_drawing_twice_gives_the_same():
    assert draw(sheets(ministry_and_banks())) == draw(sheets(ministry_and_banks()))


def test_every_severity_has_its_colour():
    assert severity_colour(Severity.CRITICAL) == tokens()["sev-critical"] == "#b3172f"
    assert all(severity_colour(severity) for severity in Severity)
