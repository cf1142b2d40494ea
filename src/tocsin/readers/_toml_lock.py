"""Lock files in TOML: one table ``[[package]]`` after another, each parsed by itself, so that its byte is known and damage stays in it."""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

from tocsin.model import Fault
from tocsin.readers import Report
from tocsin.readers._json_report import text
from tocsin.readers._text_inventory import Line, head_lines, lines

_TABLES = ("[[package]]", "[[packages]]")
TABLE_CHARACTERS = 1 << 20


class Table(NamedTuple):
    """A package, and the byte its table starts at. The first one (``offset`` 0) is what stands before all packages."""

    offset: int
    values: dict[str, Any]


@lru_cache(maxsize=4)
def head(data: bytes) -> tuple[frozenset[str], str]:
    """Keys of the packages that begin in a file's head (``.name`` of tables below them), and the text before them."""
    found = head_lines(data, 3000)
    first = next((at for at, line in enumerate(found) if line.strip() in _TABLES), None)
    if first is None:
        return frozenset(), "\n".join(found[:50])
    keys = {line.partition("=")[0].strip() for line in found[first:] if "=" in line[:60] and line[:1].isalpha()}
    keys |= {
        f".{line.strip('[] ').partition('.')[2]}" for line in found[first:] if line.startswith(("[package.", "[[package."))
    }
    return frozenset(keys), "\n".join(found[:first])


def tables(stream: BinaryIO, evidence_id: str, report: Report) -> Iterator[Table]:
    """What stands before the packages, then each package with its sub-tables.

    A table that is no TOML is a fault, and empty. Raises EvidenceError for an empty file.
    """
    start, held, size = 0, list[str](), 0
    for offset, line in (*lines(stream), Line(-1, _TABLES[0])):
        if line.strip() in _TABLES or line.startswith("[metadata"):
            if size > TABLE_CHARACTERS:
                most = f"expected a package of at most {TABLE_CHARACTERS:,} characters; it was left out"
                report(Fault(evidence_id, start, most))
                held = []
            yield from _parsed(start, "\n".join(held), evidence_id, report)
            start, held, size = offset, [], 0
        size += len(line) + 1
        if size <= TABLE_CHARACTERS:
            held.append(line)


def _parsed(start: int, said: str, evidence_id: str, report: Report) -> Iterator[Table]:
    try:
        values = tomllib.loads(said)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        report(Fault(evidence_id, start, f"expected a package in TOML: {str(error)[:200]}"))
        yield Table(start, {})
        return
    for name in ("package", "packages"):
        if type(values.get(name)) is list:
            yield from (Table(start, one) for one in values[name] if isinstance(one, dict))
            return
    yield Table(start, values)


def named(table: Table) -> tuple[str | None, str | None]:
    """Name and version of a package."""
    return text(table.values, "name"), text(table.values, "version")
