"""Pipfile.lock: what a Python project of Pipenv is installed with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._json_report import document, record, shape, text


def claims(head: bytes, name: str) -> bool:
    """By the version of the specification among what the file says of itself."""
    return shape(head).has("_meta.pipfile-spec")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    found = 0
    for group in data:
        for name in record(data, group) if group != "_meta" else ():
            item = record(data, group, name)
            version = (text(item, "version") or "").removeprefix("==").strip()
            elsewhere = any(key in item for key in ("git", "path", "file", "editable"))
            found += 1
            yield (
                "software_inventory",
                packaged(
                    item.offset, name, version or None, None if elsewhere else "PyPI", scope={"default": None, "develop": "dev"}.get(group, group)
                ),
            )  # fmt: skip
    nothing_read(found, not {"default", "develop"} & data.keys(), "groups default or develop", data.offset)
    yield Activity("Pipenv", offset=data.offset)


@reader(title="Pipfile.lock", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package of each group is one row; those from git and folders have no ecosystem: advisories are not about them.

    Source: https://pipenv.pypa.io/en/latest/pipfile.html
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
