"""A mission from activation to stand-down: which step may follow, who may take it, who sees what."""

import itertools
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kit.missions import END, START, adopted, confirm_all, make_mission, make_pool, need, solved
from kit.room import PASSPHRASE, Room
from tocsin import council, ledger
from tocsin.ops.activation.models import Mission, Nomination, Request, RequestVersion, Session, Vote
from tocsin.ops.activation.queries import missions as queries
from tocsin.ops.activation.services import missions, muster
from tocsin.ops.alliance.models import Participation, Role, RuleVersion, StateKey
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry
from tocsin.terms import Tlp

Stage = Mission.Stage
DECIDING = ["chair", "leader", "rep_ee"]
OUTSIDE = ["stranger", "expert", "observer", "trainer", "admin"]


def at(room: Room, stage: str, **fields) -> Mission:
    return make_mission(room, stage=stage, **fields)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Stage.values, Stage.values)))
def test_only_the_steps_of_the_table_are_taken(room: Room, before, after):
    mission = at(room, before)
    if after in missions.NEXT[before] and after != Stage.READY:
        done = missions.move_mission(room.actor("chair"), mission, after, "because")
        assert (done.before, done.after, done.why, done.made_by) == (before, after, "because", room.users["chair"])
        assert mission.stage == after
        assert Entry.objects.last().details == {"from": before, "to": after}
    else:
        with pytest.raises(Refused):
            missions.move_mission(room.actor("chair"), mission, after, "because")
        assert Mission.objects.get().stage == before


def test_from_every_stage_the_end_can_be_reached():
    for stage in Stage.values:
        reached = {stage}
        while more := {after for before in reached for after in missions.NEXT[before]} - reached:
            reached |= more
        assert Stage.CLOSED in reached
    assert missions.NEXT[Stage.CLOSED] == ()


def test_a_step_says_why(room: Room):
    with pytest.raises(Refused, match="Say why"):
        missions.move_mission(room.actor("chair"), make_mission(room), Stage.NOT_DEPLOYED, " ")


@pytest.mark.parametrize("name", ["rep_ee", "staff", "stranger", "expert", "observer", "trainer", "admin"])
def test_only_those_in_command_take_steps(room: Room, name):
    mission = make_mission(room)
    with pytest.raises(PermissionDenied):
        missions.move_mission(room.actor(name), mission, Stage.NOT_DEPLOYED, "because")
    answer = room.client(name).post(f"/missions/{mission.pk}/move", {"stage": Stage.NOT_DEPLOYED, "why": "because"})
    assert answer.status_code in (403, 404)
    assert Mission.objects.get().stage == Stage.ACTIVATED


def test_ready_only_when_every_adopted_member_is_confirmed(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    team = adopted(room, mission)
    chair = room.actor("chair")
    with pytest.raises(Refused, match=r"Not everybody is confirmed yet: who\d, who\d, who\d"):
        missions.move_mission(chair, mission, Stage.READY, "all there")
    confirm_all(room, team[1:])
    muster.answer_nomination(room.actor(team[0].expert.name), team[0], accept=True)
    with pytest.raises(Refused, match=f"confirmed yet: {team[0].expert.name}"):
        missions.move_mission(chair, mission, Stage.READY, "all there")
    rep = room.actor(f"rep_{team[0].expert.state.code.lower()}")
    muster.confirm_nomination(rep, team[0], confirm=True)
    missions.move_mission(chair, mission, Stage.READY, "all there")
    assert mission.stage == Stage.READY


def test_a_mission_without_a_team_is_not_ready(room: Room):
    mission = at(room, Stage.MUSTERING)
    with pytest.raises(Refused, match="adopt a proposal first"):
        missions.move_mission(room.actor("chair"), mission, Stage.READY, "all there")


def test_who_fell_out_keeps_the_mission_from_being_ready(room: Room):
    make_pool(room, 4)
    mission = make_mission(room)
    team = adopted(room, mission)
    confirm_all(room, team[1:])
    muster.answer_nomination(room.actor(team[0].expert.name), team[0], accept=False)
    with pytest.raises(Refused, match="Not everybody"):
        missions.move_mission(room.actor("chair"), mission, Stage.READY, "two are enough")


def test_not_deployed_lets_everybody_go_who_was_asked(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    team = adopted(room, mission)
    confirm_all(room, team[:1])
    missions.move_mission(room.actor("chair"), mission, Stage.NOT_DEPLOYED, "the attacks have stopped")
    statuses = sorted(Nomination.objects.values_list("status", flat=True))
    assert statuses == ["confirmed", "released", "released"]
    other = make_mission(room, "2032-02")
    assert len(adopted(room, other)) == 3  # the confirmed one, too, is free again
    missions.move_mission(room.actor("chair"), mission, Stage.CLOSED, "nothing left to do")
    labels = [(s.label, s.state) for s in queries.stations(queries.seen(room.actor("chair"), mission.pk))]
    assert labels == [
        ("activated", "done"),
        ("mustering", "done"),
        ("activated, not deployed", "done"),
        ("closed", "now"),
    ]


@pytest.mark.parametrize(
    ("stage", "labels"),
    [
        (Stage.ACTIVATED, ["now", "ahead", "ahead", "ahead", "ahead", "ahead"]),
        (Stage.READY, ["done", "now", "ahead", "ahead", "ahead"]),
        (Stage.NOT_DEPLOYED, ["done", "now", "ahead"]),
        (Stage.CLOSED, ["done", "now"]),
    ],
)
def test_the_line_goes_by_the_way_taken_and_then_the_usual_one(room: Room, stage, labels):
    found = queries.seen(room.actor("chair"), at(room, stage).pk)
    assert [station.state for station in queries.stations(found)] == labels


@pytest.mark.parametrize("name", DECIDING)
def test_those_who_decide_see_all_of_a_mission(room: Room, name):
    make_pool(room, 3)
    mission = make_mission(room, caveats=[{"text": "no forensics on personal data", "states": ["NL"]}])
    adopted(room, mission)
    page = room.client(name).get(f"/missions/{mission.pk}").content.decode()
    for words in (
        "Denial of service on the ministry",
        "no forensics on personal data",
        "Netherlands",
        "read by people",
        "who0",
    ):
        assert words in page
    assert ("Take it on" in page) == (name != "rep_ee")
    assert "Denial of service" in room.client(name).get("/missions/").content.decode()


@pytest.mark.parametrize("name", OUTSIDE)
def test_others_cannot_open_a_mission(room: Room, name):
    mission = make_mission(room)
    with pytest.raises(Http404):
        queries.seen(room.actor(name), mission.pk)
    assert room.client(name).get(f"/missions/{mission.pk}").status_code == 404
    for page in ("need", "muster"):
        assert room.client(name).get(f"/missions/{mission.pk}/{page}").status_code == 404


@pytest.mark.parametrize(("name", "known"), [("observer", True), ("trainer", True), ("admin", True), ("stranger", False)])
def test_who_may_know_that_a_mission_exists_sees_its_reference_alone(room: Room, name, known):
    mission = make_mission(room)
    page = room.client(name).get("/missions/").content.decode()
    assert ("2032-01" in page) == known
    assert "Denial of service" not in page and str(mission.pk) + '"' not in page.replace(f'data-key="{mission.pk}"', "")
    assert "state the need" not in page


def test_the_partners_staff_sees_the_team_once_it_is_ready_and_no_conditions(room: Room):
    make_pool(room, 3)
    mission = make_mission(room, caveats=[{"text": "at most 2 experts", "states": ["EE"]}])
    team = adopted(room, mission)
    page = room.client("staff").get(f"/missions/{mission.pk}").content.decode()
    assert "stands here once it is ready" in page
    assert all(word not in page for word in ("who0", "who1", "at most 2", "mission-move", "Take it on"))
    confirm_all(room, team)
    missions.move_mission(room.actor("chair"), mission, Stage.READY, "a reason of the chair")
    page = room.client("staff2").get(f"/missions/{mission.pk}").content.decode()
    assert all(word in page for word in ("who0", "who1", "who2", "Cyber Incident Responder"))
    assert all(word not in page for word in ("at most 2", "a reason of the chair", "/people/"))
    assert room.client("staff").get(f"/missions/{mission.pk}/muster").status_code == 404


def test_a_nominated_expert_sees_the_mission_until_they_are_let_go(room: Room):
    make_pool(room, 3)
    mission = make_mission(room, caveats=[{"text": "remote only", "states": ["PL"]}])
    team = adopted(room, mission)
    browser = room.client(team[0].expert.name)
    page = browser.get(f"/missions/{mission.pk}").content.decode()
    assert "You are in this team" in page and "remote only" in page
    assert team[1].expert.name not in page
    assert browser.get(f"/missions/{mission.pk}/muster").status_code == 404
    muster.release_nomination(room.actor("chair"), team[0], text="not needed")
    assert browser.get(f"/missions/{mission.pk}").status_code == 404


def test_a_red_request_lends_its_title_to_named_readers_alone(room: Room):
    mission = make_mission(room)
    Request.objects.update(tlp=Tlp.RED)
    path = f"/missions/{mission.pk}"
    for name in ("chair", "rep_ee", "staff2"):
        for page in (path, "/missions/"):
            said = room.client(name).get(page).content.decode()
            assert "2032-01" in said and "Denial of service" not in said
    mission.request.readers.add(room.users["rep_ee"])
    assert "Denial of service" in room.client("rep_ee").get(path).content.decode()
    assert "Denial of service" in room.client("staff").get(path).content.decode()


def test_what_it_waits_for_is_said_at_every_step(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    chair = room.actor("chair")

    def waits() -> str:
        return queries.waits_for(queries.seen(chair, mission.pk))

    assert waits() == "Waits for the chair or a team leader to state the need."
    muster.state_need(chair, mission, need())
    assert waits() == "Waits for the chair or a team leader to ask for a team."
    proposal = muster.ask_proposal(chair, mission)
    assert waits() == "A team is being worked out."
    muster.solve_waiting()
    assert waits() == "A team is proposed and waits to be adopted."
    team = muster.adopt_proposal(chair, proposal)
    assert waits() == "Waits for 3 experts to answer."
    for nomination in team:
        muster.answer_nomination(room.actor(nomination.expert.name), nomination, accept=True)
    assert waits().startswith("Waits for confirmation by ") and " and " in waits()
    for nomination in team:
        muster.confirm_nomination(room.actor(f"rep_{nomination.expert.state.code.lower()}"), nomination, confirm=True)
    assert waits() == "Everybody is confirmed: waits to be declared ready."
    for stage in (Stage.READY, Stage.DEPLOYED, Stage.STANDING_DOWN, Stage.CLOSED):
        missions.move_mission(chair, mission, stage, "next")
        assert bool(waits()) == (stage != Stage.CLOSED)


def test_a_need_that_no_team_meets_says_so(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    solved(room, mission, need(size_min=9))
    assert queries.waits_for(queries.seen(room.actor("chair"), mission.pk)).startswith("No team meets all conditions")


@pytest.mark.parametrize(
    ("content", "first", "last"),
    [
        ({"start": "2032-02-22", "days": "16"}, START, END),
        ({"from": "2032-02-22", "duration": 16}, START, END),
        ({"from": "2032-02-22", "duration": "16 days"}, START, END),
        ({"start": "2032-02-22", "until": "2032-03-08"}, START, END),
        ({"start": "2032-02-22"}, START, date(2032, 3, 6)),
        ({"start": "2032-02-22", "days": "0"}, START, START),
        ({"start": "2032-02-22", "days": "1"}, START, START),
        ({"start": "2032-02-22", "to": "2032-02-21", "days": "2"}, START, date(2032, 2, 23)),
        ({"start": "2032-02-22", "days": "9999"}, START, START + timedelta(365)),
        ({"start": "soon", "days": "some"}, date(2032, 1, 4), date(2032, 1, 17)),
        ({}, date(2032, 1, 4), date(2032, 1, 17)),
    ],
)
def test_days_come_from_the_request(content, first, last):
    assert missions.days_asked(content, date(2032, 1, 1)) == (first, last)


def test_the_decision_makes_the_mission_with_the_votes_caveats(room: Room):
    session, now = decided(room, {"EE": ("remote only",), "NL": ("remote only", "no forensics on personal data"), "PL": ()})
    with transaction.atomic():
        mission = missions.activate(session, "council", now)
    assert (mission.name, mission.start, mission.end, mission.stage) == ("Help", START, END, Stage.ACTIVATED)
    assert mission.caveats == [
        {"text": "remote only", "states": ["EE", "NL"]},
        {"text": "no forensics on personal data", "states": ["NL"]},
    ]
    assert Entry.objects.last().action == "activate_mission"
    assert {(c.state, c.kind.value) for c in muster.binding(mission)} == {("EE", "remote_only"), ("NL", "remote_only")}


def decided(room: Room, votes: dict[str, tuple[str, ...]]) -> tuple[Session, object]:
    """A session on a request in which some states have voted yes, with caveats."""
    now = timezone.now()
    made = {"partner": room.partners["mod"], "made_by": room.users["staff"]}
    request = Request.objects.create(reference="2032-09", title="Help", **made)
    content = {"start": START.isoformat(), "days": "16"}
    version = RequestVersion.objects.create(
        request=request, number=1, content=content, digest="0" * 64, made_by=made["made_by"]
    )
    keys = {key.state.code: key for key in StateKey.objects.select_related("state")}
    participants = tuple(
        council.Participant(p.state.code, p.state.name, council.Role.PARTICIPANT, keys[p.state.code].public)
        for p in Participation.objects.select_related("state").filter(role="participant").order_by("state__code")
    )
    rule = ledger.from_plain(council.Rule, RuleVersion.objects.get().rule)
    row = Session(
        request=request, version=version, deadline=now + timedelta(hours=2), opened_by=room.users["chair"], opened_at=now
    )
    opening = council.Opening(
        session=str(row.pk),
        title="Help",
        request=str(request.pk),
        request_digest=version.digest,
        rule=rule,
        participants=participants,
        deadline=row.deadline,
        by="chair",
        time=now,
    )
    row.record = ledger.to_plain(opening)
    row.save()
    for number, (state, caveats) in enumerate(votes.items()):
        private = ledger.unseal(keys[state].sealed, PASSPHRASE)
        vote = council.cast(
            private,
            council.Session(opening),
            state=state,
            choice=council.Choice.YES,
            caveats=caveats,
            cast_by="somebody",
            time=now + timedelta(minutes=1 + number),
            previous=None,
        )
        Vote.objects.create(
            session=row, state=state, number=1, record=ledger.to_plain(vote), cast_by=room.users["chair"], cast_at=vote.time
        )
    return row, now + timedelta(minutes=30)


def test_a_chair_names_who_leads(room: Room):
    mission = make_mission(room)
    missions.name_leader(room.actor("chair"), mission, room.users["leader"])
    assert Mission.objects.get().leader == room.users["leader"]
    with pytest.raises(Refused, match="no team leader"):
        missions.name_leader(room.actor("chair"), mission, room.users["staff"])
    with pytest.raises(PermissionDenied):
        missions.name_leader(room.actor("leader"), mission, None)
    assert room.client("chair").post(f"/missions/{mission.pk}/lead", {"leader": ""}).status_code == 302
    assert Mission.objects.get().leader is None
    assert room.client("leader").post(f"/missions/{mission.pk}/lead", {"leader": ""}).status_code == 403


def test_the_buttons_take_the_mission_on(room: Room):
    mission = make_mission(room)
    path = f"/missions/{mission.pk}/move"
    assert room.client("chair").post(path, {"stage": "not_deployed", "why": ""}).status_code == 409
    assert room.client("chair").post(path, {"stage": "nonsense", "why": "x"}).status_code == 409
    assert room.client("chair").post(path, {"stage": "not_deployed", "why": "quiet again"}).status_code == 302
    assert room.client("chair").get(path).status_code == 405
    page = room.client("chair").get("/missions/?over=1").content.decode()
    assert "not deployed" in page
    assert "Denial" not in room.client("chair").get("/missions/").content.decode()


@pytest.mark.parametrize("path", ["/missions/", "/missions/{}", "/missions/{}/need", "/missions/{}/muster"])
def test_nobody_in_particular_signs_in_first(room: Room, path):
    mission = make_mission(room)
    assert room.client(None).get(path.format(mission.pk))["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("count", [3, 60])
def test_the_list_asks_the_database_a_bounded_number_of_times(room: Room, count):
    make_pool(room, 3)
    adopted(room, make_mission(room))
    for number in range(2, count):
        make_mission(room, f"2032-{number:02}", stage=Stage.MUSTERING)
    browser = room.client("rep_ee")
    with CaptureQueriesContext(connection) as asked:
        page = browser.get("/missions/")
    assert page.content.decode().count("<tr data-key=") == min(50, count - 1)
    assert len(asked) <= 18
    assert room.actor("rep_ee").has(Role.REPRESENTATIVE)
