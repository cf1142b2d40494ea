"""``go version -m``: what Go programs are built from, by their own account."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, packaged
from tocsin.readers._text_inventory import head_lines, lines

_PROGRAM = re.compile(r"(\S.*): (?:go|devel )(\d\S*)?.*")
_MODULE = re.compile(r"\t(mod|dep|=>)\t(\S+)\t(\S+)?.*")


def claims(head: bytes, name: str) -> bool:
    """By a program and its version of Go, its path or modules below it."""
    found = head_lines(head)
    return any(_PROGRAM.match(line[:2000]) for line in found) and any(
        line.startswith(("\tmod\t", "\tpath\t", "\tdep\t")) for line in found
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    program, first, waiting = None, None, None
    for offset, line in lines(stream):
        module = _MODULE.fullmatch(line[:2000])
        if waiting and not (module and module[1] == "=>"):
            yield "software_inventory", packaged(*waiting, "Go", asset=program)
            waiting = None
        if module:
            version = None if module[3] in (None, "(devel)") else module[3]
            if module[1] == "=>" and module[2].startswith((".", "/")):  # its own copy, changed or not
                if waiting:
                    yield "software_inventory", packaged(waiting[0], waiting[1], None, None, asset=program)
                waiting = None
            else:
                waiting = (offset, module[2], version)
        elif found := _PROGRAM.fullmatch(line[:2000]):
            program = found[1]
            first = first or program
            if found[2]:
                yield "software_inventory", packaged(offset, "stdlib", found[2], "Go", asset=program)
    if waiting:
        yield "software_inventory", packaged(*waiting, "Go", asset=program)
    yield Activity("Go", targets=first)


@reader(title="go version -m", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each module built into a program is one row, the program's own and Go's standard library too; what is replaced counts as replaced.

    Source: https://pkg.go.dev/cmd/go#hdr-Print_Go_version
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
