"""Wrong input is answered with what was wrong and what to do, and an exit status that tells."""

import fcntl
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin import __version__
from tocsin.cli import app

LINE = '198.51.100.9 - - [15/Feb/2022:13:00:00 +0000] "GET / HTTP/1.1" 200 5\n'


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "a.log").write_text(LINE * 3)
    return tmp_path / "a.log"


def test_evidence_that_is_not_there_is_an_operators_mistake(tmp_path: Path) -> None:
    code, _, said = run("assess", tmp_path / "none.pcap", "--out", tmp_path / "case")
    assert code == 2
    assert "none.pcap: no such file or folder" in said
    assert not (tmp_path / "case").exists()


def test_a_folder_of_empty_folders_is_an_operators_mistake(log: Path, tmp_path: Path) -> None:
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    code, _, said = run("assess", tmp_path / "empty", "--out", tmp_path / "case")
    assert code == 2
    assert "empty: the folder holds no file. Nothing was read; check the path." in said
    assert not (tmp_path / "case").exists()
    assert run("assess", tmp_path / "empty", log, "--out", tmp_path / "case")[0] == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "partner.yaml: cannot be read (No such file or directory). Check the path"),
        ("folder", "partner.yaml: expected a file, found a folder"),
        (b"", "found nothing"),
        (b"networks: [", "Mend it, or leave --profile out."),
        (b"[" * 5000, "cannot be read as YAML"),
        (b"\xff\xfe\x00", "cannot be read as YAML"),
    ],
    ids=["not there", "a folder", "empty", "broken", "nested", "not text"],
)
def test_a_profile_that_cannot_be_read_is_told_with_the_next_step(
    content: bytes | str | None, told: str, log: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "partner.yaml"
    if content == "folder":
        profile.mkdir()
    elif isinstance(content, bytes):
        profile.write_bytes(content)
    code, _, said = run("assess", log, "--profile", profile, "--out", tmp_path / "case")
    assert code == 2
    assert told in said
    assert not (tmp_path / "case").exists()


def test_a_wrong_profile_is_an_operators_mistake(log: Path, tmp_path: Path) -> None:
    (tmp_path / "partner.yaml").write_text("networks:\n- prefix: 999.0.0.0/8\n")
    code, _, said = run("assess", log, "--profile", tmp_path / "partner.yaml", "--out", tmp_path / "case")
    assert code == 2
    assert "expected an IP address or prefix, found '999.0.0.0/8'" in said


def test_an_unknown_engine_is_told_before_anything_is_read(log: Path, tmp_path: Path) -> None:
    code, _, said = run("assess", log, "--engine", "sparc", "--out", tmp_path / "case")
    assert code == 2
    assert "expected one of duckdb, spark" in said
    assert not (tmp_path / "case").exists()


def test_no_workers_and_no_such_marking_are_refused(log: Path) -> None:
    assert run("assess", log, "--workers", "0")[0] == 2
    assert run("assess", log, "--tlp", "TLP:WHITE")[0] == 2


def test_a_folder_that_cannot_be_written_fails(log: Path) -> None:
    code, _, said = run("assess", log, "--out", "/proc/case")
    assert code == 4
    assert "cannot be written" in said
    assert "--out" in said


def test_a_folder_held_by_another_run_fails(log: Path, tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    with (tmp_path / "case" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, said = run("assess", log, "--out", tmp_path / "case")
    assert code == 4
    assert "another run is writing here" in said


def test_exit_status_tells_whole_from_part_from_nothing(log: Path, tmp_path: Path) -> None:
    assert run("assess", log, "--out", tmp_path / "whole")[0] == 0
    (tmp_path / "junk").write_bytes(b"\0\1\2 nobody knows this")
    assert run("assess", log, tmp_path / "junk", "--out", tmp_path / "part")[0] == 3
    assert run("assess", tmp_path / "junk", "--out", tmp_path / "nothing")[0] == 4


def test_an_interrupted_run_says_how_to_go_on(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin import pipeline

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "assess", interrupted)
    code, _, said = run("assess", log, "--out", tmp_path / "case")
    assert code == 130
    assert "run the same command again to go on" in said


@pytest.mark.parametrize("command", [("explain", "x", "--case"), ("sql",)])
def test_a_folder_that_is_no_case_is_told_so(command: tuple[str, ...], tmp_path: Path) -> None:
    code, _, said = run(*command, tmp_path)
    assert code == 2
    assert "Run tocsin assess" in said
    (tmp_path / "case.json").write_text("{}")
    (tmp_path / "findings.json").write_text("{}")
    assert run(*command, tmp_path)[0] == 2


def test_lists_name_every_part() -> None:
    from tocsin.analyzers import analyzers
    from tocsin.readers import readers
    from tocsin.scenario import SCENARIOS

    for command, names in (("readers",), readers()), (("analyzers",), analyzers()), (("scenario", "list"), SCENARIOS):
        code, said, _ = run(*command)
        assert code == 0
        assert [name for name in names if name not in said] == []
    assert run("version")[1].strip() == __version__


def test_scenarios_are_written_or_refused(tmp_path: Path) -> None:
    code, _, said = run("scenario", "write", "vector:none", "--out", tmp_path)
    assert code == 2
    assert "expected" in said
    code, said, _ = run("scenario", "write", "ordinary", "--out", tmp_path)
    assert code == 0
    assert (tmp_path / "truth.json").is_file()
