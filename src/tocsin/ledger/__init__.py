"""A record that nobody can rewrite unnoticed: canonical bytes, keys, entries chained by hash, heads that states witness.

Pure: time, randomness and passphrases come in as arguments. See docs/adr/0005.
"""

from tocsin.ledger.canonical import LedgerError, canonical, parse_rfc3339, rfc3339
from tocsin.ledger.check import Problem, check_ledger
from tocsin.ledger.entries import (
    ZEROS,
    Entry,
    Head,
    Link,
    Position,
    SignedHead,
    append,
    sign_head,
    verify_head,
    withhold,
)
from tocsin.ledger.file import Report, export_ledger, verify_ledger
from tocsin.ledger.keys import (
    Keys,
    WrongPassphraseError,
    fingerprint,
    generate,
    keys_from_json,
    keys_to_json,
    public_key,
    seal,
    sealed_public_key,
    sign,
    unseal,
    verify_signature,
)
from tocsin.ledger.shape import from_plain, to_plain

__all__ = [
    "ZEROS",
    "Entry",
    "Head",
    "Keys",
    "LedgerError",
    "Link",
    "Position",
    "Problem",
    "Report",
    "SignedHead",
    "WrongPassphraseError",
    "append",
    "canonical",
    "check_ledger",
    "export_ledger",
    "fingerprint",
    "from_plain",
    "generate",
    "keys_from_json",
    "keys_to_json",
    "parse_rfc3339",
    "public_key",
    "rfc3339",
    "seal",
    "sealed_public_key",
    "sign",
    "sign_head",
    "to_plain",
    "unseal",
    "verify_head",
    "verify_ledger",
    "verify_signature",
    "withhold",
]
