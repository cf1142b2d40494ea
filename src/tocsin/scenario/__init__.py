"""Evidence with known truth: one description of an attack gives both.

Serves the demo, accuracy tests, exercises and benchmarks. ``build`` makes a scenario in memory, ``write`` puts its evidence
and its truth on disk; ``SCENARIOS`` lists the names. Addresses are those of documentation and benchmarks (RFC 5737, RFC 3849,
RFC 2544), private and shared ones (RFC 1918, RFC 6598); only forged sources are drawn from everywhere, as tools do.
"""

from tocsin.scenario.attacks import VECTORS
from tocsin.scenario.build import Piece, Scenario, write
from tocsin.scenario.capture import CaptureFormat, Link, write_capture
from tocsin.scenario.mix import flood_mix
from tocsin.scenario.registry import SCENARIOS, build
from tocsin.scenario.truth import Attack, AttackTruth, Truth, read_truth

__all__ = [
    "SCENARIOS",
    "VECTORS",
    "Attack",
    "AttackTruth",
    "CaptureFormat",
    "Link",
    "Piece",
    "Scenario",
    "Truth",
    "build",
    "flood_mix",
    "read_truth",
    "write",
    "write_capture",
]
