"""One row per finding, for a spreadsheet.

Source: RFC 4180; https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterator

from tocsin.exporters.as_json import iso_time
from tocsin.model import Assessment, Finding
from tocsin.model.text import printable

COLUMNS = (
    "tlp", "id", "class", "severity_id", "severity", "confidence", "title", "victims", "vector", "services",
    "first_seen", "last_seen", "duration_s", "peak_packets_per_s", "peak_bits_per_s", "peak_requests_per_s",
    "sources", "sources_spoofed", "techniques", "analyzer", "version", "incident", "evidence", "meaning",
)  # fmt: skip
_CELL_CHARACTERS = 2_000
# What spreadsheets take for a formula, also in full-width letters. Not only at the start of a cell: where the list separator
# is a semicolon, as in most of Europe, a spreadsheet opens this file with other cell borders than ours.
_FORMULA = re.compile(r"(^|[;,\t|\"'])(\s*)(?=[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII)


def to_csv(assessment: Assessment) -> bytes:
    """UTF-8, CRLF, every cell quoted, the marking in the first column of each row."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in assessment.findings:
        row = dict(_row(assessment, finding))
        writer.writerow([neutral(row[column]) for column in COLUMNS])
    return stream.getvalue().encode()


def neutral(value: object) -> str:
    """A cell no spreadsheet runs: an apostrophe stands before everything that could begin a formula; numbers stay numbers."""
    text = printable("" if value is None else value, _CELL_CHARACTERS)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1\2'", text)


def _row(assessment: Assessment, finding: Finding) -> Iterator[tuple[str, object]]:
    yield "tlp", assessment.tlp.value
    yield "id", finding.id
    yield "class", finding.cls.value
    yield "severity_id", int(finding.severity)
    yield "severity", finding.severity.word
    yield "confidence", finding.confidence
    yield "title", finding.title
    yield "victims", " ".join(finding.named("victim"))
    yield "first_seen", iso_time(finding.first_seen)
    yield "last_seen", iso_time(finding.last_seen)
    yield "techniques", " ".join(finding.techniques)
    yield "analyzer", finding.analyzer
    yield "version", finding.version
    yield "incident", finding.incident
    yield "evidence", " ".join(dict.fromkeys(f"{row.name}@{row.offset}" for row in finding.evidence))
    yield "meaning", finding.meaning
    for name in ("vector", "peak_packets_per_s", "peak_bits_per_s", "peak_requests_per_s", "sources", "sources_spoofed"):
        yield name, finding.attributes.get(name)
    services = finding.attributes.get("services")
    yield "services", " ".join(map(str, services)) if isinstance(services, list | tuple) else services
    if finding.first_seen and finding.last_seen:
        yield "duration_s", (finding.last_seen - finding.first_seen).total_seconds()
    else:
        yield "duration_s", None
