"""Targets worth looking into, the windows in which something came at them, and the facts of each: what the verdicts rest on."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from tocsin.analyzers import Keep
from tocsin.analyzers._floods import BY_FLOWS, Candidate, Limits
from tocsin.analyzers._mitigate import SOURCES_MAX
from tocsin.analyzers._traffic import aimed_at, busy_hours, door, has, prefix_of, unix_second
from tocsin.analyzers._windows import Window, by_number, dense, ranked, spans, spells
from tocsin.terms import TcpFlag


def grouped(rows: Any) -> Any:
    """Join the services of amplification into one group: an attack mixes them."""
    return rows.mutate(group=ibis.cases((rows.family.startswith("udp_from_"), "amp"), else_=rows.family))


def choose(totals: Any, limits: Limits) -> Any:
    """Targets and groups with enough packets to look into, single addresses and neighbourhoods hit as a whole; how many were left out."""
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
    by_packets = sorted(single.to_pylist(), key=lambda row: (-row["packets"], row["dst"], row["group"]))
    busiest = by_packets[: limits.targets_max]
    left_out = {row["dst"] for row in by_packets} - {row["dst"] for row in busiest}
    chosen = [(row["dst"], row["group"]) for row in busiest] + [(row["prefix"], row["group"]) for row in spread.to_pylist()]
    return chosen, len(left_out)


def _targets(chosen: list[Any]) -> Any:
    rows = chosen or [("", "")]
    return ibis.memtable(pa.table({"target": [row[0] for row in rows], "target_group": [row[1] for row in rows]}))


def _toward(rows: Any, chosen: list[tuple[str, str]]) -> Any:
    """Rows toward the chosen targets and of their groups, with ``target``: see ``aimed_at``."""
    named = _targets(chosen)
    aimed = aimed_at(rows, [target for target, _ in chosen])
    return aimed.semi_join(named, [aimed.target == named.target, aimed.group == named.target_group])


def lines_of(totals: Any, unsolicited: Any, chosen: list[tuple[str, str]], limits: Limits) -> Any:
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


def look_into(both: Any, lines: list[Any]) -> Any:
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
    aimed = aimed_at(both, [key[0] for key, _ in lines])
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
        doors=door(bad).nunique(),
        singles=(bad.packets == 1).sum(),
        answered=bad.answered.sum(),
        refused=(has(bad.flags_back.fill_null(0), TcpFlag.RST) & ~has(bad.flags_back.fill_null(0), TcpFlag.SYN)).sum(),
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


def _top(rows: Any, column: str, most: int) -> Any:
    counted = rows.filter(rows[column].notnull()).group_by("number", column).agg(packets=lambda t: t.packets.sum())
    order = [ibis.desc(counted.packets), counted[column]]
    ranked = counted.mutate(rank=ibis.row_number().over(group_by=counted.number, order_by=order))
    return ranked.filter(ranked["rank"] < most)
