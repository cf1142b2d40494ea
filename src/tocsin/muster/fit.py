"""What a person lacks for a team, and for a seat: the one place that decides who can come."""

from dataclasses import dataclass
from datetime import date, timedelta

from tocsin.muster.model import Days, Expert, Need, Seat
from tocsin.muster.scales import CaveatKind
from tocsin.muster.words import days_in_words, state_name

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lack:
    """``kind``: which condition is not met; ``text`` ends a sentence that begins "would fit if"."""

    kind: str
    text: str


def away(expert: Expert, start: date, end: date) -> tuple[Days, ...]:
    """The spans within start to end, all days included, in which the expert is not free or on another mission."""
    spans, day = [], start
    for first, last in sorted(expert.free):
        if first > end:
            break
        if first > day:
            spans.append((day, first - DAY))
        day = max(day, last + DAY)
    if day <= end:
        spans.append((day, end))
    spans += [(max(first, start), min(last, end)) for first, last in expert.busy if first <= end and last >= start]
    return _joined(spans)


def _joined(spans: list[Days]) -> tuple[Days, ...]:
    joined: list[Days] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + DAY:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def speaks(expert: Expert, language: str, level_min: int) -> bool:
    """Whether the expert speaks the language at the level or above."""
    return expert.languages.get(language, 0) >= level_min


def holds(expert: Expert, seat: Seat) -> bool:
    """Whether the expert holds the seat's profile at its level or above."""
    return expert.profiles.get(seat.profile, 0) >= seat.level_min


def lacks_for_team(expert: Expert, need: Need) -> tuple[Lack, ...]:
    """What keeps the expert from being in the team in any place; empty when nothing does."""
    lacks = []
    if expert.id in need.excluded:
        lacks.append(Lack("excluded", "not excluded by the chair"))
    if expert.id in need.declined:
        lacks.append(Lack("declined", "they had not declined"))
    if any(caveat.state == expert.state and caveat.kind is CaveatKind.NONE_FROM for caveat in need.caveats):
        lacks.append(Lack("none_from", f"the vote of {state_name(expert.state)} let its experts go"))
    spans = away(expert, need.start, need.end)
    if spans:
        lacks.append(Lack("away", "free " + ", ".join(days_in_words(*span) for span in spans)))
    if expert.clearance < need.clearance_min:
        lacks.append(Lack("clearance", f"cleared to {need.clearance_min.label} (holds: {expert.clearance.label})"))
    if not (expert.on_site or expert.remote):
        lacks.append(Lack("mode", "willing to work on site or remotely"))
    elif not expert.remote and _remote_only(expert, need):
        lacks.append(Lack("remote_only", f"able to work remotely, as the vote of {state_name(expert.state)} asks"))
    return tuple(lacks)


def lacks_for_seat(expert: Expert, seat: Seat, need: Need) -> tuple[Lack, ...]:
    """What keeps the expert from this seat, beyond what ``lacks_for_team`` says; empty when nothing does."""
    lacks = []
    level = expert.profiles.get(seat.profile, 0)
    if not level:
        lacks.append(Lack("profile", f"{seat.profile.label} at level {seat.level_min} (does not hold it)"))
    elif level < seat.level_min:
        lacks.append(Lack("level", f"at level {seat.level_min} as {seat.profile.label} (holds: {level})"))
    if seat.on_site and not expert.on_site:
        lacks.append(Lack("on_site", "able to work on site"))
    elif seat.on_site and _remote_only(expert, need):
        lacks.append(Lack("remote_only", f"the vote of {state_name(expert.state)} let its experts on site"))
    if seat.on_site is False and not expert.remote:
        lacks.append(Lack("remote", "able to work remotely"))
    if any((c.state, c.kind, c.profile) == (expert.state, CaveatKind.NOT_AS, seat.profile) for c in need.caveats):
        lacks.append(Lack("not_as", f"the vote of {state_name(expert.state)} let its experts be {seat.profile.label}"))
    return tuple(lacks)


def _remote_only(expert: Expert, need: Need) -> bool:
    return any(caveat.state == expert.state and caveat.kind is CaveatKind.REMOTE_ONLY for caveat in need.caveats)
