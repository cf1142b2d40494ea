"""The council decides: opens a session, speaks, votes under its states' signatures, hears the host, closes.

Locks are taken in one order everywhere: the request, where it is changed; the log; the session. So no two of these wait for each
other, records follow one another in the log as they do in time, and a state's votes form one chain.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from tocsin import council, ledger
from tocsin.ops.activation.models import Addition, Remark, Request, RequestVersion, Session, Vote
from tocsin.ops.activation.queries import council as queries
from tocsin.ops.activation.services import missions
from tocsin.ops.alliance import keys, rules
from tocsin.ops.alliance.access import Actor, in_force
from tocsin.ops.alliance.delegations import delegate_vote, revoke_delegation
from tocsin.ops.alliance.models import Delegation, Participation, Role, StateKey
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry, Ledger, User, Witness

__all__ = [
    "cast_vote",
    "close_due_session",
    "close_session",
    "delegate_vote",
    "export",
    "need_consent",
    "open_session",
    "postpone",
    "put_version",
    "record_consent",
    "remark",
    "revoke_delegation",
    "withdraw_session",
    "witness_file",
]

# A request that lapsed can be put to the council again: the states have not said no to it.
OPENABLE = (Request.Status.SUBMITTED, Request.Status.LAPSED)
CAVEATS_MAX = 20
CAVEAT_LENGTH = 300
REASON_LENGTH = 400
WORKER = "worker"
_SEATS = {
    Participation.Role.LEAD: council.Role.LEAD,
    Participation.Role.ROTATING_LEAD: council.Role.LEAD,
    Participation.Role.PARTICIPANT: council.Role.PARTICIPANT,
    Participation.Role.OBSERVER: council.Role.OBSERVER,
}


@transaction.atomic
def open_session(actor: Actor, request: Request, *, deadline: datetime) -> Session:
    """Put a request to the states. The rule in force, the states with their keys and the request's version are frozen.

    Raises:
        PermissionDenied: The actor is not a chair.
        Refused: The request is not open to it, the deadline is not ahead, there is no rule, or a state has no key.
    """
    actor.need(Role.CHAIR)
    user = _somebody(actor)
    request.refresh_from_db(from_queryset=Request.objects.select_for_update())
    Ledger.objects.select_for_update().get()
    if request.status not in OPENABLE:
        raise Refused(
            _("This request is %(status)s: it cannot be put to the council.") % {"status": request.get_status_display()}
        )
    now = clock.now()
    if deadline <= now:
        raise Refused(_("The deadline must lie ahead."))
    rule = rules.in_force()
    version = request.versions.order_by("-number").first()
    if rule is None:
        raise Refused(_("There is no rule of decision yet. An administrator makes one on the page of the alliance."))
    assert version is not None, "what was handed in has a version"
    session = Session(request=request, version=version, deadline=deadline, opened_by=user, opened_at=now)
    opening = council.Opening(
        session=str(session.pk),
        title=f"Shall the team assist {request.partner.name}?",  # records are in English, and tell nothing of the content
        request=str(request.pk),
        request_digest=version.digest,
        rule=rules.rule_of(rule),
        participants=_participants(),
        deadline=deadline,
        by=actor.label,
        time=now,
    )
    session.record = ledger.to_plain(opening)
    session.save()
    request.status, request.closed_at = Request.Status.IN_COUNCIL, None
    request.save(update_fields=["status", "closed_at"])
    details = {**council.entry_details(opening), "request": str(request.pk)}
    audit.record(actor.label, "open_session", _subject(session), details, time=now)
    return session


def _participants() -> tuple[council.Participant, ...]:
    """The states as they stand today, each with its key."""
    found: dict[str, council.Participant] = {}
    without: list[str] = []
    held = Participation.objects.filter(in_force()).select_related("state")
    for one in sorted(held, key=lambda one: one.role == Participation.Role.OBSERVER):  # who is both, votes
        role = _SEATS[Participation.Role(one.role)]
        if one.state.code in found:
            continue
        key = keys.current(one.state.code)
        if key is None and role != council.Role.OBSERVER:
            without.append(one.state.name)
            continue
        found[one.state.code] = council.Participant(one.state.code, one.state.name, role, key.public if key else None)
    if without:
        words = _(
            "These states have no key to vote with: %(states)s. Their representatives make it on the page of the alliance."
        )
        raise Refused(words % {"states": ", ".join(sorted(without))})
    if not any(one.votes for one in found.values()):
        raise Refused(_("No state takes part in the alliance today."))
    return tuple(sorted(found.values(), key=lambda one: one.name))


def cast_vote(actor: Actor, session: Session, *, state: str, choice: str, caveats: Sequence[str] = (), passphrase: str) -> Vote:
    """Vote for a state, or change its vote: signed with its key, or with the delegate's where the state gave its vote away.

    The state, and the delegate, are handed the signed head of the log that has the vote in it.

    Args:
        state: Code of the state whose vote it is.
        caveats: Conditions in words; those of ``activation.caveats`` bind the muster by themselves.
        passphrase: Of the key of the state that the actor represents.

    Raises:
        PermissionDenied: The actor votes neither for this state nor by a delegation in force.
        Refused: The session is over, or the vote would not count; the text says why.
        keys.WrongPassphrase: As ``keys.unlock``.
    """
    user = _somebody(actor)
    texts = _texts(caveats)
    if choice not in list(council.Choice):
        raise Refused(_("A vote is yes, no or abstain."))
    _delegation, signer = _by_right(actor, session, state)
    _open(session)
    opening = queries.opening_of(session)
    seat = opening.participant(signer)
    key = StateKey.objects.select_related("state").filter(public=seat.key if seat else None).first()
    if key is None:
        raise Refused(_("The key with which this session was opened is not in this room."))
    private = keys.unlock(actor, key, passphrase).private  # slow on purpose, and so before anything is locked
    with transaction.atomic():
        _lock(session)
        _open(session)
        delegation, _signer = _by_right(actor, session, state)  # it may have been taken back meanwhile
        found = queries.held(session)
        now = clock.now()
        try:
            vote = council.cast(
                private,
                found.session,
                state=state,
                choice=council.Choice(choice),
                caveats=texts,
                cast_by=actor.label,
                time=now,
                previous=found.last(state),
                delegation=ledger.from_plain(council.Delegation, delegation.record) if delegation else None,
            )
        except ledger.LedgerError as error:
            raise Refused(str(error)) from error
        kept = Vote.objects.create(
            session=session, state=state, number=vote.number, record=ledger.to_plain(vote), cast_by=user, cast_at=now
        )
        details = {**council.entry_details(vote), "state": state}
        audit.record(actor.label, "cast_vote", _subject(session), details, time=now)
        for code in sorted({state, signer}):
            audit.hand_over(code, "vote")
    return kept


def _by_right(actor: Actor, session: Session, state: str) -> tuple[Delegation | None, str]:
    """By which delegation, if any, and with which state's key the actor votes for a state."""
    voters = {voter.state for voter in queries.opening_of(session).voters}
    if state in voters and state in actor.states(Role.REPRESENTATIVE):
        return None, state
    for given in queries.delegations_to(actor, session, clock.now()):
        if given.state.code == state and state in voters:
            return given, given.to.code
    raise PermissionDenied(_("You vote for the state that you represent, and for those that gave you their vote."))


def _texts(caveats: Sequence[str]) -> tuple[str, ...]:
    texts = tuple(dict.fromkeys(" ".join(text.split()) for text in caveats if text.strip()))
    if len(texts) > CAVEATS_MAX or any(len(text) > CAVEAT_LENGTH or not text.isprintable() for text in texts):
        words = _("A vote has at most %(count)d caveats of at most %(length)d characters each.")
        raise Refused(words % {"count": CAVEATS_MAX, "length": CAVEAT_LENGTH})
    return texts


@transaction.atomic
def record_consent(actor: Actor, session: Session, *, given: bool, note: str = "") -> Addition:
    """The host's answer to being helped on its soil; the last one before the close counts.

    Raises:
        PermissionDenied: The actor is not of the staff of who asked.
        Refused: The session is over.
    """
    user = _somebody(actor)
    need_consent(actor, session)
    _lock(session)
    _open(session)
    now = clock.now()
    said = council.HostConsent(str(session.pk), given, _line(note, needed=False), actor.label, now)
    return _add(actor, user, session, "consent", said, "record_consent", now)


def need_consent(actor: Actor, session: Session) -> None:
    """Raise PermissionDenied unless the actor can say that the host consents."""
    if not queries.may_consent(actor, session):
        raise PermissionDenied(_("The staff of the partner that asks says whether the host consents."))


@transaction.atomic
def remark(actor: Actor, session: Session, text: str) -> Remark:
    """Speak in the discussion. It is no record of the decision: the log keeps its digest, the export does not have it.

    Raises:
        PermissionDenied: The discussion is not open to the actor.
        Refused: The session is over, or there is nothing to say.
    """
    user = _somebody(actor)
    if not queries.may_discuss(actor, session):
        raise PermissionDenied(_("The discussion is for the states that decide and the chair."))
    text = text.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= 4000 or "\0" in text:
        raise Refused(_("Say it in one to 4,000 characters."))
    _lock(session)
    _open(session)
    now = clock.now()
    role = "; ".join(str(one) for one in actor.memberships if one.role in (Role.CHAIR, Role.REPRESENTATIVE))[:120]
    said = Remark.objects.create(session=session, author=user, role=role, text=text, made_at=now)
    details = {"text": hashlib.sha256(text.encode()).hexdigest()}
    audit.record(actor.label, "remark", f"discussion {session.pk}", details, time=now)
    return said


@transaction.atomic
def postpone(actor: Actor, session: Session, *, deadline: datetime, reason: str) -> Addition:
    """Put the deadline off; it cannot be brought forward.

    Raises:
        PermissionDenied: The actor is not a chair.
        Refused: The session is over, the deadline would not be later, or there is no reason.
    """
    actor.need(Role.CHAIR)
    user, why = _somebody(actor), _line(reason)
    _lock(session)
    _open(session)
    if deadline <= session.deadline:
        raise Refused(_("A deadline can be put off, not brought forward."))
    now = clock.now()
    made = _amend(session, now, actor.label, why, deadline=deadline)
    session.deadline = deadline
    session.save(update_fields=["deadline"])
    return _add(actor, user, session, "amendment", made, "postpone", now)


@transaction.atomic
def put_version(session: Session, version: RequestVersion, actor: Actor, reason: str, time: datetime) -> Addition:
    """Put an amended request to the vote: states vote anew. Called by who amends it, within their transaction.

    Args:
        time: The moment of the amendment.

    Raises:
        Refused: The session is over.
    """
    user = _somebody(actor)
    _lock(session)
    _open(session)
    made = _amend(session, time, actor.label, reason, request_digest=version.digest)
    session.version = version
    session.save(update_fields=["version"])
    return _add(actor, user, session, "amendment", made, "put_version", time)


def _amend(
    session: Session,
    time: datetime,
    by: str,
    reason: str,
    *,
    deadline: datetime | None = None,
    request_digest: str | None = None,
) -> council.Amendment:
    try:
        return council.amend(
            queries.held(session).session, time=time, by=by, reason=reason, deadline=deadline, request_digest=request_digest
        )
    except ledger.LedgerError as error:
        raise Refused(str(error)) from error


def _add(
    actor: Actor,
    user: User,
    session: Session,
    kind: str,
    record: council.Amendment | council.HostConsent,
    action: str,
    time: datetime,
) -> Addition:
    made = Addition.objects.create(session=session, kind=kind, record=ledger.to_plain(record), made_by=user, made_at=time)
    audit.record(actor.label, action, _subject(session), council.entry_details(record), time=time)
    return made


@transaction.atomic
def close_session(actor: Actor, session: Session, *, reason: str) -> Session:
    """Close before the deadline, once nothing that is missing can change the outcome.

    Raises:
        PermissionDenied: The actor is not a chair.
        Refused: It is closed, or what is missing could still change the outcome.
    """
    actor.need(Role.CHAIR)
    why = _line(reason)
    request = Request.objects.select_for_update().get(pk=session.request_id)
    _lock(session)
    session.request = request
    if session.closed_at:
        raise Refused(_("This session is closed already."))
    now = clock.now()
    if not (tally := queries.tally_of(session, now)).certain:
        raise Refused(_("What is missing can still change the outcome. %(needed)s") % {"needed": tally.needed})
    return _close(session, actor.label, why, now)


@transaction.atomic
def withdraw_session(session: Session, actor: Actor, why: str, time: datetime) -> Session:
    """Close the session of a request that is taken back. Called by who takes it back, within their transaction."""
    _lock(session)
    if session.closed_at:
        raise Refused(_("This session is closed already."))
    return _close(session, actor.label, why, time, withdrawn=True)


def close_due_session() -> bool:
    """Close one session whose deadline has passed; True if there was one. Any number of workers may do that at once."""
    due = Session.objects.filter(closed_at=None, deadline__lte=clock.now()).order_by("deadline", "id")
    if not due.exists():
        return False
    with transaction.atomic():
        Ledger.objects.select_for_update().get()
        # Who holds the request (to take it back, say) is let through: it is looked at again a moment later.
        free = due.select_for_update(skip_locked=True, of=("self", "request")).select_related("request", "version")
        session = free.first()
        if session is None:
            return False
        _close(session, WORKER, "The deadline passed.", clock.now())
    return True


def _close(session: Session, by: str, reason: str, time: datetime, *, withdrawn: bool = False) -> Session:
    found = queries.held(session)
    closing = council.close(found.session, found.votes, time=time, by=by, reason=reason, withdrawn=withdrawn)
    session.closing, session.outcome, session.closed_at = ledger.to_plain(closing), closing.outcome.value, time
    session.save(update_fields=["closing", "outcome", "closed_at"])
    details = {**council.entry_details(closing), "outcome": closing.outcome.value}
    audit.record(by, "close_session", _subject(session), details, time=time)
    if not withdrawn:  # then who takes the request back says so of it
        request = session.request
        request.status = Request.Status(closing.outcome.value)
        request.closed_at = None if closing.outcome == council.Outcome.ACTIVATED else time
        request.save(update_fields=["status", "closed_at"])
    if closing.outcome == council.Outcome.ACTIVATED:
        missions.activate(session, by, time)
    for voter in found.session.opening.voters:
        audit.hand_over(voter.state, "session")
    return session


@transaction.atomic
def export(actor: Actor, session: Session) -> bytes:
    """The decision as a file that ``tocsin verify`` replays. Of one session it is the same file each time.

    Raises:
        PermissionDenied: The votes are not open to the actor.
        Refused: The session is not closed.
    """
    if not queries.may_read(actor, session):
        raise PermissionDenied(_("The record of a decision is for the states that decide and the chair."))
    if not session.closed_at:
        raise Refused(_("The session is open: its record can be downloaded when it is closed."))
    ours = Entry.objects.filter(subject=_subject(session))
    first, last = ours.earliest("number").number, ours.latest("number").number
    # The first head handed out after the closing: every state has it.
    kept = Witness.objects.filter(how="session", number__gte=last).order_by("number", "time", "id").first()
    assert kept is not None, "a closing hands its head to every state"
    head = ledger.from_plain(ledger.SignedHead, kept.head)
    entries = map(audit.as_entry, Entry.objects.filter(number__range=(first, head.number)).order_by("number"))
    found = queries.held(session)
    try:
        data = council.export_decision(found.session, found.votes, entries, head)
    except ledger.LedgerError as error:
        raise Refused(str(error)) from error
    audit.record(actor.label, "export", f"decision {session.pk}", {"file": hashlib.sha256(data).hexdigest()})
    return data


def witness_file(actor: Actor, session: Session, state: str) -> bytes:
    """What a state keeps of a session outside the room: the signed heads it was handed until now, and its own votes.

    Raises:
        PermissionDenied: The actor does not represent the state.
    """
    actor.need(Role.REPRESENTATIVE, state=state)
    heads = Witness.objects.filter(state=state).order_by("number", "time").values_list("head", flat=True)
    votes = Vote.objects.filter(session=session, state=state).order_by("number").values_list("record", flat=True)
    return council.witness_file(
        heads=[ledger.from_plain(ledger.SignedHead, head) for head in heads],
        votes=[ledger.from_plain(council.Vote, vote) for vote in votes],
    )


def _subject(session: Session) -> str:
    """Of the entries that record something of the session, and of no other: an export has those in full."""
    return council.entry_subject(str(session.pk))


def _lock(session: Session) -> None:
    """Lock the log, then the session's row, and take its present state."""
    Ledger.objects.select_for_update().get()
    session.refresh_from_db(from_queryset=Session.objects.select_for_update())


def _open(session: Session) -> None:
    if session.closed_at:
        raise Refused(_("This session is closed: %(outcome)s.") % {"outcome": queries.OUTCOMES[session.outcome]})
    if clock.now() > session.deadline:
        raise Refused(_("The deadline has passed: the session is being closed."))


def _line(text: str, *, needed: bool = True) -> str:
    """A reason as it stands in a record: one line."""
    said = " ".join(text.split())
    if (needed and not said) or len(said) > REASON_LENGTH or not said.isprintable():
        raise Refused(_("Say why in one to %(n)d characters: it stands in the record.") % {"n": REASON_LENGTH})
    return said


def _somebody(actor: Actor) -> User:
    if actor.user is None:
        raise PermissionDenied
    return actor.user
