"""Zeek logs as Zeek writes them by default: tab-separated, with a header that names the log and its fields.

Read are conn, dns and http. The header may come again in the file (logs put together by ``cat``); parts of other logs are left
out and said so. Source: https://docs.zeek.org/en/master/log-formats.html.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._lines import Block, Rows, head_lines, read_lines
from tocsin.readers._zeek import LOGS, Log, getter
from tocsin.readers._zeek_columns import conn_columns

_FIELDS_MOST, _OTHERS_MOST, _NAME_MOST = 1000, 20, 100


def claims(head: bytes, name: str) -> bool:
    """Zeek's first header line is ``#separator`` and an escaped character."""
    return any(line.startswith("#separator \\x") for line in head_lines(head, most=1))


class _Section:
    """What the header in force says: how fields are separated, which log it is, where our fields stand."""

    def __init__(self, separator: str = "\t") -> None:
        self.separator, self.empty, self.unset = separator, "(empty)", "-"
        self.path = ""
        self.log: Log | None = None
        self.fields: list[str] = []
        self.get: Callable[[list[Any]], tuple[Any, ...]] | None = None

    def header(self, line: str) -> None:
        """Take in a header line. Raises ValueError where it makes no sense."""
        key, _, value = line.partition(self.separator)
        if key == "#path":
            self.path, self.get = value.strip()[:_NAME_MOST], None
            self.log = LOGS.get(self.path)
        elif key == "#unset_field":
            self.unset = value
        elif key == "#empty_field":
            self.empty = value
        elif key == "#fields" and self.log:
            fields = value.split(self.separator)
            if len(fields) > _FIELDS_MOST or "ts" not in fields:
                raise ValueError(f"expected at most {_FIELDS_MOST} fields with ts among them")
            self.fields, self.get = fields, getter(fields, self.log)

    def values(self, line: str) -> tuple[Any, ...]:
        """The fields our log wants; unset and empty ones are None. Raises ValueError for a wrong number of fields."""
        fields = line.split(self.separator)
        if self.get is None:
            raise ValueError("expected the header's #fields line before the first record")
        if len(fields) != len(self.fields):
            raise ValueError(f"expected {len(self.fields)} fields, not {len(fields)}")
        held: list[Any] = fields
        if self.unset != "-" or self.empty in line:  # "-" is nothing to every column as it is
            held = [None if field == self.unset or field == self.empty else field for field in fields]
        held.append(None)
        return self.get(held)


def _separator(line: str) -> str:
    found = re.fullmatch(r"#separator \\x([0-9a-fA-F]{2})", line.rstrip())
    if found is None:
        raise ValueError("expected one escaped character behind #separator")
    return chr(int(found[1], 16))


@reader(
    title="Zeek log (TSV): conn, dns, http",
    tables=("network_activity", "http_activity", "dns_activity"),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read conn, dns and http records; the rest of the contract is that of ``tocsin.readers.Read``."""
    tables: dict[str, Rows] = {path: log.rows(evidence_id) for path, log in LOGS.items()}
    section = _Section()
    others: dict[str, int] = {}  # logs we do not read, and where they start

    def parse(offset: int, line: str) -> None:
        nonlocal section
        if line.startswith("#separator"):
            section = _Section(_separator(line))
        elif line.startswith("#"):
            section.header(line)
            if section.path and not section.log and len(others) < _OTHERS_MOST:
                others.setdefault(section.path, offset)
        elif section.log:
            tables[section.path].add(section.log.row(offset, *section.values(line)))
        elif not section.path:
            raise ValueError("expected a #path line that names the log before the first record")

    def bulk(block: Block) -> Block:
        if section.log is not LOGS["conn"] or section.get is None or section.separator != "\t" or section.unset != "-":
            return block
        records = b"\n".join(block.lines) + b"\n"
        if records.startswith(b"#") or b"\n#" in records:
            return block
        try:
            columns = conn_columns(records, section.fields, (section.unset, section.empty))
        except ValueError:
            return block
        tables["conn"].add_columns({"record_offset": block.offsets, **columns})
        return Block(block.offsets[:0], [])

    seen = 0
    for batch in read_lines(stream, parse, list(tables.values()), evidence_id=evidence_id, report=report, bulk=bulk):
        seen += batch.rows.num_rows
        yield batch
    if others and not seen:
        raise EvidenceError(
            f"Zeek log {', '.join(map(repr, others))}: read are conn, dns and http only; nothing in this file was looked at"
        )
    for path, offset in others.items():
        report(Fault(evidence_id, offset, f"expected a Zeek conn, dns or http log, found {path!r}; that part was left out"))
