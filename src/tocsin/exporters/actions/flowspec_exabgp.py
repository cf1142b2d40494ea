"""FlowSpec as an ExaBGP 5 configuration.

Source: https://github.com/Exa-Networks/exabgp/wiki; the grammar is that of ``exabgp validate -n``
(its ``-r`` compares texts and takes port 53 for another than port domain).
"""

from collections.abc import Iterator

from tocsin.exporters.actions._flowspec import EXPIRY, does, numbers, rate_bytes_per_s, routes, single, why_not
from tocsin.exporters.actions._kind import Kind, comment, header, name
from tocsin.exporters.actions._rules import Rule
from tocsin.model import Finding, Mitigation
from tocsin.terms import TcpFlag, Tlp

# Loopback on purpose: a file nobody has edited reaches nobody.
PLACEHOLDER = "127.0.0.1"
PLACEHOLDER_AS = 64512  # RFC 6996: private use
_FLAGS = {
    TcpFlag.FIN: "fin", TcpFlag.SYN: "syn", TcpFlag.RST: "rst", TcpFlag.PSH: "push",
    TcpFlag.ACK: "ack", TcpFlag.URG: "urg", TcpFlag.ECE: "ece", TcpFlag.CWR: "cwr",
}  # fmt: skip


def undo(finding: Finding, mitigation: Mitigation) -> str:
    """How the routes go away."""
    return "Stop this ExaBGP, or delete the flow section and send it SIGUSR1: the routes are withdrawn."


def render(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """The configuration; neighbour, addresses and AS numbers are placeholders on loopback."""
    lines = header(
        finding,
        mitigation,
        tlp=tlp,
        does=does(finding, mitigation),
        deploy="put in your neighbour, check with `exabgp validate -n FILE`, run with `exabgp server FILE`.",
        expiry=EXPIRY,
        rollback=undo(finding, mitigation),
    )
    return comment(lines) + "\n" + neighbour("flow", list(_flow(finding, mitigation)))


def neighbour(family: str, section: list[str]) -> str:
    """A neighbour with placeholders and one section; ``family`` is ``flow`` or ``unicast``."""
    return "\n".join(
        [
            f"neighbor {PLACEHOLDER} {{  # your edge router or your provider's route server",
            f"    router-id {PLACEHOLDER};",
            f"    local-address {PLACEHOLDER};",
            f"    local-as {PLACEHOLDER_AS};",
            f"    peer-as {PLACEHOLDER_AS};",
            "    family {",
            f"        ipv4 {family};",
            f"        ipv6 {family};",
            "    }",
            *(f"    {line}" for line in section),
            "}\n",
        ]
    )


def _flow(finding: Finding, mitigation: Mitigation) -> Iterator[str]:
    then = "discard" if mitigation.effect == "drop" else f"rate-limit {rate_bytes_per_s(finding, mitigation)}"
    yield "flow {"
    for number, route in enumerate(routes(mitigation), 1):
        yield f"    route {name(finding, mitigation)}_{number} {{"
        yield "        match {"
        yield from (f"            {term};" for term in _terms(route))
        yield "        }"
        yield "        then {"
        yield f"            {then};"
        yield "        }"
        yield "    }"
    yield "}"


def _terms(route: Rule) -> Iterator[str]:
    offset = "" if route.version == 4 else "/0"  # RFC 8956, section 3.1
    yield from (f"destination {prefix}{offset}" for prefix in route.dst)
    yield from (f"source {prefix}{offset}" for prefix in route.src)
    components = {
        "protocol" if route.version == 4 else "next-header": single(route.protocols),
        "source-port": route.src_ports,
        "destination-port": route.dst_ports,
        "icmp-type": single(route.icmp_types),
        "packet-length": ((route.length[0], min(route.length[1], 65535)),) if route.length else (),
    }
    for component, ranges in components.items():
        if ranges:
            yield f"{component} [ {' '.join(numbers(ranges, '='))} ]"
    if route.flags:
        yield f"tcp-flags [ {_flags(*route.flags)} ]"
    if route.fragment:
        yield "fragment [ =is-fragment =first-fragment ]"  # the first is none to RFC 8955's is-fragment


def _flags(value: int, mask: int) -> str:
    """``=`` asks for all of these flags, ``!`` for none of those (RFC 8955, section 4.2.1.2)."""
    parts = [("=", value), ("!", mask & ~value)]
    return "&".join(sign + "+".join(word for bit, word in _FLAGS.items() if bits & bit) for sign, bits in parts if bits)


FLOWSPEC_EXABGP = Kind("flowspec_exabgp", "conf", why_not, render, undo)
