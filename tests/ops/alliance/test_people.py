"""The pool: who is found in it, who may see and change whom, and the calendar."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kit.missions import END, FORENSICS, START, adopted, make_expert, make_mission, make_pool
from kit.room import Room, make_room
from tocsin.ops.alliance import calendar, people
from tocsin.ops.alliance.models import Availability, Expert, ExpertProfile
from tocsin.ops.alliance.people import Sheet, Wanted
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry

SEERS = ["rep_ee", "chair", "leader", "trainer"]
OUTSIDE = ["observer", "admin", "staff", "stranger", "expert"]
TODAY = timezone.localdate()


def found(room: Room, **wanted) -> set[str]:
    return {expert.name for expert in people.pool(room.actor("chair"), Wanted(**wanted))}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, {"Anna", "Jan", "Ion", "expert"}),
        ({"text": "AN"}, {"Anna", "Jan"}),
        ({"text": "scada"}, {"Ion"}),
        ({"state": "PL"}, {"Jan"}),
        ({"profile": FORENSICS.value}, {"Jan"}),
        ({"profile": FORENSICS.value, "level": 3}, {"Jan"}),
        ({"profile": FORENSICS.value, "level": 4}, set()),
        ({"language": "uk"}, {"Anna", "Ion"}),
        ({"language": "uk", "cefr": 4}, {"Anna"}),
        ({"language": "uk", "cefr": 5}, set()),
        ({"clearance": 2}, {"Anna"}),
        ({"clearance": 3}, set()),
        ({"mode": "on_site"}, {"Anna", "Jan", "expert"}),
        ({"mode": "remote"}, {"Anna", "Ion", "expert"}),
        ({"start": START, "end": END}, {"Anna", "Jan", "Ion"}),
        ({"start": date(2040, 1, 1)}, {"Anna", "Jan", "Ion"}),
        ({"start": date(2040, 1, 1), "end": date(2040, 1, 2)}, set()),
    ],
)
def test_what_is_looked_for_is_found(room: Room, wanted, names):
    make_expert(room, "Anna", "EE", languages={"uk": 4}, clearance=2)
    make_expert(room, "Jan", "PL", profile=FORENSICS, level=3, remote=False)
    make_expert(room, "Ion", "RO", languages={"uk": 3}, on_site=False, note="SCADA")
    assert found(room, **wanted) == names


def test_who_is_on_a_mission_is_not_free(room: Room):
    make_pool(room, 3)
    adopted(room, make_mission(room))
    assert found(room, start=START, end=END) == set()
    assert found(room, start=END, end=END + timedelta(1)) == set()
    assert found(room, start=END + timedelta(1)) == {"who0", "who1", "who2"}


@pytest.mark.parametrize("name", SEERS)
def test_the_pool_is_open_to_those_who_muster(room: Room, name):
    anna = make_expert(room, "Anna")
    assert room.client(name).get("/people/").status_code == 200
    assert "Anna" in room.client(name).get(f"/people/{anna.pk}").content.decode()


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_pool_is_closed_to_others(room: Room, name):
    anna = make_expert(room, "Anna")
    with pytest.raises(PermissionDenied):
        people.pool(room.actor(name))
    with pytest.raises(Http404):
        people.seen(room.actor(name), anna.pk)
    assert room.client(name).get(f"/people/{anna.pk}").status_code == 404
    assert room.client(name).get(f"/people/{anna.pk}/calendar").status_code == 404


def test_nobody_in_particular_is_sent_to_sign_in(room: Room):
    anna = make_expert(room, "Anna")
    for path in ("", "me", "new", f"{anna.pk}", f"{anna.pk}/edit", f"{anna.pk}/calendar"):
        assert room.client(None).get(f"/people/{path}")["Location"].startswith("/accounts/login/")


def test_who_is_put_aside_is_seen_by_their_state_alone(room: Room):
    make_expert(room, "Anna", "EE", active=False)
    assert "Anna" not in found(room)
    assert people.pool(room.actor("rep_ee")).filter(name="Anna").exists()
    assert not people.pool(room.actor("rep_pl")).filter(name="Anna").exists()


def test_experts_keep_their_own_record_but_not_their_clearance(room: Room):
    own = Expert.objects.get(user=room.users["expert"])
    sheet = Sheet(name="E. Expert", clearance=4, active=False, profiles={FORENSICS.value: 3}, languages={"uk": 4})
    people.save_expert(room.actor("expert"), own, sheet, account="chair@example.org")
    own.refresh_from_db()
    assert (own.name, own.clearance, own.active, own.user) == ("E. Expert", 0, True, room.users["expert"])
    assert people.sheet_of(own).profiles == {FORENSICS.value: 3}
    assert Entry.objects.last().details == {"changed": ["name", "profiles", "languages"]}


def test_a_representative_vouches_for_the_experts_of_their_own_state(room: Room):
    anna = make_expert(room, "Anna", "EE")
    people.save_expert(room.actor("rep_ee"), anna, Sheet(name="Anna", clearance=3))
    anna.refresh_from_db()
    assert anna.clearance == 3
    with pytest.raises(PermissionDenied):
        people.save_expert(room.actor("rep_pl"), anna, Sheet(name="Anna", clearance=0))
    with pytest.raises(PermissionDenied):
        people.add_expert(room.actor("rep_pl"), room.states["EE"], Sheet(name="Mole"))
    with pytest.raises(PermissionDenied):
        people.offer(room.actor("rep_pl"), anna, TODAY, TODAY)


def test_an_account_belongs_to_one_record_of_its_own_state(room: Room):
    rep = room.actor("rep_ee")
    with pytest.raises(Refused, match="another record"):
        people.add_expert(rep, room.states["EE"], Sheet(name="Twin"), account="expert@example.org")
    with pytest.raises(Refused, match="No expert of this state"):
        people.add_expert(rep, room.states["EE"], Sheet(name="Chair"), account="chair@example.org")
    Expert.objects.filter(user=room.users["expert"]).delete()
    twin = people.add_expert(rep, room.states["EE"], Sheet(name="Twin"), account="Expert@example.org")
    assert twin.user == room.users["expert"]


def test_an_expert_without_a_record_puts_in_themselves_once(room: Room):
    Expert.objects.filter(user=room.users["expert"]).delete()
    browser = room.client("expert")
    assert browser.get("/people/")["Location"] == "/people/me"
    assert browser.get("/people/me")["Location"] == "/people/new"
    said = browser.post("/people/new", {**rows(), "name": "E", "sector": "civil", "clearance": "4", "on_site": "on"})
    own = Expert.objects.get(user=room.users["expert"])
    assert said["Location"] == f"/people/{own.pk}"
    assert (own.state.code, own.clearance, own.on_site, own.remote) == ("EE", 0, True, False)
    assert browser.get("/people/new").status_code == 403


def rows(**languages: int) -> dict[str, str]:
    said = {"languages-TOTAL_FORMS": "3", "languages-INITIAL_FORMS": "0"}
    for number, (code, level) in enumerate(languages.items()):
        said |= {f"languages-{number}-language": code, f"languages-{number}-level": str(level)}
    return said


def test_the_form_saves_all_of_a_sheet_and_shows_it_again(room: Room):
    browser = room.client("rep_ee")
    said = {
        **rows(uk=4, en=6),
        "name": "Anna",
        "sector": "military",
        "clearance": "2",
        "remote": "on",
        "active": "on",
        "note": "n",
    }
    place = browser.post("/people/new", said | {f"profile_{FORENSICS.value}": "3"})["Location"]
    anna = Expert.objects.get(name="Anna")
    assert people.sheet_of(anna) == Sheet(
        name="Anna",
        sector="military",
        clearance=2,
        on_site=False,
        note="n",
        profiles={FORENSICS.value: 3},
        languages={"uk": 4, "en": 6},
    )
    assert "Ukrainian" in browser.get(place).content.decode()
    form = browser.get(f"{place}/edit").content.decode()
    assert 'value="uk" selected' in form and "Digital Forensics" in form
    assert browser.post(f"{place}/edit", said | {"name": ""}).status_code == 422
    assert browser.post(f"{place}/edit", said | {"languages-0-level": ""}).status_code == 422


def test_the_form_takes_nothing_it_does_not_ask(room: Room):
    own = Expert.objects.get(user=room.users["expert"])
    said = {**rows(), "name": "E", "sector": "civil", "clearance": "4", "account": "x@y.zz", "state": "PL"}
    assert room.client("expert").post(f"/people/{own.pk}/edit", said).status_code == 302
    own.refresh_from_db()
    assert (own.clearance, own.state.code, own.user, own.active) == (0, "EE", room.users["expert"], True)


def test_the_calendar_page_offers_and_takes_back(room: Room):
    own = Expert.objects.get(user=room.users["expert"])
    browser, path = room.client("expert"), f"/people/{own.pk}/calendar"
    said = browser.post(path, {"start": "2032-02-01", "end": "2032-02-29", "what": "free"})
    assert said["Location"] == f"{path}?from=2032-02"
    assert browser.post(path, {"start": "2032-02-10", "end": "2032-02-11", "what": "away"}).status_code == 302
    assert [(s.start.day, s.end.day) for s in own.availability.all()] == [(1, 9), (12, 29)]
    page = browser.get(f"{path}?from=2032-02").content.decode()
    assert page.count('class="free"') == 27 and page.count('class="days"') == 3
    assert browser.post(path, {"start": "2032-02-10", "end": "2032-02-01", "what": "free"}).status_code == 422
    for month in ("nonsense", "0001-01", "9999-12"):
        assert browser.get(f"{path}?from={month}").status_code == 200
    slip = browser.post(path, {"start": "0202-02-01", "end": "0202-02-02", "what": "free"})
    assert (slip.status_code, "Years are from 2000 to 2199" in slip.content.decode()) == (422, True)
    assert room.client("rep_pl").post(path, {"start": "2032-02-01", "end": "2032-02-02", "what": "away"}).status_code == 403
    assert room.client("rep_ee").post(path, {"start": "2032-02-01", "end": "2032-02-02", "what": "away"}).status_code == 302


def test_a_month_is_drawn_with_missions_before_offers():
    (month,) = calendar.months(
        [(date(2024, 2, 1), date(2024, 2, 10))], [(date(2024, 2, 9), date(2024, 2, 12))], date(2024, 2, 20), 1
    )
    states = {day.day.day: day.state for week in month.weeks for day in week if day}
    assert len(states) == 29
    assert [states[n] for n in (1, 8, 9, 10, 12, 13)] == ["free", "free", "mission", "mission", "mission", "away"]
    assert all(len(week) == 7 for week in month.weeks)


def test_months_go_on_over_the_year():
    labels = [month.label for month in calendar.months([], [], date(2023, 11, 30))]
    assert labels == ["November 2023", "December 2023", "January 2024"]


DAY = st.integers(0, 40).map(lambda n: date(2030, 1, 1) + timedelta(n))


class TestSpans(TestCase):
    """Whatever is offered and taken back, in any order: the days are those, and spans neither overlap nor touch."""

    @settings(max_examples=25, deadline=None)  # each example makes a room
    @given(st.lists(st.tuples(st.booleans(), DAY, st.integers(0, 12)), max_size=8))
    def test_days_are_those_said_last(self, changes):
        room = make_room()
        actor, own = room.actor("expert"), Expert.objects.get(user=room.users["expert"])
        expected: set[date] = set()
        for free, start, length in changes:
            end = start + timedelta(length)
            (people.offer if free else people.take_back)(actor, own, start, end)
            days = {start + timedelta(n) for n in range(length + 1)}
            expected = expected | days if free else expected - days
        spans = list(Availability.objects.filter(expert=own).order_by("start").values_list("start", "end"))
        assert {s + timedelta(n) for s, e in spans for n in range((e - s).days + 1)} == expected
        assert all(after[0] - before[1] > timedelta(1) for before, after in pairwise(spans))


@pytest.mark.parametrize("count", [60, 500])
def test_the_list_asks_the_database_a_bounded_number_of_times(room: Room, count):
    experts = Expert.objects.bulk_create(Expert(state=room.states["EE"], name=f"x{n}") for n in range(count))
    ExpertProfile.objects.bulk_create(ExpertProfile(expert=e, profile=FORENSICS.value, level=2) for e in experts)
    browser = room.client("chair")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = browser.get(f"/people/?profile={FORENSICS.value}&page=2")
    assert page.content.decode().count("<tr data-key=") == min(50, count - 50)
    assert len(asked) <= 16
