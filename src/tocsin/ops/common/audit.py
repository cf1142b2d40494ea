"""The log: every change of state is one entry, in the same transaction as the change. Nothing else writes entries."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection

from tocsin import ledger
from tocsin.ops.common import clock
from tocsin.ops.common.models import Entry, Ledger, Witness
from tocsin.ops.config.home import secret


def record(actor: str, action: str, subject: str, details: Mapping[str, Any], *, time: datetime | None = None) -> ledger.Entry:
    """Append one entry. Called inside the transaction of the change it speaks of.

    Args:
        actor: ``Actor.label``.
        action: What was done, as the service is called: ``cast_vote``.
        subject: Kind and id of the thing: ``session 0199…``.
        time: The moment of the change, where its record bears one; now otherwise.
        details: What is needed to understand it later; texts as digests, since the log is handed round and never forgets.
    """
    assert connection.in_atomic_block, "an entry and its change stand or fall together"
    end = Ledger.objects.select_for_update().get()
    entry = ledger.append(
        end if end.number else None, time=time or clock.now(), actor=actor, action=action, subject=subject, details=details
    )
    Ledger.objects.filter(pk=end.pk).update(number=entry.number, digest=entry.digest)
    Entry.objects.create(
        number=entry.number,
        time=entry.time,
        actor=actor,
        action=action,
        subject=subject,
        details=dict(details),
        previous=entry.previous,
        digest=entry.digest,
    )
    return entry


def entries() -> Iterator[ledger.Entry]:
    """The whole log in order, a few rows at a time."""
    for row in Entry.objects.order_by("number").iterator(2000):
        yield as_entry(row)


def as_entry(row: Entry) -> ledger.Entry:
    """A row as the ledger knows it."""
    return ledger.Entry(row.number, row.time, row.actor, row.action, row.subject, row.details, row.previous, row.digest)


@cache
def server_key() -> Ed25519PrivateKey:
    """The key that signs heads; made at first use, kept in the room's folder beside the database, never in it."""
    words = secret(Path(settings.HOME), "server.key")
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(words.encode()).digest())


def last_digest() -> str:
    """Digest of the last entry: it is another one after every change of state. Empty before the first."""
    with connection.cursor() as cursor:  # plain SQL: it is asked several times for every page, and costs a tenth of a query set
        cursor.execute(f"SELECT digest FROM {Ledger._meta.db_table}")  # noqa: S608 - a name of our own
        (digest,) = cursor.fetchone()
    return str(digest)


def head() -> ledger.SignedHead:
    """Where the log ends now, signed."""
    end = Ledger.objects.get()
    return ledger.sign_head(server_key(), ledger=str(end.name), last=end, time=clock.now())


def hand_over(state: str, how: str) -> ledger.SignedHead:
    """Sign the present head and note that a state has it: it is their witness against a log rewritten later.

    Args:
        state: Code of the state.
        how: ``download``, ``vote``, ``session``.
    """
    signed = head()
    Witness.objects.create(state=state, number=signed.number, head=ledger.to_plain(signed), how=how)
    return signed
