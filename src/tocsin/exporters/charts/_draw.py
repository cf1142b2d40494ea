"""From specs to SVG, and the few pieces all specs are made of."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from tocsin.exporters.words import SEVERITY_CLASS
from tocsin.terms import Severity

Spec = dict[str, Any]

WIDTH = 640
LETTER = 11.5  # width of a letter at phone size, where the page doubles the type; labels are laid out for that
_CLASSES = re.compile(r'<g class="[^"]* chart\d+_\d+_(\w+)_marks"[^>]*?(/?)>')
_FRAMES = re.compile(r'<path class="(?:back|fore)ground"[^>]*/>')
_CHART_TOKENS = ("surface", "line", "ink", "muted", *(f"sev-{name}" for name in dict.fromkeys(SEVERITY_CLASS.values())))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A spec, and what is not in it.

    Attributes:
        spec: Vega-Lite, one unit or layered view of ``WIDTH``.
        top, height: Size of what it draws, labels included: ``top`` above the plot, ``height`` in all.
        alt: What it shows, in a sentence or two.
        header, rows: The table behind it.
    """

    spec: Spec
    top: int
    height: int
    alt: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn sheet.

    Attributes:
        svg: Stand-alone, in light colours, for paper.
        page: The same for inline use: its colours are the page's CSS variables, its type is the page's.
        alt, header, rows: As in the sheet.
    """

    svg: str
    page: str
    alt: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@cache
def tokens() -> dict[str, str]:
    """The look's colours by name, light theme: ``{"ink": "#16181d", …}``. They stand in ``report.css`` alone."""
    css = resources.files("tocsin.exporters").joinpath("templates/report.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", css.partition("}")[0]))


def draw(sheets: Iterable[Sheet]) -> list[Chart]:
    """Draw all sheets in one run of the converter."""
    drawn = list(sheets)
    specs = [_named(sheet.spec, f"chart{index}") for index, sheet in enumerate(drawn)]
    bodies = _convert(json.dumps(specs, allow_nan=False)) if specs else ()
    return [_chart(sheet, body) for sheet, body in zip(drawn, bodies, strict=True)]


def _named(spec: Spec, name: str) -> Spec:
    """The spec with names that are unique among all charts. Layers keep their own scales: times here, pixels there."""
    layers = [part | {"name": f"{name}_{index}_{part['name']}"} for index, part in enumerate(spec["layer"])]
    return spec | {"name": name, "layer": layers, "resolve": {"scale": {"x": "independent", "y": "independent"}}}


@lru_cache(maxsize=4)  # page and PDF of one assessment ask for the same drawing
def _convert(specs: str) -> tuple[str, ...]:
    import vl_convert

    charts = json.loads(specs)
    whole = vl_convert.vegalite_to_svg(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "vconcat": charts,
            "config": {"aria": False, "font": "sans-serif", "view": {"stroke": None}, "text": {"fontSize": 11}},
        },
        allowed_base_urls=[],
    )
    starts = [match.end() for match in re.finditer(r'<g class="[^"]* chart\d+_group"[^>]*><g transform="[^"]*">', whole)]
    assert len(starts) == len(charts), "the converter marks each chart by its name"
    return tuple(_FRAMES.sub("", _CLASSES.sub(r'<g class="\1"\2>', _balanced(whole, start))) for start in starts)


def _balanced(svg: str, start: int) -> str:
    """What stands inside the group that was opened just before ``start``. Text in SVG has no ``<``, so tags can be counted."""
    depth = 1
    for tag in re.compile(r"<(/?)g\b[^>]*?(/?)>").finditer(svg, start):
        depth += -1 if tag[1] else 0 if tag[2] else 1
        if depth == 0:
            return svg[start : tag.start()]
    raise AssertionError("the converter closes its groups")


def _chart(sheet: Sheet, body: str) -> Chart:
    box = f'viewBox="0 {-sheet.top} {WIDTH} {sheet.height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box} width="{WIDTH}" height="{sheet.height}" fill="none">{body}</svg>'
    label = sheet.alt.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    page = f'<svg {box} role="img" aria-label="{label}" fill="none">{_themed(body)}</svg>'
    return Chart(svg, page, sheet.alt, sheet.header, sheet.rows)


def _themed(body: str) -> str:
    names = {tokens()[name]: name for name in _CHART_TOKENS}
    themed = re.sub(
        r'\b(fill|stroke)="(#[0-9a-f]{6})"', lambda m: f'{m[1]}="var(--{names[m[2]]})"' if m[2] in names else m[0], body
    )
    return themed.replace(' font-family="sans-serif"', "").replace(' font-size="11px"', "")


def layer(name: str, data: list[Spec], mark: Spec, encoding: Mapping[str, Any]) -> Spec:
    """One layer; its marks get the class ``name`` in the SVG."""
    return {"name": name, "data": {"values": data}, "mark": mark, "encoding": dict(encoding)}


def text(name: str, data: list[Spec], token: str, at: Mapping[str, Any], **mark: Any) -> Spec:
    """Texts, from the field ``s`` of the data, in the colour of a token."""
    style = {"type": "text", "color": tokens()[token], "align": "left", "baseline": "alphabetic"} | mark
    return layer(name, data, style, dict(at) | {"text": {"field": "s"}})


def placed(name: str, data: list[Spec], y: Mapping[str, Any], name_of_colour: str = "muted") -> Spec:
    """Texts at given places: in the data, ``x`` in pixels, ``s`` the text, ``a`` its alignment."""
    return text(name, data, name_of_colour, {"x": pixels("x", WIDTH), "y": dict(y)}, align={"expr": "datum.a"})


def pixels(field: str, size: int) -> Spec:
    """An encoding whose values are pixels from the left or the top."""
    scale = {"domain": [0, size], "range": [0, size], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


def hairline(y: float) -> Spec:
    """A quiet line across the chart."""
    mark = {"type": "rule", "color": tokens()["line"]}
    return layer("base", [{}], mark, {"x": {"value": 0}, "x2": {"value": WIDTH}, "y": {"value": y}})


def severity_colour(severity: Severity) -> str:
    """The colour that stands for this severity and for nothing else."""
    return tokens()[f"sev-{SEVERITY_CLASS[severity]}"]


def at(seconds: float) -> datetime:
    """The time of a Unix second; what no calendar holds becomes the nearest it does."""
    return datetime.fromtimestamp(min(max(seconds, -2e9), 2e11), UTC)


def width(label: str) -> float:
    """Pixels a label may take at phone size."""
    return len(label) * LETTER
