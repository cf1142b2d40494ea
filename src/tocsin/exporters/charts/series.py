"""One finding's series: the attack against its own usual."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime

from tocsin.exporters.charts._draw import (
    WIDTH,
    Sheet,
    Spec,
    at,
    hairline,
    layer,
    placed,
    severity_colour,
    text,
    tokens,
    width,
)
from tocsin.exporters.words import usually
from tocsin.model import Finding, Series
from tocsin.model.text import clock, day, duration, listing, number, printable, rate, span

_POINTS_MAX, _COLUMNS_MAX, _TABLE_ROWS_MAX = 320, 40, 24
_TOP, _PLOT, _BOTTOM = 24, 136, 26
_Label = tuple[float, str, str]  # x, text, alignment


def series_sheet(finding: Finding) -> Sheet | None:
    """A line (few steps: columns; one step: a bar) over a dashed line for the usual; the time of attack is a pale band.

    None without a series, or with one that has no values or no positive step.
    """
    series = finding.series
    if series is None or not series.values or series.step_s <= 0:
        return None
    values = [value if math.isfinite(value) and value > 0 else 0.0 for value in series.values]
    usual = series.usual if series.usual is not None and math.isfinite(series.usual) and series.usual >= 0 else None
    unit = printable(series.unit, 40)
    header = ("Time (UTC)", f"Highest, {unit}")
    alt = _alt(finding, series, values, usual, unit)
    if len(values) == 1:
        height = 92 if usual is not None else 46
        return Sheet(_bars(finding, series, values[0], usual, unit), 0, height, alt, header, _rows(series, values, unit))
    spec = _Plot(finding, series, values, usual, unit).spec()
    return Sheet(spec, _TOP, _TOP + _PLOT + _BOTTOM, alt, header, _rows(series, values, unit))


def _alt(finding: Finding, series: Series, values: Sequence[float], usual: float | None, unit: str) -> str:
    named = finding.named("victim") or tuple(entity.value for entity in finding.entities[:1])
    whom = listing([printable(name, 60) for name in named], 3) or "The finding"
    against = f"usual: {usually(usual, unit)}" if usual is not None else "the evidence has nothing to compare it with"
    much = _all_in_one(finding, series, values[0], unit) if len(values) == 1 else f"up to {rate(max(values), unit)}"
    return f"{whom}: {much}; {against}. Time of the finding: {span(finding.first_seen, finding.last_seen)}."


def _rows(series: Series, values: Sequence[float], unit: str) -> tuple[tuple[str, ...], ...]:
    run = math.ceil(len(values) / _TABLE_ROWS_MAX)
    starts = [(first, at(series.start_s + first * series.step_s)) for first in range(0, len(values), run)]
    return tuple((f"{day(time)}, {clock(time)}", rate(max(values[first : first + run]), unit)) for first, time in starts)


def _bars(finding: Finding, series: Series, value: float, usual: float | None, unit: str) -> Spec:
    top = max(value, usual or 0) or 1
    scale = {"domain": [0, top], "nice": False}
    x = {"field": "v", "type": "quantitative", "axis": None, "scale": scale}
    colour = severity_colour(finding.severity)
    layers = [
        layer("attack", [{"v": value}], {"type": "bar", "color": colour, "height": 14}, {"x": x, "y": {"value": 34}}),
        text("peak", [{"s": _all_in_one(finding, series, value, unit)}], "ink", {"x": {"value": 0}, "y": {"value": 18}}),
    ]
    if usual is not None:
        mark = {"type": "bar", "color": tokens()["muted"], "height": 14}
        said = [{"s": f"usual: {usually(usual, unit)}"}]
        layers += [
            layer("ordinary", [{"v": max(usual, top * 0.003)}], mark, {"x": x, "y": {"value": 80}}),
            text("usual", said, "muted", {"x": {"value": 0}, "y": {"value": 64}}),
        ]
    return {"width": WIDTH, "height": 92 if usual is not None else 46, "layer": layers}


def _all_in_one(finding: Finding, series: Series, value: float, unit: str) -> str:
    """What one step holds. Shorter than the step, it is told as an amount: a rate would be the step's, not the attack's."""
    if finding.first_seen and finding.last_seen:
        took_s = (finding.last_seen - finding.first_seen).total_seconds()
        if took_s < series.step_s:
            much = f"{number(value * series.step_s)} {unit.removesuffix('/s')}" if unit != "bits/s" else rate(value, unit)
            return f"{much}, all within {duration(took_s)}" if took_s > 0 else f"{much}, all at one instant"
    return f"{rate(value, unit)} within one step of {duration(series.step_s)}"


class _Plot:
    """Values over time; holds the scales that its layers share."""

    def __init__(self, finding: Finding, series: Series, values: Sequence[float], usual: float | None, unit: str) -> None:
        self.values, self.usual, self.unit = values, usual, unit
        self.first, self.last = finding.first_seen, finding.last_seen
        self.colour = severity_colour(finding.severity)
        self.columns = len(values) <= _COLUMNS_MAX
        self.start_s, self.step_s = series.start_s, series.step_s
        self.end_s = series.start_s + series.step_s * (len(values) if self.columns else len(values) - 1)
        self.top = max(*values, usual or 0) or 1
        x_scale = {"type": "utc", "domain": [self.start_s * 1000, self.end_s * 1000], "range": [0, WIDTH], "nice": False}
        self.x = {"field": "t", "type": "temporal", "axis": None, "scale": x_scale}
        self.y = {"field": "v", "type": "quantitative", "axis": None, "scale": {"domain": [0, self.top], "nice": False}}

    def spec(self) -> Spec:
        layers = [
            *self._band(),
            *self._ordinary(),
            self._attack(),
            hairline(_PLOT),
            *self._usual(),
            *self._peak(),
            self._times(),
        ]
        return {"width": WIDTH, "height": _PLOT, "layer": layers}

    def _x(self, time: datetime) -> float:
        """Pixels from the left, kept within the chart."""
        return min(max((time.timestamp() - self.start_s) / (self.end_s - self.start_s), 0), 1) * WIDTH

    def _band(self) -> list[Spec]:
        if self.first is None or self.last is None:
            return []
        left = self._x(self.first)
        encoding = {
            "x": {"value": round(left, 1)},
            "x2": {"value": round(max(self._x(self.last), left + 2), 1)},
            "y": {"value": -_TOP},
            "y2": {"value": _PLOT},
        }
        return [layer("band", [{}], {"type": "rect", "color": self.colour, "opacity": 0.09}, encoding)]

    def _ordinary(self) -> list[Spec]:
        if self.usual is None:
            return []
        mark = {"type": "rule", "color": tokens()["muted"], "strokeDash": [3, 3]}
        return [layer("ordinary", [{"v": self.usual}], mark, {"x": {"value": 0}, "x2": {"value": WIDTH}, "y": self.y})]

    def _attack(self) -> Spec:
        start_ms, step_ms = self.start_s * 1000, self.step_s * 1000
        if self.columns:
            data = [
                {"t": start_ms + step_ms * step, "u": start_ms + step_ms * (step + 0.92), "v": value}
                for step, value in enumerate(self.values)
            ]
            encoding = {"x": self.x, "x2": {"field": "u"}, "y": self.y, "y2": {"datum": 0}}
            return layer("attack", data, {"type": "rect", "color": self.colour}, encoding)
        data = [{"t": start_ms + step_ms * step, "v": value} for step, value in _thinned(self.values)]
        mark = {"type": "line", "color": self.colour, "strokeWidth": 2, "strokeJoin": "round"}
        return layer("attack", data, mark, {"x": self.x, "y": self.y})

    def _usual(self) -> list[Spec]:
        """Above the dashed line, where there is room beside the attack; with a rim, so that it can be read on lines."""
        if self.usual is None:
            return []
        said = f"usual: {usually(self.usual, self.unit)}"
        before = self._x(self.first) if self.first else 0.0
        after = WIDTH - self._x(self.last) if self.last else 0.0
        right = after > before and before < width(said)
        level = _PLOT * (1 - self.usual / self.top)
        where = {"x": {"value": WIDTH - 4 if right else 4}, "y": {"value": round(max(level - 14, 10), 1)}}
        rim = {"stroke": tokens()["surface"], "strokeWidth": 4, "strokeJoin": "round"}
        align = "right" if right else "left"
        return [
            text("usual", [{"s": said}], "surface", where, align=align, **rim),
            text("usual", [{"s": said}], "muted", where, align=align),
        ]

    def _peak(self) -> list[Spec]:
        step = self.values.index(max(self.values)) + (0.46 if self.columns else 0)
        x = step * self.step_s / (self.end_s - self.start_s) * WIDTH
        said = rate(max(self.values), self.unit)
        half = width(said) / 2
        align = "left" if x < half else "right" if x > WIDTH - half else "center"
        where = {"x": {"value": round(x, 1)}}
        label = text("peak", [{"s": said}], "ink", where | {"y": {"value": -9}}, align=align)
        if self.columns:
            return [label]
        dot = {"type": "circle", "color": self.colour, "size": 36, "opacity": 1}
        return [layer("dot", [{}], dot, where | {"y": {"value": 0}}), label]

    def _times(self) -> Spec:
        """Onset and end below; the chart's own first and last time where there is room."""
        labels = self._onset_and_end()
        ends: list[_Label] = [(0, clock(at(self.start_s)), "left"), (WIDTH, clock(at(self.end_s)), "right")]
        labels += [label for label in ends if not any(_overlap(label, other) for other in labels)]
        data = [{"x": round(x, 1), "s": said, "a": align} for x, said, align in labels]
        return placed("times", data, {"value": _PLOT + 18})

    def _onset_and_end(self) -> list[_Label]:
        if self.first is None or self.last is None:
            return []
        onset, end = f"{clock(self.first)} onset", f"{clock(self.last)} end"
        left, right = self._x(self.first), self._x(self.last)
        if right - left >= width(onset) + width(end):
            return [(left, onset, "left"), (right, end, "right")]
        if left >= width(onset) and WIDTH - right >= width(end):
            return [(left, onset, "right"), (right, end, "left")]
        whole = f"{clock(self.first)} to {clock(self.last)}" if clock(self.first) != clock(self.last) else clock(self.first)
        half = width(whole) / 2
        return [(min(max((left + right) / 2, half), WIDTH - half), whole, "center")]


def _thinned(values: Sequence[float]) -> list[tuple[int, float]]:
    """At most 320 ``(step, value)``; of each run of steps the highest is kept, so that no peak is lost."""
    run = math.ceil(len(values) / _POINTS_MAX)
    highest: Callable[[tuple[int, float]], float] = lambda point: point[1]  # noqa: E731
    return [max(enumerate(values[first : first + run], first), key=highest) for first in range(0, len(values), run)]


def _overlap(one: _Label, other: _Label) -> bool:
    left, right = _extent(one)
    other_left, other_right = _extent(other)
    return left <= other_right and other_left <= right


def _extent(label: _Label) -> tuple[float, float]:
    x, said, align = label
    left = x - {"left": 0, "center": width(said) / 2, "right": width(said)}[align]
    return left, left + width(said)
