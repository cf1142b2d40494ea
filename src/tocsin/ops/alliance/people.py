"""The pool: experts whom states lend, what they can do, and who may see and change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from tocsin.muster import Clearance, Sector
from tocsin.ops.alliance import calendar
from tocsin.ops.alliance.access import Actor, in_force
from tocsin.ops.alliance.models import Availability, Expert, ExpertLanguage, ExpertProfile, Membership, Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import User

SEE_THE_POOL = (Role.REPRESENTATIVE, Role.CHAIR, Role.TEAM_LEADER, Role.TRAINER)

# The EU's official languages, and those of its neighbourhood and of missions so far. ISO 639-1.
LANGUAGES = [
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
    "ar",
    "he",
    "hy",
    "ka",
    "mk",
    "ru",
    "sq",
    "sr",
    "tr",
    "uk",
]  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for in the pool. ``level``, ``cefr``, ``clearance``: at least; ``mode``: ``on_site`` or ``remote``.

    ``start``, ``end``: free on all days between, both included; either alone is a single day.
    """

    text: str = ""
    state: str = ""
    profile: str = ""
    level: int = 1
    language: str = ""
    cefr: int = 1
    clearance: int = 0
    mode: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is known of an expert, as a whole: saving one replaces what was there.

    ``profiles``: ECSF profile -> level 1 to 5. ``languages``: ISO 639-1 -> CEFR 1 to 6.
    """

    name: str
    sector: str = Sector.CIVIL
    clearance: int = Clearance.NONE
    on_site: bool = True
    remote: bool = True
    note: str = ""
    active: bool = True
    profiles: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)


_FOR_THE_STATE = ("clearance", "active")  # what a state vouches for, and an expert cannot say of themselves


def pool(actor: Actor, wanted: Wanted = Wanted()) -> QuerySet[Expert]:
    """Experts who may be called, and those of the actor's own state who are put aside; by name.

    Raises:
        PermissionDenied: Not for this actor.
    """
    actor.need(*SEE_THE_POOL)
    own = Q(state__code__in=actor.states(Role.REPRESENTATIVE))
    found = Expert.objects.filter(Q(active=True) | own).select_related("state").prefetch_related("profiles", "languages")
    if wanted.text:
        found = found.filter(Q(name__icontains=wanted.text) | Q(note__icontains=wanted.text))
    if wanted.state:
        found = found.filter(state__code=wanted.state)
    if wanted.profile:
        found = found.filter(profiles__profile=wanted.profile, profiles__level__gte=wanted.level)
    if wanted.language:
        found = found.filter(languages__language=wanted.language, languages__level__gte=wanted.cefr)
    if wanted.clearance:
        found = found.filter(clearance__gte=wanted.clearance)
    if wanted.mode in ("on_site", "remote"):
        found = found.filter(**{wanted.mode: True})
    first, last = wanted.start or wanted.end, wanted.end or wanted.start
    if first and last:
        found = calendar.free(found, first, last)
    return found.order_by("name", "id")


def seen(actor: Actor, expert_id: UUID) -> Expert:
    """An expert's record: for those who see the pool, and for the expert.

    Raises:
        Http404: Not there, or not for this actor to know.
    """
    found = Expert.objects.select_related("state", "user").filter(pk=expert_id).first()
    if found is None or not (actor.has(*SEE_THE_POOL) or _is(actor, found)):
        raise Http404
    return found


def own(actor: Actor) -> Expert | None:
    """The actor's own record, where there is one."""
    return Expert.objects.select_related("state").filter(user=actor.user).first() if actor.user else None


def may_edit(actor: Actor, expert: Expert) -> bool:
    """Experts keep their own record, representatives those of their state."""
    return _is(actor, expert) or may_vouch(actor, expert.state)


def may_vouch(actor: Actor, state: State) -> bool:
    """Whether the actor speaks for the state: for clearances, and for who is in the pool."""
    return state.code in actor.states(Role.REPRESENTATIVE)


def need_to_edit(actor: Actor, expert: Expert) -> None:
    """Raise PermissionDenied unless the actor may change the expert's record."""
    if not may_edit(actor, expert):
        raise PermissionDenied(_("An expert's record is kept by the expert and by the representatives of the state."))


def may_add_for(actor: Actor) -> list[State]:
    """States for which the actor may add an expert: those represented; or one's own, for an expert without a record."""
    codes = set(actor.states(Role.REPRESENTATIVE))
    if own(actor) is None:
        codes |= actor.states(Role.EXPERT)
    return list(State.objects.filter(code__in=codes))


@transaction.atomic
def add_expert(actor: Actor, state: State, sheet: Sheet, *, account: str = "") -> Expert:
    """Put somebody into the pool. An expert without a record puts in themselves, uncleared until the state vouches for more.

    Args:
        account: E-mail address of the expert's account, which lets them answer nominations; a representative may leave it
            for later.

    Raises:
        PermissionDenied: Neither a representative of the state nor an expert of it without a record.
        Refused: There is no such account, or it has a record already; or the sheet says nobody's name.
    """
    if state not in may_add_for(actor):
        raise PermissionDenied(_("Experts are put into the pool by their state, or by themselves."))
    vouching = may_vouch(actor, state)
    expert = Expert(state=state, user=_account(account, state, None) if vouching else actor.user)
    _write(expert, sheet, vouching)
    audit.record(actor.label, "add_expert", f"expert {expert.pk}", {"state": state.code})
    return expert


@transaction.atomic
def save_expert(actor: Actor, expert: Expert, sheet: Sheet, *, account: str | None = None) -> Expert:
    """Replace what is known of an expert. Clearance, account, and whether they are in the pool, are for the state to say.

    Args:
        account: As in ``add_expert``; None leaves it as it is.

    Raises:
        PermissionDenied: Neither the expert nor a representative of the state.
        Refused: As in ``add_expert``.
    """
    need_to_edit(actor, expert)
    expert = Expert.objects.select_for_update(of=("self",)).select_related("state", "user").get(pk=expert.pk)
    before = sheet_of(expert)
    vouching = may_vouch(actor, expert.state)
    if vouching and account is not None:
        expert.user = _account(account, expert.state, expert)
    _write(expert, sheet, vouching)
    after = sheet_of(expert)
    changed = [name for name in Sheet.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    audit.record(actor.label, "save_expert", f"expert {expert.pk}", {"changed": changed})
    return expert


def sheet_of(expert: Expert) -> Sheet:
    """What is known of an expert."""
    plain: dict[str, Any] = {n: getattr(expert, n) for n in Sheet.__dataclass_fields__ if n not in ("profiles", "languages")}
    profiles = dict(ExpertProfile.objects.filter(expert=expert).values_list("profile", "level"))
    languages = dict(ExpertLanguage.objects.filter(expert=expert).values_list("language", "level"))
    return Sheet(**plain, profiles=profiles, languages=languages)


@transaction.atomic
def offer(actor: Actor, expert: Expert, start: date, end: date) -> None:
    """Say that the expert can be called on these days, both included. Spans that overlap or touch become one.

    Raises:
        PermissionDenied: Neither the expert nor a representative of the state.
        Refused: The end is before the start, the span is longer than three years, or in another age.
    """
    _change(actor, expert, start, end)
    near = expert.availability.filter(start__lte=end + calendar.DAY, end__gte=start - calendar.DAY)
    joined = [(start, end), *near.values_list("start", "end")]
    near.delete()
    Availability.objects.create(expert=expert, start=min(s for s, _ in joined), end=max(e for _, e in joined))
    audit.record(actor.label, "offer_days", f"expert {expert.pk}", {"start": start.isoformat(), "end": end.isoformat()})


@transaction.atomic
def take_back(actor: Actor, expert: Expert, start: date, end: date) -> None:
    """Say that the expert cannot be called on these days, both included. Missions they are nominated for stay.

    Raises:
        PermissionDenied: Neither the expert nor a representative of the state.
        Refused: The end is before the start, the span is longer than three years, or in another age.
    """
    _change(actor, expert, start, end)
    cut = expert.availability.filter(start__lte=end, end__gte=start)
    left = [
        piece
        for first, last in cut.values_list("start", "end")
        for piece in ((first, start - calendar.DAY), (end + calendar.DAY, last))
    ]
    cut.delete()
    Availability.objects.bulk_create(Availability(expert=expert, start=s, end=e) for s, e in left if s <= e)
    audit.record(actor.label, "take_back_days", f"expert {expert.pk}", {"start": start.isoformat(), "end": end.isoformat()})


def _is(actor: Actor, expert: Expert) -> bool:
    return actor.user is not None and expert.user_id == actor.user.pk


def _write(expert: Expert, sheet: Sheet, vouching: bool) -> None:
    if not sheet.name.strip():
        raise Refused(_("An expert needs a name."))
    for name in ("name", "sector", "on_site", "remote", "note", *(_FOR_THE_STATE if vouching else ())):
        setattr(expert, name, getattr(sheet, name))
    expert.updated_at = clock.now()
    expert.save()
    expert.profiles.all().delete()
    expert.languages.all().delete()
    ExpertProfile.objects.bulk_create(ExpertProfile(expert=expert, profile=p, level=n) for p, n in sheet.profiles.items())
    ExpertLanguage.objects.bulk_create(ExpertLanguage(expert=expert, language=c, level=n) for c, n in sheet.languages.items())


def _account(email: str, state: State, expert: Expert | None) -> User | None:
    email = email.strip().lower()
    if not email:
        return None
    held = (
        Membership.objects.filter(in_force(), user__email=email, role=Role.EXPERT, state=state).select_related("user").first()
    )
    if held is None:
        raise Refused(_("No expert of this state has an account under that address. An administrator invites them first."))
    other = Expert.objects.filter(user=held.user).first()
    if other is not None and other != expert:
        raise Refused(_("That account belongs to another record in the pool."))
    return held.user


def _change(actor: Actor, expert: Expert, start: date, end: date) -> None:
    need_to_edit(actor, expert)
    clock.need_years(start, end)
    if end < start:
        raise Refused(_("The last day is before the first."))
    if end - start > calendar.LONGEST:
        raise Refused(_("At most three years at a time."))
    Expert.objects.select_for_update().get(pk=expert.pk)  # two changes of one calendar follow one another
