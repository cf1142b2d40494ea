"""The situation, as an actor may see it: what runs, what waits and for whom, who could leave, what was done just now."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from tocsin.muster import EcsfProfile
from tocsin.ops.activation import europe
from tocsin.ops.activation.models import LIVE, Addition, Mission, Nomination, Request, Session, Vote
from tocsin.ops.activation.queries import missions, muster, requests
from tocsin.ops.activation.records import seat_from_json
from tocsin.ops.activation.services.missions import COMMAND, OVER
from tocsin.ops.alliance import calendar, log
from tocsin.ops.alliance.access import Actor, in_force, names
from tocsin.ops.alliance.models import Expert, ExpertProfile, Participation, Partner, Role
from tocsin.ops.alliance.people import SEE_THE_POOL

Status = Nomination.Status

# How much of each stands on the board; the pages behind have it all.
CLOCKS, WAITING, MISSIONS, ENTRIES, RUNNING = 4, 12, 8, 8, 40
NOISE = ("start_request", "save_draft", "enrol")  # what nobody at the board can open, or needs to know now
READY_DAYS = 1  # who can leave: free today and tomorrow


@dataclass(frozen=True)
class Clock:
    """Something that runs out."""

    key: str
    label: str
    due: datetime
    note: str
    url: str


@dataclass(frozen=True)
class Waiting:
    """Something that goes on only when somebody acts. ``mine``: it is the actor."""

    key: str
    what: str
    url: str
    waits_for: str
    since: datetime
    mine: bool


@dataclass(frozen=True)
class Bar:
    """A quantity as a bar. ``width``: of 300; ``short``: a running need asks for more than is there."""

    label: str
    value: str
    width: int
    y: int
    short: bool


@dataclass(frozen=True)
class Bars:
    """Bars over one scale, and the same in a sentence for who cannot see them."""

    rows: tuple[Bar, ...]
    height: int
    said: str


@dataclass(frozen=True)
class Just:
    """An entry of the log, and the vote it recorded where the actor may see votes."""

    line: log.Line
    choice: str
    url: str
    today: bool


@dataclass(frozen=True)
class Ballot:
    """Where an open session stands: names of the states that have not voted, the choices of those that have, what was cast when."""

    session: Session
    voters: int
    missing: tuple[str, ...]
    missing_codes: frozenset[str]
    choices: tuple[str, ...]
    consent_missing: bool
    cast: Mapping[datetime, str]


@dataclass(frozen=True)
class Situation:
    """All that the board shows; empty tuples and None where it is not for this actor, or nothing is there."""

    clocks: tuple[Clock, ...]
    waiting: tuple[Waiting, ...]
    more: int
    missions: tuple[missions.Row, ...]
    own: tuple[requests.Row, ...]
    nominations: tuple[Nomination, ...]
    profiles: Bars | None
    states: Bars | None
    tiles: tuple[europe.Tile, ...]
    legend: tuple[tuple[str, str, str], ...]
    just: tuple[Just, ...]


def situation(actor: Actor) -> Situation:
    """The board of this actor."""
    now = timezone.now()
    running = _running(actor)
    ballots = _ballots(running)
    going = list(missions.listed(actor, over=False)[:MISSIONS])
    rows = tuple(missions.rows(actor, going))
    nominated = tuple(n for n in muster.nominations(actor)[:WAITING] if n.status in LIVE) if actor.has(Role.EXPERT) else ()
    waiting = [*_requests_wait(actor, running), *_sessions_wait(actor, running, ballots)]
    waiting += [*_missions_wait(actor, rows), *_nominations_wait(nominated)]
    waiting.sort(key=lambda item: (not item.mine, item.since))
    tiles, legend = _europe(actor, running)
    pool = _pool(actor, now.date())
    return Situation(
        clocks=_clocks(actor, running, ballots),
        waiting=tuple(waiting[:WAITING]),
        more=max(len(waiting) - WAITING, 0),
        missions=rows,
        own=_own(actor),
        nominations=nominated,
        profiles=_profiles(pool, going) if pool else None,
        states=_states(pool) if pool else None,
        tiles=tiles,
        legend=legend,
        just=_just(actor, ballots, now.date()),
    )


def _running(actor: Actor) -> list[Request]:
    """Requests that are neither decided against nor over, the oldest first."""
    open_ones = Q(status__in=(Request.Status.DRAFT, Request.Status.SUBMITTED, Request.Status.IN_COUNCIL))
    sent = Q(status=Request.Status.ACTIVATED) & ~Q(mission__stage__in=OVER)
    found = requests.known(actor).filter(open_ones | sent).select_related("partner", "mission")
    return list(found.order_by("made_at")[:RUNNING])


def _ballots(running: Iterable[Request]) -> dict[UUID, Ballot]:
    """Where open sessions stand, by request. Votes were checked when they were cast; the session's page checks them again."""
    before = [request.pk for request in running if request.status == Request.Status.IN_COUNCIL]
    if not before:
        return {}
    found = list(Session.objects.filter(request__in=before, closed_at=None).select_related("version"))
    votes: dict[UUID, list[tuple[Mapping[str, Any], datetime]]] = {session.pk: [] for session in found}
    # Plain rows, not prefetched objects: the board is asked for by everybody, every four seconds.
    cast = Vote.objects.filter(session__in=votes).order_by("number").values_list("session_id", "record", "cast_at")
    for session_id, record, cast_at in cast:
        votes[session_id].append((record, cast_at))
    consented = set(Addition.objects.filter(session__in=votes, kind="consent").values_list("session_id", flat=True))
    return {session.request_id: _ballot(session, votes[session.pk], session.pk in consented) for session in found}


def _ballot(session: Session, votes: Iterable[tuple[Mapping[str, Any], datetime]], consented: bool) -> Ballot:
    voters = {p["state"]: p["name"] for p in session.record["participants"] if p["role"] != "observer"}
    last = {vote["state"]: vote for vote, _cast_at in votes}
    counted = {state: vote for state, vote in last.items() if vote["request"] == session.version.digest}
    missing = {state: name for state, name in voters.items() if state not in counted}
    return Ballot(
        session,
        len(voters),
        tuple(missing.values()),
        frozenset(missing),
        tuple(vote["choice"] for vote in counted.values()),
        session.record["rule"]["host_consent"] and not consented,
        {cast_at: vote["choice"] for vote, cast_at in votes},
    )


def _clocks(actor: Actor, running: Iterable[Request], ballots: Mapping[UUID, Ballot]) -> tuple[Clock, ...]:
    due: list[tuple[datetime, Request, Ballot | None]] = []
    for request in running:
        if request.ready_by and requests.clock_runs(request):
            due.append((request.ready_by, request, None))
        if ballot := ballots.get(request.pk):
            due.append((ballot.session.deadline, request, ballot))
    return tuple(_clock(actor, *one) for one in sorted(due, key=lambda one: one[0])[:CLOCKS])


def _clock(actor: Actor, due: datetime, request: Request, ballot: Ballot | None) -> Clock:
    country = request.partner.country
    named = {"country": europe.territories().get(country, country), "request": request.reference}
    if ballot:
        label, url = _("Council on %(country)s, %(request)s") % named, reverse("session", args=[ballot.session.pk])
        return Clock(f"council-{request.pk}", label, due, _voted(ballot) if _sees_votes(actor) else _("the states decide"), url)
    label, url = _("Team for %(country)s ready, %(request)s") % named, reverse("request", args=[request.pk])
    note = _("due %(time)s UTC") % {"time": date_format(due, "D j M, H:i")}
    return Clock(f"ready-{request.pk}", label, due, note, url)


def _sees_votes(actor: Actor) -> bool:
    return bool(actor.votes_for) or actor.has(Role.CHAIR)


def _voted(ballot: Ballot) -> str:
    said = _("%(n)d of %(all)d voted") % {"n": len(ballot.choices), "all": ballot.voters}
    words = {"yes": _("all yes"), "no": _("all no"), "abstain": _("all abstain")}
    if len(set(ballot.choices)) == 1:
        return f"{said}, {words[ballot.choices[0]]}"
    counted = Counter(ballot.choices)
    parts = (_("%(n)d yes") % {"n": counted["yes"]}, _("%(n)d no") % {"n": counted["no"]})
    return f"{said}, {', '.join(parts)}" if ballot.choices else said


def _requests_wait(actor: Actor, running: Iterable[Request]) -> Iterable[Waiting]:
    for request in running:
        url = reverse("request", args=[request.pk])
        title = requests.title_shown(request)
        if request.status == Request.Status.DRAFT:
            yield Waiting(f"request-{request.pk}", title, url, _("you, to finish it and hand it in"), request.made_at, True)
        elif request.status == Request.Status.SUBMITTED and request.submitted_at:
            mine = actor.has(Role.CHAIR)
            yield Waiting(f"request-{request.pk}", title, url, _("the chair, to open a session"), request.submitted_at, mine)


def _sessions_wait(actor: Actor, running: Iterable[Request], ballots: Mapping[UUID, Ballot]) -> Iterable[Waiting]:
    for request in running:
        if not (ballot := ballots.get(request.pk)):
            continue
        since, key, title = ballot.session.opened_at, f"session-{request.pk}", requests.title_shown(request)
        url = reverse("session", args=[ballot.session.pk])
        host = request.partner_id in actor.partners
        if ballot.consent_missing and (host or _sees_votes(actor)):
            who = _("you, to consent to a team") if host else _("consent of %(host)s") % {"host": request.partner}
            yield Waiting(f"{key}-consent", title, url, who, since, host)
        if not _sees_votes(actor):
            yield Waiting(key, title, url, _("the states' decision"), since, False)
        elif ballot.missing:
            who = _votes_of(ballot.missing)
            yield Waiting(key, title, url, who, since, not actor.votes_for.isdisjoint(ballot.missing_codes))
        else:
            yield Waiting(key, title, url, _("the chair, to close the session"), since, actor.has(Role.CHAIR))


def _votes_of(states: tuple[str, ...]) -> str:
    if len(states) > 3:
        return _("votes of %(states)s and %(n)d more") % {"states": ", ".join(states[:2]), "n": len(states) - 2}
    return ngettext("vote of %(states)s", "votes of %(states)s", len(states)) % {"states": names(states, {})}


def _missions_wait(actor: Actor, rows: Iterable[missions.Row]) -> Iterable[Waiting]:
    """Activated missions without a need, musters that wait for experts, states, or those in command."""
    command = actor.has(*COMMAND)
    for row in rows:
        if not row.opens or not (command or actor.votes_for):
            continue
        mission, url = row.mission, reverse("mission", args=[row.mission.pk])
        if mission.stage == Mission.Stage.ACTIVATED:
            who = _("the chair or a team leader, to state the need")
            yield Waiting(
                f"need-{mission.pk}", row.name, reverse("mission-need", args=[mission.pk]), who, mission.stage_since, command
            )
        elif mission.stage == Mission.Stage.MUSTERING:
            asked = [n for n in mission.nominations.all() if n.status == Status.NOMINATED]
            accepted = [n for n in mission.nominations.all() if n.status == Status.ACCEPTED]
            if asked:
                who = ngettext("%(n)d expert to answer", "%(n)d experts to answer", len(asked)) % {"n": len(asked)}
                since = min(n.changed_at for n in asked)
                yield Waiting(f"answers-{mission.pk}", row.name, url, who, since, False)
            if accepted:
                states = sorted({n.expert.state.name for n in accepted})
                mine = not actor.votes_for.isdisjoint(n.expert.state.code for n in accepted)
                who = _("confirmation by %(states)s") % {"states": names(states, {})}
                yield Waiting(f"confirm-{mission.pk}", row.name, url, who, min(n.changed_at for n in accepted), mine)
            if not asked and not accepted:
                who = _("the chair or a team leader, to go on with the team")
                yield Waiting(
                    f"muster-{mission.pk}",
                    row.name,
                    reverse("mission-muster", args=[mission.pk]),
                    who,
                    mission.stage_since,
                    command,
                )


def _nominations_wait(nominated: Iterable[Nomination]) -> Iterable[Waiting]:
    for nomination in nominated:
        if nomination.status == Status.NOMINATED:
            who, what = _("you, to say whether you go"), _("Nominated for a mission: %(from)s to %(to)s")
            days = {"from": date_format(nomination.start, "j M"), "to": date_format(nomination.end, "j M Y")}
            yield Waiting(f"asked-{nomination.pk}", what % days, reverse("nominations"), who, nomination.made_at, True)


def _own(actor: Actor) -> tuple[requests.Row, ...]:
    """What the actor's own organisations asked for."""
    if not actor.partners:
        return ()
    return tuple(row for row in requests.request_rows(actor).object_list if row.partner in _partner_names(actor))[:MISSIONS]


def _partner_names(actor: Actor) -> set[str]:
    return {m.partner.name for m in actor.memberships if m.partner}


@dataclass(frozen=True)
class Pool:
    """Who is in the pool. ``ready``: ids of those who can leave; ``states``: name to (ready, all)."""

    ready: frozenset[UUID]
    states: Mapping[str, tuple[int, int]]


def _pool(actor: Actor, today: date) -> Pool | None:
    """The pool, for those who see it. Who is ready is asked of the database once, and counted here for both pictures."""
    if not actor.has(*SEE_THE_POOL):
        return None
    everybody = list(Expert.objects.filter(active=True).order_by("state__name").values_list("pk", "state__name"))
    free = calendar.free(Expert.objects.filter(active=True), today, today + timedelta(days=READY_DAYS))
    ready = frozenset(free.order_by().values_list("pk", flat=True))
    whole = Counter(state for _pk, state in everybody)
    there = Counter(state for pk, state in everybody if pk in ready)
    return Pool(ready, {state: (there[state], whole[state]) for state in whole})


def _profiles(pool: Pool, going: Iterable[Mission]) -> Bars:
    """Who could leave, by profile; short where a mission that gathers a team lacks more of a level than are free with it."""
    held = ExpertProfile.objects.filter(expert__in=pool.ready).values_list("profile", "level").order_by()
    free: dict[str, Counter[int]] = {}
    for profile, level, number in held.annotate(number=Count("pk")):
        free.setdefault(profile, Counter())[level] = number
    lacking = _lacking(going)
    rows = []
    for profile in EcsfProfile:
        there = free.get(profile.value, Counter())
        asked = {level: number for (name, level), number in lacking.items() if name == profile.value}
        short = any(number > sum(n for at, n in there.items() if at >= level) for level, number in asked.items())
        value = str(there.total())
        if asked:
            level, number = max(asked.items())
            value = _("%(n)d, need %(need)d of level %(level)d") % {"n": there.total(), "need": number, "level": level}
        if there or asked:
            rows.append((_short(profile.label), there.total(), value, short))
    return _bars(rows, _("Experts free, by profile"))


def _lacking(going: Iterable[Mission]) -> Counter[tuple[str, int]]:
    """Places that nobody was asked for, by profile and lowest level."""
    found: Counter[tuple[str, int]] = Counter()
    for mission in going:
        if mission.stage in (Mission.Stage.ACTIVATED, Mission.Stage.MUSTERING) and (need := missions.stated(mission)):
            held = Counter(seat_from_json(n.seat) for n in mission.nominations.all() if n.status in LIVE)
            for seat in need.seats:
                if (number := seat.number - held[seat]) > 0:
                    found[seat.profile.value, seat.level_min] += number
    return found


def _short(label: str) -> str:
    """A profile as it fits beside a bar: all of them are about one field, and held by people."""
    for start in ("Cybersecurity ", "Cyber "):
        label = label.removeprefix(start)
    for end in (" (CISO)", " Officer", " Investigator", " Specialist"):
        label = label.removesuffix(end)
    return label.capitalize()


def _states(pool: Pool) -> Bars:
    """Who could leave, by state, of how many in the pool."""
    rows = [
        (name, free, _("%(n)d of %(all)d") % {"n": free, "all": whole}, False) for name, (free, whole) in pool.states.items()
    ]
    return _bars(rows, _("Experts free, by state"), most=max((whole for _free, whole in pool.states.values()), default=1))


_ROW, _WIDE = 30, 300  # units of the drawing


def _bars(rows: list[tuple[str, int, str, bool]], title: str, most: int = 1) -> Bars:
    """Bars of (label, how many, the same in words, whether it is short), over one scale that reaches at least to ``most``."""
    most = max([most, *(there for _label, there, _value, _short in rows)])
    found = [
        Bar(label, value, round(there * _WIDE / most), place * _ROW, short)
        for place, (label, there, value, short) in enumerate(rows)
    ]
    return Bars(tuple(found), len(found) * _ROW, f"{title}: " + "; ".join(f"{bar.label} {bar.value}" for bar in found))


_PARTICIPATES = (Participation.Role.PARTICIPANT, Participation.Role.LEAD, Participation.Role.ROTATING_LEAD)
_MARKS: Mapping[str, Any] = {
    "host": later("asks for help"),
    "member": later("takes part"),
    "observer": later("observes"),
    "partner": later("partner"),
}


def _europe(actor: Actor, running: Iterable[Request]) -> tuple[tuple[europe.Tile, ...], tuple[tuple[str, str, str], ...]]:
    """The map, and its legend: mark, what it means, the countries."""
    held = dict(Participation.objects.filter(in_force()).values_list("state__code", "role"))
    marks = {code: "member" if role in _PARTICIPATES else "observer" for code, role in held.items()}
    # Which partners there are is not for another partner to know; experts learn it by their mission.
    known = (
        Partner.objects.all() if actor.roles - {Role.PARTNER, Role.EXPERT} else Partner.objects.filter(pk__in=actor.partners)
    )
    for country in known.values_list("country", flat=True):
        marks.setdefault(country, "partner")
    for request in running:
        if request.status != Request.Status.DRAFT:
            marks[request.partner.country] = "host"
    territories = europe.territories()
    by_mark = {
        mark: sorted(territories.get(code, code) for code, held_mark in marks.items() if held_mark == mark) for mark in _MARKS
    }
    legend = tuple((mark, str(words), ", ".join(by_mark[mark])) for mark, words in _MARKS.items() if by_mark[mark])
    return europe.tiles({code: (mark, str(_MARKS[mark])) for code, mark in marks.items()}), legend


# Pages by the kind of what an entry speaks of; a council session is its id alone.
_PAGES = {"request": "request", "": "session", "mission": "mission", "expert": "expert"}


def _just(actor: Actor, ballots: Mapping[UUID, Ballot], today: date) -> tuple[Just, ...]:
    """The last entries; what was voted stands in no log, so it is taken from the votes where the actor sees them."""
    choices = {}
    if _sees_votes(actor):
        choices = {cast_at: choice for held in ballots.values() for cast_at, choice in held.cast.items()}
    return tuple(
        Just(
            line,
            choices.get(line.entry.time, "") if line.entry.action == "cast_vote" else "",
            _page_of(line),
            line.entry.time.date() == today,
        )
        for line in log.latest(actor, ENTRIES, without=NOISE)
    )


def _page_of(line: log.Line) -> str:
    """The page of what an entry speaks of, or of what that belongs to."""
    details = line.entry.details
    belongs = next(((kind, str(details[kind])) for kind in ("mission", "session", "request") if details.get(kind)), None)
    name = _PAGES.get(line.subject.kind)
    if name and line.subject.id:
        return reverse(name, args=[line.subject.id])
    return reverse(belongs[0], args=[belongs[1]]) if belongs else ""
