"""What an attacker, or the server's owner, can do to a log, and where it shows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.council import LEDGER, OPENED, SERVER, key_of
from tocsin.ledger import Entry, Keys, SignedHead, append, check_ledger, public_key, sign_head
from tocsin.ledger.check import Witness, examine
from tocsin.ledger.entries import digest_of

MINUTE = timedelta(minutes=1)


def log_of(length: int, said: Callable[[int], str] = str) -> list[Entry]:
    entries: list[Entry] = []
    for at in range(length):
        details = {"said": said(at)}
        entries.append(
            append(
                entries[-1] if entries else None, time=OPENED + at * MINUTE, actor="u", action="a", subject="s", details=details
            )
        )
    return entries


def head_of(entries: list[Entry], number: int | None = None, ledger: str = LEDGER, server=SERVER) -> SignedHead:
    last = entries[-1 if number is None else number - 1]
    return sign_head(server, ledger=ledger, last=last, time=last.time)


LOG = log_of(12)
HEAD = head_of(LOG)
ESTONIA = Witness("Estonia", (head_of(LOG, 4), head_of(LOG, 8)))


def problems(entries, head=HEAD, *witnesses: Witness, keys: Keys | None = None) -> list[tuple[str, str | None]]:
    return [(one.record, one.field) for one in check_ledger(entries, head, witnesses, keys)]


def test_an_untouched_log_holds():
    assert problems(LOG) == []
    assert problems(LOG, HEAD, ESTONIA, keys=Keys((public_key(SERVER),))) == []
    assert examine(LOG, HEAD, [ESTONIA]).witnessed == [4, 8]


@pytest.mark.parametrize("at", range(12))
@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("number", 99, "number"),
        ("time", OPENED - MINUTE, None),
        ("actor", "v", None),
        ("action", "b", None),
        ("subject", "t", None),
        ("details", {}, None),
        ("previous", "f" * 64, "previous"),
        ("digest", "f" * 64, None),
    ],
)
def test_a_changed_field_is_told_by_its_entry_and_nothing_else(at, field, value, told):
    changed = [*LOG[:at], replace(LOG[at], **{field: value}), *LOG[at + 1 :]]
    found = problems(changed)
    assert (f"entry {at + 1}", told) in found
    assert {record for record, _ in found} <= {f"entry {at + 1}"} | ({"entry 99"} if at == 11 and field == "number" else set())


@pytest.mark.parametrize("at", range(11))
def test_a_deleted_entry_is_missed_by_the_next(at):
    assert problems([*LOG[:at], *LOG[at + 1 :]]) == [(f"entry {at + 2}", "number")]


def test_a_cut_off_tail_is_missed_by_the_head():
    found = check_ledger(LOG[:-3], HEAD)
    assert [one.record for one in found] == ["entry 9"]
    assert "the tail was cut off" in str(found[0])


def test_a_tail_cut_off_with_a_new_head_is_missed_by_a_witness():
    cut = LOG[:6]
    assert problems(cut, head_of(cut)) == []
    found = check_ledger(cut, head_of(cut), [ESTONIA])
    assert "Estonia witnessed entry 8: the tail was cut off" in str(found[0])
    assert found[0].record == "entry 6"


def test_entries_after_the_head_are_told():
    assert problems(LOG, head_of(LOG, 10)) == [("entry 12", "number")]


@given(st.data())
def test_entries_in_another_order_are_told(data):
    one, other = sorted(data.draw(st.lists(st.integers(0, 11), min_size=2, max_size=2, unique=True)))
    changed = LOG.copy()
    changed[one], changed[other] = LOG[other], LOG[one]
    assert problems(changed)[0] == (f"entry {other + 1}", "number")


@pytest.mark.parametrize("at", range(12))
def test_an_inserted_entry_is_told(at):
    before = LOG[at - 1] if at else None
    added = append(before, time=OPENED, actor="u", action="forged", subject="s", details={})
    found = problems([*LOG[:at], added, *LOG[at:]])
    assert found[0] == (f"entry {at + 1}", "number")  # the true one stands where the next was expected


def rewritten(at: int) -> list[Entry]:
    """What the server's owner can do: change one entry, chain all that follow anew."""
    return log_of(12, lambda entry: "nothing happened" if entry == at - 1 else str(entry))


@pytest.mark.parametrize("at", range(1, 13))
def test_a_log_rewritten_by_the_servers_owner_is_caught_by_one_states_witness(at):
    forged = rewritten(at)
    head = head_of(forged)
    assert problems(forged, head) == [], "with the server's key, the chain alone looks right"
    witness = Witness("Estonia", (head_of(LOG, 4), HEAD))
    found = check_ledger(forged, head, [witness])
    first = 4 if at <= 4 else 12
    assert f"entry {first}" in {one.record for one in found}
    said = next(str(one) for one in found if "rewritten" in str(one))
    assert ("at or before it" if at <= 4 else "after entry 4, which is still as witnessed") in said


def test_what_was_rewritten_after_the_last_witness_cannot_be_seen():
    forged = rewritten(10)
    assert problems(forged, head_of(forged), ESTONIA) == []


def test_a_replaced_tail_is_told_by_the_head():
    tail = [append(LOG[9], time=OPENED, actor="u", action="x", subject="s", details={})]
    tail.append(append(tail[0], time=OPENED, actor="u", action="y", subject="s", details={}))
    assert problems([*LOG[:10], *tail]) == [("entry 12", "digest")]


def test_a_forged_head_is_told():
    assert problems(LOG, replace(HEAD, head=replace(HEAD.head, time=OPENED))) == [("head", None)]
    other = head_of(LOG, server=key_of("mallory"))
    assert problems(LOG, other) == [], "without trusted keys or witnesses, any key looks right"
    assert problems(LOG, other, keys=Keys((public_key(SERVER),))) == [("head", "key")]
    assert problems(LOG, other, ESTONIA) == [("witness Estonia", None)] * 2


@pytest.mark.parametrize(
    ("head", "said"),
    [
        pytest.param(replace(head_of(LOG, 4), signature=HEAD.signature), "forged or was changed", id="changed"),
        pytest.param(head_of(LOG, 4, server=key_of("mallory")), "signed by another key", id="another key"),
        pytest.param(head_of(LOG, 4, ledger="other"), "of another ledger, other", id="another ledger"),
    ],
)
def test_a_witness_that_cannot_be_relied_on_is_told(head, said):
    (problem,) = check_ledger(LOG, HEAD, [Witness("Poland", (head,))])
    assert problem.record == "witness Poland"
    assert said in problem.what


def test_two_heads_that_contradict_each_other_are_told():
    other = Witness("Poland", (head_of(rewritten(2), 8),))
    found = check_ledger(LOG, HEAD, [ESTONIA, other])
    assert any(one.record == "entry 8" and "seen by Estonia and by Poland: it told two stories" in one.what for one in found)


def test_a_witness_against_the_files_own_head_is_told():
    forged = rewritten(2)
    found = check_ledger(forged, head_of(forged), [Witness("Poland", (HEAD,))])
    assert any("seen by the file's head and by Poland" in one.what for one in found)


def test_no_entries_are_a_problem():
    assert problems([], HEAD) == [("head", None)]


def test_a_part_of_the_log_says_which_witnesses_it_cannot_answer():
    found = examine(LOG[5:], HEAD, [ESTONIA], whole=False)
    assert found.problems == []
    assert found.witnessed == [8]
    assert found.notes == ["1 witnessed head of entries outside this file could not be compared; the exported log would tell."]


def test_a_part_of_the_log_is_chained_like_the_whole():
    changed = [*LOG[5:7], replace(LOG[7], actor="v"), *LOG[8:]]
    assert [one.record for one in examine(changed, HEAD, whole=False).problems] == ["entry 8"]


def test_the_replaced_digest_is_the_digest_of_nothing():
    assert digest_of(replace(LOG[3], digest="f" * 64)) == LOG[3].digest


@pytest.mark.parametrize(("seconds", "noted"), [(60, False), (61, True)])
def test_an_entry_dated_back_is_noted(seconds, noted):
    back = append(LOG[-1], time=LOG[-1].time - timedelta(seconds=seconds), actor="u", action="a", subject="s", details={})
    found = examine([*LOG, back], head_of([*LOG, back]))
    assert found.problems == []
    assert found.notes == (["Entry 13 is dated 1 min 1 s before one that was written before it."] if noted else [])
    assert found.last_time == LOG[-1].time
