"""Findings of Amazon Inspector, as ``aws inspector2 list-findings`` prints them."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity, vector_of
from tocsin.readers._json_report import Record, document, number, record, records, shape, text, texts, whole


def claims(head: bytes, name: str) -> bool:
    """By findings with an ARN and Inspector's details."""
    found = shape(head)
    return (
        found.kind == "object" and found.has("findings") and (found.has("findings[].findingArn") or found.paths == {"findings"})
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    if type(data.get("findings")) is not list:
        raise EvidenceError("at byte 0: expected a list of findings; this layout of Amazon Inspector is not known.")
    yield Activity("Amazon Inspector", offset=data.offset)
    for found in records(data, "findings"):
        package, code = record(found, "packageVulnerabilityDetails"), record(found, "codeVulnerabilityDetails") or found
        parts = records(package, "vulnerablePackages")
        uid = text(package, "vulnerabilityId")
        fixed = dict.fromkeys(text(part, "fixedInVersion") for part in parts)
        vectors = [text(found, "inspectorScoreDetails", "adjustedCvss", "scoringVector")]
        vectors += [text(one, "scoringVector") for one in records(package, "cvss")]
        yield Seen(
            found.offset,
            (text(found, "findingArn"), text(found, "title")),
            title=text(found, "title"),
            severity=severity(text(found, "severity")),
            ids=[one for one in (uid, *texts(package, "relatedVulnerabilities")) if one],
            cwe=texts(code, "cwes"),
            places=[_place(resource, found) for resource in records(found, "resources")],
            rule=uid or text(code, "ruleId") or text(found, "type"),
            description=text(found, "description"),
            cvss_score=number(found, "inspectorScore"),
            cvss_vector=vector_of(*vectors),
            package_name=", ".join(dict.fromkeys(name for part in parts if (name := text(part, "name")))) or None,
            package_version=text(parts[0], "version") if parts else None,
            package_fixed_version=",".join(one for one in fixed if one and one != "NotAvailable") or None,
            status=(text(found, "status") or "").lower() or None,
            first_seen_time=instant(text(found, "firstObservedAt")),
            remediation=text(found, "remediation", "recommendation", "text"),
            own=True,
        )


def _place(resource: Record, found: Record) -> Place:
    network = record(found, "networkReachabilityDetails")
    details = record(resource, "details")
    path = text(found, "codeVulnerabilityDetails", "filePath", "filePath") or text(found, "filePath", "filePath")
    address = next((ip for ip in texts(details, "awsEc2Instance", "ipV4Addresses")), None)
    protocol = (text(network, "protocol") or "").lower() or None
    return Place(text(resource, "id"), address, None, whole(network, "openPortRange", "begin"), protocol, path)


@reader(title="Amazon Inspector findings (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each entry is one finding, its resources are the places.

    Source: https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
