"""What is told by the sender: scans, and backscatter, the answers to packets that were never sent from here."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import ibis
import numpy as np

from tocsin.analyzers._floods import SCAN_RATE_PER_HOST, Candidate, Limits, Verdict
from tocsin.analyzers._traffic import door, unix_second
from tocsin.analyzers._windows import Spell, Window
from tocsin.model.text import count, plural
from tocsin.terms import FindingClass, Vector


def scans_and_backscatter(both: Any, limits: Limits, attacks: list[tuple[Candidate, Verdict]]) -> Any:
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
        doors=door(rows).nunique(),
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
