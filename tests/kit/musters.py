"""Random pools and needs, and brute force: every possible team, judged by rules written a second time."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from tocsin.muster import (
    Caveat,
    CaveatKind,
    Cefr,
    Clearance,
    Cleared,
    EcsfProfile,
    Expert,
    Need,
    Proposal,
    Seat,
    Sector,
    Spoken,
    solve,
)

START, END = date(2022, 2, 22), date(2022, 3, 8)
WHOLE = ((date(2022, 1, 1), date(2022, 12, 31)),)
STATES = ("EE", "HR", "LT", "NL", "PL", "RO")
PROFILES = tuple(EcsfProfile)


def expert(id: str = "a", state: str = "EE", **fields) -> Expert:
    """Someone who is free all year, may work anywhere and holds nothing, unless ``fields`` say otherwise."""
    return Expert(**{"id": id, "state": state, "free": WHOLE, **fields})


def need(**fields) -> Need:
    """A need of 22 Feb to 8 Mar 2022 without conditions, unless ``fields`` say otherwise."""
    return Need(**{"start": START, "end": END, "size_min": 0, **fields})


def random_expert(rng: random.Random, id: str, profiles: int = 12, states: int = 6, free_ratio: float = 0.85) -> Expert:
    """An expert with one to three of the first ``profiles`` profiles, from one of the first ``states`` states."""
    held = rng.sample(PROFILES[:profiles], rng.randint(1, min(3, profiles)))
    languages = {"en": Cefr(rng.randint(3, 6))}
    for language, ratio in (("uk", 0.15), ("ro", 0.15), ("fr", 0.2)):
        if rng.random() < ratio:
            languages[language] = Cefr(rng.randint(1, 6))
    free = WHOLE if rng.random() < free_ratio else ((START - timedelta(30), START + timedelta(rng.randint(0, 10))),)
    return Expert(
        id=id,
        name=f"Expert {id}",
        state=rng.choice(STATES[:states]),
        profiles={profile: rng.randint(1, 5) for profile in held},
        languages=languages,
        clearance=Clearance(rng.choice((0, 1, 1, 2, 3))),
        sector=rng.choice((Sector.CIVIL, Sector.CIVIL, Sector.MILITARY)),
        on_site=rng.random() < 0.8,
        remote=rng.random() < 0.8,
        free=free,
        busy=((START - timedelta(10), START + timedelta(2)),) if rng.random() < 0.08 else (),
        recent_missions=rng.choice((0, 0, 0, 1, 2, 3)),
    )


def small(seed: int) -> tuple[list[Expert], Need]:
    """Up to eight experts and three places, with conditions that often bind and sometimes conflict."""
    rng = random.Random(seed)
    pool = [random_expert(rng, f"x{i}", profiles=3, states=3) for i in range(rng.randint(4, 8))]
    ids = [e.id for e in pool]
    seats = {
        Seat(rng.choice(PROFILES[:3]), rng.randint(1, 2), rng.randint(1, 4), rng.choice((True, False, None, None)))
        for _ in range(2)
    }
    seats = tuple(sorted(seats, key=repr))
    caveats = (Caveat(rng.choice(STATES[:3]), CaveatKind.REMOTE_ONLY),) if rng.random() < 0.2 else ()
    if rng.random() < 0.2:
        caveats += (Caveat(rng.choice(STATES[:3]), CaveatKind.AT_MOST, number=1),)
    if rng.random() < 0.1:
        caveats += (Caveat(rng.choice(STATES[:3]), CaveatKind.NONE_FROM),)
    if rng.random() < 0.1:
        caveats += (Caveat(rng.choice(STATES[:3]), CaveatKind.NOT_AS, profile=PROFILES[0]),)
    current = {person: rng.choice((*seats, None)) for person in rng.sample(ids, 2)} if rng.random() < 0.4 else {}
    return pool, need(
        seats=seats,
        languages=(Spoken("uk", Cefr.B1), Spoken("en", Cefr.C1, 2))[: rng.randint(0, 2)],
        cleared=(Cleared(Clearance.CONFIDENTIAL, 2),) if rng.random() < 0.3 else (),
        clearance_min=Clearance(rng.choice((0, 0, 1))),
        size_min=rng.randint(0, 4),
        size_max=rng.randint(2, 5),
        state_min={"EE": 1} if rng.random() < 0.2 else {},
        state_max_default=rng.choice((None, None, 1, 2)),
        civil_min=rng.choice((0, 0, 1)),
        military_min=rng.choice((0, 0, 1)),
        shared_profiles_min=rng.choice((0, 0, 0, 1)),
        caveats=caveats,
        pinned=tuple(rng.sample(ids, 1)) if rng.random() < 0.2 else (),
        excluded=tuple(rng.sample(ids, 1)) if rng.random() < 0.2 else (),
        current=current,
        accepted=tuple(list(current)[:1]) if rng.random() < 0.4 else (),
    )


def middling(seed: int) -> tuple[list[Expert], Need]:
    """Thirty experts and eight places: too many for brute force, solved in a blink, with a few conditions."""
    rng = random.Random(seed)
    pool = [random_expert(rng, f"x{i:02}", profiles=6) for i in range(30)]
    seats = tuple(Seat(profile, 2, rng.randint(1, 3)) for profile in rng.sample(PROFILES[:6], 4))
    return pool, need(
        seats=seats,
        languages=(Spoken("uk", Cefr.B1, 2),),
        size_min=rng.randint(0, 9),
        size_max=rng.randint(6, 12),
        state_max_default=rng.randint(2, 4),
        civil_min=rng.randint(0, 3),
        military_min=rng.randint(0, 3),
        shared_profiles_min=rng.randint(0, 2),
    )


def large(seed: int, experts: int = 500) -> tuple[list[Expert], Need]:
    """A pool of ``experts`` and a need of 12 places in 8 kinds of seats under 30 conditions and wishes."""
    rng = random.Random(seed)
    pool = [random_expert(rng, f"x{i:04}") for i in range(experts)]
    able = [
        e for e in pool if e.free == WHOLE and not e.busy and e.clearance >= Clearance.RESTRICTED and (e.on_site or e.remote)
    ]
    kinds = rng.sample(PROFILES, 8)
    numbers = (2, 2, 2, 2, 1, 1, 1, 1)
    seats = tuple(
        Seat(p, n, rng.randint(2, 4), rng.choice((True, True, None, False))) for p, n in zip(kinds, numbers, strict=True)
    )
    low, *capped, _ = rng.sample(STATES, 6)
    return pool, need(
        seats=seats,  # 8
        languages=(Spoken("uk", Cefr.B2, 3), Spoken("ro", Cefr.B1, 2), Spoken("en", Cefr.C1, 6), Spoken("fr", Cefr.B2, 2)),  # 4
        cleared=(Cleared(Clearance.SECRET, 3), Cleared(Clearance.CONFIDENTIAL, 6)),  # 2
        clearance_min=Clearance.RESTRICTED,  # 1
        size_min=8,  # 1
        size_max=12,  # 1
        state_min={low: 2},  # 1
        state_max=dict(zip(capped, (2, 3, 3, 2), strict=True)),  # 4
        civil_min=4,  # 1
        military_min=3,  # 1
        shared_profiles_min=3,  # 1
        caveats=(Caveat(capped[0], CaveatKind.REMOTE_ONLY), Caveat(low, CaveatKind.NOT_AS, profile=kinds[0])),  # 2
        pinned=tuple(e.id for e in rng.sample([e for e in able if e.state == low], 2)),  # 2
        excluded=(rng.choice([e for e in able if e.state == capped[3]]).id,),  # 1
    )


def unhurried(pool: list[Expert], n: Need) -> Proposal:
    """``solve`` with a minute's time, so that a busy machine does not change the answer."""
    return solve(pool, n, limit_s=60)


def days(first: date, last: date) -> Iterator[date]:
    """Each day from first to last."""
    while first <= last:
        yield first
        first += timedelta(1)


def can_come(e: Expert, n: Need) -> bool:
    """By the words of the need, day by day."""
    kinds = {caveat.kind for caveat in n.caveats if caveat.state == e.state}
    return (
        all(any(a <= day <= b for a, b in e.free) and not any(a <= day <= b for a, b in e.busy) for day in days(n.start, n.end))
        and e.clearance >= n.clearance_min
        and e.id not in n.excluded
        and e.id not in n.declined
        and CaveatKind.NONE_FROM not in kinds
        and (e.remote or (e.on_site and CaveatKind.REMOTE_ONLY not in kinds))
    )


def can_sit(e: Expert, seat: Seat, n: Need) -> bool:
    """By the words of the need."""
    mine = [caveat for caveat in n.caveats if caveat.state == e.state]
    on_site = e.on_site and not any(caveat.kind is CaveatKind.REMOTE_ONLY for caveat in mine)
    barred = any(caveat.kind is CaveatKind.NOT_AS and caveat.profile is seat.profile for caveat in mine)
    mode = {True: on_site, False: e.remote, None: on_site or e.remote}[seat.on_site]
    return e.profiles.get(seat.profile, 0) >= seat.level_min and mode and not barred


def allowed(people: list[Expert], pool: list[Expert], n: Need) -> bool:
    """Whether these people, wherever they sit, keep every condition of the need."""
    ids = {e.id for e in people}
    states = Counter(e.state for e in people)
    sectors = Counter(e.sector for e in people)
    shared = 0
    for profile in {seat.profile for seat in n.seats}:
        level = min(seat.level_min for seat in n.seats if seat.profile is profile)
        shared += len({e.sector for e in people if e.profiles.get(profile, 0) >= level}) == 2
    return (
        n.size_min <= len(people) <= n.size_max
        and {*n.pinned, *n.accepted} <= ids
        and all(can_come(e, n) for e in people)
        and all(states[s] >= n.state_min.get(s, n.state_min_default) for s in {*n.state_min, *(e.state for e in pool)})
        and all(_under(count, n.state_max.get(s, n.state_max_default)) for s, count in states.items())
        and all(states[c.state] <= c.number for c in n.caveats if c.kind is CaveatKind.AT_MOST)
        and sectors[Sector.CIVIL] >= n.civil_min
        and sectors[Sector.MILITARY] >= n.military_min
        and shared >= n.shared_profiles_min
    )


def _under(count: int, limit: int | None) -> bool:
    return limit is None or count <= limit


def seatings(people: list[Expert], n: Need) -> Iterator[dict[str, Seat | None]]:
    """Every way to seat these people."""
    if not people:
        yield {}
        return
    first, *others = people
    kept = first.id in n.accepted and first.id in n.current
    for rest in seatings(others, n):
        for seat in (*n.seats, None):
            if kept and seat != n.current[first.id]:
                continue
            if seat is None or (can_sit(first, seat, n) and Counter(rest.values())[seat] < seat.number):
                yield {first.id: seat, **rest}


def price(team: dict[str, Seat | None], pool: list[Expert], n: Need) -> tuple[int, ...]:
    """The tiers of the cost, most important first, by the words of the documentation."""
    people = [e for e in pool if e.id in team]
    ordered = sorted(e.id for e in pool)
    speakers = [max(0, w.people - sum(e.languages.get(w.language, 0) >= w.level_min for e in people)) for w in n.languages]
    cleared = [max(0, w.people - sum(e.clearance >= w.level_min for e in people)) for w in n.cleared]
    before = [p for p in n.current if p in ordered and p not in n.declined and p not in n.excluded]
    return (
        sum(seat.number for seat in n.seats) - sum(seat is not None for seat in team.values()),
        sum(speakers) + sum(cleared),
        sum(2 if p not in team else int(team[p] != n.current[p]) for p in before),
        sum(e.profiles[team[e.id].profile] - team[e.id].level_min for e in people if team[e.id]),
        sum(a.state == b.state for a, b in combinations(people, 2)),
        len(people),
        sum(e.recent_missions for e in people),
        sum(ordered.index(e.id) for e in people),
    )


def best(pool: list[Expert], n: Need) -> tuple[int, ...] | None:
    """The least price of any team at all; None when no team is allowed."""
    prices = [
        price(team, pool, n)
        for size in range(len(pool) + 1)
        for people in combinations(pool, size)
        if allowed(list(people), pool, n)
        for team in seatings(list(people), n)
    ]
    return min(prices, default=None)


def without(pool: list[Expert], n: Need, key: tuple[str, str]) -> tuple[list[Expert], Need]:
    """The same without one condition that a conflict names: the chair, a state or a person gives way on it."""
    kind, of = key
    named = {*n.pinned, *n.accepted}
    if kind in ("away", "mode"):
        change = {"free": WHOLE, "busy": ()} if kind == "away" else {"remote": True}
        return [replace(e, **change) if e.id == of or (not of and e.id not in named) else e for e in pool], n
    if kind in ("size_min", "civil_min", "military_min", "shared_profiles_min"):
        return pool, replace(n, **{kind: 0})
    if kind in ("pinned", "accepted", "excluded", "declined"):
        return pool, replace(n, **{kind: tuple(person for person in getattr(n, kind) if person != of)})
    if kind in ("none_from", "remote_only", "at_most"):
        return pool, replace(n, caveats=tuple(c for c in n.caveats if (c.kind.value, c.state) != key))
    if kind == "seat":
        return pool, replace(n, current={person: seat for person, seat in n.current.items() if person != of})
    if kind == "places":
        seat = n.seats[int(of)]
        more = replace(seat, number=len(pool))
        current = {person: more if place == seat else place for person, place in n.current.items()}
        return pool, replace(n, seats=tuple(more if s == seat else s for s in n.seats), current=current)
    changes = {
        "size_max": {"size_max": len(pool)},
        "state_min": {"state_min": {**n.state_min, of: 0}},
        "state_max": {"state_max": {**n.state_max, of: len(pool)}},
        "clearance_min": {"clearance_min": Clearance.NONE},
    }
    return pool, replace(n, **changes[kind])
