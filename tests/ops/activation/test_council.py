"""The council: the whole story, every refusal, races, and the pages of three kinds of people."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from kit.requests import CONTENT, handed_in
from kit.room import FOUNDERS, PASSPHRASE, Room
from tocsin import council, ledger
from tocsin.cli import app
from tocsin.ops.activation.models import Mission, Request, Session, Vote
from tocsin.ops.activation.queries import council as queries
from tocsin.ops.activation.services import council as services
from tocsin.ops.activation.services import requests
from tocsin.ops.alliance import delegations, keys, log, rules
from tocsin.ops.alliance.models import Participation, Role, RuleVersion, StateKey
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry, Witness
from tocsin.terms import Tlp

HOUR = timedelta(hours=1)


def opened(room: Room, hours: float = 10, **changes: object) -> Session:
    request = handed_in(room, **changes)
    return services.open_session(room.actor("chair"), request, deadline=clock.now() + hours * HOUR)


def vote(room: Room, session: Session, state: str, choice: str = "yes", *caveats: str, by: str | None = None) -> Vote:
    actor = room.actor(by or f"rep_{state.lower()}")
    return services.cast_vote(actor, session, state=state, choice=choice, caveats=caveats, passphrase=PASSPHRASE)


def consented(room: Room, session: Session, given: bool = True) -> None:
    services.record_consent(room.actor("staff"), session, given=given, note="letter of the minister")


def with_rule(room: Room, **fields: object) -> RuleVersion:
    return rules.add_rule(room.actor("admin"), start=clock.now().date(), **fields)


def story(room: Room) -> Session:
    """Six vote: one with a caveat, one by delegation, one changing its mind. The chair closes once it is certain."""
    session = opened(room)
    now = clock.now()
    services.delegate_vote(
        room.actor("rep_nl"), state="NL", to="EE", session=None, start=now, end=now + 24 * HOUR, passphrase=PASSPHRASE
    )
    vote(room, session, "LT")
    vote(room, session, "PL", "no")
    services.remark(room.actor("rep_hr"), session, "We can send two people.")
    vote(room, session, "PL", "yes")
    vote(room, session, "EE", "yes", "remote only")
    vote(room, session, "NL", "yes", "no forensics on personal data", by="rep_ee")
    vote(room, session, "RO", "abstain")
    consented(room, session)
    vote(room, session, "HR", "yes", "at most 2 experts")
    return services.close_session(room.actor("chair"), session, reason="all have spoken")


def verified(tmp_path: Path, data: bytes, *more: str) -> tuple[int, str]:
    path = tmp_path / "decision.jsonl"
    path.write_bytes(data)
    result = CliRunner().invoke(app, ["verify", str(path), *more])
    return result.exit_code, result.output


def test_story_is_activated_and_replays_elsewhere(room: Room, tmp_path: Path) -> None:
    session = story(room)
    session.request.refresh_from_db()
    assert session.outcome == "activated"
    assert session.request.status == Request.Status.ACTIVATED
    mission = Mission.objects.get(session=session)
    assert {one["text"]: one["states"] for one in mission.caveats} == {
        "remote only": ["EE"],
        "at most 2 experts": ["HR"],
        "no forensics on personal data": ["NL"],
    }
    data = services.export(room.actor("rep_hr"), session)
    assert data == services.export(room.actor("chair"), session), "one decision, one file"
    code, said = verified(tmp_path, data)
    assert code == 0, said
    assert "activated" in said
    witness, trusted = tmp_path / "witness.jsonl", tmp_path / "keys.json"
    witness.write_bytes(services.witness_file(room.actor("rep_pl"), session, "PL"))
    trusted.write_bytes(log.public_keys(room.actor("rep_hr")))
    code, said = verified(tmp_path, data, "--witness", str(witness), "--keys", str(trusted))
    assert code == 0, said


def test_a_changed_byte_is_named(room: Room, tmp_path: Path) -> None:
    data = services.export(room.actor("chair"), story(room))
    code, said = verified(tmp_path, data.replace(b"remote only", b"remote 0nly", 1))
    assert code == 1
    assert "vote 1 of Estonia" in said


def test_a_vote_left_out_is_noticed_by_who_kept_it(room: Room, tmp_path: Path) -> None:
    """The state's witness has its votes and heads; a log made anew without them does not pass."""
    session = story(room)
    kept = council.read_witness("PL", services.witness_file(room.actor("rep_pl"), session, "PL"))
    assert [one.choice for one in kept.votes] == ["no", "yes"]
    found = queries.held(session)
    entries = log.export(room.actor("chair"))
    assert b"".join(entries)
    report = council.verify(services.export(room.actor("chair"), session), witnesses=[kept])
    assert report.holds and len(found.votes) == 7


def test_each_vote_hands_a_head_to_its_state(room: Room) -> None:
    session = opened(room)
    before = Witness.objects.count()
    cast = vote(room, session, "EE")
    (kept,) = Witness.objects.filter(state="EE")
    assert Witness.objects.count() == before + 1
    entry = Entry.objects.get(subject=f"session {session.pk}", action="cast_vote")
    assert kept.number == entry.number
    assert entry.time == cast.cast_at
    assert entry.details["record"] == ledger.from_plain(council.Vote, cast.record).digest


def test_a_change_of_mind_is_chained(room: Room) -> None:
    session = opened(room)
    first, second = vote(room, session, "PL", "no"), vote(room, session, "PL", "yes")
    assert (first.number, second.number) == (1, 2)
    assert second.record["previous"] == ledger.from_plain(council.Vote, first.record).digest
    row = next(row for row in queries.rows(session, queries.held(session), queries.tally_of(session)) if row.state == "PL")
    assert [(cast.said, cast.counts) for cast in row.history] == [("no", False), ("yes", True)]


@pytest.mark.parametrize("who", ["rep_lt", "observer", "staff", "stranger", "expert", "leader", "admin", "trainer", "chair"])
def test_only_its_representative_votes(room: Room, who: str) -> None:
    session = opened(room)
    with pytest.raises(PermissionDenied):
        vote(room, session, "EE", by=who)
    assert not Vote.objects.exists()


def test_wrong_passphrase_is_counted_and_ends(room: Room) -> None:
    session, actor = opened(room), room.actor("rep_ee")
    for left in range(keys.TRIES - 1, -1, -1):
        with pytest.raises(keys.WrongPassphrase, match=f"left: {left}"):
            services.cast_vote(actor, session, state="EE", choice="yes", passphrase="wrong horse battery")
    with pytest.raises(keys.WrongPassphrase, match="too often"):
        services.cast_vote(actor, session, state="EE", choice="yes", passphrase=PASSPHRASE)
    with clock.set_to(clock.now() + keys.TRIES_WITHIN + timedelta(seconds=1)):
        services.cast_vote(actor, session, state="EE", choice="yes", passphrase=PASSPHRASE)
    assert Entry.objects.filter(action="wrong_passphrase").count() == keys.TRIES


def test_nothing_after_the_close(room: Room) -> None:
    session = story(room)
    with pytest.raises(Refused, match="closed"):
        vote(room, session, "EE", "no")
    with pytest.raises(Refused, match="closed"):
        services.remark(room.actor("rep_ee"), session, "One more thing.")
    with pytest.raises(Refused, match="closed"):
        consented(room, session, False)
    with pytest.raises(Refused, match="closed"):
        services.postpone(room.actor("chair"), session, deadline=clock.now() + 99 * HOUR, reason="x")
    with pytest.raises(Refused, match="closed"):
        services.close_session(room.actor("chair"), session, reason="x")


def test_nothing_between_deadline_and_close(room: Room) -> None:
    session = opened(room, hours=1)
    with clock.set_to(session.deadline):
        vote(room, session, "EE")
    with clock.set_to(session.deadline + timedelta(microseconds=1)), pytest.raises(Refused, match="deadline has passed"):
        vote(room, session, "LT")


@pytest.mark.parametrize(
    ("choice", "caveats"),
    [
        pytest.param("maybe", (), id="no such vote"),
        pytest.param("yes", ("x" * 301,), id="a caveat too long"),
        pytest.param("yes", tuple(f"caveat {n}" for n in range(21)), id="too many caveats"),
        pytest.param("yes", ("remote\x00only",), id="a character that cannot be printed"),
    ],
)
def test_votes_that_are_none(room: Room, choice: str, caveats: tuple[str, ...]) -> None:
    session = opened(room)
    with pytest.raises(Refused):
        vote(room, session, "EE", choice, *caveats)


def test_opening_freezes_rule_states_and_keys(room: Room) -> None:
    session = opened(room)
    with_rule(room, kind=council.Kind.AT_LEAST, needed=1)
    keys.make_key(room.actor("rep_ee"), "EE", passphrase="another long passphrase", cost=10)
    Participation.objects.filter(state__code="LT").update(end=clock.now().date() - timedelta(days=1))
    opening = queries.opening_of(Session.objects.get(pk=session.pk))
    assert opening.rule.kind == council.Kind.UNANIMITY
    vote(room, session, "EE")  # with the passphrase of the key that was frozen
    vote(room, session, "LT")  # a participant at the opening
    assert queries.get_session(room.actor("rep_lt"), session.pk) == session


def test_opening_is_refused(room: Room) -> None:
    request, chair = handed_in(room), room.actor("chair")
    for who in ("rep_ee", "staff", "admin", "observer", "leader"):
        with pytest.raises(PermissionDenied):
            services.open_session(room.actor(who), request, deadline=clock.now() + HOUR)
    with pytest.raises(Refused, match="ahead"):
        services.open_session(chair, request, deadline=clock.now())
    StateKey.objects.filter(state__code="PL").update(retired_at=clock.now())
    with pytest.raises(Refused, match="Poland"):
        services.open_session(chair, request, deadline=clock.now() + HOUR)
    StateKey.objects.update(retired_at=None)
    services.open_session(chair, request, deadline=clock.now() + HOUR)
    with pytest.raises(Refused, match="before the council"):
        services.open_session(chair, request, deadline=clock.now() + HOUR)


def test_delegation_holds_for_its_time_and_until_taken_back(room: Room) -> None:
    session, now = opened(room), clock.now()
    given = services.delegate_vote(
        room.actor("rep_nl"), state="NL", to="EE", session=session, start=now + HOUR, end=now + 2 * HOUR, passphrase=PASSPHRASE
    )
    with pytest.raises(PermissionDenied):
        vote(room, session, "NL", by="rep_ee")
    with clock.set_to(now + HOUR):
        assert [seat.state for seat in queries.seats(room.actor("rep_ee"), session, clock.now())] == ["EE", "NL"]
        cast = vote(room, session, "NL", by="rep_ee")
        assert {one.state for one in Witness.objects.filter(how="vote")} == {"EE", "NL"}
    with clock.set_to(now + 1.2 * HOUR):
        delegations.revoke_delegation(room.actor("rep_nl"), given)
        with pytest.raises(PermissionDenied):
            vote(room, session, "NL", "no", by="rep_ee")
        stand = next(one for one in queries.tally_of(session).stands if one.state == "NL")
        assert stand.vote == ledger.from_plain(council.Vote, cast.record), "what was cast before stands"
        assert stand.delegate == "Estonia"


def test_a_state_that_votes_itself_takes_its_delegation_back(room: Room) -> None:
    session, now = opened(room), clock.now()
    services.delegate_vote(
        room.actor("rep_nl"), state="NL", to="EE", session=None, start=now, end=now + 5 * HOUR, passphrase=PASSPHRASE
    )
    vote(room, session, "NL", "no")
    with pytest.raises(Refused, match="has voted itself"):
        vote(room, session, "NL", "yes", by="rep_ee")


def test_chair_closes_only_what_is_certain(room: Room) -> None:
    session = opened(room)
    vote(room, session, "EE")
    with pytest.raises(Refused, match="Five votes are missing"):
        services.close_session(room.actor("chair"), session, reason="in a hurry")
    vote(room, session, "LT", "no")
    with pytest.raises(PermissionDenied):
        services.close_session(room.actor("rep_ee"), session, reason="it is clear")
    assert services.close_session(room.actor("chair"), session, reason="one says no").outcome == "declined"
    request = Request.objects.get()
    assert request.status == Request.Status.DECLINED
    assert request.closed_at == Session.objects.get().closed_at
    assert not Mission.objects.exists()


def test_worker_closes_at_the_deadline_once(room: Room, tmp_path: Path) -> None:
    session = opened(room, hours=1)
    other = opened(room, hours=2)
    assert not services.close_due_session()
    with clock.set_to(session.deadline):
        assert services.close_due_session()
        assert not services.close_due_session()
    session.refresh_from_db()
    other.refresh_from_db()
    assert (session.outcome, other.outcome) == ("lapsed", "")
    assert session.request.status == Request.Status.LAPSED
    asked = f"/requests/{session.request_id}/"
    assert "Put it to the council again" in room.client("chair").get(asked).content.decode()
    assert "Put it to the council again" not in room.client("rep_ee").get(asked).content.decode()
    code, said = verified(tmp_path, services.export(room.actor("chair"), session))
    assert code == 0, said
    again = services.open_session(room.actor("chair"), session.request, deadline=clock.now() + HOUR)
    assert again.request.status == Request.Status.IN_COUNCIL


def test_silence_is_yes_under_a_rule_that_says_so(room: Room, tmp_path: Path) -> None:
    with_rule(room, kind=council.Kind.UNANIMITY, silence=council.Silence.YES)
    session = opened(room, hours=1)
    vote(room, session, "EE")
    assert queries.tally_of(session).outcome == council.Outcome.UNDECIDED
    with clock.set_to(session.deadline):
        assert services.close_due_session()
    session.refresh_from_db()
    assert session.outcome == "activated"
    assert Mission.objects.filter(session=session).exists()
    code, said = verified(tmp_path, services.export(room.actor("chair"), session))
    assert code == 0, said
    assert "silence counts as yes" in said


def test_hosts_consent_is_a_condition(room: Room) -> None:
    session = opened(room)
    for code in FOUNDERS:
        vote(room, session, code)
    with pytest.raises(Refused, match="host's consent"):
        services.close_session(room.actor("chair"), session, reason="all said yes")
    for who in ("stranger", "rep_ee", "chair", "observer"):
        with pytest.raises(PermissionDenied):
            services.record_consent(room.actor(who), session, given=True, note="")
    consented(room, session, given=False)
    assert services.close_session(room.actor("chair"), session, reason="refused").outcome == "declined"


def test_postponing(room: Room) -> None:
    session = opened(room, hours=1)
    with pytest.raises(PermissionDenied):
        services.postpone(room.actor("rep_ee"), session, deadline=session.deadline + HOUR, reason="later")
    with pytest.raises(Refused, match="not brought forward"):
        services.postpone(room.actor("chair"), session, deadline=session.deadline - timedelta(minutes=1), reason="sooner")
    with pytest.raises(Refused, match="Say why"):
        services.postpone(room.actor("chair"), session, deadline=session.deadline + HOUR, reason=" ")
    before = session.deadline
    services.postpone(room.actor("chair"), session, deadline=before + HOUR, reason="Romania asks its parliament")
    with clock.set_to(before + HOUR / 2):
        assert not services.close_due_session()
        vote(room, session, "RO")


def test_an_amended_request_is_voted_on_anew(room: Room, tmp_path: Path) -> None:
    session = opened(room)
    vote(room, session, "EE")
    changed = requests.amend_request(room.actor("staff"), session.request, {**CONTENT, "days": "30"})
    session.refresh_from_db()
    assert session.version == changed
    stand = next(one for one in queries.tally_of(session).stands if one.state == "EE")
    assert (stand.choice, stand.note) == (None, "voted on another version of the request")
    vote(room, session, "EE", "no")
    services.close_session(room.actor("chair"), session, reason="Estonia says no")
    code, said = verified(tmp_path, services.export(room.actor("chair"), session))
    assert code == 0, said


def test_a_request_taken_back_closes_its_session(room: Room, tmp_path: Path) -> None:
    session = opened(room)
    vote(room, session, "EE")
    requests.withdraw_request(room.actor("staff"), session.request, "We have it under control.")
    session.refresh_from_db()
    assert session.outcome == "withdrawn"
    code, said = verified(tmp_path, services.export(room.actor("chair"), session))
    assert code == 0, said


def test_discussion_is_for_the_council(room: Room) -> None:
    session = opened(room)
    services.remark(room.actor("chair"), session, "Please vote by noon.")
    for who in ("observer", "staff", "stranger", "leader", "admin"):
        with pytest.raises(PermissionDenied):
            services.remark(room.actor(who), session, "Me, too.")
    entry = Entry.objects.get(action="remark")
    assert "noon" not in str(entry.details)
    assert entry.subject != f"session {session.pk}", "the export shows entries of that subject in full"


def test_under_red_the_votes_are_open_the_content_is_not(room: Room) -> None:
    session = opened(room, tlp=Tlp.RED.value)
    actor = room.actor("rep_ee")
    assert queries.may_read(actor, session)
    assert not queries.may_discuss(actor, session)
    page = room.client("rep_ee").get(f"/sessions/{session.pk}/").content.decode()
    assert "named readers only" in page
    assert "Floods of SYN" not in page and "scrubbing" not in page.lower() and session.request.title not in page


def test_export_is_for_who_decides(room: Room) -> None:
    session = opened(room)
    with pytest.raises(Refused, match="open"):
        services.export(room.actor("chair"), session)
    for who in ("observer", "staff", "stranger", "leader", "admin"):
        with pytest.raises(PermissionDenied):
            services.export(room.actor(who), session)
    with pytest.raises(PermissionDenied):
        services.witness_file(room.actor("rep_ee"), session, "LT")


# Pages.


PAGES = {
    # who: (status of the session's page, whether votes are on it)
    "rep_ee": (200, True),
    "chair": (200, True),
    "staff": (200, False),
    "observer": (200, False),
    "leader": (200, False),
    "admin": (200, False),
    "trainer": (200, False),
    "stranger": (404, False),
    "expert": (404, False),
    None: (302, False),
}


@pytest.mark.parametrize("who", PAGES)
def test_who_sees_what_of_a_session(room: Room, who: str | None) -> None:
    session = opened(room)
    services.remark(room.actor("rep_hr"), session, "We can send two people.")
    vote(room, session, "PL", "no", "not in winter")
    status, votes = PAGES[who]
    answer = room.client(who).get(f"/sessions/{session.pk}/")
    page = answer.content.decode()
    assert answer.status_code == status
    assert ("not in winter" in page, "two people" in page, "Poland" in page) == (votes, votes, votes)


def test_who_sees_what_after_the_close(room: Room) -> None:
    session = story(room)
    for who in ("observer", "staff", "rep_ee"):
        page = room.client(who).get(f"/sessions/{session.pk}/").content.decode()
        assert "Activated" in page, who
    assert "two people" not in room.client("observer").get(f"/sessions/{session.pk}/").content.decode()


def test_list_shows_open_ones_with_clocks_and_past_ones_with_outcome(room: Room) -> None:
    story(room)
    session = opened(room)
    page = room.client("rep_ee").get("/sessions/").content.decode()
    assert "data-until" in page and "your vote: Estonia" in page and "Activated" in page
    vote(room, session, "EE")
    assert "your vote: Estonia" not in room.client("rep_ee").get("/sessions/").content.decode()
    assert str(session.pk) not in room.client("stranger").get("/sessions/").content.decode()
    assert str(session.pk) in room.client("observer").get("/sessions/").content.decode()


def form(**changes: str) -> dict[str, str]:
    return {"state": "EE", "choice": "yes", "passphrase": PASSPHRASE, **changes}


def test_voting_on_the_page(room: Room) -> None:
    session, client = opened(room), room.client("rep_ee")
    url = f"/sessions/{session.pk}/vote"
    said = {"remote_only": "on", "at_most": "2", "others": "no forensics on personal data\n\nnot in winter"}
    wrong = client.post(url, form(passphrase="wrong horse battery", **said))
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "does not open the key of Estonia" in page and "not in winter" in page and 'value="2"' in page
    assert "wrong horse" not in page
    assert client.post(url, form(**said)).status_code == 302
    (kept,) = Vote.objects.all()
    assert kept.record["caveats"] == ["remote only", "at most 2 experts", "no forensics on personal data", "not in winter"]
    assert client.post(url, form(no_experts="on", at_most="2")).status_code == 422
    assert client.post(url, form(state="LT")).status_code == 403, "not among the states to vote for"
    assert room.client("rep_lt").post(url, form()).status_code == 403
    assert room.client("observer").post(url, form()).status_code == 403
    assert room.client("stranger").post(url, form()).status_code == 404
    assert Vote.objects.count() == 1


def test_giving_a_vote_away_in_one_session(room: Room) -> None:
    session, other, client = opened(room), opened(room), room.client("rep_nl")
    page, url = f"/sessions/{session.pk}/", f"/sessions/{session.pk}/delegate/NL"
    until = f"{session.deadline:%Y-%m-%dT%H:%M}"
    fields = {"to": "EE", "end": until, "passphrase": PASSPHRASE}
    shown = client.get(page).content.decode()
    assert "Give away the vote of Netherlands in this session" in shown and f'value="{until}"' in shown
    assert client.post(url, {**fields, "passphrase": "wrong horse battery"}).status_code == 422
    assert client.post(url, {**fields, "to": "NL"}).status_code == 422, "to itself"
    assert client.post(url, {**fields, "to": "SI"}).status_code == 422, "to an observer"
    assert client.post(url, {**fields, "end": "2001-01-01T00:00"}).status_code == 409
    for who, status in (("rep_ee", 403), ("chair", 403), ("staff", 403), ("stranger", 404)):
        assert room.client(who).post(url, fields).status_code == status
    assert client.post(url, fields).status_code == 302
    assert client.post(url, {**fields, "to": "LT"}).status_code == 409, "one delegate at a time"
    estonia = room.actor("rep_ee")
    assert [seat.state for seat in queries.seats(estonia, session, clock.now())] == ["EE", "NL"]
    assert [seat.state for seat in queries.seats(estonia, other, clock.now())] == ["EE"], "in the one session alone"
    vote(room, session, "NL", by="rep_nl")
    assert "Give away the vote" not in client.get(page).content.decode(), "it has voted itself"


def test_a_vote_that_comes_too_late_is_said_on_the_page(room: Room) -> None:
    session, client = opened(room), room.client("rep_ee")
    vote(room, session, "LT", "no")
    services.close_session(room.actor("chair"), session, reason="it is clear")
    answer = client.post(f"/sessions/{session.pk}/vote", form())
    assert answer.status_code in (409, 422)
    assert "Declined" in answer.content.decode()
    assert Vote.objects.count() == 1


def test_the_chairs_pages(room: Room) -> None:
    request, chair = handed_in(room), room.client("chair")
    url = f"/requests/{request.pk}/session"
    assert "Put this request to the states?" in chair.get(url).content.decode()
    assert chair.post(url, {"deadline": "2020-01-01T10:00"}).status_code == 422
    assert room.client("rep_ee").get(url).status_code == 403
    assert room.client("stranger").get(url).status_code == 404
    deadline = clock.now() + 5 * HOUR
    assert chair.post(url, {"deadline": f"{deadline:%Y-%m-%dT%H:%M}"}).status_code == 302
    session = Session.objects.get()
    page = f"/sessions/{session.pk}/"
    late = {"deadline": f"{deadline + HOUR:%Y-%m-%dT%H:%M}", "reason": "more is known tomorrow"}
    assert room.client("rep_ee").post(page + "postpone", late).status_code == 403
    assert chair.post(page + "postpone", {**late, "deadline": "2020-01-01T10:00"}).status_code == 409
    assert chair.post(page + "postpone", late).status_code == 302
    assert "more is known tomorrow" in chair.get(page).content.decode()
    assert chair.post(page + "close", {"reason": "now"}).status_code == 409
    vote(room, session, "EE", "no")
    assert room.client("rep_ee").post(page + "close", {"reason": "now"}).status_code == 403
    assert chair.post(page + "close", {"reason": "Estonia says no"}).status_code == 302
    answer = chair.post(page + "decision")
    assert answer.status_code == 200 and council.verify(answer.content).holds
    assert room.client("observer").post(page + "decision").status_code == 403
    assert room.client("rep_ee").get(page + "witness/EE").status_code == 200
    assert room.client("rep_lt").get(page + "witness/EE").status_code == 403


def test_the_hosts_pages(room: Room) -> None:
    session, staff = opened(room), room.client("staff")
    page = f"/sessions/{session.pk}/"
    assert "consent is missing" in staff.get(page).content.decode()
    assert staff.post(page + "consent", {}).status_code == 422
    assert staff.post(page + "consent", {"given": "yes", "note": "letter"}).status_code == 302
    assert "The host consents." in staff.get(page).content.decode()
    assert "The host consents." in room.client("rep_ee").get(page).content.decode()
    for who, status in (("rep_ee", 403), ("observer", 403), ("stranger", 404)):
        assert room.client(who).get(page + "consent").status_code == status
        assert room.client(who).post(page + "consent", {"given": "no"}).status_code == status
    assert room.client("observer").get(page).content.decode().count("consents") == 0


def test_a_remark_on_the_page(room: Room) -> None:
    session = opened(room)
    url = f"/sessions/{session.pk}/remark"
    assert room.client("rep_ee").post(url, {"text": "We agree."}).status_code == 302
    assert room.client("rep_ee").post(url, {"text": ""}).status_code == 422
    assert room.client("staff").post(url, {"text": "Please hurry."}).status_code == 403
    assert room.client("stranger").post(url, {"text": "?"}).status_code == 404
    assert "We agree." in room.client("chair").get(f"/sessions/{session.pk}/").content.decode()


def test_queries_do_not_grow_with_votes(room: Room) -> None:
    session, client = opened(room), room.client("rep_ee")

    def asked(url: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    vote(room, session, "EE")
    services.remark(room.actor("chair"), session, "one")
    few = asked(f"/sessions/{session.pk}/"), asked("/sessions/")
    for code in FOUNDERS:
        vote(room, session, code)
        vote(room, session, code, "no", "not in winter")
        services.remark(room.actor("chair"), session, "another")
    opened(room)
    assert (asked(f"/sessions/{session.pk}/"), asked("/sessions/")) == few
    assert few[0] <= 18 and few[1] <= 12


def test_a_session_nobody_opened_is_not_there(room: Room) -> None:
    with pytest.raises(Http404):
        queries.get_session(room.actor("chair"), "0190a0c0-0000-7000-8000-000000000001")
    assert Role.CHAIR in room.actor("chair").roles
