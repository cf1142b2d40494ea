"""Caveats that the muster holds have one wording; whatever else a vote says is left to people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.muster import Caveat, CaveatKind, EcsfProfile
from tocsin.ops.activation.caveats import from_text, to_text

HELD = st.one_of(
    st.just(Caveat("EE", CaveatKind.REMOTE_ONLY)),
    st.just(Caveat("EE", CaveatKind.NONE_FROM)),
    st.integers(1, 999).map(lambda n: Caveat("EE", CaveatKind.AT_MOST, number=n)),
    st.sampled_from(EcsfProfile).map(lambda p: Caveat("EE", CaveatKind.NOT_AS, profile=p)),
)


@given(HELD)
def test_what_is_written_is_read_again(caveat):
    assert from_text("EE", to_text(caveat)) == caveat


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("remote only", CaveatKind.REMOTE_ONLY, 0),
        (" Remote  only. ", CaveatKind.REMOTE_ONLY, 0),
        ("at most 1 expert", CaveatKind.AT_MOST, 1),
        ("At most 2 experts", CaveatKind.AT_MOST, 2),
        ("at most 0 experts", CaveatKind.NONE_FROM, 0),
        ("no experts", CaveatKind.NONE_FROM, 0),
    ],
)
def test_wordings_that_are_held(text, kind, number):
    assert from_text("NL", text) == Caveat("NL", kind, number=number)


@pytest.mark.parametrize(
    "text",
    [
        "no forensics on personal data",
        "remote only until March",
        "not remote only",
        "at most two experts",
        "at most 2 experts on site",
        "no experts as no expert as",
        "no expert as juggler",
        "",
    ],
)
def test_what_is_only_half_understood_is_left_to_people(text):
    assert from_text("NL", text) is None


@given(st.text())
def test_any_text_is_read_without_harm(text):
    found = from_text("NL", text)
    assert found is None or from_text("NL", to_text(found)) == found
