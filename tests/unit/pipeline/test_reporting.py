"""What an assessment leaves in a case folder, and what it takes away."""

import json
from dataclasses import replace
from pathlib import Path

from kit.assessments import ministry_and_banks
from tocsin.pipeline import reporting
from tocsin.store import Case


def test_everything_is_written_and_what_a_former_run_left_is_gone(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.write("actions/of-a-former-run.nft", b"")
    written = reporting.write(case, ministry_and_banks(), engine="duckdb")
    assert {"findings.json", "report.html", "report.pdf", "case.json"} <= {path.name for path in tmp_path.iterdir()}
    assert not (tmp_path / "actions" / "of-a-former-run.nft").exists()
    paths = [action.path for finding in written.findings for action in finding.actions if action.path]
    assert paths
    assert all((tmp_path / path).is_file() for path in paths)
    assert json.loads((tmp_path / "case.json").read_bytes())["engine"] == "duckdb"


def test_the_manifest_names_only_tables_with_rows(tmp_path: Path) -> None:
    one = ministry_and_banks()
    evidence = tuple(replace(e, rows={"network_traffic": 3, "http_activity": 0}) for e in one.coverage.evidence)
    reporting.write(Case(tmp_path), replace(one, coverage=replace(one.coverage, evidence=evidence)), engine="duckdb")
    manifest = json.loads((tmp_path / "case.json").read_bytes())
    assert {tuple(e["tables"]) for e in manifest["evidence"]} == {("network_traffic",)}
