"""Ed25519 keys of the server and of the states: made, named for reading aloud, sealed under a passphrase, used."""

import base64
import binascii
import hashlib
import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tocsin.ledger.canonical import LedgerError, canonical, message, parse
from tocsin.ledger.shape import from_plain, to_plain

PASSPHRASE_MIN = 12  # characters; a sealed key can be attacked offline
_KEY_FORMAT, _KEYS_FORMAT = "tocsin-sealed-key/1", "tocsin-keys/1"
_COSTS = range(10, 21)  # log2 of scrypt's N: 1 MB to 1 GB of memory, so that a hostile file cannot ask for more


class WrongPassphraseError(LedgerError):
    """The passphrase does not open this key, or the sealed key was changed."""


def generate() -> Ed25519PrivateKey:
    """A new private key, from the system's randomness."""
    return Ed25519PrivateKey.generate()


def public_key(private: Ed25519PrivateKey) -> str:
    """The public key as base64url of its 32 bytes, without padding: 43 characters."""
    return to_base64(private.public_key().public_bytes_raw())


def fingerprint(public: str) -> str:
    """Twenty letters and digits to read aloud, 100 bits of SHA-256: ``K7QM-2XPA-…``. Base32 has no 0, 1, 8, 9 to mishear."""
    words = base64.b32encode(hashlib.sha256(from_base64(public, 32)).digest()).decode("ascii")[:20]
    return "-".join(words[at : at + 4] for at in range(0, 20, 4))


def sign(private: Ed25519PrivateKey, kind: str, value: Any) -> str:
    """Sign a value's canonical form under the name of its kind; base64url, 86 characters."""
    return to_base64(private.sign(message(kind, value)))


def verify_signature(public: str, kind: str, value: Any, signature: str) -> bool:
    """Whether ``signature`` is that key's over that value. A key or signature in another spelling is simply no."""
    return _verified(public, message(kind, value), signature)


@lru_cache(maxsize=4096)  # a page with votes asks for the same ones again and again
def _verified(public: str, signed: bytes, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(from_base64(public, 32)).verify(from_base64(signature, 64), signed)
    except (InvalidSignature, LedgerError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class _Sealed:
    format: str
    public: str
    cost: int
    salt: str
    nonce: str
    sealed: str


def seal(private: Ed25519PrivateKey, passphrase: str, *, cost: int = 17, random: Callable[[int], bytes] = os.urandom) -> str:
    """Lock a private key with a passphrase: scrypt (RFC 7914), then ChaCha20-Poly1305 (RFC 8439).

    Args:
        private: The key.
        passphrase: At least 12 characters; spelt the same however the keyboard composes letters (NFKC).
        cost: log2 of scrypt's N, with r = 8 and p = 1; 17 takes 128 MB and about half a second. Less is for tests.
        random: Gives random bytes.

    Returns:
        One line of JSON with the public key and all parameters; safe to store.

    Raises:
        LedgerError: The passphrase is too short.
    """
    if len(passphrase) < PASSPHRASE_MIN:
        raise LedgerError(f"expected a passphrase of at least {PASSPHRASE_MIN} characters, found {len(passphrase)}")
    salt, nonce = random(16), random(12)
    public = public_key(private)
    box = ChaCha20Poly1305(_stretch(passphrase, salt, cost))
    sealed = box.encrypt(nonce, private.private_bytes_raw(), _bound(public, cost))
    return canonical(to_plain(_Sealed(_KEY_FORMAT, public, cost, to_base64(salt), to_base64(nonce), to_base64(sealed)))).decode(
        "utf-8"
    )


def unseal(sealed: str, passphrase: str) -> Ed25519PrivateKey:
    """Unlock a private key. Takes as long as sealing it.

    Raises:
        WrongPassphraseError: Try again. The message does not tell a wrong passphrase from a changed file: nobody can.
        LedgerError: This is not a sealed key.
    """
    box = from_plain(_Sealed, parse(sealed.encode("utf-8", "replace")), "sealed key")
    if box.format != _KEY_FORMAT or box.cost not in _COSTS:
        raise LedgerError(f"sealed key: expected {_KEY_FORMAT} with a cost of 10 to 20, found {box.format[:40]}, {box.cost}")
    key = _stretch(passphrase, from_base64(box.salt, 16), box.cost)
    try:
        raw = ChaCha20Poly1305(key).decrypt(
            from_base64(box.nonce, 12), from_base64(box.sealed, 48), _bound(box.public, box.cost)
        )
    except InvalidTag as error:
        raise WrongPassphraseError("The passphrase does not open this key. Check the keyboard layout and try again.") from error
    private = Ed25519PrivateKey.from_private_bytes(raw)
    assert public_key(private) == box.public, "the public key is bound to the sealed one"
    return private


def sealed_public_key(sealed: str) -> str:
    """The public key that stands beside a sealed private key."""
    return from_plain(_Sealed, parse(sealed.encode("utf-8", "replace")), "sealed key").public


def _bound(public: str, cost: int) -> bytes:
    return message("sealed-key", [public, cost])


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    spelt = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=32, n=2**cost, r=8, p=1).derive(spelt)


@dataclass(frozen=True)
class Keys:
    """Public keys that somebody vouches for: of the servers that may sign a ledger's heads, and of each state by its code.

    Several where a key was replaced.
    """

    server: tuple[str, ...]
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for public in (*self.server, *(key for keys in self.states.values() for key in keys)):
            from_base64(public, 32)


def keys_to_json(keys: Keys) -> bytes:
    """The file for ``tocsin verify --keys``."""
    return canonical({"format": _KEYS_FORMAT, **to_plain(keys)}) + b"\n"


def keys_from_json(data: bytes) -> Keys:
    """Read the file of `keys_to_json`; people may have laid it out anew.

    Raises:
        LedgerError: It is something else.
    """
    plain = parse(data, canonical_only=False)
    if not isinstance(plain, dict) or plain.pop("format", None) != _KEYS_FORMAT:
        raise LedgerError(f'expected a file of keys with "format": "{_KEYS_FORMAT}", found something else')
    return from_plain(Keys, plain)


def to_base64(data: bytes) -> str:
    """base64url (RFC 4648, section 5) without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64(text: str, size: int) -> bytes:
    """The bytes, where ``text`` is their one spelling.

    Raises:
        LedgerError: Other letters, another length, or unused bits that are set.
    """
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        data = b""
    # Decoders ignore foreign letters and the last letter's unused bits; spelling it again does not.
    if len(data) != size or to_base64(data) != text:
        raise LedgerError(f"expected {size} bytes as base64url, found {text[:20]!r}")
    return data
