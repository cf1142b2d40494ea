"""The same evidence gives the same findings on DuckDB and on Spark, nulls included."""

import itertools
import json
import os
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin import engines, pipeline
from tocsin.analyzers import Context, Keep, analyzers
from tocsin.model import Profile
from tocsin.scenario import build, write
from tocsin.schema import TABLES

pytest.importorskip("pyspark")
pytestmark = pytest.mark.spark
# Small cases: compiling every query to the utmost takes twice as long as running it.
os.environ.setdefault("PYSPARK_SUBMIT_ARGS", '--driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" pyspark-shell')
SAMPLES = Path(__file__).parents[1] / "evidence"
ATTACKED = {
    "pcap": "vector:syn_flood/spoofed",
    "pcapng": "vector:amplification/ntp+dns",
    "netflow5": "vector:udp_flood",
    "netflow9": "vector:carpet_bombing",
    "combined": "vector:http_flood",
    "json": "vector:http_flood/query",
    "firewall": "vector:port_scan",
}
QUICK = ("pcap", "combined")  # the folder of every kind has the others in it


def assert_engines_agree(evidence: Path, out: Path) -> dict[str, Any]:
    """Assess on both engines; return the findings."""
    told = {}
    for engine in engines.ENGINES:
        pipeline.assess(pipeline.Request((evidence,), out / engine, engine=engine))
        told[engine] = (out / engine / "findings.json").read_text()
    ours, theirs = json.loads(told["duckdb"]), json.loads(told["spark"])
    assert {a["analyzer"]: a["reason"] for a in theirs["coverage"]["analyzers"] if a["status"] == "failed"} == {}
    assert theirs == ours
    assert told["spark"] == told["duckdb"]
    manifests = [json.loads((out / engine / "case.json").read_text()) for engine in engines.ENGINES]
    assert [manifest.pop("engine") for manifest in manifests] == list(engines.ENGINES)
    assert manifests[0] == manifests[1]
    return ours


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=[] if kind in QUICK else [pytest.mark.slow]) for kind in ATTACKED])
def test_an_attack_is_found_alike(kind: str, tmp_path: Path) -> None:
    write(build(ATTACKED[kind], seed=3, duration_s=20, ordinary_pps=50, evidence=(kind,)), tmp_path)
    found = assert_engines_agree(tmp_path / "evidence", tmp_path)
    assert found["findings"]


@pytest.mark.slow
@pytest.mark.parametrize("reader", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def test_samples_of_a_reader_are_read_and_judged_alike(reader: str, tmp_path: Path) -> None:
    if reader == "nfdump" and not shutil.which("nfdump"):
        pytest.skip("nfdump is not installed")
    found = assert_engines_agree(SAMPLES / reader, tmp_path)
    assert any(sum(file["rows"].values()) for file in found["coverage"]["evidence"])


def test_a_folder_of_every_kind_is_read_on_several_workers(tmp_path: Path) -> None:
    found = assert_engines_agree(SAMPLES, tmp_path)
    assert len(found["coverage"]["evidence"]) > 15


def test_a_path_is_no_pattern(tmp_path: Path) -> None:
    paths = [tmp_path / "case [1] {a,b}*?" / f"{number}.parquet" for number in range(2)]
    paths[0].parent.mkdir()
    for path in paths:
        rows = [{"evidence_id": path.stem, "record_offset": 0, "query_hostname": None}]
        pq.write_table(pa.Table.from_pylist(rows, schema=TABLES["dns_activity"].arrow), path)
    for engine in engines.ENGINES:
        with engines.connect(engine, {"dns_activity": paths}) as (connection, expressions):
            rows = engines.fetch(connection, expressions["dns_activity"]).to_pylist()
        assert [(row["evidence_id"], row["query_hostname"]) for row in rows] == [("0", None), ("1", None)], engine


WORDS = {
    "src_endpoint_ip": ["192.0.2.1", "192.0.2.2", "198.51.100.7", "2001:db8::1"],
    "dst_endpoint_ip": ["203.0.113.5", "203.0.113.6", "2001:db8::5"],
    "packet_kind": ["tcp_syn", "udp", "udp_from_ntp", "icmp_echo", "fragment"],
    "connection_info_protocol_num": [1, 6, 17, 58],
    "http_request_http_method": ["GET", "POST"],
    "evidence_id": ["e" * 16, "f" * 16],
}
START = datetime(2022, 2, 15, 13, 0, tzinfo=UTC)


def _value(draw: random.Random, name: str, kind: pa.DataType) -> Any:
    if name in ("evidence_id",):
        return draw.choice(WORDS[name])
    if draw.random() < 0.25 and name != "record_offset":
        return None
    if name in WORDS:
        return draw.choice(WORDS[name])
    if pa.types.is_timestamp(kind):
        return START + timedelta(microseconds=draw.randrange(90_000_000))
    if pa.types.is_boolean(kind):
        return draw.random() < 0.5
    if pa.types.is_floating(kind):
        return draw.randrange(8) / 8
    if pa.types.is_integer(kind):
        return draw.choice([0, 1, 2, 3, 18, 53, 80, 123, 443, 900])
    return draw.choice(["", "a", "www.example", "/login?x=1", "203.0.113.5"])


def _answers(engine: str, tables: dict[str, list[Path]]) -> Iterator[tuple[str, pa.Table]]:
    """What each analyzer is told in answer to each of its questions."""
    with engines.connect(engine, tables) as (connection, expressions):
        for analyzer in analyzers().values():
            context = Context(Profile(), dict.fromkeys(WORDS["evidence_id"], ("some.pcap", "0" * 64)))
            steps = analyzer.analyze({table: expressions[table] for table in analyzer.reads}, context, **LOW[analyzer.id])
            answer = None
            for number in itertools.count():
                try:
                    step = steps.send(answer)
                except StopIteration:
                    break
                if isinstance(step, Keep):
                    answer = engines._keep(connection, step.expression)
                    yield f"{analyzer.id} {number}", engines.fetch(connection, answer)
                else:
                    answer = engines.fetch(connection, step)
                    yield f"{analyzer.id} {number}", answer


# Thresholds so low that noise passes them: every question is asked.
LOW: dict[str, dict[str, Any]] = {
    analyzer.id: {
        name: type(value)(1) if isinstance(value, (int, float)) and name.endswith("_min") else value
        for name, value in analyzer.parameters.items()
    }
    for analyzer in analyzers().values()
}


def test_rows_with_nulls_everywhere_give_the_same_answers_to_every_question(tmp_path: Path) -> None:
    draw = random.Random(7)
    tables = {}
    for table in TABLES.values():
        rows = [
            {field.name: _value(draw, field.name, field.type) for field in table.arrow} | {"record_offset": offset}
            for offset in range(400)
        ]
        tables[table.name] = [tmp_path / f"{table.name}.parquet"]  # by Parquet: a memtable loses nulls on Spark
        pq.write_table(pa.Table.from_pylist(rows, schema=table.arrow), tables[table.name][0])
    told = {engine: dict(_answers(engine, tables)) for engine in engines.ENGINES}
    assert list(told["spark"]) == list(told["duckdb"])
    assert len(told["duckdb"]) > 15
    for question, ours in told["duckdb"].items():
        theirs = told["spark"][question]
        assert theirs.column_names == ours.column_names, question
        assert theirs.to_pylist() == ours.to_pylist(), question


def _captures() -> list[str]:
    data = Path(os.environ.get("TOCSIN_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
    folder = data / "network"
    return sorted(path.name for path in folder.iterdir() if path.name != "README.md") if folder.is_dir() else []


@pytest.mark.real
@pytest.mark.parametrize("name", _captures() or ["none"])
def test_real_captures_give_the_same_findings(name: str, real_data: Path, tmp_path: Path) -> None:
    assert_engines_agree(real_data / "network" / name, tmp_path)
