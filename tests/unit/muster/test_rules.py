from itertools import chain, combinations

import pytest

from kit.musters import allowed, expert, need, seatings, small
from tocsin.muster import Caveat, CaveatKind, Clearance, EcsfProfile, Seat, Sector
from tocsin.muster.rules import barred, kept_seat, rules_of

SEAT = Seat(EcsfProfile.CISO, level_min=2)


@pytest.mark.parametrize("seed", range(60))
def test_the_rules_allow_exactly_the_teams_that_the_words_of_the_need_allow(seed):
    pool, asked = small(seed)
    rules = rules_of(pool, asked)
    for people in chain.from_iterable(combinations(pool, size) for size in range(len(pool) + 1)):
        ids = [e.id for e in people]
        by_words = allowed(list(people), pool, asked) and any(True for _ in seatings(list(people), asked))
        assert all(rule.holds(ids) for rule in rules) == by_words, ids


@pytest.mark.parametrize(
    ("fields", "team", "key"),
    [
        pytest.param({"size_min": 2}, "a", ("size_min", ""), id="one short"),
        pytest.param({"size_min": 1}, "a", None, id="just enough"),
        pytest.param({"size_max": 1}, "ab", ("size_max", ""), id="one too many"),
        pytest.param({"size_max": 2}, "ab", None, id="just full"),
        pytest.param({"state_max": {"EE": 1}}, "ab", ("state_max", "EE"), id="two of a state that may send one"),
        pytest.param({"state_max_default": 1, "state_max": {"EE": 2}}, "ab", None, id="its own limit over the default"),
        pytest.param({"state_min": {"HR": 1}}, "a", ("state_min", "HR"), id="none of a state that must send one"),
        pytest.param({"state_min_default": 1}, "ac", None, id="one of each"),
        pytest.param(
            {"caveats": (Caveat("EE", CaveatKind.AT_MOST, number=1),)}, "ab", ("at_most", "EE"), id="over the vote's number"
        ),
        pytest.param({"caveats": (Caveat("EE", CaveatKind.AT_MOST, number=2),)}, "ab", None, id="the vote's number"),
        pytest.param({"military_min": 1}, "ac", ("military_min", ""), id="no soldier"),
        pytest.param({"military_min": 1}, "b", None, id="one soldier"),
        pytest.param({"civil_min": 1}, "b", ("civil_min", ""), id="soldiers only"),
        pytest.param({"shared_profiles_min": 1}, "bc", ("shared_profiles_min", ""), id="no profile on both sides"),
        pytest.param({"shared_profiles_min": 1}, "ab", None, id="a profile on both sides"),
        pytest.param({"pinned": ("a",)}, "b", ("pinned", "a"), id="pinned, not in"),
        pytest.param({"clearance_min": Clearance.RESTRICTED}, "a", ("clearance_min", ""), id="not cleared"),
    ],
)
def test_both_sides_of_each_limit(fields, team, key):
    ciso = {EcsfProfile.CISO: 2}
    pool = [expert("a", profiles=ciso), expert("b", sector=Sector.MILITARY, profiles=ciso), expert("c", "HR")]
    broken = [rule.key for rule in rules_of(pool, need(seats=(SEAT,), **fields)) if not rule.holds(team)]
    assert broken == ([key] if key else [])


def test_barred_are_those_who_cannot_come_at_all():
    pool = [expert("a"), expert("b", free=()), expert("c", "HR")]
    assert barred(rules_of(pool, need(state_max={"HR": 0}))) == {"b", "c"}


def test_who_accepted_keeps_the_seat_if_it_is_still_asked_for():
    asked = need(seats=(SEAT,), accepted=("a", "b", "d"), current={"a": SEAT, "b": None, "c": SEAT})
    assert kept_seat("a", asked) == (True, SEAT)
    assert kept_seat("b", asked) == (True, None)
    assert kept_seat("c", asked)[0] is False  # has not accepted
    assert kept_seat("d", asked)[0] is False  # accepted before there was a proposal
    assert kept_seat("a", need(accepted=("a",), current={"a": SEAT}))[0] is False
