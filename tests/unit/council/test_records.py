"""Records: who may sign what, and why a vote does not count."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.council import HOUR, NAMES, OPENED, SESSION, Room, key_of, opening_of, rule_of
from tocsin.council import (
    Choice,
    Closing,
    Opening,
    Outcome,
    Participant,
    Role,
    Session,
    Vote,
    amend,
    delegate,
    objection,
    terms,
)
from tocsin.council.records import unsigned
from tocsin.ledger import LedgerError, from_plain, public_key, sign, to_plain


def signed(vote: Vote, by: str, **changes) -> Vote:
    """What somebody who holds that key could write past all checks."""
    draft = replace(vote, **changes)
    return replace(draft, signature=sign(key_of(by), "vote", unsigned(draft)))


def closed(session: Session, hours: float) -> Session:
    return replace(session, closing=Closing(SESSION, Outcome.LAPSED, "", "chair", "", OPENED + hours * HOUR))


ROOM = Room.open()
VOTE = ROOM.vote("EE", "yes", 1, "remote only")


def test_a_vote_comes_back_from_json_and_still_counts():
    again = from_plain(Vote, to_plain(VOTE))
    assert again == VOTE
    assert objection(ROOM.session, again) is None


@pytest.mark.parametrize(
    ("changes", "by", "said"),
    [
        pytest.param({"session": "other"}, "EE", "in another session", id="another session"),
        pytest.param({"opening": "0" * 64}, "EE", "in another session, or in one opened otherwise", id="another rule"),
        pytest.param({"state": "XX"}, "EE", "a state that may not vote", id="a stranger"),
        pytest.param({"state": "BE"}, "BE", "a state that may not vote", id="an observer"),
        pytest.param({"time": OPENED - HOUR}, "EE", "before the session was opened", id="too early"),
        pytest.param({"time": OPENED + 10 * HOUR}, "EE", None, id="at the deadline"),
        pytest.param({"time": OPENED + 10 * HOUR + timedelta(microseconds=1)}, "EE", "after the deadline", id="too late"),
        pytest.param({}, "PL", "not signed with the key of Estonia", id="another state's key"),
        pytest.param({}, "server", "not signed with the key of Estonia", id="the server's own key"),
        pytest.param({"delegation": "0" * 64}, "EE", "a delegation that is not there", id="no delegation"),
    ],
)
def test_why_a_vote_does_not_count(changes, by, said):
    found = objection(ROOM.session, signed(VOTE, by, **changes))
    assert found is None if said is None else said in (found or "")


@pytest.mark.parametrize("field", [name for name in to_plain(VOTE) if name != "signature"])
def test_the_signature_covers_every_field(field):
    values = {"number": 2, "choice": Choice.NO, "caveats": (), "time": OPENED, "delegation": "0" * 64}
    changed = replace(VOTE, **{field: values.get(field, "other")})
    assert unsigned(changed) != unsigned(VOTE)
    assert objection(ROOM.session, changed)


def test_no_vote_counts_after_the_close():
    assert objection(closed(ROOM.session, 1), VOTE) is None
    assert objection(closed(ROOM.session, 0.9), VOTE) == "was cast after the session was closed"


def test_a_vote_that_would_not_count_is_not_cast():
    with pytest.raises(LedgerError, match="This vote of Estonia would not count: it was cast after the deadline"):
        Room.open().vote("EE", "yes", 11)
    with pytest.raises(LedgerError, match="not signed with the key of Estonia"):
        Room.open().vote("EE", "yes", 1, by="PL")


def delegated(**changes) -> tuple[Room, Vote]:
    room = Room.open(opening_of(rule=rule_of(**changes.pop("rule", {}))))
    given = delegate(
        key_of(changes.pop("signer", "NL")),
        **{
            "from_state": "NL",
            "to_state": "EE",
            "session": None,
            "since": OPENED,
            "until": OPENED + 2 * HOUR,
            "by": "rep",
            "time": OPENED,
            **changes,
        },
    )
    room.session = replace(room.session, delegations=(given,))
    draft = signed(VOTE, "EE", opening=room.session.opening.digest, state="NL", delegation=given.digest)
    return room, draft


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, None, id="in force"),
        pytest.param({"session": SESSION}, None, id="for this session"),
        pytest.param({"session": "other"}, "for another session", id="for another session"),
        pytest.param({"since": OPENED + HOUR}, None, id="from that instant"),
        pytest.param({"since": OPENED + 1.01 * HOUR}, "not in force", id="not yet"),
        pytest.param({"until": OPENED + HOUR}, "not in force", id="until that instant"),
        pytest.param({"from_state": "PL"}, "between other states", id="of another state"),
        pytest.param({"to_state": "BE"}, "between other states", id="to an observer"),
        pytest.param({"to_state": "PL"}, "not signed with the key of Poland", id="to another state"),
        pytest.param({"signer": "EE"}, "delegation that is not signed with the key of Netherlands", id="forged"),
        pytest.param({"rule": {"delegation": False}}, "which the rule does not allow", id="not allowed"),
    ],
)
def test_a_delegated_vote(changes, said):
    room, vote = delegated(**changes)
    found = objection(room.session, vote)
    assert found is None if said is None else said in (found or "")


@pytest.mark.parametrize("changes", [{"to_state": "NL"}, {"until": OPENED}])
def test_a_delegation_to_nobody_or_for_no_time_is_refused(changes):
    with pytest.raises(LedgerError, match="to another state, for some time"):
        delegated(**changes)


def test_a_state_that_votes_itself_takes_its_delegation_back():
    room = Room.open()
    given = room.delegate("NL", "EE")
    room.vote("NL", "yes", 1, by="EE", delegation=given)
    room.vote("NL", "no", 2)
    with pytest.raises(LedgerError, match="Netherlands has voted itself, which takes its delegation back"):
        room.vote("NL", "yes", 3, by="EE", delegation=given)


def test_a_deadline_can_be_put_off_not_brought_forward():
    room = Room.open()
    with pytest.raises(LedgerError, match="put off, not brought forward: expected 2022-02-20T21"):
        room.amend(1, deadline=OPENED + 9 * HOUR)
    room.amend(1, deadline=OPENED + 12 * HOUR)
    assert terms(room.session, OPENED).deadline == OPENED + 10 * HOUR
    assert terms(room.session, OPENED + HOUR).deadline == OPENED + 12 * HOUR
    assert room.vote("EE", "yes", 11)


def test_what_is_over_is_not_amended():
    with pytest.raises(LedgerError, match="The session is over"):
        Room.open().amend(10.1, deadline=OPENED + 12 * HOUR)
    with pytest.raises(LedgerError, match="The session is over"):
        amend(closed(ROOM.session, 1), time=OPENED, by="chair", reason="")


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 3},
        {"previous": "0" * 64},
        {"session": "other"},
        {"deadline": OPENED + 11 * HOUR},
        {"time": OPENED + 13 * HOUR},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_amendment_that_does_not_follow_is_not_in_force(changes):
    room = Room.open()
    room.amend(1, deadline=OPENED + 12 * HOUR)
    room.amend(2, deadline=OPENED + 14 * HOUR)
    first, second = room.session.amendments
    bad = replace(room.session, amendments=(replace(second, **changes), first))
    assert terms(bad, OPENED + 20 * HOUR).amendments == (first,)


SEAT = Participant("EE", "Estonia", Role.PARTICIPANT, public_key(key_of("EE")))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"participants": (SEAT, replace(SEAT, name="Eesti"))}, "each state and each name once"),
        ({"participants": (SEAT, replace(SEAT, state="XX"))}, "each state and each name once"),
        ({"participants": (replace(SEAT, role=Role.OBSERVER),)}, "one that may vote, found none"),
        ({"deadline": OPENED}, "deadline: expected after the opening"),
    ],
)
def test_an_opening_that_leads_nowhere_is_refused(changes, said):
    with pytest.raises(LedgerError, match=said):
        replace(opening_of(), **changes)


def test_who_votes_has_a_key():
    with pytest.raises(LedgerError, match="Estonia: expected a public key"):
        replace(SEAT, key=None)
    assert replace(SEAT, role=Role.LEAD).votes
    assert not Participant("BE", "Belgium", Role.OBSERVER, None).votes


def test_an_opening_comes_back_from_json():
    opening = opening_of()
    assert from_plain(Opening, to_plain(opening)) == opening
    assert [one.state for one in opening.voters] == list(NAMES)
