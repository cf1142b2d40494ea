"""All scenarios by name."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tocsin.errors import TocsinError
from tocsin.scenario import february
from tocsin.scenario.attacks import VECTORS
from tocsin.scenario.build import Scenario, build_single
from tocsin.scenario.stage import DEFAULT_START

SCENARIOS: Mapping[str, str] = MappingProxyType(
    {
        february.NAME: "A ministry of defence and two banks attacked at once: captures, NetFlow, web-server logs, partner profile",
        "ordinary": "Everyday traffic of a ministry, no attack",
    }
    | {
        f"vector:{name}": f"{name} at a ministry ({', '.join(filter(None, kind.variants)) or 'one form'})"
        for name, kind in VECTORS.items()
    }
)


def build(name: str, *, seed: int = 0, start: datetime = DEFAULT_START, **options: Any) -> Scenario:
    """Make a scenario in memory.

    Args:
        name: One of ``SCENARIOS``, or with more detail ``vector:NAME/VARIANT``, ``vector:amplification/SERVICE+SERVICE``.
        seed: The same seed and options give the same bytes.
        start: Of the evidence, with a time zone.
        options: For ``february-2022``: ``duration_s`` and ``ordinary_pps``. For all others see ``build_single``: ``rate_pps``,
            ``duration_s``, ``ordinary_pps``, ``attack_start_s``, ``attack_duration_s``, ``sources``, ``victim``, ``port``,
            ``evidence``, ``form``, ``site``, ``attacks``.

    Raises:
        TocsinError: An unknown name, or a wrong description.
    """
    if name == february.NAME:
        return february.february_2022(seed=seed, start=start, **options)
    if name != "ordinary" and not name.startswith("vector:"):
        raise TocsinError(f"scenario {name!r}: expected one of {', '.join(SCENARIOS)}")
    return build_single(name, seed=seed, start=start, **options)
