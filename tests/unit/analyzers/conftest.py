"""What the tests of analyzers share: an engine, tables by way of Parquet, and analyzers run as the pipeline runs them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kit.flows import EVIDENCE, Row
from tocsin import engines
from tocsin.analyzers import Context, analyzers
from tocsin.model import Finding, Profile
from tocsin.schema import TABLES


@pytest.fixture(scope="session", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def con(request: pytest.FixtureRequest) -> Iterator[Any]:
    """An engine."""
    with engines.connect(request.param, {}) as (connection, _):
        yield connection


@pytest.fixture(scope="session")
def table(con: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Row], str], Any]:
    """Rows of a table as an expression. By Parquet: ``ibis.memtable`` loses nulls on PySpark."""
    folder, names = tmp_path_factory.mktemp("tables"), count()

    def load(rows: Sequence[Row], name: str) -> Any:
        path = folder / f"{name}-{next(names)}.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows), schema=TABLES[name].arrow), path)
        return con.read_parquet(path)

    return load


@pytest.fixture(scope="session")
def rows_of(con: Any) -> Callable[[Any], list[Row]]:
    """The result of an expression."""
    return lambda expression: engines.fetch(con, expression).to_pylist()


@pytest.fixture(scope="session")
def find(con: Any, table: Callable[[Sequence[Row], str], Any]) -> Callable[..., list[Finding]]:
    """Run an analyzer over rows by table, with its default thresholds or others."""

    def run(
        analyzer: str, tables: Mapping[str, Sequence[Row]], *, profile: Profile | None = None, **thresholds: Any
    ) -> list[Finding]:
        known = analyzers()[analyzer]
        loaded = {name: table(tables.get(name, ()), name) for name in known.reads}
        steps = known.analyze(loaded, Context(profile or Profile(), EVIDENCE), **thresholds)
        return engines.run(con, steps)

    return run
