"""Semantic Versioning 2.0.0 (npm, crates.io, Go modules and others) and NuGet's four-part relative of it.

Read leniently, as registries have it: a leading ``v`` or ``=``, missing parts (zero), more than three parts, and a pre-release
without its hyphen. Build metadata does not take part in the order.

Sources: https://semver.org/spec/v2.0.0.html, section 11; https://go.dev/ref/mod#versions;
https://learn.microsoft.com/en-us/nuget/concepts/package-versioning
"""

import re

from tocsin.versions._parts import number, text

_VERSION = re.compile(
    r"[v=\s]*([0-9]+(?:\.[0-9]+)*)(?![0-9])(?:-([0-9A-Za-z.-]+)|([A-Za-z][0-9A-Za-z.-]*))?(?:\+[^\s]*)?\s*", re.ASCII
)
_GO_RELEASE = re.compile(r"go(\d+(?:\.\d+)*)(?:(beta|rc)(\d+))?(?:[ -+].*)?", re.ASCII)
_MORE, _RELEASE, _BEFORE = b"\x04", b"\x03", b"\x01"
_NUMERIC, _WORD, _END = b"\x01", b"\x02", b"\x00"


def semver(version: str, *, fold: bool = False) -> bytes | None:
    """A key, or None where this is no such version. ``fold``: letters compare without case (NuGet)."""
    found = _VERSION.fullmatch(version)
    if not found:
        return None
    parts = found[1].split(".")
    while len(parts) > 3 and not parts[-1].strip("0"):
        parts.pop()
    parts += ["0"] * (3 - len(parts))
    core = b"".join(map(number, parts[:3])) + b"".join(_MORE + number(part) for part in parts[3:])
    before = found[2] or found[3]
    if not before:
        return core + _RELEASE
    names = before.split(".")
    if not all(names):
        return None
    return core + _BEFORE + b"".join(_identifier(name.lower() if fold else name) for name in names) + _END


def _identifier(name: str) -> bytes:
    return _NUMERIC + number(name) if name.isdigit() else _WORD + text(name)


def nuget(version: str) -> bytes | None:
    """As ``semver``; pre-releases compare without case."""
    return semver(version, fold=True)


def go(version: str) -> bytes | None:
    """As ``semver``, pseudo-versions and ``+incompatible`` included; releases of Go itself (``go1.21rc2``) as its database has them."""
    release = _GO_RELEASE.fullmatch(version)
    if not release:
        return semver(version)
    numbers = [*release[1].split("."), "0", "0"][:3]
    return semver(".".join(numbers) + (f"-{release[2]}.{release[3]}" if release[2] else ""))
