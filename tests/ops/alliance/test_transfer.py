"""An alliance as a file, and back."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from kit.room import PASSPHRASE, Room
from tocsin import council, ledger
from tocsin.ops.alliance import keys, rules, transfer
from tocsin.ops.alliance.models import Delegation, Membership, Participation, RuleVersion, State, StateKey
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry


def emptied(room: Room) -> None:
    """The same room without its alliance, as another server would be; its administrator stays."""
    Delegation.objects.all().delete()
    Membership.objects.filter(state__isnull=False).delete()
    room.users["expert"].expert.delete()
    for model in (StateKey, Participation, RuleVersion):
        model.objects.all().delete()
    State.objects.all().delete()


def test_there_and_back_is_the_same_file(room: Room) -> None:
    admin = room.actor("admin")
    rules.add_rule(admin, start=clock.now().date(), kind=council.Kind.AT_LEAST, needed=4, note="faster")
    data = transfer.export_alliance(room.actor("chair"))
    assert PASSPHRASE.encode() not in data and b"sealed" not in data
    emptied(room)
    change = transfer.import_alliance(admin, data)
    assert (change.states, change.roles, change.keys, change.rules) == (7, 7, 6, 2)
    assert transfer.export_alliance(admin) == data


def test_twice_is_once(room: Room) -> None:
    admin = room.actor("admin")
    data = transfer.export_alliance(admin)
    entries = Entry.objects.count()
    for _ in range(2):
        assert not transfer.import_alliance(admin, data).any
    assert Entry.objects.count() == entries
    assert keys.current("EE") is not None, "private halves that are here stay"


def test_what_is_new_is_taken(room: Room) -> None:
    admin, public = room.actor("admin"), ledger.public_key(ledger.generate())
    plain = json.loads(transfer.export_alliance(admin))
    plain["states"][0]["roles"][0]["end"] = "2030-01-01"
    plain["states"][1]["keys"][0]["retired_at"] = "2026-01-01T00:00:00.000000Z"
    plain["states"].append(
        {
            "code": "BE",
            "name": "Belgium",
            "roles": [{"role": "participant", "start": "2026-01-01", "end": None}],
            "keys": [{"public": public, "made_at": "2026-01-01T00:00:00.000000Z", "retired_at": None}],
        }
    )
    change = transfer.import_alliance(admin, json.dumps(plain).encode())
    assert (change.states, change.roles, change.keys, change.rules) == (1, 2, 2, 0)
    assert StateKey.objects.get(public=public).sealed == ""
    assert Entry.objects.filter(action="import_alliance").count() == 1


def changed(plain: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *way, last = path.split(".")
    at: Any = plain
    for step in way:
        at = at[int(step) if step.isdigit() else step]
    at[last] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", "tocsin-alliance-2"),
        ("more", 1),
        ("states.0.code", "ee"),
        ("states.0.code", "EST"),
        ("states.0.name", ""),
        ("states.0.name", "x\x00"),
        ("states.0.roles.0.role", "emperor"),
        ("states.0.roles.0.start", "yesterday"),
        ("states.0.roles.0.end", "1999-01-01"),
        ("states.0.keys.0.public", "AAAA"),
        ("rules.0.number", 9),
        ("rules.0.start", "2022-13-01"),
        ("rules.0.rule.needed", 3),
        ("rules.0.rule.quorum", {"numerator": 1, "denominator": 0, "more": False}),
    ],
)
def test_a_file_that_is_none_changes_nothing(room: Room, path: str, value: object) -> None:
    admin = room.actor("admin")
    before = transfer.export_alliance(admin)
    plain = changed(json.loads(before), path, value)
    with pytest.raises(Refused, match="no file of an alliance"):
        transfer.import_alliance(admin, json.dumps(plain).encode())
    assert transfer.export_alliance(admin) == before


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b"null", b"[" * 5000])
def test_a_hostile_file_is_refused_with_a_word(room: Room, data: bytes) -> None:
    with pytest.raises(Refused):
        transfer.import_alliance(room.actor("admin"), data)


def test_what_contradicts_is_refused_whole(room: Room) -> None:
    admin = room.actor("admin")
    before = transfer.export_alliance(admin)
    plain = json.loads(before)
    plain["states"].append({"code": "BE", "name": "Belgium", "roles": [], "keys": []})
    plain["rules"][0]["rule"]["silence"] = "yes"
    with pytest.raises(Refused, match="another one here"):
        transfer.import_alliance(admin, json.dumps(plain).encode())
    plain = json.loads(before)
    plain["states"][0]["keys"] = plain["states"][1]["keys"]
    with pytest.raises(Refused, match="another state's"):
        transfer.import_alliance(admin, json.dumps(plain).encode())
    assert transfer.export_alliance(admin) == before


def test_who_may(room: Room) -> None:
    data = transfer.export_alliance(room.actor("rep_ee"))
    for who in ("rep_ee", "chair", "observer", "staff"):
        with pytest.raises(PermissionDenied):
            transfer.import_alliance(room.actor(who), data)
    for who in ("observer", "staff", "expert", "trainer"):
        with pytest.raises(PermissionDenied):
            transfer.export_alliance(room.actor(who))


def test_pages(room: Room) -> None:
    data = room.client("chair").get("/alliance/file").content
    assert data == transfer.export_alliance(room.actor("chair"))
    assert room.client("staff").get("/alliance/file").status_code == 403
    admin, url = room.client("admin"), "/alliance/import"
    assert admin.post(url, {"file": SimpleUploadedFile("a.json", data)}).status_code == 302
    assert admin.post(url, {"file": SimpleUploadedFile("a.json", b"{}")}).status_code == 409
    assert admin.post(url, {}).status_code == 422
    assert room.client("rep_ee").post(url, {"file": SimpleUploadedFile("a.json", data)}).status_code == 403
