"""Reads bytes with one reader and gives back plain rows; compares rows with golden files."""

import importlib
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import tocsin.readers as registry
from tocsin.model import Fault
from tocsin.schema import TABLES

TESTS = Path(__file__).parents[1]
GOLDEN = TESTS / "golden" / "readers"
TEXT_READERS = (
    "access_json", "access_log", "argus_csv", "firewall_syslog", "iis_w3c", "suricata_eve", "zeek_json", "zeek_tsv",
)  # fmt: skip

Rows = list[dict[str, Any]]


class ReadResult(NamedTuple):
    """Rows in file order, each with its table under ``table`` and without nulls; the faults in the order they were reported."""

    rows: Rows
    faults: list[Fault]

    def one(self) -> dict[str, Any]:
        """The only row, of a file without faults."""
        assert not self.faults, self.faults
        assert len(self.rows) == 1
        return self.rows[0]

    @property
    def fault_offsets(self) -> list[int]:
        """Where the faults are, sorted."""
        return sorted(fault.offset for fault in self.faults)


def reader(name: str) -> registry.Reader:
    """A registered reader, without importing the others."""
    importlib.import_module(f"tocsin.readers.{name}")
    return registry._REGISTRY[name]


def claimants(head: bytes) -> list[str]:
    """The text readers that claim a head, whatever its name."""
    return [name for name in TEXT_READERS if reader(name).claims(head[: registry.HEAD_BYTES], "evidence")]


def read(name: str, data: bytes | str | io.RawIOBase | io.BytesIO) -> ReadResult:
    """Read everything; check that each batch keeps to its table's schema and holds valid values."""
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data) if isinstance(data, bytes | str) else data
    rows: Rows = []
    faults: list[Fault] = []
    found = reader(name)
    for batch in found.read(stream, evidence_id="e1", report=faults.append):  # type: ignore[arg-type]
        assert batch.table in found.tables
        assert batch.rows.schema == TABLES[batch.table].arrow
        batch.rows.validate(full=True)
        rows += [plain(batch.table, row) for row in batch.rows.to_pylist()]
    assert all(fault.evidence_id == "e1" and fault.reason for fault in faults)
    return ReadResult(sorted(rows, key=lambda row: row["record_offset"]), faults)


def read_offsets(name: str, data: bytes) -> tuple[set[int], list[int]]:
    """Only where rows and faults are: for tests that read a file a thousand times."""
    faults: list[Fault] = []
    batches = reader(name).read(io.BytesIO(data), evidence_id="e1", report=faults.append)
    return {offset for batch in batches for offset in batch.rows.column("record_offset").to_pylist()}, [
        f.offset for f in faults
    ]


def plain(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it: no nulls, times in ISO 8601, the evidence left out."""
    assert row.pop("evidence_id") == "e1"
    held = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items() if value is not None}
    return {"table": table, **held}


def compare_golden(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Compare with the golden file, one JSON object per line; with TOCSIN_GOLDEN=write, write it."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path}: missing; run with TOCSIN_GOLDEN=write and review it"
    assert text == path.read_text(encoding="utf-8"), (
        f"{path}: rows changed; if meant, run with TOCSIN_GOLDEN=write and review the diff"
    )
