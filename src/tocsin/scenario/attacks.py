"""The table of all attacks and look-alikes, and how one description becomes evidence and truth."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, replace

from tocsin.errors import TocsinError
from tocsin.packs import amplifiers
from tocsin.scenario import floods, lookalikes, reflection, webattacks
from tocsin.scenario.stage import Site, Stage, Traffic, between, joined
from tocsin.scenario.truth import Attack, AttackTruth, measured
from tocsin.terms import Vector

Generate = Callable[[Stage, Attack, int], Traffic]


@dataclass(frozen=True, slots=True)
class Kind:
    """One vector: who makes it, and what is usual for it.

    Attributes:
        generate: From stage, attack (all fields filled in) and label to traffic.
        variants: The first is the default.
        rate_pps, sources, port: Defaults; port 0: none, or any.
        victim: From the site to the default victim.
        expected: What an analyzer should call it.
        spoofed: Variants whose sources are forged.
        family: 4 or 6 where only that makes sense.
    """

    generate: Generate
    variants: tuple[str, ...]
    rate_pps: float
    sources: int
    port: int = 0
    victim: Callable[[Site], str] = lambda site: site.web
    expected: str = "attack"
    spoofed: tuple[str, ...] = ("spoofed",)
    family: int = 0


_BROADCAST = "255.255.255.255"
_WORLD = "10.0.0.0/8"  # Where the hosts of our scenarios are that are not the site's.


def _network(site: Site) -> str:
    return site.network


VECTORS: dict[str, Kind] = {
    Vector.SYN_FLOOD: Kind(floods.syn_flood, ("direct", "bare", "spoofed", "ecn"), 2000, 300, 443),
    Vector.ACK_FLOOD: Kind(floods.ack_flood, ("spoofed", "direct", "psh"), 2000, 200, 443),
    Vector.RST_FLOOD: Kind(floods.rst_flood, ("spoofed", "direct"), 2000, 200, 443),
    Vector.FIN_FLOOD: Kind(floods.fin_flood, ("spoofed", "direct"), 2000, 200, 443),
    Vector.SYNACK_REFLECTION: Kind(reflection.synack_reflection, ("",), 2000, 3000),
    Vector.MIDDLEBOX_REFLECTION: Kind(reflection.middlebox_reflection, ("",), 2000, 400),
    Vector.UDP_FLOOD: Kind(
        floods.udp_flood, ("random_ports", "single_port", "small", "variable", "spoofed"), 2000, 300
    ),
    Vector.AMPLIFICATION: Kind(reflection.amplification, ("",), 2000, 500, spoofed=()),
    Vector.FRAGMENT_FLOOD: Kind(floods.fragment_flood, ("later", "first", "tiny", "spoofed"), 2000, 200),
    Vector.ICMP_FLOOD: Kind(floods.icmp_flood, ("echo", "large", "spoofed", "echo_reply", "unreachable"), 2000, 200, family=4),
    Vector.ICMPV6_FLOOD: Kind(
        floods.icmpv6_flood, ("echo", "extensions", "spoofed", "neighbour"), 2000, 200, victim=lambda site: site.web_v6,
        spoofed=("spoofed", "neighbour"), family=6,
    ),
    Vector.DHCP_FLOOD: Kind(
        floods.dhcp_flood, ("broadcast", "relay"), 500, 1, 67, victim=lambda site: _BROADCAST,
        spoofed=("broadcast", "relay"), family=4,
    ),
    Vector.CARPET_BOMBING: Kind(
        reflection.carpet_bombing, ("udp", "dns", "syn", "ntp", "cldap"), 4000, 600, victim=_network, spoofed=("syn",)
    ),
    Vector.HTTP_FLOOD: Kind(webattacks.http_flood, ("get", "query", "post", "tls"), 1500, 200, 80, spoofed=()),
    Vector.SLOW_HTTP: Kind(webattacks.slow_http, ("headers", "body", "read"), 60, 30, 80, spoofed=()),
    Vector.PORT_SCAN: Kind(lookalikes.port_scan, ("syn", "fin", "udp"), 200, 1, expected="suspicious", spoofed=()),
    Vector.HOST_SCAN: Kind(
        lookalikes.host_scan, ("inbound", "outbound"), 200, 1, victim=_network, expected="suspicious", spoofed=()
    ),
    Vector.BACKSCATTER: Kind(lookalikes.backscatter, ("",), 8, 4, victim=_network, expected="context", spoofed=()),
    Vector.FLASH_CROWD: Kind(
        webattacks.flash_crowd, ("tls", "cleartext"), 1500, 1500, 443, expected="context", spoofed=()
    ),
    "speed_test": Kind(
        lookalikes.speed_test, ("tcp", "udp"), 4000, 1, victim=lambda site: site.host(150), expected="none", spoofed=()
    ),
}  # fmt: skip


def complete(attack: Attack, site: Site) -> Attack:
    """The attack with all that was left open filled in.

    Raises:
        TocsinError: An unknown vector, variant or service, or a victim that is no address or prefix; names what is known.
    """
    kind = VECTORS.get(attack.vector)
    if kind is None:
        raise TocsinError(f"vector {attack.vector!r}: expected one of {', '.join(VECTORS)}")
    if attack.variant and attack.variant not in kind.variants:
        known = ", ".join(filter(None, kind.variants)) or "none"
        raise TocsinError(f"{attack.vector}: unknown variant {attack.variant!r}; known: {known}")
    services = {amplifier.service for amplifier in amplifiers()}
    if unknown := [service for service in attack.services if service not in services]:
        raise TocsinError(f"{attack.vector}: unknown service {unknown[0]!r}; known: {', '.join(sorted(services))}")
    _check_victim(attack, attack.victim or kind.victim(site), kind)
    if attack.rate_pps < 0 or attack.duration_s <= 0:
        raise TocsinError(
            f"{attack.vector}: expected a rate and a duration above 0, found {attack.rate_pps} packets/s and {attack.duration_s} s"
        )
    filled = replace(
        attack,
        victim=attack.victim or kind.victim(site),
        rate_pps=attack.rate_pps or kind.rate_pps,
        sources=attack.sources or kind.sources,
        variant=attack.variant or kind.variants[0],
        port=attack.port or kind.port,
    )
    return _usual(filled, site)


def _check_victim(attack: Attack, victim: str, kind: Kind) -> None:
    try:
        prefix = ipaddress.ip_network(victim)
    except ValueError as error:
        raise TocsinError(f"{attack.vector}: victim: expected an address or a prefix, found {victim!r}") from error
    if prefix.num_addresses > 1 and kind.victim is not _network:
        raise TocsinError(
            f"{attack.vector}: victim: expected one address, found the prefix {victim}; use carpet_bombing for a prefix"
        )
    if kind.family and prefix.version != kind.family:
        raise TocsinError(f"{attack.vector}: victim: expected an IPv{kind.family} address, found {victim}")


def _usual(attack: Attack, site: Site) -> Attack:
    """Ports, services and victims that follow from the variant."""
    if attack.vector == Vector.DHCP_FLOOD and attack.variant == "relay" and attack.victim == _BROADCAST:
        return replace(attack, victim=floods.dhcp_server(site))
    if attack.vector in (Vector.HTTP_FLOOD, Vector.FLASH_CROWD):
        secure = attack.variant == "tls"
        return replace(attack, port=443 if secure else 80)
    if attack.vector == Vector.UDP_FLOOD and not attack.port and attack.variant in ("single_port", "small"):
        return replace(attack, port=80 if attack.variant == "single_port" else 27015)
    if attack.vector == Vector.HOST_SCAN and attack.variant == "outbound":
        return replace(attack, victim=_WORLD)
    if attack.vector == Vector.AMPLIFICATION and not attack.services:
        return replace(attack, services=("dns",))
    if attack.vector == Vector.CARPET_BOMBING and attack.variant not in ("udp", "syn") and not attack.services:
        return replace(attack, services=(attack.variant,))
    return attack


def generate(stage: Stage, attack: Attack, label: int) -> Traffic:
    """The traffic of one completed attack, cut to the stage's span and in order; ``label`` is its number, from 1."""
    traffic = VECTORS[attack.vector].generate(stage.part(f"attack {label}"), attack, label)
    return joined([between(traffic, stage.start_ns, stage.end_ns)])


def stage_attack(stage: Stage, attack: Attack, label: int) -> tuple[Traffic, AttackTruth]:
    """An attack as evidence and as truth.

    Raises:
        TocsinError: The description is wrong (see ``complete``).
    """
    filled = complete(attack, stage.site)
    traffic = generate(stage, filled, label)
    kind = VECTORS[filled.vector]
    truth = measured(
        traffic, label=label, site=stage.site.name, vector=str(filled.vector), variant=filled.variant, expected=kind.expected,
        victim=filled.victim, port=filled.port or None, spoofed=filled.variant in kind.spoofed, services=filled.services,
    )  # fmt: skip
    return traffic, truth
