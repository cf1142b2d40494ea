"""A link lets one person in, once."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client

from kit.room import Room
from tocsin.ops.alliance import invitations
from tocsin.ops.alliance.access import actor_for
from tocsin.ops.alliance.models import Invitation, Role
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry

PASSWORD = "a long enough password"


def test_an_invited_representative_has_the_role_afterwards(room: Room):
    _, token = invitations.invite(
        room.actor("admin"), email="New@Example.org", role=Role.REPRESENTATIVE, state=room.states["EE"]
    )
    user = invitations.accept(token, name="New", password=PASSWORD)
    assert user.email == "new@example.org"
    assert actor_for(user).votes_for == {"EE"}
    assert [e.action for e in Entry.objects.order_by("number")] == ["invite", "accept_invitation"]


def test_a_link_works_once(room: Room):
    _, token = invitations.invite(room.actor("admin"), email="a@example.org", role=Role.TRAINER)
    invitations.accept(token, name="A", password=PASSWORD)
    with pytest.raises(Refused, match="used already"):
        invitations.accept(token, name="B", password=PASSWORD)


def test_a_link_that_is_too_old_does_not_work(room: Room):
    invitation, token = invitations.invite(room.actor("admin"), email="a@example.org", role=Role.TRAINER)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=invitation.made_at - timedelta(seconds=1))
    with pytest.raises(Refused):
        invitations.accept(token, name="A", password=PASSWORD)
    assert Client().get(f"/invitation/{token}").status_code == 410


def test_an_invitation_does_not_take_over_an_account(room: Room):
    _, token = invitations.invite(room.actor("admin"), email="chair@example.org", role=Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="account for this address"):
        invitations.accept(token, name="Thief", password=PASSWORD)
    assert not room.actor("chair").has(Role.ADMINISTRATOR)
    invitations.accept(token, name="chair", password="chair-password-1")
    assert room.actor("chair").has(Role.ADMINISTRATOR)


def test_only_administrators_invite(room: Room):
    with pytest.raises(PermissionDenied):
        invitations.invite(room.actor("chair"), email="a@example.org", role=Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    ("role", "state", "partner"), [(Role.EXPERT, None, None), (Role.PARTNER, None, None), (Role.CHAIR, "LT", "mod")]
)
def test_a_role_needs_what_it_is_of(room: Room, role, state, partner):
    with pytest.raises(Refused):
        invitations.invite(
            room.actor("admin"),
            email="a@example.org",
            role=role,
            state=room.states.get(state),
            partner=room.partners.get(partner),
        )


@pytest.mark.django_db
def test_the_first_administrator_comes_by_a_link_of_the_server():
    old, token = invitations.first_administrator(), invitations.first_administrator()
    assert Client().get(f"/invitation/{old}").status_code == 410
    browser = Client()
    said = browser.post(f"/invitation/{token}", {"email": "first@example.org", "name": "First", "password": PASSWORD})
    assert said.status_code == 302
    assert invitations.first_administrator() is None
    assert browser.get("/").headers["Location"] == "/accounts/2fa/"


def test_an_account_with_a_second_factor_is_asked_for_it(room: Room):
    Authenticator.objects.create(user=room.users["chair"], type="totp", data={"secret": "x"})
    _, token = invitations.invite(room.actor("admin"), email="chair@example.org", role=Role.TRAINER)
    browser = Client()
    said = browser.post(f"/invitation/{token}", {"name": "chair", "password": "chair-password-1"})
    assert said.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert browser.get("/account/").status_code == 302
