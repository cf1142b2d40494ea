"""Requests, council sessions, votes, missions, musters."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.ops.alliance.models import Expert, Partner
from tocsin.ops.common.models import Thing, User
from tocsin.terms import Tlp


class Request(Thing):
    """A partner asks for help. What it says stands in its versions; ``draft`` holds what is not handed in yet."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("handed in")
        IN_COUNCIL = "in_council", _("before the council")
        ACTIVATED = "activated", _("activated")
        DECLINED = "declined", _("declined")
        LAPSED = "lapsed", _("lapsed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    reference = models.CharField(max_length=20, unique=True)  # 2022-07
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="requests")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT, db_index=True)
    title = models.CharField(max_length=200, blank=True)
    tlp = models.CharField(max_length=20, choices=[(t.value, t.value) for t in Tlp], default=Tlp.AMBER_STRICT)
    draft = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, db_index=True)
    ready_by = models.DateTimeField(null=True)  # 72 h after it was handed in
    closed_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=400, blank=True)
    readers = models.ManyToManyField(User, blank=True, related_name="red_requests")  # who is named, where it is TLP:RED

    class Meta:
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return self.title or self.reference


class RequestVersion(Thing):
    """What was handed in, and each amendment. Never changed."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "number"], name="one_version_of_a_number")]


class Session(Thing):
    """The council on one request. ``record``: its opening (``tocsin.council.Opening``: rule, participants, deadline, all frozen)."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="sessions")
    version = models.ForeignKey(RequestVersion, on_delete=models.PROTECT)
    record = models.JSONField()
    deadline = models.DateTimeField(db_index=True)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, db_index=True)
    closing = models.JSONField(null=True)  # tocsin.council.Closing
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(closed_at__isnull=True), name="one_open_session_per_request"
            )
        ]


class Addition(Thing):
    """What came to a session after its opening, beside votes: ``amendment`` or ``consent`` of the host (``tocsin.council``)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="additions")
    kind = models.CharField(max_length=12, choices=[("amendment", "amendment"), ("consent", "consent")])
    record = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["made_at"]


class Vote(Thing):
    """A signed vote (``tocsin.council.Vote`` as JSON). A change of mind is another one with the next number."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="votes")
    state = models.CharField(max_length=2)
    number = models.PositiveIntegerField()
    record = models.JSONField()
    cast_by = models.ForeignKey(User, on_delete=models.PROTECT)
    cast_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["cast_at", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "state", "number"], name="one_vote_of_a_number")]


class Remark(Thing):
    """A word in the discussion of a session."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="remarks")
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    role = models.CharField(max_length=120)
    text = models.TextField(max_length=4000)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["made_at"]


class Mission(Thing):
    """What the states decided to do: from activation to stand-down. ``caveats`` bind it, each with the state that set it."""

    class Stage(models.TextChoices):
        ACTIVATED = "activated", _("activated")
        MUSTERING = "mustering", _("mustering")
        READY = "ready", _("ready")
        DEPLOYED = "deployed", _("deployed")
        NOT_DEPLOYED = "not_deployed", _("activated, not deployed")
        STANDING_DOWN = "standing_down", _("standing down")
        CLOSED = "closed", _("closed")

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="mission")
    session = models.OneToOneField(Session, on_delete=models.PROTECT, null=True, related_name="mission")
    name = models.CharField(max_length=200)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.ACTIVATED, db_index=True)
    leader = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="missions_led")
    start = models.DateField()
    end = models.DateField()
    caveats = models.JSONField(default=list)
    need = models.JSONField(null=True)  # tocsin.muster.Need as the chair stated it
    made_at = models.DateTimeField(default=timezone.now)
    stage_since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return self.name


class Transition(Thing):
    """A mission's step from one stage to the next."""

    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="transitions")
    before = models.CharField(max_length=20, choices=Mission.Stage.choices)
    after = models.CharField(max_length=20, choices=Mission.Stage.choices)
    why = models.CharField(max_length=400)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["made_at"]


class Proposal(Thing):
    """A team the solver proposes. A row without ``solved_at`` waits for the worker; a killed worker leaves it waiting."""

    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="proposals")
    need = models.JSONField()
    result = models.JSONField(null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT)
    asked_at = models.DateTimeField(default=timezone.now)
    solved_at = models.DateTimeField(null=True, db_index=True)
    adopted_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]


class Nomination(Thing):
    """An expert asked to go on a mission. ``seat``: ``tocsin.muster.Seat`` as JSON, null for an additional member."""

    class Status(models.TextChoices):
        NOMINATED = "nominated", _("asked")
        ACCEPTED = "accepted", _("accepted")
        CONFIRMED = "confirmed", _("confirmed by the state")
        DECLINED = "declined", _("declined")
        REFUSED = "refused", _("refused by the state")
        RELEASED = "released", _("released")

    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="nominations")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="nominations")
    seat = models.JSONField(null=True)
    reason = models.CharField(max_length=600)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.NOMINATED, db_index=True)
    answer = models.CharField(max_length=400, blank=True)
    start = models.DateField()
    end = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["made_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mission", "expert"],
                condition=models.Q(status__in=["nominated", "accepted", "confirmed"]),
                name="one_live_nomination_per_expert_and_mission",
            )
        ]


LIVE = ("nominated", "accepted", "confirmed")


class TrainingNeed(Thing):
    """A skill that no state could supply, kept for the trainers."""

    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="training_needs")
    skill = models.CharField(max_length=120)
    short = models.PositiveIntegerField()
    holders = models.PositiveIntegerField()
    reason = models.CharField(max_length=600)
    made_at = models.DateTimeField(default=timezone.now)
