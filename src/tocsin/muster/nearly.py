"""Who nearly had a seat, and what was lacking or what spoke for another."""

from collections.abc import Iterator
from dataclasses import astuple

from tocsin.muster.cost import cost_of, shortfalls
from tocsin.muster.fit import away
from tocsin.muster.model import Cost, Expert, Near, Need, Seat
from tocsin.muster.reasons import Case, in_sentence, wish_in_words
from tocsin.muster.rules import BARS, Rule, SharedProfiles, title
from tocsin.muster.search import TIERS

# Lacks that only a state's vote could mend, and then for others of that state too, one of whom might be taken instead.
_VOTES = frozenset({"none_from", "remote_only", "not_as"})
# Nearest first: one lack away from an open seat; fits, but another sits there or a condition stands against it; one lack
# away from a seat that is taken. Within each: what the team would cost, or how many days or levels are lacking.
Rank = tuple[int, tuple[int, ...]]


def nearly(case: Case, proven: bool, per_seat_max: int = 3) -> tuple[Near, ...]:
    """The nearest for each seat, at most ``per_seat_max``.

    People in the team, excluded or declined are left out, and those who lack more than one thing or the profile. "Would be in" is
    said only where it is certain: the team is ``proven`` the cheapest, and the seat is open. Otherwise "would fit".
    """
    cost = cost_of(case.team, case.pool, case.need)
    outside = [e for e in case.pool if not {lack.kind for lack in case.team_lacks[e.id]} & {"excluded", "declined"}]
    outside = [expert for expert in outside if expert.id not in case.team and len(case.team_lacks[expert.id]) <= 1]
    found = []
    for seat in case.need.seats:
        ranked = sorted(_ranked(case, outside, seat, cost, proven), key=lambda near: (near[0], near[1].expert_id))
        found += [near for _, near in ranked[:per_seat_max]]
    return tuple(found)


def _ranked(case: Case, outside: list[Expert], seat: Seat, cost: Cost, proven: bool) -> Iterator[tuple[Rank, Near]]:
    sitting = sorted(person for person, place in case.team.items() if place == seat)
    is_open = len(sitting) < seat.number
    for expert in outside:
        lacks = case.lacks(expert, seat)
        if seat.profile not in expert.profiles or len(lacks) > 1:
            continue
        broken = _other_conditions(case, expert, seat) if is_open else []
        against = f", but this stands against it: {in_sentence(broken[0].text)}" if broken else ""
        if lacks:
            rank = 0 if is_open and not broken else 2, (_lacking(expert, seat, case.need),)
            alone = proven and is_open and not broken and lacks[0].kind not in _VOTES
            verb = "would be in" if alone else "would fit"
            yield rank, Near(expert.id, seat, f"{title(expert)} {verb} if {lacks[0].text}{against}.")
        elif is_open:
            reason = against or ", but there was no time to try it"
            yield (1, ()), Near(expert.id, seat, f"{title(expert)} fits{reason}.")
        else:
            after, reason = min(_instead(case, expert, holder, seat, cost) for holder in sitting)
            yield (1, after), Near(expert.id, seat, f"{title(expert)} fits, but {reason}.")


def _other_conditions(case: Case, expert: Expert, seat: Seat) -> list[Rule | SharedProfiles]:
    """What the team would break with the expert in an open seat, beside what the expert lacks."""
    return [rule for rule in case.broken({**case.team, expert.id: seat}) if rule.key[0] not in BARS]


def _lacking(expert: Expert, seat: Seat, need: Need) -> int:
    days = sum((last - first).days + 1 for first, last in away(expert, need.start, need.end))
    return days + max(seat.level_min - expert.profiles[seat.profile], 0)


def _instead(case: Case, expert: Expert, holder: str, seat: Seat, cost: Cost) -> tuple[tuple[int, ...], str]:
    """What the team would cost with the expert in the holder's place, and what speaks for the holder."""
    team = {person: place for person, place in case.team.items() if person != holder} | {expert.id: seat}
    broken, name = case.broken(team), title(case.by_id[holder])
    after = cost_of(team, case.pool, case.need)
    rank = (len(broken), *astuple(after))  # behind everyone who would only cost more
    if broken:
        return rank, f"not in the place of {name}, where this stands against it: {in_sentence(broken[0].text)}"
    tier = next(tier for tier in TIERS if getattr(after, tier) != getattr(cost, tier))
    if getattr(after, tier) < getattr(cost, tier):
        return rank, f"there was no time to try them in the place of {name}"
    if tier == "open_wishes":
        before, short = (shortfalls(each, case.by_id, case.need) for each in (case.team, team))
        lost = [wish_in_words(wish) for wish in case.need.wishes if short.get(wish, 0) > before.get(wish, 0)]
        return rank, f"{name} is needed for: {', '.join(lost)}"
    return rank, _preferred(tier, expert, case.by_id[holder], seat)


def _preferred(tier: str, expert: Expert, holder: Expert, seat: Seat) -> str:
    name = title(holder)
    level, other = holder.profiles[seat.profile], expert.profiles[seat.profile]
    return {
        "changes": f"{name} was proposed before",
        "surplus_levels": f"{name} is closer to the level asked: {level} where {seat.level_min} is asked, not {other}",
        "same_state_pairs": f"{name} spreads the team over the states better",
        "recent_missions": f"{name} was on fewer missions of late: {holder.recent_missions}, not {expert.recent_missions}",
        "id_order": f"{name} is as good, and the order of ids decides",
    }[tier]
