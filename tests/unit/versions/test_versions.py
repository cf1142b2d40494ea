"""Keys against the real programs and univers: a few thousand pairs in every run, 100,000 a scheme in the slow one."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.versions import disagreements, oracles, pairs, version
from tocsin.versions import LENGTH_MAX, SCHEMES, key

each_oracle = pytest.mark.parametrize("oracle", oracles(), ids=lambda oracle: f"{oracle.scheme} by {oracle.name}")


@each_oracle
def test_keys_sort_as_the_ecosystem_does(oracle):
    _agree(oracle, 100 if oracle.slow else 2_000, seed=2)


@pytest.mark.slow
@each_oracle
def test_keys_sort_as_the_ecosystem_does_a_hundred_thousand_times(oracle):
    _agree(oracle, 100_000, seed=1)


def _agree(oracle, count, seed):
    if oracle.missing:
        pytest.skip(f"{oracle.name} is not here: {oracle.missing}")
    both, differ, excused = disagreements(oracle, list(pairs(oracle.scheme, count, random.Random(seed))))
    assert differ == []
    assert both > count * 0.25, "the pairs are to be versions"
    assert excused <= both * 0.08, oracle.wrong


@given(
    scheme=st.sampled_from(sorted(SCHEMES)), text=st.text(max_size=40) | st.from_regex(r"[0-9a-z.~^+_:-]{1,30}", fullmatch=True)
)
def test_any_text_has_a_key_or_none(scheme, text):
    found = key(scheme, text)
    assert found is None or isinstance(found, bytes)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_version_and_a_very_long_one_are_unknown(scheme):
    assert key(scheme, "") is None
    assert key(scheme, " ") is None
    assert key(scheme, "1" * (LENGTH_MAX + 1)) is None
    assert key(scheme, "latest?") is None or scheme in ("rpm", "maven"), "to these two, any text is a version"
    assert key(scheme, "1" * LENGTH_MAX) is not None or scheme == "composer"


@pytest.mark.parametrize("scheme", sorted(set(SCHEMES) - {"generic"}))
def test_no_key_is_another_ones_beginning(scheme):
    chance = random.Random(3)
    keys = sorted(
        {found for _ in range(3_000) if (found := key(scheme, version("pypi" if scheme == "semver" else scheme, chance)))}
    )
    assert not [a for a, b in pairwise(keys) if b.startswith(a)]
