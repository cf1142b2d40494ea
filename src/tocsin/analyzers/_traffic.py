"""Expressions over traffic that the denial-of-service analyzers share: who sent what to whom, and was it asked for.

A *family* is the kind of packets a flood consists of (``syn``, ``udp``, ``udp_from_ntp``…). A flow is *unsolicited* when its
receiver did not ask for it: a handshake the client never completed, a reply without a request, a segment of no connection.
"""

from collections.abc import Generator, Iterable
from ipaddress import ip_address
from typing import Any

import ibis

from tocsin.analyzers import Keep
from tocsin.packs import amplifiers
from tocsin.terms import IpProtocol, TcpFlag

Expression = Any

SPREAD_S_MAX = 3600
WEB_PORTS = (80, 443, 8000, 8080, 8443)
FAMILY_OF_KIND = {
    "tcp_syn": "syn",
    "tcp_syn_ack": "synack",
    "tcp_ack": "ack",
    "tcp_data": "ack",
    "http_request": "ack",
    "tcp_other": "ack",
    "tcp_rst": "rst",
    "tcp_fin": "fin",
    "udp": "udp",
    "dhcp_request": "dhcp",
    "fragment": "fragment",
    "icmp_echo": "icmp",
    "icmp_echo_reply": "icmp",
    "icmp_unreachable": "unreachable",
    "icmp_other": "icmp",
    "icmpv6_echo": "icmpv6",
    "icmpv6_echo_reply": "icmpv6",
    "icmpv6_unreachable": "unreachable",
    "icmpv6_neighbour": "icmpv6",
    "icmpv6_other": "icmpv6",
    "ip_other": "other",
}


def unix_second(time: Expression) -> Expression:
    """The Unix second a time lies in. Truncated first: DuckDB would round 12.6 to 13."""
    return time.truncate("s").epoch_seconds().cast("int64")


def _cases(*branches: tuple[Any, Any], otherwise: Any) -> Expression:
    return ibis.cases(*branches, else_=otherwise)


def has(flags: Expression, bits: int) -> Expression:
    """Whether any of these bits is set."""
    return (flags & bits) != 0


def family_of_kind(kind: Expression) -> Expression:
    """The family of a ``packet_kind``; ``udp_from_<service>`` is its own, ``udp_to_<service>`` is UDP."""
    return _cases(
        *((kind == name, family) for name, family in FAMILY_OF_KIND.items()),
        (kind.startswith("udp_to_"), "udp"),
        (kind.startswith("udp_from_"), kind),
        otherwise="other",
    )


def sides(flows: Expression) -> Expression:
    """Both directions of each flow, one row each.

    Returns:
        ``evidence_id``, ``record_offset``, ``captured`` (from a capture: packets are counted exactly elsewhere), ``time``,
        ``end_time``, ``src``, ``dst``, ``sport``, ``dport``, ``protocol``, ``icmp_type``, ``packets``, ``bytes``, ``bytes_back``, ``flags`` (null
        if unknown), ``flags_back``, ``sampling`` (one in how many was seen), ``answered``, ``initiator`` (whether this side sent first), ``family``, ``unsolicited``.
    """
    flows = flows.filter(flows.dst_endpoint_ip.notnull(), flows.traffic_packets_out.notnull(), flows.time.notnull())
    common = {
        "evidence_id": flows.evidence_id,
        "record_offset": flows.record_offset,
        "captured": flows.frame_bytes_out.notnull(),
        "both_ways": flows.traffic_packets_in.notnull(),
        "sampling": ibis.greatest(flows.sampling_rate.fill_null(1), 1),
        "time": flows.time,
        "end_time": ibis.coalesce(flows.end_time, flows.time),
        "protocol": flows.connection_info_protocol_num,
        "icmp_type": flows.icmp_type,
    }
    forward = flows.select(
        **common,
        src=flows.src_endpoint_ip,
        dst=flows.dst_endpoint_ip,
        sport=flows.src_endpoint_port,
        dport=flows.dst_endpoint_port,
        packets=flows.traffic_packets_out,
        bytes=flows.traffic_bytes_out.fill_null(0),
        bytes_back=flows.traffic_bytes_in.fill_null(0),
        flags=flows.connection_info_tcp_flags,
        flags_back=flows.connection_info_tcp_flags_in.fill_null(0),
        replied=flows.traffic_packets_in.fill_null(0) > 0,
        initiator=ibis.literal(True),
    ).filter(lambda t: t.packets > 0)
    backward = (
        flows.filter(flows.traffic_packets_in > 0)
        .select(
            **common,
            src=flows.dst_endpoint_ip,
            dst=flows.src_endpoint_ip,
            sport=flows.dst_endpoint_port,
            dport=flows.src_endpoint_port,
            packets=flows.traffic_packets_in,
            bytes=flows.traffic_bytes_in.fill_null(0),
            bytes_back=flows.traffic_bytes_out.fill_null(0),
            flags=flows.connection_info_tcp_flags_in,
            flags_back=flows.connection_info_tcp_flags.fill_null(0),
            replied=flows.traffic_packets_out > 0,
            initiator=ibis.literal(False),
        )
        .filter(lambda t: t.dst.notnull())
    )
    return _judged(_paired(forward.union(backward)))


def _paired(both: Expression) -> Expression:
    """Unidirectional exports: a flow is answered if the opposite flow was exported too; the earlier one is the initiator's.

    A sampling exporter misses most opposite flows: there any answer between the two hosts counts.
    """
    settled = both.filter(both.both_ways).mutate(answered=ibis._.replied)
    one_way = both.filter(~both.both_ways)
    one_way = one_way.mutate(
        p_sport=ibis.ifelse(one_way.sampling > 1, 0, one_way.sport), p_dport=ibis.ifelse(one_way.sampling > 1, 0, one_way.dport)
    )
    opposite = one_way.group_by(
        x_src=one_way.dst, x_dst=one_way.src, x_sport=one_way.p_dport, x_dport=one_way.p_sport, x_protocol=one_way.protocol
    ).agg(x_time=one_way.time.min(), x_flags=one_way.flags.fill_null(0).max())
    joined = one_way.left_join(
        opposite,
        [
            one_way.src == opposite.x_src,
            one_way.dst == opposite.x_dst,
            one_way.p_sport == opposite.x_sport,
            one_way.p_dport == opposite.x_dport,
            one_way.protocol == opposite.x_protocol,
        ],
    )
    found = joined.x_time.notnull()
    # Where times do not tell (rounded to one instant, or samples of several flows), the side on the lower port is the server.
    earlier = (joined.time < joined.x_time) & (joined.sampling == 1)
    untold = (joined.time == joined.x_time) | (joined.sampling > 1)
    first = earlier | (untold & (joined.sport > joined.dport))
    paired = joined.mutate(
        answered=joined.replied | found,
        flags_back=ibis.ifelse(found, joined.x_flags, joined.flags_back),
        initiator=ibis.ifelse(found, first, joined.initiator),
    ).select(*settled.columns)
    return settled.union(paired.cast(settled.schema())).drop("replied", "both_ways")


def _judged(both: Expression) -> Expression:
    flags, back = both.flags.fill_null(0), both.flags_back
    tcp, udp = both.protocol == IpProtocol.TCP, both.protocol == IpProtocol.UDP
    syn, ack = has(flags, TcpFlag.SYN), has(flags, TcpFlag.ACK)
    few = both.packets <= 5
    lone_synack = syn & ack & ~has(back, TcpFlag.SYN) & ~has(flags, TcpFlag.PSH | TcpFlag.FIN) & both.initiator & few
    service = _cases(
        *((both.sport == a.port, f"udp_from_{a.service}") for a in amplifiers()),
        otherwise=ibis.null("string"),
    )
    known_target = both.dport.isin([a.port for a in amplifiers()])
    # Exporters give fragments the ports 0; a capture gives none, save for rows that join many sources.
    one_source = ~both.src.contains("/")
    portless = ((both.sport == 0) & (both.dport == 0)) | (both.sport.isnull() & both.dport.isnull() & one_source)
    portless = portless.fill_null(False)
    v4 = both.protocol == IpProtocol.ICMP
    unreachable = (v4 & both.icmp_type.isin([3, 11])) | ((both.protocol == IpProtocol.ICMPV6) & both.icmp_type.between(1, 4))
    family = _cases(
        (tcp & portless & both.captured & (flags == 0), "fragment"),
        (tcp & lone_synack, "synack"),
        (tcp & syn, "syn"),
        (tcp & has(flags, TcpFlag.RST) & few, "rst"),
        (tcp & has(flags, TcpFlag.FIN) & ~has(flags, TcpFlag.PSH) & few, "fin"),
        (tcp, "ack"),
        (udp & both.dport.isin([67, 547]), "dhcp"),
        (udp & portless, "fragment"),
        (udp & service.notnull() & (~known_target | both.initiator), service),
        (udp, "udp"),
        (unreachable, "unreachable"),
        (v4, "icmp"),
        (both.protocol == IpProtocol.ICMPV6, "icmpv6"),
        otherwise="other",
    )
    both = both.mutate(family=family)
    # A reply that is nothing but a reset says that nobody asked.
    only_reset = (back == 0) | (has(back, TcpFlag.RST) & ((back & ~(TcpFlag.RST | TcpFlag.ACK)) == 0))
    connectionless = tcp & both.flags.notnull() & ~has(back, TcpFlag.SYN) & both.initiator & only_reset
    unsolicited = _cases(
        (both.family == "syn", ~ack & both.initiator),
        (both.family == "synack", both.initiator),
        (both.family.isin(["rst", "fin", "ack"]), connectionless),
        (udp, ~both.answered & both.initiator),
        (both.family.isin(["icmp", "icmpv6", "unreachable"]), both.initiator),
        otherwise=both.initiator & ~both.answered,
    )
    return both.mutate(unsolicited=unsolicited)


def per_second(both: Expression) -> Expression:
    """Spread each side's packets evenly over the seconds it lasted (in whole packets; the first second takes the rest).

    Returns:
        The sides' rows with ``second`` (Unix), and ``packets`` and ``bytes`` of that second.
    """
    start = unix_second(both.time)
    length = ibis.greatest(unix_second(both.end_time) - start, 0) + 1
    steps = ibis.least(length, ibis.least(both.packets, SPREAD_S_MAX)).cast("int64")
    both = both.mutate(start=start, length=length, steps=steps).filter(lambda t: t.steps > 0)
    spread = both.mutate(step=ibis.range(ibis.literal(0, "int64"), both.steps).unnest())
    first = spread.step == 0
    return spread.mutate(
        second=spread.start + spread.step * spread.length // spread.steps,
        packets=spread.packets // spread.steps + ibis.ifelse(first, spread.packets % spread.steps, 0),
        bytes=spread.bytes // spread.steps + ibis.ifelse(first, spread.bytes % spread.steps, 0),
    )


def web_sides(both: Expression) -> Expression:
    """Those of ``sides`` that are TCP with a port of ``WEB_PORTS`` at either end."""
    either = both.sport.isin(list(WEB_PORTS)) | both.dport.isin(list(WEB_PORTS))
    return both.filter(both.protocol == IpProtocol.TCP, either)


def once(both: Expression) -> Generator[Any, Any, Expression]:
    """``seen_once`` where a capture and an export are there; else there is nothing to look for, and the rows are long."""
    kinds = yield both.select("captured").distinct()
    return (yield Keep(seen_once(both))) if kinds.num_rows > 1 else both


def seen_once(both: Expression) -> Expression:
    """Leave out exported flows of what a capture shows as well: toward the same destination in the same minute.

    A tap and a flow export often see the same traffic; the capture counts it exactly.
    """
    captured, exported = both.filter(both.captured), both.filter(~both.captured)
    shown = captured.select(s_dst=captured.dst, s_minute=unix_second(captured.time) // 60).distinct()
    exported = exported.mutate(minute=unix_second(exported.time) // 60)
    left = exported.anti_join(shown, [exported.dst == shown.s_dst, exported.minute == shown.s_minute])
    return captured.union(left.drop("minute"))


def totals_per_second(traffic: Expression, both: Expression) -> Expression:
    """Everything toward each destination: ``dst``, ``family``, ``second``, ``packets``, ``bytes``.

    Exact for captures, spread for exported flows (``both`` as ``seen_once`` leaves it). Within one evidence rows add up; between
    evidences the largest counts, since two taps may see the same traffic.
    """
    exact = traffic.filter(traffic.dst_endpoint_ip.notnull(), traffic.time.notnull(), traffic.traffic_packets.notnull()).select(
        evidence_id=traffic.evidence_id,
        dst=traffic.dst_endpoint_ip,
        family=family_of_kind(traffic.packet_kind),
        second=unix_second(traffic.time),
        packets=traffic.traffic_packets,
        bytes=traffic.traffic_bytes,
    )
    spread = per_second(both.filter(~both.captured)).select("evidence_id", "dst", "family", "second", "packets", "bytes")
    return _largest(exact.union(spread.cast(exact.schema())))


def unsolicited_per_second(both: Expression) -> Expression:
    """What nobody asked for, toward each destination: same columns as ``totals_per_second``."""
    return _largest(
        per_second(both.filter(both.unsolicited)).select("evidence_id", "dst", "family", "second", "packets", "bytes")
    )


def _largest(rows: Expression) -> Expression:
    within = rows.group_by("evidence_id", "dst", "family", "second").agg(packets=rows.packets.sum(), bytes=rows.bytes.sum())
    return within.group_by("dst", "family", "second").agg(
        packets=within.packets.max().cast("int64"), bytes=within.bytes.max().cast("int64")
    )


def busy_hours(rows: Expression) -> Expression:
    """Hours in which anything happened, ``hour``, ``first``, ``last`` (Unix seconds), of rows with a ``second``."""
    return rows.group_by(hour=rows.second // 3600).agg(first=rows.second.min(), last=rows.second.max())


def prefix_of(address: Expression) -> Expression:
    """The neighbourhood a carpet bombing would cover: an IPv4 address without its last octet, an IPv6 one without its last group."""
    return address.re_replace(r"[.][0-9]+$", "").re_replace(r":[0-9a-f]*$", "")


def prefix_text(address: str) -> str:
    """What ``prefix_of`` makes of an address, for one held in Python."""
    return address.rpartition("." if "." in address else ":")[0]


def is_prefix(target: str) -> bool:
    """Whether it is a neighbourhood as ``prefix_of`` names one."""
    if "/" in target:
        return False
    try:
        ip_address(target)
    except ValueError:
        return True
    return False


def aimed_at(rows: Any, targets: Iterable[str]) -> Any:
    """Rows with ``target``: their destination and, again, its neighbourhood, if that of any is among the targets: naming it takes long."""
    exact = rows.mutate(target=rows.dst)
    return exact.union(rows.mutate(target=prefix_of(rows.dst))) if any(map(is_prefix, targets)) else exact


def door(rows: Any) -> Any:
    """A host's port: what a scanner knocks at once or twice."""
    return rows.dst.concat(" ", rows.dport.fill_null(-1).cast("string"))
