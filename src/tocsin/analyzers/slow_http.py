"""Slow HTTP: connections held open with next to nothing, until the server has none left for others."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from tocsin.analyzers import Context, Keep, Steps, analyzer
from tocsin.analyzers._traffic import WEB_PORTS, sides, unix_second, web_sides
from tocsin.model import Entity, EvidenceRow, Finding, Mitigation, Series, TrafficMatch, finding_id
from tocsin.model.text import count, duration, plural, printable
from tocsin.terms import FindingClass, Severity, Vector

ID, VERSION = "slow_http", "0.1.0"


@analyzer(
    title="Is somebody holding a web server's connections open?",
    reads=("network_activity", "http_activity"),
    techniques=("attack:T1499.002",),
    version=VERSION,
)
def slow_http(
    tables: Mapping[str, Any],
    context: Context,
    *,
    connections_min: int = 50,
    held_s_min: int = 10,
    bytes_per_s_max: int = 500,
    per_source_min: float = 3.0,
    timeouts_min: int = 50,
) -> Steps:
    """Find slow headers, slow bodies and slow reads.

    Args:
        tables: ``network_activity`` (connections), ``http_activity`` (servers log what timed out as 408).
        connections_min: Fewest such connections to one server, held at the same time.
        held_s_min: Least time a connection is held, in seconds.
        bytes_per_s_max: Most bytes per second, both directions together, averaged over the connection.
        per_source_min: Fewest such connections per source, on average: people hold one or two.
        timeouts_min: Fewest requests that a log shows as timed out (408), for one server.

    Returns:
        One finding per server. Missed: slow attacks on other ports than the web's, and behind proxies that reuse connections.

    Source:
        MITRE ATT&CK T1499.002; Cambiaso et al., Slow DoS attacks: definition and categorisation (2013).
    """
    every = yield Keep(sides(tables["network_activity"]))
    both = yield Keep(web_sides(every))
    length = unix_second(both.end_time) - unix_second(both.time)
    both = both.mutate(length=length)
    web = both.filter(
        both.family == "syn",
        ~both.unsolicited,
        both.initiator,
        both.answered,
        both.dport.isin(list(WEB_PORTS)),
        both.length >= held_s_min,
    )
    held = yield Keep(_told_once(web.filter(web.bytes + web.bytes_back <= bytes_per_s_max * web.length)))
    servers = (
        yield held.group_by("dst", "dport")
        .agg(
            connections=held.count(),
            sources=held.src.nunique(),
            packets=held.packets.sum(),
            first=held.time.min(),
            last=held.end_time.max(),
            longest=held.length.max(),
            half=held.length.quantile(0.5).cast("int64"),
        )
        .filter(lambda t: t.connections >= connections_min)
    )
    chosen = [row for row in servers.to_pylist() if row["connections"] >= per_source_min * row["sources"]]
    findings = []
    if chosen:
        names = ibis.memtable(
            pa.table({"dst": [r["dst"] for r in chosen], "dport": pa.array([r["dport"] for r in chosen], pa.int32())})
        )
        rows = yield held.semi_join(names, ["dst", "dport"]).select(
            "dst", "dport", "src", "sport", "time", "end_time", "length", "bytes", "evidence_id", "record_offset"
        )
        for server in sorted(chosen, key=lambda r: (r["dst"], r["dport"])):
            mine = [r for r in rows.to_pylist() if (r["dst"], r["dport"]) == (server["dst"], server["dport"])]
            start, line = concurrent(mine)
            if line.max() >= connections_min:
                findings.append(_from_connections(server, mine, start, line, context))
    findings += yield from _from_logs(tables["http_activity"], timeouts_min, context)
    return findings


def _told_once(held: Any) -> Any:
    """Leave out what another evidence shows as well: between the same two ports there is one connection at a time."""
    order = [held.time, held.evidence_id, held.record_offset]
    before = ibis.window(group_by=[held.src, held.sport, held.dst, held.dport], order_by=order)
    held = held.mutate(free_from=held.end_time.lag().over(before), told_by=held.evidence_id.lag().over(before))
    once = held.told_by.isnull() | (held.told_by == held.evidence_id) | (held.free_from < held.time)
    return held.filter(once).drop("free_from", "told_by")


def concurrent(connections: list[dict[str, Any]]) -> tuple[int, Any]:
    """How many connections were open in each second; the first second, and the counts."""
    starts = np.array([int(c["time"].timestamp()) for c in connections])
    ends = np.array([int(c["end_time"].timestamp()) for c in connections])
    first = int(starts.min())
    line = np.zeros(int(ends.max()) - first + 2, np.int64)
    np.add.at(line, starts - first, 1)
    np.add.at(line, ends - first + 1, -1)
    return first, np.cumsum(line)[:-1]


def _from_connections(
    server: Mapping[str, Any],
    held: list[dict[str, Any]],
    start: int,
    line: Any,
    context: Context,
) -> Finding:
    first, last = server["first"].astimezone(UTC), server["last"].astimezone(UTC)
    place, port, most = server["dst"], int(server["dport"]), int(line.max())
    by_source: dict[str, int] = {}
    for row in held:
        by_source[row["src"]] = by_source.get(row["src"], 0) + 1
    ranked = sorted(by_source.items(), key=lambda item: (-item[1], item[0]))
    basis = (
        f"{plural(server['connections'], 'connection')} from {plural(server['sources'], 'source')} were held for {duration(server['half'])} "
        f"and more while hardly anything was sent; {count(most)} at the same time."
    )
    attributes = {
        "port": port,
        "connections": server["connections"],
        "peak_connections": most,
        "duration_s": (last - first).total_seconds(),
        "sources": server["sources"],
        "sources_spoofed": False,
        "top_sources": [{"ip": s, "packets": n, "share": round(n / server["connections"], 4)} for s, n in ranked[:10]],
    }
    rows = [
        (
            r["evidence_id"],
            r["record_offset"],
            f"{r['time'].astimezone(UTC):%H:%M:%S} {r['src']}:{r['sport']} → {place}:{port} held {duration(r['length'])}, {count(r['bytes'])} bytes sent",
        )
        for r in sorted(held, key=lambda r: (r["time"], r["record_offset"]))[:5]
    ]
    title = f"Slow HTTP on {place}:{port}, {duration(attributes['duration_s'])}, {count(most)} connections held"
    step = max(1, -(-len(line) // 1200))
    values = np.pad(line, (0, -len(line) % step)).reshape(-1, step).max(axis=1)
    series = Series(start, step, "connections", tuple(float(x) for x in values), 0.0)
    confidence = 88 if server["connections"] >= 10 * server["sources"] else 78
    return _finding("ip", place, title, basis, confidence, first, last, attributes, rows, ranked, series, context)


def _from_logs(http: Any, timeouts_min: int, context: Context) -> Any:
    server = ibis.coalesce(http.dst_endpoint_ip, http.http_request_url_hostname, ibis.literal("log:").concat(http.evidence_id))
    timed_out = http.filter(http.http_response_code == 408).mutate(server=server)
    counted = (
        yield timed_out.group_by("server")
        .agg(
            requests=timed_out.count(),
            sources=timed_out.src_endpoint_ip.nunique(),
            first=timed_out.time.min(),
            last=timed_out.time.max(),
        )
        .filter(lambda t: t.requests >= timeouts_min)
    )
    if not counted.num_rows:
        return []
    names = ibis.memtable(pa.table({"server": counted["server"].to_pylist()}))
    mine = timed_out.semi_join(names, "server")
    order = [mine.time, mine.evidence_id, mine.record_offset]
    ranked = mine.mutate(rank=ibis.row_number().over(group_by=mine.server, order_by=order)).filter(lambda t: t["rank"] < 5)
    shown = yield ranked.select("server", "rank", "time", "src_endpoint_ip", "evidence_id", "record_offset")
    by_client = yield mine.group_by("server", "src_endpoint_ip").agg(requests=mine.count())
    findings = []
    for row in sorted(counted.to_pylist(), key=lambda r: str(r["server"])):
        is_log = row["server"].startswith("log:")
        place = printable(context.evidence[row["server"][4:]][0] if is_log else row["server"])
        first, last = row["first"].astimezone(UTC), row["last"].astimezone(UTC)
        clients = sorted(
            ((r["src_endpoint_ip"] or "", r["requests"]) for r in by_client.to_pylist() if r["server"] == row["server"]),
            key=lambda x: (-x[1], x[0]),
        )
        basis = f"{plural(row['requests'], 'request')} of {plural(row['sources'], 'source')} timed out before they were complete (status 408)."
        attributes = {
            "connections": row["requests"],
            "duration_s": (last - first).total_seconds(),
            "sources": row["sources"],
            "sources_spoofed": False,
            "top_sources": [{"ip": s, "packets": n, "share": round(n / row["requests"], 4)} for s, n in clients[:10]],
        }
        rows = [
            (
                r["evidence_id"],
                r["record_offset"],
                f"{r['time'].astimezone(UTC):%H:%M:%S} {r['src_endpoint_ip']} 408 request timed out",
            )
            for r in sorted(shown.to_pylist(), key=lambda r: r["rank"])
            if r["server"] == row["server"]
        ]
        title = f"Slow HTTP on {place}, {duration(attributes['duration_s'])}, {count(row['requests'])} requests timed out"
        kind = "log" if is_log else "ip" if place.replace(".", "").isdigit() or ":" in place else "host"
        findings.append(_finding(kind, place, title, basis, 75, first, last, attributes, rows, clients, None, context))
    return findings


def _finding(
    kind: str,
    place: str,
    title: str,
    basis: str,
    confidence: int,
    first: datetime,
    last: datetime,
    attributes: Mapping[str, Any],
    rows: list[tuple[str, int, str]],
    sources: list[tuple[str, int]],
    series: Series | None,
    context: Context,
) -> Finding:
    asset = context.profile.asset(place)
    critical = bool(asset and asset.criticality in ("high", "critical"))
    return Finding(
        id=finding_id(
            first, analyzer=ID, server=place, kind=kind, port=attributes.get("port"), evidence=sorted(context.evidence)
        ),
        analyzer=ID,
        version=VERSION,
        cls=FindingClass.ATTACK,
        title=title,
        severity=Severity.HIGH if critical or attributes["connections"] >= 500 else Severity.MEDIUM,
        confidence=confidence,
        confidence_basis=basis,
        techniques=("attack:T1499.002",),
        first_seen=first,
        last_seen=last,
        entities=(Entity("victim", kind, place), *(Entity("source", "ip", s) for s, _ in sources[:10])),
        attributes={"vector": Vector.SLOW_HTTP.value} | dict(attributes),
        evidence=tuple(EvidenceRow(e, *context.evidence[e], offset, text) for e, offset, text in rows),
        meaning="Connections were opened and then fed so slowly that the server kept waiting, until it had no place left for other visitors. A small line is enough for this attack.",
        mitigations=tuple(_mitigations(place, kind, attributes, sources)),
        series=series,
    )


def _mitigations(place: str, kind: str, attributes: Mapping[str, Any], sources: list[tuple[str, int]]) -> Iterator[Mitigation]:
    match = TrafficMatch(dst=(f"{place}/{128 if ':' in place else 32}",) if kind == "ip" else ())
    limit = 10
    total = max(1, attributes["connections"])
    hit = sum(max(0, n - limit) for _, n in sources) / total
    yield Mitigation(
        "limit_connections",
        f"Let each address hold {limit} connections to {place}, and cut off requests that take longer than 10 s to arrive.",
        match,
        limit,
        round(hit, 4),
        None,
        "Hit: the share of held connections above the limit; the time limit on headers and bodies ends the others as well.",
    )
    if len(sources) <= 200 and sources:
        prefixes = tuple(f"{s}/{128 if ':' in s else 32}" for s, _ in sources if s)
        yield Mitigation(
            "drop", f"Block the {plural(len(prefixes), 'source')}.", TrafficMatch(dst=match.dst, src=prefixes, protocol=6), None, 1.0, None,
            "Not measured on other traffic: a person behind one of these addresses is blocked, too.",
        )  # fmt: skip
