"""An exported decision: replayed from the file alone; whatever is done to it, verify says no, and where."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.council import HOUR, LEDGER, OPENED, SERVER, SUBJECT, Room, key_of, keys_of, opening_of, rule_of, story
from tocsin.council import (
    Choice,
    Outcome,
    Vote,
    Witness,
    entry_details,
    export_decision,
    read_witness,
    verify,
    verify_decision,
    witness_file,
)
from tocsin.council.file import write_decision
from tocsin.council.records import unsigned
from tocsin.ledger import Entry, Keys, LedgerError, append, export_ledger, public_key, sign, sign_head, withhold

ROOM = story()
DATA = export_decision(ROOM.session, ROOM.votes, ROOM.part, ROOM.heads[-1])
LINES = DATA.splitlines(keepends=True)
ESTONIA = Witness("estonia.jsonl", tuple(ROOM.heads), tuple(vote for vote in ROOM.votes if vote.state == "EE"))


def small() -> bytes:
    room = Room.open(opening_of(("EE", "PL")))
    given = room.delegate("PL", "EE")
    room.vote("EE", "yes", 1, "remote only")
    room.vote("PL", "yes", 2, by="EE", delegation=given)
    room.close(3)
    return export_decision(room.session, room.votes, room.part, room.heads[-1])


SMALL = small()


def tiny() -> bytes:
    room = Room.open(opening_of(("EE",)))
    room.vote("EE", "yes", 1, "remote only")
    room.close(3)
    return export_decision(room.session, room.votes, room.part, room.heads[-1])


def told(data: bytes, **given_too) -> list[str]:
    return [str(one) for one in verify_decision(data, **given_too).problems]


def touched(data: bytes) -> set[int]:
    return {one.line for one in verify_decision(data).problems if one.line}


def line_of(offset: int, data: bytes) -> int:
    return data.count(b"\n", 0, offset) + 1


def test_the_story_is_replayed_from_the_file():
    report = verify_decision(DATA, keys=keys_of(), witnesses=[ESTONIA])
    assert report.holds
    assert report.notes == ()
    assert report.tally.outcome == Outcome.ACTIVATED
    assert report.session == ROOM.session
    assert [(one.text, one.states) for one in report.tally.caveats] == [
        ("remote only", ("Estonia", "Netherlands")),
        ("no forensics on personal data", ("Netherlands",)),
        ("two experts at most", ("Poland",)),
    ]
    assert report.checks[0].startswith("7 votes of 6 states: each is signed with its state's key")
    assert report.checks[-1].startswith("estonia.jsonl: the witnessed heads of ")
    assert all(key.trusted for key in report.keys)


def test_without_trusted_keys_it_holds_and_says_whose_keys_they_are():
    report = verify_decision(DATA)
    assert report.holds
    assert not any(key.trusted for key in report.keys)
    assert {key.owner for key in report.keys} == {"the server", *(one.name for one in ROOM.session.opening.voters)}


def test_the_kind_of_file_is_told_by_its_header():
    assert verify(DATA).kind == "decision"
    assert verify(export_ledger(ROOM.ledger, ROOM.heads[-1]), witnesses=[ESTONIA]).kind == "ledger"
    assert verify(b"x").kind == "unknown"
    assert not verify(b"").holds


def test_the_same_story_gives_the_same_bytes():
    again = story()
    assert export_decision(again.session, reversed(again.votes), again.part, again.heads[-1]) == DATA


def every_byte(data: bytes, flip: int) -> None:
    for offset in range(len(data)):
        changed = data[:offset] + bytes([data[offset] ^ flip]) + data[offset + 1 :]
        assert line_of(offset, data) in touched(changed), f"byte {offset}: {told(changed)}"


def test_every_changed_byte_of_a_small_decision_is_told_by_the_line_it_stands_in():
    every_byte(tiny(), 0x01)


@pytest.mark.slow
@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_of_a_decision_with_a_delegation_is_told_by_the_line_it_stands_in(bit):
    every_byte(SMALL, 1 << bit)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_changed_byte_is_told_by_the_line_it_stands_in(offset, flip):
    changed = DATA[:offset] + bytes([DATA[offset] ^ flip]) + DATA[offset + 1 :]
    assert line_of(offset, DATA) in touched(changed)


@given(st.integers(0, len(DATA)), st.binary(min_size=1, max_size=3))
def test_inserted_bytes_are_told_by_their_line(offset, junk):
    near = line_of(offset, DATA)
    assert touched(DATA[:offset] + junk + DATA[offset:]) & {near - 1, near, near + 1, near + junk.count(b"\n")}


@given(st.integers(0, len(DATA) - 1), st.integers(1, 2000))
def test_removed_bytes_are_told(offset, length):
    assert told(DATA[:offset] + DATA[offset + length :])


@given(st.integers(0, len(LINES) - 1))
def test_a_removed_record_is_told(at):
    assert told(b"".join(LINES[:at] + LINES[at + 1 :]))


@given(st.data())
def test_records_in_another_order_are_told(data):
    one, other = data.draw(st.lists(st.integers(0, len(LINES) - 1), min_size=2, max_size=2, unique=True))
    moved = LINES.copy()
    moved.insert(other, moved.pop(one))
    assert told(b"".join(moved))


@given(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES)))
def test_a_record_twice_is_told(one, other):
    assert told(b"".join([*LINES[:other], LINES[one], *LINES[other:]]))


FOREIGN = SMALL.splitlines(keepends=True)


@given(st.integers(0, len(FOREIGN) - 1), st.integers(0, len(LINES) - 1), st.booleans())
def test_a_record_of_another_decision_is_told(one, at, replaces):
    if FOREIGN[one] != LINES[at]:
        assert told(b"".join([*LINES[:at], FOREIGN[one], *LINES[at + replaces :]]))


@settings(max_examples=200)
@given(st.lists(st.sampled_from(LINES + FOREIGN), max_size=30).map(b"".join) | st.binary(max_size=99))
def test_no_lines_make_it_crash(data):
    assert told(data) or data in (DATA, SMALL)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)), st.lists(st.sampled_from(Choice), min_size=6, max_size=6), st.integers(0, 6))
def test_every_honest_session_holds(order, choices, voting):
    room = Room.open()
    states = [voter.state for voter in room.session.opening.voters]
    for at, (index, choice) in enumerate(list(zip(order, choices, strict=True))[:voting]):
        room.vote(states[index], choice.value, at)
    room.close(10)
    report = verify_decision(export_decision(room.session, room.votes, room.part, room.heads[-1]), keys=keys_of())
    assert report.holds, report.problems
    assert report.tally.outcome == room.session.closing.outcome


# What the server's owner can do: she has the server's key and every row, but no state's key.


class Owner:
    """Writes the whole record anew, with whatever she likes in it."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def export(self, votes: list[Vote], **changes) -> bytes:
        session = replace(self.room.session, **changes)
        ledger: list[Entry] = []
        records = [session.opening, *session.amendments, *session.consents, *votes, session.closing]
        for record in sorted(records, key=lambda one: one.time):
            last = ledger[-1] if ledger else None
            entry = append(last, time=record.time, actor="x", action="x", subject=SUBJECT, details=entry_details(record))
            ledger.append(entry)
        head = sign_head(SERVER, ledger=LEDGER, last=ledger[-1], time=ledger[-1].time)
        return write_decision(session, votes, ledger, head)


def test_the_owner_cannot_forge_a_vote():
    forged = [replace(vote, choice=Choice.NO) if vote.state == "HR" else vote for vote in ROOM.votes]
    resigned = [
        replace(vote, signature=sign(SERVER, "vote", unsigned(vote))) if vote.state == "HR" else vote for vote in forged
    ]
    for votes in (forged, resigned):
        assert any(
            "vote 1 of Croatia" in one and "not signed with the key of Croatia" in one
            for one in told(Owner(ROOM).export(votes))
        )


@pytest.mark.parametrize(
    "change",
    [
        {"deadline": OPENED + 20 * HOUR},
        {"rule": rule_of(host_consent=True, silence="yes")},
        {"request_digest": "b" * 64},
        {"title": "Shall we look away?"},
        {"participants": ROOM.session.opening.participants[1:]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_owner_cannot_change_what_was_voted_on(change):
    data = Owner(ROOM).export(ROOM.votes, opening=replace(ROOM.session.opening, **change))
    assert any("cast in another session, or in one opened otherwise" in one for one in told(data))


def test_the_owner_cannot_change_the_outcome():
    data = Owner(ROOM).export(ROOM.votes, closing=replace(ROOM.session.closing, outcome=Outcome.DECLINED))
    assert [
        one
        for one in told(data)
        if one.startswith("closing (line 13), outcome: it says declined; rule and votes give activated")
    ]


def test_a_vote_left_out_between_two_shows_in_the_states_own_chain():
    votes = [vote for vote in ROOM.votes if (vote.state, vote.number) != ("PL", 1)]
    assert any(
        "vote 2 of Poland" in one and "does not follow the state's vote before it" in one
        for one in told(Owner(ROOM).export(votes))
    )


def test_a_last_vote_left_out_is_caught_by_what_that_state_kept():
    votes = [vote for vote in ROOM.votes if vote.state != "EE"]
    data = Owner(ROOM).export(votes, closing=replace(ROOM.session.closing, outcome=Outcome.LAPSED))
    assert told(data) == [], "the owner wrote everything anew"
    kept = Witness("estonia.jsonl", (), ESTONIA.votes)
    (problem,) = told(data, witnesses=[kept])
    assert problem.startswith("vote 1 of Estonia: estonia.jsonl kept it, and it is not in this file")


def test_a_record_written_anew_is_caught_by_one_states_head():
    data = Owner(ROOM).export(ROOM.votes)
    assert told(data) == []
    assert any("the record was rewritten" in one for one in told(data, witnesses=[Witness("estonia.jsonl", tuple(ROOM.heads))]))


def test_keys_put_in_place_of_the_states_own_are_caught_by_trusted_keys():
    mallory = Room.open(opening_of(("EE", "PL")))
    for state in ("EE", "PL"):
        mallory.vote(state, "yes", 1)
    mallory.close(2)
    data = export_decision(mallory.session, mallory.votes, mallory.part, mallory.heads[-1])
    true = Keys((public_key(SERVER),), {"EE": (public_key(key_of("true")),), "PL": keys_of().states["PL"]})
    (problem,) = told(data, keys=true)
    assert problem.startswith(
        "opening (line 2), participants: the key of Estonia, BK5Y-DXAY-AHPR-H52I-KCIS, is none that you trust"
    )
    other = replace(true, server=(public_key(key_of("true")),), states={})
    assert [one.startswith("head (line") and "none of the server keys you trust" in one for one in told(data, keys=other)] == [
        True
    ]


def test_an_entry_about_the_session_cannot_be_withheld():
    log = [withhold(entry) if entry.number == 8 else entry for entry in ROOM.part]
    data = write_decision(ROOM.session, ROOM.votes, log, ROOM.heads[-1])
    assert any("entry 8" in one and "about this session, yet its content is withheld" in one for one in told(data))


def test_a_vote_in_the_log_after_the_closing_is_told():
    room = story()
    late = replace(room.votes[-1], number=2, previous=room.votes[-1].digest)
    late = replace(late, signature=sign(key_of("HR"), "vote", unsigned(late)))
    room.log("vote.cast", SUBJECT, entry_details(late), late.time)
    data = write_decision(room.session, [*room.votes, late], room.part, room.head())
    assert any("closing" in one and "the log has records of this session after it" in one for one in told(data))


def test_a_record_dated_otherwise_than_its_entry_is_told():
    room = Room.open(opening_of(("EE", "PL")))
    room.vote("EE", "yes", 1)
    room.ledger[-1] = append(
        room.ledger[-2],
        time=OPENED + 5 * HOUR,
        actor="x",
        action="vote.cast",
        subject=SUBJECT,
        details=entry_details(room.votes[-1]),
    )
    room.close(10)
    with pytest.raises(LedgerError, match=r"does not hold. vote 1 of Estonia \(line 3\), time: it is not of the time"):
        export_decision(room.session, room.votes, room.part, room.heads[-1])


def test_an_open_session_is_not_exported():
    room = Room.open()
    with pytest.raises(LedgerError, match="export the decision when it is closed"):
        export_decision(room.session, [], room.part, room.head())


def test_a_later_witness_is_said_not_to_be_comparable():
    room = story()
    head = room.heads[-1]
    room.log("request.amend", "r", {}, OPENED + 20 * HOUR)
    report = verify_decision(
        export_decision(room.session, room.votes, ROOM.part, head), witnesses=[Witness("poland", (room.head(),))]
    )
    assert report.holds
    assert "1 witnessed head of entries outside this file could not be compared" in report.notes[0]


def test_votes_that_rightly_do_not_count_are_noted():
    room = Room.open(opening_of(("EE", "PL")))
    room.vote("EE", "yes", 1)
    room.amend(2, request_digest="b" * 64)
    room.close(10)
    report = verify_decision(export_decision(room.session, room.votes, room.part, room.heads[-1]))
    assert report.holds
    assert report.notes == ("Vote 1 of Estonia does not count: it is on another version of the request.",)


def test_what_a_state_keeps_comes_back_and_can_be_joined():
    data = witness_file(ROOM.heads[:2]) + witness_file(ROOM.heads[2:], ESTONIA.votes)
    assert read_witness("estonia.jsonl", data) == replace(ESTONIA, votes=ESTONIA.votes)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected 1 to 100,000 lines"),
        (b"\n\n", "found 0"),
        (b"{}\n", "estonia, line 1: expected a signed head or a vote"),
        (witness_file(ROOM.heads[:1]) + b"[]", "estonia, line 2: expected a signed head or a vote"),
        (b'{"record":"head"}', "estonia, line 1: head: is missing"),
        (b"\xff", "estonia, line 1: expected UTF-8"),
    ],
)
def test_another_file_is_no_witness(data, said):
    with pytest.raises(LedgerError, match=said):
        read_witness("estonia", data)


def test_a_forged_vote_in_a_witness_is_told_as_the_witnesss_fault():
    forged = replace(ESTONIA.votes[0], choice=Choice.NO)
    (problem,) = told(DATA, witnesses=[Witness("estonia", (), (forged,))])
    assert problem == "witness estonia: its vote 1 of Estonia is not signed with the key of Estonia"
