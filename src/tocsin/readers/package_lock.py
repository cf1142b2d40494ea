"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3: what a project of npm is installed with."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, packaged
from tocsin.readers._json_report import Record, at, document, record, shape, text

# A version that is an address: the package is not what the registry has under that name.
_ADDRESSES = ("git", "http:", "https:", "file:", "github:", "link:", "./", "../")


def claims(head: bytes, name: str) -> bool:
    """By the version of the lock file's format, with npm's lists; also npm's hidden lock file in node_modules."""
    found = shape(head)
    return found.has("lockfileVersion") and (found.has("packages") or found.has("dependencies") or found.has("requires"))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    for key in ("packages", "dependencies"):
        if at(data, key) is not None and not isinstance(at(data, key), dict):
            raise EvidenceError(f"at byte {data.offset:,}: expected an object {key}, found something else.")
    asset = text(data, "name") or text(data, "packages", "", "name")
    listed = _by_path(data) if "packages" in data else _by_name(data)
    for name, item, version, ecosystem in listed:
        scope = next(
            (
                word
                for key, word in (("dev", "dev"), ("devOptional", "dev"), ("optional", "optional"), ("peer", "peer"))
                if at(item, key) is True
            ),
            None,
        )
        yield (
            "software_inventory",
            packaged(item.offset, name, version, ecosystem, asset=asset, scope=scope, license=text(item, "license")),
        )
    yield Activity("npm", targets=asset, offset=data.offset)


def _by_path(data: Record) -> Iterator[tuple[str, Record, str | None, str | None]]:
    """Version 2 and 3: a flat list by path. Links are passed over, what they lead to is listed itself."""
    for path in record(data, "packages"):
        item = record(data, "packages", path)
        if path and at(item, "link") is not True:
            _, inside, last = path.rpartition("node_modules/")
            resolved = text(item, "resolved") or ""
            elsewhere = not inside or resolved.startswith(("git", "file:"))
            yield text(item, "name") or last, item, text(item, "version"), None if elsewhere else "npm"


def _by_name(data: Record) -> Iterator[tuple[str, Record, str | None, str | None]]:
    """Version 1: a tree by name. ``npm:other@1.0`` is another package under this name."""
    waiting = [data]
    while waiting:
        below = record(waiting.pop(), "dependencies")
        for name in below:
            item = record(below, name)
            version = text(item, "version") or ""
            if version.startswith("npm:"):
                name, _, version = version[4:].rpartition("@")
            elsewhere = version.startswith(_ADDRESSES)
            yield name, item, None if elsewhere else version or None, None if elsewhere else "npm"
            if "dependencies" in item:
                waiting.append(item)


@reader(title="package-lock.json, npm-shrinkwrap.json", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each installed package is one row, the same one at two places is two. The project is the asset; links are none.

    The project's own packages, and those from git and files, have no ecosystem: advisories are not about them.
    Source: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
