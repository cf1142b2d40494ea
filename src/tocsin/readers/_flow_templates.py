"""Templates of NetFlow v9 and IPFIX, compiled: from a field list to one ``struct`` that reads a record at once."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import itemgetter, or_
from typing import Any, NamedTuple

from tocsin.readers._flow_elements import (
    ADDRESSES,
    ELEMENTS,
    FIRST_NOT_ZERO,
    JOINED,
    OUT,
    SAMPLING_PROBABILITY,
    SLOTS,
    TEXTS,
    USEFUL_OPTIONS,
    Element,
)

VARIABLE = 65535  # RFC 7011, section 7
_BY_KEY: dict[tuple[int, int], list[Element]] = {}
for _element in ELEMENTS:
    _BY_KEY.setdefault((_element.pen, _element.id), []).append(_element)
_PREFERENCE = {(element.slot, element.pen, element.id): rank for rank, element in enumerate(ELEMENTS)}
_SLOT_NUMBER = {slot: number for number, slot in enumerate(SLOTS)}
_INTEGER = {1: "B", 2: "H", 4: "I", 8: "Q"}

Values = tuple[Any, ...]
OptionsRecord = dict[tuple[int, int], bytes]


class Field(NamedTuple):
    """A field of a template as its exporter defines it."""

    pen: int
    id: int
    length: int


@dataclass(frozen=True, slots=True)
class _Segment:
    """Fields of fixed length, and the one of variable length after them: taken (True), passed over (False), or none."""

    fixed: struct.Struct
    variable: bool | None


@dataclass(frozen=True, slots=True)
class Template:
    """How to read the data records of one template.

    Attributes:
        definition: The bytes it was made from; equal bytes, equal template.
        length: Bytes of a record; where fields have variable length, the least.
        start_unit, end_unit, duration_unit: Units of these slots, empty if the template has none.
        is_flow: Whether a record names a source or a destination. Others (interface tables, counters) are no flows.
        has_rate: Whether a record may carry a sampling rate of its own.
    """

    definition: bytes
    length: int
    start_unit: str
    end_unit: str
    duration_unit: str
    is_flow: bool
    has_rate: bool
    _segments: tuple[_Segment, ...]
    _integers: tuple[int, ...]
    _merges: tuple[tuple[int, bool, tuple[int, ...]], ...]
    _pick: Any

    def records(self, view: memoryview) -> Iterator[tuple[int, Values]]:
        """Yield position and values (in the order of ``SLOTS``, None where absent) of each record in a data set's body.

        Raises:
            ValueError: A field of variable length is longer than what is left. The message says so.
        """
        pick = self._pick
        raw = self._fixed(view) if self._segments[-1].variable is None and len(self._segments) == 1 else self._walk(view)
        if not self._integers and not self._merges:
            for position, values in raw:
                yield position, pick((*values, None))
        else:
            for position, values in raw:
                yield position, pick(self._settle([*values, None]))

    def _fixed(self, view: memoryview) -> Iterator[tuple[int, Values]]:
        whole = view[: len(view) - len(view) % self.length]
        return zip(range(0, len(whole), self.length), self._segments[0].fixed.iter_unpack(whole), strict=True)

    def _walk(self, view: memoryview) -> Iterator[tuple[int, Values]]:
        position, stop = 0, len(view)
        while stop - position >= self.length:
            values: list[Any] = []
            at = position
            for segment in self._segments:
                if at + segment.fixed.size > stop:
                    raise ValueError(f"expected a record of at least {self.length} bytes, found the end of its set")
                values += segment.fixed.unpack_from(view, at)
                at += segment.fixed.size
                if segment.variable is not None:
                    at, end = variable_field(view, at)
                    if segment.variable:
                        values.append(bytes(view[at : min(end, at + 64)]))
                    at = end
            yield position, tuple(values)
            position = at

    def _settle(self, values: list[Any]) -> list[Any]:
        """Make integers of the byte strings that ``struct`` has no letter for, and one value of several for a slot."""
        for index in self._integers:
            values[index] = int.from_bytes(values[index], "big")
        for target, joined, indexes in self._merges:
            if joined:
                values[target] = reduce(or_, (values[index] for index in indexes))
            else:
                held = (values[index] for index in indexes)
                values[target] = next((v for v in held if (any(v) if type(v) is bytes else v)), values[target])
        return values


def variable_field(view: memoryview, at: int) -> tuple[int, int]:
    """Where the content of a variable-length field starts and ends (RFC 7011, section 7). Raises ValueError."""
    if at < len(view):
        length = view[at]
        at += 1
        if length == 255 and at + 2 <= len(view):
            length = int.from_bytes(view[at : at + 2], "big")
            at += 2
        if at + length <= len(view):
            return at, at + length
    raise ValueError("expected a field of variable length within its set, found one that runs over its end")


def compile_template(fields: Sequence[Field], definition: bytes, *, version: int) -> Template:
    """Compile a data template.

    Args:
        fields: In order. Lengths may be anything an exporter can write.
        definition: Kept, to tell a repeated template from a new one.
        version: 9 or 10 (IPFIX).

    Raises:
        ValueError: Its records would have no bytes.
    """
    length = sum(1 if field.length == VARIABLE else field.length for field in fields)
    if not length:
        raise ValueError("expected fields with a length, found a record of 0 bytes")
    wanted = _wanted(fields, version)
    segments: list[_Segment] = []
    formats, integers, count = [">"], [], 0
    held: dict[str, list[tuple[int, int, Element]]] = {}
    for number, field in enumerate(fields):
        elements = wanted.get(number, [])
        if field.length == VARIABLE:
            taken = [element for element in elements if element.slot in TEXTS]
            segments.append(_Segment(struct.Struct("".join(formats)), bool(taken)))
            formats = [">"]
        else:
            letters, is_bytes = _letters(elements[0], field.length) if elements else (f"{field.length}x", None)
            formats.append(letters)
            taken = elements if is_bytes is not None else []
            if is_bytes:
                integers.append(count)
        for element in taken:
            rank = _PREFERENCE.get((element.slot, element.pen, element.id), len(_PREFERENCE))
            held.setdefault(element.slot, []).append((rank, count, element))
        count += bool(taken)
    if len(formats) > 1 or not segments:
        segments.append(_Segment(struct.Struct("".join(formats)), None))
    indexes, merges, units = [count] * len(SLOTS), [], {}
    for slot, found in held.items():
        found.sort(key=lambda entry: entry[0])
        indexes[_SLOT_NUMBER[slot]] = found[0][1]
        units[slot] = found[0][2].unit
        if len(found) > 1 and (slot in FIRST_NOT_ZERO or slot in JOINED):
            merges.append((found[0][1], slot in JOINED, tuple(index for _, index, _ in found)))
    return Template(
        definition=definition,
        length=length,
        start_unit=units.get("start", ""),
        end_unit=units.get("end", ""),
        duration_unit=units.get("duration", ""),
        is_flow="src" in held or "dst" in held,
        has_rate=any(slot in held for slot in ("interval", "sampled", "population")),
        _segments=tuple(segments),
        _integers=tuple(integers),
        _merges=tuple(merges),
        _pick=itemgetter(*indexes),
    )


def _wanted(fields: Sequence[Field], version: int) -> dict[int, list[Element]]:
    """Elements to take, by the field's number; of a field that is there twice, the first."""
    first: dict[tuple[int, int], int] = {}
    for number, field in enumerate(fields):
        first.setdefault((field.pen, field.id), number)
    wanted = {number: list(_BY_KEY[key]) for key, number in first.items() if key in _BY_KEY}
    for element in OUT:
        number_or_none = first.get((0, element.id))
        both = any(other.slot == element.slot for elements in wanted.values() for other in elements)
        if number_or_none is not None and not (both and version != 9):
            slot = f"{element.slot}_in" if both else element.slot
            wanted[number_or_none] = [Element(slot, element.id, element.octets, element.name)]
    return wanted


def _letters(element: Element, length: int) -> tuple[str, bool | None]:
    """A ``struct`` format for a field, and whether it gives bytes that stand for an integer; None if it cannot be used."""
    if element.slot in ADDRESSES:
        return (f"{length}s", False) if length == element.octets else (f"{length}x", None)
    if element.slot in TEXTS:
        kept = min(length, element.octets)
        return (f"{kept}s{length - kept}x", False) if length else ("", None)
    if not length:
        return "", None
    if element.unit == "high":
        return ("Bx", False) if length == 2 else (f"{length}x", None)
    octets = min(length, element.octets)
    letter = _INTEGER.get(octets)
    return f"{length - octets}x{letter or f'{octets}s'}", letter is None


@dataclass(frozen=True, slots=True)
class OptionsTemplate:
    """How to read the options records of one template, element by element: they are few.

    Attributes:
        definition: The bytes it was made from.
        fields: Scope fields first. Of v9 their numbers are scope types (RFC 3954, section 6.1), kept negative.
        length: Least bytes of a record; never 0.
        is_useful: Whether a record can say anything about flows. Most (interface names, export counters) cannot.
    """

    definition: bytes
    fields: tuple[Field, ...]
    length: int
    is_useful: bool

    def records(self, view: memoryview) -> Iterator[OptionsRecord]:
        """Yield ``(enterprise, element): bytes`` of each record in a data set's body. Raises ValueError as data records do."""
        position = 0
        while len(view) - position >= self.length:
            found: OptionsRecord = {}
            for field in self.fields:
                start, end = position, position + field.length
                if field.length == VARIABLE:
                    start, end = variable_field(view, position)
                elif end > len(view):
                    raise ValueError("expected an options record, found the end of its set")
                found.setdefault((field.pen, field.id), bytes(view[start : min(end, start + 256)]))
                position = end
            yield found


def compile_options(fields: Sequence[Field], definition: bytes) -> OptionsTemplate:
    """Compile an options template. Raises ValueError if its records would have no bytes."""
    length = sum(1 if field.length == VARIABLE else field.length for field in fields)
    if not length:
        raise ValueError("expected fields with a length, found an options record of 0 bytes")
    is_useful = any(field.pen == 0 and field.id in USEFUL_OPTIONS for field in fields)
    return OptionsTemplate(definition, tuple(fields), length, is_useful)


def sampling_rate(
    interval: int | None, sampled: int | None, unsampled: int | None, population: int | None, probability: float | None = None
) -> int | None:
    """One packet in how many is sampled, from whichever elements are there; None if none says.

    Args:
        interval: One in so many (34, 50).
        sampled: Packets taken in a row (305) or of a population (309). Without 306 and 310 some exporters (Cisco IOS-XE) mean
            one in so many.
        unsampled: Packets then passed over (306).
        population: Out of so many (310).
        probability: Of each packet (311).
    """
    if sampled and unsampled is not None:
        return round((sampled + unsampled) / sampled)
    if sampled and population:
        return max(1, round(population / sampled))
    if interval or sampled:
        return interval or sampled
    if probability is not None and 0 < probability <= 1:
        return round(min(1 / probability, 2.0**62))
    return None


def options_rate(record: OptionsRecord) -> int | None:
    """The sampling rate an options record gives; None if it gives none."""

    def number(*ids: int) -> int | None:
        return next((int.from_bytes(record[0, i], "big") for i in ids if record.get((0, i))), None)

    raw = record.get((0, SAMPLING_PROBABILITY), b"")
    probability = struct.unpack(">d" if len(raw) == 8 else ">f", raw)[0] if len(raw) in (4, 8) else None
    return sampling_rate(number(34, 50), number(305, 309), number(306), number(310), probability)
