"""Lists of installed packages that Debian's tools print: ``dpkg -l``, ``dpkg-query -W``, ``apt list --installed``."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read
from tocsin.readers._packages import Package, of_debian
from tocsin.readers._text_inventory import head_lines, lines, most_of

_NAME = r"(?P<name>[a-z0-9][a-z0-9+.-]+)(?::(?P<foreign>[a-z0-9-]+))?"
_VERSION = r"(?P<version>(?:\d+:)?\d[\w.+~:-]*)"
_ARCH = r"(?P<arch>all|any|amd64|i386|arm64|armhf|armel|ppc64el|s390x|riscv64|mips(?:64)?(?:el)?|powerpc)"
_STATE = r"(?P<state>[uihrp][ncHUFWti][R ]?)"
_FORMS = (
    re.compile(rf"{_STATE} +{_NAME} +{_VERSION} +{_ARCH}\b.*"),  # dpkg -l
    re.compile(rf"{_STATE} +{_NAME} +{_VERSION} +(?!{_ARCH}\b).*"),  # dpkg -l before 1.16
    re.compile(rf"{_NAME}/\S+ {_VERSION} {_ARCH}(?: \[.*\])?"),  # apt list --installed
    re.compile(
        rf"{_NAME}[\t|,; ]{_VERSION}(?:[\t|,; ]{_ARCH})?(?:[\t|,; ](?P<source>[a-z0-9][a-z0-9+.-]+(?: \([^)]*\))?))?"
    ),  # dpkg-query -W
)
_HEADING = re.compile(r"Desired=|\| Status=|\|/ Err|\|\|/ Name|\+\+\+-|Listing\.\.\.|WARNING: apt|\s*$")


def claims(head: bytes, name: str) -> bool:
    """By the heading of ``dpkg -l``, or by lines of package and version of which some have a Debian revision or an architecture."""
    found = head_lines(head)
    if any(line.startswith("||/ Name") for line in found[:10]):
        return True
    told = [line for line in found if not _HEADING.match(line)]
    matches = [match for line in told if (match := _match(line))]
    debian = [
        one for one in matches if re.search(r"-\d|\dubuntu|[+~]deb\d|^\d+:", one["version"]) or one.groupdict().get("arch")
    ]
    return most_of(len(matches), len(told), 0.95) and most_of(len(debian), len(matches), 0.5)


def _match(line: str) -> "re.Match[str] | None":
    return next((match for form in _FORMS if (match := form.fullmatch(line.rstrip()))), None) if len(line) < 2000 else None


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    found, passed, faults = [], 0, 0
    for offset, line in lines(stream):
        if _HEADING.match(line):
            continue
        match = _match(line)
        if match is None:
            faults += 1
            if faults <= 100:
                report(Fault(evidence_id, offset, f"expected an installed package, found {line[:60]!a}"))
            continue
        said = match.groupdict()
        if (said.get("state") or "ii")[1] in "nc":  # not installed; settings alone are left
            passed += 1
            continue
        found.append(
            Package(offset, said["name"], said["version"], said.get("arch") or said.get("foreign"), said.get("source"))
        )
    nothing_read(len(found) + passed, faults, "installed packages")
    yield from of_debian(found)
    yield Activity("dpkg")


@reader(title="Debian, Ubuntu: list of packages (dpkg -l, dpkg-query -W, apt list)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each installed package is one row; removed ones whose settings were kept are none. The release is told by ``base-files``.

    ``dpkg-query -W`` may say architecture and source behind the version: ``-f '${Package}\\t${Version}\\t${Architecture}\\t${Source}\\n'``.
    Source: dpkg-query(1), apt(8)
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
