"""The people of the browser's story, put into an empty room before it opens: an alliance of six, experts, a partner's staff.

python -m kit.story SECRET     with the room's settings in the environment; SECRET is everybody's one-time-code secret
"""

import os
import random
import sys
from datetime import timedelta

from django.utils import timezone

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
EXPERTS = 24
DELEGATE = ("NL", "EE")  # who is away, and who votes for it


def put() -> None:
    """Fill the room. Everything after this is done in browsers."""
    from allauth.account.models import EmailAddress
    from allauth.mfa.totp.internal.auth import TOTP

    from kit.room import FOUNDERS, make_room
    from tocsin.muster import Cefr, Clearance, EcsfProfile
    from tocsin.ops.alliance.models import Availability, Expert, ExpertLanguage, ExpertProfile, Membership, Role
    from tocsin.ops.common.models import User

    room = make_room()
    draw, today = random.Random(7), timezone.localdate()
    profiles = [
        EcsfProfile.INCIDENT_RESPONDER,
        EcsfProfile.FORENSICS_INVESTIGATOR,
        EcsfProfile.THREAT_INTELLIGENCE,
    ]
    for number in range(EXPERTS):
        code = list(FOUNDERS)[number % len(FOUNDERS)]
        user = User.objects.create_user(
            f"expert{number}@example.org", f"expert{number}-password-1", name=f"Expert {number} of {code}"
        )
        Membership.objects.create(user=user, role=Role.EXPERT, state=room.states[code], start=today)
        expert = Expert.objects.create(user=user, state=room.states[code], name=user.name, clearance=Clearance.SECRET)
        for profile in draw.sample(profiles, 2):
            ExpertProfile.objects.create(expert=expert, profile=profile, level=draw.randint(3, 5))
        ExpertLanguage.objects.create(expert=expert, language="en", level=Cefr.C1)
        Availability.objects.create(expert=expert, start=today, end=today + timedelta(days=120))
    for user in User.objects.all():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        TOTP.activate(user, SECRET)


if __name__ == "__main__":
    from tocsin.ops.config.server import prepare

    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.ops.config.settings"
    prepare(lambda said: sys.stderr.write(said + "\n"))
    from django.db import transaction

    with transaction.atomic():
        put()
