"""Who comes in, who stays in, and what strangers learn: accounts, sessions, second factors, errors, the process log."""

import json
import logging
import re
import time
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session as StoredSession
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse

from kit.matrix import content
from kit.pages import checked
from kit.room import Room
from tocsin.ops.alliance import accounts, invitations
from tocsin.ops.alliance.access import actor_for
from tocsin.ops.alliance.events import ACTIVE, ENTERED
from tocsin.ops.alliance.middleware import IDLE_S, LIFETIME_S
from tocsin.ops.alliance.models import Invitation, Membership, Role, State
from tocsin.ops.common import tokens
from tocsin.ops.common.models import Entry, Token, User

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def two_factors(room: Room, settings: Any) -> None:
    """Who needs a second factor is asked for it."""
    settings.SECOND_FACTOR = True


@pytest.mark.parametrize("path", ["login/", "password/reset/", "logout/", "password/change/", "2fa/", "sessions/", "nowhere/"])
@pytest.mark.parametrize("name", [None, "chair"])
def test_pages_of_accounts_have_them_too(room: Room, path: str, name: str | None) -> None:
    checked(room.client(name).get(f"/accounts/{path}"))


@pytest.mark.parametrize("cookie", ["tocsin", "tocsin-csrf", "django_language", "messages"])
def test_no_cookie_breaks_anything(room: Room, cookie: str) -> None:
    for value in (r'"a\000bcdefgh"', '"\\"', "x" * 4000, "../../etc/passwd"):
        assert Client(headers={"cookie": f"{cookie}={value}"}).get("/accounts/login/").status_code in (200, 400)


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"]
)
def test_nobody_is_sent_to_another_host(room: Room, next_url: str) -> None:
    said = [
        Client().post(
            f"/accounts/login/?next={next_url}",
            {"login": "trainer@example.org", "password": "trainer-password-1", "next": next_url},
        ),
        room.client("trainer").post("/language/setlang/", {"language": "uk", "next": next_url}),
        room.client("trainer").get("/accounts/login/", {"next": next_url}),
    ]
    for response in said:
        assert response.status_code in (200, 302)
        assert "evil" not in response.headers.get("Location", "")
        assert "javascript" not in response.headers.get("Location", "")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "a\nb"])
def test_a_host_that_is_not_ours_is_refused(room: Room, host: str) -> None:
    response = Client(SERVER_NAME=host).get("/accounts/login/")
    assert response.status_code == 400
    assert "evil" not in content(response)


# -- Who comes in, and who stays in ---------------------------------------------------------------------------------------


def entered(room: Room, name: str, client: Client | None = None) -> Client:
    """Somebody who came in by the entrance, with a password."""
    client = client or Client()
    response = client.post("/accounts/login/", {"login": f"{name}@example.org", "password": f"{name}-password-1"})
    assert response.status_code == 302, content(response)
    return client


def inside(client: Client) -> bool:
    """Whether pages open to this browser."""
    return bool(client.get("/account/").status_code == 200)


def aged(client: Client, **seconds: int) -> None:
    """Set the clocks of a browser's session back."""
    session = client.session
    for name, by in seconds.items():
        session[name] = int(time.time()) - by
    session.save()


def test_the_session_gets_a_new_key_at_the_entrance(room: Room) -> None:
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    client.cookies["tocsin"] = planted
    entered(room, "trainer", client)
    assert client.session.session_key != planted
    assert not StoredSession.objects.filter(session_key=planted).exists()


def test_leaving_ends_the_session_on_the_server(room: Room) -> None:
    client = entered(room, "trainer")
    key = client.session.session_key
    client.post("/accounts/logout/")
    assert not StoredSession.objects.filter(session_key=key).exists()
    client.cookies["tocsin"] = key
    assert not inside(client)


def test_a_session_ends_twelve_hours_after_it_began_whatever_is_done(room: Room) -> None:
    client = room.client("trainer")
    aged(client, **{ENTERED: LIFETIME_S - 60, ACTIVE: 0})
    assert inside(client)
    aged(client, **{ENTERED: LIFETIME_S + 1, ACTIVE: 0})
    assert not inside(client)
    assert "_auth_user_id" not in client.session


def test_who_votes_is_out_after_an_hour_without_a_click(room: Room, two_factors: None) -> None:
    for name in ("rep_ee", "chair", "admin"):
        TOTP.activate(room.users[name], SECRET)
        client = room.client(name)
        aged(client, **{ENTERED: IDLE_S, ACTIVE: IDLE_S - 60})
        client.get("/", headers={"HX-Request": "true"})  # a page that renews itself
        assert client.session[ACTIVE] < time.time() - IDLE_S + 120
        assert inside(client)
        assert client.session[ACTIVE] > time.time() - 60
        aged(client, **{ENTERED: IDLE_S, ACTIVE: IDLE_S + 1})
        assert not inside(client)
    watcher = room.client("observer")  # a board on a wall
    aged(watcher, **{ENTERED: 5 * IDLE_S, ACTIVE: 5 * IDLE_S})
    assert inside(watcher)


def test_a_new_password_ends_all_other_sessions(room: Room) -> None:
    here, there = entered(room, "trainer"), entered(room, "trainer")
    here.post("/accounts/reauthenticate/", {"password": "trainer-password-1"})
    said = {"oldpassword": "trainer-password-1", "password1": "quite another word", "password2": "quite another word"}
    assert here.post("/accounts/password/change/", said).status_code == 302
    assert not inside(there)
    assert Entry.objects.filter(action="change_password", subject=f"user {room.users['trainer'].pk}").count() == 1


def test_a_user_ends_sessions_elsewhere(room: Room) -> None:
    here, there = entered(room, "trainer"), entered(room, "trainer")
    assert inside(here)
    assert inside(there)
    here.post("/accounts/sessions/")
    assert inside(here)
    assert not inside(there)


def test_a_second_factor_that_is_added_ends_sessions_opened_without(
    room: Room, django_capture_on_commit_callbacks: Any
) -> None:
    here, there = entered(room, "chair"), entered(room, "chair")
    here.post("/accounts/reauthenticate/", {"password": "chair-password-1"})
    page = content(here.get("/accounts/2fa/totp/activate/"))
    secret = here.session["mfa.totp.secret"]
    assert secret in page
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    mail.outbox.clear()
    with django_capture_on_commit_callbacks() as done:
        assert here.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    with context.request_context(RequestFactory().get("/")):  # as it is where a request commits
        for callback in done:
            callback()
    assert inside(here)
    assert not inside(there)
    assert Entry.objects.filter(action="add_second_factor").exists()
    assert [letter.to for letter in mail.outbox] == [["chair@example.org"]], "its owner hears of it"
    kept_secret = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept_secret, "a copy of the database gives the secret away"


@pytest.mark.parametrize("name", ["rep_ee", "chair", "admin"])
def test_who_votes_presides_or_administers_does_nothing_without_a_second_factor(
    room: Room, two_factors: None, name: str
) -> None:
    client = room.client(name)
    for path in ("/", "/requests/", "/log/", "/account/tokens/", "/members/", "/alliance/"):
        assert client.get(path).headers["Location"] == "/accounts/2fa/"
    assert client.post("/account/tokens/", {"name": "x", "scopes": ["log:read"], "valid_days": 1}).status_code == 302
    assert client.get("/api/me").status_code == 403
    _made, secret = tokens.make_token("test", room.users[name], name="x", scopes=["log:read"])
    assert Client().get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    TOTP.activate(room.users[name], SECRET)
    assert client.get("/").status_code == 200
    assert client.get("/api/me").status_code == 200
    assert Client().get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_others_come_in_with_one(room: Room, two_factors: None) -> None:
    for name in ("observer", "staff", "expert", "trainer", "leader"):
        assert room.client(name).get("/").status_code == 200


def test_nobody_who_needs_one_takes_off_the_last(room: Room, two_factors: None) -> None:
    adapter = accounts.SecondFactorAdapter()
    for name, allowed in (("chair", False), ("trainer", True)):
        held = TOTP.activate(room.users[name], SECRET).instance
        assert adapter.can_delete_authenticator(held) is allowed
        Authenticator.objects.create(user=room.users[name], type="recovery_codes", data={})
        assert adapter.can_delete_authenticator(held) is allowed
        Authenticator.objects.create(user=room.users[name], type="webauthn", data={})
        assert adapter.can_delete_authenticator(held)


def test_a_wrong_password_is_tried_five_times_and_no_oftener(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tocsin.security")
    client = Client()
    for _ in range(5):
        client.post("/accounts/login/", {"login": "trainer@example.org", "password": "a guess"})
    client.post("/accounts/login/", {"login": "trainer@example.org", "password": "trainer-password-1"})
    assert not inside(client)
    assert entered(room, "observer")
    said = caplog.text
    assert f"sign-in failed: user {room.users['trainer'].pk}" in said
    assert "a guess" not in said
    assert "trainer@" not in said


def test_an_invitation_is_no_way_around_that(room: Room) -> None:
    _made, token = invitations.invite(
        room.actor("admin"), email="trainer@example.org", role=Role.OBSERVER, state=room.states["EE"]
    )
    client = Client()
    for _ in range(5):
        assert client.post(f"/invitation/{token}", {"name": "x", "password": "a guess"}).status_code == 200
    assert client.post(f"/invitation/{token}", {"name": "x", "password": "trainer-password-1"}).status_code == 429
    assert not Membership.objects.filter(user=room.users["trainer"], role=Role.OBSERVER).exists()


def test_known_and_unknown_addresses_get_the_same_answer(room: Room) -> None:
    pages = []
    for address in ("trainer@example.org", "nobody@example.org"):
        page = content(Client().post("/accounts/login/", {"login": address, "password": "a guess"})).replace(address, "…")
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page))
    assert pages[0] == pages[1]


def test_an_address_stays_the_one_that_was_invited(room: Room) -> None:
    client = entered(room, "trainer")
    assert client.get("/accounts/email/").status_code == 403
    assert client.post("/accounts/email/", {"email": "chair2@example.org", "action_add": ""}).status_code == 403
    assert client.get("/accounts/signup/").status_code in (200, 302)
    assert Client().post(
        "/accounts/signup/", {"email": "new@example.org", "password1": "quite a long word", "password2": "quite a long word"}
    )
    assert not User.objects.filter(email="new@example.org").exists()


def test_doors_are_opened_after_a_fresh_proof_alone(room: Room, two_factors: None) -> None:
    admin = room.users["admin"]
    client = entered(room, "admin")
    TOTP.activate(admin, SECRET)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
    session.save()
    sent = {"email": "new2@example.org", "role": "trainer"}
    response = client.post("/members/", sent)
    assert response.headers["Location"].startswith("/accounts/reauthenticate/")
    said = json.dumps(sent)
    assert client.post("/api/invitations", said, content_type="application/json").status_code == 403
    assert not Invitation.objects.filter(email="new2@example.org").exists()
    done = client.post(response.headers["Location"], {"password": "admin-password-1"})
    assert done.status_code == 200, "what was sent is done once it is clear who sent it"
    assert Invitation.objects.filter(email="new2@example.org").exists()


@pytest.mark.parametrize("word", ["password1234", "tocsintocsin1", "representative", "chair-croatia-22", "Ministry of Defence"])
def test_passwords_that_anybody_would_try_are_refused(room: Room, word: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(word, room.users["chair"])


@pytest.mark.parametrize("word", ["correct horse battery", "съешь ещё этих булок", "ä" * 64, "tocsin and nine blue kettles"])
def test_passwords_of_ones_own_are_not(room: Room, word: str) -> None:
    validate_password(word, room.users["chair"])


def test_a_closed_account_opens_nothing(room: Room) -> None:
    client = entered(room, "leader")
    _made, secret = tokens.make_token("test", room.users["leader"], name="x", scopes=["log:read"])
    with pytest.raises(PermissionDenied):
        accounts.close_account(room.actor("chair"), room.users["leader"].pk)
    accounts.close_account(room.actor("admin"), room.users["leader"].pk)
    assert not inside(client)
    assert Client().get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    Client().post("/accounts/login/", {"login": "leader@example.org", "password": "leader-password-1"})
    assert not StoredSession.objects.filter(session_key=client.session.session_key or "").exists()
    assert actor_for(User.objects.get(pk=room.users["leader"].pk)).memberships == ()
    page = content(room.client("admin").get("/members/"))
    assert reverse("account-close", args=[room.users["trainer"].pk]) in page
    assert reverse("account-close", args=[room.users["leader"].pk]) not in page


def test_somebody_elses_token_is_not_ones_own(room: Room) -> None:
    made, _secret = tokens.make_token("test", room.users["chair"], name="x", scopes=["log:read"])
    assert room.client("admin").post(f"/account/tokens/{made.pk}/end").status_code == 409
    assert Token.objects.get(pk=made.pk).revoked_at is None


def test_a_representative_invites_for_no_other_state(room: Room) -> None:
    before = Invitation.objects.count()
    for state, role in (("HR", "expert"), ("EE", "representative"), ("EE", "administrator")):
        sent = {"email": "x@example.org", "role": role, "state": str(State.objects.get(code=state).pk)}
        assert room.client("rep_ee").post("/members/", sent).status_code in (200, 403)
    assert Invitation.objects.count() == before


@pytest.mark.parametrize("path", ["/account/", "/api/me"])
def test_an_error_tells_nothing_and_is_written_down(room: Room, monkeypatch: Any, caplog: Any, path: str) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2 in /srv/room/secret.key")

    client = room.client("chair")
    client.raise_request_exception = False
    monkeypatch.setattr("tocsin.ops.activation.context._navigation", broken)
    monkeypatch.setattr("tocsin.ops.api.account.actor_of", broken)
    response = client.get(path)
    assert response.status_code == 500
    page = content(response)
    for word in ("hunter2", "secret.key", "Traceback", "RuntimeError", "tocsin/ops", "django"):
        assert word not in page
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/requests/0190a0c0-0000-7000-8000-000000000001/", "/static/../../../etc/passwd", "/.env", "/static/"]
)
def test_what_is_not_there_tells_nothing(room: Room, path: str) -> None:
    response = room.client("chair").get(path)
    assert response.status_code == 404
    for word in ("urlconf", "Traceback", "root:", "tocsin/ops"):
        assert word not in content(response)


def test_refusals_are_written_down(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    room.client("staff").get("/log/")
    assert f"refused with 403: user {room.users['staff'].pk}, GET /log/" in caplog.text


def test_counters_of_attempts_are_not_pushed_out(settings: Any) -> None:
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 10_000


def test_an_answer_says_nothing_of_its_age_or_server(room: Room) -> None:
    said = room.client("chair").get("/")
    assert not {"ETag", "Last-Modified", "Server", "X-Powered-By"} & set(said.headers)
