"""One analyzer's claim, with the rows that show it and what can be done."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.model.traffic import TrafficMatch
from tocsin.terms import FindingClass, Severity


@dataclass(frozen=True, slots=True)
class Entity:
    """Something a finding is about. ``role``: victim, attacker, reflector, source. ``kind``: ip, prefix, host, domain…"""

    role: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A row that shows the claim: its evidence, its byte offset there, and a one-line rendering."""

    evidence_id: str
    name: str
    sha256: str
    offset: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Series:
    """What a chart of the finding draws: the attack against its own usual.

    Attributes:
        start_s: Unix second of the first value.
        step_s: Seconds between values.
        unit: ``packets/s``, ``requests/s``, ``connections``…
        values: Everything of the finding's kind that reached the victim, per step.
        usual: What was usual in the evidence outside the attack, same unit; None if there is nothing to compare with.
    """

    start_s: int
    step_s: int
    unit: str
    values: tuple[float, ...]
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Mitigation:
    """What should be done to which packets, measured on this evidence; exporters turn it into files.

    Attributes:
        effect: ``drop``, ``rate_limit``, ``syn_proxy``, ``limit_requests``, ``limit_connections`` or ``blackhole``.
        summary: One imperative sentence.
        match: The packets it acts on.
        rate_per_s: For limits, what is let through (packets, requests or new connections per second); for
            ``limit_connections`` the connections one address may hold at once.
        hit_ratio: Attack packets (requests) that the match covers, 0 to 1.
        collateral_ratio: Other packets (requests) of the same evidence that it covers, 0 to 1.
        note: What to know before deploying it; where hit < 0.95 or collateral >= 0.01, why.
        refused: Why it must not be done. A refused mitigation has no files.
    """

    effect: str
    summary: str
    match: TrafficMatch
    rate_per_s: int | None = None
    hit_ratio: float | None = None
    collateral_ratio: float | None = None
    note: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A mitigation written down as a file ready to deploy (``path`` relative to the case folder, "" if refused)."""

    kind: str
    path: str
    summary: str
    hit_ratio: float | None = None
    collateral_ratio: float | None = None
    note: str = ""
    undo: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim. Field by field as in design.md, section 4; times are aware UTC."""

    id: str
    analyzer: str
    version: str
    cls: FindingClass
    title: str
    severity: Severity
    confidence: int
    confidence_basis: str
    techniques: tuple[str, ...]
    first_seen: datetime | None
    last_seen: datetime | None
    entities: tuple[Entity, ...]
    attributes: Mapping[str, Any]
    evidence: tuple[EvidenceRow, ...]
    meaning: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    mitigations: tuple[Mitigation, ...] = ()
    actions: tuple[Action, ...] = ()
    series: Series | None = None
    incident: str | None = None
    related: tuple[str, ...] = field(default=())

    @property
    def whom(self) -> str:
        """The first victim with its name where that is known: ``192.0.2.10 (Ministry: web site)``; "" if there is none."""
        victim, name = next(iter(self.named("victim")), ""), self.attributes.get("victim_name")
        return f"{victim} ({name})" if victim and name else victim

    def named(self, role: str) -> tuple[str, ...]:
        """Values of the entities with this role, in order."""
        return tuple(entity.value for entity in self.entities if entity.role == role)


def finding_id(first_seen: datetime | None, **identity: Any) -> str:
    """Make an id in the shape of a UUIDv7 (RFC 9562) from what the finding is, so that the same evidence gives the same id.

    Args:
        first_seen: Its millisecond Unix time stands in the first 48 bits, so that ids sort by time.
        identity: What makes this finding this one: analyzer, victim, vector, evidence hashes. JSON-serialisable.
    """
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True, default=str).encode()).digest()
    millis = int(first_seen.timestamp() * 1000) if first_seen else 0
    bits = (max(millis, 0) & (1 << 48) - 1) << 80 | int.from_bytes(digest[:10], "big")
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=bits))
