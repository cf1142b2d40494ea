"""FlowSpec as commands for a running GoBGP.

Source: https://github.com/osrg/gobgp/blob/master/docs/sources/flowspec.md
"""

import shlex
from collections.abc import Iterator

from tocsin.exporters.actions._flowspec import EXPIRY, does, numbers, rate_bytes_per_s, routes, single, why_not
from tocsin.exporters.actions._kind import Kind, comment, header
from tocsin.exporters.actions._rules import Rule
from tocsin.model import Finding, Mitigation
from tocsin.terms import TcpFlag, Tlp

_FLAGS = {
    TcpFlag.FIN: "F", TcpFlag.SYN: "S", TcpFlag.RST: "R", TcpFlag.PSH: "P",
    TcpFlag.ACK: "A", TcpFlag.URG: "U", TcpFlag.ECE: "E", TcpFlag.CWR: "C",
}  # fmt: skip
_SCRIPT = """
set -eu
case "${1:-}" in
    add | del) verb=$1 ;;
    *) echo "usage: sh $0 add|del" >&2; exit 2 ;;
esac
# del: withdraw every route, also after one that is gone already, and say so at the end.
status=0
"""


def undo(finding: Finding, mitigation: Mitigation) -> str:
    """The command that withdraws the routes."""
    return "sh flowspec_gobgp.sh del"


def render(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """A shell script that adds the routes with ``add`` and withdraws them with ``del``."""
    lines = header(
        finding,
        mitigation,
        tlp=tlp,
        does=does(finding, mitigation),
        deploy="on the machine where gobgpd runs: sh flowspec_gobgp.sh add; look with: gobgp global rib -a ipv4-flowspec",
        expiry=EXPIRY,
        later=undo(finding, mitigation),
        rollback=undo(finding, mitigation),
    )
    then = "discard" if mitigation.effect == "drop" else f"rate-limit {rate_bytes_per_s(finding, mitigation)}"
    commands = [_command(route, then) for route in routes(mitigation)]
    return "#!/bin/sh\n" + comment(lines) + _SCRIPT + "\n".join(commands) + "\nexit $status\n"


def _command(route: Rule, then: str) -> str:
    match = " ".join(shlex.quote(word) for word in _words(route))
    command = f'gobgp global rib "$verb" -a ipv{route.version}-flowspec match {match} then {then}'
    return f'{command} || {{ status=1; [ "$verb" = del ] || exit 1; }}'


def _words(route: Rule) -> Iterator[str]:
    for word, prefixes in (("destination", route.dst), ("source", route.src)):
        for prefix in prefixes:
            yield from (word, str(prefix))
    components = {
        "protocol": single(route.protocols),
        "source-port": route.src_ports,
        "destination-port": route.dst_ports,
        "icmp-type": single(route.icmp_types),
        "packet-length": ((route.length[0], min(route.length[1], 65535)),) if route.length else (),
    }
    for component, ranges in components.items():
        if ranges:
            yield from (component, *numbers(ranges, "=="))
    if route.flags:
        yield from ("tcp-flags", _flags(*route.flags))
    if route.fragment:
        yield from ("fragment", "=is-fragment", "=first-fragment")


def _flags(value: int, mask: int) -> str:
    """``=`` asks for all of these flags, ``!`` for none of those."""
    parts = [("=", value), ("!", mask & ~value)]
    return "&".join(sign + "".join(word for bit, word in _FLAGS.items() if bits & bit) for sign, bits in parts if bits)


FLOWSPEC_GOBGP = Kind("flowspec_gobgp", "sh", why_not, render, undo)
