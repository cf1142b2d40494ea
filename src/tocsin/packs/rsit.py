"""Classes and types of incidents, in the names of the Reference Security Incident Taxonomy.

Source: https://github.com/enisaeu/Reference-Security-Incident-Taxonomy-Task-Force, version 1003 (CC0).
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

RSIT_VERSION = 1003


@dataclass(frozen=True, slots=True)
class IncidentType:
    """A type and the class it belongs to. ``id``: both as RSIT's machine tags spell them, ``availability/ddos``."""

    id: str
    group: str
    name: str


@cache
def incident_types() -> dict[str, IncidentType]:
    """Every type by its id, in RSIT's order: types of one class stand together."""
    text = resources.files(__package__).joinpath("data/rsit.csv").read_text(encoding="utf-8")
    return {row["id"]: IncidentType(row["id"], row["class"], row["type"]) for row in csv.DictReader(text.splitlines())}
