"""States, rules, partners, memberships, experts."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.muster import Cefr, Clearance, EcsfProfile, Sector
from tocsin.ops.common.models import Thing, User


class Role(models.TextChoices):
    """What somebody is in the room. A person may be several things."""

    REPRESENTATIVE = "representative", _("state representative")
    CHAIR = "chair", _("chair of the council")
    OBSERVER = "observer", _("observer")
    TEAM_LEADER = "team_leader", _("team leader")
    EXPERT = "expert", _("expert")
    PARTNER = "partner", _("partner's staff")
    TRAINER = "trainer", _("trainer")
    ADMINISTRATOR = "administrator", _("administrator")


OF_A_STATE = {Role.REPRESENTATIVE, Role.OBSERVER, Role.EXPERT}
OF_A_PARTNER = {Role.PARTNER}
# Who votes, presides or administers proves it with a second factor.
SECOND_FACTOR = {Role.REPRESENTATIVE, Role.CHAIR, Role.ADMINISTRATOR}


class State(Thing):
    """A state of the alliance. ``code``: ISO 3166-1 alpha-2."""

    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Participation(Thing):
    """What a state is in the alliance, and from when to when (both days included)."""

    class Role(models.TextChoices):
        PARTICIPANT = "participant", _("participant")
        OBSERVER = "observer", _("observer")
        LEAD = "lead", _("lead")
        ROTATING_LEAD = "rotating_lead", _("rotating lead")

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="participations")
    role = models.CharField(max_length=20, choices=Role.choices)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["start"]


class RuleVersion(Thing):
    """A rule of decision (``tocsin.council.Rule`` as JSON), in force from a day until the next version's."""

    number = models.PositiveIntegerField(unique=True)
    rule = models.JSONField()
    start = models.DateField()
    note = models.CharField(max_length=400, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-start", "-number"]


class StateKey(Thing):
    """A state's Ed25519 key. ``sealed``: the private half under the state's passphrase, which the room never keeps."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="keys")
    public = models.CharField(max_length=60, unique=True)
    sealed = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)


class Delegation(Thing):
    """A state lets another vote for it for a while. ``record``: what it signed."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="delegations_given")
    to = models.ForeignKey(State, on_delete=models.PROTECT, related_name="delegations_received")
    start = models.DateTimeField()
    end = models.DateTimeField()
    record = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Partner(Thing):
    """Somebody who may ask for help. ``country``: ISO 3166-1 alpha-2."""

    class Kind(models.TextChoices):
        PARTNER = "partner", _("partner country")
        MEMBER = "member", _("EU member state")
        EU_INSTITUTION = "eu_institution", _("EU institution, body or agency")
        CSDP_MISSION = "csdp_mission", _("CSDP mission or operation")

    name = models.CharField(max_length=160, unique=True)
    country = models.CharField(max_length=2)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PARTNER)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(Thing):
    """A role of a person: for a state, for a partner, or for the alliance as a whole."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    state = models.ForeignKey(State, on_delete=models.PROTECT, null=True, blank=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    start = models.DateField(default=timezone.localdate)
    end = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="membership_of_what_its_role_is_of",
                condition=(
                    models.Q(role__in=sorted(OF_A_STATE), state__isnull=False, partner__isnull=True)
                    | models.Q(role__in=sorted(OF_A_PARTNER), state__isnull=True, partner__isnull=False)
                    | (~models.Q(role__in=sorted(OF_A_STATE | OF_A_PARTNER)) & models.Q(partner__isnull=True))
                ),
            ),
        ]

    def __str__(self) -> str:
        of = self.state or self.partner
        return f"{self.get_role_display()} · {of}" if of else str(self.get_role_display())


class Invitation(Thing):
    """A one-time way in. Only the hash of its secret is kept."""

    email = models.EmailField(blank=True)  # empty for the first administrator, who says it
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    state = models.ForeignKey(State, on_delete=models.PROTECT, null=True, blank=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Expert(Thing):
    """Somebody a state lends."""

    user = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="expert")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="experts")
    name = models.CharField(max_length=120)
    clearance = models.PositiveSmallIntegerField(choices=[(c.value, c.label) for c in Clearance], default=Clearance.NONE)
    sector = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Sector], default=Sector.CIVIL)
    on_site = models.BooleanField(default=True)
    remote = models.BooleanField(default=True)
    note = models.CharField(max_length=400, blank=True)
    active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class ExpertProfile(models.Model):
    """A profile of the European Cybersecurity Skills Framework, held at a level of 1 to 5."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="profiles")
    profile = models.CharField(max_length=60, choices=[(p.value, p.label) for p in EcsfProfile])
    level = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["expert", "profile"], name="one_level_per_profile")]


class ExpertLanguage(models.Model):
    """A language (ISO 639-1) at a CEFR level."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="languages")
    language = models.CharField(max_length=2)
    level = models.PositiveSmallIntegerField(choices=[(c.value, c.name) for c in Cefr])

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["expert", "language"], name="one_level_per_language")]


class Availability(models.Model):
    """Days on which an expert may be called, both included."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="availability")
    start = models.DateField()
    end = models.DateField()

    class Meta:
        ordering: ClassVar = ["start"]
        constraints: ClassVar = [
            models.CheckConstraint(name="availability_ends_after_it_starts", condition=models.Q(end__gte=models.F("start")))
        ]
