"""When something began and ended: change points in per-second counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tocsin.model import Series

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds ``start`` to ``end`` (Unix, both included), and what was usual outside (per second; None if there is no outside)."""

    start: int
    end: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Spell:
    """A window and the counts around it: ``line`` holds one value per second from Unix second ``start``."""

    window: Window
    line: Array
    start: int

    @property
    def inside(self) -> Array:
        """The window's counts."""
        return self.line[self.window.start - self.start : self.window.end - self.start + 1]


SPAN_S_MAX = 2_000_000


def spans(hours: Iterable[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Times that evidence covers, from its busy hours ``(hour number, first second, last second)``: neighbouring hours join.

    Evidence of different years may lie in one folder; a count per second from the first to the last would be of nothing, mostly.
    Longer spans than 23 days are cut.
    """
    found: list[tuple[int, int]] = []
    previous = None
    for hour, first, last in sorted(hours):
        if found and previous is not None and hour - previous <= 1 and last - found[-1][0] < SPAN_S_MAX:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
        previous = hour
    return found


def spells(
    seconds: Array, counts: Array, covered: Sequence[tuple[int, int]], *, factor_min: float = 4.0, share_min: float = 0.05
) -> Iterator[Spell]:
    """Windows of a sparse series, in each span that evidence covers; the limits are those of ``windows``."""
    for first, last in covered:
        mask = (seconds >= first) & (seconds <= last)
        if not mask.any():
            continue
        line = dense(seconds[mask], counts[mask], first, last)
        for window in windows(line, first, factor_min=factor_min, share_min=share_min):
            margin = max(60, (window.end - window.start) // 3)
            low, high = max(0, window.start - first - margin), window.end - first + margin + 1
            yield Spell(window, line[low:high].copy(), first + low)


def chart(spell: Spell, unit: str, most: int = 1_200) -> Series:
    """What a report draws: the window with a third of its length around it, at most ``most`` points (each the largest of its step)."""
    step = max(1, -(-len(spell.line) // most))
    padded = np.pad(spell.line, (0, -len(spell.line) % step))
    values = padded.reshape(-1, step).max(axis=1)
    return Series(spell.start, step, unit, tuple(float(value) for value in values), spell.window.usual)


def dense(seconds: Array, counts: Array, first: int, last: int) -> Array:
    """Counts per second from ``first`` to ``last``, zero where nothing was seen."""
    line = np.zeros(last - first + 1, np.int64)
    np.add.at(line, np.asarray(seconds, np.int64) - first, np.asarray(counts, np.int64))
    return line


def windows(line: Array, first: int, *, factor_min: float = 4.0, gap_s: int = 60, share_min: float = 0.05) -> list[Window]:
    """Split a series into the times when it ran high.

    Two levels are fitted to the logarithm of the counts (Otsu's threshold, https://doi.org/10.1109/TSMC.1979.4310076): where the
    upper is ``factor_min`` times the lower or more, seconds of the upper level are high. Otherwise there is no change, and the
    whole series is one window with nothing to compare it with.

    Args:
        line: Counts per second, first one at Unix second ``first``.
        gap_s: High seconds at most this far apart belong together: attacks come in pulses.
        share_min: Bursts with less than this share of the largest one's packets are dropped as ordinary; 0 where the series holds
            nothing ordinary.
    """
    present = np.flatnonzero(line)
    if not len(present):
        return []
    whole = Window(first + int(present[0]), first + int(present[-1]), None)
    if len(line) < 4:
        return [whole]
    high = _high(line, factor_min)
    if high.all() or not high.any() or line[high].mean() < factor_min * max(line[~high].mean(), 0.25):
        return [whole]
    spans = _runs(line, np.flatnonzero(high), share_min)
    outside = np.ones(len(line), bool)
    for start, end in spans:
        outside[start : end + 1] = False
    usual = _usual(line[outside]) if outside.any() else float(line[~high].mean())
    spread = float(np.sqrt(line[outside].var())) if outside.any() else 0.0
    found = []
    for start, end in spans:
        # The two-level threshold lies half-way up a ramp; the onset is where counts first leave the usual.
        while start > 0 and line[start - 1] > usual + 4 * spread + 2:
            start -= 1
        while end < len(line) - 1 and line[end + 1] > usual + 4 * spread + 2:
            end += 1
        found.append((start, end))
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start - merged[-1][1] <= gap_s:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [Window(first + start, first + end, usual) for start, end in merged]


def _high(line: Array, factor_min: float) -> Array:
    """Seconds of the upper level. A minute among the seconds of a day is too rare for two levels: then what is far above the middle."""
    logs = np.log1p(line)
    high: Array = logs > _otsu(logs)
    middle = float(np.median(line))
    split = high.any() and not high.all() and line[high].mean() >= factor_min * max(line[~high].mean(), 0.25)
    return high if split or middle < 1 else line > 3 * factor_min * middle


def _runs(line: Array, marks: Array, share_min: float, pause_s: int = 5) -> list[tuple[int, int]]:
    """Runs of high seconds with short pauses, without the small ones: an ordinary burst a minute before is not the onset."""
    parts = np.split(marks, np.flatnonzero(np.diff(marks) > pause_s) + 1)
    spans = [(int(part[0]), int(part[-1])) for part in parts]
    totals = [int(line[start : end + 1].sum()) for start, end in spans]
    return [span for span, total in zip(spans, totals, strict=True) if total >= share_min * max(totals)]


def _usual(outside: Array) -> float:
    """The mean without the highest twentieth: ordinary bursts are not what is usual."""
    return round(float(np.minimum(outside, np.quantile(outside, 0.95)).mean()), 3)


def _otsu(values: Array) -> float:
    if values.min() == values.max():
        return float(values.max())
    counts, edges = np.histogram(values, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    sum_below, sum_above = np.cumsum(counts * middles), np.cumsum((counts * middles)[::-1])[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below[:-1] * above[1:] * (sum_below[:-1] / below[:-1] - sum_above[1:] / above[1:]) ** 2
    return float(edges[1:-1][int(np.nanargmax(between))])


def by_number(rows: pa.Table) -> dict[int, list[dict[str, Any]]]:
    """A query's rows by the number of the window they belong to."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.to_pylist():
        found.setdefault(row["number"], []).append(row)
    return found


def ranked(rows: pa.Table, column: str, amount: str) -> dict[int, tuple[tuple[Any, int], ...]]:
    """Per window ``(value, amount)``, in the order of ``rank``."""
    return {
        number: tuple((row[column], row[amount]) for row in sorted(mine, key=lambda row: row["rank"]))
        for number, mine in by_number(rows).items()
    }
