from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from kit.musters import need
from tocsin.muster import CaveatKind, Cefr, Clearance, Cleared, Need, Spoken


def test_wishes_are_languages_and_clearances():
    speaker, cleared = Spoken("uk", Cefr.B2), Cleared(Clearance.SECRET)
    assert need(languages=(speaker,), cleared=(cleared,)).wishes == (speaker, cleared)


def test_a_need_is_not_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        need().size_min = 3


@pytest.mark.parametrize("name", [*(field.name for field in fields(Need)), *CaveatKind])
def test_everything_a_chair_can_ask_for_is_in_the_documentation(name):
    assert f"`{name}`" in (Path(__file__).parents[3] / "docs" / "muster.md").read_text(encoding="utf-8")
