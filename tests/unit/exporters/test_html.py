"""The page is one file that asks for nothing, and hostile evidence stays text in it."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from kit.assessments import HOSTILE, all_failed, hostile, ministry_and_banks, nothing_found
from tocsin.exporters.charts import tokens
from tocsin.exporters.html import render_html
from tocsin.model.text import printable

VOID = {"meta", "br", "link", "img", "input", "hr"}
ALL = pytest.mark.parametrize("make", [ministry_and_banks, nothing_found, all_failed, hostile])


class Page(HTMLParser):
    """Tags, attributes and texts of a page; fails where tags do not nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@ALL
def test_the_page_is_well_formed_and_needs_nothing_else(make):
    page = Page(render_html(make()))
    names = [tag for tag, _ in page.tags]
    assert not {"link", "img", "iframe", "object", "embed", "form", "base", "audio", "video"} & set(names)
    assert (names.count("script"), names.count("style")) == (1, 1)
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "style", "srcset", "action"}]
        assert attributes.get("href", "#").startswith("#")


@ALL
def test_the_policy_allows_its_own_style_and_script_alone(make):
    source = render_html(make())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', source)[1]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        inline = re.search(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL)[1]
        assert f"sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}" in policy
    assert "unsafe" not in policy


@ALL
def test_links_lead_somewhere_and_names_are_unique(make):
    page = Page(render_html(make()))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"][1:] for tag, attributes in page.tags if tag == "a"} <= set(ids)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(text):
    page = Page(render_html(hostile()))
    assert any(printable(text) in shown for shown in page.texts)


def test_no_character_of_evidence_can_move_or_reorder_anything():
    assert not [character for character in render_html(hostile()) if not character.isprintable() and character != "\n"]


def test_the_same_assessment_gives_the_same_page():
    assert render_html(ministry_and_banks()) == render_html(ministry_and_banks())


@ALL
def test_the_marking_stands_at_the_top_and_in_the_running_foot(make):
    assessment = make()
    source = render_html(assessment)
    assert source.index(f">{assessment.tlp}<") < source.index("<main>")
    assert f">{assessment.tlp}<" in source[source.index('class="running"') :]


def test_what_to_do_comes_before_the_findings_and_the_findings_before_coverage():
    source = render_html(ministry_and_banks())
    places = [source.index(f'id="{name}"') for name in ("todo", "timeline", "finding-1", "finding-8", "coverage", "words")]
    assert places == sorted(places)


def test_a_page_without_findings_says_what_was_looked_at():
    page = " ".join(Page(render_html(nothing_found())).texts)
    assert "None was found in what was read. That does not mean there is none." in page
    assert "no reader knows this format" in page
    assert "What to do now" not in page


def test_every_chart_has_a_text_and_a_table_behind_it():
    page = Page(render_html(ministry_and_banks()))
    charts = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(charts) == 7
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in charts)
    assert sum("numbers" in (attributes.get("class") or "") for tag, attributes in page.tags if tag == "details") == 7


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_can_be_read_in_both_themes():
    css = re.search(r"<style>(.*?)</style>", render_html(nothing_found()), re.DOTALL)[1]
    dark_blocks = re.findall(r"color-scheme: dark;(.*?)}", css, re.DOTALL)
    themes = [tokens(), *(dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block)) for block in dark_blocks)]
    assert len(themes) == 3
    assert themes[1] == themes[2]
    for theme in themes:
        for name in ("ink", "muted", "accent", "ok", "wait", "no", *(key for key in theme if key.startswith("sev-"))):
            for ground in ("paper", "surface"):
                assert contrast(theme[name], theme[ground]) >= 4.5, (name, ground)
