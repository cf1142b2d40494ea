"""What a stream of packets toward one target is: the decision, apart from the queries that feed it.

Structure decides before rates: a handshake nobody completes, answers nobody asked for, many forged sources. Each verdict gives
its reason in one sentence with the numbers it rests on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tocsin.analyzers._windows import Spell, Window
from tocsin.model.text import count, percent, plural, rate
from tocsin.packs import amplifiers
from tocsin.terms import FindingClass, Vector

# Families whose unsolicited part is known from flows; the others are judged by all their packets.
BY_FLOWS = ("syn", "synack", "rst", "fin", "ack", "udp", "amp")
# What a flood drags along at the same victim: resets of reflectors, fragments of large answers, complaints of routers.
SIDE_EFFECTS = {
    "syn": ("rst", "ack", "unreachable", "fin"),
    "synack": ("rst", "ack", "unreachable", "syn", "udp", "fin"),
    "ack": ("rst", "fin", "synack", "unreachable", "syn"),
    "rst": ("fin", "ack", "synack", "unreachable"),
    "fin": ("rst", "ack", "unreachable"),
    "udp": ("fragment", "unreachable", "amp", "icmp"),
    "amp": ("fragment", "unreachable", "udp", "icmp"),
    "fragment": ("udp", "icmp", "unreachable", "other"),
    "icmp": ("unreachable", "fragment"),
    "icmpv6": ("unreachable", "fragment"),
}
TECHNIQUES = {
    Vector.AMPLIFICATION: ("attack:T1498.002",),
    Vector.SYNACK_REFLECTION: ("attack:T1498.002",),
    Vector.MIDDLEBOX_REFLECTION: ("attack:T1498.002",),
    Vector.SYN_FLOOD: ("attack:T1499.001",),
    Vector.ACK_FLOOD: ("attack:T1499.001",),
    Vector.PORT_SCAN: ("attack:T1046",),
    Vector.HOST_SCAN: ("attack:T1595.001",),
    Vector.BACKSCATTER: (),
}
NAMES = {
    Vector.SYN_FLOOD: "SYN flood",
    Vector.ACK_FLOOD: "ACK flood",
    Vector.RST_FLOOD: "RST flood",
    Vector.FIN_FLOOD: "FIN flood",
    Vector.SYNACK_REFLECTION: "SYN-ACK reflection",
    Vector.MIDDLEBOX_REFLECTION: "TCP reflection through middleboxes",
    Vector.UDP_FLOOD: "UDP flood",
    Vector.AMPLIFICATION: "amplification",
    Vector.FRAGMENT_FLOOD: "Fragment flood",
    Vector.ICMP_FLOOD: "ICMP flood",
    Vector.ICMPV6_FLOOD: "ICMPv6 flood",
    Vector.DHCP_FLOOD: "DHCP flood",
    Vector.CARPET_BOMBING: "Carpet bombing",
}
MEANINGS = {
    Vector.SYN_FLOOD: "Many connections were opened and never completed, to use up the server's or the firewall's memory for half-open connections.",
    Vector.ACK_FLOOD: "TCP segments of connections that do not exist were sent, to keep the server and the firewall busy looking them up.",
    Vector.RST_FLOOD: "Reset segments of connections that do not exist were sent, to keep the server and the firewall busy.",
    Vector.FIN_FLOOD: "Closing segments of connections that do not exist were sent, to keep the server and the firewall busy.",
    Vector.SYNACK_REFLECTION: "Servers all over the internet were made to answer to the victim: the attacker forged the victim's address. The senders are innocent.",
    Vector.MIDDLEBOX_REFLECTION: "Firewalls and censorship boxes were made to send their block pages to the victim: the attacker forged its address. The senders are innocent.",
    Vector.UDP_FLOOD: "Packets that nobody asked for filled the line or the server's input queue.",
    Vector.AMPLIFICATION: "Open services all over the internet were made to send large answers to the victim: the attacker forged its address in small requests. The senders are innocent.",
    Vector.FRAGMENT_FLOOD: "Fragments of packets were sent that can never be put together, to use up memory for reassembly and to slip past filters on ports.",
    Vector.ICMP_FLOOD: "ICMP packets filled the line or kept the host busy answering.",
    Vector.ICMPV6_FLOOD: "ICMPv6 packets filled the line or kept the host busy answering.",
    Vector.DHCP_FLOOD: "Requests for addresses used up the DHCP server's time or its pool, so that new machines get no address.",
    Vector.CARPET_BOMBING: "The attack was spread over a whole range of addresses, so that no single one looks flooded while the line is.",
    Vector.PORT_SCAN: "One sender tried many ports of one host: reconnaissance, not an attempt to overload it.",
    Vector.HOST_SCAN: "One sender tried many hosts: reconnaissance, not an attempt to overload them.",
    Vector.BACKSCATTER: "These hosts answer to packets that were never sent from here: someone attacks them and forges our addresses. We are not the victim; nothing needs to be blocked.",
}
SERVICE_NAMES = {
    "portmap": "Portmap",
    "memcached": "memcached",
    "bacnet": "BACnet",
    "coap": "CoAP",
    "mdns": "mDNS",
    "tp240": "TP-240",
    "dvr": "DVR",
    "plex": "Plex",
    "steam": "Steam",
    "quake": "Quake",
}
# Services whose clients use the port, too: what comes from it may be a peer that calls first.
PEERS = {"bittorrent", "steam", "quake", "sip", "openvpn", "isakmp", "stun", "l2tp", "tftp", "netbios", "mdns"}
WEB_PORTS = (80, 443, 8080, 8443, 53)
SEEN_MIN = 30
# A scanner knocks at each host a few times a second at most; who sends more to each does not want to know but to fill.
SCAN_RATE_PER_HOST = 10
_NEVER_SOURCES = [ip_network(n) for n in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")]


@dataclass(frozen=True)
class Candidate:
    """One family of packets toward one target in one window, with what flows tell of it.

    ``met``: sources that also hold proper connections with the target; ``visitors``: those that do little else.
    """

    target: str
    group: str
    spell: Spell
    structure: Mapping[str, Any]
    services: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[tuple[str, int], ...] = ()
    ports: tuple[tuple[int, int], ...] = ()
    source_ports: tuple[tuple[int, int], ...] = ()
    met: frozenset[str] = frozenset()
    visitors: frozenset[str] = frozenset()

    @property
    def window(self) -> Window:
        """When it happened."""
        return self.spell.window

    @property
    def packets(self) -> int:
        """Packets of the attack: the unsolicited ones where flows tell, else all of the family in the window."""
        return int(self.spell.inside.sum())

    @property
    def duration_s(self) -> float:
        first, last = self.structure["first"], self.structure["last"]
        return max(0.0, float((last - first).total_seconds()))

    @property
    def rate(self) -> float:
        """Packets per second over the whole window, and never over less than a second: short bursts are not extrapolated."""
        return self.packets / max(1.0, self.duration_s)

    def overlaps(self, other: "Candidate") -> bool:
        return self.window.start <= other.window.end + 10 and other.window.start <= self.window.end + 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate is, and in one sentence why."""

    vector: Vector
    cls: FindingClass
    basis: str
    confidence: int
    spoofed: bool | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The analyzer's thresholds; see ``denial_of_service``."""

    packets_min: int
    rate_min: int
    sources_min: int
    single_flow_rate_min: int
    amplification_packets_min: int
    carpet_hosts_min: int
    carpet_rate_min: int
    scan_targets_min: int
    targets_max: int


def judge(c: Candidate, limits: Limits) -> Verdict | None:
    """What this is: an attack, a look-alike, too little to say; None for nothing worth a sentence."""
    if c.structure["seen"] < SEEN_MIN:
        return None  # a handful of samples, each multiplied by the sampling rate, is not yet a flood
    if c.structure["flow_packets"] == 0 or _everyones(c.target):
        return _judge_broadcast(c, limits)
    if is_port_scan(c, limits):
        return _port_scan(c)
    rule = _RULES.get(c.group)
    return rule(c, limits) if rule else None


def is_port_scan(c: Candidate, limits: Limits) -> bool:
    """Few senders, many ports, a few packets each: someone looks around. A flood repeats its ports or comes from everywhere."""
    ports, sources = c.structure["ports"], c.structure["sources"]
    return (
        c.group in ("syn", "udp", "fin", "ack")
        and ports >= limits.scan_targets_min * sources
        and sources <= 8
        and c.packets <= 4 * ports * max(1, sources)
        and ports <= 65_536
        and not (c.group == "udp" and c.rate > 5_000)
    )


def _port_scan(c: Candidate) -> Verdict:
    ports, sources = c.structure["ports"], c.structure["sources"]
    basis = f"{plural(sources, 'sender')} tried {count(ports)} ports with {count(c.packets)} packets"
    return Verdict(Vector.PORT_SCAN, FindingClass.SUSPICIOUS, basis + ": looking around, not overloading.", 85)


def _everyones(target: str) -> bool:
    """Multicast and broadcast: nobody's victim address, except for DHCP."""
    try:
        address = ip_address(target)
    except ValueError:
        return False
    return address.is_multicast or target == "255.255.255.255" or address.is_unspecified


def _judge_broadcast(c: Candidate, limits: Limits) -> Verdict | None:
    if c.group == "dhcp":
        return _dhcp(c, limits)
    # Neighbour discovery and router advertisements go to everyone, a few a second; a flood of them hits everyone.
    return _icmp(Vector.ICMPV6_FLOOD)(c, limits) if c.group == "icmpv6" and c.rate >= 5 * limits.rate_min else None


def _flood(c: Candidate, vector: Vector, why: str, *, spoofed: bool | None = None) -> Verdict:
    """An attack; the more of it, the larger its change and the clearer its structure, the surer."""
    score = 62
    score += 10 if c.packets >= 2_000 else 0
    score += 8 if c.window.usual is not None else 0
    score += 8 if c.structure["sources"] >= 100 else 0
    score += 8 if c.rate >= 1_000 else 0
    change = ""
    if c.window.usual is not None and c.packets:
        usual = rate(c.window.usual, "packets/s")
        change = (
            f" Outside this time the evidence shows {usual} of the kind."
            if c.window.usual >= 1
            else " Outside this time there were next to none."
        )
    return Verdict(vector, FindingClass.ATTACK, why + change, min(score, 96), spoofed)


def forged(c: Candidate) -> bool:
    """Whether the senders' addresses are made up: nearly each is seen once, or some that nobody can have."""
    sources, packets = c.structure["sources"], max(1, c.structure["kept_packets"])
    impossible = sum(packets_of for source, packets_of in c.sources if _impossible(source))
    return bool((sources >= 500 and packets / sources < 2.5) or impossible > 0.01 * packets)


def _impossible(source: str) -> bool:
    try:
        address = ip_address(source)
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in _NEVER_SOURCES)


def _syn(c: Candidate, limits: Limits) -> Verdict | None:
    incomplete, complete = c.structure["flows"], c.structure["solicited_flows"]
    if c.packets < limits.packets_min // 2 or c.rate < limits.rate_min // 2:
        return None  # handshakes left open say more than other packets: half of each is enough
    if incomplete < 0.3 * (incomplete + complete):
        return None
    if c.structure["refused"] >= 0.8 * incomplete and c.structure["sources"] <= 3 and c.rate < 10 * limits.rate_min:
        return None  # a program that knocks at a closed port again and again
    spoofed = forged(c)
    why = f"{percent(incomplete / max(1, incomplete + complete))} of handshakes were never completed, {count(c.packets)} SYN packets"
    why += f"; {plural(c.structure['sources'], 'source')}, {'forged' if spoofed else 'not forged'}."
    return _flood(c, Vector.SYN_FLOOD, why, spoofed=spoofed)


def _synack(c: Candidate, limits: Limits) -> Verdict | None:
    many = c.structure["sources"] >= limits.sources_min or c.rate >= 10 * limits.rate_min
    if not many or c.packets < limits.packets_min or c.rate < limits.rate_min:
        return None  # replies of few hosts at a low rate are backscatter, told per sender
    why = (
        f"{count(c.packets)} replies to handshakes that the target never began, from {plural(c.structure['sources'], 'host')}."
    )
    return _flood(c, Vector.SYNACK_REFLECTION, why)


def _connectionless(vector: Vector, words: str) -> Any:
    def rule(c: Candidate, limits: Limits) -> Verdict | None:
        if c.packets < limits.packets_min or c.rate < limits.rate_min:
            return None
        flows, sources = c.structure["flows"], c.structure["sources"]
        if flows < limits.sources_min and c.rate < limits.single_flow_rate_min:
            return None  # one side of an ordinary connection looks like this, too
        why = f"{count(c.packets)} {words} of connections that were never opened, in {plural(flows, 'flow')} from {plural(sources, 'source')}."
        web = sum(packets for port, packets in c.source_ports if port in WEB_PORTS)
        size = c.structure["flow_bytes"] / max(1, c.structure["flow_packets"])
        content = web >= 0.8 * c.structure["kept_packets"] and size >= 90
        if content and sources >= limits.sources_min:
            why += f" {percent(web / c.structure['kept_packets'])} come from web ports and carry content."
            return _flood(c, Vector.MIDDLEBOX_REFLECTION, why)
        return _flood(c, vector, why, spoofed=forged(c))

    return rule


def _udp(c: Candidate, limits: Limits) -> Verdict | None:
    if c.packets < limits.packets_min or c.rate < limits.rate_min:
        return None
    flows, sources = c.structure["flows"], c.structure["sources"]
    friends = sum(packets for source, packets in c.sources if source in c.met)
    if friends >= 0.8 * c.structure["kept_packets"]:
        return None  # its senders also hold proper connections with the target: a speed test, a call, a stream
    if flows < limits.sources_min and c.rate < limits.single_flow_rate_min:
        return None
    spoofed = forged(c)
    why = f"{count(c.packets)} packets that nobody asked for or answered, in {plural(flows, 'flow')} from {plural(sources, 'source')}"
    why += ", forged." if spoofed else "."
    return _flood(c, Vector.UDP_FLOOD, why, spoofed=spoofed)


def _amplification(c: Candidate, limits: Limits) -> Verdict | None:
    sources, packets = c.structure["sources"], max(1, c.structure["flow_packets"])
    size = c.structure["flow_bytes"] / packets
    if (
        sources < limits.sources_min // 2
        or c.packets < limits.amplification_packets_min
        or c.rate < limits.amplification_packets_min
    ):
        return None
    if set(c.services) <= {"dns"} and size < 300 and c.rate < 1_000:
        return None  # a resolver captured on one side only gets small answers, too
    main = main_services(c)
    why = f"{count(c.packets)} answers that nobody asked for, {count(size)} bytes on average, from {plural(sources, 'open service')}: {', '.join(main)}."
    return _flood(c, Vector.AMPLIFICATION, why)


def main_services(c: Candidate) -> list[str]:
    """Services with at least a twentieth of the packets, most first."""
    total = sum(c.services.values()) or 1
    ranked = sorted(c.services.items(), key=lambda item: (-item[1], item[0]))
    return [service for service, packets in ranked if packets >= 0.05 * total and service in _SERVICES]


_SERVICES = {amplifier.service for amplifier in amplifiers()}


def _fragments(c: Candidate, limits: Limits) -> Verdict | None:
    sources = c.structure["sources"]
    if c.packets < limits.packets_min or c.rate < limits.rate_min:
        return None
    if sources < limits.sources_min and c.rate < 10 * limits.rate_min:
        return None
    why = f"{count(c.packets)} later fragments of packets from {plural(sources, 'source')}."
    return _flood(c, Vector.FRAGMENT_FLOOD, why, spoofed=forged(c))


def _icmp(vector: Vector) -> Any:
    def rule(c: Candidate, limits: Limits) -> Verdict | None:
        if c.packets < limits.packets_min or c.rate < limits.rate_min:
            return None
        why = f"{count(c.packets)} packets from {plural(c.structure['sources'], 'source')}, {rate(c.rate, 'packets/s')} on average; a monitor sends a few."
        return _flood(c, vector, why, spoofed=forged(c))

    return rule


def _unreachable(c: Candidate, limits: Limits) -> Verdict | None:
    if c.packets < limits.packets_min or c.rate < 2 * limits.rate_min:
        return None  # complaints of routers about a scan or about forged packets come slower: they limit themselves
    vector = Vector.ICMPV6_FLOOD if ":" in c.target else Vector.ICMP_FLOOD
    why = f"{count(c.packets)} ICMP errors from {plural(c.structure['sources'], 'source')}, {rate(c.rate, 'packets/s')} on average."
    return _flood(c, vector, why, spoofed=forged(c))


def _dhcp(c: Candidate, limits: Limits) -> Verdict | None:
    if c.packets < limits.packets_min or c.rate < limits.rate_min / 10:
        return None
    why = f"{count(c.packets)} requests for addresses; a network of a thousand machines asks a few times a minute."
    return _flood(c, Vector.DHCP_FLOOD, why, spoofed=True)


_RULES = {
    "syn": _syn,
    "synack": _synack,
    "ack": _connectionless(Vector.ACK_FLOOD, "segments"),
    "rst": _connectionless(Vector.RST_FLOOD, "resets"),
    "fin": _connectionless(Vector.FIN_FLOOD, "closing segments"),
    "udp": _udp,
    "amp": _amplification,
    "fragment": _fragments,
    "icmp": _icmp(Vector.ICMP_FLOOD),
    "icmpv6": _icmp(Vector.ICMPV6_FLOOD),
    "unreachable": _unreachable,
    "dhcp": _dhcp,
}


def carpet(c: Candidate, verdict: Verdict, limits: Limits) -> Verdict | None:
    """The verdict on a neighbourhood: carpet bombing, unless it is someone looking for hosts."""
    hosts, sources = c.structure["hosts"], c.structure["sources"]
    if hosts < limits.carpet_hosts_min or c.rate < limits.carpet_rate_min:
        return None
    if sources <= 4 and c.rate <= SCAN_RATE_PER_HOST * hosts:
        return None
    why = f"{count(hosts)} addresses of one range were hit alike. {verdict.basis}"
    return Verdict(Vector.CARPET_BOMBING, FindingClass.ATTACK, why, verdict.confidence, verdict.spoofed)


def without_side_effects(attacks: list[tuple[Candidate, Verdict]]) -> list[tuple[Candidate, Verdict]]:
    """Leave out what a larger flood at the same target drags along."""
    return [
        (c, v)
        for c, v in attacks
        if not any(
            o.target == c.target
            and c.group in SIDE_EFFECTS.get(o.group, ())
            and o.overlaps(c)
            and (o.packets > 3 * c.packets or (c.group == "fragment" and o.group == "amp"))
            for o, _ in attacks
        )
    ]
