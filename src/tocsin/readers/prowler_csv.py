"""Prowler's reports as CSV: version 3 and newer (semicolons), 2 (commas)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._csv_report import columns, records
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant, severity

_NEW, _OLD = ("check_id", "status", "status_extended"), ("title_id", "check_result", "account_num")


def claims(head: bytes, name: str) -> bool:
    """By the columns of a check and its result."""
    return bool(columns(head, *_NEW) or columns(head, *_OLD))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    head = stream.read(65536)
    stream.seek(0)
    yield Activity("Prowler")
    for row in records(stream, *(_NEW if columns(head, *_NEW) else _OLD), evidence_id=evidence_id, report=report):
        status = row.first("status", "check_result") or ""
        if status.upper() in ("PASS", "PASSED"):
            continue
        rule, detail = row.first("check_id", "title_id"), row.first("status_extended", "check_result_extended")
        asset = row.first("resource_name", "resource_uid", "check_resource_id", "resource_id", "account_uid", "account_num")
        title = row.first("check_title", "title_text")
        yield Seen(
            row.offset,
            (rule, title, row.get("description"), detail, row.get("region"), row.get("notes")),
            title=title or rule,
            severity=severity(row.first("severity", "check_severity")),
            places=[Place(asset, url_path=row.get("region"))],
            rule=rule,
            description="\n".join(part for part in (row.get("description"), detail, row.first("risk", "check_risk")) if part),
            status=status.lower(),
            first_seen_time=instant(row.first("timestamp", "assessment_start_time")),
            remediation=row.first("remediation_recommendation_text", "check_remediation"),
        )


@reader(title="Prowler report (CSV)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one check with one detail in one region; checks that passed are none, those to be done by hand are.

    Source: https://docs.prowler.com/projects/prowler-open-source/en/latest/tutorials/reporting/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
