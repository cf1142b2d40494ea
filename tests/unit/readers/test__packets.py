"""Headers of single packets: link types, IP versions, extension headers, and the kind that each packet is."""

import struct

import pytest

from kit.captures import Captured, pcap, read_tables
from kit.flow_exports import ethernet, ip_packet, tcp, udp
from tocsin.readers._packets import KINDS, SERVICES

CLIENT, SERVER = "198.51.100.7", "192.0.2.10"
CLIENT6, SERVER6 = "2001:db8::7", "2001:db8::53"
SYN4 = ip_packet(CLIENT, SERVER, 6, tcp(40000, 443, 2))
SYN6 = ip_packet(CLIENT6, SERVER6, 6, tcp(40000, 443, 2))
DNS_QUERY, DNS_ANSWER = b"\0\1\1\0" + bytes(8), b"\0\1\x81\x80" + bytes(8)
PORT_OF = {"dns": 53, "ntp": 123, "snmp": 161, "memcached": 11211, "mdns": 5353, "ssdp": 1900}


def one(data, *, link=1, original=None):
    """The row of network_packet of a single captured packet."""
    return read_tables(pcap([Captured(data, original=original)], link=link), threads=1).one("network_packet")


def kind(packet):
    return one(packet, link=101)["packet_kind"]


def tag(identifier, number=7):
    return struct.pack(">HH", identifier, number)


def mpls(*labels):
    return b"".join(
        struct.pack(">I", label << 12 | (number == len(labels) - 1) << 8 | 64) for number, label in enumerate(labels)
    )


LINKS = {
    "Ethernet": (1, lambda p, t: ethernet(p)),
    "VLAN": (1, lambda p, t: ethernet(p, tag(0x8100))),
    "QinQ": (1, lambda p, t: ethernet(p, tag(0x88A8), tag(0x8100))),
    "QinQ of old switches": (1, lambda p, t: ethernet(p, tag(0x9100), tag(0x8100))),
    "PPPoE": (1, lambda p, t: ethernet(b"\x11\0\0\1" + struct.pack(">HH", len(p) + 2, {0x0800: 0x21, 0x86DD: 0x57}[t]) + p, kind=0x8864)),
    "VLAN with PPPoE": (1, lambda p, t: ethernet(b"\x11\0\0\1\0\0" + struct.pack(">H", {0x0800: 0x21, 0x86DD: 0x57}[t]) + p, tag(0x8100), kind=0x8864)),
    "MPLS": (1, lambda p, t: ethernet(mpls(16) + p, kind=0x8847)),
    "MPLS of three labels": (1, lambda p, t: ethernet(mpls(16, 17, 18) + p, kind=0x8847)),
    "Linux cooked": (113, lambda p, t: bytes(14) + struct.pack(">H", t) + p),
    "Linux cooked v2": (276, lambda p, t: struct.pack(">H", t) + bytes(18) + p),
    "raw IP": (101, lambda p, t: p),
    "raw IP of BSD": (12, lambda p, t: p),
    "raw IP of OpenBSD": (14, lambda p, t: p),
    "IPv4 or IPv6 by link type": (228, lambda p, t: p),
    "NULL, little-endian": (0, lambda p, t: struct.pack("<I", 2 if t == 0x0800 else 30) + p),
    "NULL, big-endian": (0, lambda p, t: struct.pack(">I", 2 if t == 0x0800 else 24) + p),
    "LOOP": (108, lambda p, t: struct.pack(">I", 2 if t == 0x0800 else 24) + p),
    "PPP": (9, lambda p, t: struct.pack(">H", 0x21 if t == 0x0800 else 0x57) + p),
    "PPP with address and control": (9, lambda p, t: b"\xff\x03" + struct.pack(">H", 0x21 if t == 0x0800 else 0x57) + p),
}  # fmt: skip


@pytest.mark.parametrize(
    ("packet", "ethertype", "ends"), [(SYN4, 0x0800, (CLIENT, SERVER)), (SYN6, 0x86DD, (CLIENT6, SERVER6))]
)
@pytest.mark.parametrize("name", LINKS)
def test_every_link_layer_leads_to_the_ip_header(name, packet, ethertype, ends):
    link, wrap = LINKS[name]
    row = one(wrap(packet, ethertype), link=link)
    assert (row["src_endpoint_ip"], row["dst_endpoint_ip"]) == ends
    assert (row["src_endpoint_port"], row["dst_endpoint_port"], row["packet_kind"]) == (40000, 443, "tcp_syn")
    assert (row["length_bytes"], row["tcp_window"], row["ttl"]) == (len(packet), 8192, 64)


@pytest.mark.parametrize("name", LINKS)
def test_a_packet_cut_anywhere_is_counted_and_never_read_beyond_its_end(name):
    link, wrap = LINKS[name]
    whole = wrap(SYN4, 0x0800)
    start = len(whole) - len(SYN4)
    for cut in range(len(whole)):
        row = one(whole[:cut], link=link, original=len(whole))
        assert (row["dst_endpoint_ip"] is None) == (cut < start + 20)
        assert (row["src_endpoint_port"] is None) == (cut < start + 24)
        expected = "non_ip" if cut < start + 20 else "tcp_other" if cut < start + 36 else "tcp_syn"
        assert row["packet_kind"] == expected


@pytest.mark.parametrize(
    "frame",
    [
        ethernet(bytes(28), kind=0x0806),
        ethernet(b"\x42\x42\x03" + bytes(40), kind=43),
        ethernet(bytes(40), kind=0x0800),
        ethernet(b"\x45" + bytes(10), kind=0x0800),
        ethernet(b"", kind=0x8847),
        bytes(6),
    ],
    ids=["ARP", "spanning tree", "version nibble 0", "short IP header", "MPLS without label", "short frame"],
)
def test_what_holds_no_ip_header_counts_as_non_ip_with_no_addresses(frame):
    row = one(frame)
    assert (row["packet_kind"], row["src_endpoint_ip"], row["length_bytes"]) == ("non_ip", None, None)


def test_an_unknown_link_type_is_said_once_and_its_packets_counted():
    tables = read_tables(pcap([Captured(SYN4)] * 5, link=195))
    assert tables.packets == 5
    [fault] = tables.faults
    assert "link type 195" in fault.reason


def test_more_tags_than_any_network_nests_are_not_followed():
    assert one(ethernet(SYN4, *[tag(0x8100)] * 8))["packet_kind"] == "tcp_syn"
    assert one(ethernet(SYN4, *[tag(0x8100)] * 9))["packet_kind"] == "non_ip"


def test_ipv4_options_are_stepped_over():
    options = SYN4[:20] + b"\x94\x04\0\0" * 10 + SYN4[20:]
    data = bytes([0x4F]) + options[1:2] + struct.pack(">H", len(options)) + options[4:]
    row = one(data, link=101)
    assert (row["packet_kind"], row["dst_endpoint_port"], row["length_bytes"], row["payload_bytes"]) == ("tcp_syn", 443, 80, 0)


@pytest.mark.parametrize(
    "packet", [ip_packet(CLIENT, SERVER, 6, tcp(1, 2, 16, b"x" * 3000), length=0), SYN6[:4] + b"\0\0" + SYN6[6:] + b"x" * 3000]
)
def test_length_zero_of_segmentation_offload_is_taken_from_the_wire(packet):
    assert one(packet, link=101)["length_bytes"] == len(packet)


def test_padding_of_short_frames_is_no_payload():
    row = one(ethernet(ip_packet(CLIENT, SERVER, 6, tcp(1, 2, 16))) + bytes(6))
    assert (row["packet_kind"], row["payload_bytes"], row["length_bytes"]) == ("tcp_ack", 0, 40)


def fragment6(offset, more, following=17):
    return bytes([following, 0]) + struct.pack(">HI", offset << 3 | more, 99)


FRAGMENTS = {
    "IPv4, first": (ip_packet(CLIENT, SERVER, 17, udp(40000, 9, b"x" * 64), fragment=0x2000), True),
    "IPv4, middle": (ip_packet(CLIENT, SERVER, 17, b"x" * 64, fragment=0x2000 | 9), True),
    "IPv4, last": (ip_packet(CLIENT, SERVER, 17, b"x" * 64, fragment=18), True),
    "IPv4, whole": (ip_packet(CLIENT, SERVER, 17, udp(40000, 9, b"x" * 64), fragment=0x4000), False),
    "IPv6, first": (ip_packet(CLIENT6, SERVER6, 44, fragment6(0, 1) + udp(40000, 9, b"x" * 64)), True),
    "IPv6, last": (ip_packet(CLIENT6, SERVER6, 44, fragment6(9, 0) + b"x" * 64), True),
    "IPv6, whole in a fragment header": (ip_packet(CLIENT6, SERVER6, 44, fragment6(0, 0) + udp(40000, 9, b"x" * 64)), False),
    "IPv6, last, behind an extension": (
        ip_packet(CLIENT6, SERVER6, 60, bytes([44, 0]) + bytes(6) + fragment6(9, 0) + b"x"),
        True,
    ),
    "TCP, first": (ip_packet(CLIENT, SERVER, 6, tcp(1, 2, 2), fragment=0x2000), True),
}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_fragments_are_told_from_whole_packets_and_have_no_ports(name):
    packet, is_fragment = FRAGMENTS[name]
    row = one(packet, link=101)
    assert row["fragment"] == is_fragment
    assert (row["packet_kind"] == "fragment") == is_fragment
    assert (row["dst_endpoint_port"] is None) == is_fragment


def test_the_first_fragment_of_an_amplifier_s_answer_keeps_its_port():
    row = one(ip_packet(CLIENT, SERVER, 17, udp(53, 4444, DNS_ANSWER), fragment=0x2000), link=101)
    assert (row["packet_kind"], row["fragment"], row["src_endpoint_port"]) == ("udp_from_dns", True, 53)


def extension(following, number, length=0):
    """An IPv6 extension header; AH (51) counts its length in units of four bytes less two."""
    if number == 51:
        return bytes([following, 4, 0, 0]) + bytes(20)
    if number == 44:
        return fragment6(0, 0, following)
    return bytes([following, length]) + bytes(6 + 8 * length)


@pytest.mark.parametrize(
    "chain",
    [(0,), (43,), (44,), (51,), (60,), (135,), (139,), (140,), (0, 60, 43, 44, 51, 60), (0,) * 24],
    ids=["hop-by-hop", "routing", "fragment", "AH", "destination", "mobility", "HIP", "shim6", "all", "24 of them"],
)
def test_ipv6_extension_headers_are_stepped_over(chain):
    body = tcp(40000, 443, 2)
    following = 6
    for number in reversed(chain):
        body, following = extension(following, number, length=number % 2 and 1) + body, number
    row = one(ip_packet(CLIENT6, SERVER6, following, body), link=101)
    assert (row["packet_kind"], row["dst_endpoint_port"], row["connection_info_protocol_num"]) == ("tcp_syn", 443, 6)
    assert row["length_bytes"] == 40 + len(body)


def test_a_chain_of_extension_headers_without_end_is_given_up():
    assert kind(ip_packet(CLIENT6, SERVER6, 0, extension(0, 0) * 60)) == "ip_other"


def test_an_extension_header_that_reaches_beyond_the_packet_ends_it():
    row = one(ip_packet(CLIENT6, SERVER6, 0, bytes([6, 255]) + bytes(6) + tcp(1, 2, 2)), link=101)
    assert (row["packet_kind"], row["dst_endpoint_port"]) == ("tcp_other", None)


def test_an_authentication_header_is_stepped_over_in_ipv4_too():
    assert kind(ip_packet(CLIENT, SERVER, 51, extension(6, 51) + tcp(40000, 443, 2))) == "tcp_syn"


TCP_KINDS = {0x02: "tcp_syn", 0xC2: "tcp_syn", 0x12: "tcp_syn_ack", 0x10: "tcp_ack", 0x11: "tcp_fin", 0x01: "tcp_fin", 0x04: "tcp_rst", 0x14: "tcp_rst", 0x06: "tcp_rst", 0x00: "tcp_other", 0x20: "tcp_other"}  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "expected"), TCP_KINDS.items(), ids=lambda value: hex(value) if isinstance(value, int) else ""
)
def test_tcp_kinds_follow_the_flags(flags, expected):
    assert kind(ip_packet(CLIENT, SERVER, 6, tcp(40000, 443, flags))) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"x", "tcp_data"), *((name + b" / HTTP/1.1\r\n\r\n", "http_request") for name in (b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE")), (b"GETTY images", "tcp_data"), (b"POSTAL", "tcp_data"), (b"HTTP/1.1 200 OK", "tcp_data"), (b"GET", "tcp_data")],
)  # fmt: skip
def test_data_is_told_from_requests(data, expected):
    assert kind(ip_packet(CLIENT, SERVER, 6, tcp(40000, 80, 0x18, data))) == expected


def test_a_request_is_told_behind_tcp_options():
    packet = bytearray(tcp(40000, 80, 0x18) + b"\1" * 12 + b"GET / HTTP/1.1\r\n\r\n")
    packet[12] = 0x80
    assert kind(ip_packet(CLIENT, SERVER, 6, bytes(packet))) == "http_request"


ICMP = {0: "icmp_echo_reply", 3: "icmp_unreachable", 5: "icmp_other", 8: "icmp_echo", 11: "icmp_unreachable", 13: "icmp_other"}
ICMP6 = {1: "icmpv6_unreachable", 2: "icmpv6_unreachable", 4: "icmpv6_unreachable", 5: "icmpv6_other", 127: "icmpv6_other", 128: "icmpv6_echo", 129: "icmpv6_echo_reply", 130: "icmpv6_neighbour", 135: "icmpv6_neighbour", 137: "icmpv6_neighbour", 138: "icmpv6_other", 143: "icmpv6_neighbour"}  # fmt: skip


@pytest.mark.parametrize(("number", "expected"), ICMP.items())
def test_icmp_kinds_follow_the_type(number, expected):
    row = one(ip_packet(CLIENT, SERVER, 1, bytes([number]) + bytes(7)), link=101)
    assert (row["packet_kind"], row["icmp_type"]) == (expected, number)


@pytest.mark.parametrize(("number", "expected"), ICMP6.items())
def test_icmpv6_kinds_follow_the_type(number, expected):
    row = one(ip_packet(CLIENT6, SERVER6, 58, bytes([number]) + bytes(7)), link=101)
    assert (row["packet_kind"], row["icmp_type"]) == (expected, number)


@pytest.mark.parametrize("protocol", [2, 4, 41, 47, 50, 89, 132, 255])
def test_other_protocols_are_ip_other(protocol):
    row = one(ip_packet(CLIENT, SERVER, protocol, bytes(40)), link=101)
    assert (row["packet_kind"], row["connection_info_protocol_num"], row["dst_endpoint_port"]) == ("ip_other", protocol, None)


@pytest.mark.parametrize("service", PORT_OF)
def test_a_service_s_port_on_one_end_tells_the_direction(service):
    port = PORT_OF[service]
    assert kind(ip_packet(CLIENT, SERVER, 17, udp(port, 44444, b"x" * 20))) == f"udp_from_{service}"
    assert kind(ip_packet(CLIENT, SERVER, 17, udp(44444, port, b"x" * 20))) == f"udp_to_{service}"


NTP = {1: "to", 2: "from", 3: "to", 4: "from", 5: "from", 6: "from", 7: "from"}


@pytest.mark.parametrize(("mode", "direction"), NTP.items())
def test_between_two_ntp_ports_the_mode_tells_query_from_answer(mode, direction):
    assert kind(ip_packet(CLIENT, SERVER, 17, udp(123, 123, bytes([0x20 | mode]) + bytes(47)))) == f"udp_{direction}_ntp"


@pytest.mark.parametrize(("payload", "direction"), [(DNS_QUERY, "to"), (DNS_ANSWER, "from")], ids=["query", "answer"])
def test_between_two_dns_ports_the_answer_bit_tells(payload, direction):
    assert kind(ip_packet(CLIENT, SERVER, 17, udp(53, 53, payload))) == f"udp_{direction}_dns"


def test_between_two_ports_of_a_service_without_such_a_sign_it_counts_as_an_answer():
    assert kind(ip_packet(CLIENT, SERVER, 17, udp(5353, 5353, DNS_QUERY))) == "udp_from_mdns"
    assert kind(ip_packet(CLIENT, SERVER, 17, udp(53, 53))) == "udp_from_dns"


@pytest.mark.parametrize(("port", "expected"), [(67, "dhcp_request"), (547, "dhcp_request"), (68, "udp"), (9, "udp")])
def test_dhcp_requests_are_known_by_the_server_s_port(port, expected):
    assert kind(ip_packet(CLIENT, SERVER, 17, udp(68, port, bytes(240)))) == expected


def test_every_service_has_both_directions_among_the_kinds():
    assert {f"udp_{way}_{service}" for way in ("from", "to") for service in SERVICES} <= set(KINDS)
    assert len(set(KINDS)) == len(KINDS) <= 256
