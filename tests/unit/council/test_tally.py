"""What votes come to: sentences, and properties over all that may still come."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.council import HOUR, OPENED, Room, key_of, opening_of, rule_of
from tocsin.council import Abstention, Base, Choice, Kind, Outcome, Rule, Share, Silence, Vote, cast, close, decide, tally
from tocsin.council.tally import Ballot, chains
from tocsin.ledger import LedgerError

STATES = ("HR", "EE", "LT", "NL")
CHOICES = st.sampled_from([*Choice, None])
shares = st.sampled_from([Share(0, 1), Share(1, 2), Share(1, 2, more=True), Share(2, 3), Share(1, 1)])


@st.composite
def rules(draw) -> Rule:
    kind = draw(st.sampled_from(Kind))
    weights = {state: draw(st.integers(0, 5)) for state in STATES} if kind == Kind.WEIGHTED else {}
    return rule_of(
        kind=kind,
        base=draw(st.sampled_from(Base)),
        share=draw(shares),
        weights=weights,
        needed=draw(st.integers(1, 8)) if kind in (Kind.WEIGHTED, Kind.AT_LEAST) else 0,
        abstention=draw(st.sampled_from(Abstention)),
        quorum=draw(shares),
        yes_floor=draw(shares),
        silence=draw(st.sampled_from(Silence)),
        host_consent=draw(st.booleans()),
    )


@st.composite
def ballots(draw, over: bool | None = None) -> Ballot:
    votes = {state: draw(CHOICES) for state in STATES}
    return Ballot(
        draw(rules()), votes, draw(st.sampled_from([True, False, None])), draw(st.booleans()) if over is None else over
    )


def completions(ballot: Ballot) -> set[Outcome]:
    """Every way it can end, one by one."""
    ends = set()
    for choices in product((*Choice, None), repeat=len(ballot.missing)):
        votes = {**ballot.votes, **dict(zip(ballot.missing, choices, strict=True))}
        for consent in (True, False, None) if ballot.consent is None else (ballot.consent,):
            ends.add(Ballot(ballot.rule, votes, consent, over=True).at_the_end())
    return ends


@settings(max_examples=500)
@given(ballots(over=False))
def test_what_is_called_certain_is_what_all_completions_share(ballot):
    ends = completions(ballot)
    assert ballot.certain() == (ends.pop() if len(ends) == 1 else None)


@settings(max_examples=500)
@given(ballots(), st.sampled_from(STATES))
def test_a_yes_more_never_turns_activated_into_anything_else(ballot, state):
    more = replace(ballot, votes={**ballot.votes, state: Choice.YES})
    if ballot.at_the_end() == Outcome.ACTIVATED:
        assert more.at_the_end() == Outcome.ACTIVATED
    if ballot.certain() == Outcome.ACTIVATED:
        assert more.certain() == Outcome.ACTIVATED
    if more.at_the_end() == Outcome.DECLINED:
        assert ballot.at_the_end() == Outcome.DECLINED


@given(ballots(over=True))
def test_declined_means_that_no_missing_vote_could_have_carried_it(ballot):
    if ballot.at_the_end() == Outcome.DECLINED:
        for choices in product(Choice, repeat=len(ballot.missing)):
            votes = {**ballot.votes, **dict(zip(ballot.missing, choices, strict=True))}
            assert not Ballot(ballot.rule, votes, True if ballot.consent is None else ballot.consent, over=True).carried()


@st.composite
def signed_votes(draw) -> tuple[Room, list[Vote]]:
    """Votes of four states that change their minds, some after the close."""
    room = Room.open(
        opening_of(STATES, rule_of(kind=draw(st.sampled_from([Kind.UNANIMITY])), base=draw(st.sampled_from(Base))))
    )
    hours = draw(st.lists(st.floats(0, 10), max_size=6).map(sorted))
    for hour in hours:
        room.vote(draw(st.sampled_from(STATES)), draw(st.sampled_from(Choice)).value, hour)
    return room, draw(st.permutations(room.votes))


@settings(max_examples=40, deadline=None)
@given(signed_votes(), st.floats(0, 12))
def test_the_order_of_arrival_does_not_matter(given_votes, hours):
    room, shuffled = given_votes
    at = OPENED + hours * HOUR
    assert tally(room.session, shuffled, at) == tally(room.session, room.votes, at)
    assert tally(room.session, [*shuffled, *shuffled], at).outcome == tally(room.session, room.votes, at).outcome


@settings(max_examples=40, deadline=None)
@given(signed_votes(), st.floats(0, 12))
def test_only_each_states_last_vote_by_then_counts(given_votes, hours):
    room, shuffled = given_votes
    at = OPENED + hours * HOUR
    last = {vote.state: vote for vote in room.votes if vote.time <= at}
    assert {stand.state: stand.vote for stand in tally(room.session, shuffled, at).stands if stand.vote} == last


@settings(max_examples=40, deadline=None)
@given(signed_votes(), st.floats(0, 12))
def test_votes_after_the_close_do_not_count(given_votes, hours):
    room, votes = given_votes
    time = OPENED + hours * HOUR
    by_then = [vote for vote in votes if vote.time <= time]
    closing = close(room.session, by_then, time=time, by="chair", reason="")
    assert close(room.session, votes, time=time, by="chair", reason="") == closing
    room.session = replace(room.session, closing=closing)
    assert decide(room.session, votes).outcome == decide(room.session, by_then).outcome == closing.outcome


def test_what_is_missing_is_said_in_words():
    room = Room.open()
    for state in ("EE", "LT", "NL", "PL"):
        room.vote(state, "yes", 1, *(["remote only"] if state in ("EE", "PL") else []))
    found = tally(room.session, room.votes, OPENED + 2 * HOUR)
    assert found.outcome == Outcome.UNDECIDED
    assert not found.certain
    assert found.why == "Two votes are missing: Croatia and Romania."
    assert found.needed == "Two votes are missing: Croatia and Romania. Two more yes would carry it."
    assert [(one.text, one.states) for one in found.caveats] == [("remote only", ("Estonia", "Poland"))]


@pytest.mark.parametrize(
    ("rule", "said", "hours", "outcome", "certain", "why"),
    [
        ({}, "yyyyyy", 2, "activated", True, "All said yes. The rule is met."),
        (
            {},
            "yyyyya",
            2,
            "activated",
            True,
            "Croatia, Estonia, Lithuania, Netherlands and Poland said yes; Romania abstained.",
        ),
        ({}, "n.....", 2, "declined", True, "Croatia said no. Even with what is missing there would be yes from 5 of 6 that"),
        ({}, "yyyyyn", 2, "declined", True, "Romania said no. There is yes from 5 of 6 that count, where all are needed."),
        ({}, "aaaaaa", 2, "declined", True, "All abstained. There is no yes at all"),
        ({}, "yyyyy.", 2, "undecided", False, "One vote is missing: Romania."),
        ({}, "yyyyy.", 10, "lapsed", True, "The deadline passed while it was still open. One vote is missing: Romania."),
        ({}, "......", 10, "lapsed", True, "No state voted. The deadline passed"),
        ({"silence": Silence.YES}, "yyyy..", 9.9, "undecided", False, "Two votes are missing: Poland and Romania."),
        ({"silence": Silence.YES}, "yyyy..", 10, "activated", True, "Poland and Romania kept silent, which counts as yes."),
        ({"silence": Silence.YES}, "yyy...", 10, "lapsed", True, "kept silent, which counts as yes"),
        ({"kind": Kind.AT_LEAST, "needed": 3}, "yyyy..", 2, "activated", True, "The rule is met."),
        ({"kind": Kind.AT_LEAST, "needed": 5}, "yynn..", 2, "declined", True, "there would be yes from 4, where 5 are needed"),
        ({"host_consent": True}, "yyyyyy", 2, "undecided", False, "The host has not consented."),
        ({"host_consent": True}, "yyyyyy", 10, "lapsed", True, "The host has not consented."),
    ],
)
def test_how_it_stands(rule, said, hours, outcome, certain, why):
    room = Room.open(opening_of(rule=rule_of(**rule)))
    words = {"y": "yes", "n": "no", "a": "abstain"}
    for voter, letter in zip(room.session.opening.voters, said, strict=True):
        if letter != ".":
            room.vote(voter.state, words[letter], 1)
    found = tally(room.session, room.votes, OPENED + hours * HOUR)
    assert (found.outcome, found.certain) == (outcome, certain)
    assert why in found.why


@pytest.mark.parametrize(("given_consent", "outcome"), [(True, "activated"), (False, "declined")])
def test_the_hosts_word_is_a_condition_of_its_own(given_consent, outcome):
    room = Room.open(opening_of(rule=rule_of(host_consent=True)))
    room.consent(not given_consent, 0.5)
    room.consent(given_consent, 0.6)
    for voter in room.session.opening.voters:
        room.vote(voter.state, "yes", 1)
    found = tally(room.session, room.votes, OPENED + 2 * HOUR)
    assert (found.outcome, found.certain) == (outcome, True)
    assert ("The host has consented." if given_consent else "The host has refused.") in found.why


def test_consent_after_the_deadline_comes_too_late():
    room = Room.open(opening_of(rule=rule_of(host_consent=True)))
    for voter in room.session.opening.voters:
        room.vote(voter.state, "yes", 1)
    room.consent(True, 10.5)
    assert tally(room.session, room.votes, OPENED + 11 * HOUR).outcome == Outcome.LAPSED


def test_a_session_closed_early_while_it_is_open_lapses_and_says_so():
    room = Room.open()
    room.vote("EE", "yes", 1)
    room.close(2)
    assert room.session.closing.outcome == Outcome.LAPSED
    assert (
        "The session was closed before its deadline while it was still open. Five votes are missing" in room.session.closing.why
    )


def test_a_withdrawn_session_is_withdrawn_whatever_the_votes():
    room = Room.open()
    for voter in room.session.opening.voters:
        room.vote(voter.state, "yes", 1)
    room.close(2, withdrawn=True)
    assert decide(room.session, room.votes).outcome == Outcome.WITHDRAWN


def test_votes_on_an_earlier_version_of_the_request_are_cast_anew():
    room = Room.open()
    room.vote("EE", "yes", 1, "remote only")
    room.vote("PL", "yes", 1)
    room.amend(2, request_digest="b" * 64)
    room.vote("PL", "yes", 3)
    found = tally(room.session, room.votes, OPENED + 4 * HOUR)
    stands = {stand.state: stand for stand in found.stands}
    assert stands["EE"].choice is None
    assert stands["EE"].note == "voted on another version of the request"
    assert stands["PL"].choice == Choice.YES
    assert found.caveats == ()
    assert [(vote.state, reason) for vote, reason in found.ignored] == [("EE", "is on another version of the request")]
    before = tally(room.session, room.votes, OPENED + 1.5 * HOUR)
    assert {stand.state for stand in before.stands if stand.choice} == {"EE", "PL"}


def test_a_no_sets_no_caveats():
    room = Room.open()
    room.vote("EE", "no", 1, "never")
    room.vote("PL", "abstain", 1, "not from our soil")
    assert [one.text for one in tally(room.session, room.votes, OPENED + 2 * HOUR).caveats] == ["not from our soil"]


def test_a_delegated_vote_names_the_delegate():
    room = Room.open()
    given = room.delegate("NL", "EE")
    room.vote("NL", "yes", 1, by="EE", delegation=given)
    stand = next(one for one in tally(room.session, room.votes, OPENED + 2 * HOUR).stands if one.state == "NL")
    assert (stand.choice, stand.delegate) == (Choice.YES, "Estonia")


def test_two_votes_of_one_number_cancel_each_other():
    room = Room.open()
    first = room.vote("EE", "yes", 1)
    said = {"state": "EE", "caveats": (), "cast_by": "rep", "previous": first}
    yes = cast(key_of("EE"), room.session, choice=Choice.YES, time=OPENED + 2 * HOUR, **said)
    no = cast(key_of("EE"), room.session, choice=Choice.NO, time=OPENED + 2 * HOUR, **said)
    kept, loose = chains([no, first, yes])
    assert kept["EE"] == [first]
    assert {vote for vote, _ in loose} == {yes, no}
    assert "contradicts another of the same number" in str(loose)


def test_a_vote_whose_predecessor_is_missing_hangs_on_nothing():
    room = Room.open()
    room.vote("EE", "yes", 1)
    second = room.vote("EE", "no", 2)
    found = tally(room.session, [second], OPENED + 3 * HOUR)
    assert [stand.choice for stand in found.stands] == [None] * 6
    assert found.ignored == ((second, "does not follow the state's vote before it"),)


def test_a_forged_vote_neither_counts_nor_displaces_the_true_one():
    room = Room.open()
    true = room.vote("EE", "yes", 1)
    forged = replace(true, choice=Choice.NO)
    found = tally(room.session, [forged, true], OPENED + 2 * HOUR)
    assert next(one for one in found.stands if one.state == "EE").vote == true
    assert found.ignored == ((forged, "is not signed with the key of Estonia"),)


def test_nothing_is_decided_while_it_is_open_and_nothing_is_closed_twice():
    room = Room.open()
    with pytest.raises(LedgerError, match="The session is open"):
        decide(room.session, [])
    with pytest.raises(LedgerError, match="cannot be closed"):
        room.close(-1)
    room.close(10)
    with pytest.raises(LedgerError, match="cannot be closed"):
        room.close(11)
