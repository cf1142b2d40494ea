"""How numbers, times and foreign text are written for people; the same in the terminal, the page and the PDF.

Every function here is pure and takes no locale: digits are grouped by commas, times are UTC, prefixes are decimal (SI).
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MARKS_MAX = 3  # marks stacked on one letter; Vietnamese and pointed Hebrew need no more
# Control; format (bidirectional overrides, zero width, tags); lone surrogates; private, unassigned; line and paragraph breaks.
_NEUTRALISED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs by category, nothing to the eye
_PLAIN = re.compile(r"[ -~]*")


def printable(text: object, limit: int = 2_000) -> str:
    """Text from evidence, made safe to look at: one line, nothing that moves the cursor, hides or reorders what is read.

    Control and format characters (ANSI escapes, right-to-left overrides, zero-width and tag characters), unassigned code points
    and lone surrogates become visible escapes such as ``\\x1b`` or ``\\u202e``; marks stacked more than three deep are dropped.
    Letters of every script stay. This is not an escape for HTML or typst: those have their own.

    Args:
        text: Anything; not a string is turned into one.
        limit: Longest result in characters; what was cut off is counted at its end.
    """
    given = text if isinstance(text, str) else str(text)
    kept = given[:limit]
    if not _PLAIN.fullmatch(kept):
        kept = "".join(_visible(kept))
    if len(given) <= limit and len(kept) <= limit:
        return kept
    tail = f"… ({max(len(given), limit):,} characters)"
    return kept[: max(limit - len(tail), 0)] + tail


def _visible(text: str) -> Iterable[str]:
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if character == "\t" or category == "Zs":
            yield " "
        elif category in _NEUTRALISED or character in _BLANK:
            yield character.encode("unicode_escape", "surrogatepass").decode("ascii")
        elif marks <= _MARKS_MAX:
            yield character


def number(value: float) -> str:
    """Digits in groups: ``37,623``; one decimal below 10, none above; large ones in words: ``1.2 million``."""
    if not math.isfinite(value):
        return "unknown"
    magnitude = abs(value)
    for unit, word in _LARGE:
        if magnitude >= unit * 0.9995:
            return f"{_three(value / unit)} {word}"
    return _three(value)


def count(value: float) -> str:
    """A whole number, exactly: ``1,204,224``. For byte offsets, rows, files."""
    return f"{round(value):,}" if math.isfinite(value) else "unknown"


def rate(value: float, unit: str) -> str:
    """A rate in words, ``1.2 million packets/s``; bits get a prefix, ``5.1 Gbit/s``."""
    return bit_rate(value) if unit == "bits/s" else f"{number(value)} {unit}"


def bit_rate(bits_per_s: float) -> str:
    """``5.1 Gbit/s``, decimal prefixes."""
    return _prefixed(bits_per_s, "bit/s")


def size(size_bytes: float) -> str:
    """``3.1 GB``, decimal prefixes."""
    return _prefixed(size_bytes, "B")


def _prefixed(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "unknown"
    # From 999.5 on, three digits would read 1,000: the next prefix is nearer to how people say it.
    for factor, prefix in _PREFIXES:
        if abs(value) >= factor * 0.9995:
            return f"{_three(value / factor)} {prefix}{unit}"
    return f"{_three(value)} {unit}"


def _three(value: float) -> str:
    """A number for the eye: one decimal below 100 unless it is zero, digits in groups."""
    rounded = round(value, 1) if abs(value) < 99.95 else round(value)
    if rounded == 0 and value:
        return f"{value:.1g}" if abs(value) >= 0.0001 else "< 0.0001"
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def percent(ratio: float) -> str:
    """``99.8 %``; what is not quite all or nothing never reads as such: ``> 99.9 %``, ``< 0.1 %``."""
    if not math.isfinite(ratio):
        return "unknown"
    if ratio in (0, 1):
        return f"{ratio:.0%}".replace("%", " %")
    if 0 < ratio < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= ratio < 1:
        return "> 99.9 %"
    return f"{ratio * 100:.1f} %"


def duration(seconds: float) -> str:
    """``23 ms``, ``4.5 s``, ``45 s``, ``2 min 30 s``, ``14 min``, ``3 h 20 min``, ``2 d 4 h``; zero: ``one instant``."""
    if not math.isfinite(seconds) or seconds < 0:
        return "unknown"
    if seconds == 0:
        return "one instant"
    if seconds < 0.001:
        return "under 1 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{_three(seconds)} s"
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return _two(round(seconds), 60, "min", 1, "s")
    if seconds < 3570:
        return f"{seconds / 60:.0f} min"
    if seconds < 86_400 - 30:
        return _two(round(seconds / 60), 60, "h", 1, "min")
    return _two(round(seconds / 3600), 24, "d", 1, "h")


def _two(amount: int, per_large: int, large: str, per_small: int, small: str) -> str:
    whole, rest = divmod(amount, per_large)
    return f"{whole} {large} {rest // per_small} {small}" if rest else f"{whole} {large}"


def instant(time: datetime | None) -> str:
    """``15 Feb 2022, 13:02:11 UTC``; ``unknown`` for None."""
    return f"{day(time)}, {clock(time)} UTC" if time else "unknown"


def day(time: datetime) -> str:
    """``15 Feb 2022``, in UTC."""
    utc = time.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def clock(time: datetime) -> str:
    """``13:02:11``, in UTC."""
    return time.astimezone(UTC).strftime("%H:%M:%S")


def span(first: datetime | None, last: datetime | None) -> str:
    """``15 Feb 2022, 13:02:11 to 13:16:40 UTC``; the day is repeated only where it changes."""
    if first is None or last is None:
        return instant(first or last)
    if clock(first) == clock(last) and day(first) == day(last):
        return instant(first)
    end = clock(last) if day(first) == day(last) else f"{day(last)}, {clock(last)}"
    return f"{day(first)}, {clock(first)} to {end} UTC"


def plural(amount: int, noun: str, many: str = "") -> str:
    """``1 file``, ``3 files``, ``no files``; ``many`` where the plural is not the noun and an s."""
    return f"{count(amount) if amount else 'no'} {noun if amount == 1 else many or noun + 's'}"


def listing(items: Iterable[str], limit: int = 5) -> str:
    """``a, b and c``; beyond ``limit``: ``a, b and 7 more``."""
    named = list(items)
    if len(named) > limit:
        named = [*named[: limit - 1], f"{count(len(named) - limit + 1)} more"]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}" if named else ""
