"""The board shows what runs and what waits, to each what they may see, with few questions to the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.room import PASSPHRASE, Room
from tocsin.muster import EcsfProfile, Need, Seat
from tocsin.ops.activation import europe
from tocsin.ops.activation.models import Mission, Nomination, Request, Session
from tocsin.ops.activation.queries.board import Situation, situation
from tocsin.ops.activation.records import need_to_json
from tocsin.ops.activation.services import council, requests
from tocsin.ops.alliance.models import Availability, Expert, ExpertProfile
from tocsin.ops.common import audit, clock
from tocsin.ops.demo.case import BANKS, content

pytestmark = pytest.mark.django_db
QUERIES_MAX = 22  # those of the frame of every page among them: session, account, memberships, clocks
EVERYBODY = ("rep_ee", "rep_hr", "chair", "leader", "observer", "trainer", "admin", "expert", "staff", "stranger")
TITLE = BANKS["title"]


def ask(room: Room, who: str = "staff", partner: str = "mod", **said) -> Request:
    """A request that is handed in."""
    actor = room.actor(who)
    request = requests.start_request(actor, room.partners[partner])
    start = clock.now().date() + timedelta(days=4)
    written = content(**{**BANKS, "first_noticed": "2022-02-15T13:02", "start": start.isoformat(), **said})
    requests.save_draft(actor, request, written)
    requests.submit_request(actor, request)
    return request


def put(room: Room, request: Request) -> Session:
    """It stands before the council."""
    return council.open_session(room.actor("chair"), request, deadline=clock.now() + timedelta(hours=3))


def vote(room: Room, session: Session, state: str, choice: str = "yes") -> None:
    council.cast_vote(room.actor(f"rep_{state.lower()}"), session, state=state, choice=choice, passphrase=PASSPHRASE)


def mission_of(request: Request, stage: str = Mission.Stage.MUSTERING, need: Need | None = None) -> Mission:
    Request.objects.filter(pk=request.pk).update(status=Request.Status.ACTIVATED)
    today = clock.now().date()
    return Mission.objects.create(
        request=request,
        name=request.title,
        stage=stage,
        start=today + timedelta(days=4),
        end=today + timedelta(days=18),
        need=need_to_json(need) if need else None,
    )


def nominate(mission: Mission, expert: Expert, status: str) -> Nomination:
    return Nomination.objects.create(
        mission=mission, expert=expert, reason="test", status=status, start=mission.start, end=mission.end
    )


def waits(shown: Situation) -> list[tuple[str, str, bool]]:
    return [(item.what, item.waits_for, item.mine) for item in shown.waiting]


@pytest.mark.parametrize("who", EVERYBODY)
def test_an_empty_room_says_what_will_stand_here(room: Room, who):
    page = room.client(who).get("/").text
    assert "No clock runs." in page
    assert "Nothing waits." in page
    assert "No mission runs." in page


def test_nobody_in_particular_signs_in_first(room: Room):
    assert room.client(None).get("/").status_code == 302


def test_a_request_waits_for_the_chair_and_its_clock_runs(room: Room):
    request = ask(room)
    for who, mine in (("chair", True), ("rep_ee", False), ("leader", False)):
        shown = situation(room.actor(who))
        assert waits(shown) == [(TITLE, "the chair, to open a session", mine)]
        assert [clock.due for clock in shown.clocks] == [request.ready_by]
    assert situation(room.actor("stranger")).waiting == situation(room.actor("stranger")).clocks == ()


def test_a_draft_is_shown_to_its_staff_alone(room: Room):
    actor = room.actor("staff")
    draft = requests.start_request(actor, room.partners["mod"])
    requests.save_draft(actor, draft, {"title": "Half of it"})
    for who in EVERYBODY:
        assert ("Half of it" in room.client(who).get("/").text) == (who == "staff"), who
    assert waits(situation(room.actor("staff2"))) == [("Half of it", "you, to finish it and hand it in", True)]


def test_missing_votes_are_named_to_the_council_and_to_nobody_else(room: Room):
    session = put(room, ask(room))
    for state in ("EE", "LT", "NL", "PL"):
        vote(room, session, state)
    for who in ("chair", "rep_ee", "rep_hr"):
        shown = situation(room.actor(who))
        assert (TITLE, "votes of Croatia and Romania", who == "rep_hr") in waits(shown)
        assert any(clock.note == "4 of 6 voted, all yes" for clock in shown.clocks)
    for who in ("observer", "trainer", "admin", "staff", "leader"):
        page = room.client(who).get("/").text
        assert "votes of" not in page
        assert "voted" not in page or who == "admin", who  # an administrator reads in the log that somebody voted
        assert "the states&#x27; decision" in page or "the states' decision" in page, who


def test_a_vote_on_an_earlier_version_is_missing_again(room: Room):
    request = ask(room)
    session = put(room, request)
    vote(room, session, "EE")
    assert situation(room.actor("rep_ee")).waiting[-1].mine is False
    requests.amend_request(room.actor("staff"), request, {**request.versions.get().content, "task": "Something else."})
    assert any("Estonia" in item.waits_for or item.mine for item in situation(room.actor("rep_ee")).waiting)


def test_the_hosts_consent_is_asked_of_the_host(room: Room):
    session = put(room, ask(room))
    assert (TITLE, "you, to consent to a team", True) in waits(situation(room.actor("staff")))
    council.record_consent(room.actor("staff"), session, given=True)
    assert not any("consent" in item.waits_for for item in situation(room.actor("staff")).waiting)


@pytest.mark.parametrize("who", ["observer", "trainer", "admin"])
def test_those_who_see_the_outline_see_no_content(room: Room, who):
    request = ask(room)
    put(room, request)
    page = room.client(who).get("/").text
    assert request.reference in page
    assert TITLE not in page


def test_a_request_under_tlp_red_has_no_title_for_others(room: Room):
    ask(room, tlp="TLP:RED")
    for who in ("chair", "rep_ee", "leader", "observer", "staff2"):
        assert TITLE not in room.client(who).get("/").text, who
    assert TITLE in room.client("staff").get("/").text


def test_a_partner_sees_neither_the_other_nor_the_pool_nor_the_log(room: Room):
    request = ask(room)
    page = room.client("stranger").get("/").text
    for hidden in (TITLE, request.reference, "Who can leave", "Just now", "Ukraine: asks for help"):
        assert hidden not in page, hidden
    own = room.client("staff").get("/").text
    assert TITLE in own
    assert "Who can leave" not in own


def test_a_muster_waits_for_experts_then_for_their_states(room: Room):
    mission = mission_of(ask(room))
    expert = Expert.objects.get()
    asked = nominate(mission, expert, Nomination.Status.NOMINATED)
    assert (TITLE, "1 expert to answer", False) in waits(situation(room.actor("leader")))
    shown = situation(room.actor("expert"))
    assert [item.pk for item in shown.nominations] == [asked.pk]
    assert any(item.mine and "you, to say whether you go" in item.waits_for for item in shown.waiting)
    Nomination.objects.update(status=Nomination.Status.ACCEPTED)
    assert (TITLE, "confirmation by Estonia", True) in waits(situation(room.actor("rep_ee")))
    assert (TITLE, "confirmation by Estonia", False) in waits(situation(room.actor("rep_pl")))


def test_a_profile_is_short_where_a_need_asks_for_more_than_are_free(room: Room):
    expert, today = Expert.objects.get(), clock.now().date()
    ExpertProfile.objects.create(expert=expert, profile=EcsfProfile.INCIDENT_RESPONDER, level=3)
    Availability.objects.create(expert=expert, start=today, end=today + timedelta(days=60))
    seats = (Seat(EcsfProfile.INCIDENT_RESPONDER, 1, level_min=3), Seat(EcsfProfile.ARCHITECT, 1, level_min=2))
    mission = mission_of(ask(room), need=Need(start=today, end=today, seats=seats))

    def bars() -> dict[str, tuple[str, bool]]:
        return {bar.label: (bar.value, bar.short) for bar in situation(room.actor("leader")).profiles.rows}

    assert bars() == {
        "Incident responder": ("1, need 1 of level 3", False),
        "Architect": ("0, need 1 of level 2", True),
    }
    higher = Need(start=today, end=today, seats=(Seat(EcsfProfile.INCIDENT_RESPONDER, 1, level_min=4),))
    Mission.objects.filter(pk=mission.pk).update(need=need_to_json(higher))
    assert bars()["Incident responder"] == ("1, need 1 of level 4", True)


def test_what_was_done_just_now_stands_there_with_the_vote_for_those_who_see_votes(room: Room):
    session = put(room, ask(room))
    vote(room, session, "PL", "no")
    newest = situation(room.actor("chair")).just[0]
    assert (newest.line.said.who, newest.line.said.did, newest.choice) == ("Representative of Poland", "voted", "no")
    assert situation(room.actor("admin")).just[0].choice == ""
    assert situation(room.actor("leader")).just == ()


def test_the_board_asks_the_database_a_bounded_number_of_times(room: Room):
    def asked(who: str) -> int:
        client = room.client(who)
        client.get("/")
        with CaptureQueriesContext(connection) as found:
            assert client.get("/").status_code == 200
        return len(found)

    first = ask(room)
    vote(room, put(room, first), "EE")
    for request in (ask(room), ask(room, "stranger", "bank")):
        nominate(mission_of(request), Expert.objects.get(), Nomination.Status.NOMINATED)
    few = {who: asked(who) for who in EVERYBODY}
    for _ in range(6):
        vote(room, put(room, ask(room)), "EE")
        mission = mission_of(ask(room, "stranger", "bank"))
        nominate(mission, Expert.objects.get(), Nomination.Status.NOMINATED)
    for number in range(60):
        audit.record("server", "test", f"thing {number}", {})
    many = {who: asked(who) for who in EVERYBODY}
    assert max(many.values()) <= QUERIES_MAX, many
    assert all(many[who] <= few[who] for who in EVERYBODY), (few, many)


def test_every_country_of_the_alliance_and_its_neighbours_is_on_the_map():
    assert {"HR", "EE", "LT", "NL", "PL", "RO", "UA", "MD", "GE"} <= set(europe.PLACES)
    assert len(set(europe.PLACES.values())) == len(europe.PLACES) > 45
    eu = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    assert set(eu.split()) <= set(europe.PLACES)


def test_the_map_marks_states_and_hosts_and_says_so(room: Room):
    ask(room)
    said = {tile.code: (tile.mark, tile.said) for tile in situation(room.actor("chair")).tiles}
    assert said["EE"] == ("member", "Estonia: takes part")
    assert said["SI"][0] == "observer"
    assert said["UA"] == ("host", "Ukraine: asks for help")
    assert said["MD"][0] == "partner"
    assert said["FR"] == ("", "France")
