import numpy as np

from tocsin.scenario.addresses import addresses
from tocsin.scenario.encode import ETHERNET, PCAP, RAW, encode
from tocsin.scenario.packets import blank, ip_lengths

HOST = addresses(["192.0.2.1"])


def encoded(rows, *, link=RAW, big_endian=False, nano=False):
    out = np.full(4096, 0xEE, np.uint8)
    none = np.zeros((0, 4), np.uint64)
    size = encode(rows, np.zeros(100, np.uint8), ip_lengths(rows), none, link, 0, 65535, PCAP, nano, big_endian, out)
    assert (out[size:] == 0xEE).all()
    return out[:size].tobytes()


def checksum(data: str) -> str:
    """RFC 1071, another way round: modulo 65535 instead of folding."""
    total = sum(int(data[at : at + 4], 16) for at in range(0, len(data), 4))
    return f"{0xFFFF - total % 0xFFFF:04x}"


def test_a_known_packet_byte_for_byte():
    rows = blank(
        HOST,
        addresses(["192.0.2.2"]),
        17,
        time_ns=1_000_000_001_500,
        src_port=53,
        dst_port=1025,
        payload_length=2,
        ip_id=0x1234,
    )
    hosts = "c0000201c0000202"
    network = "4500001e1234400040110000" + hosts
    transport = "00350401000a0000" + "0000"
    expected = network.replace("40110000", "4011" + checksum(network))
    expected += transport.replace("000a0000", "000a" + checksum(hosts + "0011000a" + transport))
    assert encoded(rows).hex() == "e8030000010000001e0000001e000000" + expected


def test_byte_order_and_resolution_of_records():
    rows = blank(HOST, HOST, 6, time_ns=1_000_000_001_500)
    assert encoded(rows, big_endian=True)[:16].hex() == "000003e8" + "00000001" + "00000028" * 2
    assert encoded(rows, big_endian=True, nano=True)[:8].hex() == "000003e8" + "000005dc"


def test_short_frames_are_padded_with_zeros_to_sixty_bytes():
    data = encoded(blank(HOST, HOST, 6), link=ETHERNET)
    assert len(data) == 16 + 60
    assert data[16 + 54 :] == bytes(6)
