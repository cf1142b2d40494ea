"""Versions of PHP packages: Composer's normal form, in the order of PHP's ``version_compare``.

Sources: https://getcomposer.org/doc/articles/versions.md; https://www.php.net/manual/en/function.version-compare.php
"""

import re

from tocsin.versions._parts import chunks, number

_MODIFIER = r"[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*))?([.-]?dev)?"
_CLASSIC = re.compile(r"v?([0-9]{1,5})(\.[0-9]+)?(\.[0-9]+)?(\.[0-9]+)?" + _MODIFIER, re.ASCII | re.IGNORECASE)
_DATED = re.compile(r"v?([0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3}){0,2})" + _MODIFIER, re.ASCII | re.IGNORECASE)
_BRANCH = re.compile(
    r"v?([0-9]+)(\.(?:[0-9]+|[x*]))?(\.(?:[0-9]+|[x*]))?(\.(?:[0-9]+|[x*]))?[.-]?dev", re.ASCII | re.IGNORECASE
)
_BRANCH_PART = "9999999"  # Composer's own: a branch is above all its releases
_RANKS = {"dev": b"\x01", "alpha": b"\x02", "a": b"\x02", "beta": b"\x03", "b": b"\x03", "rc": b"\x04", "patch": b"\x07", "pl": b"\x07", "p": b"\x07"}  # fmt: skip
_END, _NUMBER = b"\x05", b"\x06"


def composer(version: str) -> bytes | None:
    """A key; None for branches by name (``dev-main``), which have no place in the order."""
    plain = version.strip().partition("@")[0].partition("+")[0]
    if found := _CLASSIC.fullmatch(plain):
        parts = [found[1], *((found[at] or ".0")[1:] for at in (2, 3, 4))]
        modifier = found.group(5, 6, 7)
    elif found := _DATED.fullmatch(plain):
        parts, modifier = re.split(r"\D", found[1]), found.group(2, 3, 4)
    elif found := _BRANCH.fullmatch(plain):
        wild = [(found[at] or ".x")[1:].replace("*", "x").lower() for at in (2, 3, 4)]
        return _key([found[1], *(_BRANCH_PART if part == "x" else part for part in wild), "dev"])
    else:
        return None
    word, digits, dev = modifier
    tokens = [*parts, *([] if not word or word.lower() == "stable" else [word.lower(), *_numbers(digits)])]
    return _key([*tokens, *(["dev"] if dev and (word or "").lower() != "stable" else [])])


def _numbers(text: str | None) -> list[str]:
    return [chunk for chunk in chunks(text or "") if chunk.isdigit()]


def _key(tokens: list[str]) -> bytes:
    return b"".join(_RANKS.get(token) or _NUMBER + number(token) for token in tokens) + _END
