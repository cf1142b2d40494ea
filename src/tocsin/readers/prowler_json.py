"""Prowler's reports in JSON: OCSF (version 4 and newer), native (3), lines (2)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity
from tocsin.readers._json_report import Record, objects, records, shape, text


def claims(head: bytes, name: str) -> bool:
    """By checks with a status: OCSF findings of the product, or Prowler's own names."""
    found = shape(head)
    products = (found.text("[].metadata.product.name"), found.text("metadata.product.name"))
    return (
        found.either("CheckID", "Status", "StatusExtended")
        or found.either("Control ID", "Status", "Account Number")
        or found.either("finding_info", "status_code", "status_detail", "risk_details")
        or (found.either("finding_info") and "Prowler" in products)
    )


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        status = text(item, "status_code") or text(item, "Status") or ""
        version = text(item, "metadata", "product", "version") or text(item, "ProwlerVersion")
        start = text(item, "time_dt") or text(item, "AssessmentStartTime") or text(item, "Timestamp")
        yield Activity("Prowler", version, instant(start), offset=item.offset)
        if status.upper() not in ("PASS", "PASSED"):
            yield _ocsf(item, status) if "finding_info" in item else _native(item, status)


def _ocsf(item: Record, status: str) -> Seen:
    rule, detail = text(item, "metadata", "event_code"), text(item, "status_detail")
    account, region = text(item, "cloud", "account", "uid"), text(item, "cloud", "region")
    places = [Place(text(one, "name") or text(one, "uid") or account, url_path=region) for one in records(item, "resources")]
    return Seen(
        item.offset,
        (text(item, "message"), rule, text(item, "finding_info", "desc"), detail, region),
        title=text(item, "message") or text(item, "finding_info", "title"),
        severity=severity(text(item, "severity")),
        places=places,
        rule=rule,
        description="\n".join(
            part for part in (text(item, "finding_info", "desc"), detail, text(item, "risk_details")) if part
        ),
        asset=account,
        status=status.lower(),
        first_seen_time=instant(text(item, "finding_info", "created_time_dt")),
        remediation=text(item, "remediation", "desc"),
    )


def _native(item: Record, status: str) -> Seen:
    rule = text(item, "CheckID") or text(item, "Control ID")
    detail = text(item, "StatusExtended") or text(item, "Message")
    asset = text(item, "ResourceId") or text(item, "Resource ID") or text(item, "AccountId") or text(item, "Account Number")
    region = text(item, "Region")
    return Seen(
        item.offset,
        (text(item, "FindingUniqueId"), rule, detail, asset, region),
        title=text(item, "CheckTitle") or text(item, "Control") or detail,
        severity=severity(text(item, "Severity")),
        places=[Place(asset, url_path=region)],
        rule=rule,
        description="\n".join(part for part in (text(item, "Description"), detail, text(item, "Risk")) if part),
        status=status.lower(),
        first_seen_time=instant(text(item, "AssessmentStartTime") or text(item, "Timestamp")),
        remediation=text(item, "Remediation", "Recommendation", "Text") or text(item, "Remediation"),
    )


@reader(title="Prowler report (JSON): OCSF, version 3, version 2", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one check with one detail in one region; checks that passed are none, those to be done by hand are.

    Source: https://docs.prowler.com/projects/prowler-open-source/en/latest/tutorials/reporting/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
