from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.musters import START, WHOLE, expert, middling, need, small, unhurried
from tocsin.muster import Caveat, CaveatKind, Cefr, EcsfProfile, Seat, Spoken

CISO = EcsfProfile.CISO
SEAT = Seat(CISO, level_min=3, on_site=True)


def near(pool, asked):
    return [each.reason for each in unhurried(pool, asked).nearly]


@pytest.mark.parametrize(
    ("who", "fields", "words"),
    [
        pytest.param({"profiles": {CISO: 2}}, {}, "would be in if at level 3 as {ciso} (holds: 2).", id="a level short"),
        pytest.param({"on_site": False}, {}, "would be in if able to work on site.", id="not on site"),
        pytest.param({"busy": ((START, START),)}, {}, "would be in if free 22 Feb 2022.", id="a day busy"),
        pytest.param(
            {}, {"caveats": (Caveat("EE", CaveatKind.REMOTE_ONLY),)}, "would fit if the vote of Estonia let its experts on site.", id="vote"
        ),
        pytest.param(
            {"on_site": False}, {"size_max": 0}, "would fit if able to work on site, but this stands against it: a team of at most 0 people.",
            id="and no place",
        ),
        pytest.param({}, {"state_max": {"EE": 0}}, "fits, but this stands against it: at most 0 from Estonia.", id="fits, over the limit"),
        pytest.param({"on_site": False, "busy": ((START, START),)}, {}, None, id="two things lacking"),
        pytest.param({"profiles": {}}, {}, None, id="not the profile"),
        pytest.param({}, {"declined": ("a",)}, None, id="declined"),
        pytest.param({}, {"excluded": ("a",)}, None, id="excluded"),
    ],
)  # fmt: skip
def test_who_nearly_had_an_open_seat(who, fields, words):
    pool = [expert("a", name="Anna Tamm", **{"profiles": {CISO: 3}, **who})]
    expected = [f"Anna Tamm (EE) {words.format(ciso=CISO.label)}"] if words else []
    assert near(pool, need(seats=(SEAT,), **fields)) == expected


@pytest.mark.parametrize(
    ("chosen", "other", "fields", "words"),
    [
        pytest.param({"profiles": {CISO: 3}}, {"profiles": {CISO: 5}}, {}, "b (EE) is closer to the level asked: 3 where 3 is asked, not 5", id="level"),
        pytest.param({}, {"recent_missions": 2}, {}, "b (EE) was on fewer missions of late: 0, not 2", id="fairness"),
        pytest.param({"languages": {"uk": Cefr.B2}}, {}, {"languages": (Spoken("uk"),)}, "b (EE) is needed for: Ukrainian B2 for 1 person", id="language"),
        pytest.param({}, {}, {"current": {"b": SEAT}}, "b (EE) was proposed before", id="before"),
        pytest.param({"state": "HR"}, {}, {"pinned": ("x",)}, "b (HR) spreads the team over the states better", id="spread"),
        pytest.param(
            {}, {}, {"pinned": ("b",)}, "not in the place of b (EE), where this stands against it: b (EE) is pinned by the chair", id="pinned"
        ),
    ],
)  # fmt: skip
def test_what_spoke_for_another(chosen, other, fields, words):
    held = {"profiles": {CISO: 3}}
    pool = [expert("b", **{**held, **chosen}), expert("c", **{**held, **other}), expert("x")]
    assert near(pool, need(seats=(SEAT,), **fields)) == [f"c (EE) fits, but {words}."]


def test_of_equals_the_order_of_ids_decides():
    pool = [expert(person, profiles={CISO: 3}) for person in "dcb"]
    proposal = unhurried(pool, need(seats=(SEAT,)))
    assert [member.expert_id for member in proposal.team] == ["b"]
    assert [each.reason for each in proposal.nearly] == [
        f"{person} (EE) fits, but b (EE) is as good, and the order of ids decides." for person in "cd"
    ]


def test_the_nearest_come_first_and_three_are_enough():
    lacking = [{"profiles": {CISO: 1}}, {"profiles": {CISO: 2}}, {"busy": ((START, START),)}, {"on_site": False}, {"free": ()}]
    pool = [expert(f"a{i}", **{"profiles": {CISO: 3}, **who}) for i, who in enumerate(lacking)]
    assert [each.expert_id for each in unhurried(pool, need(seats=(SEAT,))).nearly] == ["a3", "a1", "a2"]


@given(st.integers(0, 10_000), st.sampled_from([small, middling]))
@settings(max_examples=40, deadline=None)
def test_who_would_be_in_if_is_in_once_it_is_so(seed, instance):
    pool, asked = instance(seed)
    for each in unhurried(pool, asked).nearly:
        if " would be in if " not in each.reason:
            continue
        person = next(e for e in pool if e.id == each.expert_id)
        willing = replace(
            person,
            free=WHOLE,
            busy=(),
            clearance=max(person.clearance, asked.clearance_min),
            on_site=person.on_site or "on site" in each.reason,
            remote=person.remote or "remotely" in each.reason,
            profiles={**person.profiles, each.seat.profile: max(person.profiles[each.seat.profile], each.seat.level_min)},
        )
        team = {m.expert_id for m in unhurried([willing if e.id == person.id else e for e in pool], asked).team}
        assert person.id in team, each.reason
