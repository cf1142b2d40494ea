"""Council sessions, as somebody may see them: that they exist, how they stand, what was said, how they ended."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from tocsin import council, ledger
from tocsin.ops.activation import caveats, content
from tocsin.ops.activation.models import Addition, Remark, Request, Session, Vote
from tocsin.ops.activation.queries import requests
from tocsin.ops.alliance.access import Actor
from tocsin.ops.alliance.models import Delegation, Role
from tocsin.ops.common import clock

PER_PAGE = 50
# What a state must know of the request to decide; the rest is one click away.
FACTS: dict[str, Promise] = {
    "organisations": later("Affected"),
    "type": later("What"),
    "services": later("Services"),
    "asked": later("Asked for"),
    "task": later("First task"),
    "mode": later("How"),
    "place": later("Where"),
    "start": later("From"),
    "days": later("Days"),
    "measures": later("Done so far"),
    "languages": later("Languages"),
}
OUTCOMES: dict[str, Promise] = {
    council.Outcome.ACTIVATED: later("Activated"),
    council.Outcome.DECLINED: later("Declined"),
    council.Outcome.LAPSED: later("Lapsed"),
    council.Outcome.WITHDRAWN: later("Withdrawn"),
    council.Outcome.UNDECIDED: later("Not decided"),
}
CHOICES: dict[str, Promise] = {
    council.Choice.YES: later("yes"),
    council.Choice.NO: later("no"),
    council.Choice.ABSTAIN: later("abstains"),
}
# The mark beside an outcome or a vote: a class of the style sheet.
MARKS = {"activated": "yes", "declined": "no", "lapsed": "off", "withdrawn": "off", "yes": "yes", "no": "no", "abstain": "off"}


@dataclass(frozen=True)
class Held:
    """A session as the council's core knows it. ``votes``: all versions, in the order they were cast."""

    session: council.Session
    votes: tuple[council.Vote, ...]

    def last(self, state: str) -> council.Vote | None:
        """A state's last vote, whoever cast it."""
        return max((vote for vote in self.votes if vote.state == state), key=lambda vote: vote.number, default=None)


def held(session: Session) -> Held:
    """All records of a session: three queries, however many there are."""
    kinds: dict[str, Any] = {"amendment": council.Amendment, "consent": council.HostConsent}
    added: dict[str, list[Any]] = {kind: [] for kind in kinds}
    for kind, record in Addition.objects.filter(session=session).order_by("made_at", "id").values_list("kind", "record"):
        added[kind].append(ledger.from_plain(kinds[kind], record))
    # Those taken back since are among them: a vote that was cast by one stands.
    given = Delegation.objects.filter(end__gte=session.opened_at, start__lte=session.closed_at or clock.now())
    delegations = (
        ledger.from_plain(council.Delegation, record) for record in given.order_by("id").values_list("record", flat=True)
    )
    votes = Vote.objects.filter(session=session).order_by("cast_at", "number").values_list("record", flat=True)
    return Held(
        council.Session(
            opening_of(session),
            tuple(added["amendment"]),
            tuple(added["consent"]),
            tuple(one for one in delegations if one.session in (None, str(session.pk))),
            ledger.from_plain(council.Closing, session.closing) if session.closing else None,
        ),
        tuple(ledger.from_plain(council.Vote, record) for record in votes),
    )


def opening_of(session: Session) -> council.Opening:
    """What was frozen when it was opened."""
    return ledger.from_plain(council.Opening, session.record)


def tally_of(session: Session, at: datetime | None = None) -> council.Tally:
    """How it stands now, or stood at an instant."""
    found = held(session)
    return council.tally(found.session, found.votes, at or clock.now())


def known(actor: Actor) -> "QuerySet[Session]":
    """Sessions that the actor may know of: those on requests they may know of."""
    return Session.objects.filter(request__in=requests.known(actor).filter(submitted_at__isnull=False).values("pk"))


def get_session(actor: Actor, pk: UUID | str) -> Session:
    """The session; 404 for whom it does not exist. A state that decides in it knows it, whatever it has become since."""
    found = Session.objects.select_related("request__partner", "version", "request__mission").filter(pk=pk).first()
    if found is None or not (_represented(actor, found) or known(actor).filter(pk=pk).exists()):
        raise Http404
    return found


def _represented(actor: Actor, session: Session) -> frozenset[str]:
    """Codes of states that decide in this session and that the actor represents."""
    return frozenset(voter.state for voter in opening_of(session).voters) & actor.states(Role.REPRESENTATIVE)


def may_read(actor: Actor, session: Session) -> bool:
    """Whether the votes are open to the actor: representatives of participants, and chairs."""
    return actor.has(Role.CHAIR) or bool(actor.votes_for) or bool(_represented(actor, session))


def may_discuss(actor: Actor, session: Session) -> bool:
    """Whether the discussion is, too: under TLP:RED, to named readers alone, since people repeat there what they read."""
    return may_read(actor, session) and _content_open(actor, session.request)


def may_consent(actor: Actor, session: Session) -> bool:
    """Whether the actor can say that the host consents: the staff of who asked, if the rule wants to know."""
    return session.request.partner_id in actor.partners and opening_of(session).rule.host_consent


def _content_open(actor: Actor, request: Request) -> bool:
    found = requests.known(actor).filter(pk=request.pk).first()
    return found is not None and requests.may_read(found)


def delegations_to(actor: Actor, session: Session, at: datetime) -> list[Delegation]:
    """Delegations in force by which the actor can vote here for another state, one for each state."""
    given = Delegation.objects.filter(
        to__code__in=_represented(actor, session), revoked_at=None, start__lte=at, end__gt=at
    ).select_related("state", "to")
    if not opening_of(session).rule.delegation:
        return []
    here = {one.state.code: one for one in given.order_by("-start", "-id") if one.record["session"] in (None, str(session.pk))}
    return [here[code] for code in sorted(here)]


@dataclass(frozen=True)
class Seat:
    """A state for which the actor can vote. ``by``: name of the actor's own state, where it is by delegation."""

    state: str
    name: str
    by: str


def seats(actor: Actor, session: Session, at: datetime) -> list[Seat]:
    """For whom the actor can vote: their own states, then those that gave them their vote and have not voted themselves."""
    opening = opening_of(session)
    own = sorted(_represented(actor, session))
    spoken = set(Vote.objects.filter(session=session, record__delegation=None).values_list("state", flat=True))
    voters = {voter.state for voter in opening.voters} - set(own) - spoken
    given = [one for one in delegations_to(actor, session, at) if one.state.code in voters]
    return [Seat(code, opening.name(code), "") for code in own] + [
        Seat(one.state.code, one.state.name, one.to.name) for one in given
    ]


@dataclass(frozen=True)
class Cast:
    """One vote of a state's history. ``counts``: it is the one that stands."""

    number: int
    said: str
    mark: str
    caveats: tuple[str, ...]
    time: datetime
    by: str
    delegate: str
    counts: bool
    earlier_version: bool


@dataclass(frozen=True)
class Row:
    """Where a state stands, and all it ever said."""

    state: str
    name: str
    said: str
    mark: str
    caveats: tuple[str, ...]
    time: datetime | None
    delegate: str
    note: str
    history: tuple[Cast, ...]


def rows(session: Session, found: Held, tally: council.Tally) -> list[Row]:
    """The table of votes, in the order of the opening."""
    people = {
        (state, number): name
        for state, number, name in Vote.objects.filter(session=session).values_list("state", "number", "cast_by__name")
    }
    delegates = {one.digest: found.session.opening.name(one.to_state) for one in found.session.delegations}
    history: dict[str, list[Cast]] = defaultdict(list)
    standing = {stand.vote.digest for stand in tally.stands if stand.vote}
    for vote in found.votes:
        history[vote.state].append(
            Cast(
                vote.number,
                str(CHOICES[vote.choice]),
                MARKS[vote.choice],
                vote.caveats,
                vote.time,
                people[vote.state, vote.number],
                delegates.get(vote.delegation or "", ""),
                vote.digest in standing,
                vote.request != session.version.digest,
            )
        )
    return [
        Row(
            stand.state,
            stand.name,
            str(CHOICES[stand.choice]) if stand.choice else _("no vote") if session.closing else _("not yet"),
            MARKS[stand.choice] if stand.choice else "wait",
            stand.caveats,
            stand.time,
            stand.delegate or "",
            _note(stand.note),
            tuple(history[stand.state]),
        )
        for stand in tally.stands
    ]


def _note(note: str) -> str:
    known: dict[str, str] = {
        "voted on another version of the request": _("voted on an earlier version of the request"),
        "silence counts as yes": _("silence counts as yes"),
        "silence counts as abstain": _("silence counts as abstention"),
    }
    return known.get(note, note)


@dataclass(frozen=True)
class Binding:
    """A caveat that binds. ``held``: the muster keeps to it by itself; others are for people to mind."""

    text: str
    states: str
    held: bool


def binding(found: Held, tally: council.Tally) -> list[Binding]:
    """The caveats of the votes that stand."""
    codes = {voter.name: voter.state for voter in found.session.opening.voters}
    return [
        Binding(
            one.text, ", ".join(one.states), all(caveats.from_text(codes[name], one.text) is not None for name in one.states)
        )
        for one in tally.caveats
    ]


@dataclass(frozen=True)
class Fact:
    """One answer of the request."""

    label: str
    text: str


def facts(session: Session) -> list[Fact]:
    """What is asked, in short, from the version that is decided on."""
    said = session.version.content
    return [
        Fact(str(label), content.shown(content.FIELDS[key], said[key]))
        for key, label in FACTS.items()
        if key in content.FIELDS and said.get(key)
    ]


@dataclass(frozen=True)
class Step:
    """Something that happened to the session beside votes: a deadline put off, another version, the host's answer."""

    time: datetime
    text: str
    why: str
    mark: str = ""


def steps(session: Session, found: Held) -> list[Step]:
    """The session's own history, in order."""
    opening = found.session.opening
    made = [Step(opening.time, _("Opened."), "")]
    deadline, digest = opening.deadline, opening.request_digest
    for one in found.session.amendments:
        if one.deadline != deadline:
            text = _("Deadline moved to %(time)s UTC.") % {"time": date_format(one.deadline, "DATETIME_FORMAT")}
            made.append(Step(one.time, text, one.reason))
        if one.request_digest != digest:
            made.append(Step(one.time, _("The request was amended: states vote anew."), one.reason))
        deadline, digest = one.deadline, one.request_digest
    for said in found.session.consents:
        text = _("The host consents.") if said.given else _("The host does not consent.")
        made.append(Step(said.time, text, said.note, "yes" if said.given else "no"))
    if closing := found.session.closing:
        made.append(Step(closing.time, str(OUTCOMES[closing.outcome]) + ".", closing.reason, MARKS[closing.outcome]))
    return sorted(made, key=lambda step: step.time)


def remarks(session: Session) -> Iterable[Remark]:
    """The discussion, in order."""
    return Remark.objects.filter(session=session).select_related("author").order_by("made_at", "id")


@dataclass(frozen=True)
class Listed:
    """A session in the list. ``missing``: of the states the actor represents, those that have not voted."""

    pk: UUID
    question: str
    reference: str
    about: str
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None
    outcome: str
    mark: str
    missing: str


def open_sessions(actor: Actor) -> list[Listed]:
    """Those that run, the next to close first."""
    return _listed(actor, list(known(actor).filter(closed_at=None).order_by("deadline", "id")))


def past_sessions(actor: Actor, page: str | int = 1) -> "Page[Any]":
    """Those that are over, the latest first."""
    found: Page[Any] = Paginator(known(actor).filter(closed_at__isnull=False).order_by("-closed_at", "-id"), PER_PAGE).get_page(
        page
    )
    found.object_list = _listed(actor, list(found.object_list))
    return found


def _listed(actor: Actor, sessions: list[Session]) -> list[Listed]:
    about = {one.pk: one for one in requests.known(actor).filter(pk__in=[one.request_id for one in sessions])}
    mine = actor.states(Role.REPRESENTATIVE)
    spoken = (
        set(Vote.objects.filter(session__in=sessions, state__in=mine).values_list("session_id", "state")) if mine else set()
    )
    return [
        Listed(
            one.pk,
            one.record["title"],
            about[one.request_id].reference,
            about[one.request_id].title if requests.may_read(about[one.request_id]) else "",
            one.opened_at,
            one.deadline,
            one.closed_at,
            str(OUTCOMES[one.outcome]) if one.outcome else "",
            MARKS.get(one.outcome, "wait"),
            ""
            if one.closed_at
            else ", ".join(
                seat["name"]
                for seat in one.record["participants"]
                if seat["state"] in mine and seat["role"] != council.Role.OBSERVER and (one.pk, seat["state"]) not in spoken
            ),
        )
        for one in sessions
    ]


def suggested_deadline(request: Request) -> datetime:
    """A day from now, and early enough that a team can still be mustered within the 72 hours."""
    now = clock.now()
    wanted = now + timedelta(hours=24)
    if request.ready_by and request.ready_by - timedelta(hours=36) > now + timedelta(hours=6):
        wanted = min(wanted, request.ready_by - timedelta(hours=36))
    return wanted.replace(second=0, microsecond=0)
