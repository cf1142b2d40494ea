"""``tocsin sql``: the tables of a case in DuckDB, one query or a prompt."""

import json
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tocsin.errors import CaseError
from tocsin.model.text import printable
from tocsin.schema import TABLES
from tocsin.store import table_path

ROWS_MAX = 200


def open_tables(case: Path) -> duckdb.DuckDBPyConnection:
    """A connection with a view per table of the case: of the evidence of its last run, whatever else lies there.

    Raises:
        CaseError: There is no case, or a table of it is missing or damaged.
    """
    try:
        evidence = json.loads((case / "case.json").read_text(encoding="utf-8"))["evidence"]
        held = [(table, entry["evidence_id"]) for entry in evidence for table in entry["tables"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CaseError(f"{case}: expected a case folder with a case.json. Run tocsin assess --out {case} first.") from error
    connection = duckdb.connect()
    for name in TABLES:
        files = sorted(str(case / table_path(table, evidence_id)) for table, evidence_id in held if table == name)
        if files:
            try:
                connection.read_parquet(files).create_view(name)
            except duckdb.Error as error:
                raise CaseError(f"{case}: a table cannot be read ({error}). Run the same tocsin assess again.") from error
        else:
            connection.from_arrow(TABLES[name].arrow.empty_table()).create(name)
    return connection


def run_sql(case: Path, query: str | None) -> None:
    """Run one query, or read queries from a prompt until an empty line or end of file."""
    connection, console = open_tables(case), Console(highlight=False)
    if query is not None:
        try:
            _show(connection.sql(query), console)
        except duckdb.Error as error:
            raise CaseError(f"query: {error}") from error
        return
    console.print(f"Tables: {', '.join(TABLES)}. One query a line; an empty line ends.")
    while True:
        try:
            line = console.input("sql> ").strip()
        except EOFError:
            return
        if not line:
            return
        try:
            _show(connection.sql(line), console)
        except duckdb.Error as error:
            console.print(f"[red]{escape(printable(str(error)))}[/red]")


def _show(relation: duckdb.DuckDBPyRelation | None, console: Console) -> None:
    if relation is None:
        return
    rows = relation.limit(ROWS_MAX + 1).fetchall()
    table = Table(*map(escape, relation.columns), box=None, header_style="dim")
    for row in rows[:ROWS_MAX]:
        table.add_row(*("" if value is None else escape(printable(str(value))) for value in row))
    console.print(table)
    if len(rows) > ROWS_MAX:
        console.print(f"The first {ROWS_MAX} rows; add LIMIT or WHERE to see others.")
