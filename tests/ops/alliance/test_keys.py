"""Keys of states: who makes them, what the room keeps, when a passphrase is refused."""

import pytest
from django.core.exceptions import PermissionDenied

from kit.room import PASSPHRASE, Room
from tocsin import ledger
from tocsin.ops.alliance import keys
from tocsin.ops.alliance.models import StateKey
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry

WORDS = "a passphrase of our own"


def test_a_new_key_takes_the_old_ones_place(room: Room) -> None:
    old = keys.current("EE")
    new = keys.make_key(room.actor("rep_ee"), "EE", passphrase=WORDS, cost=10)
    assert old is not None
    old.refresh_from_db()
    assert (keys.current("EE"), old.retired_at) == (new, new.made_at)
    assert ledger.public_key(keys.unlock(room.actor("rep_ee"), new, WORDS).private) == new.public
    assert keys.unlock(room.actor("rep_ee"), old, PASSPHRASE), "sessions that run were opened with it"
    entry = Entry.objects.get(action="make_key")
    assert entry.details == {"state": "EE", "public": new.public, "retired": [old.public]}


def test_the_passphrase_is_nowhere(room: Room) -> None:
    key = keys.make_key(room.actor("rep_ee"), "EE", passphrase=WORDS, cost=10)
    assert WORDS not in key.sealed
    assert WORDS not in str(list(Entry.objects.values()))


@pytest.mark.parametrize("who", ["rep_lt", "admin", "chair", "observer", "staff", "expert"])
def test_only_its_representative_makes_and_opens_a_states_key(room: Room, who: str) -> None:
    key = keys.current("EE")
    assert key is not None
    with pytest.raises(PermissionDenied):
        keys.make_key(room.actor(who), "EE", passphrase=WORDS, cost=10)
    with pytest.raises(PermissionDenied):
        keys.unlock(room.actor(who), key, PASSPHRASE)


@pytest.mark.parametrize(("words", "fits"), [("eleven long", False), ("twelve chars", True)])
def test_passphrases_have_twelve_characters(room: Room, words: str, fits: bool) -> None:
    if fits:
        assert keys.make_key(room.actor("rep_ee"), "EE", passphrase=words, cost=10)
    else:
        with pytest.raises(Refused, match="12"):
            keys.make_key(room.actor("rep_ee"), "EE", passphrase=words, cost=10)


def test_retiring(room: Room) -> None:
    key = keys.current("EE")
    assert key is not None
    with pytest.raises(PermissionDenied):
        keys.retire_key(room.actor("rep_lt"), key)
    keys.retire_key(room.actor("admin"), key)
    assert keys.current("EE") is None
    with pytest.raises(Refused, match="already"):
        keys.retire_key(room.actor("rep_ee"), key)


def test_each_person_has_tries_of_their_own(room: Room) -> None:
    key = keys.current("EE")
    assert key is not None
    for _ in range(keys.TRIES):
        with pytest.raises(keys.WrongPassphrase):
            keys.unlock(room.actor("rep_ee"), key, "wrong horse battery")
    other = keys.current("LT")
    assert other is not None
    assert keys.unlock(room.actor("rep_lt"), other, PASSPHRASE)
    with pytest.raises(keys.WrongPassphrase, match="too often"):
        keys.unlock(room.actor("rep_ee"), key, PASSPHRASE)


def test_a_key_without_its_private_half_signs_nothing(room: Room) -> None:
    key = StateKey.objects.create(state=room.states["EE"], public=ledger.public_key(ledger.generate()), sealed="")
    assert keys.current("EE") != key
    with pytest.raises(Refused, match="not in this room"):
        keys.unlock(room.actor("rep_ee"), key, PASSPHRASE)


def test_pages(room: Room) -> None:
    key = keys.current("EE")
    assert key is not None
    for who, status in {"rep_ee": 200, "chair": 200, "admin": 200, "observer": 403, "staff": 403, "stranger": 403}.items():
        assert room.client(who).get("/alliance/").status_code == status, who
    page = room.client("rep_ee").get("/alliance/").content.decode()
    assert ledger.fingerprint(key.public) in page
    client, url = room.client("rep_ee"), "/alliance/states/EE/key"
    assert client.post(url, {"passphrase": WORDS, "again": WORDS + "!"}).status_code == 422
    assert client.post(url, {"passphrase": "short", "again": "short"}).status_code == 409
    assert room.client("rep_lt").post(url, {"passphrase": WORDS, "again": WORDS}).status_code == 403
    assert room.client("admin").post(url, {"passphrase": WORDS, "again": WORDS}).status_code == 403
    assert client.post(url, {"passphrase": WORDS, "again": WORDS}).status_code == 302
    new = keys.current("EE")
    assert new is not None and new != key
    assert room.client("rep_lt").post(f"/alliance/keys/{new.pk}/retire").status_code == 403
    assert room.client("admin").post(f"/alliance/keys/{new.pk}/retire").status_code == 302
    assert keys.current("EE") is None
