"""Reports of kube-bench: the CIS Kubernetes benchmark."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather
from tocsin.readers._json_report import Record, objects, records, shape, text
from tocsin.terms import Severity

_MANUAL = "Test marked as a manual test"


def claims(head: bytes, name: str) -> bool:
    """By controls with tests and their results."""
    found = shape(head)
    return found.either("node_type", "tests") or found.has("Controls[].tests") or found.has("Controls", "Totals")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    for item in objects(stream, evidence_id=evidence_id, report=report):
        yield Activity("kube-bench", offset=item.offset)
        for control in records(item, "Controls") if "Controls" in item else [item]:
            for group in records(control, "tests"):
                yield from (found for result in records(group, "results") if (found := _result(result, group, control)))


def _result(result: Record, group: Record, control: Record) -> Seen | None:
    status, reason = (text(result, "status") or "").upper(), text(result, "reason")
    if status != "FAIL" and not (status == "WARN" and reason != _MANUAL):
        return None
    rule, node = text(result, "test_number"), text(control, "node_type")
    parts = (text(group, "desc"), reason, text(result, "audit"), text(result, "expected_result"), text(result, "actual_value"))
    return Seen(
        result.offset,
        (text(control, "id"), node, rule),
        title=f"{rule} {text(result, 'test_desc') or ''}",
        severity=Severity.MEDIUM if status == "FAIL" else Severity.INFORMATIONAL,
        places=[Place(node)],
        rule=rule,
        description="\n".join(part for part in parts if part),
        status=status.lower(),
        remediation=text(result, "remediation"),
        own=True,
    )


@reader(title="kube-bench report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each test that failed, or warned without being one to do by hand, is one finding: medium and informational.

    Source: https://github.com/aquasecurity/kube-bench
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
