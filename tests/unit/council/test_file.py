"""A decision's file: what is in it, in which order, and what is withheld."""

import json

import pytest

from kit.council import story
from tocsin.council import Opening, Vote, entry_subject
from tocsin.council.file import RECORDS_MAX, read_decision, write_decision
from tocsin.ledger import Entry, Link

ROOM = story()
DATA = write_decision(ROOM.session, ROOM.votes, ROOM.part, ROOM.heads[-1])
LINES = DATA.splitlines(keepends=True)


def test_the_file_tells_the_story_in_order():
    kinds = [json.loads(line)["record"] for line in LINES]
    log = ["entry", "link", "entry", "entry", "link", *["entry"] * 8]
    voiced = ["vote", "vote", "consent", "vote", "vote", "vote", "amendment", "vote", "vote"]
    assert kinds == ["header", "opening", "delegation", *voiced, "closing", *log, "head"]


def test_what_is_read_is_what_was_written():
    file, problems = read_decision(DATA)
    assert problems == []
    assert file is not None
    assert file.session == ROOM.session
    assert list(file.all(Vote)) == ROOM.votes
    assert write_decision(file.session, file.all(Vote), file.log, ROOM.heads[-1]) == DATA


def test_entries_on_other_subjects_are_withheld():
    assert b"not for the council" not in DATA
    file, _ = read_decision(DATA)
    assert file is not None
    assert [entry.number for entry in file.log if isinstance(entry, Link)] == [3, 6]
    assert all(entry.subject == entry_subject(ROOM.session.id) for entry in file.log if isinstance(entry, Entry))


def test_a_delegation_that_no_vote_refers_to_is_left_out():
    room = story()
    room.delegate("PL", "LT")
    assert write_decision(room.session, room.votes, ROOM.part, ROOM.heads[-1]) == DATA


def test_records_are_called_by_names_that_people_know():
    file, _ = read_decision(DATA)
    assert file is not None
    names = [file.name(record) for _, record in file.records]
    assert names[:5] == ["opening", "delegation of Netherlands", "vote 1 of Lithuania", "vote 1 of Poland", "consent"]
    assert "amendment 1" in names
    assert names[-2:] == ["entry 14", "head"]
    assert file.line(file.all(Opening)[0]) == 2
    assert file.line("nothing") is None


@pytest.mark.parametrize(
    ("data", "record", "what"),
    [
        pytest.param(b"", "header", "the file is empty", id="empty"),
        pytest.param(b"".join(LINES[1:]), "header", "expected a header first", id="no header"),
        pytest.param(b"".join([LINES[0], *LINES[2:]]), "opening", "it was removed", id="no opening"),
        pytest.param(LINES[0] + LINES[1] + DATA[len(LINES[0]) :], "opening", "moved or inserted", id="two openings"),
        pytest.param(b"".join([*LINES[:3], LINES[-2], *LINES[3:]]), "vote", "moved or inserted", id="an entry among votes"),
        pytest.param(b"".join(LINES[:13]) + LINES[-1], "entry", "it was removed", id="no log"),
        pytest.param(DATA + b'{"record":"poem"}\n', "line 28", "found poem", id="an unknown record"),
        pytest.param(DATA.replace(b'"state":"EE","time"', b'"stat":"EE","time"', 1), "vote", "stat", id="an unknown field"),
        pytest.param(LINES[0].replace(b"decision", b"ballad"), "header", "kind: expected ledger or decision", id="kind"),
        pytest.param(LINES[0].replace(b":1}", b":2}"), "header", "expected tocsin version 1, found tocsin 2", id="version"),
        pytest.param(LINES[0] + LINES[3] * (RECORDS_MAX + 1), "file", "at most 1,000 records", id="too many records"),
    ],
)
def test_a_file_that_cannot_be_replayed_says_why(data, record, what):
    file, problems = read_decision(data)
    assert file is None
    assert any(one.record == record and what in one.what for one in problems), problems
