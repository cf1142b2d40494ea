"""Zeek logs as JSON, one object per line.

Read are conn, dns and http records, also mixed in one file: told by ``_path`` (Corelight, json-streaming-logs) or ``@stream``
(combined logs), else by the fields that only these logs have. Endpoints may be spelt ``id.orig_h``, ``id_orig_h`` or as an object
``id``. Records of other logs in a combined file are passed over.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._json import endpoint_key, head_objects, is_suricata, is_zeek, json_object
from tocsin.readers._lines import read_lines, shown
from tocsin.readers._zeek import ENDPOINTS, LOGS

_NAMES_MOST = 20


def claims(head: bytes, name: str) -> bool:
    """The first object is a Zeek record."""
    objects = head_objects(head)
    return bool(objects) and is_zeek(objects[0]) and not is_suricata(objects[0])


def log_name(record: dict[str, Any]) -> str:
    """The log a record belongs to: as it says, or by fields that only conn, dns and http have; "" if neither tells."""
    for key in ("_path", "@stream"):
        if type(record.get(key)) is str:
            return str(record[key])
    if "conn_state" in record or ("orig_pkts" in record and "proto" in record):
        return "conn"
    if "request_body_len" in record or ("method" in record and "uri" in record):
        return "http"
    if "query" in record and ("trans_id" in record or "rcode" in record or "qtype_name" in record):
        return "dns"
    return ""


@reader(
    title="Zeek log (JSON): conn, dns, http",
    tables=("network_activity", "http_activity", "dns_activity"),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read conn, dns and http records; the rest of the contract is that of ``tocsin.readers.Read``."""
    tables = {path: log.rows(evidence_id) for path, log in LOGS.items()}
    others: dict[str, int] = {}

    def parse(offset: int, line: str) -> None:
        record = json_object(line)
        path = log_name(record)
        log = LOGS.get(path)
        if log is None:
            if not is_zeek(record):
                raise ValueError("expected a Zeek record with ts and uid or endpoints")
            name = path[:100] or f"without a name (fields {', '.join(key[:30] for key in list(record)[:6])})"
            if len(others) < _NAMES_MOST or name in others:
                others[name] = others.get(name, 0) + 1
            return
        if "id.orig_h" not in record:
            _spell_endpoints(record)
        tables[path].add(log.row(offset, *map(record.get, log.fields)))

    seen = 0
    for batch in read_lines(
        stream, parse, list(tables.values()), evidence_id=evidence_id, report=report, last_may_be_cut=False
    ):
        seen += batch.rows.num_rows
        yield batch
    if others and not seen:
        names = ", ".join(f"{shown(name, 200)} ({count:,} records)" for name, count in others.items())
        raise EvidenceError(f"Zeek log {names}: read are conn, dns and http only; nothing in this file was looked at")


def _spell_endpoints(record: dict[str, Any]) -> None:
    for part in ENDPOINTS:
        key = endpoint_key(record, part)
        if key:
            record[f"id.{part}"] = record["id"][part] if key == "id" else record[key]
