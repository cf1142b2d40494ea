"""Lists of installed packages that Alpine's tool prints: ``apk info -v``, ``apk info -vv``, ``apk list --installed``."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read
from tocsin.readers._packages import Package, of_alpine
from tocsin.readers._text_inventory import head_lines, lines, most_of

_PACKAGE = re.compile(
    r"(?P<name>[a-zA-Z0-9_.][\w.+-]*?)-(?P<version>\d[\w.]*(?:-r\d+))"
    r"(?: - .*|(?: (?P<arch>\S+) \{(?P<source>[^}]*)\} \((?P<license>.*?)\)(?: \[(?P<state>[^\]]*)\].*)?))?"
)
_WARNING = re.compile(r"\s*$|WARNING: ")


def claims(head: bytes, name: str) -> bool:
    """By lines that are a package with Alpine's revision (``-r0``)."""
    told = [line for line in head_lines(head) if not _WARNING.match(line)]
    return most_of(sum(len(line) < 2000 and bool(_PACKAGE.fullmatch(line.rstrip())) for line in told), len(told))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found: list[Package] = []
    faults = 0
    for offset, line in lines(stream):
        if _WARNING.match(line):
            continue
        match = _PACKAGE.fullmatch(line.rstrip()) if len(line) < 2000 else None
        if match is None:
            faults += 1
            if faults <= 100:
                report(Fault(evidence_id, offset, f"expected an installed package, found {line[:60]!a}"))
            continue
        state = match["state"] or ""
        if state.startswith("upgradable from: "):  # the line is of the newer one
            version = state.partition(": ")[2].removeprefix(f"{match['name']}-")
            found.append(Package(offset, match["name"], version, match["arch"], match["source"], None, match["license"]))
        elif match["arch"] is None or state.startswith("installed"):
            found.append(
                Package(offset, match["name"], match["version"], match["arch"], match["source"], None, match["license"])
            )
    nothing_read(len(found), True, "installed packages")
    yield from of_alpine(found)
    yield Activity("apk")


@reader(title="Alpine: list of packages (apk info -v, apk list)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each installed package is one row. The release is told by ``alpine-release`` or ``alpine-base``.

    Source: apk-list(8), apk-info(8)
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
