"""Text out of HTML, as scanners put it into their reports; and Qualys's, Nexpose's and others' own marks."""

import html
import re
from xml.etree.ElementTree import Element

MOST = 20_000  # characters of markup looked at

_BREAK = re.compile(r"<\s*/?\s*(?:br|p|div|li|ul|ol|tr|h[1-6]|pre|table)\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,1000}>")
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")
_LINES = re.compile(r"\s*\n\s*")


def plain(marked: str | None) -> str | None:
    """The text of HTML, a line per paragraph; what is no HTML stays as it is. None if nothing is left."""
    if not marked:
        return None
    text = _TAG.sub("", _BREAK.sub("\n", marked[:MOST]))
    text = _LINES.sub("\n", _BLANKS.sub(" ", html.unescape(text))).strip()
    return text or None


def flat(element: Element | None, path: str = "") -> str | None:
    """All text within the element at this path, blanks and line breaks folded to one blank; None if there is none."""
    found = element.find(path) if element is not None and path else element
    return None if found is None else " ".join("".join(found.itertext())[:MOST].split()) or None


def paragraphs(*parts: str | None) -> str | None:
    """The parts that say something, each on lines of its own, none twice; None if there is none."""
    return "\n".join(dict.fromkeys(part for part in parts if part)) or None
