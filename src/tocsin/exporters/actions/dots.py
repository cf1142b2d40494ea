"""Requests to a mitigation provider that speaks DOTS.

JSON has no comments, so these files have no header: what a header says stands in the report beside the action. DOTS servers
take CBOR on the signal channel; clients translate this JSON by the table of RFC 9132, section 6.

Source: RFC 9132 (signal channel), RFC 8783 with RFC 8519 (data channel).
"""

import json
from collections.abc import Iterator
from typing import Any

from tocsin.exporters.actions._flowspec import rate_bytes_per_s, route_count, routes
from tocsin.exporters.actions._kind import EXPIRY_H, EXPIRY_S, Kind, name
from tocsin.exporters.actions._rules import Rule, rules, unrouted
from tocsin.model import Finding, Mitigation
from tocsin.terms import IpProtocol, Tlp

ENTRIES_MAX = 100
_TRANSPORTS = {IpProtocol.TCP: "tcp", IpProtocol.UDP: "udp"}


def why_not(finding: Finding, mitigation: Mitigation) -> str:
    """A request names what is to be protected."""
    if not mitigation.match.dst:
        return "A DOTS request needs the destination that is to be protected."
    if sum(len(rule.dst) for rule in rules(mitigation.match)) > ENTRIES_MAX:
        return f"More than {ENTRIES_MAX} destinations: ask for their prefixes instead."
    return unrouted(mitigation.match)


def undo(finding: Finding, mitigation: Mitigation) -> str:
    """How the request is taken back."""
    return "DELETE the same mitigation (cuid and mid) on the signal channel; the provider then stops."


def render(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """The body of ``PUT /.well-known/dots/mitigate/cuid=…/mid=…``, which asks for protection for a limited time.

    A mid names one mitigation, so there is one scope for both address families.
    """
    made = rules(mitigation.match)
    scope: dict[str, Any] = {"target-prefix": [str(prefix) for rule in made for prefix in rule.dst]}
    if all(rule.dst_ports for rule in made):
        ports = sorted({ports for rule in made for ports in rule.dst_ports})
        scope["target-port-range"] = [{"lower-port": low, "upper-port": high} for low, high in ports]
    if all(rule.protocols for rule in made):
        scope["target-protocol"] = sorted({number for rule in made for number in rule.protocols})
    return _json({"ietf-dots-signal-channel:mitigation-scope": {"scope": [{**scope, "lifetime": EXPIRY_S}]}})


def acl_why_not(finding: Finding, mitigation: Mitigation) -> str:
    """What the access lists of RFC 8783 cannot say."""
    match = mitigation.match
    if why_not(finding, mitigation):
        return why_not(finding, mitigation)
    if mitigation.effect == "rate_limit" and (mitigation.rate_per_s or 0) < 1:
        return "The limit has no rate."
    if match.ttl or match.length_bytes:
        return "RFC 8519 matches one TTL and one length, not ranges."
    if match.tcp_flags is not None and match.tcp_mask not in (None, match.tcp_flags):
        return "One bit mask of RFC 8783 cannot ask for flags to be set and others not to be."
    for rule in rules(match):
        if (rule.src_ports or rule.dst_ports) and any(number not in _TRANSPORTS for number in rule.protocols):
            return "RFC 8783 matches ports of TCP and UDP alone."
    # Counted first: each route is an entry or more, and there may be thousands.
    if route_count(mitigation) > ENTRIES_MAX or len(list(_entries(finding, mitigation))) > ENTRIES_MAX:
        return f"It would take more than {ENTRIES_MAX} entries."
    return ""


def acl_undo(finding: Finding, mitigation: Mitigation) -> str:
    """How the access list goes away."""
    return f"DELETE the acl {name(finding, mitigation)}_v4 (or _v6) on the data channel."


def acl_render(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """The body of ``POST …/ietf-dots-data-channel:dots-data/dots-client=…``: an access list, in force at once."""
    lists = []
    for version in (4, 6):
        entries = [entry for family, entry in _entries(finding, mitigation) if family == version]
        if entries:
            lists.append(
                {
                    "name": f"{name(finding, mitigation)}_v{version}",
                    "type": f"ipv{version}-acl-type",
                    "activation-type": "immediate",
                    "aces": {"ace": [{"name": f"rule{number}", **entry} for number, entry in enumerate(entries, 1)]},
                }
            )
    return _json({"ietf-dots-data-channel:acls": {"acl": lists}})


def _entries(finding: Finding, mitigation: Mitigation) -> Iterator[tuple[int, dict[str, Any]]]:
    actions: dict[str, Any] = {"forwarding": "drop"}
    if mitigation.effect == "rate_limit":
        # RFC 8519: decimal64 with two digits, a string in JSON (RFC 7951); bytes per second.
        actions = {"forwarding": "accept", "rate-limit": f"{rate_bytes_per_s(finding, mitigation)}.00"}
    for route in routes(mitigation):
        for matches in _matches(route):
            yield route.version, {"matches": matches, "actions": actions}


def _matches(route: Rule) -> Iterator[dict[str, Any]]:
    """An entry holds one protocol, one port range a side and one ICMP type, so several may be needed."""
    family = f"ipv{route.version}"
    for protocol in route.protocols or (None,):
        network: dict[str, Any] = {f"destination-{family}-network": str(prefix) for prefix in route.dst}
        network |= {f"source-{family}-network": str(prefix) for prefix in route.src}
        if protocol is not None:
            network["protocol"] = protocol
        if route.fragment:
            # RFC 8783, section 7.3: bits in IPv4, in IPv6 only that there is a fragment header (an empty leaf, RFC 7951).
            network["fragment"] = {"operator": "any", "type": "isf ff"} if route.version == 4 else [None]
        for src in route.src_ports or (None,):
            for dst in route.dst_ports or (None,):
                transport = _ports("source", src) | _ports("destination", dst)
                if route.flags:
                    transport["flags-bitmask"] = {"operator": "match", "bitmask": route.flags[0]}
                upper = {_TRANSPORTS[protocol]: transport} if transport and protocol else {}
                for kind in route.icmp_types or (None,):
                    yield {family: network, **upper, **({"icmp": {"type": kind}} if kind is not None else {})}


def _ports(side: str, ports: tuple[int, int] | None) -> dict[str, Any]:
    if ports is None:
        return {}
    low, high = ports
    one: dict[str, Any] = {"operator": "eq", "port": low}
    return {f"{side}-port-range-or-operator": one if low == high else {"lower-port": low, "upper-port": high}}


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2) + "\n"


DOTS = Kind(
    "dots",
    "json",
    why_not,
    render,
    undo,
    remark=f"Names only what to protect, for {EXPIRY_H} h; the provider chooses the filter. PUT it with a new mid.",
    measured=False,
)
DOTS_ACL = Kind(
    "dots_acl",
    "json",
    acl_why_not,
    acl_render,
    acl_undo,
    remark=f"No expiry of its own (servers keep it for days): delete it after {EXPIRY_H} h.",
    optional=True,
)
