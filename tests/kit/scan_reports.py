"""Reads a scan report as the pipeline would, and keeps its rows by table."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.errors import EvidenceError
from tocsin.model import Fault
from tocsin.readers import HEAD_BYTES, readers
from tocsin.schema import TABLES

EVIDENCE = Path(__file__).parents[1] / "evidence"


@dataclass
class Rows:
    """What a reader gave: rows by table, faults, and the error that ended it."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    error: EvidenceError | None = None

    @property
    def findings(self) -> list[dict[str, Any]]:
        return self.tables.get("vulnerability_finding", [])

    @property
    def places(self) -> list[dict[str, Any]]:
        return self.tables.get("vulnerability_occurrence", [])

    @property
    def statements(self) -> list[dict[str, Any]]:
        return self.tables.get("vulnerability_statement", [])

    @property
    def components(self) -> list[dict[str, Any]]:
        return self.tables.get("software_inventory", [])

    @property
    def scan(self) -> dict[str, Any]:
        [row] = self.tables["scan_activity"]
        return row

    def inventory(self, *names: str) -> list[tuple[Any, ...]]:
        """These columns of the components, without ``package_`` before them."""
        return [tuple(row.get(name, row.get(f"package_{name}")) for name in names) for row in self.components]

    def column(self, *names: str) -> list[Any]:
        """These columns of the findings; tuples if there are several."""
        return [row[names[0]] if len(names) == 1 else tuple(row[name] for name in names) for row in self.findings]


def claimants(data: bytes, name: str = "evidence") -> list[str]:
    """Ids of the readers that claim this content."""
    return [reader.id for reader in readers().values() if reader.claims(data[:HEAD_BYTES], name)]


def read(content: bytes | str | dict[str, Any] | list[Any]) -> tuple[str, Rows]:
    """The reader that claims the content (exactly one, or this fails) and what it gives; dicts and lists are JSON."""
    data = content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode()
    [name] = claimants(data)
    rows = Rows()
    try:
        for batch in readers()[name].read(io.BytesIO(data), evidence_id="e1", report=rows.faults.append):
            assert batch.rows.schema == TABLES[batch.table].arrow
            rows.tables.setdefault(batch.table, []).extend(batch.rows.to_pylist())
    except EvidenceError as error:
        rows.error = error
    return name, rows


def sample(path: str) -> Rows:
    """What a sample in tests/evidence gives; its folder's reader must be the one that claims it."""
    name, rows = read((EVIDENCE / path).read_bytes())
    assert name == path.partition("/")[0]
    assert rows.error is None
    assert rows.faults == []
    return rows
