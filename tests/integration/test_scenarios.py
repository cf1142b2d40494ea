"""From a capture's bytes to findings: one scenario per class of vector at a low rate, and what only looks like an attack."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tocsin import engines
from tocsin.analyzers import Context, analyzers
from tocsin.assess import merge
from tocsin.model import Finding, Profile
from tocsin.readers import identify
from tocsin.scenario import Scenario, build
from tocsin.scenario.truth import Attack
from tocsin.terms import FindingClass

SMALL = {"seed": 7, "duration_s": 24.0, "ordinary_pps": 60.0}


def findings_of(scenario: Scenario, folder: Path) -> list[Finding]:
    """What the analyzers say of a scenario's capture."""
    capture = folder / "x.pcap"
    scenario.piece("capture").save(capture)
    data = capture.read_bytes()
    reader = identify(data[:65536], "x.pcap")
    assert reader is not None
    writers: dict[str, pq.ParquetWriter] = {}
    for batch in reader.read(io.BytesIO(data), evidence_id="e", report=lambda fault: pytest.fail(str(fault))):
        if batch.table not in writers:
            writers[batch.table] = pq.ParquetWriter(folder / f"{batch.table}.parquet", batch.rows.schema)
        writers[batch.table].write_batch(batch.rows)
    for writer in writers.values():
        writer.close()
    return merge(list(_analyzed({name: [folder / f"{name}.parquet"] for name in writers})))


def _analyzed(tables: dict[str, list[Path]]) -> Iterator[Finding]:
    with engines.connect("duckdb", tables) as (connection, expressions):
        for known in analyzers().values():
            loaded = {name: expressions[name] for name in known.reads}
            yield from engines.run(connection, known.analyze(loaded, Context(Profile(), {"e": ("x.pcap", "0" * 64)})))


def attacks_in(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(f.attributes["vector"], f.named("victim")[0]) for f in findings if f.cls is FindingClass.ATTACK}


@pytest.mark.parametrize(
    ("name", "rate_pps"),
    [("syn_flood/spoofed", 300), ("udp_flood/random_ports", 300), ("amplification/ntp+snmp", 300), ("http_flood/get", 600)],
)
def test_an_attack_at_a_low_rate_is_found_with_its_onset_and_nobody_else_is_a_victim(tmp_path, name, rate_pps):
    scenario = build(f"vector:{name}", rate_pps=rate_pps, **SMALL)
    truth = scenario.attacks[0]
    found = findings_of(scenario, tmp_path)
    assert attacks_in(found) == {(truth.vector, truth.victim)}
    (f,) = (f for f in found if f.cls is FindingClass.ATTACK)
    assert abs((f.first_seen - truth.start).total_seconds()) <= 2
    assert abs((f.last_seen - truth.end).total_seconds()) <= 2
    assert f.evidence
    if truth.services:
        assert set(f.attributes["services"]) == set(truth.services)


def test_two_attacks_on_two_victims_at_once_are_both_found(tmp_path):
    other = Attack("icmp_flood", start_s=4, duration_s=12, rate_pps=400, victim="203.0.113.77")
    scenario = build("vector:ack_flood", rate_pps=400, attacks=[other], **SMALL)
    assert attacks_in(findings_of(scenario, tmp_path)) == {(truth.vector, truth.victim) for truth in scenario.attacks}
    assert len(scenario.attacks) == 2


@pytest.mark.parametrize("name", ["ordinary", "vector:flash_crowd", "vector:speed_test"])
def test_what_only_looks_like_an_attack_is_none(tmp_path, name):
    assert attacks_in(findings_of(build(name, **SMALL), tmp_path)) == set()


@pytest.mark.parametrize("name", ["port_scan", "host_scan", "backscatter"])
def test_what_is_worth_knowing_is_called_by_its_name(tmp_path, name):
    scenario = build(f"vector:{name}", **SMALL | {"duration_s": 40.0})
    found = findings_of(scenario, tmp_path)
    assert attacks_in(found) == set()
    assert [(f.cls.value, f.attributes["vector"]) for f in found] == [(scenario.attacks[0].expected, name)]
