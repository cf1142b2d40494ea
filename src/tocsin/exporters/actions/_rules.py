"""A TrafficMatch made ready to be written down: checked, split by address family, prefixes and ranges merged."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tocsin.model import TrafficMatch
from tocsin.terms import IpProtocol

Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network
Ranges = tuple[tuple[int, int], ...]

IPV6_HEADER_BYTES = 40
LENGTH_BYTES_MAX = 65535 + IPV6_HEADER_BYTES  # RFC 8200, section 4.5: the payload length field counts what follows the header
PORT_MAX = 65535
PREFIXES_MAX = 16_384
_LIMITED_BROADCAST = ipaddress.IPv4Address("255.255.255.255")
# IANA protocol numbers with ports in the first four bytes: TCP, UDP, DCCP, SCTP, UDP-Lite.
WITH_PORTS = (6, 17, 33, 132, 136)


@dataclass(frozen=True, slots=True)
class Rule:
    """A match within one address family.

    Attributes:
        version: 4 or 6.
        dst: Prefixes, none inside another, sorted; empty for any. Neighbours are not joined: a limit holds per entry.
        src: Prefixes, as few as cover the given ones, sorted; empty for any.
        protocols: IANA numbers, also where the match only implies them (flags imply TCP); empty for any.
        src_ports, dst_ports: Inclusive ranges, merged; empty for any.
        flags: ``(value, mask)``: the flags in the mask must equal the value; None for any.
        length: Inclusive range of the total IP length, header included; None for any.
        ttl: Inclusive range; None for any.
        icmp_types: Sorted; empty for any.
        fragment: Fragments only, first ones and later ones.
    """

    version: int
    dst: tuple[Prefix, ...]
    src: tuple[Prefix, ...]
    protocols: tuple[int, ...]
    src_ports: Ranges
    dst_ports: Ranges
    flags: tuple[int, int] | None
    length: tuple[int, int] | None
    ttl: tuple[int, int] | None
    icmp_types: tuple[int, ...]
    fragment: bool


def problem(match: TrafficMatch, *, may_be_empty: bool = False) -> str:
    """Why nothing may be written from this match, "" if something may: a wrong value, or no packet or every packet matches.

    Args:
        may_be_empty: Whether the match may leave everything open, as for a limit inside the web server that was hit.
    """
    if len(match.dst) + len(match.src) > PREFIXES_MAX:
        return f"It lists more than {PREFIXES_MAX:,} prefixes: too many for one file; join them into larger ones."
    for what, prefixes in (("destination", match.dst), ("source", match.src)):
        for prefix in prefixes:
            try:
                ipaddress.ip_network(prefix, strict=False)
            except ValueError:
                return f"The {what} {prefix!r} is not an IP prefix."
    return _wrong_value(match) or _impossible(match) or ("" if may_be_empty else _everything(match)) or _no_family(match)


def _wrong_value(match: TrafficMatch) -> str:
    ranges = [("port", low, high, PORT_MAX) for low, high in match.src_ports + match.dst_ports]
    if match.length_bytes:
        ranges.append(("length", *match.length_bytes, LENGTH_BYTES_MAX))
    if match.ttl:
        ranges.append(("TTL", *match.ttl, 255))
    ranges += [("ICMP type", kind, kind, 255) for kind in match.icmp_types]
    for what, number in (("protocol", match.protocol), ("flags", match.tcp_flags), ("flag mask", match.tcp_mask)):
        if number is not None:
            ranges.append((what, number, number, 255))
    for what, low, high, most in ranges:
        if not 0 <= low <= high <= most:
            return f"The {what} range {low} to {high} does not lie within 0 to {most}."
    return ""


def _impossible(match: TrafficMatch) -> str:
    ports = bool(match.src_ports or match.dst_ports)
    if match.tcp_flags is not None and match.tcp_mask is not None and match.tcp_flags & ~match.tcp_mask:
        return "The match asks for TCP flags outside its own mask, so no packet can match."
    needs = [
        (ports, WITH_PORTS, "ports"),
        (match.tcp_flags is not None, (IpProtocol.TCP,), "TCP flags"),
        (bool(match.icmp_types), (IpProtocol.ICMP, IpProtocol.ICMPV6), "ICMP types"),
    ]
    for asked, protocols, what in needs:
        if asked and match.protocol is not None and match.protocol not in protocols:
            return f"Protocol {match.protocol} has no {what}, so no packet can match."
    return ""


def _everything(match: TrafficMatch) -> str:
    narrow = any(ipaddress.ip_network(prefix, strict=False).prefixlen for prefix in match.dst + match.src)
    # A mask without bits asks for nothing.
    flags = match.tcp_flags is not None and match.tcp_mask != 0
    others = (match.src_ports, match.dst_ports, match.length_bytes, match.ttl, match.icmp_types, match.fragment, flags)
    if narrow or any(others) or match.protocol is not None:
        return ""
    return "The match is empty: it would act on all traffic."


def _no_family(match: TrafficMatch) -> str:
    if rules(match):
        return ""
    return "Destinations, sources, protocol and length belong to different address families, so no packet can match."


@lru_cache(maxsize=8)  # every kind of file asks again, and a match can hold tens of thousands of sources
def rules(match: TrafficMatch) -> tuple[Rule, ...]:
    """One rule per address family the match can hold in, IPv4 first; the match must have no `problem` of value."""
    prefixes = [[ipaddress.ip_network(prefix, strict=False) for prefix in side] for side in (match.dst, match.src)]
    made = (_rule(match, version, *([p for p in side if p.version == version] for side in prefixes)) for version in (4, 6))
    return tuple(rule for rule in made if rule)


def _rule(match: TrafficMatch, version: int, dst: list[Prefix], src: list[Prefix]) -> Rule | None:
    foreign = IpProtocol.ICMPV6 if version == 4 else IpProtocol.ICMP
    shortest = 20 if version == 4 else IPV6_HEADER_BYTES
    too_short = match.length_bytes is not None and match.length_bytes[1] < shortest
    # A family none of the listed prefixes belongs to must drop out: written without them, the rule would match all of it.
    if (match.dst and not dst) or (match.src and not src) or match.protocol == foreign or too_short:
        return None
    flags = None
    if match.tcp_flags is not None:
        flags = (match.tcp_flags, match.tcp_flags if match.tcp_mask is None else match.tcp_mask)
    return Rule(
        version=version,
        dst=_outermost(dst),
        src=joined(src),
        protocols=_protocols(match, version),
        src_ports=merged(match.src_ports),
        dst_ports=merged(match.dst_ports),
        flags=flags if flags and flags[1] else None,
        length=match.length_bytes,
        ttl=match.ttl,
        icmp_types=tuple(sorted(set(match.icmp_types))),
        fragment=match.fragment,
    )


def _outermost(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    ordered = sorted(prefixes, key=lambda prefix: (int(prefix.network_address), prefix.prefixlen))
    kept: list[Prefix] = []
    for prefix in ordered:
        # Sorted like this, a prefix that holds others comes right before them.
        if not kept or prefix.network_address not in kept[-1]:
            kept.append(prefix)
    return tuple(kept)


def joined(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    """The same addresses in as few prefixes as possible; all of one family."""
    return tuple(ipaddress.collapse_addresses(prefixes))  # type: ignore[type-var]


def _protocols(match: TrafficMatch, version: int) -> tuple[int, ...]:
    if match.protocol is not None:
        return (match.protocol,)
    if match.tcp_flags is not None:
        return (IpProtocol.TCP,)
    if match.icmp_types:
        return (IpProtocol.ICMP if version == 4 else IpProtocol.ICMPV6,)
    # RFC 8955, section 4.2.2.4: a port without a protocol means TCP or UDP.
    return (IpProtocol.TCP, IpProtocol.UDP) if match.src_ports or match.dst_ports else ()


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same numbers in as few inclusive ranges as possible, in order."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def unrouted(match: TrafficMatch) -> str:
    """Why no router or provider can act on these destinations: one of them never crosses a router; "" if all do.

    Source: RFC 9132, section 4.4.1, which forbids them as targets.
    """
    for rule in rules(match):
        for prefix in rule.dst:
            first = prefix.network_address
            local = first.is_multicast or first.is_loopback or first.is_link_local or first.is_unspecified
            if local or first == _LIMITED_BROADCAST:
                return f"{prefix} stays within one network segment; no router passes it on, so none can filter it."
    return ""


def is_host(prefix: Prefix) -> bool:
    """Whether the prefix is a single address."""
    return prefix.prefixlen == prefix.max_prefixlen
