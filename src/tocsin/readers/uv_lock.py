"""uv.lock: what a Python project of uv is installed with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, _python, _toml_lock, reader
from tocsin.readers._findings import gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited

_SOURCES = (
    b"source = { registry =",
    b"source = { editable =",
    b"source = { virtual =",
    b"source = { git =",
    b"source = { directory =",
)


def claims(head: bytes, name: str) -> bool:
    """By packages whose source is an inline table."""
    keys, _ = _toml_lock.head(head)
    return "name" in keys and any(source in head for source in _SOURCES)


@reader(title="uv.lock", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row; the project itself and what is not from an index have no ecosystem: advisories are not about them.

    Source: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
    """
    return gather(limited(_python.told(stream, evidence_id, report, "uv")), evidence_id=evidence_id)
