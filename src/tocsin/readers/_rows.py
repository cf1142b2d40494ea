"""Gathers rows (dicts) into Arrow batches of a table's schema; for readers of text and of small binary formats."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from tocsin.model import Batch
from tocsin.schema import TABLES

BATCH_ROWS = 20_000


def batches(
    rows: Iterable[tuple[str, Mapping[str, Any]]], *, evidence_id: str, batch_rows: int = BATCH_ROWS
) -> Iterator[Batch]:
    """Turn ``(table, row)`` pairs into batches, in order within a table.

    A row gives the columns it knows and ``record_offset``; the rest is null. Values must have the column's Python type
    (aware datetimes for times).
    """
    pending: dict[str, list[Mapping[str, Any]]] = {}
    for table, row in rows:
        held = pending.setdefault(table, [])
        held.append(row)
        if len(held) >= batch_rows:
            yield _batch(table, held, evidence_id)
            held.clear()
    for table, held in pending.items():
        if held:
            yield _batch(table, held, evidence_id)


def _batch(table: str, rows: list[Mapping[str, Any]], evidence_id: str) -> Batch:
    schema = TABLES[table].arrow
    columns = [
        pa.array([evidence_id] * len(rows), pa.string())
        if field.name == "evidence_id"
        else pa.array([row.get(field.name) for row in rows], field.type)
        for field in schema
    ]
    return Batch(table, pa.RecordBatch.from_arrays(columns, schema=schema))
