"""Pieces of keys: each sorts as bytes as what it stands for sorts, and none is another's beginning."""

import re
from collections.abc import Sequence

LENGTH_MAX = 500  # characters of a version; no ecosystem comes near, and it bounds every key

_SMALL = 0xF0  # numbers below are one byte
_LONG = 0xFF
_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")


def number(digits: str) -> bytes:
    """Decimal digits of any length ("" is 0) as bytes that sort by value: one byte below 240, else a length and the value."""
    value = int(digits or 0)
    if value < _SMALL:
        return bytes((value,))
    size = (value.bit_length() + 7) // 8
    head = bytes((_SMALL - 1 + size,)) if _SMALL - 1 + size < _LONG else bytes((_LONG, size))
    return head + value.to_bytes(size, "big")


def text(word: str) -> bytes:
    """A word without NUL as bytes that sort by code point, a beginning before what continues it."""
    return word.encode("utf-8", "surrogatepass") + b"\x00"


# A position in a version that is padded without end: what follows sorts below, as, or above nothing at all.
BELOW, NOTHING, ABOVE = b"\x01", b"\x02", b"\x03"
_WORD, _LIST, _NUMBER = b"\x01", b"\x02", b"\x03"

Item = (
    tuple[int, bytes] | list["Item"]
)  # (sign against nothing, encoded value) of a word or number; or a nested list, always last


def word_item(sign: int, encoded: bytes) -> Item:
    """A word, which sorts below every number and list."""
    return (sign, _WORD + encoded)


def number_item(digits: str) -> Item:
    """A number; zero is as good as nothing."""
    encoded = number(digits)
    return (int(encoded != b"\x00"), _NUMBER + encoded)


def sign_of(items: Sequence[Item]) -> int:
    """How a list compares with nothing: as its first item does that differs from nothing."""
    return next((sign for sign in (sign_of(item) if isinstance(item, list) else item[0] for item in items) if sign), 0)


def padded(items: Sequence[Item]) -> bytes:
    """A key for orders that pad the shorter version with nothing (Maven, RubyGems, and our generic order).

    Before each item stands how all that follows compares with nothing. So a version that ends there sorts where its padding
    would: ``1.0.1`` above ``1``, ``1.0.a`` below it.
    """
    signs, sign = [], 0
    for item in reversed(items):
        own = sign_of(item) if isinstance(item, list) else item[0]
        sign = own or sign
        signs.append((BELOW, NOTHING, ABOVE)[sign + 1])
    key = b""
    for item, mark in zip(items, reversed(signs), strict=True):
        if mark == NOTHING:
            return key + NOTHING
        if isinstance(item, list):
            return key + mark + _LIST + padded(item)
        key += mark + item[1]
    return key + NOTHING


def chunks(version: str) -> list[str]:
    """Runs of digits and of anything else, in turn."""
    return _CHUNKS.findall(version)
