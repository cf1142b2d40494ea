"""Frozen dataclasses to plain JSON and back, by their annotations. Reading is strict: no field more, none less."""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from tocsin.ledger.canonical import LedgerError, parse_rfc3339, rfc3339

T = TypeVar("T")
_NAMES = {str: "text", int: "an integer", bool: "true or false", datetime: "a time", types.NoneType: "null"}


def to_plain(value: Any) -> Any:
    """JSON of a record: objects for dataclasses and mappings, lists for tuples, text for times and enumerations."""
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    return value


def from_plain(cls: type[T], plain: Any, where: str = "") -> T:
    """A record from its JSON.

    Raises:
        LedgerError: A field is missing, unknown, of another type, or refused by the record itself; the message names it.
    """
    kind: Any = cls
    try:
        found: T = _reader(kind)(plain)
    except _Unfit as error:
        place = (where + error.place).lstrip(".")
        raise LedgerError(f"{place}: {error.what}" if place else error.what) from error
    return found


class _Unfit(Exception):
    """What is wrong, and, growing on the way out, the place."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(what)
        self.what, self.place = what, place


_Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> _Reader:
    """What reads one kind; made once, because a log has many entries."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda plain: plain
    if origin is types.UnionType:  # X | None is the only one we use
        some = _reader(inner[0])
        return lambda plain: None if plain is None else some(plain)
    if origin is tuple:
        return partial(_read_list, _reader(inner[0]))
    if origin is Mapping:
        return partial(_read_mapping, _reader(inner[1]))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return partial(_read_record, kind, {one.name: _reader(hints[one.name]) for one in fields(kind)})
    if kind is datetime or issubclass(kind, StrEnum):
        return partial(_read_word, kind)
    return partial(_read_plain, kind)


def _read_plain(kind: type[Any], plain: Any) -> Any:
    return plain if type(plain) is kind else _refuse(_NAMES[kind], plain)  # exactly: True is an int


def _read_word(kind: Any, plain: Any) -> Any:
    if not isinstance(plain, str):
        _refuse(_NAMES.get(kind, "text"), plain)
    try:
        return parse_rfc3339(plain) if kind is datetime else kind(plain)
    except LedgerError as error:
        raise _Unfit(str(error)) from error
    except ValueError as error:
        raise _Unfit(f"expected one of {', '.join(kind)}, found {plain[:40]!r}") from error


def _read_list(item: _Reader, plain: Any) -> tuple[Any, ...]:
    return tuple(
        _at(f"[{at}]", item, one) for at, one in enumerate(plain if isinstance(plain, list) else _refuse("a list", plain))
    )


def _read_mapping(item: _Reader, plain: Any) -> dict[str, Any]:
    return {key: _at(f".{key[:40]}", item, one) for key, one in _object(plain).items()}


def _read_record(cls: Any, readers: Mapping[str, _Reader], plain: Any) -> Any:
    if readers.keys() != _object(plain).keys():
        name = min(readers.keys() ^ plain.keys())
        raise _Unfit("is missing" if name in readers else "is not a field that we know", f".{name[:40]}")
    values = {}
    name = ""
    try:
        for name, read in readers.items():
            values[name] = read(plain[name])
    except _Unfit as error:
        error.place = f".{name}{error.place}"
        raise
    try:
        return cls(**values)
    except LedgerError as error:
        raise _Unfit(str(error)) from error


def _at(place: str, read: _Reader, plain: Any) -> Any:
    try:
        return read(plain)
    except _Unfit as error:
        error.place = place + error.place
        raise


def _object(plain: Any) -> dict[str, Any]:
    return plain if isinstance(plain, dict) else _refuse("an object", plain)


def _refuse(expected: str, plain: Any) -> Any:
    raise _Unfit(f"expected {expected}, found {_NAMES.get(type(plain), type(plain).__name__)}")
