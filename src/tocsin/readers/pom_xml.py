"""pom.xml: what a project of Maven depends on."""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._findings import Activity, Told, gather
from tocsin.readers._inventory import INVENTORY_TABLES, limited, nothing_read, packaged
from tocsin.readers._xml import records, root, text

_PROPERTY = re.compile(r"\$\{([^}$]{1,200})\}")
_ROUNDS = 8  # of properties within properties
_LISTED = (("project", "dependencies"), ("project", "profiles", "profile", "dependencies"))


def claims(head: bytes, name: str) -> bool:
    """By the root element and Maven's namespace, or its model's version."""
    found = root(head)
    return (
        found is not None
        and found.name == "project"
        and ("maven.apache.org/POM" in found.namespace or "modelVersion" in found.tags)
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    listed: list[tuple[int, Element]] = []
    managed: dict[tuple[str | None, str | None], str | None] = {}
    project = Element("project")
    for offset, element, parents in records(stream, {"dependency", "project"}, evidence_id, report):
        way = tuple(parent.tag for parent in parents)
        if element.tag == "project" and not way:
            project = element
        elif element.tag == "dependency" and way in _LISTED:
            listed.append((offset, element))
        elif element.tag == "dependency" and "dependencyManagement" in way:
            managed[text(element, "groupId"), text(element, "artifactId")] = text(element, "version")
    properties = _properties(project)
    asset = _filled(
        ":".join(filter(None, (text(project, "groupId") or text(project, "parent/groupId"), text(project, "artifactId")))),
        properties,
    )
    found = 0
    for offset, element in listed:
        group, artifact = text(element, "groupId"), text(element, "artifactId")
        version = _version(text(element, "version") or managed.get((group, artifact)), properties)
        name = f"{_filled(group or '', properties)}:{_filled(artifact or '', properties)}"
        if not (group and artifact):
            report(Fault(evidence_id, offset, "expected a dependency with groupId and artifactId"))
            continue
        found += 1
        scope = "optional" if text(element, "optional") == "true" else text(element, "scope")
        yield "software_inventory", packaged(offset, name, version, "Maven", asset=asset or None, scope=scope)
    nothing_read(found, listed, "dependencies with groupId and artifactId")
    yield Activity("Maven", targets=asset or None)


def _properties(project: Element) -> Mapping[str, str]:
    found = {child.tag: text(child) or "" for child in project.findall("properties/*")}
    for key in ("version", "groupId", "artifactId"):
        value = text(project, key) or text(project, f"parent/{key}")
        if value:
            found[f"project.{key}"] = found[f"pom.{key}"] = value
        if parent := text(project, f"parent/{key}"):
            found[f"project.parent.{key}"] = parent
    return found


def _filled(said: str, properties: Mapping[str, str]) -> str:
    for _ in range(_ROUNDS):
        if "${" not in said or len(said) > 1000:
            break
        said = _PROPERTY.sub(lambda match: properties.get(match[1], match[0])[:1000], said)
    return said


def _version(said: str | None, properties: Mapping[str, str]) -> str | None:
    """One version; None for a range, and for what another file says."""
    filled = _filled(said or "", properties)
    return None if not filled or "${" in filled or filled[0] in "[(" or filled in ("LATEST", "RELEASE") else filled


@reader(title="pom.xml (Maven)", tables=INVENTORY_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each dependency of the project and its profiles is one row; what it depends on in turn is not said here.

    Versions come from the dependency, its management and properties; ranges, and what a parent in another file says, are null.
    Source: https://maven.apache.org/pom.html
    """
    return gather(limited(_told(stream, evidence_id, report)), evidence_id=evidence_id)
