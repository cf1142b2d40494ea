"""Where expressions run: DuckDB in the kit, Spark when the evidence outgrows a machine. Chosen at the edge, never in an analyzer."""

import contextlib
import importlib.util
import itertools
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.analyzers import Keep, Steps
from tocsin.errors import TocsinError
from tocsin.model import Finding
from tocsin.schema import TABLES

ENGINES = ("duckdb", "spark")


def check(name: str) -> None:
    """Make sure that an engine can be had, before any work is done for it.

    Raises:
        TocsinError: It is unknown or not installed.
    """
    if name not in ENGINES:
        raise TocsinError(f"--engine {name}: expected one of {', '.join(ENGINES)}")
    if name == "spark" and importlib.util.find_spec("pyspark") is None:
        raise TocsinError("--engine spark: pyspark is not installed. Install tocsin[spark], and Java 17 or newer.")
    if name == "spark" and not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise TocsinError("--engine spark: Java is not installed. Install Java 17 or newer, or set JAVA_HOME.")


@contextlib.contextmanager
def connect(name: str, tables: Mapping[str, Sequence[Path]]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Open an engine over Parquet files.

    Args:
        name: ``duckdb`` or ``spark``.
        tables: Table name to its Parquet files. Tables with no file are there too, empty.

    Yields:
        The Ibis connection, and an expression per table of the schema.

    Raises:
        TocsinError: The engine is unknown or not installed.
    """
    check(name)
    with tempfile.TemporaryDirectory(prefix="tocsin-") as scratch:
        connection = _duckdb(scratch) if name == "duckdb" else _spark()
        try:
            expressions = {}
            for table, schema in TABLES.items():
                paths = [str(path) for path in tables.get(table, ())]
                if not paths:
                    paths = [os.path.join(scratch, f"{table}.parquet")]  # noqa: PTH118 - engines take strings
                    pq.write_table(schema.arrow.empty_table(), paths[0])
                expressions[table] = _read(connection, table, paths)
            yield connection, expressions
        finally:
            if name == "duckdb":
                connection.disconnect()
            else:  # a Spark session takes long to start: it serves the next case, too, and ends with the process
                for view in connection.list_tables():
                    spark_session().catalog.dropTempView(view)


def load(name: str) -> Any:
    """Import what an engine stands on, ahead of its first use; reading processes do without."""
    import ibis

    # Merging the steps of an expression into fewer SELECTs takes Ibis longer than it saves the engines, which do it themselves.
    ibis.options.sql.fuse_selects = False
    return ibis.duckdb if name == "duckdb" else ibis.pyspark


def warm_up(name: str) -> None:
    """Load all that the first expression would load: pandas among it, half a second."""
    engine = load(name)
    if name == "duckdb":
        from ibis import memtable

        connection = engine.connect()
        fetch(connection, _keep(connection, memtable(pa.table({"x": [1]}))))
        connection.disconnect()


def _duckdb(scratch: str) -> Any:
    return load("duckdb").connect(
        threads=len(os.sched_getaffinity(0)),
        memory_limit="2GB",
        temp_directory=scratch,
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )


def spark_session() -> Any:
    """The local or configured Spark session (``SPARK_MASTER``, else all local cores); see ``check``."""
    load("spark")  # waits where another thread is at it: two that enter pyspark by different doors collide
    from pyspark.sql import SparkSession

    # The workers run our readers: by the Python that has them, unless someone says where it lies on the cluster.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder: Any = SparkSession.builder
    return (
        builder.master(os.environ.get("SPARK_MASTER", "local[*]"))
        .appName("tocsin")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "20000")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "2g")
        .getOrCreate()
    )


def _spark() -> Any:
    return load("spark").connect(spark_session())


def _read(connection: Any, table: str, paths: Sequence[str]) -> Any:
    if connection.name == "duckdb":
        return connection.read_parquet(paths, table_name=table)
    # Not by Ibis, which gives Spark one path only. Hadoop takes a path for a pattern.
    escaped = [re.sub(r"([\\\[\]{}*?])", r"\\\1", path) for path in paths]
    spark_session().read.parquet(*escaped).createOrReplaceTempView(table)
    return connection.table(table)


def run(connection: Any, steps: Steps, kept: dict[Any, Any] | None = None) -> list[Finding]:
    """Drive an analyzer: run each expression it yields and send back the result, until it returns its findings.

    Args:
        connection: From ``connect``.
        steps: The analyzer, called.
        kept: What other analyzers had kept on this connection: who asks for the same gets the same table. Added to.
    """
    kept = {} if kept is None else kept
    try:
        step = next(steps)
        while True:
            if isinstance(step, Keep):
                key = step.expression.op()
                kept[key] = kept[key] if key in kept else _keep(connection, step.expression)
                step = steps.send(kept[key])
            else:
                step = steps.send(fetch(connection, step))
    except StopIteration as stop:
        return list(stop.value)


def _keep(connection: Any, expression: Any) -> Any:
    name = f"kept_{next(_numbers)}"
    if connection.name == "duckdb":
        return connection.create_table(name, expression, temp=True)
    # The checkpoint cuts the plan off: one that grows with each question takes Spark longer than the rows do.
    _spark_frame(connection, expression).localCheckpoint().createOrReplaceTempView(name)
    return connection.table(name)


_numbers = itertools.count()


def fetch(connection: Any, expression: Any) -> pa.Table:
    """Run one expression. Rows are sorted by all columns, so that every engine gives them in the same order."""
    if connection.name == "duckdb":
        rows: pa.Table = connection.to_pyarrow(expression)
    else:
        rows = _spark_frame(connection, expression).toArrow()
        # Ibis takes Spark's timestamps, which are instants, for times of day without a zone.
        kinds = [
            own.type if pa.types.is_timestamp(own.type) else kind
            for own, kind in zip(rows.schema, expression.schema().to_pyarrow().types, strict=True)
        ]
        rows = rows.cast(pa.schema(list(zip(rows.column_names, kinds, strict=True))))
    return rows.sort_by([(name, "ascending") for name in rows.column_names])


def _spark_frame(connection: Any, expression: Any) -> Any:
    """An expression as a Spark DataFrame.

    Ibis would hand memtables over by way of pandas, which loses nulls, and forgets them where it caches; so we do it, by Arrow.
    """
    from ibis.expr.operations import InMemoryTable

    session = spark_session()
    for held in expression.op().find(InMemoryTable):
        session.createDataFrame(held.data.to_pyarrow(held.schema)).createOrReplaceTempView(held.name)
    return session.sql(connection.compile(expression))
