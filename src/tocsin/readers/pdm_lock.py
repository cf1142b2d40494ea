"""pdm.lock, and pylock.toml (PEP 751): what a Python project is installed with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, _python, _toml_lock, reader
from tocsin.readers._findings import gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited


def claims(head: bytes, name: str) -> bool:
    """By PDM's remark or the summaries it gives, or by the version that PEP 751 wants first."""
    keys, before = _toml_lock.head(head)
    if "lock-version" in before and "[[packages]]" in head.decode("latin-1"):
        return "name" in keys
    return {"name", "version"} <= keys and ("by PDM" in before or {"requires_python", "summary"} <= keys)


@reader(title="pdm.lock, pylock.toml", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row; those from git, URLs and folders have no ecosystem: advisories are not about them.

    Source: https://pdm-project.org/en/latest/usage/lockfile/, https://peps.python.org/pep-0751/
    """
    return gather(limited(_python.told(stream, evidence_id, report, "PDM")), evidence_id=evidence_id)
