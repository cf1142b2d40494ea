"""What is built in, as a user sees it."""

import json
from pathlib import Path

import pytest

from tocsin.analyzers import analyzers
from tocsin.cli.lists import print_analyzers, print_readers, print_scenarios, write_scenario
from tocsin.errors import TocsinError
from tocsin.readers import readers
from tocsin.scenario import SCENARIOS


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def test_each_reader_has_a_line_with_what_it_gives_and_needs(capsys: pytest.CaptureFixture[str]) -> None:
    print_readers()
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["reader", "format", "gives", "needs"]
    assert [line.split()[0] for line in lines] == list(readers())
    for line, reader in zip(lines, readers().values(), strict=True):
        assert reader.title in line
        assert ", ".join(reader.tables) in line
        assert line.split()[-1] == (reader.needs or "–")


def test_eighty_columns_hold_all_words_of_the_readers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_readers()
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert [name for name in readers() if name not in said] == []


def test_each_analyzer_tells_its_question_its_tables_and_its_thresholds(capsys: pytest.CaptureFixture[str]) -> None:
    print_analyzers()
    said = capsys.readouterr().out
    for analyzer in analyzers().values():
        assert f"{analyzer.id} {analyzer.version}  {analyzer.title}" in said
        assert f"reads {', '.join(analyzer.reads)}; claims {', '.join(analyzer.techniques)}" in said
        assert ", ".join(f"{name}={value}" for name, value in analyzer.parameters.items()) in said


def test_each_scenario_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    print_scenarios()
    assert capsys.readouterr().out.splitlines() == list(SCENARIOS)


def test_a_written_scenario_says_where_it_lies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_scenario("ordinary", tmp_path / "out", seed=3)
    evidence, truth = (line.split(":", 1)[1].strip() for line in capsys.readouterr().out.splitlines())
    assert any(Path(evidence).iterdir())
    assert json.loads(Path(truth).read_text())


def test_an_unknown_scenario_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="expected"):
        write_scenario("vector:nothing", tmp_path, seed=1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TocsinError, match=r"file: cannot be written \(Not a directory\)\. Choose another folder with --out"):
        write_scenario("ordinary", tmp_path / "file", seed=1)
