"""Floods, reflections and amplification, told from scans, backscatter and ordinary traffic.

There is seldom a baseline in an evidence folder. So structure decides first (handshakes never completed, replies nobody asked
for, the share of amplifier ports), then a change within the evidence, and rates last.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.analyzers import Context, Keep, Steps, analyzer
from tocsin.analyzers._floods import (
    BY_FLOWS,
    MEANINGS,
    NAMES,
    SCAN_RATE_PER_HOST,
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
from tocsin.analyzers._mitigate import SOURCES_MAX, Packets, destination, mitigations
from tocsin.analyzers._traffic import (
    busy_hours,
    family_of_kind,
    once,
    prefix_of,
    sides,
    totals_per_second,
    unix_second,
    unsolicited_per_second,
)
from tocsin.analyzers._windows import Spell, Window, by_number, chart, dense, ranked, spans, spells
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
        targets_max: Most targets looked into; the busiest are taken, and the finding says when there were more.

    Returns:
        One finding per target, vector and window. Missed: floods inside tunnels and encrypted transports, and floods of complete
        connections, which ``http_flood`` looks for.

    Source:
        MITRE ATT&CK T1498, T1499; CISA TA14-017A for amplifiers; Moore et al., Inferring Internet Denial-of-Service Activity
        (2006) for backscatter.
    """
    parameters = {
        "packets_min": packets_min,
        "rate_min": rate_min,
        "sources_min": sources_min,
        "single_flow_rate_min": single_flow_rate_min,
        "amplification_packets_min": amplification_packets_min,
        "carpet_hosts_min": carpet_hosts_min,
        "carpet_rate_min": carpet_rate_min,
        "scan_targets_min": scan_targets_min,
        "targets_max": targets_max,
    }
    limits = Limits(**parameters)
    every = yield Keep(sides(tables["network_activity"]))
    both = _grouped((yield from once(every)))
    totals = yield Keep(_grouped(totals_per_second(tables["network_traffic"], both)))
    unsolicited = yield Keep(_grouped(unsolicited_per_second(both)))

    chosen = yield from _choose(totals, limits)
    lines = yield from _lines(totals, unsolicited, chosen, limits)
    candidates = yield from _look_into(both, lines)
    found = _judged(candidates, limits)
    attacks = without_side_effects([(c, v) for c, v in found if v.cls is FindingClass.ATTACK])
    others = [(c, v) for c, v in found if v.cls is not FindingClass.ATTACK]
    extra = yield from _scans_and_backscatter(both, limits, attacks)
    samples = yield _samples(tables, both, sorted({c.target for c, _ in attacks + others + extra}))
    weights = yield _weights(tables, both)
    sample = Sample(samples, weights)
    return [_finding(c, v, sample, context, parameters) for c, v in [*attacks, *others, *extra]]


def _grouped(rows: Any) -> Any:
    """Join the services of amplification into one group: an attack mixes them."""
    return rows.mutate(group=ibis.cases((rows.family.startswith("udp_from_"), "amp"), else_=rows.family))


def _choose(totals: Any, limits: Limits) -> Any:
    """Targets and groups with enough packets to look into: single addresses, and neighbourhoods hit as a whole."""
    per_target = totals.group_by("dst", "group").agg(packets=totals.packets.sum())
    fewest = ibis.cases(
        (per_target.group == "amp", limits.amplification_packets_min),
        (per_target.group == "syn", limits.packets_min // 2),
        else_=limits.packets_min,
    )
    single = (
        yield per_target.filter(per_target.packets >= fewest)
        .order_by(ibis.desc("packets"), "dst", "group")
        .limit(4 * limits.targets_max)
    )
    neighbours = per_target.mutate(prefix=prefix_of(per_target.dst)).filter(
        lambda t: t.prefix != t.dst, per_target.packets >= 3
    )
    wide = neighbours.group_by("prefix", "group").agg(
        hosts=neighbours.dst.nunique(), packets=neighbours.packets.sum(), most=neighbours.packets.max()
    )
    spread = (
        yield wide.filter(
            wide.hosts >= limits.carpet_hosts_min, wide.packets >= limits.packets_min, wide.most * 4 <= wide.packets
        )
        .order_by(ibis.desc("packets"), "prefix", "group")
        .limit(limits.targets_max)
    )
    busiest = sorted(single.to_pylist(), key=lambda row: (-row["packets"], row["dst"], row["group"]))[: limits.targets_max]
    return [(row["dst"], row["group"]) for row in busiest] + [(row["prefix"], row["group"]) for row in spread.to_pylist()]


def _targets(chosen: list[Any]) -> Any:
    rows = chosen or [("", "")]
    return ibis.memtable(pa.table({"target": [row[0] for row in rows], "target_group": [row[1] for row in rows]}))


def _toward(rows: Any, chosen: list[tuple[str, str]]) -> Any:
    """Rows toward the chosen targets and of their groups, with ``target``: see ``_aimed_at``."""
    named = _targets(chosen)
    aimed = _aimed_at(rows, [target for target, _ in chosen])
    return aimed.semi_join(named, [aimed.target == named.target, aimed.group == named.target_group])


def _aimed_at(rows: Any, targets: Iterable[str]) -> Any:
    """Rows with ``target``: their destination and, again, its neighbourhood, if that of any is among the targets: naming it takes long."""
    exact = rows.mutate(target=rows.dst)
    return exact.union(rows.mutate(target=prefix_of(rows.dst))) if any(map(_is_prefix, targets)) else exact


def _is_prefix(target: str) -> bool:
    if "/" in target:
        return False
    try:
        ip_address(target)
    except ValueError:
        return True
    return False


def _lines(totals: Any, unsolicited: Any, chosen: list[tuple[str, str]], limits: Limits) -> Any:
    """Per chosen target and group: its windows, and the series they were found in."""
    if not chosen:
        return []
    hours = yield busy_hours(totals)
    covered = spans((row["hour"], row["first"], row["last"]) for row in hours.to_pylist())
    everything = _as_series((yield _by_second(_toward(totals, chosen))))
    nobody_asked = _as_series((yield _by_second(_toward(unsolicited, chosen))))
    found = []
    for key in chosen:
        total, bad = everything.get(key), nobody_asked.get(key)
        series = bad if key[1] in BY_FLOWS else total
        if series is None or total is None:
            continue
        fewest = {"amp": limits.amplification_packets_min, "syn": limits.packets_min // 2}.get(key[1], limits.packets_min)
        for spell in spells(*series, covered, share_min=0.0 if key[1] in BY_FLOWS else 0.05):
            if spell.inside.sum() < fewest:
                continue
            # Where nearly everything is attack the exact counts of the capture are better than those spread from flows.
            last = spell.start + len(spell.line) - 1
            near = (total[0] >= spell.start) & (total[0] <= last)
            exact = replace(spell, line=dense(total[0][near], total[1][near], spell.start, last))
            found.append((key, exact if spell.inside.sum() >= 0.8 * exact.inside.sum() else spell))
    return found


def _by_second(rows: Any) -> Any:
    return rows.group_by("target", "group", "second").agg(packets=rows.packets.sum())


def _as_series(rows: pa.Table) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Seconds and packets by target and group; rows come sorted."""
    if not rows.num_rows:
        return {}
    targets, groups = np.array(rows["target"].to_pylist(), object), np.array(rows["group"].to_pylist(), object)
    seconds, packets = rows["second"].to_numpy(), rows["packets"].to_numpy()
    starts = np.flatnonzero(np.r_[True, (targets[1:] != targets[:-1]) | (groups[1:] != groups[:-1])])
    parts = zip(starts, [*starts[1:], len(targets)], strict=True)
    return {(targets[a], groups[a]): (seconds[a:b], packets[a:b]) for a, b in parts}


def _look_into(both: Any, lines: list[Any]) -> Any:
    """Ask the flows of each window for structure: how many sources, ports, completed handshakes."""
    if not lines:
        return []
    names = ibis.memtable(
        pa.table(
            {
                "number": list(range(len(lines))),
                "w_target": [key[0] for key, _ in lines],
                "w_group": [key[1] for key, _ in lines],
                "w_start": [spell.window.start for _, spell in lines],
                "w_end": [spell.window.end for _, spell in lines],
            }
        )
    )
    aimed = _aimed_at(both, [key[0] for key, _ in lines])
    near = aimed.inner_join(names, [aimed.target == names.w_target, aimed.group == names.w_group]).select(
        *("number", "w_start", "w_end", "group", "family", "src", "dst", "sport", "dport", "time", "end_time"),
        *("packets", "bytes", "sampling", "flags_back", "unsolicited", "initiator", "answered"),
    )
    inside = yield Keep(near.filter(unix_second(near.time) <= near.w_end, unix_second(near.end_time) >= near.w_start))
    asked = inside.filter(~inside.unsolicited)
    bad = inside.filter(inside.unsolicited | ~inside.group.isin(list(BY_FLOWS)))
    structure = yield bad.group_by("number").agg(
        flows=bad.count(),
        flow_packets=bad.packets.sum(),
        flow_bytes=bad.bytes.sum(),
        seen=(bad.packets // bad.sampling).sum(),
        # Rows that join the many sources of a flood (their source is a prefix) tell neither a source nor a port.
        kept_packets=ibis.ifelse(bad.src.contains("/"), 0, bad.packets).sum(),
        sources=ibis.ifelse(bad.src.contains("/"), ibis.null("string"), bad.src).nunique(),
        ports=bad.dport.nunique(),
        source_ports=bad.sport.nunique(),
        hosts=bad.dst.nunique(),
        doors=_door(bad).nunique(),
        singles=(bad.packets == 1).sum(),
        answered=bad.answered.sum(),
        refused=(_has(bad.flags_back.fill_null(0), TcpFlag.RST) & ~_has(bad.flags_back.fill_null(0), TcpFlag.SYN)).sum(),
        folded=bad.src.contains("/").sum(),
        first=bad.time.min(),
        last=bad.end_time.max(),
    )
    solicited = yield asked.group_by("number").agg(flows=(asked.initiator).sum(), packets=asked.packets.sum())
    services = by_number((yield bad.group_by("number", "family").agg(packets=bad.packets.sum())))
    sources = ranked((yield _top(bad, "src", SOURCES_MAX)), "src", "packets")
    ports = ranked((yield _top(bad, "dport", 10)), "dport", "packets")
    source_ports = ranked((yield _top(bad, "sport", 10)), "sport", "packets")
    talks = both.filter(both.protocol == 6, ~both.unsolicited, both.answered)
    met = talks.inner_join(names, [talks.dst == names.w_target])
    friends = by_number((yield met.group_by("number", "src").agg(flows=met.initiator.sum())))

    facts = {row["number"]: row for row in structure.to_pylist()}
    legit = {row["number"]: row for row in solicited.to_pylist()}
    out = []
    for number, (key, spell) in enumerate(lines):
        if number not in facts:
            continue
        row = facts[number] | {"solicited_flows": int(legit.get(number, {}).get("flows") or 0)}
        out.append(
            Candidate(
                key[0],
                key[1],
                spell,
                _clipped(row, spell.window),
                services={r["family"].removeprefix("udp_from_"): r["packets"] for r in services.get(number, [])},
                sources=sources.get(number, ()),
                ports=ports.get(number, ()),
                source_ports=source_ports.get(number, ()),
                met=frozenset(r["src"] for r in friends.get(number, [])),
                visitors=_visitors(friends.get(number, []), sources.get(number, ())),
            )
        )
    return out


def _visitors(friends: list[dict[str, Any]], sources: tuple[tuple[str, int], ...]) -> frozenset[str]:
    """Who holds proper connections with the target and sends little else; a bot may do both, but floods more than it visits."""
    flooded = dict(sources)
    return frozenset(r["src"] for r in friends if 3 * r["flows"] >= flooded.get(r["src"], 0))


def _clipped(row: dict[str, Any], window: Window) -> dict[str, Any]:
    """First and last packet, no further out than the window: a flow may have begun long before the attack."""
    start, end = datetime.fromtimestamp(window.start, UTC), datetime.fromtimestamp(window.end + 0.999999, UTC)
    first, last = max(row["first"].astimezone(UTC), start), min(row["last"].astimezone(UTC), end)
    return row | {"first": first, "last": max(first, last)}


def _has(flags: Any, bits: int) -> Any:
    return (flags & bits) != 0


def _door(rows: Any) -> Any:
    """A host's port: what a scanner knocks at once or twice."""
    return rows.dst.concat(" ", rows.dport.fill_null(-1).cast("string"))


def _top(rows: Any, column: str, most: int) -> Any:
    counted = rows.filter(rows[column].notnull()).group_by("number", column).agg(packets=lambda t: t.packets.sum())
    order = [ibis.desc(counted.packets), counted[column]]
    ranked = counted.mutate(rank=ibis.row_number().over(group_by=counted.number, order_by=order))
    return ranked.filter(ranked["rank"] < most)


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
    return "/" in target or _is_prefix(target)


def prefix_text(address: str) -> str:
    """What ``prefix_of`` makes of an address, for one held in Python."""
    return address.rpartition("." if "." in address else ":")[0]


def _scans_and_backscatter(both: Any, limits: Limits, attacks: list[tuple[Candidate, Verdict]]) -> Any:
    """What is told by the sender: one that tries many hosts, and those that answer to packets we never sent."""
    bad = both.filter(both.unsolicited, ~both.src.contains("/"))
    met = both.filter(~both.unsolicited, both.initiator, both.answered).select("src", "dst").distinct()
    friends = met.group_by(f_src=met.src).agg(friends=met.count())
    tries = bad.filter(bad.group.isin(["syn", "icmp", "udp", "icmpv6"]), ~bad.answered | (bad.group == "syn"))
    senders = _senders(tries, limits.scan_targets_min, limits.scan_targets_min)
    # A busy server or resolver reaches many hosts, too, but most of them answer it.
    senders = senders.left_join(friends, senders.src == friends.f_src).drop("f_src")
    senders = senders.filter(senders.hosts >= 2 * senders.friends.fill_null(0)).drop("friends")
    lasted = unix_second(senders.last) - unix_second(senders.first) + 1
    # UDP to many hosts on as many ports is a file-sharing program at work.
    scans = yield senders.filter(
        senders.packets <= SCAN_RATE_PER_HOST * senders.hosts * lasted, (senders.group != "udp") | (senders.ports <= 10)
    )
    replies = bad.filter(bad.group.isin(["synack", "rst", "unreachable"]))
    answers = yield _senders(replies, 1, 3)
    victims = {c.target for c, v in attacks}
    found = []
    for row in sorted(scans.to_pylist(), key=lambda r: (-r["hosts"], r["src"], r["group"]))[:20]:
        basis = f"One sender tried {count(row['hosts'])} hosts with {count(row['packets'])} packets: looking around, not overloading."
        verdict = Verdict(Vector.HOST_SCAN, FindingClass.SUSPICIOUS, basis, 80)
        found.append((_of_sender(row, row["group"]), verdict))
    rows = [r for r in answers.to_pylist() if r["src"] not in victims and (r["hosts"] >= 3 or r["packets"] >= 20)]
    rows = [r for r in rows if not (r["hosts"] == 1 and r["one"] in victims)]
    # Routers complain to whoever sends packets that get lost; only to many of ours at once is it about what we never sent.
    rows = [r for r in rows if r["group"] != "unreachable" or r["hosts"] >= 3]
    for together in _close_in_time(rows):
        hosts, packets = len({r["src"] for r in together}), sum(r["packets"] for r in together)
        if packets < limits.packets_min // 4:
            continue
        together.sort(key=lambda r: (-r["packets"], r["src"], r["group"]))
        basis = (
            f"{count(packets)} replies from {plural(hosts, 'host')} to packets that were never sent from here, at a low rate."
        )
        joined = together[0] | {
            "packets": packets,
            "first": min(r["first"] for r in together),
            "last": max(r["last"] for r in together),
        }
        candidate = _of_sender(joined, "backscatter", tuple((r["src"], r["packets"]) for r in together[:20]), hosts)
        found.append((candidate, Verdict(Vector.BACKSCATTER, FindingClass.CONTEXT, basis, 75)))
    return found


def _close_in_time(rows: list[dict[str, Any]], gap: timedelta = timedelta(hours=1)) -> list[list[dict[str, Any]]]:
    groups: list[list[dict[str, Any]]] = []
    until = None
    for row in sorted(rows, key=lambda r: (r["first"], r["src"])):
        if until is None or row["first"] > until + gap:
            groups.append([])
            until = row["last"]
        groups[-1].append(row)
        until = max(until, row["last"])
    return groups


def _senders(rows: Any, hosts_min: int, packets_min: int) -> Any:
    counted = rows.group_by("src", "group").agg(
        hosts=rows.dst.nunique(),
        ports=rows.dport.nunique(),
        doors=_door(rows).nunique(),
        packets=rows.packets.sum(),
        bytes=rows.bytes.sum(),
        first=rows.time.min(),
        last=rows.end_time.max(),
        one=rows.dst.min(),
    )
    kept = counted.filter(counted.hosts >= hosts_min, counted.packets >= packets_min)
    return kept.order_by(ibis.desc("packets"), "src", "group").limit(1000)


def _of_sender(row: Mapping[str, Any], group: str, sources: tuple[tuple[str, int], ...] = (), hosts: int = 1) -> Candidate:
    first, last = row["first"].astimezone(UTC), row["last"].astimezone(UTC)
    window = Window(int(first.timestamp()), int(last.timestamp()), None)
    structure = {
        "flows": row["hosts"],
        "flow_packets": row["packets"],
        "flow_bytes": row["bytes"],
        "kept_packets": row["packets"],
        "seen": row["packets"],
        "sources": hosts,
        "ports": row["ports"],
        "hosts": row["hosts"],
        "folded": 0,
        "first": first,
        "last": last,
    }
    spell = Spell(replace(window, end=window.start), np.array([row["packets"]], np.int64), window.start)
    return Candidate(row["src"], group, spell, structure, sources=sources or ((row["src"], row["packets"]),))


# --- what the claims rest on ---


_SAMPLE = (
    "time",
    "src",
    "sport",
    "dst",
    "dport",
    "protocol",
    "flags",
    "length",
    "ttl",
    "icmp_type",
    "fragment",
    "weight",
    "group",
)


def _observed(tables: Mapping[str, Any], both: Any) -> Any:
    """Packets of captures' samples, and flows that come from exports, alike: what a mitigation is measured on."""
    packets = tables["network_packet"]
    sampled = packets.filter(packets.dst_endpoint_ip.notnull()).select(
        evidence_id=packets.evidence_id,
        record_offset=packets.record_offset,
        time=packets.time,
        src=packets.src_endpoint_ip,
        sport=packets.src_endpoint_port,
        dst=packets.dst_endpoint_ip,
        dport=packets.dst_endpoint_port,
        protocol=packets.connection_info_protocol_num,
        flags=packets.tcp_flags,
        length=packets.length_bytes,
        ttl=packets.ttl,
        icmp_type=packets.icmp_type,
        fragment=packets.fragment.cast("int32"),
        weight=packets.weight,
        family=family_of_kind(packets.packet_kind),
    )
    flows = both.filter(~both.captured, both.packets > 0)
    exported = flows.select(
        evidence_id=flows.evidence_id,
        record_offset=flows.record_offset,
        time=flows.time,
        src=flows.src,
        sport=flows.sport,
        dst=flows.dst,
        dport=flows.dport,
        protocol=flows.protocol,
        # A flow's flags are those of all its packets together; in a handshake never completed each one was a SYN.
        flags=ibis.ifelse((flows.family == "syn") & flows.unsolicited, TcpFlag.SYN, flows.flags).cast("int32"),
        length=(flows.bytes // flows.packets).cast("int32"),
        ttl=ibis.null("int32"),
        icmp_type=flows.icmp_type,
        fragment=(flows.family == "fragment").cast("int32"),
        weight=flows.packets,
        family=flows.family,
    )
    return _grouped(sampled.union(exported.cast(sampled.schema())))


def _samples(tables: Mapping[str, Any], both: Any, targets: list[str]) -> Any:
    """Observed packets toward (or, for scanners, from) the targets; the first 20,000 of each."""
    observed = _observed(tables, both)
    names = ibis.memtable(pa.table({"target": targets or [""]}))
    aimed = _aimed_at(observed, targets).union(observed.mutate(target=observed.src))
    rows = aimed.semi_join(names, aimed.target == names.target)
    order = [rows.time, rows.evidence_id, rows.record_offset, rows.src, rows.sport]
    return (
        rows.mutate(rank=ibis.row_number().over(group_by=rows.target, order_by=order))
        .filter(lambda t: t["rank"] < 20_000)
        .drop("rank")
    )


def _weights(tables: Mapping[str, Any], both: Any) -> Any:
    observed = _observed(tables, both)
    return observed.group_by("dst").agg(weight=observed.weight.sum()).agg(weight=lambda t: t.weight.sum())


class Sample:
    """Observed packets by target, as columns."""

    def __init__(self, rows: pa.Table, weights: pa.Table) -> None:
        self.all = int(weights["weight"][0].as_py() or 0) if weights.num_rows else 0
        self._rows = rows
        self._targets = np.array(rows["target"].to_pylist(), object)

    def toward(self, c: Candidate) -> tuple[Packets, pa.Table]:
        """Packets toward the candidate's target, those of the attack marked; and the same rows for showing."""
        rows = self._rows.filter(pa.array(self._targets == c.target))
        incoming = [x is not None and (x == c.target or prefix_text(x) == c.target) for x in rows["dst"].to_pylist()]
        rows = rows.filter(pa.array(incoming, pa.bool_()))
        columns: dict[str, Any] = {
            name: np.nan_to_num(rows[name].cast(pa.float64()).to_numpy(), nan=-1).astype(np.int64)
            for name in ("sport", "dport", "protocol", "flags", "length", "ttl", "icmp_type", "fragment", "weight")
        }
        columns["src"] = np.array(rows["src"].to_pylist(), object)
        seconds = rows["time"].cast(pa.int64()).to_numpy() // 1_000_000
        inside = (seconds >= c.window.start) & (seconds <= c.window.end)
        groups = np.array(rows["group"].to_pylist(), object)
        senders, heavy = columns["src"].tolist(), {source for source, _ in c.sources}
        legit = np.fromiter((sender in c.visitors for sender in senders), bool, len(senders))
        attack = inside & (groups == c.group) & ~legit
        # What the same machines send beside it (resets to answers, say) is neither the attack nor anybody's loss.
        beside = inside & ~attack & ~legit & np.fromiter((sender in heavy for sender in senders), bool, len(senders))
        others = max(0, self.all - int(columns["weight"].sum()))
        shown = rows.filter(pa.array(attack))
        return Packets({name: values[~beside] for name, values in columns.items()}, attack[~beside], others), shown

    def sent_by(self, c: Candidate) -> pa.Table:
        """Packets that a scanner or a backscattering host sent."""
        senders = {source for source, _ in c.sources}
        mine = [
            target == c.target and src in senders
            for target, src in zip(self._targets, self._rows["src"].to_pylist(), strict=True)
        ]
        return self._rows.filter(pa.array(mine, pa.bool_()))


def _finding(c: Candidate, v: Verdict, sample: Sample, context: Context, parameters: Mapping[str, Any]) -> Finding:
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
        parameters=parameters,
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
