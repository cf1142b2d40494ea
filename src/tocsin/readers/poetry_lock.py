"""poetry.lock: what a Python project of Poetry is installed with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, _python, _toml_lock, reader
from tocsin.readers._findings import gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited


def claims(head: bytes, name: str) -> bool:
    """By Poetry's remark, or by ``optional`` and ``python-versions``, which it gives each package."""
    keys, before = _toml_lock.head(head)
    return {"name", "version"} <= keys and ("by Poetry" in before or {"optional", "python-versions"} <= keys)


@reader(title="poetry.lock", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row; those from git, URLs and folders have no ecosystem: advisories are not about them.

    Source: https://python-poetry.org/docs/basic-usage/#installing-dependencies
    """
    return gather(limited(_python.told(stream, evidence_id, report, "Poetry")), evidence_id=evidence_id)
