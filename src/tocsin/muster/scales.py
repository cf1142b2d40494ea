"""Scales on which an expert is placed: languages, clearance, sector."""

from enum import IntEnum, StrEnum


class Cefr(IntEnum):
    """How well a language is spoken. Source: Council of Europe, Common European Framework of Reference for Languages."""

    A1 = 1
    A2 = 2
    B1 = 3
    B2 = 4
    C1 = 5
    C2 = 6


class Clearance(IntEnum):
    """Personnel security clearance for EU classified information. Source: Council Decision 2013/488/EU, Article 2."""

    NONE = 0
    RESTRICTED = 1
    CONFIDENTIAL = 2
    SECRET = 3
    TOP_SECRET = 4

    @property
    def label(self) -> str:
        """The marking in full: ``SECRET UE/EU SECRET``."""
        return _MARKINGS[self]


_MARKINGS = {
    Clearance.NONE: "no clearance",
    Clearance.RESTRICTED: "RESTREINT UE/EU RESTRICTED",
    Clearance.CONFIDENTIAL: "CONFIDENTIEL UE/EU CONFIDENTIAL",
    Clearance.SECRET: "SECRET UE/EU SECRET",
    Clearance.TOP_SECRET: "TRÈS SECRET UE/EU TOP SECRET",
}


class Sector(StrEnum):
    """Whose service an expert is in."""

    CIVIL = "civil"
    MILITARY = "military"


class CaveatKind(StrEnum):
    """Conditions of a state's vote that a solver can hold; free-text ones bind the mission and are read by people."""

    REMOTE_ONLY = "remote_only"  # nobody from this state on site
    AT_MOST = "at_most"  # at most `number` experts from this state
    NONE_FROM = "none_from"  # no experts from this state
    NOT_AS = "not_as"  # nobody from this state in a seat of `profile`, such as forensics
