"""Orders that pad the shorter version: Maven, RubyGems, and ours for software of no ecosystem.

Sources: https://maven.apache.org/pom.html#version-order-specification (as Maven 3.8 does it);
https://docs.ruby-lang.org/en/3.3/Gem/Version.html
"""

import re

from tocsin.versions._parts import Item, chunks, number_item, padded, sign_of, text, word_item

_MAVEN = re.compile(r"[0-9a-z]")
_MAVEN_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_MAVEN_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_MAVEN_KNOWN = ("alpha", "beta", "milestone", "rc", "snapshot", "", "sp")
_MAVEN_RELEASE = _MAVEN_KNOWN.index("")


def maven(version: str) -> bytes | None:
    """A key; every text with a letter or digit is a version to Maven.

    Maven's order is not quite one: ``1.0.alpha`` is below ``1``, which is below ``1.sp``, which is below ``1.0.alpha``. Of such
    triples the key keeps the first two.
    """
    lowered = version.strip().lower()
    return padded(_maven_lists(lowered)) if lowered.isascii() and _MAVEN.search(lowered) else None


def _maven_lists(version: str) -> list[Item]:
    """Hyphens, changes between digits and letters, and a word at the end open a list within the list, up to the version's end."""
    lists: list[list[Item]] = []
    dashed = version.split("-")
    for at, between in enumerate(dashed):
        lists.append([])
        dotted = between.split(".")
        for place, part in enumerate(dotted):
            runs, last = chunks(part), (at, place) == (len(dashed) - 1, len(dotted) - 1)
            if not runs and not last:
                lists[-1].append(number_item("0"))
            for run, following in zip(runs, [*runs[1:], ""], strict=False):
                if lists[-1] and not run.isdigit() and (following or last):
                    lists.append([])
                lists[-1].append(_maven_item(run, followed=bool(following)))
                if following:
                    lists.append([])
    items: list[Item] = []
    for inner in reversed(lists):
        items = _maven_trimmed([*inner, items] if items else inner)
    return items


def _maven_item(run: str, *, followed: bool) -> Item:
    if run.isdigit():
        return number_item(run)
    word = _MAVEN_SHORT.get(run, run) if followed else run
    word = _MAVEN_ALIASES.get(word, word)
    if word not in _MAVEN_KNOWN:
        return word_item(1, bytes((len(_MAVEN_KNOWN) + 1,)) + text(word))
    rank = _MAVEN_KNOWN.index(word)
    return word_item((rank > _MAVEN_RELEASE) - (rank < _MAVEN_RELEASE), bytes((rank + 1,)))


def _maven_trimmed(items: list[Item]) -> list[Item]:
    """Without what is as good as nothing at the end, and before the list at the end."""
    tail = [items.pop()] if items and isinstance(items[-1], list) else []
    while items and not isinstance(items[-1], list) and items[-1][0] == 0:
        items.pop()
    return items + tail


_GEM = re.compile(r"\s*[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\s*", re.ASCII)
_GEM_SEGMENT = re.compile(r"[0-9]+|[a-zA-Z]+", re.ASCII)


def gem(version: str) -> bytes | None:
    """A key, or None where RubyGems would not take the version."""
    if not _GEM.fullmatch(version):
        return None
    segments = _GEM_SEGMENT.findall(version.replace("-", ".pre."))
    first = next((at for at, segment in enumerate(segments) if not segment.isdigit()), len(segments))
    numbers = segments[:first]
    while numbers and not numbers[-1].strip("0"):
        numbers.pop()
    return padded([number_item(s) if s.isdigit() else word_item(-1, text(s)) for s in numbers + segments[first:]])


_GENERIC = re.compile(r"[0-9]+|[a-z]+", re.ASCII)
_GENERIC_BEFORE = {"dev": 1, "snapshot": 1, "alpha": 2, "a": 2, "beta": 3, "b": 3, "m": 4, "milestone": 4, "pre": 5, "preview": 5, "rc": 6, "cr": 6}  # fmt: skip
_GENERIC_NOTHING = {"final", "ga", "release", "stable"}


def generic(version: str) -> bytes | None:
    """A key for software of no ecosystem: numbers by value, words of pre-releases before the release, other letters after it.

    ``1.0.2`` is below ``1.0.2k``; ``1.0-rc1`` below ``1.0``; ``1.0`` as ``1.0.0``. One letter right after a number is a patch
    (OpenSSL), even an ``a`` or a ``b``, unless a number follows it (``1.0b2``). Build metadata after ``+`` does not count.
    """
    lowered = version.strip().lower().partition("+")[0]
    found = list(_GENERIC.finditer(lowered.removeprefix("v")))
    if not found or not any(match[0].isdigit() for match in found):
        return None
    items: list[Item] = []
    for at, match in enumerate(found):
        word = match[0]
        if word.isdigit():
            items.append(number_item(word))
        elif word not in _GENERIC_NOTHING:
            numbered = at + 1 < len(found) and found[at + 1][0].isdigit() and found[at + 1].start() == match.end()
            rank = _GENERIC_BEFORE.get(word, 0) if len(word) > 1 or numbered else 0
            items.append(word_item(-1, bytes((rank,))) if rank else word_item(1, b"\x10" + text(word)))
    while items and sign_of(items[-1:]) == 0:
        items.pop()
    return padded(items)
