"""Frozen dataclasses to plain JSON and back, by their annotations. Reading is strict: no field more, none less."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
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
    found: T = _read(cls, plain, where)
    return found


@cache
def _hints(cls: Any) -> dict[str, Any]:
    known = get_type_hints(cls)
    return {field.name: known[field.name] for field in fields(cls)}


def _read(kind: Any, plain: Any, where: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:  # X | None is the only one we use
        return None if plain is None else _read(inner[0], plain, where)
    if kind is Any:
        return plain
    if origin is tuple:
        _expect(isinstance(plain, list), "a list", plain, where)
        return tuple(_read(inner[0], item, f"{where}[{at}]") for at, item in enumerate(plain))
    if origin is Mapping:
        _expect(isinstance(plain, dict), "an object", plain, where)
        return {key: _read(inner[1], item, _inside(where, key)) for key, item in plain.items()}
    if is_dataclass(kind):
        return _record(kind, plain, where)
    if kind is datetime or issubclass(kind, StrEnum):
        _expect(isinstance(plain, str), _NAMES.get(kind, "text"), plain, where)
        return _word(kind, plain, where)
    _expect(isinstance(plain, kind) and not (kind is int and isinstance(plain, bool)), _NAMES[kind], plain, where)
    return plain


def _record(cls: Any, plain: Any, where: str) -> Any:
    _expect(isinstance(plain, dict), "an object", plain, where)
    hints = _hints(cls)
    for name in sorted(hints.keys() ^ plain.keys()):
        raise LedgerError(f"{_inside(where, name)}: {'is missing' if name in hints else 'is not a field that we know'}")
    values = {name: _read(kind, plain[name], _inside(where, name)) for name, kind in hints.items()}
    try:
        return cls(**values)
    except LedgerError as error:
        raise LedgerError(f"{where}: {error}" if where else str(error)) from error


def _word(kind: Any, plain: str, where: str) -> Any:
    try:
        return parse_rfc3339(plain) if kind is datetime else kind(plain)
    except LedgerError as error:
        raise LedgerError(f"{where}: {error}") from error
    except ValueError as error:
        raise LedgerError(f"{where}: expected one of {', '.join(kind)}, found {plain[:40]!r}") from error


def _inside(where: str, name: str) -> str:
    return f"{where}.{name[:40]}" if where else name[:40]


def _expect(holds: bool, expected: str, plain: Any, where: str) -> None:
    if not holds:
        raise LedgerError(f"{where or 'record'}: expected {expected}, found {_NAMES.get(type(plain), type(plain).__name__)}")
