"""The exported log: whatever is done to the file, verify says no, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.council import LEDGER, OPENED, SERVER, keys_of, story
from tocsin.ledger import LedgerError, export_ledger, sign_head, verify_ledger
from tocsin.ledger.canonical import canonical
from tocsin.ledger.check import Witness
from tocsin.ledger.file import LINE_MAX, PROBLEMS_MAX

ROOM = story()
LOG = export_ledger(ROOM.ledger, ROOM.heads[-1])
LINES = LOG.splitlines(keepends=True)


def touched(report) -> set[int]:
    return {one.line for one in report.problems if one.line}


def line_of(offset: int, data: bytes = LOG) -> int:
    return data.count(b"\n", 0, offset) + 1


def test_an_exported_log_holds_and_says_what_was_checked():
    report = verify_ledger(LOG, keys=keys_of(), witnesses=[Witness("Estonia", tuple(ROOM.heads))])
    assert report.holds
    assert report.kind == "ledger"
    assert [key.trusted for key in report.keys] == [True]
    assert report.checks[0].startswith(f"Entries 1 to {len(ROOM.ledger)}, 20 Feb 2022, 10:00:00 to 22:30:00 UTC: each matches")
    assert report.checks[2].startswith("Estonia: the witnessed heads of 4, 5,")
    assert verify_ledger(LOG).keys[0].trusted is False


def every_byte(data: bytes, flip: int) -> None:
    for offset in range(len(data)):
        report = verify_ledger(data[:offset] + bytes([data[offset] ^ flip]) + data[offset + 1 :])
        assert line_of(offset, data) in touched(report), f"byte {offset}: {report.problems}"


def test_every_changed_byte_of_a_small_log_is_told_by_the_line_it_stands_in():
    every_byte(export_ledger(ROOM.ledger[:3], sign_head(SERVER, ledger=LEDGER, last=ROOM.ledger[2], time=OPENED)), 0x01)


@pytest.mark.slow
@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_of_a_log_is_told_by_the_line_it_stands_in(bit):
    every_byte(LOG, 1 << bit)


@given(st.integers(0, len(LOG)), st.binary(min_size=1, max_size=3))
def test_inserted_bytes_are_told_by_their_line(offset, junk):
    report = verify_ledger(LOG[:offset] + junk + LOG[offset:])
    near = line_of(offset)
    assert touched(report) & {near - 1, near, near + 1, near + junk.count(b"\n")}


@given(st.integers(0, len(LOG) - 1), st.integers(1, 400))
def test_removed_bytes_are_told(offset, length):
    report = verify_ledger(LOG[:offset] + LOG[offset + length :])
    near = line_of(offset)
    assert not report.holds
    assert min(touched(report)) <= near + 1


@given(st.integers(0, len(LOG) - 1))
def test_a_cut_off_file_is_told(size):
    assert not verify_ledger(LOG[:size]).holds


@given(st.integers(1, len(LINES) - 1))
def test_a_removed_line_is_told_by_its_neighbour(at):
    report = verify_ledger(b"".join(LINES[:at] + LINES[at + 1 :]))
    assert touched(report) & {at, at + 1} or "head" in {one.record for one in report.problems}


@given(st.data())
def test_lines_in_another_order_are_told(data):
    one, other = data.draw(st.lists(st.integers(0, len(LINES) - 1), min_size=2, max_size=2, unique=True))
    moved = LINES.copy()
    moved.insert(other, moved.pop(one))
    assert not verify_ledger(b"".join(moved)).holds


@given(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES)))
def test_a_line_twice_is_told(one, other):
    assert not verify_ledger(b"".join([*LINES[:other], LINES[one], *LINES[other:]])).holds


def test_a_line_feed_inside_the_head_is_told_by_the_line_it_stands_in():
    assert len(LINES) in touched(verify_ledger(LOG[:-20] + b"\n" + LOG[-20:]))  # found by flipping bit 6 of a J


@pytest.mark.parametrize("tail", [b"\n", b"{}\n", b" ", LINES[-1]])
def test_nothing_may_follow_the_head(tail):
    report = verify_ledger(LOG + tail)
    assert not report.holds
    assert touched(report)


@given(st.binary(max_size=200) | st.lists(st.sampled_from(LINES), max_size=5).map(b"".join))
def test_no_bytes_make_it_crash(data):
    assert not verify_ledger(data).holds or data == LOG


def test_a_line_too_long_is_refused():
    long = canonical({"record": "entry", "x": "a" * LINE_MAX}) + b"\n"
    report = verify_ledger(LINES[0] + long + b"".join(LINES[1:]))
    assert "expected at most 1,048,576 bytes" in str(report.problems)


def test_problems_are_bounded():
    report = verify_ledger(LINES[0] + b"x\n" * 1000 + LINES[-1])
    assert len(report.problems) == PROBLEMS_MAX


def test_a_log_that_does_not_hold_is_not_exported():
    with pytest.raises(LedgerError, match=r"The log does not hold: entry 3, number: expected entry 2 here"):
        export_ledger([*ROOM.ledger[:1], *ROOM.ledger[2:]], ROOM.heads[-1])


def test_the_same_log_gives_the_same_bytes():
    again = story()
    assert export_ledger(again.ledger, again.heads[-1]) == LOG
    assert again.server is SERVER
