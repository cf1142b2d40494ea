import time
from dataclasses import astuple

import pytest

from kit.musters import best, large, small
from tocsin.muster.cost import cost_of, total, weights_of
from tocsin.muster.rules import rules_of
from tocsin.muster.search import search


def find(pool, asked, limit_s=60.0, clock=time.monotonic):
    return search(pool, asked, rules_of(pool, asked), clock() + limit_s, clock)


@pytest.mark.parametrize("seed", range(200))
def test_equal_to_brute_force(seed):
    pool, asked = small(seed)
    found = find(pool, asked)
    assert found.proven
    assert (None if found.team is None else astuple(cost_of(found.team, pool, asked))) == best(pool, asked)
    if found.team is not None:
        assert found.bound == total(cost_of(found.team, pool, asked), weights_of(pool, asked))


def test_out_of_time_the_bound_is_below_and_the_tiers_not_proven_are_named():
    pool, asked = large(5)
    ticks = iter([0.0, 0.0])
    best_team = find(pool, asked)
    found = find(
        pool, asked, limit_s=30, clock=lambda: next(ticks, 100.0)
    )  # all the time it wants for the first tier, then none
    weights = weights_of(pool, asked)
    assert not found.proven
    assert found.team is not None
    assert found.unproven
    assert "open_seats" not in found.unproven
    assert found.bound <= best_team.bound <= total(cost_of(found.team, pool, asked), weights)
    assert found.bound >= cost_of(best_team.team, pool, asked).open_seats * weights.open_seats


def test_out_of_time_before_any_team():
    pool, asked = large(5)
    found = find(pool, asked, limit_s=-1)
    assert (found.team, found.proven) == (None, False)
