"""Rows of the network tables, built in code: one call per row, everything unusual named; addresses are for documentation."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tocsin.terms import IpProtocol, TcpFlag

Row = dict[str, Any]

START = datetime(2022, 2, 15, 13, 0, tzinfo=UTC)
START_S = int(START.timestamp())
VICTIM, SERVER_V6 = "192.0.2.10", "2001:db8::10"
EVIDENCE = {"e1": ("edge.pcap", "1" * 64), "e2": ("core.pcap", "2" * 64)}
SYN, SYN_ACK, ACK, RST, FIN = TcpFlag.SYN, TcpFlag.SYN | TcpFlag.ACK, TcpFlag.ACK, TcpFlag.RST, TcpFlag.FIN
PSH_ACK, FIN_ACK, RST_ACK = TcpFlag.PSH | TcpFlag.ACK, TcpFlag.FIN | TcpFlag.ACK, TcpFlag.RST | TcpFlag.ACK
WHOLE = TcpFlag.SYN | TcpFlag.ACK | TcpFlag.PSH | TcpFlag.FIN

_offsets = count()


def at(seconds: float) -> datetime:
    """So many seconds after the start of all tests' evidence."""
    return START + timedelta(seconds=seconds)


def address(number: int) -> str:
    """The n-th of 65,536 addresses for benchmarks."""
    return f"198.18.{number // 256 % 256}.{number % 256}"


def flow(seconds: float = 0.0, **columns: Any) -> Row:
    """One TCP packet of a capture, from a client to the victim's port 443, never answered; give what is different.

    Short names: ``src``, ``sport``, ``dst``, ``dport``, ``proto``, ``flags``, ``back`` (flags of the answers), ``packets``,
    ``bytes``, ``packets_back``, ``bytes_back``, ``lasts_s``, ``evidence``. Others are columns of the table.
    """
    packets, back = columns.pop("packets", 1), columns.pop("packets_back", 0)
    row = {
        "time": at(seconds),
        "end_time": at(seconds + columns.pop("lasts_s", 0.0)),
        "src_endpoint_ip": columns.pop("src", "198.18.0.1"),
        "src_endpoint_port": columns.pop("sport", 40_000),
        "dst_endpoint_ip": columns.pop("dst", VICTIM),
        "dst_endpoint_port": columns.pop("dport", 443),
        "connection_info_protocol_num": columns.pop("proto", IpProtocol.TCP),
        "connection_info_tcp_flags": columns.pop("flags", None),
        "connection_info_tcp_flags_in": columns.pop("back", None),
        "traffic_packets_out": packets,
        "traffic_bytes_out": columns.pop("bytes", None if packets is None else 60 * packets),
        "traffic_packets_in": back,
        "traffic_bytes_in": columns.pop("bytes_back", None if back is None else 60 * back),
        "frame_bytes_out": None if packets is None else 74 * packets,
        "frame_bytes_in": None if back is None else 74 * back,
        "sampling_rate": 1,
        "evidence_id": columns.pop("evidence", "e1"),
        "record_offset": next(_offsets),
    }
    return row | columns


def exported(seconds: float = 0.0, **columns: Any) -> Row:
    """A flow of a unidirectional exporter: it knows nothing of answers, nor of frames."""
    return flow(seconds, **{"packets_back": None, "frame_bytes_out": None, "frame_bytes_in": None} | columns)


def half_open(seconds: float, number: int, **columns: Any) -> Row:
    """A handshake that the n-th of many clients began and left."""
    given = {"src": address(number), "sport": 1024 + number % 60_000, "flags": SYN, "back": SYN_ACK, "packets_back": 1}
    return flow(seconds, **given | columns)


def visit(seconds: float, number: int, **columns: Any) -> Row:
    """A connection as browsers make it, from the n-th client."""
    given = {"src": f"203.0.113.{number % 250}", "sport": 20_000 + number % 40_000, "flags": WHOLE, "back": WHOLE}
    sizes = {"packets": 10, "bytes": 2_000, "packets_back": 14, "bytes_back": 16_000, "lasts_s": 2.0}
    return flow(seconds, **given | sizes | columns)


def datagram(seconds: float, number: int, **columns: Any) -> Row:
    """A UDP packet that nobody answers."""
    given = {"src": address(number), "sport": 1024 + number % 60_000, "dport": 9_999, "proto": IpProtocol.UDP, "bytes": 500}
    return flow(seconds, **given | columns)


def answer(seconds: float, number: int, port: int = 123, **columns: Any) -> Row:
    """An amplifier's answer that nobody asked for."""
    given = {"src": address(number), "sport": port, "dport": 40_000, "proto": IpProtocol.UDP, "bytes": 468}
    return flow(seconds, **given | columns)


def icmp(seconds: float, number: int, kind: int = 8, **columns: Any) -> Row:
    """An ICMP packet; ``proto=58`` makes it ICMPv6."""
    given = {"src": address(number), "sport": None, "dport": None, "proto": IpProtocol.ICMP, "icmp_type": kind}
    return flow(seconds, **given | columns)


def traffic(seconds: float, kind: str, packets: int | None = 1, **columns: Any) -> Row:
    """One second of one kind of packet toward the victim."""
    size = None if packets is None else 60 * packets
    row = {
        "time": at(seconds),
        "dst_endpoint_ip": columns.pop("dst", VICTIM),
        "packet_kind": kind,
        "traffic_packets": packets,
        "traffic_bytes": columns.pop("bytes", size),
        "frame_bytes": size,
        "evidence_id": columns.pop("evidence", "e1"),
        "record_offset": next(_offsets),
    }
    return row | columns


def packet(seconds: float, kind: str = "tcp_syn", **columns: Any) -> Row:
    """One sampled packet toward the victim."""
    row = {
        "time": at(seconds),
        "src_endpoint_ip": columns.pop("src", "198.18.0.1"),
        "src_endpoint_port": columns.pop("sport", 40_000),
        "dst_endpoint_ip": columns.pop("dst", VICTIM),
        "dst_endpoint_port": columns.pop("dport", 443),
        "connection_info_protocol_num": columns.pop("proto", IpProtocol.TCP),
        "packet_kind": kind,
        "tcp_flags": columns.pop("flags", None),
        "ttl": columns.pop("ttl", 55),
        "length_bytes": columns.pop("length", 60),
        "payload_bytes": 0,
        "fragment": False,
        "weight": columns.pop("weight", 1),
        "evidence_id": columns.pop("evidence", "e1"),
        "record_offset": next(_offsets),
    }
    return row | columns


KIND_OF_FLAGS = {SYN: "tcp_syn", SYN_ACK: "tcp_syn_ack", ACK: "tcp_ack", RST: "tcp_rst", FIN_ACK: "tcp_fin", FIN: "tcp_fin"}


def captured(flows: Iterable[Row]) -> dict[str, list[Row]]:
    """What a capture of these flows would give: all three tables. Only flows of one packet (or one kind) are told apart well."""
    tables: dict[str, list[Row]] = {"network_activity": list(flows), "network_traffic": [], "network_packet": []}
    for row in tables["network_activity"]:
        for kind, second, packets, size in _seconds(row):
            same = {"dst": row["dst_endpoint_ip"], "evidence": row["evidence_id"]}
            tables["network_traffic"].append(traffic(second, kind, packets, bytes=size, **same))
            ends = {"src": row["src_endpoint_ip"], "sport": row["src_endpoint_port"], "dport": row["dst_endpoint_port"]}
            about = {"proto": row["connection_info_protocol_num"], "icmp_type": row.get("icmp_type")}
            shape = {"flags": row["connection_info_tcp_flags"], "length": size // packets, "weight": packets}
            tables["network_packet"].append(packet(second, kind, **same, **ends, **about, **shape))
    return tables


def _seconds(row: Row) -> Iterator[tuple[str, float, int, int]]:
    packets, size = row["traffic_packets_out"], row["traffic_bytes_out"]
    start = (row["time"] - START).total_seconds()
    length = max(1, min(packets, int((row["end_time"] - row["time"]).total_seconds()) + 1))
    for step in range(length):
        share = packets // length + (packets % length if step == 0 else 0)
        yield _kind(row), start + step, share, share * (size // packets)


def _kind(row: Row) -> str:
    proto, flags = row["connection_info_protocol_num"], row["connection_info_tcp_flags"]
    if proto == IpProtocol.TCP:
        return KIND_OF_FLAGS.get(flags, "tcp_data")
    if proto == IpProtocol.UDP:
        names = {123: "udp_from_ntp", 53: "udp_from_dns", 161: "udp_from_snmp"}
        if row["src_endpoint_port"] is None:
            return "fragment"
        return "dhcp_request" if row["dst_endpoint_port"] == 67 else names.get(row["src_endpoint_port"], "udp")
    kinds = (
        {3: "icmp_unreachable", 8: "icmp_echo"} if proto == IpProtocol.ICMP else {128: "icmpv6_echo", 1: "icmpv6_unreachable"}
    )
    return kinds.get(row.get("icmp_type"), "icmp_other" if proto == IpProtocol.ICMP else "icmpv6_other")


def request(seconds: float, client: str = "203.0.113.5", path: str | None = "/", **columns: Any) -> Row:
    """One line of the victim's access log."""
    row = {
        "time": at(seconds),
        "src_endpoint_ip": client,
        "http_request_http_method": "GET",
        "http_request_url_hostname": "www.example.org",
        "http_request_url_path": path,
        "http_request_user_agent": "Mozilla/5.0",
        "http_response_code": 200,
        "evidence_id": columns.pop("evidence", "e1"),
        "record_offset": next(_offsets),
    }
    return row | columns
