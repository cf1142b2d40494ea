"""Technique names."""

import re

from tocsin.packs.techniques import technique_names


def test_every_id_has_its_framework_and_a_name():
    assert all(re.fullmatch(r"(attack|disarm):T\d{4}(\.\d{3})?", key) and name for key, name in technique_names().items())


def test_names_are_those_of_the_catalogue():
    assert technique_names()["attack:T1498.001"] == "Direct Network Flood"
