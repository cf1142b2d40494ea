"""Too many requests: told apart from a crowd of real visitors.

Both complete their handshakes, so structure below HTTP does not help. Visitors are many, ask little each, wander about and bring
referrers; bots are fewer, ask without pause, and for the same few pages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from tocsin.analyzers import Context, Keep, Steps, analyzer
from tocsin.analyzers._traffic import WEB_PORTS, busy_hours, once, sides, unix_second, web_sides
from tocsin.analyzers._windows import Spell, Window, by_number, chart, ranked, spans, spells
from tocsin.model import Entity, EvidenceRow, Finding, Mitigation, TrafficMatch, finding_id
from tocsin.model.text import count, duration, percent, plural, printable, rate
from tocsin.terms import FindingClass, Severity, Vector

ID, VERSION = "http_flood", "0.1.0"
SOURCES_MAX = 1000


@analyzer(
    title="Was a web server asked too much, by bots or by a crowd?",
    reads=("http_activity", "network_activity"),
    techniques=("attack:T1499.002", "attack:T1499.003"),
    version=VERSION,
)
def http_flood(
    tables: Mapping[str, Any],
    context: Context,
    *,
    requests_per_s_min: int = 20,
    requests_min: int = 300,
    change_factor_min: float = 4.0,
    rate_without_baseline_min: int = 50,
    client_requests_per_s_min: float = 1.0,
    client_connections_per_min: float = 5.0,
    path_share_min: float = 0.7,
    clients_min: int = 5,
) -> Steps:
    """Find request floods and flash crowds per server.

    Args:
        tables: ``http_activity``, one row per request; ``network_activity``, for connections whose requests are encrypted.
        requests_per_s_min: Fewest requests (new connections) per second in the window.
        requests_min: Fewest requests (new connections) in the window: a browser opens dozens of connections at once.
        change_factor_min: Least ratio of the window's rate to what is usual outside it.
        rate_without_baseline_min: Requests per second above which a log that holds nothing but the attack is judged, too.
        client_requests_per_s_min: Requests per second and client, averaged over the window, that people do not reach.
        client_connections_per_min: New connections per minute and client that browsers do not reach: they reuse a few. Used where
            the requests themselves are encrypted.
        path_share_min: Share of the three most wanted pages above which requests are not those of people wandering about.
        clients_min: Fewest clients of a crowd.

    Returns:
        ``http_flood`` (attack) or ``flash_crowd`` (context), one per server and window. Missed: floods below the change factor,
        and floods by very many bots that behave like people.

    Source:
        Jung, Krishnamurthy, Rabinovich, Flash Crowds and Denial of Service Attacks (2002), for the signs.
    """
    every = yield Keep(sides(tables["network_activity"]))
    both = yield from once((yield Keep(web_sides(every))))
    asked = yield Keep(_requests(tables["http_activity"]))
    opened = yield Keep(_connections(both, asked))
    servers = yield from _servers(asked, both)
    findings: list[Finding] = []
    for rows, unit in ((asked, "requests/s"), (opened, "connections/s")):
        rushes = yield from _rushes(rows, unit, requests_per_s_min, requests_min, change_factor_min, rate_without_baseline_min)
        facts = yield from _facts(rows, rushes)
        for rush, fact in zip(rushes, facts, strict=True):
            busy_min = client_requests_per_s_min if unit == "requests/s" else client_connections_per_min / 60
            verdict = judge(rush, fact, busy_min, path_share_min, clients_min)
            place = _place(servers.get(rush.server, rush.server), context)
            if verdict:
                findings.append(_finding(rush, fact, *verdict, place, context))
    return findings


@dataclass(frozen=True)
class Rush:
    """A time when a server was asked much more than usual."""

    server: str
    unit: str
    spell: Spell

    @property
    def window(self) -> Window:
        return self.spell.window

    @property
    def total(self) -> int:
        return int(self.spell.inside.sum())

    @property
    def lasted_s(self) -> int:
        return self.window.end - self.window.start + 1


@dataclass(frozen=True)
class Fact:
    """Who asked in a spell, and for what. ``clients``: requests of each, most first; pages and agents likewise. ``regulars``: what
    the same clients asked outside it."""

    clients: tuple[tuple[str, int], ...]
    clients_total: int
    pages: tuple[tuple[str, int], ...]
    pages_total: int
    agents: tuple[tuple[str, int], ...]
    referred: float
    referred_outside: float
    refused: float
    outside: int
    regulars: Mapping[str, int]
    shown: tuple[dict[str, Any], ...]


def _requests(http: Any) -> Any:
    """Requests in the columns both kinds share. A log that does not name its server stands for it."""
    server = ibis.coalesce(http.dst_endpoint_ip, http.http_request_url_hostname, ibis.literal("log:").concat(http.evidence_id))
    return http.filter(http.time.notnull()).select(
        server=server,
        port=http.dst_endpoint_port,
        second=unix_second(http.time),
        time=http.time,
        client=http.src_endpoint_ip,
        page=http.http_request_url_path,
        agent=http.http_request_user_agent,
        referred=http.http_request_referrer.notnull() & ~http.http_request_referrer.isin(["", "-"]),
        refused=http.http_response_code.fill_null(0) >= 400,
        evidence_id=http.evidence_id,
        record_offset=http.record_offset,
    )


def _servers(asked: Any, both: Any) -> Any:
    """Which address a log that names no server is of: the one that most of its clients connected to, as captures or flows show."""
    nameless = asked.filter(asked.server.startswith("log:"), asked.client.notnull())
    clients = nameless.select("server", "client").distinct()
    met = both.filter(both.initiator, both.protocol == 6, both.dport.isin(list(WEB_PORTS)))
    met = met.select(m_src=met.src, m_dst=met.dst).distinct()
    shared = clients.inner_join(met, clients.client == met.m_src)
    counted = yield shared.group_by("server", "m_dst").agg(clients=shared.client.nunique())
    totals = yield clients.group_by("server").agg(clients=clients.client.nunique())
    total = {row["server"]: row["clients"] for row in totals.to_pylist()}
    best = sorted(counted.to_pylist(), key=lambda row: (row["clients"], row["m_dst"]))
    return {row["server"]: row["m_dst"] for row in best if 2 * row["clients"] >= total[row["server"]]}


def _connections(both: Any, asked: Any) -> Any:
    """Completed connections to web ports, of servers whose requests are not seen themselves."""
    opened = both.filter(both.family == "syn", ~both.unsolicited, both.initiator, both.dport.isin(list(WEB_PORTS)))
    known = asked.select(known=asked.server, known_port=asked.port).distinct()
    opened = opened.anti_join(known, [opened.dst == known.known, opened.dport == known.known_port])
    return opened.select(
        server=opened.dst.concat(":", opened.dport.cast("string")),
        port=opened.dport,
        second=unix_second(opened.time),
        time=opened.time,
        client=opened.src,
        page=ibis.null("string"),
        agent=ibis.null("string"),
        referred=ibis.literal(False),
        refused=ibis.literal(False),
        evidence_id=opened.evidence_id,
        record_offset=opened.record_offset,
    )


def _rushes(rows: Any, unit: str, rate_min: int, total_min: int, factor_min: float, alone_min: int) -> Any:
    # The same request may stand in two logs, a proxy's and a server's: per evidence, then the larger.
    within = rows.group_by("evidence_id", "server", "second").agg(requests=rows.count())
    counted = within.group_by("server", "second").agg(requests=within.requests.max())
    busy = counted.group_by("server").agg(most=counted.requests.max()).filter(lambda t: t.most >= rate_min)
    lines = yield counted.semi_join(busy, "server")
    hours = yield busy_hours(counted)
    covered = spans((row["hour"], row["first"], row["last"]) for row in hours.to_pylist())
    servers = np.array(lines["server"].to_pylist(), object)
    found = []
    for server in sorted(set(servers.tolist())):
        mask = servers == server
        for spell in spells(
            lines["second"].to_numpy()[mask], lines["requests"].to_numpy()[mask], covered, factor_min=factor_min
        ):
            rush = Rush(server, unit, spell)
            mean = rush.total / rush.lasted_s
            if mean >= rate_min and rush.total >= total_min and (rush.window.usual is not None or mean >= alone_min):
                found.append(rush)
    return found


def _facts(rows: Any, rushes: list[Rush]) -> Any:
    if not rushes:
        return []
    names = ibis.memtable(
        pa.table(
            {
                "number": list(range(len(rushes))),
                "w_server": [s.server for s in rushes],
                "w_start": [s.window.start for s in rushes],
                "w_end": [s.window.end for s in rushes],
            }
        )
    )
    inside = rows.inner_join(names, [rows.server == names.w_server, rows.second >= names.w_start, rows.second <= names.w_end])
    clients = yield _top(inside, "client", SOURCES_MAX)
    pages = yield _top(inside, "page", 10)
    agents = yield _top(inside, "agent", 10)
    sums = yield inside.group_by("number").agg(
        requests=inside.count(),
        clients=inside.client.nunique(),
        pages=inside.page.nunique(),
        referred=inside.referred.sum(),
        refused=inside.refused.sum(),
    )
    outside = rows.inner_join(
        names, [rows.server == names.w_server, (rows.second < names.w_start - 1) | (rows.second > names.w_end + 1)]
    )
    rest = yield outside.group_by("number").agg(requests=outside.count(), referred=outside.referred.sum())
    listed_clients = clients.select(["number", "client"]).rename_columns(["c_number", "c_client"])
    known = ibis.memtable(listed_clients if listed_clients.num_rows else pa.table({"c_number": [-1], "c_client": [""]}))
    both = outside.semi_join(known, [outside.number == known.c_number, outside.client == known.c_client])
    of_clients = yield both.group_by("number", "client").agg(requests=both.count())
    order = [inside.time, inside.evidence_id, inside.record_offset]
    numbered = inside.mutate(rank=ibis.row_number().over(group_by=inside.number, order_by=order)).filter(
        lambda t: t["rank"] < 200
    )
    shown = yield numbered.select("number", "rank", "time", "client", "page", "agent", "evidence_id", "record_offset")
    of = {row["number"]: row for row in sums.to_pylist()}
    others = {row["number"]: row for row in rest.to_pylist()}
    regular: dict[int, dict[str, int]] = {}
    for row in of_clients.to_pylist():
        regular.setdefault(row["number"], {})[row["client"]] = row["requests"]
    listed = by_number(shown)
    by_client, by_page, by_agent = (
        ranked(rows, name, "requests") for rows, name in ((clients, "client"), (pages, "page"), (agents, "agent"))
    )
    out = []
    for number in range(len(rushes)):
        row = of[number]
        total = max(1, row["requests"])
        apart = others.get(number, {"requests": 0, "referred": 0})
        out.append(
            Fact(
                by_client.get(number, ()),
                row["clients"],
                by_page.get(number, ()),
                row["pages"],
                by_agent.get(number, ()),
                row["referred"] / total,
                apart["referred"] / max(1, apart["requests"]),
                row["refused"] / total,
                apart["requests"],
                regular.get(number, {}),
                tuple(sorted(listed.get(number, []), key=lambda r: r["rank"])),
            )
        )
    return out


def _top(rows: Any, column: str, most: int) -> Any:
    counted = rows.filter(rows[column].notnull()).group_by("number", column).agg(requests=lambda t: t.count())
    order = [ibis.desc(counted.requests), counted[column]]
    return counted.mutate(rank=ibis.row_number().over(group_by=counted.number, order_by=order)).filter(
        lambda t: t["rank"] < most
    )


def judge(
    rush: Rush, fact: Fact, client_rate_min: float, path_share_min: float, clients_min: int
) -> tuple[Vector, int, str] | None:
    """Flood or crowd, how sure, and why; None where too few ask for either.

    Signs of programs count up, signs of people down: how fast each client asks, whether it wanders about, whether it follows links.
    """
    if not fact.clients_total:
        return None  # a log without clients tells that many asked, not who
    total = max(1, rush.total)
    # A browser opens its connections at once: what is counted per minute is not averaged over less.
    per_client = total / max(1, fact.clients_total) / (rush.lasted_s if fact.pages else max(60, rush.lasted_s))
    score = (2 if per_client >= 3 * client_rate_min else 1 if per_client >= client_rate_min else 0) - (
        per_client < client_rate_min / 3
    )
    reasons = [f"{plural(fact.clients_total, 'client')}, {_per(per_client, rush.unit)} each"]
    if fact.pages:
        top, new = sum(n for _, n in fact.pages[:3]) / total, fact.pages_total / total
        score += 2 if top >= path_share_min or new >= 0.8 else 0 if top >= 0.5 else -1
        if new >= 0.8:
            reasons.append(f"{percent(new)} of requests for a page nobody else asked for")
        else:
            reasons.append(f"{percent(top)} of requests for {'three pages' if fact.pages_total >= 3 else 'the same page'}")
        if fact.referred >= 0.2 or fact.referred_outside >= 0.3:
            score += 1 if fact.referred < 0.2 else -1
            reasons.append(f"{percent(fact.referred)} came from another page")
    else:
        score -= 0 if per_client >= client_rate_min else 1
    if fact.refused >= 0.2:
        reasons.append(f"{percent(fact.refused)} were refused or failed")
    reason = "; ".join(reasons) + "."
    baseline = rush.window.usual is not None
    # With nothing to compare it with, the signs must be plain.
    if score >= (1 if baseline else 3 if fact.pages else 2):
        return Vector.HTTP_FLOOD, min(62 + 8 * score + (8 if baseline else 0), 95), reason
    if fact.clients_total >= clients_min and baseline:
        return Vector.FLASH_CROWD, min(65 - 8 * score, 90), reason
    return None


def _per(value: float, unit: str) -> str:
    word = unit.partition("/")[0]
    return rate(value, unit) if value >= 1 else f"one of the {word} every {duration(1 / value)}" if value else f"no {word}"


def _place(server: str, context: Context) -> tuple[str, str]:
    """What kind of thing the server is, and its name; a log that names no server is called by its own name."""
    if server.startswith("log:"):
        return "log", printable(context.evidence[server[4:]][0])
    host = server.rpartition(":")[0] if server.count(":") == 1 or server.count(":") > 2 else server
    candidate = host if host.replace(".", "").isdigit() or host.count(":") > 1 else server
    return (
        ("ip", candidate) if candidate.replace(".", "").isdigit() or candidate.count(":") > 1 else ("host", printable(server))
    )


def _finding(
    rush: Rush,
    fact: Fact,
    vector: Vector,
    confidence: int,
    basis: str,
    where: tuple[str, str],
    context: Context,
) -> Finding:
    kind, place = where
    first = fact.shown[0]["time"].astimezone(UTC) if fact.shown else datetime.fromtimestamp(rush.window.start, UTC)
    last = datetime.fromtimestamp(rush.window.end + 1, UTC)
    peak, attack = float(rush.spell.inside.max()), vector is Vector.HTTP_FLOOD
    usual = rush.window.usual
    attributes: dict[str, Any] = {
        "vector": vector.value,
        "requests" if rush.unit == "requests/s" else "connections": rush.total,
        "duration_s": float(rush.lasted_s),
        "peak_requests_per_s" if rush.unit == "requests/s" else "peak_connections_per_s": peak,
        "usual_requests_per_s": usual,
        "sources": fact.clients_total,
        "sources_spoofed": False,
        "top_sources": [{"ip": c, "packets": n, "share": round(n / max(1, rush.total), 4)} for c, n in fact.clients[:10]],
        "top_pages": [{"path": printable(p, 120), "requests": n} for p, n in fact.pages[:5]],
        "user_agents": [{"agent": printable(a, 120), "requests": n} for a, n in fact.agents[:5]],
    }
    name = "HTTP flood" if attack else "Flash crowd"
    meaning = (
        "Programs asked for pages so often that the server had no time for people. The senders are real machines, so they can be limited one by one."
        if attack
        else "Very many people came at once. This is not an attack: blocking them would do an attacker's work; more capacity or a waiting page helps."
    )
    return Finding(
        id=finding_id(first, analyzer=ID, server=place, vector=vector, unit=rush.unit, evidence=sorted(context.evidence)),
        analyzer=ID,
        version=VERSION,
        cls=FindingClass.ATTACK if attack else FindingClass.CONTEXT,
        title=f"{name} on {place}, {duration(rush.lasted_s)}, peak {rate(peak, rush.unit)}",
        severity=_severity(peak, place, context) if attack else Severity.INFORMATIONAL,
        confidence=confidence,
        confidence_basis=_sentence(basis, usual, rush.unit),
        techniques=("attack:T1499.002",) if attack else (),
        first_seen=first,
        last_seen=last,
        entities=(
            Entity("victim" if attack else "target", kind, place),
            *(Entity("source", "ip", c) for c, _ in fact.clients[:10] if attack),
        ),
        attributes=attributes,
        evidence=tuple(_rows(fact, context)),
        meaning=meaning,
        mitigations=tuple(_mitigations(rush, fact, place, kind)) if attack else (),
        series=chart(rush.spell, rush.unit),
    )


def _sentence(basis: str, usual: float | None, unit: str) -> str:
    change = f" Usual is {rate(usual, unit)}." if usual is not None else " The evidence holds nothing else to compare with."
    return basis[0].upper() + basis[1:] + change


def _severity(peak: float, place: str, context: Context) -> Severity:
    level = Severity.CRITICAL if peak >= 5_000 else Severity.HIGH if peak >= 200 else Severity.MEDIUM
    asset = context.profile.asset(place)
    if asset and asset.criticality in ("high", "critical") and level < Severity.CRITICAL:
        level = Severity(level + 1)
    return level


def _rows(fact: Fact, context: Context, most: int = 5) -> Iterator[EvidenceRow]:
    heavy = {client for client, _ in fact.clients[:50]}
    shown = [row for row in fact.shown if row["client"] in heavy][:most] or list(fact.shown[:most])
    for row in shown:
        name, sha256 = context.evidence[row["evidence_id"]]
        time = row["time"].astimezone(UTC).strftime("%H:%M:%S")
        asked = printable(row["page"], 80) if row["page"] else "connection"
        yield EvidenceRow(
            row["evidence_id"],
            name,
            sha256,
            row["record_offset"],
            f"{time} {row['client']} {asked} {printable(row['agent'] or '', 60)}".strip(),
        )


def _mitigations(rush: Rush, fact: Fact, place: str, kind: str) -> Iterator[Mitigation]:
    match = TrafficMatch(dst=(f"{place}/{128 if ':' in place else 32}",) if kind == "ip" else ())
    listed = sum(n for _, n in fact.clients)
    # Who also came before or after, and not much less, is a visitor caught in the middle.
    strangers = [(c, n) for c, n in fact.clients if c and 10 * fact.regulars.get(c, 0) < n]
    top = tuple(f"{c}/{128 if ':' in c else 32}" for c, _ in strangers)
    share = sum(n for _, n in strangers) / max(1, rush.total)
    collateral = sum(fact.regulars.get(c, 0) for c, _ in strangers) / fact.outside if fact.outside else None
    if top and fact.clients_total <= len(fact.clients):
        yield Mitigation(
            "drop",
            f"Block the {plural(len(top), 'address', 'addresses')} that took part.",
            TrafficMatch(dst=match.dst, src=top, protocol=6),
            None,
            round(share, 4),
            round(collateral, 4) if collateral is not None else None,
            "" if collateral is not None else "Not measured on other requests: the evidence holds none.",
        )
    elif top:
        refused = (
            f"{count(fact.clients_total)} sources are more than a filter takes; the {len(top)} busiest sent {percent(share)}."
        )
        yield Mitigation("drop", "Block the sources.", TrafficMatch(), refused=f"Blocking sources: refused, {refused}")
    limit = 1
    over = sum(max(0.0, n - limit * rush.lasted_s) for _, n in fact.clients) / max(1, listed)
    if top and fact.clients_total <= len(fact.clients) and over < 0.3:
        return  # each bot asks little: a limit that spares people would spare the bots as well
    yield Mitigation(
        "limit_requests",
        f"Let each address make {limit} request a second to {place} with a burst of 20, answer the rest with 429.",
        match,
        limit,
        round(over, 4) if fact.clients else None,
        None,
        "Hit: the share of the attack's requests above the limit; each client keeps what the limit allows. "
        "Offices behind one address can reach it: exempt those you know.",
    )
