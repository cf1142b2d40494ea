"""What a FlowSpec route can say, for every tool that announces one.

Source: RFC 8955 (IPv4) and RFC 8956 (IPv6). A route names at most one destination and one source prefix; rates are in bytes
per second, because many routers ignore the packet rate of RFC 8955, section 7.2, and would then filter nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

from tocsin.exporters.actions._kind import EXPIRY_H
from tocsin.exporters.actions._rules import Prefix, Ranges, Rule, joined, rules, unrouted
from tocsin.model import Finding, Mitigation

ROUTES_MAX = 100  # routers hold a few thousand in all; carriers commonly grant a customer no more than this
RATE_BYTES_MIN = 9_600  # routers may not enforce less; ExaBGP warns below it
PACKET_BYTES_MAX = 1_500
EXPIRY = f"none of its own: withdraw the routes when the attack ends, after {EXPIRY_H} h at the latest."


def routes(mitigation: Mitigation) -> list[Rule]:
    """One rule per route: exactly one destination, at most one source; IPv4 before IPv6."""
    made: list[Rule] = []
    for rule in rules(mitigation.match):
        dst = _destinations(mitigation, rule)
        sources: list[tuple[Prefix, ...]] = [(prefix,) for prefix in rule.src] or [()]
        made += [replace(rule, dst=(one,), src=src) for one in dst for src in sources]
    return made


def route_count(mitigation: Mitigation) -> int:
    """How many `routes` there would be."""
    return sum(len(_destinations(mitigation, rule)) * max(len(rule.src), 1) for rule in rules(mitigation.match))


def _destinations(mitigation: Mitigation, rule: Rule) -> tuple[Prefix, ...]:
    # A limit holds per listed destination; dropped, neighbours fit one route.
    return rule.dst if mitigation.effect == "rate_limit" else joined(rule.dst)


def why_not(finding: Finding, mitigation: Mitigation) -> str:
    """What FlowSpec cannot say, or too many routes, or a limit without a rate."""
    match = mitigation.match
    if not match.dst:
        return "FlowSpec without a destination would act on every customer of the router; RFC 8955, section 6, refuses it too."
    if reason := unrouted(match):
        return reason
    if match.ttl:
        return "FlowSpec cannot match the TTL, and without it the route would match more than was measured."
    if mitigation.effect == "rate_limit" and any(len(rule.src) > 1 for rule in rules(match)):
        return "FlowSpec would grant each listed source the whole rate, as a route names one source."
    if mitigation.effect == "rate_limit" and (mitigation.rate_per_s or 0) < 1:
        return f"A limit of {mitigation.rate_per_s} packets/s cannot be set; expected 1 or more."
    needed = route_count(mitigation)
    if needed > ROUTES_MAX:
        return f"It would take {needed:,} FlowSpec routes; more than {ROUTES_MAX} are seldom accepted."
    return ""


def numbers(ranges: Ranges, equal: str) -> Iterator[str]:
    """Operators and values joined by OR: ``=123``, ``>=1900&<=1902``; ``equal`` is the tool's sign for equality."""
    for low, high in ranges:
        yield f"{equal}{low}" if low == high else f">={low}&<={high}"


def single(values: tuple[int, ...]) -> Ranges:
    """Values as ranges of one."""
    return tuple((value, value) for value in values)


def rate_bytes_per_s(finding: Finding, mitigation: Mitigation) -> int:
    """The packet rate in bytes, by the mean size of the attack's packets, else by the largest that match."""
    assert mitigation.rate_per_s, "why_not refuses a limit without a rate"
    return max(mitigation.rate_per_s * _packet_bytes(finding, mitigation)[0], RATE_BYTES_MIN)


def _packet_bytes(finding: Finding, mitigation: Mitigation) -> tuple[int, str]:
    bits, packets = (finding.attributes.get(name) for name in ("peak_bits_per_s", "peak_packets_per_s"))
    if isinstance(bits, int | float) and isinstance(packets, int | float) and bits > 0 and packets > 0:
        return max(round(bits / 8 / packets), 1), "the attack's mean packet at its peak"
    if mitigation.match.length_bytes:
        return mitigation.match.length_bytes[1], "the longest packet that matches"
    return PACKET_BYTES_MAX, "a full Ethernet packet"


def does(finding: Finding, mitigation: Mitigation) -> str:
    """What the routes do, in a sentence."""
    if mitigation.effect == "drop":
        return "Has the routers that take FlowSpec from you drop packets (RFC 8955)."
    size, how = _packet_bytes(finding, mitigation)
    return (
        "Has the routers that take FlowSpec from you drop what exceeds a rate, per route and router (RFC 8955): "
        f"{mitigation.rate_per_s} packets/s, written as {rate_bytes_per_s(finding, mitigation)} bytes/s "
        f"at {size} bytes a packet ({how})."
    )
