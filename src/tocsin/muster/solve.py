"""From experts and a need to a proposal."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from tocsin.muster.conflicts import conflicts_of, remedy_of
from tocsin.muster.cost import cost_of, total, weights_of
from tocsin.muster.model import Expert, Need, Proposal
from tocsin.muster.nearly import nearly
from tocsin.muster.reasons import Case, members, opens
from tocsin.muster.rules import rules_of
from tocsin.muster.search import Found, search

_TIER_WORDS = {
    "open_seats": "filled seats",
    "open_wishes": "languages and clearance",
    "changes": "people kept",
    "surplus_levels": "closeness of level",
    "same_state_pairs": "spread over the states",
    "people": "size",
    "recent_missions": "fairness",
    "id_order": "the order of ids",
}


def solve(experts: Iterable[Expert], need: Need, limit_s: float = 5.0, clock: Callable[[], float] = time.monotonic) -> Proposal:
    """Propose the best team. The same experts (in any order) and need give the same proposal, if it is proven in time.

    Args:
        experts: Everyone who may be asked; ids are unique.
        need: What the chair asks for.
        limit_s: Most seconds from here to the answer, model included (sentences come on top: some 0.1 s for 500 experts).
        clock: Seconds, never going back.

    Raises:
        ValueError: The need or the pool contradicts itself in form: an id twice or unknown, a seat twice, end before
            start, a negative number. The message is fit for the screen. A need no team can meet is not an error.
    """
    deadline = clock() + limit_s
    pool = sorted(experts, key=lambda expert: expert.id)
    check(pool, need)
    rules = rules_of(pool, need)
    found = search(pool, need, rules, deadline, clock)
    if found.team is None:
        if not found.proven:
            return Proposal("unknown", proof=f"No team was found within {limit_s:g} s; none was ruled out. Allow more time.")
        # Named in seconds at most, and worth that even where the limit was short.
        conflicts = conflicts_of(pool, rules, max(deadline, clock() + 2), clock)
        remedy = remedy_of(pool, rules, max(deadline, clock() + 2), clock)
        proof = "Proven: no team can meet these conditions together."
        return Proposal("infeasible", proof=proof, conflicts=conflicts, remedy=remedy)
    case = Case(pool, need, rules, found.team)
    cost, weights = cost_of(found.team, pool, need), weights_of(pool, need)
    objective = total(cost, weights)
    return Proposal(
        status="optimal" if found.proven else "feasible",
        team=members(case),
        open=opens(case),
        nearly=nearly(case, found.proven),
        cost=cost,
        weights=weights,
        objective=objective,
        bound=found.bound,
        gap=(objective - found.bound) / max(objective, 1),
        proof=_proof(found, limit_s),
    )


def _proof(found: Found, limit_s: float) -> str:
    if found.proven:
        return "Proven: no other team is better."
    better = ", ".join(_TIER_WORDS[tier] for tier in found.unproven)
    return f"Not proven within {limit_s:g} s: a team may exist that is better in {better}."


def check(pool: Sequence[Expert], need: Need) -> None:
    """Refuse what contradicts itself in form; see ``solve``."""
    ids = Counter(expert.id for expert in pool)
    for what, seen in (
        ("experts", ids),
        ("need.seats", Counter(need.seats)),
        ("need.languages", Counter(need.languages)),
        ("need.cleared", Counter(need.cleared)),
    ):
        twice = next((thing for thing, count in seen.items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"{what}: {twice} stands twice; give it once (a seat or wish with the number added up)")
    for what, named in (("need.pinned", need.pinned), ("need.accepted", need.accepted)):
        unknown = next((person for person in named if person not in ids), None)
        if unknown is not None:
            raise ValueError(f"{what}: {unknown!r} is not among the experts; take it off or add the expert")
    if need.end < need.start:
        raise ValueError(f"need.end: {need.end} is before the start, {need.start}; put the later day there")
    for seat in need.seats:
        if seat.number < 1 or seat.level_min not in range(1, 6):
            raise ValueError(f"need.seats: expected a number of 1 or more and a level of 1 to 5, found {seat}")
    if any(wish.people < 0 for wish in need.wishes):
        raise ValueError("need.languages, need.cleared: expected numbers of people of 0 or more")
