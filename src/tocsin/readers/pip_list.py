"""What pip prints of an environment: ``pip list`` as JSON or in columns, and ``pip inspect``."""

import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Row, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._json_report import document, documents, record, records, shape, text
from tocsin.readers._text_inventory import head_lines, lines

_KNOWN = frozenset(
    {"name", "version", "editable_project_location", "location", "installer", "latest_version", "latest_filetype"}
)
_HEADING = re.compile(r"Package +Version( +.*)?")
_ROW = re.compile(r"([A-Za-z0-9][\w.-]*) +(\S+)( +.*)?")


def claims(head: bytes, name: str) -> bool:
    """By entries that have a name and a version and nothing else that pip does not print, or by its heading over dashes."""
    found = shape(head)
    if found.kind:
        listed = {path.removeprefix("[].") for path in found.paths}
        return (found.kind == "array" and {"name", "version"} <= listed <= _KNOWN) or found.has("pip_version", "installed")
    return _heading(list(head_lines(head))) is not None


def _heading(found: list[str]) -> int | None:
    """Number of the line that names the columns."""
    pairs = itertools.pairwise(found)
    return next(
        (
            at
            for at, (line, next_line) in enumerate(pairs)
            if _HEADING.fullmatch(line.rstrip()) and next_line.startswith("----")
        ),
        None,
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    head = stream.read(4096)
    stream.seek(0)
    if shape(head).kind:
        found = _from_json(stream, evidence_id, report, bool(head.lstrip()[:1] == b"["))
    else:
        found = _from_columns(stream, evidence_id, report)
    yield from found
    yield Activity("pip")


def _from_json(stream: BinaryIO, evidence_id: str, report: Report, plain: bool) -> Iterator[Row]:
    if plain:
        entries = [item for found in documents(stream, evidence_id=evidence_id, report=report) for item in records(found)]
    else:
        entries = records(document(stream, evidence_id=evidence_id, report=report), "installed")
    read = 0
    for item in entries:
        said = record(item, "metadata") or item
        if name := text(said, "name"):
            read += 1
            own = "editable_project_location" in item or "direct_url" in item
            yield "software_inventory", packaged(item.offset, name, text(said, "version"), None if own else "PyPI")
        else:
            report(Fault(evidence_id, item.offset, "expected a package with a name"))
    nothing_read(read, entries, "packages with names")


def _from_columns(stream: BinaryIO, evidence_id: str, report: Report) -> Iterator[Row]:
    content = list(lines(stream))
    start = _heading([line.text for line in content])
    nothing_read(0 if start is None else 1, True, "a heading Package, Version over dashes")
    for offset, line in content[(start or 0) + 2 :]:
        if not line.strip() or line.startswith("[notice]"):
            continue
        if found := _ROW.fullmatch(line.rstrip()[:2000]):
            own = bool(found[3] and ("/" in found[3] or "\\" in found[3]))  # the folder of an editable project
            yield "software_inventory", packaged(offset, found[1], found[2], None if own else "PyPI")
        else:
            report(Fault(evidence_id, offset, f"expected a package and its version, found {line[:60]!a}"))


@reader(title="pip list, pip inspect", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row; editable ones and those from a URL have no ecosystem: advisories are not about them.

    Source: https://pip.pypa.io/en/stable/cli/pip_list/, https://pip.pypa.io/en/stable/cli/pip_inspect/
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
