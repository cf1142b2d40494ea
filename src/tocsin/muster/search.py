"""The search for the cheapest team, by CP-SAT: one tier of the cost after another, each held while the next is improved."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import TYPE_CHECKING

from tocsin.muster.cost import Team, changeable, cost_of, meets, total, weights_of
from tocsin.muster.fit import lacks_for_seat
from tocsin.muster.model import Cost, Expert, Need, Seat
from tocsin.muster.rules import Rule, SharedProfiles, barred, kept_seat

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

TIERS = tuple(field.name for field in fields(Cost))


@dataclass(frozen=True, slots=True)
class Found:
    """``team`` None: there is none (``proven``), or time ran out. ``unproven``: tiers in which it may be improved."""

    team: Team | None
    proven: bool
    bound: int = 0
    unproven: tuple[str, ...] = ()


Term = tuple["cp_model.IntVar", int]


@dataclass(frozen=True, slots=True)
class _Model:
    model: "cp_model.CpModel"
    places: Mapping[tuple[str, Seat | None], "cp_model.IntVar"]
    tiers: Mapping[str, tuple[list[Term], int]]  # what each tier adds up: terms, and a constant


def search(
    pool: Sequence[Expert], need: Need, rules: Sequence[Rule | SharedProfiles], deadline: float, clock: Callable[[], float]
) -> Found:
    """Find the cheapest team of the pool (in order of ids) under the rules before the clock shows ``deadline`` (seconds)."""
    out = barred(rules)
    candidates = [expert for expert in pool if expert.id not in out]
    built = _build(pool, candidates, need, rules)
    weights = weights_of(pool, need)
    team: Team | None = None
    proven = Cost()
    for index, tier in enumerate(TIERS):
        terms, constant = built.tiers[tier]
        if team is not None and not terms:
            proven = replace(proven, **{tier: constant})
            continue
        better, bound = _improve(built, tier, team, max(deadline - clock(), 0.01))
        # Out of time, the solver may be left with a team that is worse than the one it was given.
        team = min(
            (each for each in (better, team) if each is not None),
            key=lambda each: astuple(cost_of(each, pool, need)),
            default=None,
        )
        if team is None:
            return Found(None, proven=bound is None)
        value = getattr(cost_of(team, pool, need), tier)
        if bound != value:
            assert bound is not None  # the team keeps the rules, so they are not in conflict
            return Found(team, False, total(replace(proven, **{tier: bound}), weights), TIERS[index:])
        proven = replace(proven, **{tier: value})
        built.model.add(_sum(terms) + constant <= value)
    assert team is not None  # the first tier found one
    return Found(team, True, total(proven, weights))


def _improve(built: _Model, tier: str, hint: Team | None, limit_s: float) -> tuple[Team | None, int | None]:
    """One search: a team, if one was found in time, and the least the tier can cost. A bound of None: no team is allowed."""
    from ortools.sat.python import cp_model

    terms, constant = built.tiers[tier]
    built.model.minimize(_sum(terms) + constant)
    built.model.clear_hints()  # type: ignore[no-untyped-call]
    if hint is not None:
        for (person, seat), variable in built.places.items():
            built.model.add_hint(variable, person in hint and hint[person] == seat)
    solver = cp_model.CpSolver()
    # One worker and a fixed seed: the same input gives the same search, and so the same team.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    # Measured on 500 experts: with the whole linear relaxation each tier is proven in a tenth of a second, and some take
    # over 10 s without; looking for symmetries and implied values first costs more than the search.
    solver.parameters.linearization_level = 2
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.max_time_in_seconds = limit_s
    status = solver.solve(built.model)
    assert status != cp_model.MODEL_INVALID, built.model.validate()
    if status == cp_model.INFEASIBLE:
        return None, None
    if status == cp_model.UNKNOWN:
        return None, 0
    team = {person: seat for (person, seat), variable in built.places.items() if solver.boolean_value(variable)}
    return team, max(math.ceil(solver.best_objective_bound - 1e-6), 0)


def _build(pool: Sequence[Expert], candidates: Sequence[Expert], need: Need, rules: Sequence[Rule | SharedProfiles]) -> _Model:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    places: dict[tuple[str, Seat | None], cp_model.IntVar] = {}
    members: dict[str, cp_model.LinearExpr] = {}
    for expert in candidates:
        mine = [seat for seat in need.seats if not lacks_for_seat(expert, seat, need)]
        kept, seat = kept_seat(expert.id, need)
        for choice in [seat] if kept else [*mine, None]:
            places[expert.id, choice] = model.new_bool_var("")
        own = [places[key] for key in ((expert.id, s) for s in (*need.seats, None)) if key in places]
        if len(own) > 1:
            model.add_at_most_one(own)
        members[expert.id] = _sum([(place, 1) for place in own])
    for rule in rules:
        _add_rule(model, rule, members)
    return _Model(model, places, _tiers(model, pool, candidates, need, places, members))


def _add_rule(model: "cp_model.CpModel", rule: Rule | SharedProfiles, members: Mapping[str, "cp_model.LinearExpr"]) -> None:
    if isinstance(rule, SharedProfiles):
        shared = []
        for sides in rule.pairs:
            both = model.new_bool_var("")
            for side in sides:
                model.add(_count(side, members) >= both)
            shared.append(both)
        model.add(_sum([(both, 1) for both in shared]) >= rule.low)
        return
    count = _count(rule.ids, members)
    if rule.low:
        model.add(count >= rule.low)
    if rule.high is not None:
        model.add(count <= rule.high)


def _tiers(
    model: "cp_model.CpModel",
    pool: Sequence[Expert],
    candidates: Sequence[Expert],
    need: Need,
    places: Mapping[tuple[str, Seat | None], "cp_model.IntVar"],
    members: Mapping[str, "cp_model.LinearExpr"],
) -> dict[str, tuple[list[Term], int]]:
    by_id = {expert.id: expert for expert in candidates}
    order = {expert.id: index for index, expert in enumerate(pool)}
    seats, wishes, pairs = [], [], []
    for seat in need.seats:
        short = model.new_int_var(0, seat.number, "")
        filled = [(variable, 1) for (_, choice), variable in places.items() if choice == seat]
        model.add(_sum([*filled, (short, 1)]) == seat.number)
        seats.append((short, 1))
    for wish in need.wishes:
        short = model.new_int_var(0, wish.people, "")
        model.add(_count(frozenset(e.id for e in candidates if meets(e, wish)), members) + short >= wish.people)
        wishes.append((short, 1))
    by_state = defaultdict(set)
    for expert in candidates:
        by_state[expert.state].add(expert.id)
    for ids in by_state.values():
        # The k-th person of a state makes k - 1 pairs with those before: dearer one by one, so they fill up in order.
        more = [(model.new_bool_var(""), before) for before in range(1, min(len(ids), need.size_max))]
        model.add(_count(frozenset(ids), members) <= 1 + _sum([(variable, 1) for variable, _ in more]))
        pairs += more
    changes, constant = _changes(pool, need, places)
    return {
        "open_seats": (seats, 0),
        "open_wishes": (wishes, 0),
        "changes": (changes, constant),
        "surplus_levels": ([(v, by_id[p].profiles[s.profile] - s.level_min) for (p, s), v in places.items() if s], 0),
        "same_state_pairs": (pairs, 0),
        "people": ([(variable, 1) for variable in places.values()], 0),
        "recent_missions": ([(v, by_id[p].recent_missions) for (p, _), v in places.items()], 0),
        "id_order": ([(v, order[p]) for (p, _), v in places.items()], 0),
    }


def _changes(
    pool: Sequence[Expert], need: Need, places: Mapping[tuple[str, Seat | None], "cp_model.IntVar"]
) -> tuple[list[Term], int]:
    """2 for each who might leave, less 1 for being in the team, less 1 more for being in the same place."""
    people = frozenset(changeable(pool, need))
    saved = [(v, -2 if need.current[p] == seat else -1) for (p, seat), v in places.items() if p in people]
    return saved, 2 * len(people)


def _sum(terms: Sequence[tuple["cp_model.LinearExpr", int]]) -> "cp_model.LinearExpr":
    from ortools.sat.python import cp_model

    return cp_model.LinearExpr.weighted_sum([term for term, _ in terms], [weight for _, weight in terms])


def _count(ids: frozenset[str], members: Mapping[str, "cp_model.LinearExpr"]) -> "cp_model.LinearExpr":
    return _sum([(members[person], 1) for person in sorted(ids) if person in members])
