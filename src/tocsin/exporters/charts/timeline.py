"""All findings on one time axis, a row per victim."""

import math
from collections.abc import Sequence

from tocsin.exporters.charts._draw import (
    WIDTH,
    Sheet,
    Spec,
    at,
    hairline,
    layer,
    pixels,
    placed,
    severity_colour,
    tokens,
    width,
)
from tocsin.exporters.words import what
from tocsin.model import Finding
from tocsin.model.text import clock, day, listing, plural, printable, span

_VICTIMS_MAX, _LANES_MAX = 16, 8
_NAME, _LANE, _GAP, _AXIS = 22, 22, 8, 28
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800)
_TICKS_MAX = 5

_Lanes = dict[str, list[tuple[int, Finding]]]


def timeline_sheet(findings: Sequence[Finding]) -> Sheet | None:
    """One row per victim, one bar per finding in the colour of its severity; the number is the finding's in the report.

    At most 16 victims with 8 findings each are drawn, worst first; the table behind has all. None if no finding has both a
    victim and a time.
    """
    rows: _Lanes = {}
    for number, found in enumerate(findings, 1):
        for victim in filter(None, [found.whom]):
            if found.first_seen and found.last_seen:
                rows.setdefault(printable(victim, 90), []).append((number, found))
    drawn = {victim: lanes[:_LANES_MAX] for victim, lanes in list(rows.items())[:_VICTIMS_MAX]}
    if not drawn:
        return None
    missing = sum(map(len, rows.values())) - sum(map(len, drawn.values()))
    spec, height = _spec(drawn)
    whom = listing([f"{victim} ({plural(len(lanes), 'finding')})" for victim, lanes in drawn.items()], 8)
    alt = f"When whom was hit, {_span(drawn)}: {whom}." + (
        f" {plural(missing, 'finding')} more are in the table." if missing else ""
    )
    table = tuple(
        (victim, str(number), what(found), span(found.first_seen, found.last_seen), found.severity.word)
        for victim, lanes in rows.items()
        for number, found in lanes
    )
    return Sheet(spec, 0, height, alt, ("Victim", "Finding", "What", "When", "Severity"), table)


def _times_s(lanes: _Lanes) -> tuple[float, float]:
    found = [finding for lane in lanes.values() for _, finding in lane]
    first = min(finding.first_seen.timestamp() for finding in found if finding.first_seen)
    return first, max(finding.last_seen.timestamp() for finding in found if finding.last_seen)


def _span(lanes: _Lanes) -> str:
    first, last = _times_s(lanes)
    return span(at(first), at(last))


def _spec(lanes: _Lanes) -> tuple[Spec, int]:
    first, last = _times_s(lanes)
    margin = max((last - first) * 0.03, 0.5)
    start_s, end_s = math.floor(first - margin), math.ceil(last + margin)
    names: list[Spec] = []
    bars: list[Spec] = []
    labels: list[Spec] = []
    y = 0
    for victim, found in lanes.items():
        names.append({"x": 0, "y": y + 15, "s": victim, "a": "left"})
        y += _NAME
        for number, finding in found:
            bar, label = _bar(number, finding, y, start_s, end_s)
            bars.append(bar)
            labels.append(label)
            y += _LANE
        y += _GAP
    x = pixels("x", WIDTH) | {"axis": None}
    colours = sorted({bar["c"] for bar in bars})
    encoding = {
        "x": x,
        "x2": {"field": "x2"},
        "y": pixels("y", y),
        "y2": {"field": "y2"},
        "color": {"field": "c", "type": "nominal", "legend": None, "scale": {"domain": colours, "range": colours}},
    }
    down = pixels("y", y)
    inside = [label for label in labels if label["in"]]
    beside = [label for label in labels if not label["in"]]
    layers = [
        *_axis(start_s, end_s, y),
        layer("bars", bars, {"type": "rect"}, encoding),
        placed("names", names, down, "ink"),
        placed("labels", beside, down, "ink"),
        placed("labels", inside, down, "surface"),
        hairline(y),
    ]
    return {"width": WIDTH, "height": y, "layer": layers}, y + _AXIS


def _bar(number: int, finding: Finding, y: int, start_s: float, end_s: float) -> tuple[Spec, Spec]:
    """A bar and its label: right of it, else left of it, else on it."""
    assert finding.first_seen and finding.last_seen, "only findings with both times are drawn"
    left, right = ((time.timestamp() - start_s) / (end_s - start_s) * WIDTH for time in (finding.first_seen, finding.last_seen))
    right = max(right, left + 4)  # an instant is still to be seen
    said = f"{number} {what(finding)}"
    bar = {"x": round(left, 1), "x2": round(right, 1), "y": y + 4, "y2": y + 16, "c": severity_colour(finding.severity)}
    label: Spec = {"y": y + 14, "s": said, "in": False}
    if right + 6 + width(said) <= WIDTH:
        return bar, label | {"x": round(right + 6, 1), "a": "left"}
    if left - 6 >= width(said):
        return bar, label | {"x": round(left - 6, 1), "a": "right"}
    return bar, label | {"x": round(left + 5, 1), "a": "left", "in": True}


def _axis(start_s: int, end_s: int, height: int) -> list[Spec]:
    step = next((step for step in _STEPS_S if (end_s - start_s) / step <= _TICKS_MAX), 0) or math.ceil(
        (end_s - start_s) / _TICKS_MAX
    )
    ticks = range(math.ceil(start_s / step) * step, end_s + 1, step)
    labels = []
    for second in ticks:
        x = (second - start_s) / (end_s - start_s) * WIDTH
        time = at(second)
        said = day(time).rpartition(" ")[0] if step >= 86_400 else clock(time) if step < 60 else clock(time)[:5]
        if width(said) / 2 <= x <= WIDTH - width(said) / 2:
            labels.append({"x": round(x, 1), "s": said, "a": "center"})
    lines = {"x": pixels("x", WIDTH), "y": {"value": 0}, "y2": {"value": height}}
    mark = {"type": "rule", "color": tokens()["line"]}
    return [layer("ticks", labels, mark, lines), placed("times", labels, {"value": height + 19})]
