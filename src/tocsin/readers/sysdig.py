"""Vulnerability reports of Sysdig in JSON: of its console and of its command line."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity, vector_of
from tocsin.readers._json_report import Record, number, objects, record, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By entries with a vulnerability's and a package's name, or by packages with their vulnerabilities."""
    found = shape(head)
    return (
        found.has("data[].vulnName", "data[].packageName")
        or found.has("result.packages[].vulns")
        or (found.has("result.packages") and found.has("result.vulnerabilities"))
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        result = record(item, "result")
        image = text(result, "metadata", "pullString")
        yield Activity("Sysdig", None, instant(text(item, "timestamp")), None, image, item.offset)
        for found in records(item, "data"):
            yield _console(found)
        packages = result.get("packages")
        held = (
            records(packages) if type(packages) is list else [one for one in record(packages).values() if type(one) is Record]
        )
        for package in held:
            for found in records(package, "vulns"):
                yield _command_line(found, package, image)
            known = record(result, "vulnerabilities")
            for key in package.get("vulnerabilitiesRefs") or []:
                if type(key) is str and type(known.get(key)) is Record:
                    yield _command_line(known[key], package, image)


def _console(found: Record) -> Seen:
    uid, name, version = text(found, "vulnName"), text(found, "packageName"), text(found, "packageVersion")
    workload = "/".join(part for key in ("k8sClusterName", "k8sNamespaceName", "k8sWorkloadName") if (part := text(found, key)))
    image = text(found, "imagePullString")
    return Seen(
        found.offset,
        (uid, name, version, image, workload, text(found, "packagePath")),
        title=f"{uid} in {name} {version or ''}",
        severity=severity(text(found, "vulnSeverity")),
        ids=[uid] if uid else [],
        places=[Place(workload or image, url_path=text(found, "packagePath") or image)],
        rule=uid,
        cvss_score=number(found, "vulnCvssScore"),
        cvss_vector=vector_of(text(found, "vulnCvssVector")),
        package_name=name,
        package_version=version,
        package_fixed_version=text(found, "vulnFixVersion") or text(found, "packageSuggestedFix"),
        first_seen_time=instant(text(found, "vulnDisclosureDate")),
        own=True,
    )


def _command_line(found: Record, package: Record, image: str | None) -> Seen:
    uid, name, version = text(found, "name"), text(package, "name"), text(package, "version")
    scores = record(found, "cvssScore", "value") or record(found, "cvssScore")
    return Seen(
        found.offset,
        (uid, name, version, text(package, "path")),
        title=f"{uid} in {name} {version or ''}",
        severity=severity(text(found, "severity", "value") or text(found, "severity")),
        ids=[uid] if uid else [],
        places=[Place(image, url_path=text(package, "path"))],
        rule=uid,
        cvss_score=number(scores, "score"),
        cvss_vector=vector_of(text(scores, "vector")),
        package_name=name,
        package_version=version,
        package_fixed_version=text(found, "fixedInVersion") or text(found, "fixVersion"),
        first_seen_time=instant(text(found, "disclosureDate")),
        own=True,
    )


@reader(title="Sysdig vulnerability report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry, a vulnerability of a package in an image or workload, is one finding.

    Source: https://docs.sysdig.com/en/sysdig-secure/vulnerability-management/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
