"""Words a reader may not know, each in a sentence or two of plain language."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means.

    Attributes:
        key: The word as a machine writes it; for vectors, the value of ``terms.Vector``.
        term: The word as it is shown.
        forms: Other spellings of it.
        meaning: One to four plain sentences.
        source: Who defines it; "" where it is our own word.
    """

    key: str
    term: str
    forms: tuple[str, ...]
    meaning: str
    source: str


@cache
def glossary() -> dict[str, Term]:
    """All terms by key, in file order."""
    text = resources.files(__package__).joinpath("data/glossary.csv").read_text(encoding="utf-8")
    return {
        row["key"]: Term(row["key"], row["term"], tuple(filter(None, row["forms"].split("|"))), row["meaning"], row["source"])
        for row in csv.DictReader(text.splitlines())
    }


def occurring(texts: Iterable[str]) -> tuple[Term, ...]:
    """The terms that stand in these texts as whole words, in any spelling and case; in alphabetical order."""
    keys, pattern = _pattern()
    found = {keys[word.lower()] for text in texts for word in pattern.findall(text)}
    return tuple(sorted((glossary()[key] for key in found), key=lambda term: term.term.lower()))


@cache
def _pattern() -> tuple[dict[str, str], re.Pattern[str]]:
    keys = {form.lower(): term.key for term in glossary().values() for form in (term.term, *term.forms)}
    # Longest first, so that `SYN flood` is not taken for another word's beginning.
    words = "|".join(re.escape(word) for word in sorted(keys, key=lambda word: (-len(word), word)))
    return keys, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


def word(key: str) -> str:
    """The term with this key as people say it (``syn_flood``: ``SYN flood``); without one, the key with spaces."""
    term = glossary().get(key)
    return term.term if term else key.replace("_", " ")
