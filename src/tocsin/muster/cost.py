"""What a team costs, in tiers: the most important first."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple

from tocsin.muster.fit import speaks
from tocsin.muster.model import Cleared, Cost, Expert, Need, Seat, Spoken

Team = Mapping[str, Seat | None]
"""Expert id -> seat, or None for an additional member."""


def meets(expert: Expert, wish: Spoken | Cleared) -> bool:
    """Whether the expert counts for the wish."""
    if isinstance(wish, Spoken):
        return speaks(expert, wish.language, wish.level_min)
    return expert.clearance >= wish.level_min


def shortfalls(team: Team, by_id: Mapping[str, Expert], need: Need) -> dict[Seat | Spoken | Cleared, int]:
    """How many people each wish of the need is short of; wishes that are met are left out."""
    seated = Counter(seat for seat in team.values() if seat is not None)
    short: dict[Seat | Spoken | Cleared, int] = {seat: seat.number - seated[seat] for seat in need.seats}
    for wish in need.wishes:
        short[wish] = wish.people - sum(meets(by_id[person], wish) for person in team)
    return {wish: number for wish, number in short.items() if number > 0}


def cost_of(team: Team, pool: Sequence[Expert], need: Need) -> Cost:
    """The cost of a team. ``pool`` in order of ids."""
    places = {person: _place(person, pool) for person in team}
    by_id = {person: pool[place] for person, place in places.items()}
    short = shortfalls(team, by_id, need)
    states = Counter(expert.state for expert in by_id.values())
    return Cost(
        open_seats=sum(number for wish, number in short.items() if isinstance(wish, Seat)),
        open_wishes=sum(number for wish, number in short.items() if not isinstance(wish, Seat)),
        changes=sum(_change(person, team, need) for person in changeable(pool, need)),
        surplus_levels=sum(by_id[p].profiles[seat.profile] - seat.level_min for p, seat in team.items() if seat is not None),
        same_state_pairs=sum(number * (number - 1) // 2 for number in states.values()),
        people=len(team),
        recent_missions=sum(expert.recent_missions for expert in by_id.values()),
        id_order=sum(places.values()),
    )


def _place(person: str, pool: Sequence[Expert]) -> int:
    return bisect_left(pool, person, key=lambda expert: expert.id)


def changeable(pool: Sequence[Expert], need: Need) -> list[str]:
    """Members of the team proposed before, still in the pool, whose leaving or moving would be our doing."""
    gone = {*need.declined, *need.excluded}
    before = [person for person in sorted(need.current) if person not in gone]
    return [p for p in before if (place := _place(p, pool)) < len(pool) and pool[place].id == p]


def _change(person: str, team: Team, need: Need) -> int:
    if person not in team:
        return 2
    return int(team[person] != need.current[person])


def weights_of(pool: Sequence[Expert], need: Need) -> Cost:
    """Weights that make the weighted sum order teams exactly as their tuples do: each tier outweighs all below it."""
    size = min(need.size_max, len(pool))
    most = Cost(
        open_seats=sum(seat.number for seat in need.seats),
        open_wishes=sum(wish.people for wish in need.wishes),
        changes=2 * len(need.current),
        surplus_levels=4 * size,
        same_state_pairs=size * (size - 1) // 2,
        people=size,
        recent_missions=sum(sorted((expert.recent_missions for expert in pool), reverse=True)[:size]),
        id_order=sum(range(max(len(pool) - size, 0), len(pool))),
    )
    weights, weight = [], 1
    for tier in reversed(astuple(most)):
        weights.append(weight)
        weight *= tier + 1
    return Cost(*reversed(weights))


def total(cost: Cost, weights: Cost) -> int:
    """The weighted sum."""
    return sum(value * weight for value, weight in zip(astuple(cost), astuple(weights), strict=True))
