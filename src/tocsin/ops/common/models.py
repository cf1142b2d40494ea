"""Users, and the log of everything that was done."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): sorts by time, and never clashes when data moves between servers."""
    return uuid7()


class Thing(models.Model):
    """Everything that has an identity of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class UserManager(BaseUserManager["User"]):
    """Makes users."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password the account can only be entered another way."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who may enter the room. What they may do there stands in their memberships."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email


class Entry(models.Model):
    """One line of the log: who did what to which thing, chained to the line before. Triggers refuse any change (migration 0002).

    ``subject`` names the thing by kind and id and is no foreign key: the log outlives what it speaks of.
    """

    number = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=80, db_index=True)
    subject = models.CharField(max_length=120, db_index=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        # An index here, not at the field: SQLite would make the table anew for that, and lose the triggers.
        indexes: ClassVar = [models.Index(fields=["time"], name="log_by_time")]


class Ledger(models.Model):
    """The one row that says where the log ends. Locked by whoever appends, so that the log has no forks."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.UUIDField(default=new_id)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)


class Witness(Thing):
    """A signed head of the log, handed to a state."""

    state = models.CharField(max_length=2, db_index=True)
    number = models.BigIntegerField()
    head = models.JSONField()
    how = models.CharField(max_length=20)
    time = models.DateTimeField(default=timezone.now)


class Token(Thing):
    """A key to the API for a program that acts for a user. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    scopes = models.JSONField(default=list)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
