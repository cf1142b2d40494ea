"""What comes from evidence is shown, never obeyed."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.cli.sql import ROWS_MAX, open_tables, run_sql
from tocsin.errors import CaseError
from tocsin.schema import TABLES
from tocsin.store import Case, dumps, table_path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    for name, host in (("now", "[/red][bold]\x1b[31m"), ("before", "old.example")):
        path = tmp_path / table_path("dns_activity", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [{"evidence_id": name, "record_offset": n, "query_hostname": host} for n in range(ROWS_MAX + 1)]
        pq.write_table(pa.Table.from_pylist(rows, schema=TABLES["dns_activity"].arrow), path)
    Case(tmp_path).write("case.json", dumps({"evidence": [{"evidence_id": "now", "tables": ["dns_activity"]}]}))
    return tmp_path


def test_only_the_evidence_of_the_last_run_is_there(case: Path) -> None:
    connection = open_tables(case)
    assert connection.sql("SELECT DISTINCT evidence_id FROM dns_activity").fetchall() == [("now",)]
    assert connection.sql("SELECT count(*) FROM network_packet").fetchall() == [(0,)]


def test_markup_and_controls_in_values_and_headings_are_shown(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_sql(case, 'SELECT query_hostname AS "[/x]" FROM dns_activity LIMIT 1')
    said = capsys.readouterr().out
    assert "[/x]" in said
    assert "[/red][bold]" in said
    assert "\x1b" not in said


def test_many_rows_are_cut_and_that_is_said(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_sql(case, "SELECT record_offset FROM dns_activity")
    assert f"The first {ROWS_MAX} rows" in capsys.readouterr().out
    run_sql(case, "SELECT record_offset FROM dns_activity WHERE record_offset > 0")
    assert "The first" not in capsys.readouterr().out


def test_a_wrong_query_is_an_operators_mistake(case: Path) -> None:
    with pytest.raises(CaseError, match="query: "):
        run_sql(case, "SELEC 1")


def test_the_prompt_goes_on_after_a_mistake(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = iter(["SELEC [/x]", "SELECT 41 + 1 AS answer", "CREATE TABLE t AS SELECT 1", ""])
    monkeypatch.setattr("builtins.input", lambda *prompt: next(lines))
    run_sql(case, None)
    said = capsys.readouterr().out
    assert "Parser Error" in said
    assert "42" in said
