"""Verbs: one transaction and one entry in the log each."""

from collections.abc import Callable

from tocsin.ops.activation.services.council import close_due_session
from tocsin.ops.activation.services.muster import solve_waiting

# What the worker does over and over. Each does one piece of work, if there is any, and says whether there was.
STEPS: tuple[Callable[[], bool], ...] = (close_due_session, solve_waiting)
