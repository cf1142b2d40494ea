"""A state gives its vote away for a while."""

import contextlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from kit.room import PASSPHRASE, Room
from tocsin import council, ledger
from tocsin.council.records import unsigned
from tocsin.ops.alliance import delegations, keys, rules
from tocsin.ops.alliance.models import Delegation
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused

HOUR = timedelta(hours=1)


def give(room: Room, by: str = "rep_nl", state: str = "NL", to: str = "EE", start: float = 0, end: float = 24) -> Delegation:
    now = clock.now()
    return delegations.delegate_vote(
        room.actor(by), state=state, to=to, start=now + start * HOUR, end=now + end * HOUR, passphrase=PASSPHRASE
    )


def test_it_is_signed_by_who_gives(room: Room) -> None:
    given = give(room)
    record, key = ledger.from_plain(council.Delegation, given.record), keys.current("NL")
    assert key is not None
    assert ledger.verify_signature(key.public, "delegation", unsigned(record), record.signature)
    assert (record.since, record.until, record.session) == (given.start, given.end, None)


@pytest.mark.parametrize("who", ["rep_ee", "chair", "admin", "observer", "staff"])
def test_only_its_representative_gives_and_takes_back(room: Room, who: str) -> None:
    with pytest.raises(PermissionDenied):
        give(room, by=who)
    given = give(room)
    with pytest.raises(PermissionDenied):
        delegations.revoke_delegation(room.actor(who), given)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"to": "NL"}, id="to itself"),
        pytest.param({"to": "SI"}, id="to an observer"),
        pytest.param({"start": 2, "end": 2}, id="for no time"),
        pytest.param({"start": -3, "end": -1}, id="in the past"),
        pytest.param({"end": 300 * 366 * 24}, id="in another age"),
    ],
)
def test_delegations_that_are_none(room: Room, changes: dict[str, object]) -> None:
    with pytest.raises(Refused):
        give(room, **changes)  # type: ignore[arg-type]


def test_a_vote_is_given_to_one_state_at_a_time(room: Room) -> None:
    given = give(room, start=0, end=10)
    with pytest.raises(Refused, match="already"):
        give(room, to="LT", start=9, end=20)
    give(room, to="LT", start=10.1, end=20)
    delegations.revoke_delegation(room.actor("rep_nl"), given)
    give(room, to="LT", start=0, end=10)
    with pytest.raises(Refused, match="already"):
        delegations.revoke_delegation(room.actor("rep_nl"), given)


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        pytest.param("a", "b", True, id="two sessions, two delegates"),
        pytest.param("a", "a", False, id="one session, two delegates"),
        pytest.param(None, "a", False, id="all sessions, then one of them"),
        pytest.param("a", None, False, id="one session, then all"),
    ],
)
def test_in_one_session_there_is_one_delegate(room: Room, first: str | None, second: str | None, fits: bool) -> None:
    def limited(to: str, session: str | None) -> None:
        now = clock.now()
        only = SimpleNamespace(pk=session) if session else None
        delegations.delegate_vote(
            room.actor("rep_nl"), state="NL", to=to, start=now, end=now + HOUR, passphrase=PASSPHRASE, session=only
        )

    limited("EE", first)
    with contextlib.nullcontext() if fits else pytest.raises(Refused, match="already"):
        limited("LT", second)
    assert Delegation.objects.count() == 1 + fits


def test_the_rule_may_forbid_it(room: Room) -> None:
    rules.add_rule(room.actor("admin"), start=clock.now().date(), kind=council.Kind.UNANIMITY, delegation=False)
    with pytest.raises(Refused, match="does not allow"):
        give(room)


def test_pages(room: Room) -> None:
    now = clock.now()
    fields = {
        "to": "EE",
        "start": f"{now:%Y-%m-%dT%H:%M}",
        "end": f"{now + 5 * HOUR:%Y-%m-%dT%H:%M}",
        "passphrase": PASSPHRASE,
    }
    client, url = room.client("rep_nl"), "/alliance/states/NL/delegate"
    assert room.client("rep_ee").post(url, fields).status_code == 403
    assert room.client("staff").post(url, fields).status_code == 403
    wrong = client.post(url, {**fields, "passphrase": "wrong horse battery"})
    assert wrong.status_code == 422 and "does not open the key" in wrong.content.decode()
    assert client.post(url, {**fields, "to": "NL"}).status_code == 422
    assert client.post(url, fields).status_code == 302
    (given,) = Delegation.objects.all()
    assert "Netherlands" in room.client("chair").get("/alliance/").content.decode()
    revoke = f"/alliance/delegations/{given.pk}/revoke"
    assert room.client("rep_ee").post(revoke).status_code == 403
    assert client.post(revoke).status_code == 302
    assert client.post(revoke).status_code == 409
