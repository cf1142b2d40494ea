"""What goes into a muster and what comes out: experts and a need, a proposal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from tocsin.muster.ecsf import EcsfProfile
from tocsin.muster.scales import CaveatKind, Cefr, Clearance, Sector

Days = tuple[date, date]
"""First and last day, both included."""


@dataclass(frozen=True, slots=True)
class Expert:
    """A person a state lends.

    ``id``: any unique text; order of ids breaks ties. ``state``: ISO 3166-1 alpha-2. ``profiles``: level 1 to 5 in each
    ECSF profile held. ``languages``: ISO 639-1 code -> CEFR level. ``on_site``, ``remote``: how the person may work.
    ``free``: when the person offers to be available; touching spans join; nothing given means never. ``busy``: other
    missions, which win over ``free``. ``recent_missions``: missions of late (the caller says since when), for fairness.
    """

    id: str
    state: str
    name: str = ""
    profiles: Mapping[EcsfProfile, int] = field(default_factory=dict)
    languages: Mapping[str, Cefr] = field(default_factory=dict)
    clearance: Clearance = Clearance.NONE
    sector: Sector = Sector.CIVIL
    on_site: bool = True
    remote: bool = True
    free: tuple[Days, ...] = ()
    busy: tuple[Days, ...] = ()
    recent_missions: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """``number`` people with a profile at ``level_min`` or above. ``on_site``: True there, False from afar, None either."""

    profile: EcsfProfile
    number: int = 1
    level_min: int = 1
    on_site: bool | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """At least ``people`` of the team speak ``language`` (ISO 639-1) at ``level_min`` or above."""

    language: str
    level_min: Cefr = Cefr.B2
    people: int = 1


@dataclass(frozen=True, slots=True)
class Cleared:
    """At least ``people`` of the team hold ``level_min`` or above."""

    level_min: Clearance
    people: int = 1


@dataclass(frozen=True, slots=True)
class Caveat:
    """A condition of a state's vote. ``number`` for AT_MOST, ``profile`` for NOT_AS."""

    state: str
    kind: CaveatKind
    number: int = 0
    profile: EcsfProfile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What the chair asks for.

    Wishes, left open where they cannot be met: ``seats``, ``languages``, ``cleared``. Conditions, which always hold or
    the need is infeasible: all else.

    ``start``, ``end``: first and last day, both included. ``seats`` are distinct: two alike are one with ``number=2``.
    ``clearance_min``: for everyone. ``size_min``, ``size_max``: people, seats and additional members together.
    ``state_min``, ``state_max``: people by state; for states not named ``state_min_default`` (of states with an expert in
    the pool) and ``state_max_default`` (None: no limit). ``civil_min``, ``military_min``: people of each sector.
    ``shared_profiles_min``: continuity: so many of the seats' profiles must be held by both a civil and a military
    member, each at the lowest level the seats ask for in it, so that either can take over from the other.
    ``pinned``: ids that must be in. ``excluded``, ``declined``: ids that must not be. ``accepted``: ids that are in and
    keep the seat they have in ``current``. ``current``: the team proposed before, id -> seat (None: additional member);
    as few of them as possible are changed. An expert's id in ``current`` who has left the pool is passed over.
    """

    start: date
    end: date
    seats: tuple[Seat, ...] = ()
    languages: tuple[Spoken, ...] = ()
    cleared: tuple[Cleared, ...] = ()
    clearance_min: Clearance = Clearance.NONE
    size_min: int = 8
    size_max: int = 12
    state_min: Mapping[str, int] = field(default_factory=dict)
    state_max: Mapping[str, int] = field(default_factory=dict)
    state_min_default: int = 0
    state_max_default: int | None = None
    civil_min: int = 0
    military_min: int = 0
    shared_profiles_min: int = 0
    caveats: tuple[Caveat, ...] = ()
    pinned: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    current: Mapping[str, Seat | None] = field(default_factory=dict)

    @property
    def wishes(self) -> tuple["Spoken | Cleared", ...]:
        """What the team as a whole should cover, beside its seats."""
        return self.languages + self.cleared


@dataclass(frozen=True, slots=True)
class Member:
    """Someone proposed. ``seat`` None: an additional member. ``reason``: a sentence that says why."""

    expert_id: str
    seat: Seat | None
    reason: str


@dataclass(frozen=True, slots=True)
class Open:
    """A wish not fully met: ``short`` people are missing. ``reason``: a sentence that says what and why."""

    wish: Seat | Spoken | Cleared
    short: int
    reason: str


@dataclass(frozen=True, slots=True)
class Near:
    """Someone who nearly had a seat. ``reason``: what is lacking, or what spoke for another."""

    expert_id: str
    seat: Seat
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Conditions that cannot hold together, while all but any one of them can.

    ``rules``: their keys, such as ``("pinned", "ee-7")``, ``("state_max", "EE")``, ``("size_min", "")``; ``sentences``:
    the same in the chair's words, in the same order.
    """

    rules: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """The fewest conditions that must be given up for a team to be possible; keys and sentences as in ``Conflict``.

    The chair's own are given up before what states and people decided, and those before calendars, however many.
    """

    rules: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a team costs, most important first; teams are compared as these tuples are.

    ``open_seats``, ``open_wishes`` (missing speakers and cleared people): people. ``changes``: 2 per person of
    ``current`` who is out, 1 per person who changes seats. ``surplus_levels``: levels above what the seats ask for.
    ``same_state_pairs``: pairs of members from one state. ``people``: size of the team. ``recent_missions``: of all
    members. ``id_order``: sum of the members' places (0 first) among all the pool's ids in order, which breaks ties.
    """

    open_seats: int = 0
    open_wishes: int = 0
    changes: int = 0
    surplus_levels: int = 0
    same_state_pairs: int = 0
    people: int = 0
    recent_missions: int = 0
    id_order: int = 0


Status = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A team, and how good it is.

    ``status``: ``optimal`` (proven: no team costs less), ``feasible`` (a team; a better one may exist), ``infeasible``
    (see ``conflicts``), ``unknown`` (time ran out before any team was found). ``objective``, ``bound``: weighted cost of the
    team and the least that any team can cost; ``gap``: how far they are apart, (objective - bound) / objective, 0 to 1.
    ``weights`` times ``cost``, added up, is the objective. ``proof``: the same as a sentence.
    When infeasible, ``conflicts``: sets of conditions, none in two sets, of which one in each must give way at least;
    ``remedy``: which are enough.
    """

    status: Status
    team: tuple[Member, ...] = ()
    open: tuple[Open, ...] = ()
    nearly: tuple[Near, ...] = ()
    cost: Cost = Cost()
    weights: Cost = Cost()
    objective: int = 0
    bound: int = 0
    gap: float = 0.0
    proof: str = ""
    conflicts: tuple[Conflict, ...] = ()
    remedy: Remedy = Remedy()


@dataclass(frozen=True, slots=True)
class TrainingNeed:
    """A skill that no state could supply, kept for the trainers.

    Either ``profile`` and ``level``, or ``language`` and ``cefr``. ``short``: people missing over ``start`` to ``end``, both
    included. ``holders``: how many in the pool have the skill at all, though none of them could come.
    """

    profile: EcsfProfile | None
    level: int | None
    language: str | None
    cefr: Cefr | None
    short: int
    holders: int
    start: date
    end: date
    reason: str
