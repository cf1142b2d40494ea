"""Alpine's database of installed packages: ``/lib/apk/db/installed``."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read
from tocsin.readers._packages import Package, of_alpine
from tocsin.readers._text_inventory import Line, head_lines, lines


def claims(head: bytes, name: str) -> bool:
    """By the fields of a package, one letter each, the checksum first."""
    fields = [line[:2] for line in head_lines(head)[:12]]
    return {"P:", "V:"} <= set(fields) and (fields[:1] == ["C:"] or {"A:", "L:"} <= set(fields))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found: list[Package] = []
    start, said, there = -1, dict[str, str](), 0
    for offset, line in (*lines(stream), Line(0, "")):
        if line[1:2] == ":":
            start = offset if start < 0 else start
            said.setdefault(line[0], line[2:].strip())
        elif not line.strip() and said:
            there += 1
            if name := said.get("P"):
                found.append(Package(start, name, said.get("V"), said.get("A"), said.get("o"), said.get("m"), said.get("L")))
            else:
                report(Fault(evidence_id, start, "expected a package with a name (P:)"))
            start, said = -1, {}
    nothing_read(len(found), True, "packages with names (P:)")
    yield from of_alpine(found)
    yield Activity("apk")


@reader(title="Alpine: installed packages (apk database)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row. The release is told by ``alpine-release`` or ``alpine-base``.

    Source: https://wiki.alpinelinux.org/wiki/Apk_spec
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
