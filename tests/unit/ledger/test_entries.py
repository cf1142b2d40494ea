"""Entries: each field is covered, each names the one before it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.council import LEDGER, OPENED, SERVER, key_of
from tocsin.ledger import ZEROS, LedgerError, append, sign_head, verify_head, withhold
from tocsin.ledger.entries import blind, digest_of

FIRST = append(None, time=OPENED, actor="u1", action="request.submit", subject="r1", details={"a": [1]})


def test_the_first_entry_follows_zeros_and_the_next_follows_it():
    second = append(FIRST, time=OPENED, actor="u1", action="request.amend", subject="r1", details={})
    assert (FIRST.number, FIRST.previous) == (1, ZEROS)
    assert (second.number, second.previous) == (2, FIRST.digest)


def test_an_entry_follows_a_signed_head_as_it_follows_the_entry():
    head = sign_head(SERVER, ledger=LEDGER, last=FIRST, time=OPENED)
    said = {"time": OPENED, "actor": "u1", "action": "a", "subject": "s", "details": {}}
    assert append(head, **said) == append(FIRST, **said) == append(head.head, **said)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2},
        {"time": OPENED + timedelta(microseconds=1)},
        {"actor": "u2"},
        {"action": "request.submi"},
        {"subject": "r2"},
        {"details": {"a": [2]}},
        {"previous": "1" + ZEROS[1:]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_covers(change):
    assert digest_of(FIRST) == FIRST.digest
    assert digest_of(replace(FIRST, **change)) != FIRST.digest


def test_a_withheld_entry_keeps_its_place_and_tells_nothing():
    link = withhold(FIRST)
    assert digest_of(link) == FIRST.digest
    assert "u1" not in str(link)
    assert link.subject == blind("r1") != blind("r2")


def test_the_place_of_the_details_that_cannot_be_written_is_named():
    with pytest.raises(LedgerError, match=r"details\.share: .*found float"):
        append(None, time=OPENED, actor="", action="", subject="", details={"share": 0.5})


def test_a_head_is_signed_by_the_key_in_it():
    head = sign_head(SERVER, ledger=LEDGER, last=FIRST, time=OPENED)
    assert verify_head(head)
    assert not verify_head(replace(head, head=replace(head.head, number=2)))
    assert not verify_head(replace(head, key=sign_head(key_of("x"), ledger=LEDGER, last=FIRST, time=OPENED).key))
