"""tocsin verify: what it prints, how it exits, and that it needs nothing but the file."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit.council import Room, keys_of, opening_of, story
from tocsin.cli import app
from tocsin.cli.verify import FILE_MAX
from tocsin.council import Witness, export_decision, verify_decision, witness_file
from tocsin.council.file import write_decision
from tocsin.ledger import export_ledger, keys_to_json

ROOM = story()
DECISION = export_decision(ROOM.session, ROOM.votes, ROOM.part, ROOM.heads[-1])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "decision.jsonl").write_bytes(DECISION)
    (tmp_path / "log.jsonl").write_bytes(export_ledger(ROOM.ledger, ROOM.heads[-1]))
    (tmp_path / "keys.json").write_bytes(keys_to_json(keys_of()))
    (tmp_path / "estonia.jsonl").write_bytes(witness_file(ROOM.heads, [vote for vote in ROOM.votes if vote.state == "EE"]))
    (tmp_path / "changed.jsonl").write_bytes(DECISION.replace(b'["remote only"]', b'["remote onlz"]'))
    return tmp_path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["verify", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def words(text: str) -> str:
    """Without the line breaks of the terminal's width."""
    return " ".join(text.split())


def test_a_decision_that_holds_is_told_in_a_few_lines(files: Path) -> None:
    code, said, _ = run(files / "decision.jsonl", "--keys", files / "keys.json", "--witness", files / "estonia.jsonl")
    assert code == 0
    assert said.startswith("Shall the team assist the ministry?\n")
    assert said.endswith("\nHolds.\n")
    assert "activated. Croatia, Estonia, Lithuania, Netherlands and Poland said yes; Romania abstained." in words(said)
    assert "Netherlands yes 20 Feb 2022, 14:06:00 UTC by Estonia, delegated; remote" in words(said)
    assert "no forensics on personal data (Netherlands)" in said
    assert "estonia.jsonl: the witnessed heads of" in said
    assert "BK5Y-DXAY-AHPR-H52I-KCIS  trusted" in said
    assert "from the file" not in said
    assert len(said.splitlines()) < 60


def test_without_trusted_keys_it_says_whose_keys_they_are(files: Path) -> None:
    code, said, _ = run(files / "decision.jsonl")
    assert code == 0
    assert "BK5Y-DXAY-AHPR-H52I-KCIS  from the file" in said
    assert (
        "No trusted keys were given: these came from the file itself. Compare them with their owners by another way."
        in words(said)
    )
    assert "No witness was given." in said


def test_a_changed_decision_is_refused_with_the_record(files: Path) -> None:
    code, said, _ = run(files / "changed.jsonl")
    assert code == 1
    assert "vote 1 of Estonia (line 8): it is not signed with the key of Estonia" in words(said)
    assert "if the file held" in said
    assert "Does not hold: 4 problems." in said
    assert "Holds." not in said


def test_a_log_is_checked_against_a_witness(files: Path) -> None:
    code, said, _ = run(files / "log.jsonl", "--witness", files / "estonia.jsonl")
    assert code == 0
    assert said.endswith("\nHolds.\n")
    other = story()
    other.ledger[5:] = []
    (files / "cut.jsonl").write_bytes(export_ledger(other.ledger, other.head()))
    assert run(files / "cut.jsonl")[0] == 0, "with the server's key a cut log can be signed again"
    code, said, _ = run(files / "cut.jsonl", "--witness", files / "estonia.jsonl")
    assert code == 1
    assert "entry 5 (line 6): the file ends here, but estonia.jsonl witnessed entry 14: the tail was cut off" in words(said)


def test_the_same_for_other_programs(files: Path) -> None:
    code, said, _ = run(files / "decision.jsonl", "--json", "--keys", files / "keys.json")
    found = json.loads(said)
    assert code == 0
    assert found["holds"] is True
    assert (found["kind"], found["problems"], found["decision"]["outcome"]) == ("decision", [], "activated")
    assert found["decision"]["votes"][3] == {
        "state": "NL",
        "name": "Netherlands",
        "choice": "yes",
        "caveats": ["remote only", "no forensics on personal data"],
        "time": "2022-02-20T14:06:00.000000Z",
        "delegate": "Estonia",
        "note": "",
    }
    code, said, _ = run(files / "changed.jsonl", "--json")
    found = json.loads(said)
    assert (code, found["holds"]) == (1, False)
    assert found["problems"][0] == {
        "record": "vote 1 of Estonia",
        "what": "it is not signed with the key of Estonia",
        "field": None,
        "line": 8,
    }
    assert json.loads(run(files / "log.jsonl", "--json")[1])["decision"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.jsonl"], "none.jsonl: no such file. Check the path."),
        (["."], "no such file"),
        (["keys.json"], "expected a decision or a log exported by Tocsin, found something else"),
        (["decision.jsonl", "--keys", "none.json"], "none.json: no such file"),
        (["decision.jsonl", "--keys", "estonia.jsonl"], "expected JSON, found a fault at column"),
        (["decision.jsonl", "--witness", "keys.json"], "keys.json, line 1: expected a signed head or a vote"),
    ],
)
def test_a_wrong_argument_is_an_operators_mistake(files: Path, arguments: list[str], said: str) -> None:
    code, _, error = run(*(one if one.startswith("--") else files / one for one in arguments))
    assert code == 2
    assert error.startswith("tocsin: ")
    assert said in error


def test_a_file_larger_than_any_export_is_not_read(files: Path) -> None:
    with (files / "large.jsonl").open("wb") as file:
        file.truncate(FILE_MAX + 1)
    code, _, error = run(files / "large.jsonl")
    assert code == 2
    assert "expected at most 1,073,741,824 bytes" in error


def test_a_damaged_header_is_a_no_not_a_mistake(files: Path) -> None:
    (files / "header.jsonl").write_bytes(DECISION.replace(b"decision", b"decisiom", 1))
    code, said, _ = run(files / "header.jsonl")
    assert code == 1
    assert "header (line 1): kind: expected ledger or decision, found decisiom" in words(said)


def test_nothing_from_the_file_moves_the_cursor(files: Path) -> None:
    opening = replace(opening_of(("EE", "PL")), title="\x1b[2JShall\u202e we?")
    room = Room.open(opening)
    room.vote("EE", "yes", 1, "\x1b]0;owned\x07")
    room.close(10)
    data = export_decision(room.session, room.votes, room.part, room.heads[-1])
    (files / "hostile.jsonl").write_bytes(data)
    code, said, _ = run(files / "hostile.jsonl")
    assert code == 0
    assert "\\x1b[2JShall\\u202e we?" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
    wrong = write_decision(room.session, room.votes, room.part, room.heads[0])
    assert not verify_decision(wrong, witnesses=[Witness("x", ())]).holds


def test_it_runs_where_there_is_no_room_and_no_engine(files: Path) -> None:
    script = (
        "import sys; from tocsin.cli import app\n"
        "try: app(['verify', sys.argv[1]])\n"
        "except SystemExit as exit: assert exit.code == 0, exit.code\n"
        "heavy = {'duckdb', 'ibis', 'numba', 'django', 'altair', 'ortools'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(files / "decision.jsonl")],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "ok 7 votes of 6 states" in done.stdout  # no tick where the terminal has none
    assert done.stdout.endswith("Holds.\n")
