"""SPDX 2 as tags and values, one a line."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, nothing_read
from tocsin.readers._json_report import Record, text
from tocsin.readers._spdx import Packages, scan
from tocsin.readers._text_inventory import head_lines, lines

_TAG = re.compile(r"([A-Za-z]+): ?(.*)")
_NAMES = {
    "PackageName": "name", "SPDXID": "SPDXID", "PackageVersion": "versionInfo", "PackageSupplier": "supplier", "PackageOriginator": "originator",
    "PackageLicenseConcluded": "licenseConcluded", "PackageLicenseDeclared": "licenseDeclared", "PrimaryPackagePurpose": "primaryPackagePurpose",
    "PackageSourceInfo": "sourceInfo",
}  # fmt: skip
_SECTIONS = frozenset({"FileName", "SnippetSPDXID", "LicenseID", "Relationship", "Annotator", "Reviewer"})


def claims(head: bytes, name: str) -> bool:
    """By the tag of its version among the first lines."""
    return any(line.startswith("SPDXVersion:") for line in head_lines(head))


def _tags(stream: BinaryIO) -> Iterator[tuple[int, str, str]]:
    """Offset, tag and value of each; texts over several lines are joined, comments left out."""
    waiting: tuple[int, str, str] | None = None
    for offset, line in lines(stream):
        if waiting:
            waiting = (waiting[0], waiting[1], f"{waiting[2]}\n{line}"[:100_000])
            if "</text>" in line:
                yield waiting[0], waiting[1], waiting[2].partition("</text>")[0]
                waiting = None
        elif found := _TAG.match(line):
            tag, value = found[1], found[2].strip()
            if value.startswith("<text>") and "</text>" not in value:
                waiting = (offset, tag, value[6:])
            else:
                yield offset, tag, value.removeprefix("<text>").partition("</text>")[0].strip()
    if waiting:
        raise EvidenceError(f"at byte {waiting[0]:,}: expected </text> behind the text that begins here, found the end.")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    packages, creators, created = Packages(), list[str](), ""
    item, start, refused = Record(), -1, 0  # the package that is being read
    failure: EvidenceError | None = None
    tags = _tags(stream)
    while failure is None:
        try:
            offset, tag, value = next(tags, (0, "", ""))
        except EvidenceError as error:
            failure, tag = error, ""
        if tag in ("PackageName", "") or tag in _SECTIONS:
            if start >= 0 and text(item, "name"):
                yield from packages.add(item, start)
            elif start >= 0:
                refused += 1
                report(Fault(evidence_id, start, "expected a package with a name"))
            item, start = Record(), offset if tag == "PackageName" else -1
        if tag == "":
            break
        if tag == "DocumentName":
            packages.asset = value
        elif tag == "Creator":
            creators.append(value)
        elif tag == "Created":
            created = value
        elif start >= 0:
            _take(item, tag, value)
    yield from packages.waiting()
    yield scan(creators, created, packages.asset)
    if failure:
        raise failure
    nothing_read(packages.read, refused, "packages with names")


def _take(item: Record, tag: str, value: str) -> None:
    if tag in _NAMES:
        item.setdefault(_NAMES[tag], value)
    elif tag == "PackageChecksum":
        algorithm, _, digest = value.partition(":")
        item.setdefault("checksums", []).append(_record(algorithm=algorithm.strip(), checksumValue=digest.strip()))
    elif tag == "ExternalRef" and len(parts := value.split(maxsplit=2)) == 3:
        item.setdefault("externalRefs", []).append(_record(referenceType=parts[1], referenceLocator=parts[2]))


def _record(**values: str) -> Record:
    made = Record()
    made.update(values)
    return made


@reader(title="SPDX 2 (tag-value): bill of materials", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each ``PackageName`` is one row; files and snippets are none.

    Source: https://spdx.github.io/spdx-spec/v2.3/conformance/#44-standard-data-format-requirements
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
