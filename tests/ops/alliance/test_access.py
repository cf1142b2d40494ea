"""What somebody may do follows from the memberships they hold today."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from kit.room import Room
from tocsin.ops.alliance.access import NOBODY, actor_for, names, participants
from tocsin.ops.alliance.models import Membership, Participation, Role


def test_a_person_may_be_several_things(room: Room):
    Membership.objects.create(user=room.users["rep_ee"], role=Role.CHAIR)
    actor = room.actor("rep_ee")
    assert actor.roles == {"representative", "chair"}
    assert actor.states(Role.REPRESENTATIVE) == {"EE"}
    assert actor.states(Role.CHAIR) == frozenset()


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        pytest.param(0, None, True, id="from today on"),
        pytest.param(1, None, False, id="from tomorrow on"),
        pytest.param(-9, 0, True, id="until today"),
        pytest.param(-9, -1, False, id="until yesterday"),
    ],
)
def test_memberships_are_dated(room: Room, start, end, held):
    today = timezone.localdate()
    Membership.objects.filter(user=room.users["chair"]).update(
        start=today + timedelta(days=start), end=None if end is None else today + timedelta(days=end)
    )
    assert room.actor("chair").has(Role.CHAIR) is held


def test_who_decides_are_participants_and_leads_of_today(room: Room):
    assert participants() == ["EE", "HR", "LT", "NL", "PL", "RO"]
    Participation.objects.filter(state__code="PL").update(end=timezone.localdate() - timedelta(days=1))
    Participation.objects.filter(state__code="LT").update(role=Participation.Role.ROTATING_LEAD)
    assert participants() == ["EE", "HR", "LT", "NL", "RO"]
    assert room.actor("rep_pl").votes_for == frozenset()
    assert room.actor("rep_lt").votes_for == {"LT"}


def test_a_role_for_one_state_is_none_for_another(room: Room):
    actor = room.actor("rep_ee")
    actor.need(Role.REPRESENTATIVE)
    actor.need(Role.REPRESENTATIVE, Role.CHAIR, state="EE")
    with pytest.raises(PermissionDenied, match="state representative"):
        actor.need(Role.REPRESENTATIVE, state="PL")


def test_nobody_may_nothing(room: Room):
    assert actor_for(None) is NOBODY
    with pytest.raises(PermissionDenied):
        NOBODY.need(*Role)


def test_the_log_names_a_person_by_what_they_are_and_an_id(room: Room):
    assert room.actor("rep_ee").label == f"representative EE ({room.users['rep_ee'].pk})"
    assert "example.org" not in room.actor("staff").label


@pytest.mark.parametrize(
    ("codes", "said"),
    [([], ""), (["HR"], "Croatia"), (["HR", "EE"], "Croatia and Estonia"), (["HR", "EE", "XX"], "Croatia, Estonia and XX")],
)
def test_states_in_a_sentence(codes, said):
    assert names(codes, {"HR": "Croatia", "EE": "Estonia"}) == said
