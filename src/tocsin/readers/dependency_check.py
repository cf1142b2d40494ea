"""OWASP Dependency-Check's report in XML, all versions of its schema."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Place,
    Seen,
    Told,
    cwe_numbers,
    gather,
    ids_in,
    instant,
    purl,
    severity,
    severity_of,
    vector_of,
)  # fmt: skip
from tocsin.readers._markup import paragraphs
from tocsin.readers._xml import Record, figure, nothing_known, records, root, text, texts
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By its root element, in the project's namespace or with its elements."""
    found = root(head)
    if found is None or found.name != "analysis":
        return False
    return (
        "dependency-check" in found.namespace.lower()
        or "dependencies" in found.tags
        or found.tags >= {"scanInfo", "projectInfo"}
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("OWASP Dependency-Check")
    read = 0
    for record in records(stream, {"dependency", "evidence", "analysis"}, evidence_id, report):
        if record.element.tag == "dependency":
            read += 1
            yield from _dependency(record)
        elif not record.parents:
            nothing_known(record.element, {"dependencies", "projectInfo", "scanInfo"}, read)
            top = record.element
            made = instant(text(top, "projectInfo/reportDate"))
            yield Activity(
                "OWASP Dependency-Check", text(top, "scanInfo/engineVersion"), made, None, text(top, "projectInfo/name")
            )


def _dependency(record: Record) -> Iterator[Seen]:
    dependency = record.element
    package = _package(dependency)
    file = text(dependency, "fileName")
    files = [dependency, *dependency.findall("relatedDependencies/relatedDependency")]
    places = [Place(text(one, "fileName") or file, url_path=text(one, "filePath")) for one in files]
    for found in dependency.findall("vulnerabilities/vulnerability"):
        yield _vulnerability(found, package, places, record.offset, None)
    for found in dependency.findall("vulnerabilities/suppressedVulnerability"):
        yield _vulnerability(found, package, places, record.offset, "suppressed")


def _package(dependency: Element) -> tuple[str | None, str | None, str | None]:
    """Name, version and package URL, from what it was identified as."""
    written = next((one for one in texts(dependency, "identifiers//package/id") if purl(one)), None)
    if written:
        name, _, version = written.partition("?")[0].partition("/")[2].rpartition("@")
        return name or None, version or None, written
    maven = text(dependency, "identifiers/identifier[@type='maven']/name") or ""
    if maven.count(":") >= 2:
        name, _, version = maven.strip("()").rpartition(":")
        return name, version, None
    cpe = (text(dependency, "identifiers/identifier[@type='cpe']/name") or "").split(":")
    if len(cpe) > 4:
        return f"{cpe[2]}:{cpe[3]}", cpe[4], None
    return text(dependency, "fileName"), None, None


def _vulnerability(
    found: Element, package: tuple[str | None, str | None, str | None], places: list[Place], offset: int, status: str | None
) -> Seen:
    name = text(found, "name")
    weaknesses = [*texts(found, "cwes/cwe"), *texts(found, "cwe")]
    score = next((one for key in _SCORES if (one := figure(text(found, key))) is not None), None)
    rated = next((said for key in _WORDS if (said := text(found, key))), None)
    cwe = min(cwe_numbers(weaknesses[:1]), default=None)
    return Seen(
        offset,
        (package[0], package[1], name, cwe, (places[0].asset or "").lower()),
        title=f"{package[0]}: {name}",
        severity=severity(rated) or severity_of(score) or Severity.MEDIUM,
        ids=ids_in(name) or ([name] if name else []),
        cwe=weaknesses,
        places=places,
        rule=name,
        description=text(found, "description"),
        cvss_score=score,
        cvss_vector=_vector(found),
        package_name=package[0],
        package_version=package[1],
        package_purl=package[2],
        status=status,
        remediation=paragraphs(text(found, "notes")),
    )


_SCORES = ("cvssV4/baseScore", "cvssV3/baseScore", "cvssV2/score", "cvssScore")
_WORDS = ("severity", "cvssV4/baseSeverity", "cvssV3/baseSeverity", "cvssV2/severity")
_METRICS = {
    "AV": "attackVector", "AC": "attackComplexity", "PR": "privilegesRequired", "UI": "userInteraction", "S": "scope",
    "C": "confidentialityImpact", "I": "integrityImpact", "A": "availabilityImpact",
}  # fmt: skip


def _vector(found: Element) -> str | None:
    """CVSS 3 as a vector; the report spells its metrics out, one element each."""
    said = {short: text(found, f"cvssV3/{name}") for short, name in _METRICS.items()}
    if not all(said.values()):
        return None
    version = text(found, "cvssV3/version") or "3.1"
    return vector_of(f"CVSS:{version}/" + "/".join(f"{short}:{(value or '')[0].upper()}" for short, value in said.items()))


@reader(title="OWASP Dependency-Check (XML)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one vulnerability of one component in one file; related files are its other occurrences.

    Suppressed ones are findings and say so. Source: https://jeremylong.github.io/DependencyCheck/dependency-check.2.5.xsd
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
