"""Why there is no team, and what would make one possible: conditions that cannot hold together, and the fewest to give up."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from tocsin.muster.model import Conflict, Expert, Remedy
from tocsin.muster.rules import Rule, SharedProfiles

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

AnyRule = Rule | SharedProfiles
Answer = Literal["together", "conflict", "unknown"]
_BOUND_BY_OTHERS = frozenset({"accepted", "declined", "none_from", "remote_only", "at_most"})
_FACTS = frozenset({"away", "mode", "seat"})


def conflicts_of(
    pool: Sequence[Expert], rules: Sequence[AnyRule], deadline: float, clock: Callable[[], float]
) -> tuple[Conflict, ...]:
    """Conflicts without a rule in common, each minimal: without any one of its rules, the others hold together.

    The solver names rules that suffice for a conflict; then each is left out in turn, and left out for good if the others
    still conflict. Where time runs out before ``deadline`` (seconds, by ``clock``), the last set may not be minimal.
    """
    left = list(rules)
    found: list[Conflict] = []
    while True:
        answer, core = _together(pool, left, deadline - clock())
        if answer != "conflict":
            return tuple(found) or (_conflict(left),)
        for rule in tuple(core):
            fewer = [other for other in core if other is not rule]
            if _together(pool, fewer, deadline - clock())[0] == "conflict":
                core = fewer
        found.append(_conflict(core))
        left = [rule for rule in left if rule not in core]


def remedy_of(pool: Sequence[Expert], rules: Sequence[AnyRule], deadline: float, clock: Callable[[], float]) -> Remedy:
    """The fewest conditions to give up, the chair's own first; empty where time runs out before any are found."""
    from ortools.sat.python import cp_model

    model, kept = _model(pool, rules)
    dear = [_dearness(rule, len(rules)) for rule in rules]
    model.maximize(cp_model.LinearExpr.weighted_sum(kept, dear))
    solver = _solver(deadline - clock())
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Remedy()
    given_up = [rule for rule, literal in zip(rules, kept, strict=True) if not solver.boolean_value(literal)]
    return Remedy(tuple(rule.key for rule in given_up), tuple(f"{rule.text}." for rule in given_up))


def _dearness(rule: AnyRule, count: int) -> int:
    """Each kind outweighs all rules of the kinds before it."""
    kind = rule.key[0]
    return (count + 1) ** 2 if kind in _FACTS else count + 1 if kind in _BOUND_BY_OTHERS else 1


def _together(pool: Sequence[Expert], rules: Sequence[AnyRule], limit_s: float) -> tuple[Answer, list[AnyRule]]:
    """Whether any set of people keeps all the rules; if not, rules that suffice for the conflict, in the order given."""
    from ortools.sat.python import cp_model

    model, kept = _model(pool, rules)
    model.add_assumptions(kept)
    solver = _solver(limit_s)
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        named = set(solver.sufficient_assumptions_for_infeasibility())
        core = [rule for rule, literal in zip(rules, kept, strict=True) if literal.index in named]
        return "conflict", core or list(rules)
    return ("unknown" if status == cp_model.UNKNOWN else "together"), []


def _solver(limit_s: float) -> "cp_model.CpSolver":
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    # Assumptions ask for one worker; the fixed seed makes the same need always name the same conflict.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_time_in_seconds = max(limit_s, 0.001)
    return solver


def _model(pool: Sequence[Expert], rules: Sequence[AnyRule]) -> tuple["cp_model.CpModel", list["cp_model.IntVar"]]:
    """Who is in the team, and per rule a literal that is true only if the rule is kept."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    members = {expert.id: model.new_bool_var("") for expert in pool}
    kept = [model.new_bool_var("") for _ in rules]

    def count(ids: frozenset[str]) -> cp_model.LinearExpr:
        return cp_model.LinearExpr.weighted_sum([members[person] for person in sorted(ids)], [1] * len(ids))

    for rule, literal in zip(rules, kept, strict=True):
        if isinstance(rule, SharedProfiles):
            both = [model.new_bool_var("") for _ in rule.pairs]
            for shared, sides in zip(both, rule.pairs, strict=True):
                for side in sides:
                    model.add(count(side) >= shared)
            model.add(cp_model.LinearExpr.weighted_sum(both, [1] * len(both)) >= rule.low).only_enforce_if(literal)
            continue
        model.add(count(rule.ids) >= rule.low).only_enforce_if(literal)
        if rule.high is not None:
            model.add(count(rule.ids) <= rule.high).only_enforce_if(literal)
    return model, kept


def _conflict(rules: Sequence[AnyRule]) -> Conflict:
    return Conflict(tuple(rule.key for rule in rules), tuple(_sentence(rule, rules) for rule in rules))


def _sentence(rule: AnyRule, conflict: Sequence[AnyRule]) -> str:
    """The rule's words; where it asks for more people than there are, how many there are."""
    if isinstance(rule, SharedProfiles) or not rule.low or rule.key[0] in ("pinned", "accepted"):
        return f"{rule.text}."
    barred = frozenset().union(*(other.ids for other in conflict if isinstance(other, Rule) and other.high == 0))
    if rule.ids & barred:
        return f"{rule.text}: {len(rule.ids - barred)} of {len(rule.ids)} can come."
    return f"{rule.text}: the pool has {len(rule.ids)}." if len(rule.ids) < rule.low else f"{rule.text}."
