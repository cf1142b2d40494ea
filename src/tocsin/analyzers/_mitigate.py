"""Which packets to act on, measured on the evidence: a match is only as good as what it hits and what it spares."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

import numpy as np

from tocsin.analyzers._floods import Candidate, Verdict, main_services
from tocsin.model import Mitigation, TrafficMatch
from tocsin.model.text import count, plural
from tocsin.packs import amplifiers
from tocsin.terms import FindingClass, IpProtocol, TcpFlag, Vector

HIT_MIN, COLLATERAL_MAX = 0.95, 0.01
SOURCES_MAX = 1000
_CONTROL = TcpFlag.FIN | TcpFlag.SYN | TcpFlag.RST | TcpFlag.ACK
_TCP_SHAPE = {
    Vector.SYN_FLOOD: (TcpFlag.SYN, TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST),
    Vector.SYNACK_REFLECTION: (TcpFlag.SYN | TcpFlag.ACK, TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST),
    Vector.RST_FLOOD: (TcpFlag.RST, TcpFlag.RST),
    Vector.FIN_FLOOD: (TcpFlag.FIN, TcpFlag.FIN | TcpFlag.SYN | TcpFlag.RST),
}
_VECTOR_OF_GROUP = {
    "syn": Vector.SYN_FLOOD,
    "synack": Vector.SYNACK_REFLECTION,
    "ack": Vector.ACK_FLOOD,
    "rst": Vector.RST_FLOOD,
    "fin": Vector.FIN_FLOOD,
    "udp": Vector.UDP_FLOOD,
    "amp": Vector.AMPLIFICATION,
    "fragment": Vector.FRAGMENT_FLOOD,
}

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Packets:
    """Sampled packets toward one target as columns; ``attack`` marks those of the finding, ``others`` is the weight of all the
    rest of the evidence (also toward other targets)."""

    columns: dict[str, Array]
    attack: Array
    others: int

    def measure(self, match: TrafficMatch) -> tuple[float | None, float | None]:
        """Hit on the attack and on everything else, 0 to 1; None where there is nothing to measure on."""
        hits, weight = covers(match, self.columns), self.columns["weight"]
        total = weight[self.attack].sum()
        if not total:
            return None, None
        spared = self.others + weight[~self.attack].sum()
        hit = float(weight[hits & self.attack].sum() / total)
        return hit, float(weight[hits & ~self.attack].sum() / spared) if spared else 0.0


def covers(match: TrafficMatch, packets: dict[str, Array]) -> Array:
    """Which packets (columns ``sport``, ``dport``, ``protocol``, ``flags``, ``length``, ``ttl``, ``icmp_type``, ``fragment``,
    ``src``; all toward the match's destination) a match covers. Absent values are -1 and match no condition."""
    hits = np.ones(len(packets["weight"]), bool)
    if match.protocol is not None:
        hits &= packets["protocol"] == match.protocol
    for ranges, column in ((match.src_ports, "sport"), (match.dst_ports, "dport")):
        if ranges:
            values = packets[column]
            hits &= np.any([(values >= low) & (values <= high) for low, high in ranges], axis=0)
    if match.tcp_flags is not None and match.tcp_mask is not None:
        hits &= (packets["flags"] >= 0) & ((packets["flags"] & match.tcp_mask) == match.tcp_flags)
    for span, column in ((match.length_bytes, "length"), (match.ttl, "ttl")):
        if span:
            hits &= (packets[column] >= span[0]) & (packets[column] <= span[1])
    if match.icmp_types:
        hits &= np.isin(packets["icmp_type"], match.icmp_types)
    if match.fragment:
        hits &= packets["fragment"] == 1
    if match.src:
        listed = {prefix.removesuffix("/32").removesuffix("/128") for prefix in match.src}
        hits &= np.fromiter((source in listed for source in packets["src"]), bool, len(hits))
    return hits


def mitigations(c: Candidate, v: Verdict, packets: Packets) -> list[Mitigation]:
    """What to do against this attack, best first, each measured; what must not be done is there too, refused with its reason."""
    return sorted(_proposed(c, v, packets), key=_order) if v.cls is FindingClass.ATTACK else []


def _order(m: Mitigation) -> int:
    """A drop that hits the attack and spares the rest, then what spares by its nature, then limits, then the last resort."""
    if m.refused:
        return 9
    clean = m.hit_ratio is not None and m.hit_ratio >= HIT_MIN and (m.collateral_ratio or 0.0) < COLLATERAL_MAX
    return {"drop": 0 if clean else 4, "syn_proxy": 1, "rate_limit": 2, "limit_requests": 3, "blackhole": 8}.get(m.effect, 5)


def _proposed(c: Candidate, v: Verdict, packets: Packets) -> Iterator[Mitigation]:
    match = _narrow(_shape(c, v), packets)
    hit, collateral = packets.measure(match)
    note = _why_not(hit, collateral)
    if v.vector is Vector.DHCP_FLOOD:
        yield Mitigation(
            "rate_limit",
            "Limit DHCP requests per switch port (DHCP snooping), here on the server's own filter.",
            match,
            50,
            hit,
            collateral,
            note,
        )
        return
    if v.vector is Vector.SYN_FLOOD:
        yield Mitigation(
            "syn_proxy",
            f"Let the firewall complete handshakes for {c.target} before the server sees them.",
            replace(match, length_bytes=None, ttl=None, src_ports=()),
            None,
            *packets.measure(replace(match, length_bytes=None, ttl=None, src_ports=())),
            "Ordinary clients pass, with one more round trip: what it covers of other traffic are their handshakes, none of them lost. "
            "Connections open before it starts are not touched.",
        )
    if (
        hit is not None
        and collateral is not None
        and hit >= HIT_MIN
        and collateral < COLLATERAL_MAX
        and v.vector is not Vector.SYN_FLOOD
    ):
        if v.vector is Vector.SYNACK_REFLECTION:
            note = f"While it is in force {_place(c)} cannot open connections of its own: the answers would be dropped, too."
        yield Mitigation("drop", f"Drop the {_words(v)} toward {_place(c)}.", match, None, hit, collateral, note)
    else:
        usual = int(max(4 * (c.window.usual or 0), 100))
        yield Mitigation(
            "rate_limit",
            f"Let through {count(usual)} packets/s of the {_words(v)} toward {_place(c)}, drop the rest.",
            match,
            usual,
            hit,
            collateral,
            note or "Ordinary packets of the same shape share the limit with the attack.",
        )
    yield _sources(c, v, match, packets)
    blackhole = TrafficMatch(dst=match.dst)
    yield Mitigation(
        "blackhole",
        f"Last resort: have the provider drop everything to {_place(c)}.",
        blackhole,
        None,
        *packets.measure(blackhole),
        "This completes the attack for that address: it saves the line and the others on it, not the victim.",
    )


def _words(v: Verdict) -> str:
    return {
        Vector.SYN_FLOOD: "SYN packets",
        Vector.ACK_FLOOD: "ACK packets",
        Vector.RST_FLOOD: "RST packets",
        Vector.FIN_FLOOD: "FIN packets",
        Vector.SYNACK_REFLECTION: "SYN-ACK packets",
        Vector.MIDDLEBOX_REFLECTION: "TCP packets from web ports",
        Vector.UDP_FLOOD: "UDP packets of this shape",
        Vector.AMPLIFICATION: "answers of amplifiers",
        Vector.FRAGMENT_FLOOD: "fragments",
        Vector.ICMP_FLOOD: "ICMP packets",
        Vector.ICMPV6_FLOOD: "ICMPv6 packets",
    }.get(v.vector, "packets of this shape")


def _place(c: Candidate) -> str:
    return destination(c.target)


def destination(target: str) -> str:
    """The prefix of a target: an address as it is, a neighbourhood (``198.51.100``) as ``198.51.100.0/24``."""
    if "/" in target:
        return target
    if ":" in target:
        try:
            return str(ip_network(target).network_address)
        except ValueError:
            return str(ip_network(f"{target}:0/112", strict=False)) if "::" in target else str(ip_network(f"{target}:0/112"))
    return target if target.count(".") == 3 else f"{target}.0/24"


def _shape(c: Candidate, v: Verdict) -> TrafficMatch:
    """The packets of the vector, by what makes it one."""
    place = destination(c.target)
    dst = (str(ip_network(place)),)
    vector = _VECTOR_OF_GROUP.get(c.group, v.vector) if v.vector is Vector.CARPET_BOMBING else v.vector
    if vector in _TCP_SHAPE:
        flags, mask = _TCP_SHAPE[vector]
        ports = _ranges(c.ports, c.structure["kept_packets"]) if vector is Vector.SYN_FLOOD else ()
        return TrafficMatch(dst=dst, protocol=IpProtocol.TCP, dst_ports=ports, tcp_flags=flags, tcp_mask=mask)
    if vector is Vector.MIDDLEBOX_REFLECTION:
        return TrafficMatch(dst=dst, protocol=IpProtocol.TCP, src_ports=_ranges(c.source_ports, c.structure["kept_packets"]))
    if vector is Vector.ACK_FLOOD:
        ports = _ranges(c.ports, c.structure["kept_packets"])
        return TrafficMatch(
            dst=dst, protocol=IpProtocol.TCP, dst_ports=ports, tcp_flags=TcpFlag.ACK, tcp_mask=TcpFlag.ACK | TcpFlag.SYN
        )
    if vector is Vector.AMPLIFICATION:
        services = main_services(c)
        ports = tuple(sorted({(a.port, a.port) for a in amplifiers() if a.service in services}))
        return TrafficMatch(dst=dst, protocol=IpProtocol.UDP, src_ports=ports)
    if vector is Vector.UDP_FLOOD:
        total = c.structure["kept_packets"]
        return TrafficMatch(
            dst=dst, protocol=IpProtocol.UDP, dst_ports=_ranges(c.ports, total), src_ports=_ranges(c.source_ports, total)
        )
    if vector is Vector.FRAGMENT_FLOOD:
        return TrafficMatch(dst=dst, fragment=True)
    if vector is Vector.DHCP_FLOOD:
        return TrafficMatch(dst=dst, protocol=IpProtocol.UDP, dst_ports=((67, 67),) if ":" not in place else ((547, 547),))
    protocol = IpProtocol.ICMPV6 if c.group == "icmpv6" else IpProtocol.ICMP
    return TrafficMatch(dst=dst, protocol=protocol)


def _ranges(ports: tuple[tuple[int, int], ...], total: int) -> tuple[tuple[int, int], ...]:
    """The few ports that nearly all packets use; none if they use many."""
    kept, seen = [], 0
    for port, packets in ports[:4]:
        kept.append((int(port), int(port)))
        seen += packets
        if seen >= 0.97 * total:
            return tuple(sorted(kept))
    return ()


def _narrow(match: TrafficMatch, packets: Packets) -> TrafficMatch:
    """Add what tells attack from ordinary packets (length, TTL, source port) while that spares more and misses nearly nothing."""
    best, (hit, collateral) = match, packets.measure(match)
    if hit is None or collateral is None or collateral < COLLATERAL_MAX / 10:
        return match
    mine = covers(match, packets.columns) & packets.attack
    for name, column in (("length_bytes", "length"), ("ttl", "ttl"), ("src_ports", "sport")):
        values = packets.columns[column][mine]
        values = values[values >= 0]
        if not len(values):
            continue
        low, high = int(np.quantile(values, 0.01, method="lower")), int(np.quantile(values, 0.99, method="higher"))
        narrower = replace(best, **{name: ((low, high),) if name == "src_ports" else (low, high)})  # type: ignore[arg-type]
        if name == "src_ports" and (high - low > 256 or best.src_ports):
            continue
        new_hit, new_collateral = packets.measure(narrower)
        if new_hit is not None and new_collateral is not None and new_hit >= HIT_MIN and new_collateral < 0.7 * collateral:
            best, collateral = narrower, new_collateral
    return best


def _why_not(hit: float | None, collateral: float | None) -> str:
    if hit is None:
        return "Not measured: the evidence holds no packets of this attack to measure on."
    words = []
    if hit < HIT_MIN:
        words.append("the attack varies too much for one match")
    if collateral is not None and collateral >= COLLATERAL_MAX:
        words.append("ordinary packets to the same service look like the attack's, so a limit is proposed, not a drop")
    return (". ".join(word[0].upper() + word[1:] for word in words) + ".") if words else ""


def _sources(c: Candidate, v: Verdict, match: TrafficMatch, packets: Packets) -> Mitigation:
    total = c.structure["sources"]
    if v.spoofed:
        reason = f"{plural(total, 'source')} in {count(c.packets)} packets are forged: blocking them hits bystanders and stops nothing."
    elif v.vector in (Vector.AMPLIFICATION, Vector.SYNACK_REFLECTION, Vector.MIDDLEBOX_REFLECTION):
        reason = f"the {plural(total, 'sender')} are innocent reflectors, more follow, and some serve your own users."
    elif total > SOURCES_MAX:
        reason = (
            f"{plural(total, 'source')} are more than an edge router's filter takes; the match on the packets' shape does it."
        )
    else:
        reason = ""
    if reason:
        return Mitigation("drop", "Block the sources.", TrafficMatch(), refused=f"Blocking sources: refused, {reason}")
    heavy = tuple(
        f"{source}/{128 if ':' in source else 32}" for source, _ in c.sources if "/" not in source and source not in c.visitors
    )
    if not heavy:
        reason = "its sources also hold ordinary connections with the target."
        return Mitigation("drop", "Block the sources.", TrafficMatch(), refused=f"Blocking sources: refused, {reason}")
    by_source = TrafficMatch(dst=match.dst, src=heavy, protocol=match.protocol)
    hit, collateral = packets.measure(by_source)
    note = "" if hit is None or hit >= HIT_MIN else f"These are the {len(heavy)} busiest of {count(total)} sources."
    return Mitigation(
        "drop", f"Block the {plural(len(heavy), 'source')} toward {_place(c)}.", by_source, None, hit, collateral, note
    )
