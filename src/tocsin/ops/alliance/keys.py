"""States' signing keys: made under a passphrase that the room never keeps, replaced, retired, unlocked to sign."""

from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.utils.translation import gettext as _

from tocsin import ledger
from tocsin.ops.alliance.access import Actor
from tocsin.ops.alliance.models import Role, State, StateKey
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry

COST = 17  # log2 of scrypt's N: half a second and 128 MB for each guess
TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)


class WrongPassphrase(Refused):
    """The passphrase opens nothing, or was tried too often. Beside Refused, because a form shows it at its field."""


@dataclass(frozen=True)
class Unlocked:
    """A state's private key, for as long as one request lasts."""

    key: StateKey
    private: Ed25519PrivateKey


def current(state: str) -> StateKey | None:
    """The key a state signs with in sessions opened from now on."""
    # A key that came in a file has no private half: with it nobody could vote here.
    return StateKey.objects.filter(state__code=state, retired_at=None).exclude(sealed="").order_by("-made_at", "-id").first()


def make_key(actor: Actor, state: str, *, passphrase: str, cost: int = COST) -> StateKey:
    """Make a state's key; one it had before is retired. Its representative alone does that: who knows the passphrase, votes.

    Args:
        state: Code of the state.
        passphrase: At least 12 characters. It is not kept: whoever forgets it makes another key.
        cost: Less is for tests.

    Raises:
        PermissionDenied: The actor does not represent the state.
        Refused: The passphrase is too short.
    """
    actor.need(Role.REPRESENTATIVE, state=state)
    private = ledger.generate()
    try:
        sealed = ledger.seal(private, passphrase, cost=cost)  # slow on purpose, and so outside the transaction
    except ledger.LedgerError as error:
        raise Refused(
            _("A passphrase has at least %(n)d characters: a few words that only your state knows.") % {"n": 12}
        ) from error
    with transaction.atomic():
        held = State.objects.select_for_update().get(code=state)
        now = clock.now()
        retired = list(held.keys.filter(retired_at=None))
        held.keys.filter(retired_at=None).update(retired_at=now)
        key = StateKey.objects.create(state=held, public=ledger.public_key(private), sealed=sealed, made_at=now)
        details = {"state": state, "public": key.public, "retired": [one.public for one in retired]}
        audit.record(actor.label, "make_key", f"state_key {key.pk}", details, time=now)
    return key


@transaction.atomic
def retire_key(actor: Actor, key: StateKey) -> StateKey:
    """Take a key out of use: no session opened from now on has it. Sessions that run keep what they were opened with.

    Raises:
        PermissionDenied: Neither an administrator nor a representative of the state.
        Refused: It is retired already.
    """
    if not actor.has(Role.ADMINISTRATOR):
        actor.need(Role.REPRESENTATIVE, state=key.state.code)
    now = clock.now()
    if not StateKey.objects.filter(pk=key.pk, retired_at=None).update(retired_at=now):
        raise Refused(_("This key is retired already."))
    key.refresh_from_db()
    audit.record(actor.label, "retire_key", f"state_key {key.pk}", {"state": key.state.code, "public": key.public}, time=now)
    return key


def unlock(actor: Actor, key: StateKey, passphrase: str) -> Unlocked:
    """Open a key to sign with. Called outside a transaction: it is slow, and a failed try must be counted whatever follows.

    Raises:
        PermissionDenied: The actor does not represent the key's state.
        WrongPassphrase: It does not open the key, or was tried too often; each failed try is an entry in the log.
        Refused: The room does not have the private half.
    """
    actor.need(Role.REPRESENTATIVE, state=key.state.code)
    if not key.sealed:
        raise Refused(_("The private half of this key is not in this room. Make a new key on the page of the alliance."))
    if _failed(actor, key) >= TRIES:
        raise WrongPassphrase(_("The passphrase was wrong too often. Wait a quarter of an hour, then try again."))
    try:
        private = ledger.unseal(key.sealed, passphrase)
    except ledger.WrongPassphraseError as error:
        with transaction.atomic():
            audit.record(actor.label, "wrong_passphrase", f"state_key {key.pk}", {"state": key.state.code})
        left = max(0, TRIES - _failed(actor, key))
        words = _("This passphrase does not open the key of %(state)s. Tries left: %(left)d.")
        raise WrongPassphrase(words % {"state": key.state.name, "left": left}) from error
    return Unlocked(key, private)


def _failed(actor: Actor, key: StateKey) -> int:
    """How often this person failed of late. Counted in the log, which all processes share and no roll-back empties."""
    since = clock.now() - TRIES_WITHIN
    found = Entry.objects.filter(subject=f"state_key {key.pk}", action="wrong_passphrase", actor=actor.label, time__gt=since)
    return found.count()
