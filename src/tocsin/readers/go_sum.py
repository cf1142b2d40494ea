"""go.sum: the modules whose content a Go module has seen."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._text_inventory import head_lines, lines, most_of

_LINE = re.compile(r"(\S+) (v[^\s/]+)(/go\.mod)? h1:[\w+/=]+")


def claims(head: bytes, name: str) -> bool:
    """By lines of module, version and hash."""
    told = [line for line in head_lines(head) if line.strip()]
    return most_of(sum(bool(_LINE.fullmatch(line.strip())) for line in told), len(told))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found = faults = 0
    for offset, line in lines(stream):
        match = _LINE.fullmatch(line.strip())
        if match is None and line.strip():
            faults += 1
            if faults <= 100:
                report(Fault(evidence_id, offset, f"expected a module, its version and hash, found {line[:60]!a}"))
        elif match:
            found += 1
            if not match[3]:
                yield "software_inventory", packaged(offset, match[1], match[2], "Go")
    nothing_read(found, faults, "modules with hashes")
    yield Activity("Go")


@reader(title="go.sum", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each module and version with a hash of its content is one row; those of which only the go.mod was read are none.

    It may name more than is built in: rather hand over the programs' own list (``go version -m``).
    Source: https://go.dev/ref/mod#go-sum-files
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
