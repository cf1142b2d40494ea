"""Remotely triggered black hole: give up an address to save what shares its link.

Source: RFC 5635 (the method), RFC 7999 (the BLACKHOLE community), RFC 6666 (the IPv6 discard prefix).
"""

from collections.abc import Iterator

from tocsin.exporters.actions._kind import EXPIRY_H, Kind, comment, header, name
from tocsin.exporters.actions._rules import Prefix, rules, unrouted
from tocsin.exporters.actions.flowspec_exabgp import neighbour
from tocsin.model import Finding, Mitigation
from tocsin.terms import Tlp

BLACKHOLE = "65535:666"  # RFC 7999
NO_EXPORT = "65535:65281"  # RFC 1997; RFC 7999, section 3.2, asks for it beside BLACKHOLE
# What the receiving routers must route to null: TEST-NET-1, as in RFC 5635's practice, and the prefix of RFC 6666.
NEXT_HOPS = {4: "192.0.2.1", 6: "100::1"}
PREFIXES_MAX = 100
WARNING = (
    "WARNING: this completes the attack for the addresses below. Nobody will reach them while it is announced, the "
    "attacker has what he wanted there, and only their neighbours on the same link are saved. It is the last resort."
)


def why_not(finding: Finding, mitigation: Mitigation) -> str:
    """No destination to give up, or too many."""
    prefixes = list(_prefixes(mitigation))
    if not prefixes:
        return "A black hole needs the destination that is to be given up."
    if len(prefixes) > PREFIXES_MAX:
        return f"It would give up {len(prefixes):,} prefixes; more than {PREFIXES_MAX} is no mitigation."
    return unrouted(mitigation.match)


def undo(finding: Finding, mitigation: Mitigation) -> str:
    """How the addresses come back."""
    return (
        "Stop this ExaBGP (or remove the static routes): the announcement is withdrawn and the addresses are reachable again."
    )


def render(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """An ExaBGP configuration, with the same for FRR and Cisco IOS in comments."""
    prefixes = list(_prefixes(mitigation))
    lines = header(
        finding,
        mitigation,
        tlp=tlp,
        does=f"Has your providers drop everything for {len(prefixes)} prefix{'es' if len(prefixes) > 1 else ''} (RFC 7999).",
        deploy="put in your neighbour, check with `exabgp validate -n FILE`, run with `exabgp server FILE`.",
        expiry=f"none of its own. Withdraw it as soon as the attack ends; look every hour, decide again after {EXPIRY_H} h.",
        rollback=undo(finding, mitigation),
        more=[
            "Ask the provider first: whether it takes 65535:666 or a community of its own, and the longest prefix it accepts."
        ],
    )
    section = [
        "static {",
        *(
            f"    route {prefix} next-hop {NEXT_HOPS[prefix.version]} community [ {BLACKHOLE} {NO_EXPORT} ];"
            for prefix in prefixes
        ),
        "}",
    ]
    other = ["", "The same on a router of your own (FRR, Cisco IOS); roll back with `no` before each route line:", *_router(
        name(finding, mitigation), prefixes
    )]  # fmt: skip
    return comment([WARNING]) + comment(lines) + "\n" + neighbour("unicast", section) + comment(other)


def _prefixes(mitigation: Mitigation) -> Iterator[Prefix]:
    for rule in rules(mitigation.match):
        yield from rule.dst


def _router(tag_name: str, prefixes: list[Prefix]) -> Iterator[str]:
    families = sorted({prefix.version for prefix in prefixes})
    for prefix in prefixes:
        yield f"{'ip' if prefix.version == 4 else 'ipv6'} route {prefix} Null0 tag 666"
    yield f"route-map {tag_name} permit 10"
    yield "  match tag 666"
    yield "  set community blackhole no-export"
    yield "router bgp YOUR-AS"
    for version in families:
        yield f"  address-family ipv{version} unicast"
        yield f"    redistribute static route-map {tag_name}"


RTBH = Kind("rtbh", "conf", why_not, render, undo, remark=WARNING)
