"""From a finding to its rows to its bytes, as a user sees them."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from kit.cases import small_evidence
from tocsin import pipeline
from tocsin.cli import app
from tocsin.cli.explain import BYTES_SHOWN, explain_finding
from tocsin.errors import CaseError


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_evidence(tmp_path_factory.mktemp("evidence"))


@pytest.fixture(scope="module")
def case(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explain") / "case"
    pipeline.assess(pipeline.Request((evidence,), out))
    return out


@pytest.fixture(scope="module")
def finding(case: Path) -> dict[str, Any]:
    (attack,) = [f for f in json.loads((case / "findings.json").read_text())["findings"] if f["class"] == "attack"]
    return attack


def explained(case: Path, wanted: str, *evidence: Path) -> str:
    text = io.StringIO()
    explain_finding(case, wanted, evidence, Console(file=text, width=300, highlight=False))
    return text.getvalue()


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_finding_is_shown_with_its_basis_and_its_rows(case: Path, finding: dict[str, Any]) -> None:
    said = explained(case, finding["id"])
    row = finding["evidence"][0]
    for expected in (
        finding["title"],
        f"attack, {finding['confidence']} % sure: {finding['confidence_basis']}"[:290],
        f"denial_of_service {finding['version']}, thresholds",
        row["name"],
        f"byte {row['offset']:,}",
        row["sha256"][:16],
        "network_packet: ",
        f"evidence_id={row['evidence_id']}",
        "give --evidence FOLDER",
    ):
        assert expected in said


def hex_of(path: Path, offset: int) -> list[str]:
    data = path.read_bytes()[offset : offset + BYTES_SHOWN]
    return [data[start : start + 16].hex(" ") for start in range(0, len(data), 16)]


def test_bytes_are_those_of_the_file_at_the_offset(case: Path, finding: dict[str, Any], evidence: Path) -> None:
    said = explained(case, finding["id"], evidence)
    row = finding["evidence"][0]
    (path,) = [path for path in evidence.rglob("*") if path.name == Path(row["name"]).name]
    shown = hex_of(path, row["offset"])
    assert len(shown) == 4
    assert all(line in said for line in shown)
    assert f"{row['offset'] + 16:,}" in said
    assert "give --evidence" not in said


def test_evidence_is_known_by_its_content_wherever_it_lies_now(
    case: Path, finding: dict[str, Any], evidence: Path, tmp_path: Path
) -> None:
    row = finding["evidence"][0]
    (path,) = [path for path in evidence.rglob("*") if path.name == Path(row["name"]).name]
    with zipfile.ZipFile(tmp_path / "handed-over.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "renamed.bin")
    assert hex_of(path, row["offset"])[0] in explained(case, finding["id"], tmp_path / "handed-over.zip")


def test_other_evidence_is_not_taken_for_it(case: Path, finding: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / Path(finding["evidence"][0]["name"]).name).write_bytes(b"something else\n" * 1000)
    said = explained(case, finding["id"], tmp_path)
    assert "no file of that SHA-256 lies in" in said
    assert "73 6f 6d 65" not in said


def test_the_first_characters_of_an_id_are_enough(case: Path, finding: dict[str, Any]) -> None:
    assert finding["title"] in explained(case, finding["id"][:-1])


@pytest.mark.parametrize(("wanted", "fits"), [("zz", 0), ("", 2)])
def test_an_id_that_fits_none_or_several_is_answered_with_the_list(wanted: str, fits: int, case: Path, tmp_path: Path) -> None:
    told = json.loads((case / "findings.json").read_text())
    told["findings"] = [told["findings"][0] | {"id": name, "title": f"Title {name}"} for name in ("aa", "ab")]
    (tmp_path / "findings.json").write_text(json.dumps(told))
    code, _, said = run("explain", wanted, "--case", tmp_path)
    assert code == 2
    assert f"expected the id of one finding, it fits {fits}" in said
    assert "  aa  Title aa\n  ab  Title ab" in said


def test_a_finding_without_rows_says_where_its_numbers_are(case: Path, finding: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "findings.json").write_text(json.dumps({"findings": [finding | {"evidence": []}]}))
    assert "see tocsin sql" in explained(tmp_path, finding["id"])


def test_what_comes_from_evidence_is_shown_and_not_obeyed(case: Path, finding: dict[str, Any], tmp_path: Path) -> None:
    evil = "[red]\x1b[31m[/nothing]"
    rows = [finding["evidence"][0] | {"excerpt": evil, "name": evil}]
    (tmp_path / "findings.json").write_text(json.dumps({"findings": [finding | {"title": evil, "evidence": rows}]}))
    (tmp_path / "case.json").write_bytes((case / "case.json").read_bytes())
    (tmp_path / "tables").symlink_to(case / "tables")
    said = explained(tmp_path, finding["id"])
    assert said.count("[red]") >= 3
    assert "[/nothing]" in said
    assert "\x1b" not in said


def test_a_table_that_is_gone_is_told_with_the_next_step(case: Path, finding: dict[str, Any], tmp_path: Path) -> None:
    for name in ("findings.json", "case.json"):
        (tmp_path / name).write_bytes((case / name).read_bytes())
    with pytest.raises(CaseError, match=r"a table cannot be read .* Run the same tocsin assess again"):
        explained(tmp_path, finding["id"])


def test_evidence_that_is_not_there_is_an_operators_mistake(case: Path, finding: dict[str, Any], tmp_path: Path) -> None:
    code, _, said = run("explain", finding["id"], "--case", case, "--evidence", tmp_path / "nowhere")
    assert code == 2
    assert "nowhere: no such file or folder" in said
