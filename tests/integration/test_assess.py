"""From a folder of evidence to a case folder, through the command line."""

import gzip
import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from kit.cases import COMMAND, contents, small_evidence, tocsin
from tocsin import pipeline
from tocsin.model import EvidenceCoverage
from tocsin.schema import TABLES


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_evidence(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def assessed(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    case = tmp_path_factory.mktemp("assessed") / "case"
    run = tocsin("assess", evidence, "--out", case, "--json")
    assert run.returncode == 0, run.stderr
    assert run.stdout == (case / "findings.json").read_bytes()
    yield case, json.loads(run.stdout)


TYPES = {
    "id": str, "analyzer": str, "version": str, "class": str, "title": str, "severity_id": int, "confidence": int,
    "confidence_basis": str, "techniques": list, "first_seen": str, "last_seen": str, "entities": list, "attributes": dict,
    "evidence": list, "meaning": str, "actions": list, "parameters": dict, "incident": str,
}  # fmt: skip


def test_json_holds_what_is_documented(assessed: tuple[Path, dict[str, Any]]) -> None:
    case, told = assessed
    assert {"situation", "incidents", "findings", "coverage", "versions"} <= set(told)
    (finding,) = [finding for finding in told["findings"] if finding["class"] == "attack"]
    assert {name: type(finding[name]) for name in TYPES} == TYPES
    assert finding["attributes"]["vector"] == "syn_flood"
    assert finding["severity_id"] in range(1, 7)
    assert 0 <= finding["confidence"] <= 100
    assert all(set(entity) == {"role", "kind", "value"} for entity in finding["entities"])
    assert all(technique.startswith("attack:T") for technique in finding["techniques"])
    assert all(set(row) == {"evidence_id", "name", "sha256", "offset", "excerpt"} for row in finding["evidence"])
    assert finding["incident"] in {incident["id"] for incident in told["incidents"]}
    hashes = {file["sha256"] for file in told["coverage"]["evidence"]}
    assert finding["evidence"] and {row["sha256"] for row in finding["evidence"]} <= hashes
    assert finding["actions"]
    for action in finding["actions"]:
        assert {"kind", "path", "summary", "hit_ratio", "collateral_ratio"} <= set(action)
        assert (case / action["path"]).is_file() if action["path"] else action["refused"]
    for file in told["coverage"]["evidence"]:
        assert {"name", "sha256", "reader", "status", "rows", "faults", "reason"} <= set(file)
        assert file["status"] == "read"
        assert set(file["rows"]) <= set(TABLES)
    for analyzer in told["coverage"]["analyzers"]:
        assert analyzer["status"] in ("ran", "not_run")


def test_every_file_of_actions_is_named_by_a_finding(assessed: tuple[Path, dict[str, Any]]) -> None:
    case, told = assessed
    there = {path.relative_to(case).as_posix() for path in (case / "actions").rglob("*") if path.is_file()}
    assert there == {action["path"] for finding in told["findings"] for action in finding["actions"] if action["path"]}
    assert not (case / "spool").exists()
    assert (case / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_finding_is_explained_down_to_its_bytes(assessed: tuple[Path, dict[str, Any]], evidence: Path) -> None:
    case, told = assessed
    finding = told["findings"][0]
    run = tocsin("explain", finding["id"][:30], "--case", case, "--evidence", evidence)
    text = run.stdout.decode()
    assert run.returncode == 0, run.stderr
    assert finding["title"][:30] in text
    row = finding["evidence"][0]
    data = (evidence / Path(row["name"]).name).read_bytes()[row["offset"] :][:16]
    assert data.hex(" ") in text
    assert not (case / "spool").exists()


def test_an_unknown_finding_is_answered_with_those_there_are(assessed: tuple[Path, dict[str, Any]]) -> None:
    run = tocsin("explain", "nothing", "--case", assessed[0])
    assert run.returncode == 2
    assert assessed[1]["findings"][0]["id"].encode() in run.stderr


def test_sql_counts_the_rows_that_coverage_tells(assessed: tuple[Path, dict[str, Any]]) -> None:
    case, told = assessed
    rows = sum(file["rows"].get("network_activity", 0) for file in told["coverage"]["evidence"])
    run = tocsin("sql", case, "SELECT count(*) AS n FROM network_activity")
    assert run.stdout.decode().split() == ["n", str(rows)]
    wrong = tocsin("sql", case, "SELECT nothing")
    assert wrong.returncode == 2
    assert b"Traceback" not in wrong.stderr


def _tables(case: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (case / "tables").rglob("*.parquet")}


def test_a_second_run_reads_only_what_is_new(evidence: Path, tmp_path: Path) -> None:
    folder, case = tmp_path / "in", tmp_path / "case"
    shutil.copytree(evidence, folder)
    request = pipeline.Request((folder,), case)
    pipeline.assess(request)
    first, tables = contents(case), _tables(case)
    pipeline.assess(request)
    assert contents(case) == first
    assert _tables(case) == tables
    (folder / "new.log").write_text('198.51.100.9 - - [15/Feb/2022:13:00:00 +0000] "GET / HTTP/1.1" 200 5\n')
    pipeline.assess(request)
    again = _tables(case)
    assert {name: again[name] for name in tables} == tables
    assert len(again) == len(tables) + 1
    (folder / "new.log").unlink()
    pipeline.assess(request)
    assert contents(case) == first
    assert (
        tocsin("sql", case, "SELECT count(*) AS n FROM http_activity WHERE src_endpoint_ip = '198.51.100.9'").stdout.split()[1]
        == b"0"
    )


def test_workers_do_not_change_a_byte(evidence: Path, assessed: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    for workers in (1, 3):
        pipeline.assess(pipeline.Request((evidence,), tmp_path / str(workers), workers=workers))
        assert contents(tmp_path / str(workers)) == contents(assessed[0])


def test_a_case_folder_inside_the_evidence_is_not_evidence(evidence: Path, tmp_path: Path) -> None:
    shutil.copytree(evidence, tmp_path / "in")
    runs = [tocsin("assess", ".", "--json", cwd=tmp_path / "in") for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0]
    assert runs[0].stdout == runs[1].stdout
    assert len(json.loads(runs[0].stdout)["coverage"]["evidence"]) == 2


@pytest.mark.parametrize(
    "form", ["zip", "tar.gz", pytest.param("zst", marks=pytest.mark.slow), pytest.param("gz", marks=pytest.mark.slow)]
)
def test_packed_evidence_gives_the_same_findings(
    form: str, evidence: Path, assessed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    files = sorted(evidence.iterdir())
    if form == "zip":
        with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
    elif form == "tar.gz":
        with tarfile.open(folder / "all.tar.gz", "w:gz") as archive:
            for file in files:
                archive.add(file, file.name)
    for file in files if form in ("zst", "gz") else ():
        pack = zstandard.compress if form == "zst" else gzip.compress
        (folder / f"{file.name}.{form}").write_bytes(pack(file.read_bytes()))
    assessment = pipeline.assess(pipeline.Request((folder,), tmp_path / "case"))
    assert [finding.title for finding in assessment.findings] == [finding["title"] for finding in assessed[1]["findings"]]
    assert pipeline.exit_code(assessment) == 0
    assert not (tmp_path / "case" / "spool").exists()


class Watched(pipeline.Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.names: list[str] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def read(self, coverage: EvidenceCoverage) -> None:
        self.names.append(coverage.name)


def test_what_cannot_be_read_is_told_and_does_not_stop_the_run(evidence: Path, tmp_path: Path) -> None:
    shutil.copytree(evidence, tmp_path / "in")
    (tmp_path / "in" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 what is this")
    (tmp_path / "in" / "empty").write_bytes(b"")
    watcher = Watched()
    assessment = pipeline.assess(pipeline.Request((tmp_path / "in",), tmp_path / "case"), watcher)
    assert watcher.stages == ["reading", "analyzing", "reporting"]
    assert len(watcher.names) == len(assessment.coverage.evidence) == 4
    assert {e.name: e.status.value for e in assessment.coverage.evidence if e.status != "read"} == {
        "in/photo.jpg": "skipped",
        "in/empty": "skipped",
    }
    assert pipeline.exit_code(assessment) == 3


def test_what_may_not_be_read_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    line = '198.51.100.9 - - [15/Feb/2022:13:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
    for name in ("open.log", "shut.log", "shut/inner.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(line)
    # Root may read all: so the file is another's, and root goes without its privilege.
    command = list(COMMAND)
    if os.geteuid() == 0:
        dropped = "-dac_override,-dac_read_search"
        command = ["setpriv", "--bounding-set", dropped, "--inh-caps", dropped, *command]
        if not shutil.which("setpriv"):
            pytest.skip("needs setpriv, or not to be root")
    given = [tmp_path / name for name in ("open.log", "shut.log", "shut")]
    for path in given[1:]:
        path.chmod(0)
    run = subprocess.run([*command, "assess", *given, "--out", tmp_path / "case", "--json"], capture_output=True, check=False)
    for path in given[1:]:
        path.chmod(0o700)
    assert run.returncode == 3, run.stderr
    told = {Path(file["name"]).name: file for file in json.loads(run.stdout)["coverage"]["evidence"]}
    assert told["open.log"]["status"] == "read"
    assert {name: told[name]["status"] for name in ("shut.log", "shut")} == {"shut.log": "failed", "shut": "failed"}
    assert "Permission denied" in told["shut.log"]["reason"]
