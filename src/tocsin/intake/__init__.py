"""Intake: from the paths a person gives to things a reader can read. Everything in them is taken to be hostile.

``gather`` walks, hashes and unwraps; an ``Item`` is opened by whoever reads it, in this process or another; a ``Refusal``
says what was not taken, and why. Nothing here is executed, evidence is opened read-only, and a name from an archive is
never used as a path.
"""

from tocsin.intake.items import Item, Refusal, verify_unchanged
from tocsin.intake.limits import Limits
from tocsin.intake.streams import damage
from tocsin.intake.walk import gather

__all__ = ["Item", "Limits", "Refusal", "damage", "gather", "verify_unchanged"]
