"""``tocsin explain``: from a finding to its rows to the bytes of the evidence."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tocsin.cli.sql import open_tables
from tocsin.errors import CaseError, EvidenceError
from tocsin.intake import Item, gather
from tocsin.model.text import count, printable
from tocsin.schema import TABLES

BYTES_SHOWN = 64


def explain_finding(case: Path, wanted: str, evidence: Sequence[Path], console: Console) -> None:
    """Print a finding's claim and basis, its rows in the tables, and their bytes where the evidence is at hand.

    Raises:
        CaseError: No such case, no such finding, or the characters given fit several.
    """
    finding = _find(case, wanted)
    console.print(f"[bold]{_safe(finding['title'])}[/bold]")
    console.print(f"{finding['class']}, {finding['confidence']} % sure: {_safe(finding['confidence_basis'])}")
    console.print(_safe(finding["meaning"]))
    console.print(
        f"[dim]{finding['analyzer']} {finding['version']}, thresholds {_safe(json.dumps(finding['parameters']))}[/dim]\n"
    )
    if not finding["evidence"]:
        console.print("No single rows stand for this finding; its numbers are counts over whole tables (see tocsin sql).")
        return
    connection = open_tables(case)
    with tempfile.TemporaryDirectory(prefix="tocsin-") as spool:  # the case may be read-only, or held by a run
        items = _items(evidence, {row["sha256"] for row in finding["evidence"]}, Path(spool))
        _print_rows(finding, items, connection, console)
    if not evidence:
        console.print("[dim]Bytes: give --evidence FOLDER to see them.[/dim]")
    elif missing := {row["name"] for row in finding["evidence"] if row["sha256"] not in items}:
        console.print(
            f"No bytes of {_safe(', '.join(sorted(missing)))}: no file of that SHA-256 lies in {_safe(', '.join(map(str, evidence)))}."
        )


def _print_rows(
    finding: Mapping[str, Any], items: Mapping[str, Item], connection: duckdb.DuckDBPyConnection, console: Console
) -> None:
    for row in finding["evidence"]:
        console.print(f"[bold]{_safe(row['name'])}[/bold], byte {count(row['offset'])}  sha256 {row['sha256'][:16]}…")
        console.print(f"  {_safe(row['excerpt'])}")
        for table in TABLES:
            rows = connection.table(table).filter(
                (duckdb.ColumnExpression("evidence_id") == row["evidence_id"])
                & (duckdb.ColumnExpression("record_offset") == row["offset"])
            )
            found = rows.limit(1)
            for values in found.fetchall():
                told = ", ".join(
                    f"{name}={value}" for name, value in zip(found.columns, values, strict=True) if value is not None
                )
                console.print(f"  [dim]{table}:[/dim] {_safe(told)}")
        item = items.get(row["sha256"])
        if item:
            console.print(_hexdump(item, row["offset"]))


def _safe(text: Any) -> str:
    return escape(printable(text))


def _find(case: Path, wanted: str) -> dict[str, Any]:
    try:
        findings = json.loads((case / "findings.json").read_text(encoding="utf-8"))["findings"]
    except (OSError, ValueError, KeyError) as error:
        raise CaseError(f"{case}: expected a case folder with findings.json. Run tocsin assess --out {case} first.") from error
    fits = [finding for finding in findings if finding["id"].startswith(wanted)]
    if len(fits) != 1:
        known = "\n".join(f"  {finding['id']}  {printable(finding['title'])}" for finding in findings) or "  none"
        raise CaseError(f"{wanted}: expected the id of one finding, it fits {len(fits)}. Findings of {case}:\n{known}")
    found: dict[str, Any] = fits[0]
    return found


def _items(paths: Sequence[Path], wanted: set[str], spool: Path) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for found in gather(paths, spool=spool):
        if isinstance(found, Item) and found.evidence.sha256 in wanted:
            items[found.evidence.sha256] = found
            if len(items) == len(wanted):
                break
    return items


def _hexdump(item: Item, offset: int) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    try:
        with item.open() as stream:
            remaining = offset
            while remaining > 0 and (skipped := len(stream.read(min(remaining, 1 << 20)))):
                remaining -= skipped
            data = stream.read(BYTES_SHOWN)
    except EvidenceError as error:
        table.add_row(_safe(str(error)))
        return table
    for start in range(0, len(data), 16):
        part = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in part)
        table.add_row(f"[dim]{offset + start:>11,}[/dim]", part.hex(" "), escape(text))
    return table
