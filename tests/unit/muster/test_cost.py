from dataclasses import astuple
from itertools import pairwise

import pytest

from kit.musters import best, expert, need, price, seatings, small
from tocsin.muster import Cefr, Clearance, Cleared, EcsfProfile, Seat, Spoken
from tocsin.muster.cost import cost_of, shortfalls, total, weights_of

SEAT = Seat(EcsfProfile.CISO, number=2, level_min=2)


@pytest.mark.parametrize("seed", range(30))
def test_costs_are_those_the_words_give(seed):
    pool, asked = small(seed)
    for people in (pool[:2], pool[1:4]):
        for team in seatings(people, asked):
            assert astuple(cost_of(team, pool, asked)) == price(team, pool, asked)


@pytest.mark.parametrize("seed", range(30))
def test_the_weighted_sum_orders_teams_as_the_tiers_do(seed):
    pool, asked = small(seed)
    weights = weights_of(pool, asked)
    costs = sorted(
        {
            astuple(cost_of(team, pool, asked))
            for size in (2, 3)
            for team in seatings(pool[:size], asked)
            if size <= asked.size_max
        }
    )
    sums = [sum(a * b for a, b in zip(cost, astuple(weights), strict=True)) for cost in costs]
    assert all(low < high for low, high in pairwise(sums))


def test_each_tier_by_hand():
    pool = [
        expert("a", profiles={EcsfProfile.CISO: 4}, languages={"uk": Cefr.B2}, recent_missions=2),
        expert("b", clearance=Clearance.SECRET),
        expert("c", "HR"),
    ]
    asked = need(
        seats=(SEAT,),
        languages=(Spoken("uk", Cefr.B2, 2),),
        cleared=(Cleared(Clearance.SECRET, 2),),
        current={"b": SEAT, "c": None},
    )
    cost = cost_of({"a": SEAT, "b": None}, pool, asked)
    assert astuple(cost) == (1, 2, 1 + 2, 2, 1, 2, 2, 0 + 1)
    assert total(cost, cost) == sum(tier * tier for tier in astuple(cost))


def test_who_left_by_their_own_or_the_chairs_will_is_no_change():
    pool = [expert("a"), expert("b")]
    asked = need(current={"a": None, "b": None, "gone from the pool": None}, declined=("a",), excluded=("b",))
    assert cost_of({}, pool, asked).changes == 0


def test_wishes_that_are_met_are_not_short():
    pool = [expert("a", profiles={EcsfProfile.CISO: 4}, languages={"uk": Cefr.B1})]
    asked = need(seats=(SEAT,), languages=(Spoken("uk", Cefr.B1), Spoken("uk", Cefr.B2)))
    assert shortfalls({"a": SEAT}, {"a": pool[0]}, asked) == {SEAT: 1, Spoken("uk", Cefr.B2): 1}


def test_brute_force_finds_infeasible_needs_too():
    assert {best(*small(seed)) is None for seed in range(20)} == {True, False}
