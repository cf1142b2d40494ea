"""The log is appended to in the transaction of the change, and by nothing else."""

import pytest
from django.db import DatabaseError, connection, transaction

from kit.room import Room
from tocsin import ledger
from tocsin.ledger.entries import digest_of
from tocsin.ops.common import audit
from tocsin.ops.common.models import Entry

pytestmark = pytest.mark.django_db


def test_entries_are_numbered_and_chained():
    first, second = (audit.record("server", "test", f"thing {n}", {"n": n}) for n in range(2))
    assert (first.number, second.number) == (1, 2)
    assert second.previous == first.digest
    assert [entry.digest for entry in audit.entries()] == [digest_of(first), digest_of(second)]


def test_an_entry_of_a_change_that_was_undone_is_undone_with_it():
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record("server", "test", "thing", {})
        raise RuntimeError
    assert not Entry.objects.exists()
    assert audit.record("server", "test", "thing", {}).number == 1


@pytest.mark.parametrize("statement", ["UPDATE common_entry SET actor = 'x'", "DELETE FROM common_entry"])
def test_the_database_refuses_to_change_the_log(statement):
    audit.record("server", "test", "thing", {})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.get().actor == "server"


def test_a_head_is_signed_by_the_server_and_noted_for_the_state(room: Room):
    audit.record("server", "test", "thing", {})
    head = audit.hand_over("EE", "download")
    assert ledger.verify_head(head)
    assert head.number == Entry.objects.count()
