"""Incident types."""

import json
from pathlib import Path

import pytest

from tocsin.packs.rsit import RSIT_VERSION, incident_types


def test_a_type_has_the_name_and_class_of_the_taxonomy():
    found = incident_types()["availability/ddos"]
    assert (found.group, found.name) == ("Availability", "Distributed Denial of Service")


def test_types_of_a_class_stand_together():
    groups = [item.group for item in incident_types().values()]
    starts = [group for before, group in zip([None, *groups], groups, strict=False) if before != group]
    assert len(starts) == len(set(groups)) == 11


@pytest.mark.real
def test_all_types_are_there_and_spelt_as_in_the_taxonomy(real_data: Path):
    known = json.loads((real_data / "knowledge" / "raw" / "rsit" / "machinev1.json").read_text(encoding="utf-8"))
    assert known["version"] == RSIT_VERSION
    groups = {group["value"]: group["expanded"] for group in known["predicates"]}
    expected = {
        f"{values['predicate']}/{entry['value']}": (groups[values["predicate"]], entry["expanded"])
        for values in known["values"]
        for entry in values["entry"]
    }
    assert {key: (item.group, item.name) for key, item in incident_types().items()} == expected
