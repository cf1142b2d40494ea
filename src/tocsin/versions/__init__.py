"""Versions as bytes: in each ecosystem's own order, a version sorts as its key does."""

from collections.abc import Callable
from functools import lru_cache

from tocsin.versions._parts import LENGTH_MAX
from tocsin.versions.composer import composer
from tocsin.versions.distros import apk, dpkg, rpm
from tocsin.versions.padded import gem, generic, maven
from tocsin.versions.pep440 import pep440
from tocsin.versions.semver import go, nuget, semver

# By the names of https://github.com/package-url/vers-spec, in this order in packs: append only.
SCHEMES: dict[str, Callable[[str], bytes | None]] = {
    "generic": generic,
    "semver": semver,
    "npm": semver,
    "cargo": semver,
    "golang": go,
    "pypi": pep440,
    "deb": dpkg,
    "rpm": rpm,
    "apk": apk,
    "maven": maven,
    "gem": gem,
    "composer": composer,
    "nuget": nuget,
}


@lru_cache(maxsize=1 << 16)
def key(scheme: str, version: str) -> bytes | None:
    """The key of a version: ``key(s, a) < key(s, b)`` exactly if ``a`` is before ``b`` in that ecosystem.

    Args:
        scheme: One of ``SCHEMES``.
        version: As written, surrounding blanks aside.

    Returns:
        Bytes to compare with keys of the same scheme alone; None for what is no version there, or longer than 500 characters.
    """
    return SCHEMES[scheme](version) if version and len(version) <= LENGTH_MAX else None


__all__ = ["LENGTH_MAX", "SCHEMES", "key"]
