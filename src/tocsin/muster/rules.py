"""The conditions that always hold, as counts of people: the solver, the conflicts and the sentences all read these."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tocsin.muster.ecsf import EcsfProfile
from tocsin.muster.fit import lacks_for_seat, lacks_for_team
from tocsin.muster.model import Expert, Need, Seat
from tocsin.muster.scales import CaveatKind, Sector
from tocsin.muster.words import days_in_words, people, state_name

Key = tuple[str, str]
BARS = frozenset({"away", "clearance_min", "declined", "excluded", "mode", "none_from", "remote_only"})
"""Kinds of rules that say who cannot come, whatever the team: what ``lacks_for_team`` says of a person."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Of the people in ``ids``, at least ``low`` and at most ``high`` (None: no limit) are in the team."""

    key: Key
    text: str
    ids: frozenset[str]
    low: int = 0
    high: int | None = None

    def holds(self, team: Collection[str]) -> bool:
        """Whether a team, given as ids, keeps the rule."""
        count = sum(person in self.ids for person in team)
        return self.low <= count and (self.high is None or count <= self.high)


@dataclass(frozen=True, slots=True)
class SharedProfiles:
    """At least ``low`` of the ``pairs`` (civil ids, military ids: who holds one profile) have a member on both sides."""

    key: Key
    text: str
    pairs: tuple[tuple[frozenset[str], frozenset[str]], ...]
    low: int

    def holds(self, team: Collection[str]) -> bool:
        """Whether a team, given as ids, keeps the rule."""
        members = frozenset(team)
        return sum(bool(civil & members and military & members) for civil, military in self.pairs) >= self.low


def rules_of(pool: Sequence[Expert], need: Need) -> tuple[Rule | SharedProfiles, ...]:
    """All conditions of the need on this pool; the key says where in the need (or on whose calendar) each comes from."""
    everyone = frozenset(expert.id for expert in pool)
    rules: list[Rule | SharedProfiles] = [
        Rule(("size_min", ""), f"A team of at least {people(need.size_min)}", everyone, low=need.size_min),
        Rule(("size_max", ""), f"A team of at most {people(need.size_max)}", everyone, high=need.size_max),
        *_state_rules(pool, need),
        *_sector_rules(pool, need),
        *_named_rules(pool, need),
        *_bars(pool, need),
        *_kept_seats(pool, need),
    ]
    return tuple(rules)


def barred(rules: Sequence[Rule | SharedProfiles]) -> frozenset[str]:
    """Who cannot be in the team at all."""
    return frozenset().union(*(rule.ids for rule in rules if isinstance(rule, Rule) and rule.high == 0))


def title(expert: Expert) -> str:
    """``Anna Tamm (EE)``; the id where there is no name."""
    return f"{expert.name or expert.id} ({expert.state})"


def kept_seat(person: str, need: Need) -> tuple[bool, Seat | None]:
    """Whether someone must keep a place, having accepted it, and which (None: as an additional member)."""
    if person not in need.accepted or person not in need.current:
        return False, None
    seat = need.current[person]
    return seat is None or seat in need.seats, seat


def _state_rules(pool: Sequence[Expert], need: Need) -> list[Rule]:
    by_state: Mapping[str, set[str]] = defaultdict(set)
    for expert in pool:
        by_state[expert.state].add(expert.id)
    rules = []
    for state in sorted({*by_state, *need.state_min, *need.state_max}):
        ids, name = frozenset(by_state.get(state, ())), state_name(state)
        low = need.state_min.get(state, need.state_min_default)
        high = need.state_max.get(state, need.state_max_default)
        if low:
            rules.append(Rule(("state_min", state), f"At least {low} from {name}", ids, low=low))
        if high is not None:
            rules.append(Rule(("state_max", state), f"At most {high} from {name}", ids, high=high))
    for caveat in need.caveats:
        if caveat.kind is CaveatKind.AT_MOST:
            text = f"The vote of {state_name(caveat.state)}: at most {caveat.number} of its experts"
            rules.append(Rule(("at_most", caveat.state), text, frozenset(by_state.get(caveat.state, ())), high=caveat.number))
    return rules


def _sector_rules(pool: Sequence[Expert], need: Need) -> list[Rule | SharedProfiles]:
    sides = {sector: frozenset(e.id for e in pool if e.sector is sector) for sector in Sector}
    rules: list[Rule | SharedProfiles] = []
    for sector, low in ((Sector.CIVIL, need.civil_min), (Sector.MILITARY, need.military_min)):
        if low:
            rules.append(Rule((f"{sector}_min", ""), f"At least {low} {sector}", sides[sector], low=low))
    if need.shared_profiles_min:
        lowest: dict[EcsfProfile, int] = {}
        for seat in need.seats:
            lowest[seat.profile] = min(seat.level_min, lowest.get(seat.profile, seat.level_min))
        able = [frozenset(e.id for e in pool if e.profiles.get(p, 0) >= level) for p, level in lowest.items()]
        pairs = tuple((ids & sides[Sector.CIVIL], ids & sides[Sector.MILITARY]) for ids in able)
        text = f"Continuity: at least {need.shared_profiles_min} of the seats' profiles with both a civil and a military member"
        rules.append(SharedProfiles(("shared_profiles_min", ""), text, pairs, need.shared_profiles_min))
    return rules


def _named_rules(pool: Sequence[Expert], need: Need) -> list[Rule]:
    rules = []
    for expert in pool:
        if expert.id in need.accepted:
            rules.append(Rule(("accepted", expert.id), f"{title(expert)} has accepted", frozenset({expert.id}), low=1))
        if expert.id in need.pinned:
            rules.append(Rule(("pinned", expert.id), f"{title(expert)} is pinned by the chair", frozenset({expert.id}), low=1))
    return rules


def _bars(pool: Sequence[Expert], need: Need) -> list[Rule]:
    """Who cannot come, by reason. Someone named by the chair gets a calendar rule alone, so that a conflict names them."""
    groups: Mapping[Key, set[str]] = defaultdict(set)
    details: dict[Key, str] = {}
    by_id = {expert.id: expert for expert in pool}
    for expert in pool:
        for lack in lacks_for_team(expert, need):
            key = _bar_key(lack.kind, expert, need)
            details[key] = lack.text
            groups[key].add(expert.id)
    rules = []
    for key, ids in groups.items():
        text = _bar_text(key, details[key], need, by_id, ids)
        rules.append(Rule(key, text, frozenset(ids), high=0))
    return rules


def _bar_key(kind: str, expert: Expert, need: Need) -> Key:
    if kind in ("excluded", "declined"):
        return kind, expert.id
    if kind in ("none_from", "remote_only"):
        return kind, expert.state
    if kind == "clearance":
        return "clearance_min", ""
    return kind, expert.id if expert.id in need.pinned or expert.id in need.accepted else ""


def _bar_text(key: Key, detail: str, need: Need, by_id: Mapping[str, Expert], ids: Collection[str]) -> str:
    kind, of = key
    who = title(by_id[of]) if of in by_id else ""
    share = f"which {len(ids)} of the pool's {len(by_id)} {'is' if len(ids) == 1 else 'are'} not"
    named = [title(by_id[person]) for person in sorted(ids) if person in need.pinned or person in need.accepted]
    among = f" ({'among them ' if len(named) < len(ids) else ''}{', '.join(named)})" if named else ""
    texts = {
        "excluded": f"{who} is excluded by the chair",
        "declined": f"{who} has declined",
        "none_from": f"The vote of {state_name(of)}: none of its experts",
        "remote_only": f"The vote of {state_name(of)}: its experts work remotely only",
        "clearance_min": f"Everyone is cleared to {need.clearance_min.label}, {share}{among}",
        "away": f"{who} is not {detail}" if of else f"Everyone is free {days_in_words(need.start, need.end)}, {share}",
        "mode": f"{who} works neither on site nor remotely" if of else "Everyone works on site or remotely",
    }
    return texts[kind]


def _kept_seats(pool: Sequence[Expert], need: Need) -> list[Rule]:
    """Those who accepted keep their seats: so the seats must fit them and have the places."""
    rules, sitting = [], defaultdict(set)
    for expert in pool:
        kept, seat = kept_seat(expert.id, need)
        if not kept or seat is None:
            continue
        sitting[seat].add(expert.id)
        lacks = lacks_for_seat(expert, seat, need)
        if lacks:
            text = f"{title(expert)}, who has accepted a seat as {seat.profile.label}, would fit it only if {lacks[0].text}"
            rules.append(Rule(("seat", expert.id), text, frozenset({expert.id}), high=0))
    for index, seat in enumerate(need.seats):
        if len(sitting[seat]) > seat.number:
            text = f"The need has {seat.number} of the seats as {seat.profile.label} that {len(sitting[seat])} have accepted"
            rules.append(Rule(("places", str(index)), text, frozenset(sitting[seat]), high=seat.number))
    return rules
