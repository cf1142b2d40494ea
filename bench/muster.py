"""The muster's solver on 500 experts, 12 places and 30 conditions and wishes, beside HiGHS on the same instances.

python bench/muster.py                     20 seeds, 500 experts; a table in Markdown
python bench/muster.py --experts 2000      a larger pool
python bench/muster.py --seeds 5 --no-peer

HiGHS (through ``scipy.optimize.milp``) gets the same linear model and the same tiers one after another, each held while the
next is improved, and one thread, as CP-SAT has: so the ratio is of the two solvers, not of two ways to ask. The ratio is of CPU seconds, which
a busy machine does not change; ours include all sentences.
"""

import argparse
import platform
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from kit.musters import large
from tocsin.muster import Expert, Need, solve
from tocsin.muster.cost import meets
from tocsin.muster.fit import lacks_for_seat
from tocsin.muster.rules import SharedProfiles, barred, rules_of


class Rows:
    """A linear model: columns with bounds, rows with bounds, one objective per tier."""

    def __init__(self) -> None:
        self.upper: list[int] = []
        self.tiers: dict[str, dict[int, int]] = defaultdict(dict)
        self.rows: list[tuple[dict[int, int], float, float]] = []

    def column(self, upper: int, **costs: int) -> int:
        self.upper.append(upper)
        for tier, cost in costs.items():
            self.tiers[tier][len(self.upper) - 1] = cost
        return len(self.upper) - 1


def linear(pool: list[Expert], need: Need) -> Rows:
    """The same model as CP-SAT gets, for a need without a team proposed before."""
    model, rules = Rows(), rules_of(pool, need)
    out = barred(rules)
    seats: dict[object, list[int]] = defaultdict(list)
    of: dict[str, list[int]] = defaultdict(list)
    for order, expert in enumerate(pool):
        if expert.id in out:
            continue
        for seat in (*need.seats, None):
            if seat is None or not lacks_for_seat(expert, seat, need):
                surplus = expert.profiles[seat.profile] - seat.level_min if seat else 0
                x = model.column(1, surplus_levels=surplus, people=1, recent_missions=expert.recent_missions, id_order=order)
                seats[seat].append(x)
                of[expert.id].append(x)
        model.rows.append((dict.fromkeys(of[expert.id], 1), 0, 1))

    def count(ids: frozenset[str]) -> dict[int, int]:
        return {x: 1 for person in ids for x in of.get(person, ())}

    for seat in need.seats:
        short = model.column(seat.number, open_seats=1)
        model.rows.append(({**dict.fromkeys(seats[seat], 1), short: 1}, seat.number, seat.number))
    for wish in need.wishes:
        short = model.column(wish.people, open_wishes=1)
        model.rows.append(({**count(frozenset(e.id for e in pool if meets(e, wish))), short: 1}, wish.people, np.inf))
    for state in {e.state for e in pool}:
        more = {model.column(1, same_state_pairs=before): -1 for before in range(1, need.size_max)}
        model.rows.append(({**count(frozenset(e.id for e in pool if e.state == state)), **more}, -np.inf, 1))
    for rule in rules:
        if isinstance(rule, SharedProfiles):
            both = [model.column(1) for _ in rule.pairs]
            model.rows += [
                ({**count(side), y: -1}, 0, np.inf) for y, pair in zip(both, rule.pairs, strict=True) for side in pair
            ]
            model.rows.append((dict.fromkeys(both, 1), rule.low, np.inf))
        else:
            model.rows.append((count(rule.ids), rule.low, np.inf if rule.high is None else rule.high))
    return model


TIERS = ("open_seats", "open_wishes", "surplus_levels", "same_state_pairs", "people", "recent_missions", "id_order")


def highs(pool: list[Expert], need: Need, limit_s: float) -> tuple[list[int], bool]:
    """The tiers' values, and whether all were proven within the limit."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    deadline = time.perf_counter() + limit_s
    model = linear(sorted(pool, key=lambda expert: expert.id), need)
    columns = len(model.upper)
    values: list[int] = []
    for tier in TIERS:
        rows = [row for row, _, _ in model.rows]
        where = ([r for r, row in enumerate(rows) for _ in row], [x for row in rows for x in row])
        matrix = csr_array(([weight for row in rows for weight in row.values()], where), shape=(len(rows), columns))
        cost = np.zeros(columns)
        for x, weight in model.tiers[tier].items():
            cost[x] = weight
        left = max(deadline - time.perf_counter(), 0.01)
        result = milp(
            cost,
            constraints=LinearConstraint(matrix, [low for _, low, _ in model.rows], [high for _, _, high in model.rows]),
            bounds=Bounds(0, model.upper),
            integrality=np.ones(columns),
            options={"time_limit": left, "mip_rel_gap": 0},
        )
        if result.status != 0:
            return values, False
        values.append(round(result.fun))
        model.rows.append((dict(model.tiers[tier]), -np.inf, values[-1]))
    return values, True


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--experts", type=int, default=500)
    parser.add_argument("--limit", type=float, default=5.0, help="seconds for our solver")
    parser.add_argument("--peer-limit", type=float, default=60.0, help="seconds for HiGHS")
    parser.add_argument("--no-peer", action="store_true")
    given = parser.parse_args()
    started = time.perf_counter()
    import ortools.sat.python.cp_model  # noqa: F401  # loaded once per process: counted apart

    print(f"Loading the solver, once per process: {time.perf_counter() - started:.1f} s. {platform.machine()}, one thread.\n")
    print(
        "| seed | status | gap | open places | open wishes | CP-SAT, s | CPU s | HiGHS, CPU s | HiGHS / CP-SAT | same tiers |"
    )
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    times, cpu, ratios = [], [], []
    for seed in range(given.seeds):
        pool, need = large(seed, given.experts)
        start, used = time.perf_counter(), time.process_time()
        proposal = solve(pool, need, limit_s=given.limit)
        times.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
        ours, peer, ratio, same = [getattr(proposal.cost, tier) for tier in TIERS], "", "", ""
        if not given.no_peer:
            used = time.process_time()
            theirs, proven = highs(pool, need, given.peer_limit)
            taken = time.process_time() - used
            peer, same = (
                f"{taken:.2f}" if proven else f"over {taken:.0f}",
                "yes" if theirs == ours else "no" if proven else "not done",
            )
            ratio = f"{taken / cpu[-1]:.1f}"
            ratios.append(taken / cpu[-1])
        cost = proposal.cost
        print(
            f"| {seed} | {proposal.status} | {proposal.gap:.4f} | {cost.open_seats} | {cost.open_wishes} | {times[-1]:.2f} | {cpu[-1]:.2f} | {peer} | {ratio} | {same} |",
            flush=True,
        )
    print(
        f"\nOurs, sentences included: median {median(times):.2f} s, most {max(times):.2f} s; CPU median {median(cpu):.2f} s, most {max(cpu):.2f} s.",
        end=" ",
    )
    print(f"HiGHS / CP-SAT: median {median(ratios):.1f}." if ratios else "")


if __name__ == "__main__":
    main()
