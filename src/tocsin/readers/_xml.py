"""XML reports, streamed: a thin layer over expat that knows bytes and refuses what XML can do to its reader.

Names are local ones, without their namespace. Document types are passed over; entity declarations are refused, so nothing can
grow and nothing is fetched.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, NamedTuple
from xml.etree.ElementTree import Element
from xml.parsers import expat

from tocsin.errors import EvidenceError
from tocsin.model import Fault
from tocsin.readers import Report

CHUNK_BYTES = 256 << 10
DEPTH = 200
HELD_MOST = 2_000_000  # elements kept at a time
TEXT_CHARACTERS = 4 << 20  # of one element; more is cut off
_TAGS = 2000


class Refused(ValueError):
    """What a document may not do to us."""


@dataclass(frozen=True, slots=True)
class Root:
    """A document's first element, and what its head shows of the rest.

    Attributes:
        name: Its local name.
        namespace: "" if none.
        attributes: Of it, by local name.
        tags: Local names of the elements seen in the head, itself included.
    """

    name: str
    namespace: str
    attributes: dict[str, str]
    tags: frozenset[str]


class Record(NamedTuple):
    """An element with all it holds, the byte it starts at, and its ancestors from the root down.

    Ancestors have their attributes and those earlier children that are not records themselves.
    """

    offset: int
    element: Element
    parents: tuple[Element, ...]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 65536
    parser.EntityDeclHandler = _refuse_entity
    parser.ExternalEntityRefHandler = _refuse_external
    return parser


def _refuse_entity(name: str, *_: object) -> None:
    raise Refused(f"expected no entity declarations, found one of {name[:40]!a}")


def _refuse_external(*_: object) -> int:
    raise Refused("expected no external entities")


@lru_cache(maxsize=4)
def root(head: bytes) -> Root | None:
    """The root element, from a file's first bytes; None if it is not XML. Never raises; kept for the next reader that asks.

    Of a document that is refused before its first element (entities in its document type) the name there is the root's, so that
    a reader claims it and says why it is not read.
    """
    start = head[:400].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1]
    if start != b"<":
        return None
    first: list[tuple[str, dict[str, str]]] = []
    tags: set[str] = set()

    def opened(name: str, attributes: dict[str, str]) -> None:
        if not first:
            first.append((name, attributes))
        if len(tags) < _TAGS:
            tags.add(_local(name))

    doctypes: list[str] = []
    parser = _parser()
    parser.StartElementHandler = opened
    parser.StartDoctypeDeclHandler = lambda name, *_: doctypes.append(name)
    # A head that is cut off or damaged: what was seen before is what there is to tell by.
    with contextlib.suppress(expat.ExpatError, Refused, ValueError, LookupError):
        parser.Parse(head.lstrip(b" \t\r\n"), False)
    if not first and doctypes:
        name = doctypes[0].rpartition(":")[2]
        return Root(name, "", {}, frozenset({name}))
    if not first:
        return None
    name, attributes = first[0]
    namespace, _, local = name.rpartition(" ")
    return Root(local, namespace, {_local(key): value for key, value in attributes.items()}, frozenset(tags))


class _Tree:
    """Elements as expat tells of them; those of ``wanted`` names end up in ``ready``."""

    def __init__(self, parser: expat.XMLParserType, wanted: frozenset[str]) -> None:
        self._parser, self._wanted = parser, wanted
        self.open: list[Element] = []
        self._starts: list[int] = []
        self._text: list[str] = []
        self._size = 0
        self._last: Element | None = None  # the element that a following text is the tail of
        self.ready: list[Record] = []
        self.held, self._held_at = 0, list[int]()
        self.done = False
        self.cut: list[int] = []
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _characters(self, data: str) -> None:
        if self._size < TEXT_CHARACTERS:
            self._text.append(data)
        elif self._size - len(data) < TEXT_CHARACTERS:
            self.cut.append(self._parser.CurrentByteIndex)
        self._size += len(data)

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        self._size = 0
        if self._last is not None:
            self._last.tail = text
        elif self.open:
            self.open[-1].text = text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._text:
            self._flush()
        if len(self.open) >= DEPTH:
            raise Refused(f"expected at most {DEPTH} levels")
        if self.held >= HELD_MOST:
            raise Refused(f"expected at most {HELD_MOST:,} elements in one record")
        if not name.isascii() or " " in name:
            name = _local(name)
        if attributes and any(" " in key for key in attributes):
            attributes = {_local(key): value for key, value in attributes.items()}
        element = Element(name, attributes)
        if self.open:
            self.open[-1].append(element)
        self._held_at.append(self.held)
        self.held += 1
        self.open.append(element)
        self._starts.append(self._parser.CurrentByteIndex)
        self._last = None

    def _end(self, _: str) -> None:
        if self._text:
            self._flush()
        element, start, held = self.open.pop(), self._starts.pop(), self._held_at.pop()
        self._last = element
        if element.tag in self._wanted:
            self.ready.append(Record(start, element, tuple(self.open)))
            if self.open:
                del self.open[-1][-1]
            self.held, self._last = held, Element("")  # a text behind a record is nobody's
        self.done = not self.open


def records(stream: BinaryIO, wanted: frozenset[str] | set[str], evidence_id: str, report: Report) -> Iterator[Record]:
    """Yield each element of these local names as it ends, inner ones first; it is taken out of its parent then.

    Args:
        stream: At byte 0.
        wanted: Local names. What lies in other elements is kept until the root ends, so name what there is much of.
        evidence_id: For the faults.
        report: Told of texts that were cut and of what stands behind the root.

    Raises:
        EvidenceError: It is not well-formed, cut off, or refused (entities, too deep, too large); what was complete before has
            been yielded.
    """
    parser = _parser()
    tree = _Tree(parser, frozenset(wanted))
    chunk = stream.read(CHUNK_BYTES)
    lead = len(chunk) - len(chunk.lstrip(b" \t\r\n"))  # before <?xml, where it must not stand but often does
    chunk = chunk[lead:]
    while True:
        try:
            parser.Parse(chunk, not chunk)
        except (expat.ExpatError, Refused, ValueError, LookupError) as error:
            yield from _shifted(tree, lead)
            at = max(parser.CurrentByteIndex, 0) + lead
            reason = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else str(error)
            if tree.done:
                report(Fault(evidence_id, at, f"expected the end behind the root element, found something else ({reason})"))
                return
            raise EvidenceError(f"at byte {at:,}: {reason}. What stands before it was read.") from error
        yield from _shifted(tree, lead)
        for place in tree.cut:
            report(Fault(evidence_id, place, f"expected a text of at most {TEXT_CHARACTERS:,} characters; it was cut off"))
        tree.cut.clear()
        if not chunk:
            return
        chunk = stream.read(CHUNK_BYTES)


def _shifted(tree: _Tree, by: int) -> Iterator[Record]:
    ready, tree.ready = tree.ready, []
    for record in ready:
        yield record._replace(offset=record.offset + by) if by else record


def text(element: Element | None, path: str = "") -> str | None:
    """The text at this path of child names (``HostProperties/tag``), all texts within it joined; None if empty or not there."""
    found = element.find(path) if element is not None and path else element
    if found is None:
        return None
    joined = (found.text or "") if not len(found) else "".join(found.itertext())
    return joined.strip() or None


def texts(element: Element | None, path: str) -> list[str]:
    """The texts of all elements at this path, without empty ones."""
    return [] if element is None else [found for item in element.findall(path) if (found := text(item))]


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute's text; None if empty or not there."""
    return None if element is None else (element.get(name) or "").strip() or None


_FIGURE = re.compile(r"\s*(-?\d{1,9}(?:\.\d{1,9})?)(?![\d.])")


def figure(said: str | None) -> float | None:
    """The number a text begins with (``9.8``, ``7.5 (AV:N…)``); None if it begins with none."""
    found = _FIGURE.match(said) if said else None
    return float(found[1]) if found else None


def whole(said: str | None) -> int | None:
    """The same without what stands behind the point."""
    found = figure(said)
    return None if found is None else int(found)


def nothing_known(root_element: Element, known: frozenset[str] | set[str], read: int) -> None:
    """Refuse a document of which nothing was read although it has content: its structure is not the one we know.

    Raises:
        EvidenceError: No record was read, and the root has children but none of these local names.
    """
    found = sorted({child.tag for child in root_element})
    if not read and found and not known & set(found):
        raise EvidenceError(
            f"expected <{'> or <'.join(sorted(known))}> in <{root_element.tag}>, found <{'>, <'.join(found[:5])}>."
        )
