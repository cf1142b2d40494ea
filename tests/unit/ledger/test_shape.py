"""Records to JSON and back, strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest

from tocsin.ledger.canonical import LedgerError
from tocsin.ledger.shape import from_plain, to_plain


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    size: int

    def __post_init__(self) -> None:
        if self.size < 0:
            raise LedgerError("size: expected 0 or more")


@dataclass(frozen=True)
class Outer:
    name: str
    at: datetime
    colour: Colour
    inner: Inner
    many: tuple[Inner, ...]
    counts: Mapping[str, int]
    free: Any
    note: str | None
    sure: bool


GOOD = Outer(
    "a", datetime(2022, 2, 20, tzinfo=UTC), Colour.RED, Inner(1), (Inner(2), Inner(3)), {"x": 1}, {"y": [1]}, None, True
)


def test_a_record_comes_back():
    assert from_plain(Outer, to_plain(GOOD)) == GOOD


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", 1, "name: expected text, found an integer"),
        ("name", None, "name: expected text, found null"),
        ("at", "yesterday", "at: expected a time such as"),
        ("at", 5, "at: expected a time, found an integer"),
        ("colour", "green", "colour: expected one of red, blue, found 'green'"),
        ("inner", {"size": -1}, "inner: size: expected 0 or more"),
        ("inner", {"size": True}, "inner.size: expected an integer, found true or false"),
        ("inner", {}, "inner.size: is missing"),
        ("inner", {"size": 1, "colour": "red"}, "inner.colour: is not a field that we know"),
        ("inner", [], "inner: expected an object, found list"),
        ("many", {}, "many: expected a list, found dict"),
        ("many", [{"size": 1}, {"size": "1"}], r"many\[1\].size: expected an integer, found text"),
        ("counts", {"x": "1"}, "counts.x: expected an integer, found text"),
        ("sure", 1, "sure: expected true or false, found an integer"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(field, value, said):
    with pytest.raises(LedgerError, match=f"^{said}"):
        from_plain(Outer, {**to_plain(GOOD), field: value})


def test_a_record_that_is_no_object_is_refused():
    with pytest.raises(LedgerError, match=r"^expected an object, found list"):
        from_plain(Outer, [])
