"""Lists of installed RPM packages: ``rpm -qa`` in several formats, ``rpm -qai``, ``dnf list --installed``."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read
from tocsin.readers._packages import Package, of_rpm
from tocsin.readers._text_inventory import Line, head_lines, lines, most_of

_ARCHES = "x86_64|noarch|i[3-6]86|aarch64|ppc64le|ppc64|s390x|armv7hl|riscv64"
_ARCH = re.compile(_ARCHES)
# name-version-release.arch, as rpm -qa prints; without the architecture on RHEL 5, where a tag of the release tells it.
_NEVRA = re.compile(
    rf"(?P<name>[\w.+-]+)-(?P<epoch>\d+:)?(?P<version>[^\s-]+)-(?P<release>[^\s-]+?)\.(?P<arch>{_ARCHES}|\(none\))"
)
_NVR = re.compile(r"(?P<name>[\w.+-]+)-(?P<version>[^\s-]+)-(?P<release>[^\s-]+\.(?:el|fc|amzn|mga)\d[^\s-]*)")
_KEY = re.compile(r"gpg-pubkey[-\s|,;:].*")
_LISTED = re.compile(rf"(?P<name>[\w.+-]+)\.(?P<arch>{_ARCHES})\s+(?P<version>(?:\d+:)?[^\s-]+-\S+)(?:\s+@?\S+)?")  # dnf list
_SPLIT = re.compile(r"[\t|,; ]+")
_VERSION = re.compile(r"(?:\d+:)?[\w.+~^]+(?:-[\w.+~^]+)?")
_HEADING = re.compile(
    r"\s*$|Installed Packages|Loaded plugins|Last metadata|Updating Subscription|Not root|Repository .* is listed|warning:|error:",
    re.IGNORECASE,
)


def claims(head: bytes, name: str) -> bool:
    """By lines that are packages with a release and an architecture (or a tag that only releases of RPMs have), or by ``rpm -qi``."""
    found = head_lines(head)
    if _is_information(found):
        return True
    told = [line for line in found if not _HEADING.match(line)]
    return most_of(sum(package(0, line) is not None or bool(_KEY.fullmatch(line)) for line in told), len(told)) and any(
        package(0, line) for line in told
    )


def _is_information(found: tuple[str, ...]) -> bool:
    names = [line.partition(":")[0].strip() for line in found[:12]]
    return names[:3] == ["Name", "Epoch", "Version"] or (
        names[:3] == ["Name", "Version", "Release"] and "Vendor" in "".join(found)
    )


def package(offset: int, line: str) -> Package | None:
    """The package on a line, in whatever format; None if there is none."""
    line = line.strip().strip("\"'")
    if len(line) > 2000:
        return None
    if len(line) < 400 and (found := _NEVRA.fullmatch(line) or _NVR.fullmatch(line) or _LISTED.fullmatch(line)):
        said = found.groupdict()
        version = f"{said['version']}-{said['release']}" if "release" in said else said["version"]
        arch = said.get("arch")
        return Package(
            offset, said["name"], (said.get("epoch") or "") + version.removeprefix("0:"), None if arch == "(none)" else arch
        )
    return _columns(offset, [part.strip("\"'") for part in _SPLIT.split(line)])


def _columns(offset: int, parts: list[str]) -> Package | None:
    """Name, epoch, version, release, architecture in columns, then a source package anywhere; epoch and release may be joined to the version."""
    if len(parts) < 3 or not re.fullmatch(r"[\w.+-]+", parts[0]):
        return None
    arch = next((at for at, part in enumerate(parts[1:], 1) if _ARCH.fullmatch(part)), None)
    source = next((part for part in parts[1:] if part.endswith(".src.rpm")), None)
    if arch is None and source is None:
        return None
    said = [part for part in parts[1 : arch or len(parts)] if part != source]
    epoch = ""
    if len(said) > 1 and (said[0] in ("(none)", "None", "none") or (said[0].isdecimal() and ("-" in said[1] or len(said) > 2))):
        epoch, said = said[0] if said[0].isdecimal() and said[0] != "0" else "", said[1:]
    if not said:
        return None
    version = said[0] if "-" in said[0] or len(said) == 1 else f"{said[0]}-{said[1]}"
    version = version.removeprefix("(none):").removeprefix("0:")
    if not _VERSION.fullmatch(version):
        return None
    return Package(offset, parts[0], f"{epoch}:{version}" if epoch else version, parts[arch] if arch else None, source)


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    content = list(lines(stream))
    told: list[Package] = []
    faults = 0
    if _is_information(tuple(line.text for line in content[:400])):
        told = list(_information(content))
        faults = not told
    else:
        for offset, line in content:
            if found := package(offset, line):
                told.append(found)
            elif not (_HEADING.match(line) or _KEY.fullmatch(line)):
                faults += 1
                if faults <= 100:
                    report(Fault(evidence_id, offset, f"expected an installed package, found {line[:60]!a}"))
    nothing_read(len(told), faults, "installed packages")
    yield from of_rpm([one for one in told if one.name != "gpg-pubkey"])
    yield Activity("rpm")


def _information(content: list[Line]) -> Iterator[Package]:
    """Packages of ``rpm -qai``: a block of names and values each, ``Name`` first."""
    start, said = -1, dict[str, str]()
    for offset, line in (*content, Line(0, "Name : ")):
        name, colon, value = line.partition(":")
        name = name.strip()
        if name == "Name" and colon:
            if said.get("Version"):
                epoch = said.get("Epoch", "")
                version = f"{said['Version']}-{said['Release']}" if said.get("Release") else said["Version"]
                version = f"{epoch}:{version}" if epoch.isdecimal() and epoch != "0" else version
                yield Package(
                    start,
                    said["Name"],
                    version,
                    said.get("Architecture"),
                    said.get("Source RPM"),
                    said.get("Vendor"),
                    said.get("License"),
                )
            start, said = offset, {}
        if colon and start >= 0:
            said.setdefault(name, value.strip())


@reader(title="RPM: list of packages (rpm -qa, rpm -qai, dnf list)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each package is one row, keys (``gpg-pubkey``) are none. The release is told by the package that brings it, else by most tags.

    Of the formats, ``rpm -qa --qf '%{NAME} %{EPOCH} %{VERSION} %{RELEASE} %{ARCH} %{SOURCERPM}\\n'`` says most. Source: rpm(8), dnf(8)
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
