"""SPDX 2.1 to 2.3 in one shape, that of its JSON: one component per package. Source: https://spdx.github.io/spdx-spec/v2.3/"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tocsin.readers._findings import Activity, Row, instant
from tocsin.readers._inventory import component, parsed, source_package
from tocsin.readers._json_report import Record, at, records, text, texts

_SAYS_NOTHING = frozenset({"NOASSERTION", "NONE", ""})
_AGENT = re.compile(r"(?:Person|Organization): *(.*?) *(?:\(.*\))?", re.DOTALL)
_TOOL = re.compile(r"(.+?)[- ]v?(\d[\w.+-]*)")
_BUILT_FROM = re.compile(r"built package from: (\S+) (\S+)")
_PURPOSES = {"operating_system": "operating-system", "source": "library", "other": None}


def said(item: Any, *keys: str) -> str | None:
    """The text there; None also where it asserts nothing."""
    found = text(item, *keys)
    return None if found in _SAYS_NOTHING else found


def scan(creators: Iterable[str], created: str | None, document: str | None) -> Activity:
    """The document as a scan: the tool that made it, when, and of what."""
    tool = next((one[5:].strip() for one in creators if one.startswith("Tool:")), None)
    found = _TOOL.fullmatch(tool) if tool else None
    return Activity(found[1] if found else tool or "SPDX", found[2] if found else None, instant(created), None, document)


@dataclass(slots=True)
class Packages:
    """Packages of a document, told as components; those of a distribution that do not name it wait until it is known.

    Attributes:
        asset: What the document is of.
        read: Rows told.
        distro: Distribution of the operating system among the packages.
    """

    asset: str | None = None
    read: int = 0
    distro: str | None = None
    _waiting: list[dict[str, Any]] = field(default_factory=list)

    def add(self, item: Record, offset: int) -> Iterator[Row]:
        """Tell a package."""
        row = package(item, offset, self.asset)
        self.read += 1
        if row["package_type"] == "operating-system" and not self.distro and row["package_version"]:
            self.distro = f"{row['package_name'].lower()} {row['package_version']}"
        url = parsed(row["package_purl"])
        if url and url.type in ("deb", "rpm", "apk") and not row["distro"] and len(self._waiting) < 1_000_000:
            self._waiting.append(row)
        else:
            yield "software_inventory", row

    def waiting(self) -> Iterator[Row]:
        """The packages that waited."""
        for row in self._waiting:
            yield "software_inventory", row | {"distro": self.distro}
        self._waiting.clear()


def package(item: Record, offset: int, asset: str | None) -> dict[str, Any]:
    """One package as a row."""
    refs = [(text(one, "referenceType") or "", text(one, "referenceLocator")) for one in records(item, "externalRefs")]
    built = _BUILT_FROM.search(text(item, "sourceInfo") or "")
    vendor = _AGENT.fullmatch(said(item, "supplier") or said(item, "originator") or "")
    purpose = (text(item, "primaryPackagePurpose") or "").lower().replace("-", "_")
    ref = text(item, "SPDXID") or ""
    kind = "operating-system" if "OperatingSystem" in ref else _PURPOSES.get(purpose, purpose.replace("_", "-") or None)
    return component(
        offset,
        said(item, "name"),
        said(item, "versionInfo"),
        purl=next((where for kind, where in refs if kind.rpartition("/")[2] == "purl" and where), None),
        source=source_package(f"{built[1]}@{built[2]}") if built else (None, None),
        sha256=next(
            (text(one, "checksumValue") for one in records(item, "checksums") if text(one, "algorithm") == "SHA256"), None
        ),
        kind=kind,
        asset=asset,
        cpe=next((where for kind, where in sorted(refs, key=_newest_cpe) if "cpe2" in kind and where), None),
        vendor=vendor[1] if vendor else None,
        license=said(item, "licenseConcluded") or said(item, "licenseDeclared"),
        bom_ref=ref or None,
    )


def _newest_cpe(ref: tuple[str, str | None]) -> bool:
    return "cpe23" not in ref[0]


def creators_of(document: Any) -> list[str]:
    """Who made a document in JSON."""
    return texts(document, "creationInfo", "creators")


def is_list(document: Any, key: str) -> bool:
    """Whether there is a list of this name, or nothing."""
    return at(document, key) is None or type(at(document, key)) is list
