"""Attributes of findings as facts for people; what an analyzer adds later is shown too, by what its name says of its unit.

Names follow one pattern: noun, unit, bound (``peak_packets_per_s_min``). Values may be of any kind; wrong ones are shown as text
or left out, never a reason to fail.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.exporters.words import sentence, service_word, usually, what
from tocsin.model import Finding
from tocsin.model.text import bit_rate, count, duration, instant, listing, number, percent, plural, printable, rate, size
from tocsin.terms import Vector

_REFLECTED = {Vector.AMPLIFICATION, Vector.SYNACK_REFLECTION, Vector.MIDDLEBOX_REFLECTION}
_TOLD = {
    "vector", "victim_name", "services", "port", "peak_packets_per_s", "peak_bits_per_s", "peak_requests_per_s", "packets", "bytes", "duration_s",
    "sources", "sources_spoofed", "sources_are_lower_bound", "top_sources", "top_ports", "usual_packets_per_s", "reason", "reasons",
}  # fmt: skip
_BOUNDS = {"_min": ", at least", "_max": ", at most"}
_UNITS = (
    ("_packets_per_s", lambda v: rate(v, "packets/s")),
    ("_requests_per_s", lambda v: rate(v, "requests/s")),
    ("_bits_per_s", bit_rate),
    ("_bytes_per_s", lambda v: f"{size(v)}/s"),
    ("_per_s", lambda v: f"{number(v)}/s"),
    ("_bytes", size),
    ("_ratio", percent),
    ("_share", percent),
    ("_ms", lambda v: duration(v / 1000)),
    ("_s", duration),
)
_FACTS_MAX, _ITEMS_MAX, _DEPTH_MAX, _TEXT_MAX = 30, 10, 2, 300
_SOURCES_MAX, _COLUMNS_MAX = 10, 6


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what there is to say; ``mono`` for addresses and bytes."""

    label: str
    value: str
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A small table: names of columns, rows of text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def numeric(attributes: Mapping[str, Any], key: str) -> float | None:
    """The attribute as a finite number, else None."""
    value = attributes.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def peaks(finding: Finding) -> tuple[str, ...]:
    """Peak rates in words, those there are: packets/s, bit/s, requests/s."""
    keys = (("peak_packets_per_s", "packets/s"), ("peak_bits_per_s", "bits/s"), ("peak_requests_per_s", "requests/s"))
    values = [(numeric(finding.attributes, key), unit) for key, unit in keys]
    return tuple(rate(value, unit) for value, unit in values if value)


def duration_s(finding: Finding) -> float | None:
    """How long it took: as the analyzer says, else from first to last."""
    said = numeric(finding.attributes, "duration_s")
    if said is None and finding.first_seen and finding.last_seen:
        return (finding.last_seen - finding.first_seen).total_seconds()
    return said


def sources(finding: Finding) -> str:
    """``at least 37,623, forged``, ``812 reflectors``; "" where it is not known."""
    amount = numeric(finding.attributes, "sources")
    if amount is None:
        return ""
    least = "at least " if finding.attributes.get("sources_are_lower_bound") is True else ""
    spoofed = finding.attributes.get("sources_spoofed")
    if str(finding.attributes.get("vector")) in _REFLECTED and spoofed is not True:
        return f"{least}{plural(round(amount), 'reflector')}, not the attackers"
    return f"{least}{count(amount)}{', forged' if spoofed is True else ', not forged' if spoofed is False else ''}"


def facts(finding: Finding) -> tuple[Fact, ...]:
    """All that is known, in the order people ask: what, where, how long, how much, from whom, then whatever else there is."""
    attributes = finding.attributes
    services = attributes.get("services")
    lasted = duration_s(finding)
    told = [
        Fact("What", sentence(what(finding))),
        *_entities(finding),
        _maybe("Service", listing(map(service_word, services), _ITEMS_MAX) if isinstance(services, list | tuple) else ""),
        _maybe("Port", _text(attributes.get("port"))),
        Fact("Onset", instant(finding.first_seen)),
        Fact("End", instant(finding.last_seen)),
        _maybe("Lasted", duration(lasted) if lasted is not None else ""),
        _maybe("Peak", ", ".join(peaks(finding))),
        _measured("Usual", attributes, "usual_packets_per_s", lambda v: usually(v, "packets/s")),
        _measured("Packets in all", attributes, "packets", number),
        _measured("Volume in all", attributes, "bytes", size),
        _maybe("Sources", sources(finding)),
        _maybe("Ports, busiest first", _ports(attributes)),
    ]
    others = [(key, value) for key, value in attributes.items() if key not in _TOLD]
    told += [named(key, value) for key, value in others[:_FACTS_MAX] if value is not None and value != ""]
    if len(others) > _FACTS_MAX:
        told.append(Fact("More", f"{count(len(others) - _FACTS_MAX)} further attributes are in findings.json"))
    return tuple(fact for fact in told if fact)


def _maybe(label: str, value: str) -> Fact | None:
    return Fact(label, value) if value else None


def _measured(label: str, attributes: Mapping[str, Any], key: str, say: Any) -> Fact | None:
    value = numeric(attributes, key)
    return Fact(label, say(value)) if value is not None else None


def _entities(finding: Finding) -> Iterator[Fact]:
    for role in list(dict.fromkeys(entity.role for entity in finding.entities))[:_ITEMS_MAX]:
        values = [printable(value, 120) for value in dict.fromkeys(finding.named(role))]
        yield Fact(sentence(printable(role, 40)), listing(values, 4), mono=True)


def _ports(attributes: Mapping[str, Any]) -> str:
    """``443 (1,204 packets) and 80``; "" where that is the one port told already."""
    given = attributes.get("top_ports")
    if not isinstance(given, list | tuple):
        return _text(given)
    told = []
    for one in given:
        of_port = one if isinstance(one, Mapping) else {"port": one}
        packets = numeric(of_port, "packets")
        told.append(_text(of_port.get("port"), 1) + (f" ({count(packets)} packets)" if packets is not None else ""))
    only = len(told) == 1 and told[0].partition(" ")[0] == _text(attributes.get("port"))
    return "" if only else _joined(told)


def named(key: object, value: object) -> Fact:
    """A fact from an attribute's name and value: ``syn_completed_ratio_max`` 0.05 is ``Syn completed, at most: 5.0 %``."""
    name, bound = printable(key, 60), ""
    for suffix, says in _BOUNDS.items():
        if name.endswith(suffix):
            name, bound = name.removesuffix(suffix), says
    if isinstance(value, int | float) and not isinstance(value, bool):
        for suffix, say in _UNITS:
            if name.endswith(suffix):
                return Fact(sentence(name.removesuffix(suffix).replace("_", " ")) + bound, say(value))
    return Fact(sentence(name.replace("_", " ")) + bound, _text(value))


def _text(value: object, depth: int = 0) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) and abs(value) < 100_000 else number(value)
    if isinstance(value, datetime):
        return instant(value)
    if depth >= _DEPTH_MAX and isinstance(value, Mapping | list | tuple | set | frozenset):
        return "…"
    if isinstance(value, Mapping):
        return _joined(f"{printable(key, 60)}: {_text(item, depth + 1)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return _joined(_text(item, depth + 1) for item in value)
    if isinstance(value, set | frozenset):
        return _joined(sorted(_text(item, depth + 1) for item in value))
    return printable(value, _TEXT_MAX)


def _joined(items: Iterable[str]) -> str:
    return printable(listing(items, _ITEMS_MAX), _TEXT_MAX)


def reasons(finding: Finding) -> tuple[str, ...]:
    """Why the analyzer says so: the basis of its confidence, then its reason texts."""
    given: list[object] = [finding.confidence_basis]
    for key in ("reason", "reasons"):
        value = finding.attributes.get(key)
        given += value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(printable(text, 1_000) for text in given[:12] if text))


def top_sources(finding: Finding) -> Table | None:
    """The busiest sources as a table; its columns are whatever the analyzer gives of them."""
    given = finding.attributes.get("top_sources")
    rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list | tuple) else []
    keys = list(dict.fromkeys(key for row in rows[:_SOURCES_MAX] for key in row))[:_COLUMNS_MAX]
    if not keys:
        return None
    header = tuple({"ip": "Address", "packets": "Packets", "share": "Share"}.get(key, sentence(_text(key))) for key in keys)
    return Table(header, tuple(tuple(_cell(key, row.get(key)) for key in keys) for row in rows[:_SOURCES_MAX]))


def _cell(key: object, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return percent(value) if key == "share" else count(value) if isinstance(value, int) else number(value)
    return _text(value, 1)
