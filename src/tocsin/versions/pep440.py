"""Versions of Python packages.

Source: https://packaging.python.org/en/latest/specifications/version-specifiers/
"""

import re

from tocsin.versions._parts import number, text

_VERSION = re.compile(
    r"""\s*v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_number>[0-9]*))?
    (?P<post>-(?P<bare>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>[0-9]*))?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_number>[0-9]*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_ALPHA, _BETA, _CANDIDATE = b"\x01", b"\x02", b"\x03"
_PRE = {"a": _ALPHA, "alpha": _ALPHA, "b": _BETA, "beta": _BETA, "c": _CANDIDATE, "rc": _CANDIDATE, "pre": _CANDIDATE, "preview": _CANDIDATE}  # fmt: skip
_DEV_OF_RELEASE, _NO_PRE = b"\x00", b"\x04"
_NONE, _SOME = b"\x00", b"\x01"


def pep440(version: str) -> bytes | None:
    """A key, or None where this is no version by PEP 440."""
    found = _VERSION.fullmatch(version)
    if not found:
        return None
    release = found["release"].split(".")
    while len(release) > 1 and not release[-1].strip("0"):
        release.pop()
    key = number(found["epoch"] or "") + b"".join(_SOME + number(part) for part in release) + _NONE
    if found["pre"]:
        key += _PRE[found["pre"].lower()] + number(found["pre_number"])
    else:  # a development release of the final one comes before its pre-releases
        key += _DEV_OF_RELEASE if found["dev"] and not found["post"] else _NO_PRE
    key += _SOME + number(found["bare"] or found["post_number"] or "") if found["post"] else _NONE
    key += _NONE + number(found["dev_number"]) if found["dev"] else _SOME
    local = re.split(r"[-_.]", found["local"].lower()) if found["local"] else []
    return key + b"".join(b"\x02" + number(part) if part.isdigit() else _SOME + text(part) for part in local) + _NONE
