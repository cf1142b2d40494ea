"""The invented case fills an empty room as people would, and only in a demonstration can anybody be anybody."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from tocsin import council, ledger
from tocsin.ops.activation.models import LIVE, Mission, Nomination, Request, Session, TrainingNeed
from tocsin.ops.activation.queries.board import situation
from tocsin.ops.activation.services.council import export
from tocsin.ops.alliance.access import actor_for
from tocsin.ops.alliance.models import Expert, Membership, Partner, Role
from tocsin.ops.common import audit
from tocsin.ops.common.models import Entry, User
from tocsin.ops.config.urls import urlpatterns as room_addresses
from tocsin.ops.demo.case import PASSPHRASES
from tocsin.ops.demo.fill import fill

pytestmark = pytest.mark.django_db
urlpatterns = [*room_addresses, path("", include("tocsin.ops.demo.urls"))]  # as the room's addresses are in a demonstration
FILL_CPU_S_MAX = 10


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """Filled once for all tests here, which each undo what they change."""
    with django_db_blocker.unblock(), transaction.atomic():
        started = time.process_time()
        fill(lambda _text: None)
        yield time.process_time() - started
        transaction.set_rollback(True)


@pytest.fixture
def demo(filled, db, settings):
    settings.SECOND_FACTOR, settings.DEMO, settings.ROOT_URLCONF = False, True, __name__


def test_it_is_filled_while_somebody_waits(filled):
    assert filled < FILL_CPU_S_MAX


def test_the_case_is_complete(demo):
    assert Counter(Request.objects.values_list("status", flat=True)) == {
        "activated": 4,
        "in_council": 1,
        "submitted": 1,
        "draft": 1,
    }
    assert sorted(Mission.objects.values_list("stage", flat=True)) == ["closed", "closed", "deployed", "mustering"]
    assert Mission.objects.filter(stage="closed", transitions__after="not_deployed").count() == 1
    assert Expert.objects.count() >= 40
    assert Partner.objects.count() == 2
    assert TrainingNeed.objects.exists()
    live = Nomination.objects.filter(mission__stage="mustering", status__in=LIVE)
    assert {"nominated", "accepted", "confirmed"} == set(live.values_list("status", flat=True))


def test_four_of_six_have_voted_and_the_clocks_run(demo):
    session = Session.objects.get(closed_at=None)
    assert session.votes.count() == 4
    assert session.remarks.count() >= 3
    assert timedelta(hours=2) < session.deadline - timezone.now() < timedelta(hours=3)
    chair = actor_for(User.objects.get(memberships__role=Role.CHAIR))
    shown = situation(chair)
    assert len(shown.clocks) == 4
    assert all(clock.due > timezone.now() for clock in shown.clocks)
    assert any("Croatia and Romania" in item.waits_for for item in shown.waiting)


def test_every_decision_of_the_case_can_be_verified(demo):
    chair = actor_for(User.objects.get(memberships__role=Role.CHAIR))
    for session in Session.objects.exclude(closed_at=None):
        report = council.verify(export(chair, session))
        assert report.holds, report.problems


def test_the_log_holds_and_its_times_never_go_back(demo):
    entries = list(audit.entries())
    assert ledger.check_ledger(entries, audit.head()) == []
    times = [entry.time for entry in entries]
    assert times == sorted(times)
    assert times[-1] <= timezone.now()


def test_a_room_that_is_filled_is_left_alone(demo):
    before = Entry.objects.count()
    fill(lambda _text: pytest.fail("nothing to fill"))
    assert Entry.objects.count() == before


def test_one_click_makes_anybody_anybody(demo):
    client = Client()
    page = client.get("/demo/")
    for phrase in PASSPHRASES.values():
        assert phrase in page.text
    for role in Role:
        somebody = Membership.objects.filter(role=role).first()
        assert somebody is not None, f"nobody is {role}"
        assert client.post("/demo/enter", {"user": str(somebody.user_id)}).status_code == 302
        board = client.get("/")
        assert board.status_code == 200
        assert somebody.user.name in board.text


@pytest.mark.parametrize("user", ["", "nobody", "01990000-0000-7000-8000-000000000001"])
def test_nobody_is_made_whom_there_is_not(demo, user):
    client = Client()
    assert client.post("/demo/enter", {"user": user}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_it_is_entered_by_a_click_and_not_by_a_link(demo):
    user = User.objects.all()[0]
    assert Client().get(f"/demo/enter?user={user.pk}").status_code == 405
    checked = Client(enforce_csrf_checks=True)
    assert checked.post("/demo/enter", {"user": str(user.pk)}).status_code == 403
