"""``winget list``: a table of software on Windows, in whatever language."""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, component, nothing_read
from tocsin.readers._text_inventory import head_lines, lines

_HEADING = re.compile(r"\S+(?: \S+)* {2,}(?:ID|Id)(?: +\S+.*)?")
_DASHES = re.compile(r"-{20,}")
_ID = re.compile(r"[\w+-]+(?:\.[\w+-]+)+")


def claims(head: bytes, name: str) -> bool:
    """By a heading with ``Id`` over a line of dashes."""
    return _heading([_visible(line) for line in head_lines(head)]) is not None


def _visible(line: str) -> str:
    """What is seen of a line: the progress that was overwritten is not."""
    return line.rpartition("\r")[2]


def _heading(found: list[str]) -> int | None:
    pairs = itertools.pairwise(found)
    return next(
        (
            at
            for at, (line, below) in enumerate(pairs)
            if _DASHES.fullmatch(below.strip()) and _HEADING.fullmatch(line.strip()[:500])
        ),
        None,
    )


def _cells(line: str, starts: list[int]) -> list[str]:
    """Fields by the columns they are printed in: wide characters take two."""
    column, places = 0, []
    for character in line:
        places.append(column)
        column += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    cuts = [next((at for at, place in enumerate(places) if place >= start), len(line)) for start in starts]
    return [line[start:end].strip() for start, end in zip(cuts, [*cuts[1:], len(line)], strict=True)]


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    content = [(offset, _visible(line)) for offset, line in lines(stream)]
    at = _heading([line for _, line in content])
    nothing_read(0 if at is None else 1, True, "a heading with Id over dashes")
    heading = content[at or 0][1]
    starts = [match.start() for match in re.finditer(r"(?<!\S)\S", heading)]
    found = there = 0
    for offset, line in content[(at or 0) + 2 :]:
        if not line.strip() or _DASHES.fullmatch(line.strip()):
            continue
        there += 1
        cells = _cells(line[:2000], starts)
        if len(cells) < 3 or not cells[0] or not cells[1]:
            report(Fault(evidence_id, offset, f"expected a name, an id and a version, found {line[:60]!a}"))
            continue
        found += 1
        vendor = cells[1].partition(".")[0] if _ID.fullmatch(cells[1]) else None
        version = cells[2].removeprefix("< ").removeprefix("> ")
        known = None if version in ("Unknown", "Unbekannt", "") or version.endswith("…") else version
        yield "software_inventory", component(offset, cells[0], known, vendor=vendor, kind="application", bom_ref=cells[1])
    nothing_read(found, there, "software with ids")
    yield Activity("winget")


@reader(title="winget list", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each line is one row. A version that was cut off to fit the window is null: ``winget export --include-versions`` has it.

    Source: https://learn.microsoft.com/windows/package-manager/winget/list
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
