"""Linux firewalls: one nftables table of our own per mitigation, so that roll-back is one command.

Source: nft(8) 1.0; https://wiki.nftables.org; for the SYN proxy, https://wiki.nftables.org/wiki-nftables/index.php/Synproxy
"""

from collections.abc import Iterable, Iterator

from tocsin.exporters.actions._kind import EXPIRY_H, Kind, comment, header, name
from tocsin.exporters.actions._rules import IPV6_HEADER_BYTES, Prefix, Ranges, Rule, is_host, rules
from tocsin.model import Finding, Mitigation
from tocsin.terms import IpProtocol, TcpFlag, Tlp

DESTINATIONS_MAX = 65_536  # that a limit tells apart at once
RATE_PER_S_MAX = 1_000_000_000  # the kernel counts in nanoseconds per packet

# Before defragmentation (-400), so that fragments and lengths are those of the evidence and dropping costs least.
_BEFORE_DEFRAGMENTATION = -450
_ELEMENTS_PER_LINE = 6
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 33: "dccp", 58: "ipv6-icmp", 132: "sctp", 136: "udplite"}
_PORT_HEADERS: dict[tuple[int, ...], str] = {(6,): "tcp", (17,): "udp", (33,): "dccp", (132,): "sctp", (136,): "udplite"}
_FLAGS = {
    TcpFlag.FIN: "fin", TcpFlag.SYN: "syn", TcpFlag.RST: "rst", TcpFlag.PSH: "psh",
    TcpFlag.ACK: "ack", TcpFlag.URG: "urg", TcpFlag.ECE: "ecn", TcpFlag.CWR: "cwr",
}  # fmt: skip
_LATER_FRAGMENT = {4: "ip frag-off & 0x1fff != 0", 6: "frag frag-off != 0"}
_SYN_ALONE = (TcpFlag.SYN, TcpFlag.FIN | TcpFlag.SYN | TcpFlag.RST | TcpFlag.ACK)
_EXPIRES = f"the addresses leave their sets {EXPIRY_H} h after loading; from then on nothing matches."
# RFC 4890, section 4.3.1: packet too big; RFC 4861: router and neighbour discovery. Without them IPv6 stops.
_IPV6_LIFELINES = {2, 133, 134, 135, 136}


def why_not(finding: Finding, mitigation: Mitigation) -> str:
    """A limit without a rate, or a proxy for what is not one server's TCP."""
    if mitigation.effect == "rate_limit" and not 1 <= (mitigation.rate_per_s or 0) <= RATE_PER_S_MAX:
        return f"A limit of {mitigation.rate_per_s} packets/s cannot be set; expected 1 to {RATE_PER_S_MAX:,}."
    if not _is_proxy(mitigation):
        return ""
    if any(rule.protocols not in ((), (IpProtocol.TCP,)) or rule.fragment for rule in rules(mitigation.match)):
        return "A SYN proxy answers for TCP alone."
    return "" if mitigation.match.dst else "Without a destination the proxy would answer for every server behind this machine."


def undo(finding: Finding, mitigation: Mitigation) -> str:
    """The command that deletes the table."""
    return f"nft delete table inet {name(finding, mitigation)}"


def render(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """The file for ``nft -f``; loading it again replaces what it made before and starts the expiry anew."""
    table = name(finding, mitigation)
    made = rules(mitigation.match)
    expires = all(rule.dst or rule.src for rule in made)
    lines = header(
        finding,
        mitigation,
        tlp=tlp,
        does={
            "drop": "Drops packets.",
            "rate_limit": f"Drops what exceeds {mitigation.rate_per_s} packets/s per listed destination.",
            "syn_proxy": "Answers SYNs in the server's place; only completed handshakes reach it.",
        }[mitigation.effect],
        deploy="on the server or the Linux router before it: check with `nft -c -f FILE`, load with `nft -f FILE`.",
        expiry=_EXPIRES if expires else f"none, as no address is named: delete the table after {EXPIRY_H} h.",
        later="" if expires else undo(finding, mitigation),
        rollback=undo(finding, mitigation),
        more=[*_remarks(mitigation, made), f"Watch: nft list table inet {table} (counters)"],
    )
    body = _proxy(made) if _is_proxy(mitigation) else _filter(made, mitigation)
    start = f"add table inet {table}\ndelete table inet {table}\ntable inet {table} {{\n"
    return comment(lines) + "\n" + start + "\n".join(body) + "\n}\n"


def _is_proxy(mitigation: Mitigation) -> bool:
    return mitigation.effect == "syn_proxy"


def _remarks(mitigation: Mitigation, made: tuple[Rule, ...]) -> Iterator[str]:
    six = [rule for rule in made if rule.version == 6 and IpProtocol.ICMPV6 in rule.protocols]
    if any(not rule.icmp_types or _IPV6_LIFELINES & set(rule.icmp_types) for rule in six):
        yield "Caution: this matches ICMPv6 that IPv6 cannot do without (neighbour discovery, packet too big)."
    if mitigation.effect == "rate_limit" and any(_behind_header(rule) for rule in made):
        yield "Packets behind an IPv6 authentication header have the same limit once more."
    if _is_proxy(mitigation):
        yield "Before loading (after rolling back, set the last one to 1 again):"
        yield "    sysctl -w net.ipv4.tcp_syncookies=1 net.ipv4.tcp_timestamps=1 net.netfilter.nf_conntrack_tcp_loose=0"
        yield (
            "Set mss and wscale below to what the server itself offers in its SYN-ACK, or connections will be slow or break; "
            "`ss -ti` on the server or a capture of one handshake shows them."
        )
        yield "Connections open when this is loaded go on only if this machine's connection tracking knows them."


def _filter(made: tuple[Rule, ...], mitigation: Mitigation) -> Iterator[str]:
    limited = mitigation.effect == "rate_limit"
    limit = f"limit rate over {mitigation.rate_per_s}/second burst {mitigation.rate_per_s} packets"
    for rule in made:
        yield from _sets(rule)
        if limited and _metered(rule):
            yield f"    set rate{rule.version} {{"
            yield f"        type ipv{rule.version}_addr"
            yield f"        size {DESTINATIONS_MAX}"
            yield "        flags dynamic,timeout"
            yield "        timeout 10m"
            yield "    }"
    yield "    chain prerouting {"
    yield f"        type filter hook prerouting priority {_BEFORE_DEFRAGMENTATION}; policy accept;"
    yield from _pass_later_fragments(made)
    for rule, match in _variants(made):
        if not limited:
            yield f"        {match} counter drop"
        elif _metered(rule):
            yield f"        {match} update @rate{rule.version} {{ {_ip(rule)} daddr {limit} }} counter drop"
        elif len(rule.dst) > 1:
            # One bucket per prefix: an address within it cannot be starved by more than its own prefix.
            yield from (f"        {match} {_ip(rule)} daddr {prefix} {limit} counter drop" for prefix in rule.dst)
        else:
            yield f"        {match} {limit} counter drop"
    yield "    }"


def _variants(made: tuple[Rule, ...]) -> Iterator[tuple[Rule, str]]:
    for rule in made:
        yield rule, _match(rule)
        if _behind_header(rule):
            yield rule, _match(rule, behind_header=True)


def _metered(rule: Rule) -> bool:
    return len(rule.dst) > 1 and all(is_host(prefix) for prefix in rule.dst)


def _proxy(made: tuple[Rule, ...]) -> Iterator[str]:
    for rule in made:
        yield from _sets(rule)
    yield "    chain prerouting {"
    yield "        type filter hook prerouting priority raw; policy accept;"
    for rule in made:
        yield f"        {_match(rule, default_flags=_SYN_ALONE)} counter notrack"
    yield "    }"
    # Both ways a packet can go on: to this machine, or through it.
    for hook in ("input", "forward"):
        yield f"    chain {hook} {{"
        yield f"        type filter hook {hook} priority filter - 5; policy accept;"
        for rule in made:
            server = " ".join(_server(rule))
            mss = 1460 if rule.version == 4 else 1440
            yield f"        {server} ct state invalid,untracked counter synproxy mss {mss} wscale 7 timestamp sack-perm"
            yield f"        {server} ct state invalid counter drop"
        yield "    }"


def _server(rule: Rule) -> Iterator[str]:
    yield f"{_ip(rule)} daddr @dst{rule.version}"
    yield f"tcp dport {_set(rule.dst_ports)}" if rule.dst_ports else "meta l4proto tcp"


def _sets(rule: Rule) -> Iterator[str]:
    for side, prefixes in (("dst", rule.dst), ("src", rule.src)):
        if prefixes:
            interval = "" if all(is_host(prefix) for prefix in prefixes) else "interval,"
            yield f"    set {side}{rule.version} {{"
            yield f"        type ipv{rule.version}_addr"
            yield f"        flags {interval}timeout"
            yield f"        timeout {EXPIRY_H}h"
            yield "        elements = {"
            yield from _elements(prefixes)
            yield "        }"
            yield "    }"


def _elements(prefixes: tuple[Prefix, ...]) -> Iterator[str]:
    names = [str(prefix.network_address) if is_host(prefix) else str(prefix) for prefix in prefixes]
    for start in range(0, len(names), _ELEMENTS_PER_LINE):
        yield f"            {', '.join(names[start : start + _ELEMENTS_PER_LINE])},"


def _ip(rule: Rule) -> str:
    return "ip" if rule.version == 4 else "ip6"


def _behind_header(rule: Rule) -> bool:
    """Whether the rule must look behind an IPv6 authentication header too, which nft takes for the last one (Linux 6.18).

    Floods of ICMPv6 hide there. Not for other protocols: nft 1.0.6 aborts on ``ah nexthdr udp``.
    """
    return rule.protocols == (IpProtocol.ICMPV6,) and not rule.icmp_types


def _match(rule: Rule, default_flags: tuple[int, int] | None = None, *, behind_header: bool = False) -> str:
    return " ".join(_terms(rule, default_flags, behind_header))


def _terms(rule: Rule, default_flags: tuple[int, int] | None, behind_header: bool) -> Iterator[str]:
    ip = _ip(rule)
    if rule.dst:
        yield f"{ip} daddr @dst{rule.version}"
    if rule.src:
        yield f"{ip} saddr @src{rule.version}"
    if not (rule.dst or rule.src):
        yield f"meta nfproto ipv{rule.version}"
    if rule.protocols:
        # Not `ip6 nexthdr`: that is the first extension header, this is what lies behind them.
        where = "meta l4proto ah ah nexthdr" if behind_header else "meta l4proto"
        yield f"{where} {_set_of(_PROTOCOLS.get(number, str(number)) for number in rule.protocols)}"
    flags = rule.flags or default_flags
    if rule.src_ports:
        yield f"{_PORT_HEADERS.get(rule.protocols, 'th')} sport {_set(rule.src_ports)}"
    if rule.dst_ports:
        yield f"{_PORT_HEADERS.get(rule.protocols, 'th')} dport {_set(rule.dst_ports)}"
    if flags:
        yield f"tcp flags & ({_flags(flags[1])}) == {_flags(flags[0])}"
    if rule.icmp_types:
        yield f"{'icmp' if rule.version == 4 else 'icmpv6'} type {_set_of(map(str, rule.icmp_types))}"
    if rule.fragment:
        yield "ip frag-off & 0x3fff != 0" if rule.version == 4 else "exthdr frag exists"
    if rule.length:
        low, high = rule.length
        # The IPv6 header field counts what follows the header.
        shift = 0 if rule.version == 4 else IPV6_HEADER_BYTES
        yield f"{ip} length {_range(max(low - shift, 0), min(high - shift, 65535))}"
    if rule.ttl:
        yield f"{ip} {'ttl' if rule.version == 4 else 'hoplimit'} {_range(*rule.ttl)}"


def _pass_later_fragments(made: tuple[Rule, ...]) -> Iterator[str]:
    """Rules that let non-first fragments by, where the rules after them look at ports, flags or ICMP types.

    Seen on Linux 6.18: the kernel reads a later fragment's data where it expects these, and matches by chance.
    """
    for rule in made:
        if rule.src_ports or rule.dst_ports or rule.flags or rule.icmp_types:
            yield f"        {_LATER_FRAGMENT[rule.version]} accept"


def _flags(bits: int) -> str:
    return " | ".join(word for bit, word in _FLAGS.items() if bits & bit) or "0x0"


def _set(ranges: Ranges) -> str:
    return _set_of(_range(low, high) for low, high in ranges)


def _set_of(items: Iterable[str]) -> str:
    listed = list(items)
    return listed[0] if len(listed) == 1 else f"{{ {', '.join(listed)} }}"


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


NFTABLES = Kind("nftables", "nft", why_not, render, undo)
