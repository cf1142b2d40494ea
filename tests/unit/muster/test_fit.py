from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.musters import END, START, WHOLE, can_come, can_sit, days, expert, need, small
from tocsin.muster import Caveat, CaveatKind, Cefr, Clearance, EcsfProfile, Seat
from tocsin.muster.fit import away, holds, lacks_for_seat, lacks_for_team, speaks

DAY = timedelta(days=1)
SEAT = Seat(EcsfProfile.FORENSICS_INVESTIGATOR, level_min=3)
HOLDS = {EcsfProfile.FORENSICS_INVESTIGATOR: 3}


def kinds(lacks):
    return {lack.kind for lack in lacks}


@pytest.mark.parametrize(
    ("free", "busy", "gaps"),
    [
        pytest.param(((START, END),), (), (), id="exactly the period"),
        pytest.param(((START + DAY, END),), (), ((START, START),), id="a day late"),
        pytest.param(((START, END - DAY),), (), ((END, END),), id="a day short"),
        pytest.param(((START, START + DAY), (START + 2 * DAY, END)), (), (), id="two spans that touch"),
        pytest.param(((START, START), (START + 2 * DAY, END)), (), ((START + DAY, START + DAY),), id="a day between"),
        pytest.param(((START + 2 * DAY, END), (START, START + DAY)), (), (), id="spans in any order"),
        pytest.param(WHOLE, ((START - DAY, START - DAY),), (), id="a mission that ends the day before"),
        pytest.param(WHOLE, ((START - DAY, START),), ((START, START),), id="a mission that ends on the first day"),
        pytest.param(WHOLE, ((END + DAY, END + DAY),), (), id="a mission that begins the day after"),
        pytest.param(WHOLE, ((END, END + DAY),), ((END, END),), id="a mission that begins on the last day"),
        pytest.param((), (), ((START, END),), id="nothing offered"),
    ],
)
def test_free_for_the_entire_period(free, busy, gaps):
    assert away(expert(free=free, busy=busy), START, END) == gaps


spans = st.lists(
    st.tuples(st.integers(-5, 20), st.integers(0, 10)).map(lambda s: (START + s[0] * DAY, START + (s[0] + s[1]) * DAY)),
    max_size=4,
)


@given(free=spans, busy=spans)
def test_away_is_every_day_not_offered_or_taken_and_no_other(free, busy):
    gaps = away(expert(free=tuple(free), busy=tuple(busy)), START, END)
    told = [day for gap in gaps for day in days(*gap)]
    assert told == [
        day for day in days(START, END) if not any(a <= day <= b for a, b in free) or any(a <= day <= b for a, b in busy)
    ]


@pytest.mark.parametrize(
    ("who", "fields", "lacking"),
    [
        pytest.param({}, {}, set(), id="nothing"),
        pytest.param({"clearance": Clearance.SECRET}, {"clearance_min": Clearance.SECRET}, set(), id="cleared as asked"),
        pytest.param(
            {"clearance": Clearance.CONFIDENTIAL}, {"clearance_min": Clearance.SECRET}, {"clearance"}, id="cleared lower"
        ),
        pytest.param({"on_site": False, "remote": False}, {}, {"mode"}, id="works nowhere"),
        pytest.param(
            {"remote": False}, {"caveats": (Caveat("EE", CaveatKind.REMOTE_ONLY),)}, {"remote_only"}, id="remote only, cannot"
        ),
        pytest.param({}, {"caveats": (Caveat("EE", CaveatKind.REMOTE_ONLY),)}, set(), id="remote only, can"),
        pytest.param({}, {"caveats": (Caveat("EE", CaveatKind.NONE_FROM),)}, {"none_from"}, id="no experts from here"),
        pytest.param({}, {"caveats": (Caveat("HR", CaveatKind.NONE_FROM),)}, set(), id="no experts from elsewhere"),
        pytest.param({"busy": ((START, START),)}, {}, {"away"}, id="on another mission"),
        pytest.param({}, {"excluded": ("a",)}, {"excluded"}, id="excluded"),
        pytest.param({}, {"declined": ("a",)}, {"declined"}, id="declined"),
    ],
)
def test_what_is_lacking_for_the_team(who, fields, lacking):
    assert kinds(lacks_for_team(expert(**who), need(**fields))) == lacking


@pytest.mark.parametrize(
    ("who", "seat", "caveats", "lacking"),
    [
        pytest.param({}, SEAT, (), set(), id="level as asked"),
        pytest.param({"profiles": {EcsfProfile.FORENSICS_INVESTIGATOR: 2}}, SEAT, (), {"level"}, id="one level lower"),
        pytest.param({"profiles": {}}, SEAT, (), {"profile"}, id="does not hold it"),
        pytest.param({"on_site": False}, Seat(SEAT.profile, on_site=True), (), {"on_site"}, id="must be there, cannot"),
        pytest.param({"on_site": False}, Seat(SEAT.profile), (), set(), id="either way"),
        pytest.param({"remote": False}, Seat(SEAT.profile, on_site=False), (), {"remote"}, id="from afar, cannot"),
        pytest.param(
            {}, Seat(SEAT.profile, on_site=True), (Caveat("EE", CaveatKind.REMOTE_ONLY),), {"remote_only"}, id="vote: remote"
        ),
        pytest.param({}, SEAT, (Caveat("EE", CaveatKind.NOT_AS, profile=SEAT.profile),), {"not_as"}, id="vote: not as this"),
        pytest.param({}, SEAT, (Caveat("EE", CaveatKind.NOT_AS, profile=EcsfProfile.CISO),), set(), id="vote: not as another"),
    ],
)
def test_what_is_lacking_for_a_seat(who, seat, caveats, lacking):
    assert kinds(lacks_for_seat(expert(**{"profiles": HOLDS, **who}), seat, need(caveats=caveats))) == lacking


def test_levels_count_from_the_one_asked():
    speaker = expert(languages={"uk": Cefr.B2}, profiles=HOLDS)
    assert speaks(speaker, "uk", Cefr.B2) and not speaks(speaker, "uk", Cefr.C1) and not speaks(speaker, "ro", Cefr.A1)
    assert holds(speaker, SEAT) and not holds(speaker, Seat(SEAT.profile, level_min=4))


@given(st.integers(0, 10_000))
def test_lacking_nothing_is_being_able_to_come_by_the_words_of_the_need(seed):
    pool, asked = small(seed)
    for person in pool:
        assert (not lacks_for_team(person, asked)) == can_come(person, asked)
        for seat in asked.seats:
            fits = not lacks_for_team(person, asked) and not lacks_for_seat(person, seat, asked)
            assert fits == (can_come(person, asked) and can_sit(person, seat, asked))


def test_the_words_name_the_days():
    (lack,) = lacks_for_team(expert(busy=((date(2022, 3, 1), date(2022, 3, 3)),)), need())
    assert lack.text == "free 1 to 3 Mar 2022"
