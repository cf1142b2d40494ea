"""What is kept of pages: as new as the room, and for nobody but those who would see the same."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from kit import missions as kit
from kit.case import KINDS, Case
from kit.matrix import content
from kit.requests import draft, handed_in
from kit.room import PASSPHRASE, Room
from tocsin.ops.activation.models import Mission
from tocsin.ops.activation.services import council, muster
from tocsin.ops.activation.services import missions as missions_services
from tocsin.ops.activation.services import requests as services
from tocsin.ops.alliance import access, invitations, memberships, people, states
from tocsin.ops.alliance.models import Membership, Role
from tocsin.ops.common import audit, clock
from tocsin.ops.common.shared import KEPT_MAX, KEPT_S, forget, part, shared
from tocsin.terms import Tlp

pytestmark = pytest.mark.usefixtures("as_served")

PAGES = ("board", "requests", "sessions", "missions", "people", "log")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def counted() -> Callable[[], int]:
    """Says how often it was called."""
    return iter(range(1, 10_000)).__next__


def seen(client: Client, page: str) -> str:
    """A page without what is another at every request: the token of its forms."""
    response = client.get(reverse(page))
    return re.sub(r'value="\w{64}"', "", f"{response.status_code} {content(response)}")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, or pages would differ by a minute."""
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_it_is_made_once_until_something_is_done(room: Room):
    make = counted()
    assert [shared("a", make), shared("a", make), shared("b", make), shared("a", make)] == [1, 1, 2, 1]
    with transaction.atomic():
        audit.record("server", "test", "thing 1", {})
    assert [shared("a", make), shared("a", make)] == [3, 3]


def test_time_that_passes_lets_go_of_it(room: Room):
    make = counted()
    with clock.set_to(NOON):
        assert shared("a", make) == 1
    with clock.set_to(NOON + timedelta(seconds=KEPT_S - 1)):
        assert shared("a", make) == 1
    with clock.set_to(NOON + timedelta(seconds=KEPT_S)):
        assert shared("a", make) == 2
    with clock.set_to(NOON):
        assert shared("a", make) == 3, "a clock that was put back says nothing about age"


def test_each_language_has_its_own(room: Room):
    make = counted()
    with translation.override("en"):
        assert shared("a", make) == 1
    with translation.override("uk"):
        assert shared("a", make) == 2


def test_what_fails_is_not_kept(room: Room):
    tries: Iterator[Any] = iter([ZeroDivisionError(), "made"])

    def make() -> str:
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return str(found)

    with pytest.raises(ZeroDivisionError):
        shared("a", make)
    assert shared("a", make) == "made"


def test_the_least_used_goes_first(room: Room):
    make = counted()
    shared("kept", make)
    for number in range(KEPT_MAX - 1):
        shared(number, make)
        shared("kept", make)
    shared("one too many", make)
    assert shared("kept", make) == 1
    assert shared(0, make) > KEPT_MAX


def test_a_change_that_was_rolled_back_is_not_mistaken_for_the_next(room: Room):
    make = counted()
    with transaction.atomic():
        audit.record("server", "test", "thing 1", {})
        assert shared("a", make) == 1
        transaction.set_rollback(True)
    with transaction.atomic():
        audit.record("server", "test", "thing 2", {})
    assert shared("a", make) == 2, "the log has the same length, and another end"


def test_neither_name_nor_token_of_its_reader_gets_into_a_part(room: Room, rf: Any):
    request = rf.get("/log/")
    request.user = room.users["chair"]
    made = part(request, "x", "base.html", dict)
    assert "chair" not in made
    assert "csrfmiddlewaretoken" not in made


@pytest.mark.usefixtures("still")
def test_everybody_sees_kept_what_they_would_see_made_for_them_alone(case: Case, settings: Any):
    settings.SECOND_FACTOR = False
    everybody = {kind: case.room.client(who) for kind, who in KINDS.items()} | {"reader": case.room.client("rep_ee")}
    alone = {}
    for kind, client in everybody.items():
        for page in PAGES:
            forget()
            alone[kind, page] = seen(client, page)
    forget()
    for order in (everybody, list(everybody)[::-1]):
        for kind in order:
            for page in PAGES:
                assert seen(everybody[kind], page) == alone[kind, page], (kind, page)
    assert len({alone["state", page] for page in PAGES}) == len(PAGES)
    assert alone["state", "requests"] != alone["other state", "requests"], "one of them reads what is TLP:RED"


def test_who_has_the_same_view_shares(room: Room):
    user = type(room.users["chair"]).objects.create_user("second@example.org", name="Second")
    Membership.objects.create(user=user, role=Role.REPRESENTATIVE, state=room.states["EE"])
    assert access.view(access.actor_for(user)) == access.view(room.actor("rep_ee"))
    everybody = [access.view(room.actor(name)) for name in room.users]
    twins = {access.view(room.actor(name)) for name in ("staff", "staff2")}
    assert len(twins) == 1
    assert len(set(everybody)) == len(everybody) - 1


@pytest.mark.usefixtures("still")
def test_after_every_verb_pages_are_as_if_made_anew(room: Room):
    kit.make_pool(room)
    kit.make_expert(room, "kutsutud", "EE", account=True)
    chair, staff, rep, admin = (room.actor(name) for name in ("chair", "staff", "rep_ee", "admin"))
    rep_client, expert_client = room.client("rep_ee"), room.client("kutsutud")
    held: dict[str, Any] = {}

    def request() -> Any:
        return held["request"]

    def session() -> Any:
        held["session"].refresh_from_db()
        return held["session"]

    def mission() -> Any:
        return Mission.objects.get(request=request())

    def nomination(status: str) -> Any:
        return next(n for n in mission().nominations.all() if n.expert.name == "kutsutud" and n.status == status)

    def keep(name: str, made: Any) -> None:
        held[name] = made

    def votes() -> None:
        for code in room.states:
            if code != "SI":
                actor = room.actor(f"rep_{code.lower()}")
                council.cast_vote(actor, session(), state=code, choice="yes", passphrase=PASSPHRASE)

    soon = clock.now() + timedelta(hours=1)
    invited: list[Any] = []
    verbs: list[Callable[[], Any]] = [
        lambda: keep("request", draft(room)),
        lambda: services.save_draft(staff, request(), {**services.working_copy(request()), "title": "Another title"}),
        lambda: keep("request", handed_in(room)),
        lambda: services.amend_request(staff, request(), {**services.working_copy(request()), "title": "Worse than thought"}),
        lambda: keep("session", council.open_session(chair, request(), deadline=soon)),
        lambda: council.postpone(chair, session(), deadline=soon + timedelta(hours=1), reason="more time"),
        lambda: council.remark(rep, session(), "Who pays?"),
        lambda: council.record_consent(staff, session(), given=True),
        votes,
        lambda: council.close_session(chair, session(), reason="all have spoken"),
        lambda: missions_services.name_leader(chair, mission(), room.users["leader"]),
        lambda: muster.state_need(chair, mission(), kit.need(7)),
        lambda: muster.ask_proposal(chair, mission()),
        muster.solve_waiting,
        lambda: muster.adopt_proposal(chair, mission().proposals.first()),
        lambda: muster.answer_nomination(room.actor("kutsutud"), nomination("nominated"), accept=True),
        lambda: muster.confirm_nomination(rep, nomination("accepted"), confirm=True),
        lambda: people.save_expert(rep, nomination("confirmed").expert, people.Sheet(name="kutsutud", note="speaks little")),
        lambda: people.offer(rep, nomination("confirmed").expert, soon.date(), soon.date() + timedelta(days=900)),
        lambda: people.take_back(rep, nomination("confirmed").expert, soon.date(), soon.date() + timedelta(days=1)),
        lambda: states.add_partner(admin, name="Harbour of Chisinau", country="MD", kind="partner"),
        lambda: states.give_role(admin, code="SI", name="Slovenia", role="participant", start=soon.date()),
        lambda: invited.append(invitations.invite(admin, email="new@example.org", role=Role.TRAINER)),
        lambda: invitations.accept(invited[0][1], name="New", password="a password of some length"),
        lambda: memberships.end_membership(admin, Membership.objects.get(user__email="new@example.org").pk),
        lambda: services.withdraw_request(staff, handed_in(room), "solved"),
        lambda: services.name_readers(staff, handed_in(room, tlp=Tlp.RED.value), [room.users["rep_ee"]]),
    ]
    for number, verb in enumerate(verbs):
        before = audit.last_digest()
        verb()
        assert audit.last_digest() != before, f"verb {number} left no entry"
        kept = seen(rep_client, "board"), seen(expert_client, "board"), seen(rep_client, "missions")
        forget()
        anew = seen(rep_client, "board"), seen(expert_client, "board"), seen(rep_client, "missions")
        assert kept == anew, f"verb {number}"
