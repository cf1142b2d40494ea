"""sFlow datagrams and the packet headers in them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.flow_exports import counter_sample, ethernet, flow_sample, ip_packet, raw_header, sflow, tcp, udp, xdr
from tocsin.readers import _sflow

SYN = ip_packet("198.51.100.7", "192.0.2.10", 6, tcp(40000, 443, 2))
DNS6 = ip_packet("2001:db8::7", "2001:db8::53", 17, udp(5353, 53, b"x" * 40))
SYN_FOUND = (bytes([198, 51, 100, 7]), bytes([192, 0, 2, 10]), 6, 40, 40000, 443, 2, None)


def packet(frame, at=None):
    view = memoryview(frame)
    at = _sflow.ip_at(view) if at is None else at
    return _sflow.ip_packet(view, at, 999) if at >= 0 else None


def stacked(*headers):
    """IPv6 extension headers before a SYN: ``(number, bytes)``."""
    chain = b"".join(
        bytes([following]) + body[1:]
        for (_, body), following in zip(headers, [number for number, _ in headers[1:]] + [6], strict=True)
    )
    return ip_packet("2001:db8::7", "2001:db8::53", headers[0][0], chain + tcp(1, 2, 2))


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(ethernet(SYN), id="Ethernet"),
        pytest.param(ethernet(SYN, struct.pack(">HH", 0x8100, 5)), id="VLAN"),
        pytest.param(ethernet(SYN, struct.pack(">HHHH", 0x88A8, 5, 0x8100, 6)), id="QinQ"),
        pytest.param(ethernet(b"\0\x01\x01\x40" + SYN, kind=0x8847), id="MPLS"),
        pytest.param(ethernet(b"\0\x01\0\x40\0\x02\x01\x40" + SYN, kind=0x8847), id="two MPLS labels"),
        pytest.param(ethernet(b"\x11\0\0\x07\0\x2a\0\x21" + SYN, kind=0x8864), id="PPPoE"),
    ],
)
def test_the_packet_is_found_below_any_link_header(frame):
    assert packet(frame) == SYN_FOUND


@pytest.mark.parametrize(
    "frame",
    [
        ethernet(bytes(28), kind=0x0806),
        ethernet(b"\0\0\0\0" * 20, kind=0x8847),
        ethernet(SYN, struct.pack(">HH", 0x8100, 5) * 9),
        b"",
        bytes(13),
    ],
    ids=["ARP", "MPLS without an end", "nine VLAN tags", "nothing", "cut off"],
)
def test_what_is_not_ip_has_no_packet(frame):
    assert _sflow.ip_at(memoryview(frame)) < 0 or packet(frame) is None


def test_lengths_are_those_of_the_ip_header_or_of_the_wire_where_it_has_none():
    assert packet(DNS6, 0).length == 88
    assert packet(ip_packet("192.0.2.1", "192.0.2.2", 6, tcp(1, 2, 2), length=0), 0).length == 999
    assert packet(ip_packet("2001:db8::1", "2001:db8::2", 6, tcp(1, 2, 2), length=0), 0).length == 999


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        pytest.param(stacked((0, bytes(8))), (6, 1, 2, 2), id="hop by hop"),
        pytest.param(stacked((0, bytes(8)), (60, bytes(8)), (43, bytes([0, 1]) + bytes(14))), (6, 1, 2, 2), id="three headers"),
        pytest.param(stacked((44, b"\0\0\0\1\0\0\0\7")), (6, 1, 2, 2), id="first fragment"),
        pytest.param(stacked((44, b"\0\0\0\x09\0\0\0\7")), (6, None, None, None), id="later fragment"),
        pytest.param(stacked((51, b"\0\4" + bytes(22))), (6, 1, 2, 2), id="authentication"),
    ],
)
def test_ipv6_extension_headers_are_passed_over(frame, found):
    got = packet(frame, 0)
    assert (got.protocol, got.src_port, got.dst_port, got.flags) == found


def test_later_fragments_of_ipv4_have_no_ports():
    got = packet(ip_packet("192.0.2.1", "192.0.2.2", 17, b"y" * 100, fragment=0x2001), 0)
    assert (got.protocol, got.src_port, got.dst_port) == (17, None, None)
    assert packet(ip_packet("192.0.2.1", "192.0.2.2", 17, udp(1, 2), fragment=0x2000), 0).dst_port == 2


def test_headers_that_were_cut_off_give_what_is_there():
    whole = ethernet(SYN)
    for cut in range(len(whole)):
        got = packet(whole[:cut])
        assert (got is not None) == (cut >= 34)
        if got:
            assert got.length == 40
            assert got.dst_port == (443 if cut >= 38 else None)
            assert got.flags == (2 if cut >= 48 else None)


def sampled_ip(src, dst, octets):
    ends = bytes(octets - 1) + bytes([src]) + bytes(octets - 1) + bytes([dst])
    body = struct.pack(">II", 60, 6) + ends + struct.pack(">IIII", 40000, 443, 2, 0)
    return struct.pack(">II", 3 if octets == 4 else 4, len(body)) + body


@pytest.mark.parametrize("octets", [4, 16])
def test_samples_without_raw_headers_tell_the_same(octets):
    sample = flow_sample(sampled_ip(1, 2, octets))
    rate, got = _sflow.flow_sample(1, memoryview(sample)[8:])
    ends = bytes(octets - 1) + b"\1", bytes(octets - 1) + b"\2"
    assert (rate, got) == (1024, (*ends, 6, 60, 40000, 443, 2, None))


def test_the_raw_header_comes_before_other_records_and_unknown_ones_are_passed_over():
    extra = struct.pack(">II", 1001, 16) + bytes(16)
    sample = flow_sample(extra, sampled_ip(1, 2, 4), raw_header(ethernet(SYN)), rate=7, expanded=True)
    assert _sflow.flow_sample(3, memoryview(sample)[8:]) == (7, SYN_FOUND)


def test_counters_are_no_flow_samples():
    assert _sflow.flow_sample(2, memoryview(counter_sample())[8:]) is None
    assert _sflow.flow_sample(0x1234001, memoryview(bytes(100))) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bytes(31), "at least 32 bytes"),
        (flow_sample()[8:-1] + b"\1", "expected 1 records"),
        (flow_sample(struct.pack(">II", 1, 4000))[8:], "a flow record of 4000 bytes"),
        (flow_sample(struct.pack(">II", 1, 8) + bytes(8))[8:], "at least 16 bytes"),
        (flow_sample(struct.pack(">II", 1, 16) + struct.pack(">IIII", 1, 99, 4, 90))[8:], "header of 90 bytes"),
    ],
)
def test_lengths_that_lie_are_refused(body, reason):
    with pytest.raises(ValueError, match=reason):
        _sflow.flow_sample(1, memoryview(body))


def test_record_counts_are_bounded():
    empty = struct.pack(">II", 9, 0)
    body = struct.pack(">IIIIIIII", 1, 3, 1, 1, 0, 1, 2, 2**32 - 1) + empty * 1000
    assert _sflow.flow_sample(1, memoryview(body)) == (1, None)


def test_datagrams_of_other_versions_are_none():
    good = sflow(counter_sample())
    assert _sflow.datagram(memoryview(good)) is not None
    assert _sflow.datagram(memoryview(b"\0\0\0\4" + good[4:])) is None
    assert _sflow.datagram(memoryview(good[:27])) is None


@given(st.binary(max_size=120), st.sampled_from([1, 2, 3, 4]))
def test_any_bytes_give_a_packet_or_a_reason(data, kind):
    view = memoryview(data)
    try:
        _sflow.flow_sample(kind, view)
        _sflow.sampled_header(memoryview(struct.pack(">IIII", 1, len(data) + 4, 4, len(data)) + xdr(data)))
    except ValueError:
        return
    assert _sflow.ip_at(view) >= -1
