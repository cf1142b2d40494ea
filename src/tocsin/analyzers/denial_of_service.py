"""Floods, reflections and amplification, told from scans, backscatter and ordinary traffic.

There is seldom a baseline in an evidence folder. So structure decides first (handshakes never completed, replies nobody asked
for, the share of amplifier ports), then a change within the evidence, and rates last.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tocsin.analyzers import Context, Keep, Steps, analyzer
from tocsin.analyzers._candidates import choose, grouped, lines_of, look_into
from tocsin.analyzers._floods import (
    MEANINGS,
    NAMES,
    SERVICE_NAMES,
    TECHNIQUES,
    Candidate,
    Limits,
    Verdict,
    carpet,
    judge,
    main_services,
    without_side_effects,
)
from tocsin.analyzers._mitigate import destination, mitigations
from tocsin.analyzers._observed import Sample, samples, weights
from tocsin.analyzers._senders import scans_and_backscatter
from tocsin.analyzers._traffic import is_prefix, once, prefix_text, sides, totals_per_second, unsolicited_per_second
from tocsin.analyzers._windows import chart
from tocsin.model import Entity, EvidenceRow, Finding, finding_id
from tocsin.model.text import count, duration, plural, rate
from tocsin.terms import FindingClass, Severity, TcpFlag, Vector

ID, VERSION = "denial_of_service", "0.1.0"


@analyzer(
    title="Was this partner flooded, by what, and from when to when?",
    reads=("network_traffic", "network_activity", "network_packet"),
    techniques=("attack:T1498.001", "attack:T1498.002", "attack:T1499.001", "attack:T1046", "attack:T1595.001"),
    version=VERSION,
)
def denial_of_service(
    tables: Mapping[str, Any],
    context: Context,
    *,
    packets_min: int = 200,
    rate_min: int = 100,
    sources_min: int = 20,
    single_flow_rate_min: int = 3_000,
    amplification_packets_min: int = 50,
    carpet_hosts_min: int = 16,
    carpet_rate_min: int = 500,
    scan_targets_min: int = 15,
    targets_max: int = 256,
) -> Steps:
    """Find floods and what looks like them.

    Args:
        tables: ``network_traffic``, ``network_activity``, ``network_packet``; any may be empty.
        packets_min: Fewest packets toward one target in one window that can be a flood; half as many for SYN floods.
        rate_min: Fewest packets per second, averaged over the window; half as many for SYN floods, a tenth for DHCP.
        sources_min: Fewest distinct sources for what is told by its many sources (reflection, amplification).
        single_flow_rate_min: Packets per second above which even one unanswered stream is a flood, below which a one-sided
            capture of a call or a film cannot be told from one.
        amplification_packets_min: Fewest unsolicited answers from amplifiers.
        carpet_hosts_min: Fewest hosts of one /24 (IPv6: /112) hit alike for carpet bombing.
        carpet_rate_min: Fewest packets per second over all of them.
        scan_targets_min: Fewest ports (hosts) of a port (host) scan.
        targets_max: Most targets looked into; the busiest are taken, and the findings say when there were more.

    Returns:
        One finding per target, vector and window. Missed: floods inside tunnels and encrypted transports, and floods of complete
        connections, which ``http_flood`` looks for.

    Source:
        MITRE ATT&CK T1498, T1499; CISA TA14-017A for amplifiers; Moore et al., Inferring Internet Denial-of-Service Activity
        (2006) for backscatter.
    """
    limits = Limits(
        packets_min=packets_min,
        rate_min=rate_min,
        sources_min=sources_min,
        single_flow_rate_min=single_flow_rate_min,
        amplification_packets_min=amplification_packets_min,
        carpet_hosts_min=carpet_hosts_min,
        carpet_rate_min=carpet_rate_min,
        scan_targets_min=scan_targets_min,
        targets_max=targets_max,
    )
    every = yield Keep(sides(tables["network_activity"]))
    both = grouped((yield from once(every)))
    totals = yield Keep(grouped(totals_per_second(tables["network_traffic"], both)))
    unsolicited = yield Keep(grouped(unsolicited_per_second(both)))

    chosen, left_out = yield from choose(totals, limits)
    lines = yield from lines_of(totals, unsolicited, chosen, limits)
    candidates = yield from look_into(both, lines)
    found = _judged(candidates, limits)
    attacks = without_side_effects([(c, v) for c, v in found if v.cls is FindingClass.ATTACK])
    others = [(c, v) for c, v in found if v.cls is not FindingClass.ATTACK]
    extra = yield from scans_and_backscatter(both, limits, attacks)
    seen = yield samples(tables, both, sorted({c.target for c, _ in attacks + others + extra}))
    sample = Sample(seen, (yield weights(tables, both)))
    findings = [_finding(c, v, sample, context) for c, v in [*attacks, *others, *extra]]
    return [_with_left_out(finding, left_out) for finding in findings] if left_out else findings


def _with_left_out(finding: Finding, targets: int) -> Finding:
    basis = f"{finding.confidence_basis} At least {plural(targets, 'less busy target')} were not looked into (targets_max)."
    return replace(finding, confidence_basis=basis, attributes={**finding.attributes, "targets_left_out": targets})


def _judged(candidates: list[Candidate], limits: Limits) -> list[tuple[Candidate, Verdict]]:
    """Verdicts, single targets first; a range is carpet bombing where its hosts are hit alike, and then speaks for them."""
    found = [(c, v) for c in candidates if not _wide(c.target) and (v := judge(c, limits))]
    for c in candidates:
        if _wide(c.target) and (v := judge(c, limits)) and v.cls is FindingClass.ATTACK and (wide := carpet(c, v, limits)):
            inside = [(o, w) for o, w in found if prefix_text(o.target) == c.target and o.group == c.group and o.overlaps(c)]
            if any(o.packets > c.packets / 4 for o, _ in inside):
                continue
            found = [pair for pair in found if pair not in inside] + [(c, wide)]
    return found


def _wide(target: str) -> bool:
    return "/" in target or is_prefix(target)


def _finding(c: Candidate, v: Verdict, sample: Sample, context: Context) -> Finding:
    by_sender = v.vector in (Vector.HOST_SCAN, Vector.BACKSCATTER)
    packets, shown = (None, sample.sent_by(c)) if by_sender else sample.toward(c)
    first, last = c.structure["first"], c.structure["last"]
    attributes = _attributes(c, v)
    place = destination(c.target)
    return Finding(
        id=finding_id(first, analyzer=ID, target=place, vector=v.vector, group=c.group, evidence=sorted(context.evidence)),
        analyzer=ID,
        version=VERSION,
        cls=v.cls,
        title=_title(c, v, attributes),
        severity=_severity(c, v, attributes, context),
        confidence=v.confidence,
        confidence_basis=v.basis,
        techniques=TECHNIQUES.get(v.vector, ("attack:T1498.001",)),
        first_seen=first,
        last_seen=last,
        entities=tuple(_entities(c, v, place)),
        attributes=attributes,
        evidence=tuple(_rows(shown, context)),
        meaning=MEANINGS[v.vector],
        mitigations=tuple(mitigations(c, v, packets)) if packets else (),
        series=chart(c.spell, "packets/s") if v.cls is FindingClass.ATTACK else None,
    )


def _attributes(c: Candidate, v: Verdict) -> dict[str, Any]:
    inside, packets, lasted = c.spell.inside, c.packets, c.duration_s
    size = c.structure["flow_bytes"] / max(1, c.structure["flow_packets"])
    # Within less than a second the evidence shows a burst, not a rate per second: packets over the time they took.
    if lasted >= 1:
        peak: float | None = float(inside.max()) if len(inside) else 0.0
    else:
        peak = packets / lasted if lasted >= 0.001 else None
    found: dict[str, Any] = {
        "vector": v.vector.value,
        "packets": packets,
        "bytes": int(packets * size),
        "duration_s": round(lasted, 6),
        "peak_packets_per_s": round(peak, 1) if peak is not None else None,
        "peak_bits_per_s": round(peak * size * 8, 1) if peak is not None else None,
        "usual_packets_per_s": c.window.usual,
        "sources": c.structure["sources"],
        "sources_are_lower_bound": bool(c.structure["folded"]),
        "sources_spoofed": v.spoofed,
        "top_sources": [
            {"ip": source, "packets": n, "share": round(n / max(1, c.structure["kept_packets"]), 4)}
            for source, n in c.sources[:10]
        ],
        "top_ports": [{"port": int(port), "packets": n} for port, n in c.ports[:5]],
    }
    if v.vector in (Vector.HOST_SCAN, Vector.BACKSCATTER):  # told as a sum over a span: it has no busiest second
        found["peak_packets_per_s"] = found["peak_bits_per_s"] = None
    elif peak is None:
        found["reason"] = "All packets carry the same time stamp: how fast they came cannot be told from this evidence."
    elif lasted < 1:
        found["reason"] = f"The evidence covers only {duration(lasted)}: the rate is that of a burst."
    if v.vector is Vector.AMPLIFICATION or (v.vector is Vector.CARPET_BOMBING and c.group == "amp"):
        found["services"] = main_services(c)
    if (
        v.vector in (Vector.SYN_FLOOD, Vector.UDP_FLOOD, Vector.ACK_FLOOD)
        and c.ports
        and c.ports[0][1] >= 0.9 * c.structure["kept_packets"]
    ):
        found["port"] = int(c.ports[0][0])
    if v.vector in (Vector.CARPET_BOMBING, Vector.HOST_SCAN):
        found["hosts"] = c.structure["hosts"]
    if v.vector is Vector.CARPET_BOMBING:
        found["kind"] = c.group
    if v.vector is Vector.PORT_SCAN:
        found["ports"] = c.structure["ports"]
    return found


def _title(c: Candidate, v: Verdict, attributes: Mapping[str, Any]) -> str:
    place = destination(c.target)
    port = attributes.get("port")
    if port is not None:
        place = f"[{place}]:{port}" if ":" in place else f"{place}:{port}"
    if v.vector is Vector.PORT_SCAN:
        return f"Port scan of {place} by {c.sources[0][0] if c.sources else 'unknown'}: {count(attributes['ports'])} ports"
    if v.vector is Vector.HOST_SCAN:
        return f"{place} scanned {count(c.structure['hosts'])} hosts"
    if v.vector is Vector.BACKSCATTER:
        return f"Backscatter: {plural(attributes['sources'], 'host')} under attack elsewhere answer to our addresses"
    name = NAMES[v.vector]
    if v.vector is Vector.AMPLIFICATION:
        name = " and ".join(SERVICE_NAMES.get(s, s.upper()) for s in attributes["services"][:3]) + " amplification"
    peak = attributes["peak_packets_per_s"]
    speed = f", peak {rate(peak, 'packets/s')}" if peak else f", {count(attributes['packets'])} packets at one instant"
    return f"{name} on {place}, {duration(attributes['duration_s'])}{speed}" if peak else f"{name} on {place}{speed}"


def _severity(c: Candidate, v: Verdict, attributes: Mapping[str, Any], context: Context) -> Severity:
    if v.cls is FindingClass.CONTEXT:
        return Severity.INFORMATIONAL
    if v.cls is not FindingClass.ATTACK:
        return Severity.LOW
    packets, bits = attributes["peak_packets_per_s"] or 0, attributes["peak_bits_per_s"] or 0
    level = Severity.MEDIUM
    if packets >= 5_000 or bits >= 50e6:
        level = Severity.HIGH
    if packets >= 100_000 or bits >= 1e9:
        level = Severity.CRITICAL
    asset = context.profile.asset(destination(c.target))
    if asset and asset.criticality in ("high", "critical") and level < Severity.CRITICAL:
        level = Severity(level + 1)
    return level


def _entities(c: Candidate, v: Verdict, place: str) -> Iterator[Entity]:
    if v.vector is Vector.HOST_SCAN:
        yield Entity("source", "ip", place)
        return
    if v.vector is Vector.BACKSCATTER:
        for source, _ in c.sources[:10]:
            yield Entity("backscatter_source", "ip", source)
        return
    yield Entity("victim" if v.cls is FindingClass.ATTACK else "target", "prefix" if "/" in place else "ip", place)
    if v.spoofed:
        return
    role = (
        "reflector" if v.vector in (Vector.AMPLIFICATION, Vector.SYNACK_REFLECTION, Vector.MIDDLEBOX_REFLECTION) else "source"
    )
    for source, _ in c.sources[:10]:
        yield Entity(role, "prefix" if "/" in source else "ip", source)


_FLAG_LETTERS = ((TcpFlag.FIN, "F"), (TcpFlag.SYN, "S"), (TcpFlag.RST, "R"), (TcpFlag.PSH, "P"), (TcpFlag.ACK, "A"))


def _rows(shown: pa.Table, context: Context, most: int = 5) -> Iterator[EvidenceRow]:
    """The first packets that show it, of each evidence in turn."""
    order = pc.sort_indices(shown, [(name, "ascending") for name in ("time", "evidence_id", "record_offset")])
    seen: Counter[Any] = Counter()
    kept = []
    for index, evidence in zip(order.to_pylist(), shown["evidence_id"].take(order).to_pylist(), strict=True):
        seen[evidence] += 1
        if seen[evidence] <= most:
            kept.append(index)
    for row in shown.take(pa.array(kept, pa.int64())).to_pylist():
        name, sha256 = context.evidence[row["evidence_id"]]
        yield EvidenceRow(row["evidence_id"], name, sha256, row["record_offset"], _excerpt(row))


def _excerpt(row: Mapping[str, Any]) -> str:
    time = row["time"].astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]
    ends = [
        f"{row[ip]}:{row[port]}" if row[port] is not None else str(row[ip]) for ip, port in (("src", "sport"), ("dst", "dport"))
    ]
    flags = "".join(letter for bit, letter in _FLAG_LETTERS if (row["flags"] or 0) & bit)
    protocol = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}.get(row["protocol"], f"protocol {row['protocol']}")
    parts = [time, ends[0], "→", ends[1], protocol, flags, f"{row['length']} B" if row["length"] is not None else ""]
    parts += [f"type {row['icmp_type']}"] if row["icmp_type"] is not None else []
    parts += [f"× {row['weight']}"] if (row["weight"] or 1) > 1 else []
    return " ".join(part for part in parts if part)
