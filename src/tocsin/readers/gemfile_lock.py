"""Gemfile.lock, gems.locked: what a Ruby program of Bundler is installed with."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._text_inventory import head_lines, lines

_SECTIONS = frozenset({"GEM", "GIT", "PATH", "PLUGIN SOURCE"})
_GEM = re.compile(
    r"    (?! )([\w.-]+) \(([^\s()]+?)(?:-((?:x86|x64|java|jruby|arm|aarch64|universal|mswin|mingw|ruby)[\w.-]*))?\)"
)


def claims(head: bytes, name: str) -> bool:
    """By Bundler's sections."""
    found = head_lines(head, 3000)
    return any(line.rstrip() in _SECTIONS for line in found) and any(line.rstrip() == "  specs:" for line in found)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    section, found, there = "", 0, 0
    for offset, line in lines(stream):
        if line[:1].strip():
            section = line.strip()
        elif section in _SECTIONS and line.startswith("    ") and line[4:5] != " ":
            there += 1
            if match := _GEM.fullmatch(line[:2000].rstrip().removesuffix("!")):
                found += 1
                yield (
                    "software_inventory",
                    packaged(offset, match[1], match[2], "RubyGems" if section == "GEM" else None, arch=match[3]),
                )
    nothing_read(found, there, "gems with versions")
    yield Activity("Bundler")


@reader(title="Gemfile.lock", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each gem is one row, once for each platform; those from git and folders have no ecosystem: advisories are not about them.

    Source: https://bundler.io/man/bundle-lock.1.html
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
