"""gradle.lockfile, and the lock file per configuration of older versions of Gradle."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._text_inventory import head_lines, lines, most_of

_LINE = re.compile(r"([\w.-]+:[\w.-]+):([^\s=:]+)(?:=([\w.,-]*))?")


def claims(head: bytes, name: str) -> bool:
    """By Gradle's remark, or by lines of group, artifact, version and configurations."""
    found = head_lines(head)
    told = [line for line in found if line.strip() and not line.startswith(("#", "empty="))]
    matches = [match for line in told if (match := _LINE.fullmatch(line.strip()))]
    if any("Gradle generated file for dependency locking" in line for line in found[:5]):
        return len(matches) == len(told)
    return most_of(len(matches), len(told)) and any(match[3] for match in matches)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found = faults = 0
    for offset, line in lines(stream):
        if match := _LINE.fullmatch(line.strip()):
            found += 1
            of_tests = bool(match[3]) and all("test" in one.lower() for one in match[3].split(","))
            yield "software_inventory", packaged(offset, match[1], match[2], "Maven", scope="test" if of_tests else None)
        elif line.strip() and not line.startswith(("#", "empty=")):
            faults += 1
            report(Fault(evidence_id, offset, f"expected group:artifact:version, found {line[:60]!a}"))
    nothing_read(found, faults, "locked dependencies")
    yield Activity("Gradle")


@reader(title="gradle.lockfile", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each locked dependency is one row, whatever configurations it is of.

    Source: https://docs.gradle.org/current/userguide/dependency_locking.html
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
