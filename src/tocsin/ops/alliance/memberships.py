"""Who is what in the room: given by invitation, ended by an administrator, never erased."""

import uuid
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.ops.alliance.access import Actor, in_force
from tocsin.ops.alliance.models import Invitation, Membership, Role
from tocsin.ops.common import audit, clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import User


def members(actor: Actor) -> QuerySet[User]:
    """Everybody with an account, with what they are today as ``held``."""
    actor.need(Role.ADMINISTRATOR)
    held = Membership.objects.filter(in_force()).select_related("state", "partner").order_by("role")
    return User.objects.prefetch_related(Prefetch("memberships", held, to_attr="held")).order_by("name", "pk")


def open_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Invitations that still work; a representative sees those of experts of their state."""
    actor.need(Role.ADMINISTRATOR, Role.REPRESENTATIVE)
    found = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now()).exclude(email="")
    if not actor.has(Role.ADMINISTRATOR):
        found = found.filter(role=Role.EXPERT, state__code__in=actor.states(Role.REPRESENTATIVE))
    return found.select_related("state", "partner").order_by("-made_at")


@transaction.atomic
def revoke_invitation(actor: Actor, invitation_id: uuid.UUID) -> None:
    """Make a link stop working.

    Raises:
        Http404: It is none of this actor's business.
        Refused: It was used, or does not work any more.
    """
    actor.need(Role.ADMINISTRATOR, Role.REPRESENTATIVE)
    own = Q() if actor.has(Role.ADMINISTRATOR) else Q(role=Role.EXPERT, state__code__in=actor.states(Role.REPRESENTATIVE))
    if not Invitation.objects.filter(own, pk=invitation_id).exists():
        raise Http404
    if not open_invitations(actor).filter(pk=invitation_id).update(revoked_at=clock.now()):
        raise Refused(_("This invitation was used already, or does not work any more."))
    audit.record(actor.label, "revoke_invitation", f"invitation {invitation_id}", {})


@transaction.atomic
def end_membership(actor: Actor, membership_id: uuid.UUID) -> None:
    """End a role, as of yesterday: it holds no more from now on.

    Raises:
        PermissionDenied: It is not for this actor.
        Refused: It ended already, or it is the last administrator's.
    """
    actor.need(Role.ADMINISTRATOR)
    held = Membership.objects.select_for_update().filter(in_force())
    membership = held.filter(pk=membership_id).first()
    if membership is None:
        raise Refused(_("This role has ended already."))
    if membership.role == Role.ADMINISTRATOR and held.filter(role=Role.ADMINISTRATOR).count() == 1:
        raise Refused(_("The last administrator stays: invite another one first."))
    membership.end = timezone.localdate() - timedelta(days=1)
    membership.save(update_fields=["end"])
    audit.record(
        actor.label, "end_membership", f"membership {membership.pk}", {"user": str(membership.user_id), "role": membership.role}
    )


def may_invite(actor: Actor, role: str, state: str | None) -> None:
    """Administrators invite into every role, representatives experts of their state.

    Raises:
        PermissionDenied: Neither is the case.
    """
    if actor.has(Role.ADMINISTRATOR):
        return
    if role == Role.EXPERT and state in actor.states(Role.REPRESENTATIVE):
        return
    raise PermissionDenied(_("Administrators invite; a representative invites experts of their own state."))
