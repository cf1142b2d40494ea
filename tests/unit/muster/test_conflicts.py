import time
from dataclasses import replace
from itertools import chain, combinations

import pytest

from kit.musters import START, best, expert, large, need, small, unhurried, without
from tocsin.muster import Caveat, CaveatKind, Clearance, EcsfProfile, Seat, Sector
from tocsin.muster.conflicts import conflicts_of
from tocsin.muster.rules import rules_of

SEAT = Seat(EcsfProfile.CISO, level_min=2)
CISO = {EcsfProfile.CISO: 2}
BUSY = {"busy": ((START, START),)}


def two(**fields):
    return [expert("a", name="Anna Tamm", profiles=CISO, **fields), expert("b", "HR", name="Boris Horvat", profiles=CISO)]


@pytest.mark.parametrize(
    ("pool", "fields", "keys", "words"),
    [
        pytest.param(
            two(**BUSY), {"pinned": ("a",)}, [("pinned", "a"), ("away", "a")],
            ["Anna Tamm (EE) is pinned by the chair.", "Anna Tamm (EE) is not free 22 Feb 2022."], id="pinned, not free",
        ),
        pytest.param(
            two(), {"state_min": {"EE": 2}}, [("state_min", "EE")], ["At least 2 from Estonia: the pool has 1."],
            id="more of a state than there are",
        ),
        pytest.param(
            two(**BUSY), {"state_min": {"EE": 1}}, [("state_min", "EE"), ("away", "")],
            ["At least 1 from Estonia: 0 of 1 can come.", "Everyone is free 22 Feb to 8 Mar 2022, which 1 of the pool's 2 is not."],
            id="more of a state than can come",
        ),
        pytest.param(two(), {"size_min": 3}, [("size_min", "")], ["A team of at least 3 people: the pool has 2."], id="too small a pool"),
        pytest.param(
            [expert("a"), expert("b")], {"pinned": ("a", "b"), "state_max": {"EE": 1}},
            [("pinned", "a"), ("pinned", "b"), ("state_max", "EE")], None, id="pins above the most of their state",
        ),
        pytest.param(
            two(), {"pinned": ("a", "b"), "size_max": 1}, [("pinned", "a"), ("pinned", "b"), ("size_max", "")], None,
            id="pins above the size",
        ),
        pytest.param(two(), {"size_min": 2, "size_max": 1}, [("size_max", ""), ("size_min", "")], None, id="least above most"),
        pytest.param(two(), {"pinned": ("a",), "excluded": ("a",)}, [("excluded", "a"), ("pinned", "a")], None, id="pinned and excluded"),
        pytest.param(two(), {"accepted": ("a",), "declined": ("a",)}, [("accepted", "a"), ("declined", "a")], None, id="yes and no"),
        pytest.param(
            two(), {"pinned": ("a",), "caveats": (Caveat("EE", CaveatKind.NONE_FROM),)}, [("none_from", "EE"), ("pinned", "a")],
            ["Anna Tamm (EE) is pinned by the chair.", "The vote of Estonia: none of its experts."], id="a vote against a pin",
        ),
        pytest.param(
            two(), {"state_min": {"EE": 1}, "caveats": (Caveat("EE", CaveatKind.AT_MOST, number=0),)},
            [("at_most", "EE"), ("state_min", "EE")], None, id="a vote against a minimum",
        ),
        pytest.param(
            two(remote=False), {"pinned": ("a",), "caveats": (Caveat("EE", CaveatKind.REMOTE_ONLY),)},
            [("pinned", "a"), ("remote_only", "EE")], None, id="remote only, cannot",
        ),
        pytest.param(
            two(), {"pinned": ("a",), "clearance_min": Clearance.SECRET}, [("clearance_min", ""), ("pinned", "a")],
            [
                "Anna Tamm (EE) is pinned by the chair.",
                "Everyone is cleared to SECRET UE/EU SECRET, which 2 of the pool's 2 are not (among them Anna Tamm (EE)).",
            ], id="pinned, not cleared",
        ),
        pytest.param(
            two(on_site=False, remote=False), {"pinned": ("a",)}, [("mode", "a"), ("pinned", "a")], None, id="pinned, works nowhere"
        ),
        pytest.param(two(), {"military_min": 1}, [("military_min", "")], ["At least 1 military: the pool has 0."], id="no soldiers"),
        pytest.param(
            [expert("a", sector=Sector.MILITARY), *two()[1:]], {"seats": (SEAT,), "shared_profiles_min": 1}, [("shared_profiles_min", "")],
            None, id="no profile on both sides",
        ),
        pytest.param(
            two(), {"seats": (Seat(SEAT.profile, level_min=3),), "accepted": ("a",), "current": {"a": Seat(SEAT.profile, level_min=3)}},
            [("accepted", "a"), ("seat", "a")], None, id="accepted a seat that does not fit",
        ),
        pytest.param(
            two(), {"seats": (SEAT,), "accepted": ("a", "b"), "current": {"a": SEAT, "b": SEAT}},
            [("accepted", "a"), ("accepted", "b"), ("places", "0")], None, id="two accepted one seat",
        ),
    ],
)  # fmt: skip
def test_a_conflict_names_exactly_its_conditions(pool, fields, keys, words):
    asked = need(**fields)
    proposal = unhurried(pool, asked)
    assert proposal.status == "infeasible"
    assert proposal.team == ()
    (conflict,) = proposal.conflicts
    assert sorted(conflict.rules) == sorted(keys)
    if words:
        assert list(conflict.sentences) == words
    for key in conflict.rules:
        assert unhurried(*without(pool, asked, key)).status == "optimal", key


INFEASIBLE = [seed for seed in range(150) if best(*small(seed)) is None]


@pytest.mark.parametrize("seed", INFEASIBLE)
def test_conflicts_are_minimal_and_the_remedy_is_the_least_that_is_enough(seed):
    pool, asked = small(seed)
    rules = {rule.key: rule for rule in rules_of(pool, asked)}
    proposal = unhurried(pool, asked)
    teams = list(chain.from_iterable(combinations([e.id for e in pool], size) for size in range(len(pool) + 1)))
    broken = [{key for key, rule in rules.items() if not rule.holds(team)} for team in teams]
    for conflict in proposal.conflicts:
        named = set(conflict.rules)
        assert all(named & each for each in broken)
        for left_out in named:
            assert any(not (named - {left_out}) & each for each in broken), left_out
    assert not any(set(a.rules) & set(b.rules) for a, b in combinations(proposal.conflicts, 2))
    assert dearness(proposal.remedy.rules) == min(dearness(each) for each in broken)
    assert set(proposal.remedy.rules) in broken


def dearness(keys):
    """Calendars and work, then what states and people decided, then what the chair did: how many of each."""
    facts = sum(kind in ("away", "mode", "seat") for kind, _ in keys)
    bound = sum(kind in ("accepted", "declined", "none_from", "remote_only", "at_most") for kind, _ in keys)
    return facts, bound, len(keys)


@pytest.mark.parametrize("seed", INFEASIBLE)
def test_when_the_remedy_is_taken_there_is_a_team(seed):
    pool, asked = small(seed)
    for key in unhurried(pool, asked).remedy.rules:
        pool, asked = without(pool, asked, key)
    assert best(pool, asked) is not None


def test_two_pinned_people_who_are_not_free_are_two_conflicts():
    pool = [expert("a", **BUSY), expert("b", **BUSY), expert("c")]
    conflicts = unhurried(pool, need(pinned=("a", "b", "c"))).conflicts
    assert [sorted(conflict.rules) for conflict in conflicts] == [
        [("away", "a"), ("pinned", "a")], [("away", "b"), ("pinned", "b")],
    ]  # fmt: skip


def test_out_of_time_the_whole_set_is_named():
    pool, asked = large(0)
    rules = rules_of(pool, asked)
    (conflict,) = conflicts_of(pool, rules, -1.0, lambda: 0.0)
    assert len(conflict.rules) == len(rules)


def test_among_500_a_conflict_is_named_in_time():
    pool, asked = large(0)
    pool = [expert("y", "XX", clearance=Clearance.SECRET, **BUSY), *pool]
    started = time.process_time()
    proposal = unhurried(pool, replace(asked, pinned=(*asked.pinned, "y")))
    assert [sorted(conflict.rules) for conflict in proposal.conflicts] == [[("away", "y"), ("pinned", "y")]]
    assert time.process_time() - started < 30
