from dataclasses import FrozenInstanceError

import pytest

from kit.musters import need
from tocsin.muster import Cefr, Clearance, Cleared, Spoken


def test_wishes_are_languages_and_clearances():
    speaker, cleared = Spoken("uk", Cefr.B2), Cleared(Clearance.SECRET)
    assert need(languages=(speaker,), cleared=(cleared,)).wishes == (speaker, cleared)


def test_a_need_is_not_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        need().size_min = 3
