"""Roles are given by invitation and ended by administrators; the last administrator stays."""

import pytest
from django.core.exceptions import PermissionDenied

from kit.room import Room
from tocsin.ops.alliance import invitations, memberships
from tocsin.ops.alliance.models import Membership, Role
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry


def test_a_role_that_ended_holds_no_more_and_stays_on_record(room: Room):
    membership = Membership.objects.get(user=room.users["chair"])
    memberships.end_membership(room.actor("admin"), membership.pk)
    assert not room.actor("chair").has(Role.CHAIR)
    assert Membership.objects.filter(pk=membership.pk).exists()
    assert Entry.objects.get().action == "end_membership"


def test_a_role_is_not_ended_twice(room: Room):
    membership = Membership.objects.get(user=room.users["chair"])
    memberships.end_membership(room.actor("admin"), membership.pk)
    with pytest.raises(Refused, match="already"):
        memberships.end_membership(room.actor("admin"), membership.pk)


def test_the_last_administrator_stays(room: Room):
    with pytest.raises(Refused, match="last administrator"):
        memberships.end_membership(room.actor("admin"), Membership.objects.get(user=room.users["admin"]).pk)


@pytest.mark.parametrize("who", ["chair", "rep_ee", "staff"])
def test_nobody_else_ends_roles(room: Room, who):
    with pytest.raises(PermissionDenied):
        memberships.end_membership(room.actor(who), Membership.objects.get(user=room.users["expert"]).pk)


def test_a_representative_invites_experts_of_their_own_state_alone(room: Room):
    actor = room.actor("rep_ee")
    invitations.invite(actor, email="new@example.org", role=Role.EXPERT, state=room.states["EE"])
    with pytest.raises(PermissionDenied):
        invitations.invite(actor, email="new@example.org", role=Role.EXPERT, state=room.states["PL"])
    with pytest.raises(PermissionDenied):
        invitations.invite(actor, email="new@example.org", role=Role.REPRESENTATIVE, state=room.states["EE"])
    assert memberships.open_invitations(actor).count() == 1
    assert memberships.open_invitations(room.actor("rep_pl")).count() == 0


def test_a_withdrawn_link_opens_nothing(room: Room):
    invitation, token = invitations.invite(room.actor("admin"), email="a@example.org", role=Role.TRAINER)
    assert room.client("admin").post(f"/members/invitations/{invitation.pk}/revoke").status_code == 302
    assert invitations.open_invitation(token) is None
    assert room.client("admin").post(f"/members/invitations/{invitation.pk}/revoke").status_code == 409


@pytest.mark.parametrize(("who", "status"), [("admin", 200), ("rep_ee", 200), ("chair", 403), ("staff", 403), (None, 302)])
def test_the_page_of_accounts(room: Room, who, status):
    assert room.client(who).get("/members/").status_code == status


def test_the_link_is_shown_once_to_who_made_it(room: Room):
    page = room.client("admin").post("/members/", {"email": "a@example.org", "role": "trainer"}).content.decode()
    link = page.partition("http://testserver/invitation/")[2].partition("<")[0]
    assert invitations.open_invitation(link)
    assert link not in room.client("admin").get("/members/").content.decode()


def test_fifty_accounts_cost_no_more_queries_than_one(room: Room, django_assert_max_num_queries):
    browser = room.client("admin")
    with django_assert_max_num_queries(14):
        browser.get("/members/")


def test_a_token_is_made_and_ended_on_its_page(room: Room):
    browser = room.client("chair")
    page = browser.post("/account/tokens/", {"name": "script", "scopes": ["log:read"], "valid_days": 5}).content.decode()
    assert "tocsin_" in page
    token = room.users["chair"].tokens.get()
    assert room.client("staff").post(f"/account/tokens/{token.pk}/end").status_code == 409
    assert browser.post(f"/account/tokens/{token.pk}/end").status_code == 302
    assert "tocsin_" not in browser.get("/account/tokens/").content.decode()
