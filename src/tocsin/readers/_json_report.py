"""JSON reports: what one is, seen from its first bytes; its documents, with the byte where each object starts; typed getters.

The parser is our own because json's knows no offsets and gives nothing where a file was cut off. Strings still go through
json's C code. It does not recurse, takes a comma before a closing bracket (masscan) and NaN, and keeps what was complete.
"""

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Fault
from tocsin.readers import Report

CONTENT_BYTES = 512 << 20
DEPTH = 200
_SHALLOW = 4  # levels of which a shape keeps scalar values
_PATHS = 5000
_BLOCK = 1024

_SPACE = re.compile(r"[\s\0\x1e]*")  # NULs where a disk was full; RFC 7464's record separator
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_WORD = re.compile(r"-?[A-Za-z_$][\w$]*")
_WORDS = {"true": True, "false": False, "null": None, "NaN": None, "Infinity": None, "-Infinity": None}


class Record(dict[str, Any]):
    """A JSON object that knows the byte it starts at."""

    __slots__ = ("offset",)

    def __init__(self, offset: int = 0) -> None:
        super().__init__()
        self.offset = offset


class _Damage(ValueError):
    """What was expected, and the character where something else was found."""

    def __init__(self, expected: str, at: int) -> None:
        super().__init__(expected)
        self.at = at


class _Parser:
    """One document after another out of a text. After an exception ``partial`` holds what was complete of the last."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.partial: Any = None

    def value(self, at: int) -> tuple[Any, int]:
        """The value that starts at this character, and the character behind it. Raises _Damage."""
        stack: list[Any] = []
        keys: list[str] = []
        self.partial = None
        try:
            return self._value(at, stack, keys)
        except _Damage:
            self.partial = _closed(stack, keys)
            raise

    def _value(self, at: int, stack: list[Any], keys: list[str]) -> tuple[Any, int]:
        text, space = self.text, _SPACE.match
        while True:
            at = space(text, at).end()  # type: ignore[union-attr]
            sign = text[at : at + 1]
            if stack and sign in "}]" and sign:  # an empty container, or a comma before its end
                value, at = self._end(sign, at, stack, keys)
            elif stack and type(stack[-1]) is Record:
                key, at = self._key(at, sign)
                keys[-1] = key
                at = space(text, at).end()  # type: ignore[union-attr]
                if text[at : at + 1] != ":":
                    raise _Damage("a colon", at)
                value, at = self._start(space(text, at + 1).end(), stack, keys)  # type: ignore[union-attr]
            else:
                value, at = self._start(at, stack, keys)
            if value is _OPENED:
                continue
            while True:
                if not stack:
                    return value, at
                _put(stack[-1], keys, value)
                at = space(text, at).end()  # type: ignore[union-attr]
                sign = text[at : at + 1]
                if sign == ",":
                    at += 1
                    break
                if sign not in ("}", "]"):
                    raise _Damage("a comma or a closing bracket", at)
                value, at = self._end(sign, at, stack, keys)

    def _start(self, at: int, stack: list[Any], keys: list[str]) -> tuple[Any, int]:
        text = self.text
        sign = text[at : at + 1]
        if sign == '"':
            return self._string(at)
        if sign == "{" or sign == "[":
            if len(stack) >= DEPTH:
                raise _Damage(f"at most {DEPTH} levels", at)
            stack.append(Record(at) if sign == "{" else [])
            keys.append("")
            return _OPENED, at + 1
        if found := _NUMBER.match(text, at):
            return _number(found), found.end()
        if (found := _WORD.match(text, at)) and found[0] in _WORDS:
            return _WORDS[found[0]], found.end()
        raise _Damage("a JSON value", at)

    def _end(self, sign: str, at: int, stack: list[Any], keys: list[str]) -> tuple[Any, int]:
        if (sign == "}") != (type(stack[-1]) is Record):
            raise _Damage("the other closing bracket", at)
        keys.pop()
        return stack.pop(), at + 1

    def _key(self, at: int, sign: str) -> tuple[str, int]:
        if sign == '"':
            return self._string(at)
        if found := _WORD.match(self.text, at):  # masscan before 1.0.6 ends its list with {finished: 1}
            return found[0], found.end()
        raise _Damage("a key", at)

    def _string(self, at: int) -> tuple[str, int]:
        try:
            value, end = scanstring(self.text, at + 1, False)
        except ValueError as error:
            raise _Damage("the end of a string", at) from error
        return value, end


_OPENED = object()


def _put(container: Any, keys: list[str], value: Any) -> None:
    if type(container) is Record:
        container[keys[-1]] = value
    else:
        container.append(value)


def _closed(stack: list[Any], keys: list[str]) -> Any:
    """The outermost container with what was complete in it: without the innermost object of a list, which was being read."""
    cut = next((i for i in range(len(stack) - 1, 0, -1) if type(stack[i]) is Record and type(stack[i - 1]) is list), len(stack))
    stack, keys = stack[:cut], keys[:cut]
    while len(stack) > 1:
        value = stack.pop()
        keys.pop()
        _put(stack[-1], keys, value)
    return stack[0] if stack else None


def _number(found: "re.Match[str]") -> int | float | None:
    digits = found[0]
    if len(digits) > 300:
        return None
    if found[1] or found[2]:
        value = float(digits)
        return value if math.isfinite(value) else None
    return int(digits)


def decode(data: bytes) -> tuple[str, str]:
    """Text of a report and its encoding: UTF-8, UTF-16 where its mark says so (PowerShell's ``>``), else Latin-1."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data[: len(data) & ~1].decode("utf-16", "replace"), "utf-16-le"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:  # a character that was cut in two
            return data[: error.start].decode("utf-8"), "utf-8"
        return data.decode("latin-1"), "latin-1"


class _Offsets:
    """From characters to bytes."""

    def __init__(self, text: str, encoding: str) -> None:
        self._text, self._encoding, self._first = text, encoding, 2 if encoding == "utf-16-le" else 0
        self._straight = encoding == "latin-1" or (encoding == "utf-8" and text.isascii())
        self._blocks = [0]
        if not self._straight:
            for start in range(0, len(text), _BLOCK):
                self._blocks.append(self._blocks[-1] + self._size(text[start : start + _BLOCK]))

    def _size(self, text: str) -> int:
        return len(text.encode(self._encoding, "surrogatepass"))

    def byte(self, character: int) -> int:
        """The byte at which this character starts."""
        if self._straight:
            return character
        block = character // _BLOCK
        return self._first + self._blocks[block] + self._size(self._text[block * _BLOCK : character])


def content(stream: BinaryIO, *, most: int = CONTENT_BYTES) -> bytes:
    """The whole content of a report. Raises EvidenceError if it is larger than ``most`` bytes."""
    parts, size = [], 0
    while part := stream.read(1 << 20):
        parts.append(part)
        size += len(part)
        if size > most:
            raise EvidenceError(f"at byte {most:,}: expected a report of at most {most:,} bytes. Split it.")
    return b"".join(parts)


def documents(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Any]:
    """The JSON documents in a report, one after the other (JSON lines, concatenated); objects in them are ``Record``.

    The content is held in memory, ``CONTENT_BYTES`` at most. Where it is damaged or cut off, what was complete is given
    (an object of a list that was being read is left out) and a fault is reported; JSON lines go on with the next line.

    Raises:
        EvidenceError: It is too large, or there is nothing in it that could be read.
    """
    text, encoding = decode(content(stream))
    offsets, parser, at, found = _Offsets(text, encoding), _Parser(text), 0, 0
    if text.startswith("\ufeff"):
        at = 1
    while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        if text[at] == "," and found:  # objects joined by commas without a list around them
            at += 1
            continue
        try:
            value, at = parser.value(at)
        except _Damage as damage:
            value = parser.partial
            byte = offsets.byte(damage.at)
            shown = ascii(text[damage.at : damage.at + 20]) if damage.at < len(text) else "the end"
            message = f"expected {damage}, found {shown}"
            if value is None and not found:
                raise EvidenceError(f"at byte {byte:,}: {message}. It is no complete JSON.") from damage
            report(Fault(evidence_id, byte, message))
            following = text.find("\n{", damage.at)
            at = following + 1 if following >= 0 and type(value) is not list else len(text)
            if value is None:
                continue
        found += 1
        yield _placed(value, offsets)
    if not found:
        raise EvidenceError("at byte 0: expected JSON, found nothing.")


def _placed(value: Any, offsets: _Offsets) -> Any:
    """The same document, its objects' characters turned into bytes."""
    waiting = [value]
    while waiting:
        held = waiting.pop()
        if type(held) is Record:
            held.offset = offsets.byte(held.offset)
            waiting.extend(item for item in held.values() if type(item) is Record or type(item) is list)
        elif type(held) is list:
            waiting.extend(item for item in held if type(item) is Record or type(item) is list)
    return value


def objects(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Record]:
    """The objects of a report that is a list of them, or one a line: top-level lists are opened."""
    for document in documents(stream, evidence_id=evidence_id, report=report):
        yield from records([document] if type(document) is Record else document)


def document(stream: BinaryIO, *, evidence_id: str, report: Report) -> Record:
    """The one object that a report is; others behind it are reported.

    Raises:
        EvidenceError: It is not one object.
    """
    found = documents(stream, evidence_id=evidence_id, report=report)
    first = next(found, None)
    if type(first) is not Record:
        raise EvidenceError("at byte 0: expected one JSON object.")
    second = next(found, None)
    if second is not None:
        report(Fault(evidence_id, getattr(second, "offset", 0), "expected the end, found another document; it was left out"))
    return first


@dataclass
class Shape:
    """What a report is made of, as far as its head shows.

    Attributes:
        kind: ``object`` or ``array``, "" if it is not JSON.
        documents: Documents that begin in the head.
        paths: Keys seen, with their way: ``Results[].Vulnerabilities[].VulnerabilityID``; a top-level list is ``[]``.
        values: First text, number or boolean at each path of a few levels.
    """

    kind: str = ""
    documents: int = 0
    paths: set[str] = field(default_factory=set)
    values: dict[str, Any] = field(default_factory=dict)

    def has(self, *paths: str) -> bool:
        """Whether all of these keys were seen."""
        return self.paths.issuperset(paths)

    def either(self, *paths: str) -> bool:
        """Whether all of these keys were seen in a document, or in the objects of a top-level list."""
        return self.has(*paths) or self.has(*(f"[].{path}" for path in paths))

    def text(self, path: str) -> str:
        """The text at this path, "" if there is none."""
        value = self.values.get(path)
        return value if type(value) is str else ""


@lru_cache(maxsize=4)
def shape(head: bytes) -> Shape:
    """What the first bytes of a file show; never raises. Readers' ``claims`` stand on it, so it is kept for the next."""
    found = Shape()
    start = head[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0\x1e")[:1]
    if start not in (b"{", b"["):
        return found
    text, _ = decode(head)
    text, at = text.removeprefix("\ufeff"), 0
    parser = _Parser(text)
    while (at := _SPACE.match(text, at).end()) < len(text) and found.documents < 50:  # type: ignore[union-attr]
        try:
            value, at = parser.value(at)
        except _Damage as damage:
            value = _everything(text[: damage.at])
            at = len(text)
        if type(value) not in (Record, list):
            break
        found.kind = found.kind or ("object" if type(value) is Record else "array")
        found.documents += 1
        _note(value, "" if type(value) is Record else "[]", 0, found)
    return found


def _everything(text: str) -> Any:
    """What a text that breaks off holds, the object that was being read included."""
    parser = _Parser(text)
    stack: list[Any] = []
    keys: list[str] = []
    try:
        return parser._value(_SPACE.match(text).end(), stack, keys)[0]  # type: ignore[union-attr]
    except _Damage:
        while len(stack) > 1:
            value = stack.pop()
            keys.pop()
            _put(stack[-1], keys, value)
        return stack[0] if stack else None


def _note(value: Any, path: str, depth: int, found: Shape) -> None:
    if len(found.paths) > _PATHS:
        return
    if type(value) is Record:
        for key, item in value.items():
            below = f"{path}.{key}" if path else key
            if len(found.paths) > _PATHS:
                return
            found.paths.add(below)
            _note(item, below, depth + 1, found)
    elif type(value) is list:
        inner = path if path == "[]" and depth == 0 else f"{path}[]"
        for item in value:
            _note(item, inner, depth + 1, found)
    elif depth <= _SHALLOW and value is not None and path not in found.values:
        found.values[path] = value[:500] if type(value) is str else value


def at(value: Any, *keys: str | int) -> Any:
    """What lies at the end of this way of keys and list indices; None where the way breaks off."""
    for key in keys:
        if type(key) is int and type(value) is list:
            value = value[key] if -len(value) <= key < len(value) else None
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def text(value: Any, *keys: str | int) -> str | None:
    """Text there, a number as its text; None for what is empty or of another kind."""
    found = at(value, *keys)
    if type(found) is str:
        return found.strip() or None
    if type(found) in (int, float):
        return str(found)
    return None


def number(value: Any, *keys: str | int) -> float | None:
    """The number there, or that a text there spells; None for the rest."""
    found = at(value, *keys)
    if type(found) is str and len(found) < 40:
        try:
            found = float(found)
        except ValueError:
            return None
    if type(found) not in (int, float):
        return None
    try:
        result = float(found)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None


def whole(value: Any, *keys: str | int, most: int = 2**31 - 1) -> int | None:
    """A whole number from 0 to ``most`` there, or that a text there spells; None for the rest."""
    found = number(value, *keys)
    return int(found) if found is not None and found.is_integer() and 0 <= found <= most else None


def records(value: Any, *keys: str | int) -> list[Record]:
    """The objects of the list there; an object alone is a list of one."""
    found = at(value, *keys)
    if type(found) is Record:
        return [found]
    return [item for item in found if type(item) is Record] if type(found) is list else []


def texts(value: Any, *keys: str | int) -> list[str]:
    """The texts of the list there; a text alone is a list of one."""
    found = at(value, *keys)
    if type(found) is str:
        found = [found]
    return [item.strip() for item in found if type(item) is str and item.strip()] if type(found) is list else []


def record(value: Any, *keys: str | int) -> Record:
    """The object there; an empty one if there is none."""
    found = at(value, *keys)
    return found if type(found) is Record else Record()
