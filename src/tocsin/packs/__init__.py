"""Reference data that ships with the kit: dated, each row with its source."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Amplifier:
    """A UDP service that answers more than it is asked.

    Attributes:
        service: Name used in ``packet_kind`` and ``attributes.services``.
        port: UDP source port of the answers.
        factor: Bandwidth amplification factor as published (the highest, where a range is given); 0 if none is.
        source: Who published it.
    """

    service: str
    port: int
    factor: float
    source: str


@cache
def amplifiers() -> tuple[Amplifier, ...]:
    """The table of amplifier services, in file order (the order fixes the numbers used in compiled kernels)."""
    text = resources.files(__package__).joinpath("data/amplifiers.csv").read_text(encoding="utf-8")
    return tuple(
        Amplifier(row["service"], int(row["port"]), float(row["factor"]), row["source"])
        for row in csv.DictReader(text.splitlines())
    )
