"""A token opens what its scopes say, for as long as it says, and nothing more than its owner may."""

from datetime import timedelta

import pytest
from django.test import Client

from kit.room import Room
from tocsin.ops.common import tokens
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry, Token


def made(room: Room, name: str, *scopes: str) -> str:
    return tokens.make_token(room.actor(name).label, room.users[name], name="a test", scopes=list(scopes))[1]


def call(secret: str) -> int:
    return Client().get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_token_says_who_it_acts_for(room: Room):
    secret = made(room, "rep_ee", "council:read")
    said = Client().get("/api/me", headers={"Authorization": f"Bearer {secret}"}).json()
    assert said["email"] == "rep_ee@example.org"
    assert said["memberships"] == [{"role": "representative", "state": "EE", "partner": None}]


def test_only_the_hash_of_a_token_is_kept(room: Room):
    secret = made(room, "chair", "log:read")
    assert not Token.objects.filter(hash__contains=secret).exists()
    assert secret not in str(list(Entry.objects.values()))


@pytest.mark.parametrize("change", [{"revoked_at": True}, {"expires_at": True}])
def test_a_token_that_ended_opens_nothing(room: Room, change):
    secret = made(room, "chair", "log:read")
    token = Token.objects.get()
    assert call(secret) == 200
    Token.objects.update(**{name: token.made_at - timedelta(seconds=1) for name in change})
    assert call(secret) == 401


def test_a_token_of_an_account_that_was_closed_opens_nothing(room: Room):
    secret = made(room, "chair", "log:read")
    room.users["chair"].is_active = False
    room.users["chair"].save()
    assert call(secret) == 401


def test_a_scope_opens_only_itself(room: Room):
    secret = made(room, "chair", "log:read")
    assert tokens.use(secret, "log:read")
    assert tokens.use(secret, "council:write") is None


@pytest.mark.parametrize(("scopes", "days"), [([], 1), (["everything"], 1), (["log:read"], 0), (["log:read"], 366)])
def test_bounds(room: Room, scopes, days):
    with pytest.raises(Refused):
        tokens.make_token("chair", room.users["chair"], name="x", scopes=scopes, valid_days=days)


def test_nobody_ends_the_token_of_another(room: Room):
    made(room, "chair", "log:read")
    with pytest.raises(Refused):
        tokens.revoke_token("staff", room.users["staff"], Token.objects.get().pk)


def test_without_a_word_nobody_comes_in(room: Room):
    assert call("tocsin_wrong") == 401
    assert Client().get("/api/me").status_code == 401
    assert room.client("chair").get("/api/me").status_code == 200
