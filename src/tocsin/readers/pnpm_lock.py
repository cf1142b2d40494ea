"""pnpm-lock.yaml, versions 5 to 9: what a project of pnpm is installed with.

Read by its lines: pnpm writes one shape of YAML, and so each package's byte is known and no document can grow in memory.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, packaged
from tocsin.readers._text_inventory import head_lines, lines

_KEY = re.compile(r"  (?! )(.{1,1000}?):(?: \{.*\})?\s*")
_VERSION = re.compile(r"(.+?)[_(].*")  # what stands behind are the peers it was resolved with


def claims(head: bytes, name: str) -> bool:
    """By the version of the format first, under pnpm's name for it."""
    found = [line for line in head_lines(head) if line.strip() and line[0] != "#"]
    told = any(
        line.rstrip() in ("importers:", "packages:", "dependencies:", "devDependencies:", "specifiers:", "settings:")
        for line in found
    )
    return bool(found) and found[0].startswith("lockfileVersion:") and (told or len(found) < 3)


def name_and_version(key: str) -> tuple[str, str] | None:
    """Of a key: ``/a/1.0_peer@2`` (5), ``/a@1.0(peer@2)`` (6), ``a@1.0`` (9); scopes before them. None for what has an address."""
    key = key.strip("'\"")
    plain = key.removeprefix("/")
    if "://" in plain or plain.startswith(("file:", "link:")) or "@file:" in plain or "@link:" in plain or "@git+" in plain:
        return None
    plain = plain.partition("(")[0]
    scope, rest = (f"{plain.partition('/')[0]}/", plain.partition("/")[2]) if plain.startswith("@") else ("", plain)
    name, sign, version = (
        rest.partition("/")
        if key.startswith("/") and "/" in rest and "@" not in rest.partition("/")[0]
        else rest.partition("@")
    )
    if not sign or not name or not version or "/" in version:
        return None
    found = _VERSION.fullmatch(version)
    return f"{scope}{name}", found[1] if found else version


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    section, waiting = "", None  # the package whose lines are being read
    for offset, line in lines(stream):
        if line[:1].isalpha():
            section = line.partition(":")[0]
        if section != "packages":
            if waiting:
                yield waiting.row()
            waiting = None
        elif found := _KEY.fullmatch(line):
            if waiting:
                yield waiting.row()
            waiting = _Package(offset, found[1].strip("'\""))
        elif waiting and line.startswith("    ") and line[4:5] != " ":
            waiting.take(line.strip())
        elif line.strip() and not line.startswith((" ", "#", "packages:")):
            report(Fault(evidence_id, offset, f"expected a package, found {line[:60]!a}"))
    if waiting:
        yield waiting.row()
    yield Activity("pnpm")


class _Package:
    """A key among the packages, and what its lines say."""

    def __init__(self, offset: int, key: str) -> None:
        self.offset, self.key = offset, key
        self.said: dict[str, str] = {}

    def take(self, line: str) -> None:
        """One line below the key."""
        name, _, value = line.partition(":")
        if name in ("name", "version", "dev", "optional"):
            self.said.setdefault(name, value.strip().strip("'\""))

    def row(self) -> tuple[str, dict[str, object]]:
        """As a component."""
        known = name_and_version(self.key)
        name = self.said.get("name") or (known[0] if known else self.key)
        version = self.said.get("version") or (known[1] if known else None)
        scope = "dev" if self.said.get("dev") == "true" else "optional" if self.said.get("optional") == "true" else None
        return "software_inventory", packaged(self.offset, name, version, "npm" if known else None, scope=scope)


@reader(title="pnpm-lock.yaml", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry of ``packages`` is one row. Those from git, URLs and files have no ecosystem: advisories are not about them.

    Source: https://github.com/pnpm/spec/tree/master/lockfile
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
