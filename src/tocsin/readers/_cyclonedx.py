"""CycloneDX 1.0 to 1.7 in one shape, that of its JSON: components, vulnerabilities found, and what is stated of them (VEX).

Source: https://cyclonedx.org/docs/1.7/json/
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tocsin.readers._findings import (
    Activity,
    Place,
    Row,
    Seen,
    Told,
    ids_in,
    instant,
    severity,
    severity_of,
    vector_of,
)
from tocsin.readers._inventory import INVENTORY_TABLES, component, parsed
from tocsin.readers._json_report import Record, at, number, record, records, text, texts
from tocsin.readers._vex import Statement
from tocsin.terms import Severity

CYCLONEDX_TABLES = (*INVENTORY_TABLES, "vulnerability_finding", "vulnerability_occurrence", "vulnerability_statement")

_STATES = {
    "resolved": "fixed", "resolved_with_pedigree": "fixed", "exploitable": "affected", "in_triage": "under_investigation",
    "false_positive": "not_affected", "not_affected": "not_affected",
}  # fmt: skip
# OpenVEX has fewer reasons. Source: https://github.com/openvex/spec, status justifications.
_JUSTIFICATIONS = {
    "code_not_present": "vulnerable_code_not_present",
    "code_not_reachable": "vulnerable_code_not_in_execute_path",
    "requires_configuration": "vulnerable_code_cannot_be_controlled_by_adversary",
    "requires_dependency": "component_not_present",
    "requires_environment": "vulnerable_code_cannot_be_controlled_by_adversary",
    "protected_by_compiler": "inline_mitigations_already_exist",
    "protected_at_runtime": "inline_mitigations_already_exist",
    "protected_at_perimeter": "inline_mitigations_already_exist",
    "protected_by_mitigating_control": "inline_mitigations_already_exist",
}
_UNDISTRIBUTED = ("deb", "rpm", "apk")


@dataclass(slots=True)
class Inventory:
    """What is known of a document while its components and vulnerabilities are told.

    Attributes:
        asset: What it describes (``metadata.component``).
        publisher: Who made it.
        uid: Its serial number.
        time: When it was made, as written.
        distro: Distribution of the operating system among its components.
        tool: Name and version of what made it, where that is a component of the tools.
        components: Rows told.
    """

    asset: str | None = None
    publisher: str | None = None
    uid: str | None = None
    time: str | None = None
    distro: str | None = None
    tool: tuple[str | None, str | None] = (None, None)
    components: int = 0
    _named: dict[str, tuple[str | None, str | None, str | None, str | None]] = field(default_factory=dict)
    _waiting: list[dict[str, Any]] = field(default_factory=list)

    def describe(self, document: Any) -> Activity:
        """Take up what the document says of itself, and give it as the scan."""
        metadata = record(document, "metadata")
        self.asset = self.asset or name_of(record(metadata, "component"))
        self.uid = self.uid or text(document, "serialNumber")
        self.time = self.time or text(metadata, "timestamp")
        self.publisher = self.publisher or next(
            (said for key in ("supplier", "manufacturer", "manufacture") if (said := text(metadata, key, "name"))), None
        )
        tools = [
            *records(metadata, "tools", "components"),
            *records(metadata, "tools"),
            *records(metadata, "tools", "services"),
        ]
        tool = next((one for one in tools if text(one, "name")), None)
        made = text(tool, "name")
        self.publisher = self.publisher or text(records(metadata, "authors"), 0, "name") or made
        version = text(tool, "version")
        if not made:
            made, version = self.tool
        return Activity(made or "CycloneDX", version, instant(self.time), None, self.asset)

    def made_by(self, item: Record) -> None:
        """Take up a component or service among the tools."""
        if not self.tool[0]:
            self.tool = (text(item, "name"), text(item, "version"))

    def know(self, item: Record, ref: str | None = None) -> None:
        """Take up how a component is called, for references to it."""
        self._name(_row(item, 0, None), ref or text(item, "bom-ref"))

    def _name(self, row: dict[str, Any], ref: str | None) -> None:
        if ref:
            self._named[ref] = (row["package_name"], row["package_version"], row["package_purl"], row["package_cpe"])

    def add(self, item: Record, offset: int) -> Iterator[Row]:
        """Tell a component, and what its pedigree says is mended; packages wait for their distribution if they do not name it."""
        row = _row(item, offset, self.asset)
        self.components += 1
        if row["package_type"] == "operating-system" and not self.distro:
            self.distro = _distro(item)
        url = parsed(row["package_purl"])
        self._name(row, text(item, "bom-ref"))
        if url and url.type in _UNDISTRIBUTED and not row["distro"] and len(self._waiting) < 1_000_000:
            self._waiting.append(row)
        else:
            yield "software_inventory", row
        yield from self._mended(item, row)

    def waiting(self) -> Iterator[Row]:
        """The components that waited."""
        for row in self._waiting:
            yield "software_inventory", row | {"distro": self.distro}
        self._waiting.clear()

    def _mended(self, item: Record, row: dict[str, Any]) -> Iterator[Row]:
        for patch in records(item, "pedigree", "patches"):
            for issue in records(patch, "resolves"):
                ids = ids_in(text(issue, "id"), text(issue, "name"))
                if ids and text(issue, "type") in ("security", None):
                    yield Statement(
                        row["record_offset"], tuple(ids), row["package_name"], "fixed", row["package_name"], row["package_version"],
                        row["package_purl"], row["package_cpe"], publisher=self.publisher, document_uid=self.uid, time=instant(self.time),
                        remediation=text(issue, "description") or "It is patched.",
                    ).row()  # fmt: skip

    def vulnerability(self, item: Record, offset: int) -> Told:
        """Tell a vulnerability: a finding for each component it affects, and a statement where somebody analysed it."""
        found = _Vulnerability(item)
        for target in records(item, "affects") or [item]:  # the extension to 1.2 has one reference, on the vulnerability itself
            name, version, purl, cpe = self._target(target)
            yield found.seen(offset, name, version, purl, self.asset, records(target, "versions"))
            if found.status:
                yield from self._stated(found, offset, name, version, purl, cpe, records(target, "versions"))

    def _target(self, target: Record) -> tuple[str | None, str | None, str | None, str | None]:
        """Name, version, package URL and CPE of what is affected: by reference in this document, or a BOM-Link to another."""
        ref = text(target, "ref")
        if not ref:
            return self.asset, None, None, None
        inner = unquote(ref.partition("#")[2]) if ref.startswith("urn:cdx:") else ref
        if known := self._named.get(ref) or self._named.get(inner):
            return known
        purl = inner if parsed(inner) else None
        row = component(0, None, purl=purl) if purl else {"package_name": inner or ref, "package_version": None}
        return row["package_name"], row["package_version"], purl, None

    def _stated(
        self, found: "_Vulnerability", offset: int, name: str | None, version: str | None, purl: str | None, cpe: str | None,
        versions: Iterable[Record],
    ) -> Iterator[Row]:  # fmt: skip
        ranged = [(found.status, None)] if version else [(_by_version(found.status, one), one) for one in versions]
        for status, one in ranged or [(found.status, None)]:
            yield Statement(
                offset, found.ids, name or self.asset or "", status, name, version or text(one, "version"), purl, cpe, text(one, "range"),
                found.justification if status == "not_affected" else None, found.remediation, self.publisher, self.uid,
                found.time or instant(self.time), found.severity, found.score, found.vector,
            ).row()  # fmt: skip


def _by_version(status: str, one: Record) -> str:
    return "not_affected" if text(one, "status") == "unaffected" else status


class _Vulnerability:
    """What is said of a vulnerability, whatever it affects."""

    def __init__(self, item: Record) -> None:
        self.item = item
        ratings = records(item, "ratings")
        self.ids = tuple(
            dict.fromkeys(filter(None, (text(item, "id"), *(text(one, "id") for one in records(item, "references")))))
        )
        by_cvss = [one for one in ratings if (text(one, "method") or "").upper().startswith("CVSS")]
        newest = sorted(by_cvss, key=_version, reverse=True)
        scores = [value for one in newest if (value := _score(one)) is not None]
        self.score = scores[0] if scores else None
        self.vector = vector_of(*(vector for one in newest for vector in _vectors(one)))
        said = [level for one in ratings if (level := severity(text(one, "severity")))]
        self.severity: Severity = said[0] if said else severity_of(self.score)
        analysis = record(item, "analysis")
        self.state = text(analysis, "state")
        self.status = _STATES.get(self.state or "", "")
        self.justification = _JUSTIFICATIONS.get(text(analysis, "justification") or "")
        told = [
            text(item, "recommendation"),
            *texts(item, "recommendations"),
            text(item, "workaround"),
            *texts(analysis, "response"),
        ]
        self.remediation = "\n".join(filter(None, told)) or None
        self.time = instant(text(analysis, "lastUpdated") or text(analysis, "firstIssued") or text(item, "updated"))
        described = (text(item, "description"), text(item, "detail"), text(analysis, "detail"))
        self.description = "\n".join(filter(None, described)) or None

    def seen(
        self,
        offset: int,
        name: str | None,
        version: str | None,
        purl: str | None,
        asset: str | None,
        versions: Iterable[Record],
    ) -> Seen:
        """It, in this component."""
        uid = next(iter(self.ids), None)
        mended = [
            said
            for one in versions
            if text(one, "status") == "unaffected" and (said := text(one, "version") or text(one, "range"))
        ]
        return Seen(
            offset,
            (uid, name, version),
            title=f"{next((one for one in self.ids if one.startswith('CVE-')), uid) or 'A vulnerability'} in {name or '?'} {version or ''}".strip(),
            severity=self.severity,
            ids=self.ids,
            cwe=_cwes(self.item),
            places=[Place(asset)],
            rule=uid,
            description=self.description,
            cvss_score=self.score,
            cvss_vector=self.vector,
            package_name=name,
            package_version=version,
            package_purl=purl,
            package_fixed_version=",".join(mended) or None,
            status=self.state,
            remediation=self.remediation,
            own=True,
        )


def _cwes(item: Record) -> list[str | int | None]:
    found = at(item, "cwes")
    return [one for one in found if isinstance(one, str | int)] if type(found) is list else []


def _version(rating: Record) -> int:
    """Of CVSS, as its method says: ``CVSSv2``, ``CVSSv3``, ``CVSSv31``, ``CVSSv4``."""
    digits = "".join(filter(str.isdecimal, text(rating, "method") or ""))
    return int((digits + "0")[:2]) if digits else 0


def _score(rating: Record) -> float | None:
    found = number(rating, "score")
    return number(rating, "score", "base") if found is None else found  # the extension to 1.2 has three of them


def _vectors(rating: Record) -> list[str]:
    vector = text(rating, "vector")
    if not vector:
        return []
    version = _version(rating)
    if vector.startswith("AV:") and version >= 30:
        return [f"CVSS:{'4.0' if version >= 40 else '3.1' if version == 31 else '3.0'}/{vector}"]
    return [vector]


def _row(item: Record, offset: int, asset: str | None) -> dict[str, Any]:
    properties = {text(one, "name"): text(one, "value") for one in records(item, "properties")}
    kind = text(item, "type")
    supplier = text(item, "supplier", "name") or text(item, "manufacturer", "name") or text(item, "publisher")
    return component(
        offset,
        text(item, "name"),
        text(item, "version"),
        purl=text(item, "purl"),
        group=text(item, "group"),
        source=_source(properties),
        sha256=next((text(one, "content") for one in records(item, "hashes") if text(one, "alg") == "SHA-256"), None),
        kind=kind,
        asset=asset,
        cpe=text(item, "cpe"),
        vendor=supplier or text(item, "author"),
        scope=text(item, "scope"),
        license=" AND ".join(_licences(item)) or None,
        bom_ref=text(item, "bom-ref"),
    )


def _source(properties: dict[str | None, str | None]) -> tuple[str | None, str | None]:
    """Name and version of the source package, where the properties of Trivy or Syft say them."""
    name = (
        properties.get("aquasecurity:trivy:SrcName")
        or properties.get("syft:metadata:source")
        or properties.get("syft:metadata:originPackage")
    )
    parts = [properties.get(f"aquasecurity:trivy:Src{part}") for part in ("Epoch", "Version", "Release")]
    version = f"{parts[0]}:{parts[1]}" if parts[0] and parts[1] else parts[1]
    if version and parts[2]:
        version = f"{version}-{parts[2]}"
    return name, version or properties.get("syft:metadata:sourceVersion")


def _licences(item: Record) -> list[str]:
    """Ids, expressions or names of the licences."""
    found = at(item, "licenses")
    told = []
    for one in found[:50] if type(found) is list else []:
        inner = record(one, "license") or one
        said = text(one, "expression") or text(one) or text(inner, "id") or text(inner, "name") or text(inner, "expression")
        told += [said] if said else []
    return told


def _distro(item: Record) -> str | None:
    """Distribution and release of a component that is an operating system."""
    properties = {text(one, "name"): text(one, "value") for one in records(item, "properties")}
    name = properties.get("syft:distro:id") or text(item, "name")
    version = properties.get("syft:distro:versionID") or text(item, "version")
    return f"{name.lower()} {version}" if name and version else None


def name_of(item: Record) -> str | None:
    """What a component is called: its name, the group before it where it has one."""
    name, group = text(item, "name"), text(item, "group")
    return f"{group}/{name}" if name and group else name or text(item, "bom-ref")
