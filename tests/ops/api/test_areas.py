"""Each area of the API for its owner, a member and a stranger; and the whole story, told by programs alone."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from kit.api import Filled
from kit.missions import END, START, make_pool
from kit.requests import CONTENT
from kit.room import PASSPHRASE, Room
from tocsin import council
from tocsin.ops.activation.services import muster
from tocsin.ops.common import audit, clock

NOBODY = None
TOMORROW = "2199-01-01T00:00:00Z"
SHEET = {"name": "Somebody else"}
# Path, who (None: nobody in particular) and what they are told; a body, where one is sent.
TABLE: list[tuple[str, str, Any, dict[str | None, int]]] = [
    ("get", "requests/{request_id}", None, {"staff": 200, "staff2": 200, "rep_ee": 200, "stranger": 404, NOBODY: 401}),
    ("get", "requests/{request_id}/versions", None, {"staff": 200, "rep_ee": 200, "observer": 403, "stranger": 404}),
    ("get", "requests/{request_id}/draft", None, {"staff": 200, "rep_ee": 403, "stranger": 404}),
    ("get", "requests/{request_id}/readers", None, {"staff": 200, "staff2": 403, "stranger": 404}),
    ("post", "requests/{request_id}/withdraw", {"why": "a drill"}, {"staff2": 200, "chair": 403, "stranger": 404}),
    ("get", "requests/{request_id}/text", None, {"staff": 200, "trainer": 403, "stranger": 404}),
    ("post", "requests/{request_id}/session", {"deadline": TOMORROW}, {"chair": 201, "rep_ee": 403, "stranger": 404}),
    ("get", "sessions/{session_id}", None, {"chair": 200, "rep_hr": 200, "observer": 200, "stranger": 404, NOBODY: 401}),
    ("post", "sessions/{session_id}/remarks", {"text": "Well."}, {"chair": 201, "rep_hr": 201, "staff": 403, "stranger": 404}),
    (
        "post",
        "sessions/{session_id}/votes",
        {"state": "EE", "choice": "no", "passphrase": PASSPHRASE},
        {"rep_ee": 201, "rep_hr": 403, "chair": 403, "stranger": 404, NOBODY: 401},
    ),
    ("post", "sessions/{session_id}/consent", {"given": True}, {"staff": 200, "rep_ee": 403, "stranger": 404}),
    (
        "post",
        "sessions/{session_id}/postpone",
        {"deadline": TOMORROW, "reason": "late"},
        {"chair": 200, "rep_ee": 403, "stranger": 404},
    ),
    ("post", "sessions/{session_id}/close", {"reason": "late"}, {"chair": 409, "rep_ee": 403, "stranger": 404}),
    ("post", "sessions/{session_id}/decision", None, {"chair": 409, "staff": 403, "stranger": 404}),
    ("get", "sessions/{session_id}/witness/EE", None, {"rep_ee": 200, "rep_hr": 403, "stranger": 404}),
    ("get", "missions/{mission_id}", None, {"chair": 200, "staff": 200, "rep_ee": 200, "trainer": 404, "stranger": 404}),
    (
        "post",
        "missions/{mission_id}/move",
        {"stage": "not_deployed", "why": "calm"},
        {"leader": 200, "rep_ee": 403, "stranger": 404},
    ),
    ("put", "missions/{mission_id}/leader", {"leader": None}, {"chair": 200, "leader": 403, "stranger": 404}),
    ("get", "missions/{mission_id}/need", None, {"chair": 200, "rep_ee": 200, "staff": 404, "stranger": 404}),
    ("get", "missions/{mission_id}/proposal", None, {"leader": 200, "rep_ee": 200, "staff": 404, "stranger": 404}),
    ("post", "missions/{mission_id}/proposals", {}, {"leader": 201, "rep_ee": 403, "staff": 404}),
    ("post", "nominations/{nomination_id}/release", {}, {"chair": 200, "rep_ee": 403, "stranger": 404}),
    ("get", "leaders", None, {"chair": 200, "leader": 403, "stranger": 403}),
    ("get", "training-needs", None, {"trainer": 200, "rep_ee": 200, "stranger": 403}),
    ("get", "experts", None, {"rep_ee": 200, "trainer": 200, "expert": 403, "stranger": 403, NOBODY: 401}),
    ("get", "experts/me", None, {"expert": 200, "chair": 404}),
    ("get", "alliance", None, {"admin": 200, "rep_ee": 200, "observer": 403, "stranger": 403}),
    ("get", "alliance/file", None, {"admin": 200, "rep_ee": 200, "stranger": 403}),
    ("post", "alliance/partners", {"name": "Bank", "country": "MD", "kind": "partner"}, {"admin": 201, "rep_ee": 403}),
    ("post", "alliance/keys/{key_id}/retire", None, {"rep_ee": 200, "rep_hr": 403, "stranger": 403}),
    ("post", "delegations/{delegation_id}/revoke", None, {"rep_nl": 200, "rep_ee": 403, "stranger": 403}),
    ("get", "members", None, {"admin": 200, "rep_ee": 403, "stranger": 403}),
    ("get", "invitations", None, {"admin": 200, "rep_ee": 200, "stranger": 403}),
    ("post", "invitations/{invitation_id}/revoke", None, {"admin": 204, "rep_ee": 404, "stranger": 403}),
    ("post", "memberships/{membership_id}/end", None, {"admin": 204, "rep_ee": 403, "stranger": 403}),
    ("get", "log", None, {"admin": 200, "chair": 200, "staff": 403, NOBODY: 401}),
    ("get", "log/file", None, {"rep_ee": 200, "staff": 403}),
    ("post", "log/witness/EE", None, {"rep_ee": 201, "rep_hr": 403, "admin": 403}),
    ("post", "tokens/{token_id}/revoke", None, {"chair": 204, "stranger": 409, NOBODY: 401}),
    ("get", "situation", None, {"chair": 200, "stranger": 200, NOBODY: 401}),
]


@pytest.mark.parametrize(("verb", "path", "body", "told"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE])
def test_who_may(filled: Filled, call, verb: str, path: str, body: Any, told: dict[str | None, int]):
    first = {kind: ids[0] for kind, ids in filled.ids.items()}
    # Those who are refused first: what they are told must not come of what another did.
    for who, status in sorted(told.items(), key=lambda one: -one[1]):
        answer = call(who, verb, f"/api/{path.format(**first)}", body)
        assert answer.status_code == status, (who, answer.content)


def test_what_is_closed_is_not_in_the_answer(filled: Filled, call):
    waiting, red = filled.ids["request_id"][0], filled.ids["request_id"][2]
    seen = call("observer", "get", f"/api/requests/{waiting}").json()
    assert (seen["content"], seen["version"], seen["title"]) == (None, None, seen["reference"])
    assert call("chair", "get", f"/api/requests/{red}").json()["closed"] == "TLP:RED: named readers only."
    outline = call("observer", "get", f"/api/sessions/{filled.ids['session_id'][0]}").json()
    assert (outline["standing"], outline["consent"]) == (None, None)
    assert call("rep_ee", "get", "/api/alliance").json()["partners"] == []
    listed = call("trainer", "get", "/api/missions").json()["items"][0]
    assert (listed["opens"], listed["name"], listed["waits"]) == (False, listed["reference"], "")


def test_an_expert_keeps_their_record_but_not_their_clearance(room: Room, call):
    own = call("expert", "get", "/api/experts/me").json()
    path = f"/api/experts/{own['id']}"
    assert call("expert", "put", path, SHEET | {"clearance": "secret"}).status_code == 403
    assert call("expert", "put", path, SHEET | {"account": ""}).status_code == 403
    said = SHEET | {"profiles": {"penetration_tester": 4}, "languages": {"uk": "B2"}, "clearance": "none"}
    assert call("expert", "put", path, said).json()["languages"] == {"uk": "B2"}
    assert call("rep_ee", "put", path, SHEET | {"clearance": "secret"}).json()["clearance"] == "secret"
    assert call("expert", "put", path, SHEET).json()["clearance"] == "secret", "what is left out stays"
    assert call("rep_hr", "put", path, SHEET).status_code == 403
    assert call("stranger", "put", path, SHEET).status_code == 404
    days = {"what": "free", "start": "2032-02-01", "end": "2032-03-31"}
    assert call("expert", "post", f"{path}/calendar", days).json()["offered"] == [{"start": days["start"], "end": days["end"]}]
    assert call("expert", "post", f"{path}/calendar", days | {"end": "2031-01-01"}).status_code == 409
    sought = "?profile=penetration_tester&start=2032-02-03&end=2032-03-01&clearance=secret"
    assert call("chair", "get", f"/api/experts{sought}").json()["total"] == 0, "the sheet that was saved last has no profile"


def test_the_log_goes_on_from_where_a_page_ended(filled: Filled, call):
    with transaction.atomic():
        for number in range(60):
            audit.record("server", "test", f"thing {number}", {})
    page = call("chair", "get", "/api/log").json()
    older = call("chair", "get", f"/api/log?before={page['older']}").json()
    assert page["items"][-1]["number"] == older["items"][0]["number"] + 1
    assert page["items"][-1]["previous"] == older["items"][0]["digest"]
    votes = call("chair", "get", "/api/log?action=cast_vote&who=representative").json()["items"]
    assert {one["action"] for one in votes} == {"cast_vote"}


def test_an_alliance_goes_out_and_comes_back(room: Room, call):
    data = call("admin", "get", "/api/alliance/file").content
    again = room.client("admin").post("/api/alliance/file", data, content_type="application/json")
    assert again.json() == {"states": 0, "roles": 0, "keys": 0, "rules": 0}
    file = json.loads(data)
    file["states"][0]["name"] = "Estonia, renamed"
    changed = room.client("admin").post("/api/alliance/file", json.dumps(file), content_type="application/json")
    assert changed.json()["states"] == 1
    assert call("admin", "post", "/api/alliance/file", {"format": "another"}).status_code == 409


def test_a_rule_is_made_in_the_words_of_the_council(room: Room, call):
    rule = {"kind": "majority", "share": {"numerator": 2, "denominator": 3}, "start": f"{clock.now():%Y-%m-%d}"}
    made = call("admin", "post", "/api/alliance/rules", rule)
    assert made.status_code == 201, made.content
    assert "two thirds" in made.json()["sentence"]
    assert call("chair", "post", "/api/alliance/rules", rule).status_code == 403
    odd = rule | {"quorum": {"numerator": 3, "denominator": 2}}
    assert call("admin", "post", "/api/alliance/rules", odd).status_code == 409


def test_who_is_invited_gets_a_link_that_works(room: Room, call):
    wanted = {"email": "new@example.org", "role": "expert", "state": "EE"}
    made = call("rep_ee", "post", "/api/invitations", wanted).json()
    assert room.client(None).get(made["link"]).status_code == 200
    assert call("rep_ee", "post", "/api/invitations", wanted | {"state": "HR"}).status_code == 403
    assert call("admin", "post", "/api/invitations", wanted | {"state": "XX"}).status_code == 409


def test_nobody_overwrites_another_ones_text(room: Room, call):
    started = call("staff", "post", "/api/requests", {"partner": str(room.partners["mod"].pk)}).json()
    path = f"/api/requests/{started['id']}"
    base = call("staff", "get", f"{path}/draft").json()["base"]
    assert call("staff2", "put", f"{path}/draft", {"content": {"title": "theirs"}, "base": base}).status_code == 200
    late = call("staff", "put", f"{path}/draft", {"content": {"title": "mine"}, "base": base})
    assert (late.status_code, late.json()["theirs"]) == (409, {"title": "theirs"})
    early = call("staff", "post", f"{path}/hand-in", {})
    assert early.status_code == 409
    assert "description" in early.json()["problems"]
    unknown = call("staff", "put", f"{path}/draft", {"content": {"status": "activated"}})
    assert unknown.status_code == 422
    assert call("stranger", "post", "/api/requests", {"partner": str(room.partners["mod"].pk)}).status_code == 403


def test_the_whole_story(room: Room, call):
    """A request, the states' decision, a team that is ready: by programs alone, through to a record that verifies."""

    def done(who: str, verb: str, path: str, body: Any = None) -> Any:
        answer = call(who, verb, f"/api/{path}", body)
        assert answer.status_code in (200, 201), (path, answer.content)
        return answer.json() if answer.headers["Content-Type"].startswith("application/json") else answer.content

    make_pool(room)
    request = done("staff", "post", "requests", {"partner": str(room.partners["mod"].pk)})["id"]
    done("staff", "put", f"requests/{request}/draft", {"content": CONTENT | {"start": START.isoformat(), "days": "16"}})
    assert done("staff", "post", f"requests/{request}/hand-in", {})["clock_runs"]
    deadline = (clock.now() + timedelta(hours=9)).isoformat()
    session = done("chair", "post", f"requests/{request}/session", {"deadline": deadline})["id"]
    absence = {"start": "2022-01-01T00:00:00Z", "end": TOMORROW, "passphrase": PASSPHRASE}
    done("rep_nl", "post", "delegations", absence | {"state": "NL", "to": "EE", "session": session})
    for state, voter in (("EE", "ee"), ("NL", "ee"), ("HR", "hr"), ("LT", "lt"), ("PL", "pl"), ("RO", "ro")):
        vote = {"state": state, "choice": "yes", "passphrase": PASSPHRASE}
        vote["caveats"] = ["remote only"] if state == "HR" else []
        done(f"rep_{voter}", "post", f"sessions/{session}/votes", vote)
    done("staff", "post", f"sessions/{session}/consent", {"given": True, "note": "letter of the minister"})
    closed = done("chair", "post", f"sessions/{session}/close", {"reason": "All have spoken."})
    assert closed["outcome"] == "activated"
    assert [one["held"] for one in closed["standing"]["caveats"]] == [True]
    decision = room.client("rep_ee").post(f"/api/sessions/{session}/decision")
    assert council.verify(decision.content).holds
    mission = closed["mission"]
    asked = {"start": START.isoformat(), "end": END.isoformat(), "size_min": 3}
    asked["seats"] = [{"profile": "cyber_incident_responder", "number": 3, "level_min": 3, "mode": "remote"}]
    assert done("leader", "put", f"missions/{mission}/need", asked) == done("chair", "get", f"missions/{mission}/need")
    assert done("leader", "post", f"missions/{mission}/proposals", {})["status"] == "waiting"
    assert muster.solve_waiting()
    proposal = done("leader", "get", f"missions/{mission}/proposal")
    assert (proposal["status"], proposal["gap"]) == ("optimal", 0)
    team = done("leader", "post", f"proposals/{proposal['id']}/adopt")
    for member in team:
        name = member["expert"]["name"]
        [own] = done(name, "get", "nominations")["own"]
        done(name, "post", f"nominations/{own['id']}/answer", {"yes": True})
        confirmed = done(f"rep_{member['state'].lower()}", "post", f"nominations/{own['id']}/confirm", {"yes": True})
        assert confirmed["status"] == "confirmed"
    ready = done("leader", "post", f"missions/{mission}/move", {"stage": "ready", "why": "All are confirmed."})
    assert ready["stage"] == "ready"
    assert [len(bench["people"]) for bench in done("staff", "get", f"missions/{mission}")["team"]] == [3]
