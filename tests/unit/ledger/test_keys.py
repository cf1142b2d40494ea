"""Keys: made, named, sealed, used; and every other spelling of them refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.council import key_of
from tocsin.ledger import (
    Keys,
    LedgerError,
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
from tocsin.ledger.keys import PASSPHRASE_MIN, from_base64, to_base64

PASSPHRASE = "twelve letters"
CHEAP = 10
KEY = key_of("EE")


def test_two_keys_differ():
    assert public_key(generate()) != public_key(generate())


def test_a_signature_is_good_for_its_key_kind_and_value_alone():
    signature = sign(KEY, "vote", {"a": 1})
    public = public_key(KEY)
    assert verify_signature(public, "vote", {"a": 1}, signature)
    assert not verify_signature(public, "head", {"a": 1}, signature)
    assert not verify_signature(public, "vote", {"a": 2}, signature)
    assert not verify_signature(public_key(key_of("PL")), "vote", {"a": 1}, signature)


@pytest.mark.parametrize("at", range(86))
def test_no_letter_of_a_signature_can_change(at):
    signature = sign(KEY, "vote", {"a": 1})
    # All letters at the last place, where four bits are unused; one elsewhere.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if at == 85 else "AB"
    for letter in letters.replace(signature[at], ""):
        assert not verify_signature(public_key(KEY), "vote", {"a": 1}, signature[:at] + letter + signature[at + 1 :])


@pytest.mark.parametrize("public", ["", "A" * 42, "A" * 43 + "=", "é" * 43, "A" * 42 + "B"])
def test_a_key_that_is_none_is_a_no(public):
    assert not verify_signature(public, "vote", {}, sign(KEY, "vote", {}))


@given(st.binary(min_size=32, max_size=32))
def test_bytes_come_back_from_their_one_spelling(data):
    text = to_base64(data)
    assert from_base64(text, 32) == data
    for other in (text + "=", text + "\n", text[:-1], " " + text, text.replace("-", "+") if "-" in text else "+"):
        with pytest.raises(LedgerError, match="expected 32 bytes as base64url"):
            from_base64(other, 32)


def test_a_fingerprint_is_twenty_letters_to_read_aloud():
    assert fingerprint(public_key(KEY)) == "BK5Y-DXAY-AHPR-H52I-KCIS"


def test_a_sealed_key_opens_with_its_passphrase_alone():
    sealed = seal(KEY, PASSPHRASE, cost=CHEAP)
    assert public_key(unseal(sealed, PASSPHRASE)) == public_key(KEY) == sealed_public_key(sealed)
    with pytest.raises(WrongPassphraseError, match="does not open this key"):
        unseal(sealed, PASSPHRASE + " ")


def test_the_default_costs_what_is_advised():
    sealed = seal(KEY, PASSPHRASE)
    assert json.loads(sealed)["cost"] == 17  # OWASP: scrypt with N = 2^17, r = 8, p = 1
    assert public_key(unseal(sealed, PASSPHRASE)) == public_key(KEY)


def test_the_same_key_is_never_sealed_alike():
    assert seal(KEY, PASSPHRASE, cost=CHEAP) != seal(KEY, PASSPHRASE, cost=CHEAP)


def test_letters_composed_otherwise_are_the_same_passphrase():
    sealed = seal(KEY, "caf\u00e9 caf\u00e9 caf\u00e9", cost=CHEAP)
    assert unseal(sealed, "cafe\u0301 cafe\u0301 cafe\u0301")


@pytest.mark.parametrize("length", [PASSPHRASE_MIN - 1, PASSPHRASE_MIN])
def test_a_passphrase_has_twelve_characters(length):
    if length < PASSPHRASE_MIN:
        with pytest.raises(LedgerError, match="at least 12 characters, found 11"):
            seal(KEY, "x" * length, cost=CHEAP)
    else:
        assert seal(KEY, "x" * length, cost=CHEAP)


def test_no_letter_of_a_sealed_key_can_change():
    sealed = seal(KEY, PASSPHRASE, cost=CHEAP)
    for at in range(len(sealed)):
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(LedgerError):
            unseal(changed, PASSPHRASE)


@pytest.mark.parametrize("cost", [9, 21, 60])
def test_a_sealed_key_cannot_ask_for_all_memory(cost):
    sealed = seal(KEY, PASSPHRASE, cost=CHEAP).replace('"cost":10', f'"cost":{cost}')
    with pytest.raises(LedgerError, match="a cost of 10 to 20"):
        unseal(sealed, PASSPHRASE)


def test_the_file_of_keys_comes_back_however_it_is_laid_out():
    keys = Keys((public_key(KEY),), {"EE": (public_key(KEY), public_key(key_of("old")))})
    data = keys_to_json(keys)
    assert keys_from_json(data) == keys
    assert keys_from_json(json.dumps(json.loads(data), indent=4).encode()) == keys


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[]", "expected a file of keys"),
        (b'{"format":"tocsin-keys/2"}', "expected a file of keys"),
        (b'{"format":"tocsin-keys/1","server":[]}', "states: is missing"),
        (b'{"format":"tocsin-keys/1","server":["x"],"states":{}}', "expected 32 bytes as base64url, found 'x'"),
    ],
)
def test_another_file_is_no_file_of_keys(data, said):
    with pytest.raises(LedgerError, match=said):
        keys_from_json(data)
