"""Ranges of versions as half-open intervals of keys: whoever writes a range in whatever words, a version is in it or not.

Sources: https://ossf.github.io/osv-schema/#evaluation; https://github.com/package-url/vers-spec
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tocsin.versions import SCHEMES, key

# After every key and after what closes one: no key begins with so many.
END = b"\xff" * 4
_ALIASES = {"alpine": "apk", "debian": "deb", "go": "golang", "golang": "golang", "crates.io": "cargo", "rubygems": "gem"}


class RangeError(ValueError):
    """A range names what is no version of its scheme."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Versions from ``low`` up to but not including ``high``, as keys.

    Attributes:
        low: b"" for all before ``high``.
        high: ``END`` for all after ``low``. The bound of a last affected version is its key and a zero byte: the next key there is.
        fixed: The version that ends it, as written, if that is a fix; "" else.
        last: The last version in it, as written, where that is what is known; "" else.
    """

    low: bytes = b""
    high: bytes = END
    fixed: str = ""
    last: str = ""

    def holds(self, version: bytes) -> bool:
        """Whether a version's key is in it."""
        return self.low <= version < self.high


def bound(scheme: str, version: str) -> bytes:
    """The key of a version, or RangeError."""
    found = key(scheme, version.strip())
    if found is None:
        raise RangeError(f"{version[:60]!r} is no version of {scheme}")
    return found


def after(version: bytes) -> bytes:
    """The least bytes above a key: what is below them is that key or less."""
    return version + b"\x00"


def from_events(scheme: str, events: Iterable[Mapping[str, str]]) -> list[Interval]:
    """Intervals of OSV events (``introduced``, ``fixed``, ``last_affected``, ``limit``), in the order of versions.

    Raises:
        RangeError: An event names no version of the scheme.
    """
    points = [point for event in events for point in _points(scheme, event)]
    points.sort(key=lambda point: point[0])  # stable: of two at one version, the later counts
    found: list[Interval] = []
    low: bytes | None = None
    for at, opens, fixed, last in points:
        if opens:
            low = at if low is None else low
        elif low is not None:
            if low < at:
                found.append(Interval(low, at, fixed, last))
            low = None
    if low is not None:
        found.append(Interval(low))
    return found


def _points(scheme: str, event: Mapping[str, str]) -> Iterable[tuple[bytes, bool, str, str]]:
    """``(bound, whether it opens, fixed, last affected)``."""
    for kind, version in event.items():
        if kind == "introduced":
            yield (b"" if version == "0" else bound(scheme, version)), True, "", ""
        elif kind == "fixed":
            yield bound(scheme, version), False, version, ""
        elif kind == "last_affected":
            yield after(bound(scheme, version)), False, "", version
        elif kind == "limit" and version != "*":
            yield bound(scheme, version), False, "", ""


def from_vers(text: str) -> tuple[str, list[Interval]]:
    """The scheme and intervals of a ``vers:`` range, such as ``vers:pypi/>=1.0|<2.1|!=1.5``.

    Raises:
        RangeError: It is none, of a scheme we do not know, or names no version of it.
    """
    head, _, constraints = text.strip().partition("/")
    prefix, _, named = head.partition(":")
    scheme = _ALIASES.get(named.lower(), named.lower())
    if prefix != "vers" or scheme not in SCHEMES or not constraints:
        raise RangeError(f"expected vers:SCHEME/CONSTRAINTS with a scheme of {', '.join(SCHEMES)}, found {text[:60]!r}")
    if constraints.strip() == "*":
        return scheme, [Interval()]
    holes, singles, edges = [], [], []
    for part in constraints.split("|"):
        sign = next((one for one in (">=", "<=", "!=", ">", "<", "=") if part.strip().startswith(one)), "")
        version = unquote(part.strip().removeprefix(sign).strip())
        at = bound(scheme, version)
        if sign == "!=":
            holes.append((at, after(at)))
        elif sign in ("", "="):
            singles.append(Interval(at, after(at), last=version))
        else:
            edges.append((at if sign in (">=", "<") else after(at), sign, version))
    found = _between(sorted(edges, key=lambda edge: edge[0]), open_below=bool(holes) and not singles and not edges)
    for low, high in holes:
        found = [part for one in found for part in _without(one, low, high)]
    return scheme, sorted(found + singles, key=lambda one: (one.low, one.high))


def _between(edges: list[tuple[bytes, str, str]], *, open_below: bool) -> list[Interval]:
    found: list[Interval] = []
    low: bytes | None = b"" if open_below or (edges and edges[0][1] in ("<", "<=")) else None
    for at, sign, version in edges:
        if sign in (">", ">="):
            low = at if low is None else low
        elif low is not None:
            fixed, last = (version, "") if sign == "<" else ("", version)
            found += [Interval(low, at, fixed, last)] if low < at else []
            low = None
    return [*found, Interval(low)] if low is not None else found


def _without(one: Interval, low: bytes, high: bytes) -> list[Interval]:
    if not one.low <= low < one.high:
        return [one]
    parts = [Interval(one.low, low), Interval(high, one.high, one.fixed, one.last)]
    return [part for part in parts if part.low < part.high]
