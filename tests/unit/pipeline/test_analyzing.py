"""Analyzers run over a case's tables; one that fails costs its own answer alone."""

import re
from pathlib import Path

import pytest

from tocsin.analyzers import analyzers
from tocsin.model import EvidenceCoverage, Profile
from tocsin.pipeline import analyzing
from tocsin.pipeline.reading import read_item
from tocsin.store import Case


@pytest.fixture
def read(tmp_path: Path) -> tuple[Case, EvidenceCoverage]:
    """A case with one web server's log."""
    from tocsin.intake import Item, gather

    log = tmp_path / "access.log"
    lines = (f'198.51.100.{n} - - [15/Feb/2022:13:00:{n:02} +0000] "GET / HTTP/1.1" 200 5\n' for n in range(50))
    log.write_text("".join(lines))
    case = Case(tmp_path / "case")
    (item,) = gather([log], spool=case.spool)
    assert isinstance(item, Item)
    return case, read_item(case, item).coverage


def test_only_what_has_rows_is_asked_about(read: tuple[Case, EvidenceCoverage]) -> None:
    case, coverage = read
    _, ran = analyzing.analyze(case, [coverage], profile=Profile(), engine="duckdb")
    assert {a.analyzer: (a.status, a.reason) for a in ran} == {
        "denial_of_service": (
            "not_run",
            "nothing to look at: no rows in network_traffic or network_activity or network_packet",
        ),
        "http_flood": ("ran", ""),
        "reported_vulnerabilities": (
            "not_run",
            "nothing to look at: no rows in vulnerability_finding or vulnerability_occurrence",
        ),
        "slow_http": ("ran", ""),
    }


def test_an_analyzer_that_fails_says_where_and_the_others_run(
    read: tuple[Case, EvidenceCoverage], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.analyzers import http_flood

    monkeypatch.setattr(http_flood, "judge", None)
    monkeypatch.setattr(http_flood, "_requests", lambda http: 1 // 0)
    case, coverage = read
    _, ran = analyzing.analyze(case, [coverage], profile=Profile(), engine="duckdb")
    status = {a.analyzer: a.status for a in ran}
    assert status["http_flood"] == "failed"
    assert status["slow_http"] == "ran"
    (reason,) = (a.reason for a in ran if a.status == "failed")
    assert re.fullmatch(r"ZeroDivisionError: .* \(.*, line \d+, .*\)", reason)


def test_versions_name_every_analyzer_and_what_they_stand_on() -> None:
    versions = analyzing.versions()
    assert {f"analyzer:{name}" for name in analyzers()} < set(versions)
    assert {"tocsin", "duckdb", "ibis", "numpy", "pyarrow", "python"} < set(versions)
