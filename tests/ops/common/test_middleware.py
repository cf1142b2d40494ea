"""Headers on every page, a word for every refusal, a limit on writes."""

import pytest
from django.test import Client

from kit.room import Room
from tocsin.ops.common import middleware, tokens


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nowhere", "/api/openapi.json"])
def test_every_answer_forbids_what_is_not_ours(room: Room, path):
    said = room.client("chair").get(path)
    policy = said.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert said.headers["Cache-Control"] == "no-store" or "no-cache" in said.headers["Cache-Control"]
    assert said.headers["X-Frame-Options"] == "DENY"
    assert said.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_from_another_site_is_refused_with_a_word(room: Room):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(room.users["chair"])
    said = browser.post("/account/tokens/", {"name": "x", "scopes": ["log:read"], "valid_days": 1})
    assert said.status_code == 403
    assert "came from another site" in said.content.decode()
    assert not room.users["chair"].tokens.exists()


def test_what_a_service_refuses_is_a_page_with_the_reason(room: Room):
    said = room.client("admin").post(f"/members/memberships/{room.users['chair'].pk}/end")
    assert said.status_code == 409
    assert "has ended already" in said.content.decode()


def test_nobody_writes_without_end(room: Room, monkeypatch):
    monkeypatch.setattr(middleware, "WRITES_PER_MINUTE", 3)
    browser = room.client("admin")
    answers = [browser.post("/members/", {}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert browser.get("/members/").status_code == 200
    assert room.client("chair").post("/account/tokens/", {}).status_code == 200


def test_a_token_has_a_limit_of_its_own_and_hears_of_it_in_json(room: Room, monkeypatch):
    monkeypatch.setattr(middleware, "WRITES_PER_MINUTE", 2)
    program = Client()  # a cookie of nobody: only the tokens tell the two apart, the address is one
    for name in ("chair", "admin"):
        _token, secret = tokens.make_token(f"{name} of the test", room.users[name], name="x", scopes=["requests:write"])
        sent = {"headers": {"Authorization": f"Bearer {secret}"}, "content_type": "application/json"}
        answers = [program.post("/api/requests", "{}", **sent) for _ in range(3)]
        assert [answer.status_code == 429 for answer in answers] == [False, False, True], name
        assert answers[-1].headers["Content-Type"] == "application/json"
        assert "Wait a minute" in answers[-1].json()["detail"]
        assert answers[-1].headers["Retry-After"] == "60"
    unknown = {"headers": {"Authorization": "Bearer tocsin_nobody"}, "content_type": "application/json"}
    assert [program.post("/api/requests", "{}", **unknown).status_code for _ in range(3)] == [401, 401, 429]
