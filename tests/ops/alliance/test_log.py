"""Reading the log, taking it away, and catching who rewrites it."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from typer.testing import CliRunner

import tocsin.ops
from kit.room import Room
from tocsin import ledger
from tocsin.cli.main import app
from tocsin.ops.alliance import log
from tocsin.ops.alliance.log import Wanted
from tocsin.ops.common import audit, clock
from tocsin.ops.common.models import Entry, Ledger, Witness

pytestmark = pytest.mark.django_db
READERS = ("rep_ee", "chair", "admin")
OTHERS = ("observer", "leader", "expert", "staff", "trainer", None)
START = datetime(2022, 2, 15, 13, 0, tzinfo=UTC)


def wrote(count: int, actor: str = "representative EE (0)", action: str = "cast_vote") -> None:
    for number in range(count):
        audit.record(actor, action, f"session {number}", {"n": number}, time=START + timedelta(hours=number))


def numbers(page: log.Page) -> list[int]:
    return [line.entry.number for line in page.lines]


def test_pages_follow_one_another_without_gap_or_overlap(room: Room):
    wrote(120)
    actor = room.actor("chair")
    first = log.page(actor)
    second = log.page(actor, before=first.older)
    third = log.page(actor, before=second.older)
    assert numbers(first) + numbers(second) + numbers(third) == list(range(120, 0, -1))
    assert (first.newer, third.older) == (None, None)
    back = log.page(actor, after=third.newer)
    assert numbers(back) == numbers(second)
    assert numbers(log.page(actor, after=back.newer)) == numbers(first)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(Wanted(who="representative"), 3, id="who"),
        pytest.param(Wanted(who="server"), 2, id="the server"),
        pytest.param(Wanted(action="close_session"), 2, id="what"),
        pytest.param(Wanted(subject="session 1"), 2, id="to what"),
        pytest.param(Wanted(start=date(2022, 2, 16)), 0, id="after the last"),
        pytest.param(Wanted(start=date(2022, 2, 15), end=date(2022, 2, 15)), 5, id="both days included"),
        pytest.param(Wanted(end=date(2022, 2, 14)), 0, id="before the first"),
    ],
)
def test_filters(room: Room, wanted, found):
    wrote(3)
    wrote(2, "server", "close_session")
    assert len(log.page(room.actor("rep_ee"), wanted).lines) == found


def test_an_id_finds_what_was_done_to_it_whatever_its_kind(room: Room):
    some = "01990000-0000-7000-8000-000000000001"
    for subject in (f"request {some}", f"session {some}", some, "request 01990000-0000-7000-8000-000000000002"):
        audit.record("server", "test", subject, {})
    assert len(log.page(room.actor("chair"), Wanted(subject=some)).lines) == 3


@pytest.mark.parametrize("who", READERS)
def test_readers_read_it(room: Room, who):
    wrote(2)
    client = room.client(who)
    page = client.get("/log/")
    assert "Representative of Estonia" in page.text
    assert client.get("/log/keys").status_code == client.get("/log/file").status_code == 200


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("path", ["/log/", "/log/file", "/log/keys", "/log/witness/EE"])
def test_others_do_not(room: Room, who, path):
    answer = room.client(who).get(path)
    assert answer.status_code == (403 if who else 302)


@pytest.mark.parametrize("query", ["?before=x", "?before=99999999999999999999", "?start=never", "?action=none", "?after=-1"])
def test_nonsense_in_the_address_is_passed_over(room: Room, query):
    wrote(2)
    assert "Representative of Estonia" in room.client("chair").get("/log/" + query).text


def test_only_a_representative_takes_a_witness_and_only_for_their_state(room: Room):
    for who in ("chair", "admin", "rep_pl", "observer", "staff"):
        with pytest.raises(PermissionDenied):
            log.take_witness(room.actor(who), "EE")
        with pytest.raises(PermissionDenied):
            log.witness_file(room.actor(who), "EE")
    assert not Witness.objects.exists()
    assert room.client("rep_ee").get("/log/witness/EE/take").status_code == 405
    assert room.client("rep_ee").post("/log/witness/EE/take").status_code == 302
    assert Witness.objects.get().number == Entry.objects.count() == 1


def test_the_log_page_asks_the_database_a_bounded_number_of_times(room: Room, django_assert_max_num_queries):
    wrote(60)
    client = room.client("rep_ee")
    with django_assert_max_num_queries(16):
        client.get("/log/")


@pytest.fixture
def verify(tmp_path):
    """The real command on files of these bytes."""

    def run(data: bytes, *, keys: bytes | None = None, witness: bytes | None = None) -> tuple[int, dict]:
        arguments = ["verify", str(tmp_path / "log.jsonl"), "--json"]
        (tmp_path / "log.jsonl").write_bytes(data)
        for name, given in (("keys", keys), ("witness", witness)):
            if given is not None:
                (tmp_path / name).write_bytes(given)
                arguments += [f"--{name}", str(tmp_path / name)]
        done = CliRunner().invoke(app, arguments)
        return done.exit_code, json.loads(done.stdout)

    return run


def test_the_downloaded_log_verifies_with_keys_and_witness(room: Room, verify):
    wrote(10)
    client = room.client("rep_ee")
    client.post("/log/witness/EE/take")
    wrote(3, "server", "close_session")
    data = client.get("/log/file").getvalue()
    keys, witness = client.get("/log/keys").content, client.get("/log/witness/EE").content
    code, report = verify(data, keys=keys, witness=witness)
    assert (code, report["holds"], report["problems"]) == (0, True, [])
    assert all(key["trusted"] for key in report["keys"])
    assert data == ledger.export_ledger(audit.entries(), ledger.from_plain(ledger.SignedHead, _last(data)))


def _last(data: bytes) -> dict:
    plain = json.loads(data.splitlines()[-1])
    del plain["record"]
    return plain


def test_a_log_rewritten_by_the_servers_owner_is_caught_by_a_states_witness(room: Room, verify):
    wrote(10)
    client = room.client("rep_ee")
    client.post("/log/witness/EE/take")
    witness = client.get("/log/witness/EE").content
    wrote(3)
    rewrite(number=4, details={"n": "something that never happened"})
    data, keys = client.get("/log/file").getvalue(), client.get("/log/keys").content
    assert verify(data, keys=keys)[0] == 0, "the chain holds by itself and the head bears the server's true signature"
    code, report = verify(data, keys=keys, witness=witness)
    assert code == 1
    assert any("witness" in problem["record"] or "witness" in problem["what"] for problem in report["problems"])


def rewrite(*, number: int, details: dict) -> None:
    """What somebody with the server's database and key can do: change an entry, and chain all later ones anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE common_entry DISABLE TRIGGER USER")
        else:
            for name in ("log_no_update", "log_no_delete"):
                cursor.execute(f"DROP TRIGGER {name}")
        last = None
        for row in Entry.objects.order_by("number"):
            made = ledger.append(
                last,
                time=row.time,
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                details=details if row.number == number else row.details,
            )
            Entry.objects.filter(number=row.number).update(details=made.details, previous=made.previous, digest=made.digest)
            last = made
        assert last is not None
        Ledger.objects.update(number=last.number, digest=last.digest)


def test_the_clock_is_set_by_hand_for_a_block_alone():
    with clock.set_to(START):
        assert clock.now() == audit_time() == START
    assert clock.now() > START


def audit_time() -> datetime:
    return audit.record("server", "test", "thing", {}).time


def test_every_kind_of_thing_that_entries_speak_of_can_be_asked_for():
    """An entry's subject is its kind and an id: ``audit.record(who, action, f"mission {pk}", …)``."""
    sources = [path.read_text(encoding="utf-8") for path in Path(tocsin.ops.__file__).parent.rglob("*.py")]
    kinds = {kind for text in sources for kind in re.findall(r'f"(\w+) \{\w+\.pk\}"', text)}
    assert len(kinds) > 10
    assert kinds <= set(log.KINDS)
