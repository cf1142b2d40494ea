"""Why each person is in, and what stays open and why: sentences computed from the data, never from the search."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tocsin.muster.cost import Team, meets, shortfalls
from tocsin.muster.fit import Lack, holds, lacks_for_seat, lacks_for_team, speaks
from tocsin.muster.model import Cleared, Expert, Member, Need, Open, Seat, Spoken
from tocsin.muster.rules import Rule, SharedProfiles
from tocsin.muster.scales import Cefr, Clearance
from tocsin.muster.words import days_in_words, language_name, number_word, people

# What those have in common who do not lack it; "the only one of three who …".
_DOES = {
    "away": "is free the whole time",
    "clearance": "is cleared",
    "on_site": "may be on site",
    "remote": "may work remotely",
    "mode": "works on site or remotely",
    "remote_only": "may come by the vote of their state",
    "none_from": "may come by the vote of their state",
    "not_as": "may take it by the vote of their state",
}
_COUNTS = {
    "excluded": "excluded by the chair",
    "declined": "declined",
    "none_from": "held back by their state's vote",
    "away": "not free the whole time",
    "clearance": "not cleared",
    "mode": "working neither on site nor remotely",
    "remote_only": "remote only by their state's vote",
    "on_site": "not on site",
    "remote": "not remote",
    "not_as": "held back by their state's vote",
}


@dataclass(frozen=True)
class Case:
    """A team, and all it was chosen from. ``pool`` in order of ids."""

    pool: Sequence[Expert]
    need: Need
    rules: Sequence[Rule | SharedProfiles]
    team: Team

    @cached_property
    def by_id(self) -> Mapping[str, Expert]:
        """The pool by id."""
        return {expert.id: expert for expert in self.pool}

    @cached_property
    def team_lacks(self) -> Mapping[str, tuple[Lack, ...]]:
        """What keeps each of the pool from the team."""
        return {expert.id: lacks_for_team(expert, self.need) for expert in self.pool}

    def lacks(self, expert: Expert, seat: Seat) -> tuple[Lack, ...]:
        """What keeps the expert from the seat, the team's conditions included."""
        return self.team_lacks[expert.id] + lacks_for_seat(expert, seat, self.need)

    def broken(self, team: Team) -> list[Rule | SharedProfiles]:
        """Rules that another team would break."""
        return [rule for rule in self.rules if not rule.holds(team)]


def in_sentence(text: str) -> str:
    """A rule's words within a sentence; names keep their capitals."""
    return text[:1].lower() + text[1:] if text.startswith(("A team ", "At ", "The ", "Continuity: ", "Everyone ")) else text


def wish_in_words(wish: Seat | Spoken | Cleared) -> str:
    """``Cyber Incident Responder, level 3, on site``; ``Ukrainian B2 for 2 people``."""
    if isinstance(wish, Seat):
        mode = {True: ", on site", False: ", remote", None: ""}[wish.on_site]
        return f"{wish.profile.label}, level {wish.level_min}{mode}"
    what = f"{language_name(wish.language)} {wish.level_min.name}" if isinstance(wish, Spoken) else wish.level_min.label
    return f"{what} for {people(wish.people)}"


def members(case: Case) -> tuple[Member, ...]:
    """Who is in and why: seats in the order of the need, additional members last, ids in order."""
    seats = [*case.need.seats, None]
    team = sorted(case.team.items(), key=lambda place: (seats.index(place[1]), place[0]))
    return tuple(Member(person, seat, _reason(case, case.by_id[person], seat)) for person, seat in team)


def _reason(case: Case, expert: Expert, seat: Seat | None) -> str:
    facts = [
        f"{seat.profile.label}, level {expert.profiles[seat.profile]} (asked: {seat.level_min})"
        if seat
        else "Additional member"
    ]
    facts += _wishes_met(expert, case.need)
    if seat and seat.on_site is not None:
        facts.append("on site" if seat.on_site else "remote")
    facts.append(f"free {days_in_words(case.need.start, case.need.end)}")
    clauses = [", ".join(facts)]
    if expert.id in case.need.accepted:
        clauses.append("has accepted")
    elif expert.id in case.need.current:
        clauses.append(
            "as proposed before" if case.need.current[expert.id] == seat else "in another place than proposed before"
        )
    if expert.id in case.need.pinned:
        clauses.append("pinned by the chair")
    if seat:
        clauses.append(_among(case, expert, seat))
    needed = _needed_for(case, expert)
    if needed:
        clauses.append(f"needed for: {', '.join(needed)}")
    return "; ".join(clauses) + "."


def _wishes_met(expert: Expert, need: Need) -> list[str]:
    """Languages and clearance that were asked for, as this person has them."""
    languages = dict.fromkeys(w.language for w in need.languages if meets(expert, w))
    facts = [f"{language_name(code)} {Cefr(expert.languages[code]).name}" for code in languages]
    asked = [need.clearance_min, *(w.level_min for w in need.cleared if meets(expert, w))]
    return [*facts, expert.clearance.label] if max(asked) > Clearance.NONE else facts


def _among(case: Case, expert: Expert, seat: Seat) -> str:
    """How rare this person is among those who hold the profile at the level."""
    gone = {*case.need.excluded, *case.need.declined}
    able = [e for e in case.pool if holds(e, seat) and e.id not in gone]
    lacks = {e.id: {lack.kind for lack in case.lacks(e, seat)} for e in able}
    fit = [person for person, kinds in lacks.items() if not kinds]
    if len(able) == 1:
        return "the only one in the pool with this profile at this level"
    if fit != [expert.id]:
        return f"one of {number_word(len(fit))} who fit"
    for kind, does in _DOES.items():
        if all(kind in kinds for person, kinds in lacks.items() if person != expert.id):
            return f"the only one of {number_word(len(able))} who {does}"
    return f"the only one of {number_word(len(able))} who meets every condition"


def _needed_for(case: Case, expert: Expert) -> list[str]:
    """What would fail if this person left and nobody came: the team's minimums and the wishes beside seats."""
    rest = {person: seat for person, seat in case.team.items() if person != expert.id}
    own = {("pinned", expert.id), ("accepted", expert.id)}
    texts = [in_sentence(rule.text) for rule in case.broken(rest) if rule.key not in own]
    before, after = (shortfalls(team, case.by_id, case.need) for team in (case.team, rest))
    return texts + [wish_in_words(w) for w in case.need.wishes if after.get(w, 0) > before.get(w, 0)]


def opens(case: Case) -> tuple[Open, ...]:
    """Wishes not fully met, in the order of the need, with what became of everyone who could have met them."""
    short = shortfalls(case.team, case.by_id, case.need)
    return tuple(
        Open(wish, short[wish], _open_reason(case, wish, short[wish]))
        for wish in (*case.need.seats, *case.need.wishes)
        if wish in short
    )


def skilled(pool: Sequence[Expert], wish: Seat | Spoken | Cleared) -> list[Expert]:
    """Who has what the wish asks for, whether or not they can come."""
    if isinstance(wish, Seat):
        return [expert for expert in pool if holds(expert, wish)]
    if isinstance(wish, Spoken):
        return [expert for expert in pool if speaks(expert, wish.language, wish.level_min)]
    return [expert for expert in pool if expert.clearance >= wish.level_min]


def _open_reason(case: Case, wish: Seat | Spoken | Cleared, short: int) -> str:
    asked = wish.number if isinstance(wish, Seat) else wish.people
    able = [expert for expert in skilled(case.pool, wish) if case.team.get(expert.id, "out") != wish]
    if not isinstance(wish, Seat):
        able = [expert for expert in able if expert.id not in case.team]
    where: Counter[str] = Counter(_whereabouts(case, expert, wish) for expert in able)
    what = f"{wish_in_words(wish)}: {short} of {asked} open"
    if not able:
        return f"{what}; nobody {'else ' if short < asked else ''}in the pool has it."
    return (
        f"{what}; who {'else ' if short < asked else ''}has it: "
        + ", ".join(f"{count} {words}" for words, count in sorted(where.items(), key=lambda item: (-item[1], item[0])))
        + "."
    )


def _whereabouts(case: Case, expert: Expert, wish: Seat | Spoken | Cleared) -> str:
    """Why someone with the skill does not meet the wish: the first thing that stands against it."""
    lacks = case.lacks(expert, wish) if isinstance(wish, Seat) else case.team_lacks[expert.id]
    if lacks:
        return _COUNTS[lacks[0].kind]
    if expert.id in case.team:
        return "in another place of the team"
    broken = case.broken({**case.team, expert.id: wish if isinstance(wish, Seat) else None})
    return f"held back ({in_sentence(broken[0].text)})" if broken else "free to come (not yet tried)"
