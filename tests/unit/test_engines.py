"""An engine answers expressions over Parquet; what cannot be had is said before any work."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin import engines
from tocsin.analyzers import Keep, Steps
from tocsin.errors import TocsinError
from tocsin.schema import TABLES


def parquet(path: Path, ports: list[int | None]) -> Path:
    rows = [{"src_endpoint_port": port, "record_offset": n} for n, port in enumerate(ports)]
    pq.write_table(pa.Table.from_pylist(rows, schema=TABLES["network_activity"].arrow), path)
    return path


def test_an_unknown_engine_is_refused_with_those_known() -> None:
    with pytest.raises(TocsinError, match="--engine sparc: expected one of duckdb, spark"):
        engines.check("sparc")


def test_spark_without_java_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(TocsinError, match="Java is not installed"):
        engines.check("spark")


def test_tables_without_files_are_there_and_empty() -> None:
    with engines.connect("duckdb", {}) as (connection, tables):
        assert set(tables) == set(TABLES)
        assert engines.fetch(connection, tables["dns_activity"]).num_rows == 0


def test_several_files_are_one_table(tmp_path: Path) -> None:
    paths = [parquet(tmp_path / "a.parquet", [3, None]), parquet(tmp_path / "b.parquet", [1])]
    with engines.connect("duckdb", {"network_activity": paths}) as (connection, tables):
        found = engines.fetch(connection, tables["network_activity"].select("src_endpoint_port"))
    assert found.column(0).to_pylist() == [1, 3, None]


def test_an_analyzer_is_sent_what_it_asks_for(tmp_path: Path) -> None:
    seen = []

    def steps(flows):  # type: ignore[no-untyped-def]
        kept = yield Keep(flows.filter(flows.src_endpoint_port > 1))
        seen.append((yield kept.count().as_table()).to_pylist())
        seen.append((yield kept.select("src_endpoint_port")).column(0).to_pylist())
        return []

    with engines.connect("duckdb", {"network_activity": [parquet(tmp_path / "a.parquet", [1, 3, 2])]}) as (connection, tables):
        assert engines.run(connection, steps(tables["network_activity"])) == []
    assert list(seen[0][0].values()) == [2]
    assert seen[1] == [2, 3]


def test_what_two_analyzers_have_kept_is_made_once(tmp_path: Path) -> None:
    path = parquet(tmp_path / "rows.parquet", [1, 2, 3])
    with engines.connect("duckdb", {"network_activity": [path]}) as (connection, tables):
        flows, kept, got = tables["network_activity"], {}, []

        def steps(port: int) -> Steps:
            got.append((yield Keep(flows.filter(flows.src_endpoint_port > port))))
            return []

        for port in (1, 1, 2):
            engines.run(connection, steps(port), kept)
        assert got[0].equals(got[1])
        assert [engines.fetch(connection, table).num_rows for table in got] == [2, 2, 1]
        assert len(kept) == 2
