"""States with dated roles, and partners."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from kit.room import Room
from tocsin.ops.alliance import states
from tocsin.ops.alliance.access import participants
from tocsin.ops.alliance.models import Participation, Partner
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused

DAY = timedelta(days=1)


def test_a_new_role_ends_the_one_before(room: Room) -> None:
    today = clock.now().date()
    states.give_role(room.actor("admin"), code="si", name="", role="participant", start=today)
    assert "SI" in participants()
    old = Participation.objects.get(state__code="SI", role="observer")
    assert old.end == today - DAY
    with pytest.raises(Refused, match="that day or later"):
        states.give_role(room.actor("admin"), code="SI", name="", role="lead", start=today)


def test_a_new_state_needs_a_name(room: Room) -> None:
    today = clock.now().date()
    with pytest.raises(Refused, match="name"):
        states.give_role(room.actor("admin"), code="BE", name=" ", role="participant", start=today)
    with pytest.raises(Refused, match="two letters"):
        states.give_role(room.actor("admin"), code="B1", name="Belgium", role="participant", start=today)
    states.give_role(room.actor("admin"), code="BE", name="Belgium", role="participant", start=today + DAY)
    assert "BE" not in participants(), "from tomorrow on"


def test_a_role_ends_after_its_last_day(room: Room) -> None:
    today = clock.now().date()
    held = Participation.objects.get(state__code="EE")
    with pytest.raises(Refused):
        states.end_role(room.actor("admin"), held, last=held.start - DAY)
    states.end_role(room.actor("admin"), held, last=today)
    assert "EE" in participants()
    states.end_role(room.actor("admin"), held, last=today - DAY)
    assert "EE" not in participants()


@pytest.mark.parametrize("who", ["chair", "rep_ee", "observer", "staff"])
def test_only_an_administrator(room: Room, who: str) -> None:
    actor, today = room.actor(who), clock.now().date()
    with pytest.raises(PermissionDenied):
        states.give_role(actor, code="BE", name="Belgium", role="participant", start=today)
    with pytest.raises(PermissionDenied):
        states.end_role(actor, Participation.objects.earliest("start"), last=today)
    with pytest.raises(PermissionDenied):
        states.add_partner(actor, name="Bank", country="UA", kind="partner")


def test_pages(room: Room) -> None:
    admin, today = room.client("admin"), clock.now().date()
    role = {"code": "BE", "name": "Belgium", "role": "participant", "start": today.isoformat()}
    assert room.client("rep_ee").post("/alliance/states/role", role).status_code == 403
    assert admin.post("/alliance/states/role", {**role, "code": "B1"}).status_code == 409
    assert admin.post("/alliance/states/role", {**role, "role": "emperor"}).status_code == 422
    assert admin.post("/alliance/states/role", role).status_code == 302
    held = Participation.objects.get(state__code="BE")
    end = f"/alliance/states/roles/{held.pk}/end"
    assert room.client("rep_ee").post(end, {"last": today.isoformat()}).status_code == 403
    assert admin.post(end, {"last": ""}).status_code == 409
    assert admin.post(end, {"last": today.isoformat()}).status_code == 302
    partner = {"name": "Grid operator", "country": "ua", "kind": "partner"}
    assert room.client("chair").post("/alliance/partners/add", partner).status_code == 403
    assert admin.post("/alliance/partners/add", partner).status_code == 302
    assert admin.post("/alliance/partners/add", partner).status_code == 409
    assert Partner.objects.get(name="Grid operator").country == "UA"


@pytest.mark.parametrize("year", [1, 1999, 2200, 9999])
def test_a_day_of_another_age_is_a_slip_of_the_pen(room: Room, year: int) -> None:
    role = {"code": "BE", "name": "Belgium", "role": "participant", "start": f"{year:04}-06-01"}
    answer = room.client("admin").post("/alliance/states/role", role)
    assert answer.status_code == 409
    assert "Years are from 2000 to 2199" in answer.content.decode()
    held = Participation.objects.get(state__code="EE")
    assert room.client("admin").post(f"/alliance/states/roles/{held.pk}/end", {"last": role["start"]}).status_code == 409
    for year_that_is in (2000, 2199):
        states.give_role(room.actor("admin"), code="BE", name="Belgium", role="lead", start=date(year_that_is, 1, 1))
