"""Who somebody is, and what follows from it. Queries and services ask here; templates only show what they are given."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.ops.alliance.models import SECOND_FACTOR, Membership, Participation, Role
from tocsin.ops.common.models import User


@dataclass(frozen=True)
class Actor:
    """A person with the memberships they hold today. Nobody in particular has none."""

    user: User | None
    memberships: tuple[Membership, ...] = ()

    @cached_property
    def roles(self) -> frozenset[str]:
        """All roles held."""
        return frozenset(m.role for m in self.memberships)

    def has(self, *roles: str) -> bool:
        """Whether one of the roles is held."""
        return not self.roles.isdisjoint(roles)

    def states(self, *roles: str) -> frozenset[str]:
        """Codes of the states for which one of the roles is held."""
        return frozenset(m.state.code for m in self.memberships if m.state and m.role in roles)

    @cached_property
    def partners(self) -> frozenset[Any]:
        """Ids of the partners whose staff this is."""
        return frozenset(m.partner_id for m in self.memberships if m.partner_id)

    @cached_property
    def votes_for(self) -> frozenset[str]:
        """Codes of participating states that this person represents."""
        return frozenset(participants()) & self.states(Role.REPRESENTATIVE)

    @cached_property
    def label(self) -> str:
        """How the log names this person: what they are, and an id that says nothing by itself."""
        if not self.user:
            return "nobody"
        return f"{', '.join(sorted(described(m) for m in self.memberships)) or 'no role'} ({self.user.pk})"

    def need(self, *roles: str, state: str | None = None) -> None:
        """Raise PermissionDenied unless one of the roles is held (for this state, where one is given)."""
        if self.has(*roles) if state is None else state in self.states(*roles):
            return
        words = _(" or ").join(str(Role(role).label) for role in roles)
        raise PermissionDenied(_("This is for %(roles)s.") % {"roles": words})


def view(actor: Actor) -> Hashable:
    """What decides what somebody may see: who has the same view sees the same. An expert's is their own.

    Where more than this is asked about an actor, it goes beside it into the key of what is ``shared``.
    """
    held = frozenset((m.role, m.state_id, m.partner_id) for m in actor.memberships)
    return held, actor.user.pk if actor.user and actor.has(Role.EXPERT) else None


def described(membership: Membership) -> str:
    """A membership in the words of the log: ``representative EE``."""
    of = membership.state.code if membership.state else membership.partner.name if membership.partner else ""
    return f"{membership.role} {of}".strip()


NOBODY = Actor(None)


def actor_for(user: Any) -> Actor:
    """The actor that a user is today."""
    if not user or not user.is_authenticated:
        return NOBODY
    held = Membership.objects.filter(in_force(), user=user).select_related("state", "partner").order_by("id")
    return Actor(user, tuple(held))


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind a request; asked once per request."""
    if not hasattr(request, "actor"):
        request.actor = actor_for(request.user)  # type: ignore[attr-defined]
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def in_force(prefix: str = "") -> Q:
    """Dated rows that hold today (both days included)."""
    today = timezone.localdate()
    return Q(**{f"{prefix}start__lte": today}) & (Q(**{f"{prefix}end": None}) | Q(**{f"{prefix}end__gte": today}))


def participants() -> list[str]:
    """Codes of the states that decide today: participants and those who lead. In the order of the alphabet."""
    roles = [Participation.Role.PARTICIPANT, Participation.Role.LEAD, Participation.Role.ROTATING_LEAD]
    held = Participation.objects.filter(in_force(), role__in=roles)
    return sorted(set(held.values_list("state__code", flat=True)))


def needs_second_factor(actor: Actor) -> bool:
    """Whether a role is held that must be proved with more than a password."""
    return actor.has(*SECOND_FACTOR)


def names(codes: Iterable[str], known: dict[str, str]) -> str:
    """``Croatia, Estonia and Romania``."""
    said = [known.get(code, code) for code in codes]
    return _("%(many)s and %(last)s") % {"many": ", ".join(said[:-1]), "last": said[-1]} if len(said) > 1 else "".join(said)
