"""Entries chained by hash, and signed heads that a state keeps as a witness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.ledger.canonical import digest, rfc3339
from tocsin.ledger.keys import public_key, sign, verify_signature
from tocsin.ledger.shape import to_plain

ZEROS = "0" * 64  # what comes before the first


class Position(Protocol):
    """A place in the chain: an entry, a link, a head."""

    @property
    def number(self) -> int: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True)
class Entry:
    """One change of state: who did what to what, when. ``digest`` covers all other fields, ``previous`` the entry before.

    Attributes:
        number: From 1, without gaps.
        time: When, aware; kept in UTC with microseconds.
        actor: Who: an id, never a name that may have to be forgotten.
        action: What: noun and verb, ``vote.cast``.
        subject: To what: an id.
        details: JSON of strings, integers, booleans, null, lists, objects.
        previous: Digest of the entry before; 64 zeros for the first.
        digest: SHA-256 in hexadecimal.
    """

    number: int
    time: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True)
class Link:
    """An entry whose content is withheld, and which still holds the chain together.

    Attributes:
        subject: Blinded: who knows the subject can recognize it, nobody else (see `blind`).
        content: Digest of time, actor, action and details.
    """

    number: int
    subject: str
    content: str
    previous: str
    digest: str


def append(
    head: Position | None, *, time: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> Entry:
    """The entry that follows ``head`` (an entry or a head; None for the first).

    Raises:
        LedgerError: The time has no zone, or the details have no canonical form.
    """
    number, previous = (head.number + 1, head.digest) if head else (1, ZEROS)
    content, hidden = content_digest(time, actor, action, details), blind(subject)
    return Entry(number, time, actor, action, subject, details, previous, chain_digest(number, previous, hidden, content))


def digest_of(entry: Entry | Link) -> str:
    """What an entry's digest must be."""
    link = withhold(entry) if isinstance(entry, Entry) else entry
    return chain_digest(link.number, link.previous, link.subject, link.content)


def withhold(entry: Entry) -> Link:
    """The same place in the chain without its content: for an export that may not tell it."""
    content = content_digest(entry.time, entry.actor, entry.action, entry.details)
    return Link(entry.number, blind(entry.subject), content, entry.previous, entry.digest)


def blind(subject: str) -> str:
    """A subject's digest. Ids are random (UUIDv7), so it cannot be guessed, and who knows the id sees that nothing is missing."""
    return digest("entry-subject", subject)


def content_digest(time: datetime, actor: str, action: str, details: Mapping[str, Any]) -> str:
    """Digest of what an export may withhold."""
    return digest("entry-content", {"time": rfc3339(time), "actor": actor, "action": action, "details": details})


def chain_digest(number: int, previous: str, subject: str, content: str) -> str:
    """Digest of an entry over its place and the digests of its parts, so that parts can be withheld."""
    return digest("entry", {"number": number, "previous": previous, "subject": subject, "content": content})


@dataclass(frozen=True)
class Head:
    """What a ledger was at one instant: its last entry."""

    ledger: str
    number: int
    digest: str
    time: datetime


@dataclass(frozen=True)
class SignedHead:
    """A head that the server cannot deny. ``key`` is the server's public key."""

    head: Head
    key: str
    signature: str

    @property
    def number(self) -> int:
        """Number of the last entry."""
        return self.head.number

    @property
    def digest(self) -> str:
        """Digest of the last entry."""
        return self.head.digest


def sign_head(private: Ed25519PrivateKey, *, ledger: str, last: Position, time: datetime) -> SignedHead:
    """Sign the head of a ledger, to hand to every state.

    Raises:
        LedgerError: The time has no zone.
    """
    head = Head(ledger, last.number, last.digest, time)
    return SignedHead(head, public_key(private), sign(private, "head", to_plain(head)))


def verify_head(signed: SignedHead) -> bool:
    """Whether the key that stands in it signed it. Whether that key is the server's is for the caller to know."""
    return verify_signature(signed.key, "head", to_plain(signed.head), signed.signature)


__all__ = [
    "ZEROS",
    "Entry",
    "Head",
    "Link",
    "Position",
    "SignedHead",
    "append",
    "blind",
    "chain_digest",
    "content_digest",
    "digest_of",
    "sign_head",
    "verify_head",
    "withhold",
]
