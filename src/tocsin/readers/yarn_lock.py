"""yarn.lock of Yarn 1, and of Yarn 2 and later ("berry"): what a project is installed with."""

import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Row, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, packaged
from tocsin.readers._text_inventory import head_lines, lines

_FIELD = re.compile(r'  ([a-zA-Z]+):? "?(.*?)"?\s*')
_NAME = re.compile(r'"?(@?[^@"]{1,500})@(?:npm:)?([^,"]*)')
_ALIAS = re.compile(r"npm:(@?[^@]+)@")
_ELSEWHERE = ("git", "http:", "https:", "file:", "link:", "workspace:", "portal:", "github:", "ssh:", "./", "../")


def claims(head: bytes, name: str) -> bool:
    """By Yarn's remark, its metadata, or by entries with their version below them."""
    found = head_lines(head)
    if any(line.startswith(("# yarn lockfile v1", "__metadata:")) for line in found):
        return True
    pairs = itertools.pairwise(found)
    return any(_NAME.match(line) and line.endswith(":") and below.startswith('  version "') for line, below in pairs)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    heading, said = (0, ""), dict[str, str]()
    for offset, line in lines(stream):
        if line[:1].strip() and line[0] != "#":
            if heading[1]:
                yield _row(*heading, said)
            heading, said = (offset, line.rstrip().removesuffix(":")), {}
            if line.startswith("__metadata"):
                heading = (0, "")
            elif not _NAME.match(line):
                report(Fault(evidence_id, offset, f"expected a package and its range, found {line[:60]!a}"))
                heading = (0, "")
        elif found := _FIELD.fullmatch(line[:2000]):
            said.setdefault(found[1], found[2])
    if heading[1]:
        yield _row(*heading, said)
    yield Activity("Yarn")


def _row(offset: int, heading: str, said: dict[str, str]) -> Row:
    """An entry: its name is the one that was resolved, where an alias stands before it."""
    found = _NAME.match(heading)
    name, wanted = (found[1], found[2]) if found else (heading, "")
    resolution = said.get("resolution", "")
    if resolved := _NAME.match(resolution):
        name, wanted = resolved[1], resolution[len(resolved[1]) + 1 :]
    elif alias := _ALIAS.search(heading.partition(",")[0]):
        name = alias[1]
    elsewhere = wanted.startswith(_ELSEWHERE) or (said.get("resolved", "").startswith(("git", "file:")))
    return "software_inventory", packaged(offset, name, said.get("version"), None if elsewhere else "npm")


@reader(title="yarn.lock: Yarn 1, Yarn 2 and later", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry is one row, whatever ranges it stands for. The project's own, and those from git and files, have no ecosystem.

    Source: https://classic.yarnpkg.com/lang/en/docs/yarn-lock/, https://yarnpkg.com/configuration/yarnrc
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
