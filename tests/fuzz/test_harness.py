"""The fuzzer finds each way of breaking that was planted, and none where there is none."""

import random
from pathlib import Path

import pytest

from fuzz import harness
from fuzz.mutate import SIZE_MAX, SWOLLEN_MAX, mutate
from fuzz.samples import samples
from tocsin.readers import identify, readers

SEEDS = [b"a line of a log\n" * 5, b"# a comment\n"]


@pytest.mark.parametrize(
    ("planted", "kind", "signature"),
    [
        ("crash", "crash", "ValueError at kit/hostile_readers.py:"),
        ("hang", "hang", "hang in"),
        ("memory", "memory", "memory"),
        ("greed", "memory", "MemoryError at kit/hostile_readers.py:"),
        ("death", "crash", "died with exit code -11"),
        ("undeclared", "crash", "ContractError"),
    ],
)
def test_what_was_planted_is_found_with_its_input(planted, kind, signature, monkeypatch):
    if planted == "hang":  # the others may take longer than that on a busy machine, and would be taken for one
        monkeypatch.setattr(harness, "HANG_CPU_S", 0.7)
    report = harness.fuzz(f"kit.hostile_readers:{planted}", SEEDS, seconds=0.8, seed=1)
    assert [(failure.kind, failure.signature.startswith(signature)) for failure in report.failures.values()] == [(kind, True)]
    [failure] = report.failures.values()
    assert planted == "undeclared" or b"\0" in failure.data
    assert failure.detail


def test_a_sound_reader_is_found_sound():
    report = harness.fuzz("kit.hostile_readers:sound", SEEDS, seconds=1, seed=1)
    assert report.failures == {}
    assert report.inputs > 100
    assert report.paths > 1


def test_mutations_are_repeatable_bounded_and_different():
    found = [mutate(random.Random(n), SEEDS) for n in range(1000)]
    assert found == [mutate(random.Random(n), SEEDS) for n in range(1000)]
    assert len(set(found)) > 700
    assert SIZE_MAX < max(map(len, found)) <= SWOLLEN_MAX + SIZE_MAX


@pytest.mark.parametrize("reader", readers())
def test_every_reader_has_seeds_of_its_own_format(reader):
    own = [data for data in samples(reader) if (known := identify(data, "evidence")) and known.id == reader]
    assert own or not (Path(__file__).parents[1] / "evidence" / reader).exists()
