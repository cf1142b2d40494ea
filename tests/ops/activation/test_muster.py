"""The muster: the need, the worker, nominations, answers; nobody in two places, and who accepted stays."""

import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kit.missions import (
    END,
    FORENSICS,
    RESPONDER,
    START,
    adopted,
    confirm_all,
    make_expert,
    make_mission,
    make_pool,
    need,
    solved,
)
from kit.room import Room
from tocsin.muster import Caveat, CaveatKind, Cefr, Clearance, Cleared, EcsfProfile, Need, Seat, Spoken
from tocsin.ops.activation import services
from tocsin.ops.activation.forms.muster import initial_of, need_of, rows_of
from tocsin.ops.activation.models import LIVE, Mission, Nomination, Proposal, TrainingNeed
from tocsin.ops.activation.queries import muster as queries
from tocsin.ops.activation.records import answer_from_json, need_from_json, need_to_json
from tocsin.ops.activation.services import missions, muster
from tocsin.ops.alliance.models import Expert, ExpertProfile
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry

Status = Nomination.Status
WHOLE = Need(
    start=START,
    end=END,
    seats=(Seat(RESPONDER, 3, 2, True), Seat(FORENSICS, 1, 4, False), Seat(FORENSICS, 2, 4)),
    languages=(Spoken("uk", Cefr.B2, 2),),
    cleared=(Cleared(Clearance.SECRET, 2),),
    clearance_min=Clearance.RESTRICTED,
    size_min=8,
    size_max=12,
    state_min={"EE": 1},
    state_max={"PL": 2},
    state_min_default=0,
    state_max_default=3,
    civil_min=2,
    military_min=1,
    shared_profiles_min=1,
)


def team_of(proposal: Proposal) -> set[str]:
    answer = answer_from_json(proposal.result)
    names = dict(Expert.objects.values_list("pk", "name"))
    return {name for pk, name in names.items() if str(pk) in {m.expert_id for m in answer.proposal.team}}


def held_twice() -> list[tuple[Nomination, Nomination]]:
    """Pairs of nominations that hold one expert on one day for two missions: what must never be."""
    live = list(Nomination.objects.filter(status__in=LIVE).exclude(mission__stage__in=missions.OVER))
    return [
        (one, other)
        for one in live
        for other in live
        if one.pk < other.pk and one.expert_id == other.expert_id and one.start <= other.end and other.start <= one.end
    ]


def test_a_need_is_kept_whole():
    whole = Need(
        **{f: getattr(WHOLE, f) for f in WHOLE.__dataclass_fields__}
        | {
            "caveats": (Caveat("NL", CaveatKind.NOT_AS, profile=FORENSICS),),
            "pinned": ("a",),
            "current": {"a": WHOLE.seats[0], "b": None},
        }
    )
    assert need_from_json(need_to_json(whole)) == whole


def test_the_form_shows_and_takes_a_need_without_loss():
    rows = rows_of(WHOLE)
    assert need_of(initial_of(WHOLE), rows["seats"], rows["languages"], rows["cleared"]) == WHOLE


def test_two_rows_alike_are_one_with_their_numbers_added_up():
    row = {"profile": RESPONDER.value, "number": 2, "level": 3, "mode": "on_site"}
    said = need_of(initial_of(need()), [row, row, {"profile": "", "number": 1}, {**row, "number": 0}], [], [])
    assert said.seats == (Seat(RESPONDER, 4, 3, True),)


def test_the_first_need_starts_the_muster(room: Room):
    mission = make_mission(room)
    muster.state_need(room.actor("leader"), mission, need(start=START + timedelta(1)))
    assert (mission.stage, mission.start) == (Mission.Stage.MUSTERING, START + timedelta(1))
    assert [e.action for e in Entry.objects.order_by("number")] == ["state_need", "move_mission"]
    muster.state_need(room.actor("leader"), mission, need(4))
    assert mission.transitions.count() == 1


@pytest.mark.parametrize("name", ["rep_ee", "staff", "stranger", "expert", "observer", "trainer", "admin"])
def test_only_those_in_command_muster(room: Room, name):
    make_pool(room, 3)
    mission = make_mission(room)
    proposal = solved(room, mission)
    actor, browser = room.actor(name), room.client(name)
    with pytest.raises(PermissionDenied):
        muster.state_need(actor, mission, need())
    with pytest.raises(PermissionDenied):
        muster.ask_proposal(actor, mission)
    with pytest.raises(PermissionDenied):
        muster.adopt_proposal(actor, proposal)
    refused = 403 if name == "rep_ee" else 404
    assert browser.post(f"/missions/{mission.pk}/muster/ask").status_code == refused
    assert browser.post(f"/proposals/{proposal.pk}/adopt").status_code == refused
    assert browser.get(f"/missions/{mission.pk}/muster").status_code == (200 if name == "rep_ee" else 404)
    assert Nomination.objects.count() == 0 and Proposal.objects.count() == 1


def test_caveats_of_the_votes_bind_the_team_by_themselves(room: Room):
    make_pool(room, 6, "EE PL")
    bound = [{"text": "at most 1 expert", "states": ["EE"]}, {"text": "no forensics", "states": ["PL"]}]
    mission = make_mission(room, caveats=bound)
    proposal = solved(room, mission, need(4))
    states = [Expert.objects.get(name=name).state.code for name in team_of(proposal)]
    assert sorted(states) == ["EE", "PL", "PL", "PL"]
    page = room.client("chair").get(f"/missions/{mission.pk}/need").content.decode()
    assert all(words in page for words in ("at most 1 expert", "held by the muster", "no forensics", "read by people"))


def test_pinned_are_in_and_excluded_are_not(room: Room):
    pool = make_pool(room, 6)
    mission = make_mission(room)
    first = team_of(solved(room, mission))
    out, into = next(e for e in pool if e.name in first), next(e for e in pool if e.name not in first)
    browser, path = room.client("chair"), f"/missions/{mission.pk}/muster"
    assert browser.post(f"{path}/ask", {"pin": str(into.pk)})["Location"] == path
    assert "Being solved" in browser.get(path).content.decode()
    browser.post(f"{path}/ask", {"exclude": str(out.pk)})
    assert muster.solve_waiting() and not muster.solve_waiting()  # the first of the two was superseded
    team = team_of(Proposal.objects.first())
    assert into.name in team and out.name not in team
    page = browser.get(path).content.decode()
    assert "Unpin" in page and "excluded:" in page and "Proven: no other team is better." in page
    browser.post(f"{path}/ask", {"free": str(into.pk)})
    assert need_from_json(Proposal.objects.first().need).pinned == ()
    assert browser.post(f"{path}/ask", {"pin": "nonsense"}).status_code == 409


def test_a_conflict_is_told_in_words_that_lead_to_the_fields(room: Room):
    make_pool(room, 3)
    mission = make_mission(room, caveats=[{"text": "no experts", "states": ["EE"]}])
    solved(room, mission, need(size_min=8))
    page = room.client("chair").get(f"/missions/{mission.pk}/muster").content.decode()
    assert "No team" in page and f'href="/missions/{mission.pk}/need#id_size_min"' in page
    with pytest.raises(Refused, match="once it has a team"):
        muster.adopt_proposal(room.actor("chair"), Proposal.objects.get())
    form = room.client("chair").get(f"/missions/{mission.pk}/need").content.decode()
    assert 'id="id_size_min"' in form and 'id="id_state_max_EE"' in form and 'id="id_seats-0-number"' in form


def test_every_condition_leads_to_a_field_that_is_there(room: Room):
    mission = make_mission(room)
    muster.state_need(room.actor("chair"), mission, WHOLE)
    form = room.client("chair").get(f"/missions/{mission.pk}/need").content.decode()
    for kind, of in [(k, "EE" if k.startswith("state") else "0" if k == "places" else "") for k in queries._FIELDS]:
        assert f'id="{queries._where(mission, kind, of).split("#")[1]}"' in form


def test_the_need_page_states_and_asks_in_one_go(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    said = {f"{name}-{kind}": "0" for name in ("seats", "languages", "cleared") for kind in ("TOTAL_FORMS", "INITIAL_FORMS")}
    said |= {"seats-TOTAL_FORMS": "2", "seats-0-profile": RESPONDER.value, "seats-0-number": "3", "seats-0-level": "3"}
    said |= {"start": START.isoformat(), "end": END.isoformat(), "size_min": "0", "size_max": "5", "clearance_min": "0"}
    browser, path = room.client("chair"), f"/missions/{mission.pk}/need"
    assert browser.get(path).status_code == 200
    late = browser.post(path, said | {"end": "2032-02-01"})
    assert late.status_code == 422 and "before the first" in late.content.decode() and RESPONDER.value in late.content.decode()
    assert browser.post(path, said)["Location"] == f"/missions/{mission.pk}/muster"
    assert services.STEPS and muster.solve_waiting()
    assert len(team_of(Proposal.objects.get())) == 3
    assert room.client("rep_ee").post(path, said).status_code == 403
    assert browser.post(path, said | {"seats-0-number": "0", "size_min": "0"}).status_code == 422


def test_a_proposal_that_waits_is_solved_once_even_by_two_workers(room: Room, monkeypatch):
    make_pool(room, 3)
    mission = make_mission(room)
    muster.state_need(room.actor("chair"), mission, need())
    muster.ask_proposal(room.actor("chair"), mission)
    real, both = muster._answer, []

    def slow(pool, asked):
        if not both:  # the other worker comes in between, and finishes first
            both.append(True)
            assert muster.solve_waiting()
        assert not connection.in_atomic_block or connection.savepoint_ids == []
        return real(pool, asked)

    monkeypatch.setattr(muster, "_answer", slow)
    assert muster.solve_waiting()
    assert Entry.objects.filter(action="solve_proposal").count() == 1
    assert not muster.solve_waiting()


def test_a_worker_killed_while_solving_leaves_the_proposal_waiting(room: Room, monkeypatch):
    make_pool(room, 3)
    mission = make_mission(room)
    muster.state_need(room.actor("chair"), mission, need())
    proposal = muster.ask_proposal(room.actor("chair"), mission)

    def killed(*_args, **_more):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(muster.audit, "record", killed)
        with pytest.raises(SystemExit):
            muster.solve_waiting()
    proposal.refresh_from_db()
    assert (proposal.solved_at, proposal.result) == (None, None)
    assert muster.solve_waiting()


def test_no_write_lock_is_held_while_the_solver_runs(room: Room, monkeypatch):
    """Everything before the answer only reads."""
    make_pool(room, 3)
    mission = make_mission(room)
    muster.state_need(room.actor("chair"), mission, need())
    muster.ask_proposal(room.actor("chair"), mission)
    seen = []
    real = muster._answer
    monkeypatch.setattr(muster, "_answer", lambda pool, asked: seen.append(len(asked_so_far)) or real(pool, asked))
    with CaptureQueriesContext(connection) as asked_so_far:
        muster.solve_waiting()
    before = [query["sql"] for query in asked_so_far.captured_queries[: seen[0]]]
    assert before and all(sql.startswith("SELECT") for sql in before)


def test_a_need_that_contradicts_itself_is_told_not_tried_for_ever(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    muster.state_need(room.actor("chair"), mission, need())
    proposal = muster.ask_proposal(room.actor("chair"), mission)
    kept = proposal.need | {"start": "2032-04-01"}
    Proposal.objects.update(need=kept)
    assert muster.solve_waiting() and not muster.solve_waiting()
    page = room.client("chair").get(f"/missions/{mission.pk}/muster").content.decode()
    assert "is before the start" in page


def test_adopting_asks_the_team_and_keeps_what_nobody_could_fill(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    asked = need(3, seats=(Seat(RESPONDER, 3, 3), Seat(FORENSICS, 2, 3)), languages=(Spoken("uk", Cefr.B2, 1),))
    team = adopted(room, mission, asked)
    assert {n.expert.name for n in team} == {"who0", "who1", "who2"}
    assert {(n.status, n.start, n.end) for n in team} == {(Status.NOMINATED, START, END)}
    assert {(t.skill, t.short) for t in TrainingNeed.objects.all()} == {(f"{FORENSICS.label}, level 3", 2), ("uk B2", 1)}
    page = room.client("trainer").get("/training-needs/").content.decode()
    assert FORENSICS.label in page and "2032-01" in page
    for name in ("staff", "stranger", "expert", "observer"):
        assert room.client(name).get("/training-needs/").status_code == 403
    with pytest.raises(Refused, match="adopted already"):
        muster.adopt_proposal(room.actor("chair"), Proposal.objects.get())


def test_a_team_is_adopted_only_while_it_is_the_latest(room: Room):
    make_pool(room, 3)
    mission = make_mission(room)
    old = solved(room, mission)
    muster.ask_proposal(room.actor("chair"), mission)
    with pytest.raises(Refused, match="Only the latest"):
        muster.adopt_proposal(room.actor("chair"), old)


def test_only_the_expert_answers_and_only_their_state_confirms(room: Room):
    make_pool(room, 3)
    team = adopted(room, make_mission(room))
    one = team[0]
    own_rep = f"rep_{one.expert.state.code.lower()}"
    other_rep = next(f"rep_{n.expert.state.code.lower()}" for n in team if n.expert.state != one.expert.state)
    for name in ("chair", own_rep, team[1].expert.name, "stranger"):
        with pytest.raises(PermissionDenied):
            muster.answer_nomination(room.actor(name), one, accept=True)
    with pytest.raises(Refused, match="has not accepted yet"):
        muster.confirm_nomination(room.actor(own_rep), one, confirm=True)
    muster.answer_nomination(room.actor(one.expert.name), one, accept=True, text="gladly")
    with pytest.raises(Refused, match="nothing to answer"):
        muster.answer_nomination(room.actor(one.expert.name), one, accept=True)
    for name in ("chair", other_rep, one.expert.name, "stranger"):
        with pytest.raises(PermissionDenied):
            muster.confirm_nomination(room.actor(name), one, confirm=True)
    done = muster.confirm_nomination(room.actor(own_rep), one, confirm=True)
    assert done.status == Status.CONFIRMED
    with pytest.raises(Refused, match="already"):
        muster.confirm_nomination(room.actor(own_rep), one, confirm=True)


def test_a_decline_is_solved_again_around_those_who_have_accepted(room: Room):
    make_pool(room, 6)
    mission = make_mission(room)
    one, two, three = adopted(room, mission)
    confirm_all(room, [one])
    muster.answer_nomination(room.actor(two.expert.name), two, accept=True)
    muster.answer_nomination(room.actor(three.expert.name), three, accept=False, text="my daughter is born")
    assert muster.solve_waiting()
    latest = Proposal.objects.first()
    team = team_of(latest)
    assert {one.expert.name, two.expert.name} < team and three.expert.name not in team and len(team) == 3
    page = room.client("chair").get(f"/missions/{mission.pk}/muster").content.decode()
    assert "my daughter is born" in page and "Solved again around the 2 people who have accepted." in page
    muster.adopt_proposal(room.actor("chair"), latest)
    live = dict(Nomination.objects.filter(status__in=LIVE).values_list("expert__name", "status"))
    new = (team - {one.expert.name, two.expert.name}).pop()
    assert live == {one.expert.name: Status.CONFIRMED, two.expert.name: Status.ACCEPTED, new: Status.NOMINATED}


def test_a_states_refusal_is_solved_again_too(room: Room):
    make_pool(room, 4)
    mission = make_mission(room)
    one, *_others = adopted(room, mission)
    rep = room.actor(f"rep_{one.expert.state.code.lower()}")
    muster.confirm_nomination(rep, one, confirm=False, text="needed at home")
    assert muster.solve_waiting()
    assert one.expert.name not in team_of(Proposal.objects.first())


def test_who_has_accepted_since_is_not_left_out(room: Room):
    pool = make_pool(room, 6)
    mission = make_mission(room)
    team = adopted(room, mission, need(size_max=3))
    into = next(e for e in pool if e.pk not in {n.expert_id for n in team})
    chair = room.actor("chair")
    muster.ask_proposal(chair, mission, pinned=[str(into.pk)])
    muster.solve_waiting()
    latest = Proposal.objects.first()
    left_out = next(n for n in team if n.expert.name not in team_of(latest))
    muster.answer_nomination(room.actor(left_out.expert.name), left_out, accept=True)
    with pytest.raises(Refused, match=f"{left_out.expert.name} has accepted since"):
        muster.adopt_proposal(chair, latest)
    assert Nomination.objects.filter(status__in=LIVE).count() == 3


def test_who_is_released_before_departure_is_replaced_and_a_ready_team_is_so_no_more(room: Room):
    make_pool(room, 4)
    mission = make_mission(room)
    team = adopted(room, mission)
    confirm_all(room, team)
    missions.move_mission(room.actor("chair"), mission, Mission.Stage.READY, "all there")
    muster.release_nomination(room.actor("leader"), team[0], text="fell ill")
    mission.refresh_from_db()
    assert mission.stage == Mission.Stage.MUSTERING
    assert Proposal.objects.filter(solved_at=None).count() == 1
    with pytest.raises(PermissionDenied):
        muster.release_nomination(room.actor("rep_ee"), team[1])


def test_another_mission_does_not_get_who_is_taken(room: Room):
    make_pool(room, 5)
    one, two = make_mission(room), make_mission(room, "2032-02")
    waiting = solved(room, two)  # solved before the other mission adopts
    adopted(room, one)
    with pytest.raises(Refused, match=r"Taken by another mission since: .*2032-01"):
        muster.adopt_proposal(room.actor("chair"), waiting)
    proposal = solved(room, two)
    assert len(team_of(proposal)) == 2
    muster.adopt_proposal(room.actor("chair"), proposal)
    assert held_twice() == []


def test_the_day_after_a_mission_one_is_free_for_the_next(room: Room):
    make_pool(room, 3)
    adopted(room, make_mission(room))
    late = need(start=END, end=END + timedelta(3))
    assert team_of(solved(room, make_mission(room, "2032-02"), late)) == set()
    late = need(start=END + timedelta(1), end=END + timedelta(3))
    assert len(adopted(room, make_mission(room, "2032-03"), late)) == 3
    assert held_twice() == []


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_nobody_is_in_two_places_and_who_accepted_stays(room: Room, seed):
    """Random verbs on two missions that overlap; refusals are part of the game."""
    rng = random.Random(seed)
    make_pool(room, 6)
    both = [make_mission(room), make_mission(room, "2032-02")]
    chair, settled = room.actor("chair"), {}
    for mission in both:
        muster.state_need(chair, mission, need())
    for _ in range(40):
        mission = rng.choice(both)
        nomination = rng.choice([*Nomination.objects.filter(mission=mission), None])
        verb = rng.choice(("ask", "solve", "solve", "adopt", "adopt", "yes", "yes", "no", "confirm", "refuse"))
        done = attempt(room, verb, mission, nomination)
        if nomination and done and verb in ("yes", "confirm"):
            settled[nomination.pk] = verb
        elif nomination and done:
            settled.pop(nomination.pk, None)
        assert held_twice() == []
        kept = Nomination.objects.filter(pk__in=settled).values_list("status", flat=True)
        assert set(kept) <= {Status.ACCEPTED, Status.CONFIRMED}


def attempt(room: Room, verb: str, mission: Mission, nomination: Nomination | None) -> bool:
    chair = room.actor("chair")
    try:
        if verb == "ask":
            muster.ask_proposal(chair, mission)
        elif verb == "solve":
            muster.solve_waiting()
        elif verb == "adopt":
            muster.adopt_proposal(chair, Proposal.objects.filter(mission=mission).first() or Proposal(mission=mission))
        elif nomination is None:
            return False
        elif verb in ("yes", "no"):
            muster.answer_nomination(room.actor(nomination.expert.name), nomination, accept=verb == "yes")
        else:
            rep = room.actor(f"rep_{nomination.expert.state.code.lower()}")
            muster.confirm_nomination(rep, nomination, confirm=verb == "confirm")
    except (Refused, Proposal.DoesNotExist):
        return False
    return True


RACE = """
import threading
import django
django.setup()
from django.conf import settings
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in here
from django.core.management import call_command
from django.db import connection
name = connection.settings_dict["NAME"]
if connection.vendor == "sqlite":  # on disk, since threads cannot share one in memory as processes share a file
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
else:
    connection.settings_dict["TEST"]["NAME"] = "test_tocsin_race"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
from kit.missions import make_mission, make_pool, solved
from kit.room import make_room
from tocsin.ops.activation.models import LIVE, Nomination
from tocsin.ops.activation.services import muster
from tocsin.ops.common.errors import Refused
room = make_room()
make_pool(room, 3)
proposals = [solved(room, make_mission(room, f"2032-0{n}")) for n in (1, 2)]
start, said = threading.Barrier(2), []
def adopt(proposal):
    chair = room.actor("chair")
    start.wait()
    try:
        said.append(len(muster.adopt_proposal(chair, proposal)))
    except Refused as error:
        said.append(str(error))
    finally:
        connection.close()
threads = [threading.Thread(target=adopt, args=(proposal,)) for proposal in proposals]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(map(str, said)), Nomination.objects.filter(status__in=LIVE).count())
if connection.vendor != "sqlite":
    connection.creation.destroy_test_db(name, verbosity=0)
"""


def test_of_two_missions_that_adopt_at_once_one_gets_the_people(tmp_path: Path):
    """Two connections to one database, as two web processes have them; on PostgreSQL where the suite runs on it."""
    kit = str(Path(__file__).parents[2])
    env = os.environ | {"TOCSIN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tocsin.ops.config.settings", "PYTHONPATH": kit}
    done = subprocess.run([sys.executable, "-c", RACE], env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("['3', 'Taken by another mission since: ") and done.stdout.endswith(" 3\n")


def test_the_page_of_nominations_is_where_people_answer(room: Room):
    make_pool(room, 3)
    mission = make_mission(room, caveats=[{"text": "no forensics", "states": ["PL"]}])
    one = next(n for n in adopted(room, mission) if n.expert.name == "who0")
    browser = room.client("who0")
    page = browser.get("/nominations/").content.decode()
    assert all(
        words in page for words in ("Ministry of Defence", "Ukraine", "22 Feb 2032", "no forensics", "Accept", "Decline")
    )
    assert browser.post(f"/nominations/{one.pk}/answer", {"yes": "perhaps"}).status_code == 409
    assert browser.post(f"/nominations/{one.pk}/answer", {"yes": "yes", "text": "gladly"}).status_code == 302
    assert "gladly" in browser.get("/nominations/").content.decode()
    page = room.client("rep_ee").get("/nominations/").content.decode()
    assert "who0" in page and "Confirm" in page and "who1" not in page
    assert room.client("rep_hr").post(f"/nominations/{one.pk}/confirm", {"yes": "yes"}).status_code == 403
    assert room.client("rep_ee").post(f"/nominations/{one.pk}/confirm", {"yes": "yes"}).status_code == 302
    one.refresh_from_db()
    assert one.status == Status.CONFIRMED
    for name in ("staff", "stranger", "observer", "who1"):
        with pytest.raises(Http404):
            queries.nomination_of(room.actor(name), one.pk)
        for verb in ("answer", "confirm", "release"):
            assert room.client(name).post(f"/nominations/{one.pk}/{verb}", {"yes": "no"}).status_code == 404
    assert room.client("rep_pl").post(f"/nominations/{one.pk}/release").status_code == 403
    assert room.client("leader").post(f"/nominations/{one.pk}/release").status_code == 302


def test_readiness_counts_who_is_free_by_profile_and_state(room: Room):
    today = timezone.localdate()
    pool = make_pool(room, 4, "EE PL")
    make_expert(room, "F", "RO", profile=FORENSICS, languages={"uk": 5, "en": 2})
    Expert.objects.filter(pk=pool[0].pk).update(active=False)
    mission = make_mission(room)
    Nomination.objects.create(mission=mission, expert=pool[1], reason="", start=today, end=today)
    pool[3].availability.update(end=today)

    def counted(days: int) -> dict[str, tuple[int, tuple[tuple[str, int], ...]]]:
        return {row.label: (row.free, row.states) for row in queries.readiness(room.actor("chair"), days)}

    assert counted(0)[RESPONDER.label] == (2, (("EE", 1), ("PL", 1)))
    assert counted(1)[RESPONDER.label] == (1, (("EE", 1),))
    assert counted(1)[FORENSICS.label] == (1, (("RO", 1),))
    assert len(counted(1)) == len(EcsfProfile)
    assert [(r.label, r.free) for r in queries.languages(room.actor("rep_ee"))] == [("English", 1), ("Ukrainian", 1)]
    for name in ("staff", "stranger", "observer", "expert", "admin"):
        assert queries.readiness(room.actor(name)) == [] and queries.languages(room.actor(name)) == []


def test_with_500_experts_pages_and_worker_ask_the_database_a_bounded_number_of_times(room: Room):
    fill(room, 500)
    mission = make_mission(room)
    muster.state_need(room.actor("chair"), mission, need(12))
    muster.ask_proposal(room.actor("chair"), mission)
    with CaptureQueriesContext(connection) as worker:
        assert muster.solve_waiting()
    assert len(worker) <= 24
    with CaptureQueriesContext(connection) as board:
        assert sum(row.free for row in queries.readiness(room.actor("chair"))) == 500
    assert len(board) <= 2
    browser = room.client("chair")
    for path, most in ((f"/missions/{mission.pk}/muster", 24), (f"/missions/{mission.pk}", 24), ("/nominations/", 12)):
        with CaptureQueriesContext(connection) as page:
            assert browser.get(path).status_code == 200
        assert len(page) <= most, (path, len(page))


def fill(room: Room, count: int) -> None:
    from tocsin.ops.alliance.models import Availability

    states = list(room.states.values())[:6]
    experts = Expert.objects.bulk_create(Expert(state=states[n % 6], name=f"x{n}") for n in range(count))
    ExpertProfile.objects.bulk_create(ExpertProfile(expert=e, profile=RESPONDER.value, level=3) for e in experts)
    first, last = timezone.localdate() - timedelta(1), END + timedelta(400)
    Availability.objects.bulk_create(Availability(expert=e, start=first, end=last) for e in experts)
