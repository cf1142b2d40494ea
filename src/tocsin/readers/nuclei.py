"""Results of Nuclei: a list, or one result a line; all versions."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, host_of, ids_in, instant, severity, vector_of
from tocsin.readers._json_report import number, objects, record, shape, text, texts
from tocsin.terms import Severity


def claims(head: bytes, name: str) -> bool:
    """By a template and its info."""
    found = shape(head)
    return any(found.either(key, "info") for key in ("template-id", "templateID", "template"))


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("Nuclei")
    for result in objects(stream, evidence_id=evidence_id, report=report):
        info = record(result, "info")
        template = text(result, "template-id") or text(result, "templateID") or text(result, "template")
        matched = text(result, "matched-at") or text(result, "matched") or text(result, "host")
        place = host_of(matched)
        matcher = text(result, "matcher-name") or text(result, "matcher_name")
        kind, classified = text(result, "type"), record(info, "classification")
        ids = [uid.upper() for uid in texts(classified, "cve-id")] or ids_in(template)
        extracted = texts(result, "extracted-results") or texts(result, "extracted_results")
        yield Seen(
            result.offset,
            (template, kind, matcher, place.hostname or place.ip),
            title=text(info, "name") or template,
            severity=severity(text(info, "severity")) or Severity.LOW,
            ids=ids,
            cwe=texts(classified, "cwe-id"),
            places=[place._replace(ip=place.ip or text(result, "ip"))],
            rule=template,
            description="\n".join([text(info, "description") or "", *extracted[:20]]),
            cvss_score=number(classified, "cvss-score"),
            cvss_vector=vector_of(text(classified, "cvss-metrics")),
            first_seen_time=instant(text(result, "timestamp")),
            remediation=text(info, "remediation"),
        )


@reader(title="Nuclei results (JSON, JSON lines)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """One finding is one template with one matcher on one host; its URLs and ports are occurrences.

    A severity that is not said counts as low. Source: https://docs.projectdiscovery.io/tools/nuclei/running#json-output
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
