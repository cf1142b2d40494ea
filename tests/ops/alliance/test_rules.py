"""The rule of decision in dated versions."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from kit.room import SINCE, Room
from tocsin import council
from tocsin.ops.alliance import rules
from tocsin.ops.alliance.models import RuleVersion
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry

DAY = timedelta(days=1)


def today() -> date:
    return clock.now().date()


def test_a_version_holds_from_its_day_on(room: Room) -> None:
    made = rules.add_rule(room.actor("admin"), start=today() + DAY, kind=council.Kind.AT_LEAST, needed=4, note="faster")
    before = rules.in_force()
    assert before is not None and before.number == 1
    assert rules.in_force(today() + DAY) == made
    assert rules.in_force(SINCE - DAY) is None
    assert [(one.version.number, one.state) for one in rules.described()] == [(2, "to come"), (1, "in force")]
    assert "at least 4 yes votes" in rules.described()[0].sentence
    entry = Entry.objects.get(action="add_rule")
    assert entry.details == {"version": 2, "rule": rules.rule_of(made).digest}


def test_of_two_versions_of_one_day_the_later_holds(room: Room) -> None:
    rules.add_rule(room.actor("admin"), start=today(), kind=council.Kind.UNANIMITY)
    made = rules.add_rule(room.actor("admin"), start=today(), kind=council.Kind.AT_LEAST, needed=2)
    assert rules.in_force() == made


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"start": date(2022, 1, 2), "kind": council.Kind.UNANIMITY}, "from today on", id="in the past"),
        pytest.param({"kind": council.Kind.AT_LEAST, "needed": 7}, "there are 6", id="more than there are"),
        pytest.param({"kind": council.Kind.AT_LEAST}, "needed", id="at least nobody"),
        pytest.param({"kind": council.Kind.WEIGHTED, "needed": 3, "weights": {"SI": 3}}, "SI", id="an observer's weight"),
        pytest.param(
            {"kind": council.Kind.WEIGHTED, "needed": 9, "weights": {"EE": 4, "LT": 4}}, "there are 8", id="out of reach"
        ),
        pytest.param({"kind": council.Kind.UNANIMITY, "weights": {"EE": 4}}, "weights", id="weights for nothing"),
    ],
)
def test_rules_that_are_none(room: Room, fields: dict[str, object], why: str) -> None:
    with pytest.raises(Refused, match=why):
        rules.add_rule(room.actor("admin"), **{"start": today(), **fields})  # type: ignore[arg-type]
    assert RuleVersion.objects.count() == 1


@pytest.mark.parametrize("who", ["chair", "rep_ee", "staff", "observer"])
def test_only_an_administrator_makes_one(room: Room, who: str) -> None:
    with pytest.raises(PermissionDenied):
        rules.add_rule(room.actor(who), start=today(), kind=council.Kind.UNANIMITY)


def test_weights_are_read_line_by_line() -> None:
    assert rules.weights_from("EE 4\n\nlt: 7\n") == {"EE": 4, "LT": 7}
    for text in ("EE", "EE four", "EE 4\nEE 5", "EE -1"):
        with pytest.raises(Refused):
            rules.weights_from(text)


def test_pages(room: Room) -> None:
    fields = {
        "kind": "weighted",
        "base": "participants",
        "share": "1/1",
        "needed": "8",
        "weights": "EE 4\nLT 4\nPL 4",
        "abstention": "neutral",
        "quorum": ">1/2",
        "yes_floor": "0/1",
        "silence": "abstain",
        "delegation": "on",
        "start": today().isoformat(),
        "note": "as agreed",
    }
    url = "/alliance/rules/add"
    assert room.client("chair").post(url, fields).status_code == 403
    admin = room.client("admin")
    assert "Make the next version" in admin.get("/alliance/").content.decode()
    assert "Make the next version" not in room.client("chair").get("/alliance/").content.decode()
    assert admin.post(url, {**fields, "weights": "EE four"}).status_code == 422
    assert admin.post(url, {**fields, "needed": "99"}).status_code == 409
    assert admin.post(url, fields).status_code == 302
    version = rules.in_force()
    assert version is not None
    rule = rules.rule_of(version)
    assert (rule.kind, rule.needed, rule.weights) == ("weighted", 8, {"EE": 4, "LT": 4, "PL": 4})
    assert rule.quorum == council.Share(1, 2, more=True)
    assert rule.silence == council.Silence.ABSTAIN
    assert rule.delegation and not rule.host_consent
    assert "weigh at least 8 of 12" in room.client("rep_ee").get("/alliance/").content.decode()
