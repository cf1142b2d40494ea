"""Reports of ``snyk test --json`` and ``snyk container test --json``, of one project or of many."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import (
    FINDING_TABLES,
    Activity,
    Place,
    Seen,
    Told,
    gather,
    instant,
    package_url,
    severity,
    severity_of,
    vector_of,
)
from tocsin.readers._json_report import Record, number, objects, records, shape, text, texts

_PURL_KINDS = {"npm": "npm", "yarn": "npm", "pip": "pypi", "maven": "maven", "gradle": "maven", "rubygems": "gem", "gomodules": "golang",
               "nuget": "nuget", "composer": "composer"}  # fmt: skip


def claims(head: bytes, name: str) -> bool:
    """By vulnerabilities with a path, or by a project's package manager and summary."""
    found = shape(head)
    seen = found.either("vulnerabilities[].from", "vulnerabilities[].packageName") or found.either("vulnerabilities[].semver")
    return (
        seen
        or found.either("vulnerabilities", "dependencyCount")
        or found.either("vulnerabilities", "packageManager", "projectName")
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for project in objects(stream, evidence_id=evidence_id, report=report):
        yield from _project(project)
        for application in records(project, "applications"):
            yield from _project(application)


def _project(project: Record) -> Iterator[Seen | Activity]:
    target = (
        text(project, "displayTargetFile")
        or text(project, "targetFile")
        or text(project, "path")
        or text(project, "projectName")
    )
    yield Activity("Snyk", targets=text(project, "projectName") or target, offset=project.offset)
    for found in records(project, "vulnerabilities"):
        name, version, uid = text(found, "packageName") or text(found, "name"), text(found, "version"), text(found, "id")
        path = " > ".join(texts(found, "from"))
        points = number(found, "cvssScore")
        kind = _PURL_KINDS.get(text(project, "packageManager") or text(found, "packageManager") or "")
        yield Seen(
            found.offset,
            (target, uid, name, version, path),
            title=text(found, "title"),
            severity=severity_of(points) if points else severity(text(found, "severity")),
            ids=[one for one in (uid, *texts(found, "identifiers", "CVE"), *texts(found, "identifiers", "GHSA")) if one],
            cwe=texts(found, "identifiers", "CWE"),
            places=[Place(target, url_path=path or None)],
            rule=uid,
            description=text(found, "description"),
            cvss_score=points,
            cvss_vector=vector_of(text(found, "CVSSv3")),
            package_name=name,
            package_version=version,
            package_purl=package_url(kind, name, version) if kind else None,
            package_fixed_version=",".join(texts(found, "fixedIn")) or text(found, "nearestFixedInVersion"),
            first_seen_time=instant(text(found, "publicationTime")),
            own=True,
        )


@reader(title="Snyk report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry, a vulnerability by one dependency path, is one finding, as Snyk counts them; applications in an image, too.

    Source: https://docs.snyk.io/snyk-cli/commands/test
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
