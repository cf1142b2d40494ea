"""Technique ids taken apart for the exchange formats."""

import re
from collections.abc import Iterable

from tocsin.model import Assessment
from tocsin.packs.techniques import technique_names

# The release whose names packs/data/techniques.csv spells. https://attack.mitre.org/resources/versions/
ATTACK_VERSION = "18.1"
_ATTACK = re.compile(r"attack:(T(\d{4})(?:\.(\d{3}))?)", re.ASCII)
_ICS = re.compile(r"T0[89]\d{2}", re.ASCII)  # ATT&CK for ICS numbers T0800 on


def attack_id(technique: str) -> str:
    """``T1498.001`` of ``attack:T1498.001``; "" for another framework or no technique id."""
    found = _ATTACK.fullmatch(technique)
    return found[1] if found else ""


def domain(attack: str) -> str:
    """The ATT&CK domain of an id: ``ics-attack`` or ``enterprise-attack``."""
    return "ics-attack" if _ICS.match(attack) else "enterprise-attack"


def url(attack: str) -> str:
    """Where ATT&CK describes it."""
    return f"https://attack.mitre.org/techniques/{attack.replace('.', '/')}/"


def technique_name(technique: str) -> str:
    """Its name, or the id where we have none."""
    return technique_names().get(technique, technique)


def attack_version(assessment: Assessment) -> str:
    """The ATT&CK release the assessment worked with: that of its pack, else the one our names are spelt by."""
    return assessment.versions.get("attack") or ATTACK_VERSION


def attack_ids(techniques: Iterable[str]) -> list[str]:
    """The ATT&CK ids among techniques, in order."""
    return [found for technique in techniques if (found := attack_id(technique))]
