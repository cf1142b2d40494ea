"""What is true of a scenario: the attacks as they were asked for, and as they came out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import distinct
from tocsin.scenario.packets import ip_lengths
from tocsin.scenario.stage import SECOND, Traffic

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack, or what looks like one, as asked for.

    Attributes:
        vector: One of ``VECTORS``.
        start_s, duration_s: From the start of the scenario.
        rate_pps: Packets a second that reach the victim, on average; 0 for the usual of the vector.
        victim: Address or prefix; "" for the site's usual one.
        port: Destination port, where there is one; 0 for the usual.
        sources: Hosts that take part (of a spoofed flood: real senders); 0 for the usual.
        variant: One of the vector's; "" for its first.
        services: For amplification, which reflect; empty for DNS.
        botnet: Attacks with the same name take their bots from the same thousand hosts; "" for bots of its own.
    """

    vector: str
    start_s: float = 0.0
    duration_s: float = 30.0
    rate_pps: float = 0.0
    victim: str = ""
    port: int = 0
    sources: int = 0
    variant: str = ""
    services: tuple[str, ...] = ()
    botnet: str = ""


@dataclass(frozen=True, slots=True)
class AttackTruth:
    """An attack as it came out, counted over its own packets: not the victim's answers, nor anything else it provoked.

    Attributes:
        label: Of its packets and requests: n for the n-th. What it provoked has -n.
        site: Whose victim.
        vector, variant: As asked for.
        expected: What an analyzer should call it: ``attack``, ``suspicious``, ``context``, or ``none``.
        victim: Address, or prefix of a carpet bombing.
        port: Destination port; None if there are none or many.
        start, end: First and last packet, UTC.
        packets: How many.
        peak_packets_per_s, peak_bits_per_s: In the busiest second of the clock; bits of IP packets, headers included.
        requests, peak_requests_per_s: Web requests; 0 if the attack makes none.
        sources: Distinct source addresses.
        spoofed: Whether these are forged, so that blocking them hits others.
        services: Services that reflected.
    """

    label: int
    site: str
    vector: str
    variant: str
    expected: str
    victim: str
    port: int | None
    start: datetime
    end: datetime
    packets: int
    peak_packets_per_s: float
    peak_bits_per_s: float
    requests: int
    peak_requests_per_s: float
    sources: int
    spoofed: bool
    services: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From an entry of truth.json."""
        times = {name: datetime.fromisoformat(data[name]) for name in ("start", "end")}
        return cls(**{**data, **times, "services": tuple(data["services"])})


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything there is to know of a scenario. ``packets``: of all captures together, by file name."""

    scenario: str
    seed: int
    start: datetime
    end: datetime
    attacks: tuple[AttackTruth, ...]
    packets: Mapping[str, int]
    requests: Mapping[str, int]

    def write(self, path: Path) -> None:
        """As JSON, the same bytes for the same truth; times as ISO 8601 in UTC."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True, default=_iso)
        path.write_text(text + "\n", encoding="utf-8")


def read_truth(path: Path) -> Truth:
    """Read truth.json.

    Raises:
        OSError, ValueError, KeyError, TypeError: It cannot be read or was not written by us.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    times = {name: datetime.fromisoformat(data[name]) for name in ("start", "end")}
    return Truth(**{**data, **times, "attacks": tuple(AttackTruth.read(entry) for entry in data["attacks"])})


def _iso(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat().replace("+00:00", "Z")


def measured(
    traffic: Traffic, *, label: int, site: str, vector: str, variant: str, expected: str, victim: str, port: int | None,
    spoofed: bool, services: tuple[str, ...],
) -> AttackTruth:  # fmt: skip
    """Count an attack's own packets and requests, after they were cut to the span of the scenario."""
    rows = traffic.rows[traffic.rows["label"] == label]
    requests = traffic.requests[traffic.requests["label"] == label]
    if not len(rows):
        raise ValueError(
            f"{vector}: no packet of it lies within the scenario; raise rate_pps or duration_s, or start it earlier"
        )
    second = rows["time_ns"] // SECOND
    second -= second[0]
    busiest = int(np.bincount(second).max())
    bits = float(np.bincount(second, ip_lengths(rows)).max() * 8)
    asked = requests["time_ns"] // SECOND
    return AttackTruth(
        label, site, vector, variant, expected, victim, port, _utc(int(rows["time_ns"][0])), _utc(int(rows["time_ns"][-1])),
        len(rows), float(busiest), bits, len(requests), float(np.bincount(asked - asked[0]).max()) if len(asked) else 0.0,
        distinct(rows["src_hi"], rows["src_lo"]), spoofed, services,
    )  # fmt: skip


def _utc(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns // SECOND, UTC).replace(microsecond=time_ns % SECOND // 1000)
