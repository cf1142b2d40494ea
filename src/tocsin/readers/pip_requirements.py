"""Requirements of Python programs: ``requirements.txt`` with and without pins, ``pip freeze``."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._text_inventory import head_lines, lines

_NAME = r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w.,\s-]*\])?"
_REQUIREMENT = re.compile(rf"{_NAME}\s*(?:(?P<specifiers>\(?(?:===?|~=|!=|<=?|>=?)\s*[\w.*][^;#@]*?\)?)|@\s*(?P<url>\S+))?\s*")
_OPTIONS = re.compile(r"\s--[a-z]")  # hashes and settings of one requirement stand behind it
_PIN = re.compile(r"\(?\s*={2,3}\s*([\w.+!-]+)\s*\)?")
LINE_CHARACTERS = 500  # without markers and hashes
_OPTION = re.compile(r"-(?:r|c|i|f|e)\b.*|--[a-z][\w-]*(?:[= ].*)?|\.{1,2}(?:/\S*)?")  # also the folder of the project itself
_EGG = re.compile(r"[#&]egg=([\w.-]+)")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def claims(head: bytes, name: str) -> bool:
    """By lines that all are requirements, options or remarks, some with a version; where none has one, the name decides."""
    told = [line.rstrip("\\ ") for line in (_COMMENT.sub("", line).strip() for line in head_lines(head)) if line]
    requirements = [match for line in told if (match := _requirement(line))]
    options = sum(bool(_OPTION.fullmatch(line)) for line in told)
    if not requirements or len(requirements) + options < len(told):
        return False
    return any(match["specifiers"] or match["url"] for match in requirements) or "requirements" in name.lower()


def _requirement(line: str) -> "re.Match[str] | None":
    said = _OPTIONS.split(line, maxsplit=1)[0].partition(";")[0]
    return _REQUIREMENT.fullmatch(said) if len(said) <= LINE_CHARACTERS and not _OPTION.fullmatch(line) else None


def _logical(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Lines without remarks, those that end in a backslash joined with the next."""
    start, held = -1, ""
    for offset, line in lines(stream):
        said = _COMMENT.sub("", line).rstrip()
        start = offset if start < 0 else start
        if said.endswith("\\") and len(held) < 100_000:
            held += said[:-1] + " "
            continue
        if (held + said).strip():
            yield start, (held + said).strip()
        start, held = -1, ""
    if held.strip():
        yield start, held.strip()


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found = faults = options = 0
    for offset, line in _logical(stream):
        if editable := re.match(r"(?:-e|--editable)[= ]\s*(\S+)", line):
            named = _EGG.search(editable[1])
            found += 1
            yield (
                "software_inventory",
                packaged(offset, named[1] if named else editable[1].rstrip("/").rpartition("/")[2] or editable[1], None, None),
            )
        elif _OPTION.fullmatch(line):
            options += 1
        elif match := _requirement(line):
            found += 1
            pin = _PIN.fullmatch(match["specifiers"].strip()) if match["specifiers"] else None
            yield (
                "software_inventory",
                packaged(offset, match["name"], pin[1] if pin else None, None if match["url"] else "PyPI"),
            )
        else:
            faults += 1
            report(Fault(evidence_id, offset, f"expected a requirement, found {line[:60]!a}"))
    nothing_read(found, faults, "requirements")
    yield Activity("pip")


@reader(title="Python requirements: requirements.txt, pip freeze", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each requirement is one row. Only a pin (``==``) is a version: what a range is installed as is not said.

    What comes from a URL or a folder has no ecosystem: advisories are not about it. Other files that it names are not followed.
    Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
