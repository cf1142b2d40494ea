"""Verbs: one transaction and one entry in the log each."""

from collections.abc import Callable

# What the worker does over and over. Each does one piece of work, if there is any, and says whether there was.
STEPS: tuple[Callable[[], bool], ...] = ()
