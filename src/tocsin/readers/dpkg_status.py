"""Debian's database of installed packages: ``/var/lib/dpkg/status``, ``status.d``, and what ``dpkg -s`` prints."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read
from tocsin.readers._packages import Package, of_debian
from tocsin.readers._text_inventory import Line, head_lines, lines

_FIELDS = frozenset({"package", "version", "architecture", "status", "source", "maintainer", "essential"})


def claims(head: bytes, name: str) -> bool:
    """By paragraphs that begin with a package and have its status or version, as Debian's fields are called."""
    fields = {line.partition(":")[0] for line in head_lines(head) if line[:1].isalpha()}
    first = next((line for line in head_lines(head) if line.strip()), "")
    offered = "Filename" in fields  # an index of what can be installed, not of what is
    return first.startswith("Package: ") and "Version" in fields and bool(fields & {"Status", "Architecture"}) and not offered


def paragraphs(stream: BinaryIO) -> Iterator[tuple[int, dict[str, str]]]:
    """Offset and wanted fields of each paragraph; further lines of a field are left out."""
    start, fields = -1, dict[str, str]()
    for offset, line in (*lines(stream), Line(0, "")):
        if not line.strip():
            if fields:
                yield start, fields
            start, fields = -1, {}
        elif line[0] not in " \t":
            name, _, value = line.partition(":")
            start = offset if start < 0 else start
            if name.lower() in _FIELDS:
                fields.setdefault(name.lower(), value.strip())


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found, passed = [], 0
    for offset, fields in paragraphs(stream):
        # Removed packages whose settings were kept are in the database, too: "deinstall ok config-files".
        if fields.get("status", "").endswith(("config-files", "not-installed")):
            passed += 1
        elif name := fields.get("package"):
            found.append(
                Package(
                    offset,
                    name,
                    fields.get("version"),
                    fields.get("architecture"),
                    fields.get("source"),
                    fields.get("maintainer"),
                )
            )
        else:
            report(Fault(evidence_id, offset, "expected a paragraph with a field Package"))
    nothing_read(len(found) + passed, True, "paragraphs of packages")
    yield from of_debian(found)
    yield Activity("dpkg")


@reader(title="Debian, Ubuntu: installed packages (dpkg status)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each installed package is one row; removed ones whose settings were kept are none. The release is told by ``base-files``.

    Source: https://www.debian.org/doc/debian-policy/ch-controlfields.html, dpkg(1)
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
