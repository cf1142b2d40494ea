"""Scenarios by name: put together, then written as evidence with its truth beside it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.errors import TocsinError
from tocsin.scenario.attacks import VECTORS, stage_attack
from tocsin.scenario.capture import CaptureFormat, write_capture
from tocsin.scenario.firewall import write_firewall_log
from tocsin.scenario.flows import FlowExport, datagrams, flows_of, write_flows
from tocsin.scenario.ordinary import ordinary
from tocsin.scenario.packets import Packets
from tocsin.scenario.stage import DEFAULT_START, SECOND, Site, Stage, Traffic, joined
from tocsin.scenario.truth import Attack, AttackTruth, Truth
from tocsin.scenario.weblogs import in_order, write_log

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Piece:
    """One file of evidence.

    Attributes:
        name: Below the evidence folder.
        kind: ``capture``, ``netflow``, ``web_log`` or ``firewall_log``.
        save: Writes the file.
        labels: One per packet (capture) or request (web log), in the order of the file: 0 ordinary, n the n-th attack, -n
            what it provoked (answers, errors, resets). None for flows.
        packets: Of a capture, in memory.
    """

    name: str
    kind: str
    save: Callable[[Path], None]
    labels: Array | None = None
    packets: Packets | None = None


@dataclass(frozen=True)
class Scenario:
    """Evidence and its truth, not yet written. ``partner``: what partner.yaml will say, if the scenario has a partner."""

    name: str
    truth: Truth
    pieces: tuple[Piece, ...]
    partner: Mapping[str, Any] | None = field(default=None)

    @property
    def attacks(self) -> tuple[AttackTruth, ...]:
        """The attacks and look-alikes in it."""
        return self.truth.attacks

    def piece(self, kind: str) -> Piece:
        """The first piece of a kind; KeyError if there is none."""
        for piece in self.pieces:
            if piece.kind == kind:
                return piece
        raise KeyError(kind)


@dataclass(frozen=True)
class Played:
    """What happened at one site: its packets as a tap sees them, its web requests, its attacks."""

    stage: Stage
    packets: Packets
    requests: Array
    attacks: tuple[AttackTruth, ...]


def capture_piece(name: str, played: Played, form: CaptureFormat) -> Piece:
    """A site's packets as a capture file."""

    def save(path: Path) -> None:
        write_capture(path, played.packets, form, inside=played.stage.site.inside)

    return Piece(name, "capture", save, played.packets.labels, played.packets)


def flow_piece(name: str, sites: Iterable[Played], export: FlowExport, *, seed: int) -> Piece:
    """The flows that a router makes of the packets of some sites; a name in ``.pcap`` gives a capture of the export."""
    taps = [site.packets for site in sites]

    def save(path: Path) -> None:
        write_flows(path, datagrams(flows_of(taps, export, seed=seed), export), export)

    return Piece(name, "netflow", save)


def web_log_piece(name: str, played: Played, form: str) -> Piece:
    """The access log of a site's web server."""
    requests = in_order(played.requests)

    def save(path: Path) -> None:
        write_log(path, requests, played.stage.strings, played.stage.site, form)

    return Piece(name, "web_log", save, np.ascontiguousarray(requests["label"]))


def firewall_piece(name: str, played: Played, *, per_s: int = 0) -> Piece:
    """The log of a site's firewall."""

    def save(path: Path) -> None:
        write_firewall_log(path, played.packets, played.stage.site, per_s=per_s)

    return Piece(name, "firewall_log", save)


def _day(played: Played) -> str:
    return datetime.fromtimestamp(played.stage.start_ns // SECOND, UTC).strftime("%y%m%d")


# What ``build`` can write of one site: name of the file after the site's, and how it is made.
EVIDENCE: dict[str, Callable[[str, Played, CaptureFormat], Piece]] = {
    "pcap": lambda name, played, form: capture_piece(f"{name}.pcap", played, replace(form, pcapng=False)),
    "pcapng": lambda name, played, form: capture_piece(f"{name}.pcapng", played, replace(form, pcapng=True)),
    "netflow5": lambda name, played, _: flow_piece(f"{name}.nf5", [played], FlowExport(5), seed=0),
    "netflow9": lambda name, played, _: flow_piece(f"{name}.nf9", [played], FlowExport(9), seed=0),
    "netflow9-pcap": lambda name, played, _: flow_piece(f"{name}-export.pcap", [played], FlowExport(9), seed=0),
    "combined": lambda name, played, _: web_log_piece(f"{name}-access.log", played, "combined"),
    "nginx": lambda name, played, _: web_log_piece(f"{name}-nginx.log", played, "nginx"),
    "iis": lambda name, played, _: web_log_piece(f"{name}-u_ex{_day(played)}.log", played, "iis"),
    "json": lambda name, played, _: web_log_piece(f"{name}-access.json", played, "json"),
    "firewall": lambda name, played, _: firewall_piece(f"{name}-firewall.log", played),
}


def play_site(stage: Stage, attacks: Iterable[Attack], *, ordinary_pps: float, first_label: int = 1) -> Played:
    """Ordinary traffic of a site with attacks in it.

    Raises:
        TocsinError: An attack is described wrongly.
    """
    parts: list[Traffic] = [ordinary(stage, ordinary_pps)] if ordinary_pps else []
    truths = []
    for label, attack in enumerate(attacks, first_label):
        traffic, truth = stage_attack(stage, attack, label)
        parts.append(traffic)
        truths.append(truth)
    packets, requests = stage.finish(joined(parts))
    return Played(stage, packets, requests, tuple(truths))


def build_single(
    name: str,
    *,
    seed: int = 0,
    rate_pps: float = 0.0,
    duration_s: float = 60.0,
    ordinary_pps: float = 200.0,
    attack_start_s: float | None = None,
    attack_duration_s: float | None = None,
    sources: int = 0,
    victim: str = "",
    port: int = 0,
    start: datetime = DEFAULT_START,
    evidence: Iterable[str] = ("pcap",),
    form: CaptureFormat | None = None,
    site: Site | None = None,
    attacks: Iterable[Attack] = (),
) -> Scenario:
    """Make a scenario of one site.

    Args:
        name: ``ordinary``, or ``vector:NAME``, ``vector:NAME/VARIANT``, ``vector:amplification/SERVICE+SERVICE``.
        seed: The same seed and arguments give the same bytes.
        rate_pps: Packets a second that reach the victim, mean over the attack; 0 for the usual of the vector.
        duration_s: Of the evidence.
        ordinary_pps: Of the traffic around the attack, both directions; 0 for none.
        attack_start_s: Default: a quarter into the evidence.
        attack_duration_s: Default: half of the evidence.
        sources, victim, port: As in ``Attack``.
        start: Of the evidence, with a time zone.
        evidence: What to write of it, of ``EVIDENCE``: pcap, pcapng, netflow5, netflow9, netflow9-pcap, combined, nginx, iis,
            json, firewall.
        form: How a capture is written, but for the container.
        site: Where; default a ministry.
        attacks: More attacks, after the one of the name.

    Returns:
        The scenario, in memory.

    Raises:
        TocsinError: An unknown name, or a wrong description.
    """
    place = site or Site()
    begin = duration_s / 4 if attack_start_s is None else attack_start_s
    length = duration_s / 2 if attack_duration_s is None else attack_duration_s
    named = [replace(attack, start_s=begin, duration_s=length, rate_pps=rate_pps, sources=sources, victim=victim, port=port)
             for attack in named_attacks(name)]  # fmt: skip
    stage = Stage.set(place, seed=seed, start=start, duration_s=duration_s)
    played = play_site(stage, [*named, *attacks], ordinary_pps=ordinary_pps)
    kinds = tuple(evidence)
    if unknown := [kind for kind in kinds if kind not in EVIDENCE]:
        raise TocsinError(f"evidence {unknown[0]!r}: expected some of {', '.join(EVIDENCE)}")
    pieces = tuple(EVIDENCE[kind](place.name, played, form or CaptureFormat()) for kind in kinds)
    return Scenario(name, truth_of(name, seed, start, duration_s, [played], pieces), pieces)


def named_attacks(name: str) -> list[Attack]:
    """The attack that a scenario's name spells; none for ``ordinary``.

    Raises:
        TocsinError: It spells none.
    """
    if name == "ordinary":
        return []
    kind, _, rest = name.partition(":")
    vector, _, variant = rest.partition("/")
    if kind != "vector" or vector not in VECTORS:
        raise TocsinError(f"scenario {name!r}: expected ordinary or vector:NAME with NAME one of {', '.join(VECTORS)}")
    if vector == "amplification":
        return [Attack(vector, services=tuple(filter(None, variant.split("+"))))]
    return [Attack(vector, variant=variant)]


def truth_of(
    name: str, seed: int, start: datetime, duration_s: float, sites: Iterable[Played], pieces: Iterable[Piece]
) -> Truth:
    """What is true of what was played and will be written."""
    begin = start.astimezone(UTC)
    held = list(sites)
    return Truth(
        name, seed, begin, begin + timedelta(seconds=duration_s), tuple(attack for site in held for attack in site.attacks),
        {piece.name: len(piece.packets) for piece in pieces if piece.packets is not None},
        {site.stage.site.name: len(site.requests) for site in held},
    )  # fmt: skip


def write(scenario: Scenario, folder: Path, *, labels: bool = False) -> Path:
    """Write ``folder/evidence/*``, ``folder/truth.json`` and, where there is a partner, ``folder/partner.yaml``.

    Args:
        scenario: From ``build``.
        folder: Made if need be. Files of an earlier scenario in ``evidence`` must not be there.
        labels: Also ``folder/labels/NAME.npy``, one int16 per packet or request (see ``Piece``).

    Returns:
        Path of truth.json.

    Raises:
        TocsinError: The evidence folder holds other files.
        OSError: The disk is full or may not be written.
    """
    evidence = folder / "evidence"
    names = {piece.name for piece in scenario.pieces}
    if evidence.is_dir() and (foreign := sorted(path.name for path in evidence.iterdir() if path.name not in names)):
        raise TocsinError(f"{evidence}: expected an empty folder, found {foreign[0]}. Choose another folder.")
    evidence.mkdir(parents=True, exist_ok=True)
    for piece in scenario.pieces:
        piece.save(evidence / piece.name)
        if labels and piece.labels is not None:
            (folder / "labels").mkdir(exist_ok=True)
            np.save(folder / "labels" / f"{piece.name}.npy", piece.labels)
    if scenario.partner is not None:
        # JSON is YAML: no dumper of ours decides how it looks.
        (folder / "partner.yaml").write_text(
            json.dumps(scenario.partner, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    path = folder / "truth.json"
    scenario.truth.write(path)
    return path
