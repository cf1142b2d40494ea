"""``tocsin sql``: the tables of a case in DuckDB, one query or a prompt."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from tocsin.errors import CaseError
from tocsin.model.text import printable
from tocsin.schema import TABLES

ROWS_MAX = 200


def open_tables(case: Path) -> duckdb.DuckDBPyConnection:
    """A connection with a view per table of the case.

    Raises:
        CaseError: There is no case.
    """
    if not (case / "case.json").is_file():
        raise CaseError(f"{case}: expected a case folder with a case.json. Run tocsin assess --out {case} first.")
    connection = duckdb.connect()
    for name in TABLES:
        files = sorted(str(path) for path in (case / "tables" / name).glob("[!.]*.parquet"))
        if files:
            connection.read_parquet(files).create_view(name)
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
            console.print(f"[red]{printable(str(error))}[/red]")


def _show(relation: duckdb.DuckDBPyRelation | None, console: Console) -> None:
    if relation is None:
        return
    rows = relation.fetchmany(ROWS_MAX + 1)
    table = Table(*relation.columns, box=None, header_style="dim")
    for row in rows[:ROWS_MAX]:
        table.add_row(*("" if value is None else printable(str(value)) for value in row))
    console.print(table)
    if len(rows) > ROWS_MAX:
        console.print(f"The first {ROWS_MAX} rows; add LIMIT or WHERE to see others.")
