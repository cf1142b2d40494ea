"""Caveats of votes: those that the muster can hold have a fixed wording, all others are read by people.

A vote is signed over texts, so a structured caveat is one of these texts and nothing beside it.
"""

import re

from tocsin.muster import Caveat, CaveatKind, EcsfProfile

_AT_MOST = re.compile(r"at most (\d{1,3}) experts?")
_NOT_AS = re.compile(r"no expert as (.+)")


def to_text(caveat: Caveat) -> str:
    """``remote only``, ``at most 2 experts``, ``no experts``, ``no expert as Digital Forensics Investigator``."""
    if caveat.kind is CaveatKind.AT_MOST:
        return f"at most {caveat.number} {'expert' if caveat.number == 1 else 'experts'}"
    if caveat.kind is CaveatKind.NOT_AS:
        assert caveat.profile is not None, "a caveat of this kind is of a profile"
        return f"no expert as {caveat.profile.label}"
    return {CaveatKind.REMOTE_ONLY: "remote only", CaveatKind.NONE_FROM: "no experts"}[caveat.kind]


def from_text(state: str, text: str) -> Caveat | None:
    """What a state's caveat means to the muster; None where it is for people to read.

    Case, spaces and a full stop at the end do not matter; anything else does: a caveat half understood would bind wrongly.

    Args:
        state: ISO 3166-1 alpha-2, whose vote it is.
        text: As in the vote.
    """
    said = " ".join(text.split()).rstrip(".").casefold()
    if said == "remote only":
        return Caveat(state, CaveatKind.REMOTE_ONLY)
    if said in ("no experts", "at most 0 experts"):
        return Caveat(state, CaveatKind.NONE_FROM)
    if found := _AT_MOST.fullmatch(said):
        return Caveat(state, CaveatKind.AT_MOST, number=int(found[1]))
    if found := _NOT_AS.fullmatch(said):
        profile = next((p for p in EcsfProfile if p.label.casefold() == found[1]), None)
        return Caveat(state, CaveatKind.NOT_AS, profile=profile) if profile else None
    return None
