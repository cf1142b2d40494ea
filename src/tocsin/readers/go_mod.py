"""go.mod: what a Go module requires."""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, packaged
from tocsin.readers._text_inventory import head_lines, lines

_MODULE = re.compile(r"module\s+\"?[^\s\"]+\"?\s*(?://.*)?")
_VERBS = re.compile(r"(?:go|toolchain|require|replace|exclude|retract|tool|godebug|ignore)\b[ \t(]")


class _Requirement(NamedTuple):
    offset: int
    name: str
    version: str
    indirect: bool


def claims(head: bytes, name: str) -> bool:
    """By the module's name, with one of the file's other words (a module that requires nothing has the version of Go)."""
    found = [line for line in head_lines(head, 3000) if line.strip() and not line.lstrip().startswith("//")]
    return any(_MODULE.fullmatch(line) for line in found[:5]) and any(_VERBS.match(line) for line in found)


def _statements(stream: BinaryIO) -> Iterator[tuple[int, list[str], bool]]:
    """Offset, words with the verb first, and whether it is marked as indirect; blocks in brackets are opened."""
    verb = ""
    for offset, line in lines(stream):
        said, _, remark = line.partition("//")
        words = [word.strip('"`') for word in said.split()]
        if words[-1:] == ["("]:
            verb = words[0] if len(words) == 2 else verb
        elif words[:1] == [")"]:
            verb = ""
        elif words:
            yield offset, [verb, *words] if verb else words, remark.strip().startswith("indirect")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    module, required, replaced = None, list[_Requirement](), dict[tuple[str, str], tuple[str, str]]()
    for offset, words, indirect in _statements(stream):
        if words[0] == "module" and len(words) > 1:
            module = words[1]
        elif words[0] == "require" and len(words) >= 3:
            required.append(_Requirement(offset, words[1], words[2], indirect))
        elif words[0] == "replace" and "=>" in words:
            at = words.index("=>")
            old, new = [*words[1:at], ""], [*words[at + 1 :], "", ""]
            replaced[old[0], old[1]] = (new[0], new[1])
    for one in required:
        name, version = replaced.get((one.name, one.version)) or replaced.get((one.name, "")) or (one.name, one.version)
        local = name.startswith((".", "/")) or name[1:3] in (":\\", ":/")
        yield (
            "software_inventory",
            packaged(
                one.offset, one.name if local else name, None if local else version, None if local else "Go", asset=module,
                scope="indirect" if one.indirect else None,
            ),
        )  # fmt: skip
    yield Activity("Go", targets=module)


@reader(title="go.mod", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each required module is one row, as what it is replaced by; one replaced by a folder has neither version nor ecosystem.

    Source: https://go.dev/ref/mod#go-mod-file
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
