"""Names of the techniques our findings claim, so that a number never stands alone."""

import csv
from functools import cache
from importlib import resources


@cache
def technique_names() -> dict[str, str]:
    """Name by technique id with framework: ``attack:T1498.001`` to ``Direct Network Flood``."""
    text = resources.files(__package__).joinpath("data/techniques.csv").read_text(encoding="utf-8")
    return {row["id"]: row["name"] for row in csv.DictReader(text.splitlines())}
