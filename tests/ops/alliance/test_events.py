"""What happens to accounts is an entry in the log, or a line in the process log; passwords and addresses are in neither."""

import logging

import pytest
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authentication_failed, authenticator_removed
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.signals import social_account_removed
from django.test import Client, RequestFactory

from kit.room import Room
from tocsin.ops.alliance import events
from tocsin.ops.common.models import Entry, User


def asked(room: Room, name: str) -> object:
    """A request of somebody's, with its session."""
    request = RequestFactory().get("/")
    client = room.client(name)
    request.session, request.user = client.session, room.users[name]
    return request


@pytest.mark.parametrize(
    ("signal", "action"),
    [
        (password_changed, "change_password"),
        (password_reset, "reset_password"),
        (authenticator_removed, "remove_second_factor"),
    ],
)
def test_a_change_is_an_entry_that_names_its_owner_by_id(room: Room, signal, action):
    user = room.users["rep_ee"]
    signal.send(sender=User, request=asked(room, "rep_ee"), user=user)
    entry = Entry.objects.get(action=action)
    assert entry.actor == f"representative EE ({user.pk})"
    assert entry.subject == f"user {user.pk}"
    assert "example.org" not in str(entry.__dict__)


def test_single_sign_on_that_is_cut_is_one_too(room: Room):
    held = SocialAccount(user=room.users["trainer"], provider="x", uid="1")
    social_account_removed.send(sender=SocialAccount, request=asked(room, "trainer"), socialaccount=held)
    assert Entry.objects.get().action == "disconnect_sign_on"


def test_all_sessions_but_one_are_ended(room: Room):
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": "trainer@example.org", "password": "trainer-password-1"})
    assert here.get("/account/").status_code == there.get("/account/").status_code == 200
    assert events.end_sessions(room.users["trainer"], but=here.session.session_key) == 1
    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (200, 302)


def test_coming_leaving_and_failing_are_lines(room: Room, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "tocsin.security")
    user, client = room.users["trainer"], Client()
    for word in ("a guess", "trainer-password-1"):
        client.post("/accounts/login/", {"login": "trainer@example.org", "password": word})
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": "stranger@nowhere.example", "password": "another guess"})
    authentication_failed.send(sender=User, user=user)
    lines = [record.getMessage() for record in caplog.records if record.name == "tocsin.security"]
    assert lines == [
        f"sign-in failed: user {user.pk}",
        f"signed in: user {user.pk}",
        f"signed out: user {user.pk}",
        "sign-in failed: user unknown",
        f"second factor failed: user {user.pk}",
    ]
