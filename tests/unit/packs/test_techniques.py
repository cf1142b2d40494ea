"""Technique names."""

import json
import lzma
import re
from pathlib import Path

import pytest

from tocsin.analyzers import analyzers
from tocsin.exporters._attack import ATTACK_VERSION, attack_id
from tocsin.packs.techniques import technique_names


def test_every_id_has_its_framework_and_a_name():
    assert all(re.fullmatch(r"(attack|disarm):T\d{4}(\.\d{3})?", key) and name for key, name in technique_names().items())


def test_every_technique_that_an_analyzer_claims_has_a_name():
    claimed = {technique for analyzer in analyzers().values() for technique in analyzer.techniques}
    assert claimed
    assert claimed <= set(technique_names())


@pytest.mark.real
def test_names_are_those_of_the_catalogue(real_data: Path):
    """Techniques in force, spelt as the release we name spells them."""
    names = {}
    for path in sorted((real_data / "host" / "attack").glob(f"*-attack-{ATTACK_VERSION}-*.json.xz")):
        for held in json.loads(lzma.decompress(path.read_bytes()))["objects"]:
            if held["type"] == "attack-pattern" and not held.get("revoked") and not held.get("x_mitre_deprecated"):
                [number] = [
                    known["external_id"] for known in held["external_references"] if known.get("external_id", "")[:1] == "T"
                ]
                names[number] = held["name"]
    assert {key: names.get(attack_id(key)) for key in technique_names()} == dict(technique_names())
