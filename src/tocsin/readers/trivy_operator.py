"""Reports of the Trivy operator in a Kubernetes cluster: custom resources as ``kubectl get … -o json`` prints them."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, purl, severity
from tocsin.readers._json_report import Record, at, number, objects, record, records, shape, text, whole

_LABEL, _GROUP = "trivy-operator.resource.", "aquasecurity.github.io"


def claims(head: bytes, name: str) -> bool:
    """By the API group, in a resource's version or as a key, or by the operator's labels."""
    found = shape(head)
    if any(_GROUP in path or _LABEL in path for path in found.paths):
        return True
    return any(path.endswith("apiVersion") and str(value).startswith(_GROUP) for path, value in found.values.items())


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        lists = [key for key in item if key == "items" or key.endswith(_GROUP)]
        for resource in [one for key in lists for one in records(item, key)] if lists else [item]:
            yield from _resource(resource)


def _resource(resource: Record) -> Iterator[Seen | Activity]:
    held = record(resource, "report")
    labels = record(resource, "metadata", "labels")
    parts = [text(labels, _LABEL + part) for part in ("namespace", "kind", "name")]
    container = text(labels, "trivy-operator.container.name")
    name = "/".join(part for part in (*parts, container) if part) or text(resource, "metadata", "name")
    repository, tag = text(held, "artifact", "repository"), text(held, "artifact", "tag")
    image = f"{repository}:{tag}" if repository and tag else repository
    version, made = text(held, "scanner", "version"), instant(text(held, "updateTimestamp"))
    yield Activity("Trivy operator", version, made, None, name, resource.offset)
    for found in records(held, "vulnerabilities"):
        uid, package, installed = (text(found, key) for key in ("vulnerabilityID", "resource", "installedVersion"))
        yield Seen(
            found.offset,
            (name, uid, package, installed),
            title=text(found, "title") or f"{uid} in {package}",
            severity=severity(text(found, "severity")),
            ids=[uid] if uid else [],
            places=[Place(name, url_path=text(found, "target") or image)],
            rule=uid,
            description=text(found, "description"),
            cvss_score=number(found, "score"),
            package_name=package,
            package_version=installed,
            package_purl=purl(text(found, "packagePURL")),
            package_fixed_version=text(found, "fixedVersion"),
            own=True,
        )
    for check in _checks(resource):
        if at(check, "success") is not True:
            yield _check(check, name, text(check, "checkID") or text(check, "id"), "remediation")
    for control in records(resource, "status", "summaryReport", "controlCheck"):
        if whole(control, "totalFail"):
            yield _check(control, name, text(control, "id"), "")
    for secret in records(held, "secrets"):
        yield _check(secret, name, text(secret, "ruleID"), "")


def _checks(resource: Record) -> list[Record]:
    """Of configuration, RBAC and infrastructure reports; of compliance reports those of each control."""
    results = records(resource, "status", "detailReport", "results") + records(resource, "report", "detailReport", "results")
    return records(resource, "report", "checks") + [check for result in results for check in records(result, "checks")]


def _check(found: Record, name: str | None, rule: str | None, remediation: str) -> Seen:
    message = text(found, "messages", 0) or text(found, "match")
    return Seen(
        found.offset,
        (name, rule, text(found, "target"), message),
        title=text(found, "title") or text(found, "name") or rule,
        severity=severity(text(found, "severity")),
        places=[Place(name, url_path=text(found, "target"))],
        rule=rule,
        description="\n".join(part for part in (text(found, "description"), message) if part),
        remediation=text(found, remediation) if remediation else None,
        own=True,
    )


@reader(title="Trivy operator reports (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each vulnerability, failed check and exposed secret of a resource is one finding.

    Source: https://aquasecurity.github.io/trivy-operator/latest/docs/crds/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
