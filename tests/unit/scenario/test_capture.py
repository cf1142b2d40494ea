import io
import itertools
import struct

import dpkt
import numpy as np
import pytest

from tocsin.scenario.addresses import addresses, spoofed
from tocsin.scenario.capture import CaptureFormat, Link, write_capture, write_stream
from tocsin.scenario.ordinary import arp_message
from tocsin.scenario.packets import ETHERTYPE_ARP, Packets, Payloads, blank, fragmented, stacked, taken
from tocsin.scenario.stage import SECOND

START = 1_644_930_000 * SECOND + 123_456_789
FORMATS = [CaptureFormat(*flags) for flags in itertools.product((False, True), repeat=3)]
FORMATS += [CaptureFormat(link=link) for link in Link if link != Link.ETHERNET]
V4, V6 = addresses(["192.0.2.10"]), addresses(["2001:db8::10"])


def some_of_each() -> Packets:
    """TCP with all options, ICMP, extension headers, fragments, odd and even lengths, both families."""
    rng = np.random.default_rng(3)
    payloads = Payloads(rng)
    noise = {"payload": 50, "payload_length": [0, 1, 2, 301, 1000]}
    tcp = {"src_port": 1234, "dst_port": 9, "seq": 0xFFFFFFFF, "ack": 1, "flags": 24, "options": [0, 1, 2, 3, 4]}
    large = {"payload": 50, "ack": [10, 1472, 4001, 20000, 65507], "src_port": 9, "dst_port": 9, "ip_id": np.arange(5)}
    four, six = spoofed(rng, 5), spoofed(rng, 5, v6=True)
    rows = stacked(
        [
            blank(four, V4, 6, **tcp, **noise),
            blank(six, V6, 6, **tcp, **noise),
            blank(four, V4, 1, src_port=8 << 8, seq=77, **noise),
            blank(six, V6, 58, src_port=128 << 8, seq=77, extensions=[0, 1, 2, 3, 0], **noise),
            fragmented(blank(four, V4, 17, **large)),
            fragmented(blank(six, V6, 17, **large)),
        ]
    )
    rows["time_ns"] = START + np.arange(len(rows)) * 1001
    return Packets(rows, payloads.array())


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_another_parser_reads_every_format(form):
    packets = some_of_each()
    stream = io.BytesIO()
    assert write_stream(stream, packets, form) == len(packets)
    stream.seek(0)
    reader = (dpkt.pcapng.Reader if form.pcapng else dpkt.pcap.Reader)(stream)
    assert reader.datalink() == form.link
    records = list(reader)
    assert len(records) == len(packets)
    step = 1 if form.nanoseconds else 1000
    seconds = packets.rows["time_ns"] // step * step / SECOND
    assert np.allclose([float(time) for time, _ in records], seconds, rtol=0, atol=5e-7)


def test_addresses_ports_and_payloads_arrive():
    packets = some_of_each()
    stream = io.BytesIO()
    write_stream(stream, packets, CaptureFormat(link=Link.RAW))
    stream.seek(0)
    for row, (_, data) in zip(packets.rows[:10], dpkt.pcap.Reader(stream), strict=False):
        ip = (dpkt.ip.IP if row["ethertype"] == 0x0800 else dpkt.ip6.IP6)(data)
        assert int.from_bytes(ip.src[-4:]) == int(row["src_lo"]) & 0xFFFFFFFF
        assert (ip.data.sport, ip.data.dport, ip.data.seq, ip.data.flags) == (1234, 9, 0xFFFFFFFF, 24)
        assert ip.data.data == packets.pool[50 : 50 + row["payload_length"]].tobytes()


def test_tshark_finds_every_checksum_right_and_puts_fragments_together(tmp_path, broken, tshark):
    path = tmp_path / "each.pcapng"
    packets = some_of_each()
    write_capture(path, packets, CaptureFormat(pcapng=True, nanoseconds=True))
    assert broken(path) == []
    whole = tshark(path, "udp && (ip.fragments || ipv6.fragments)", "ip.version", "udp.length", "udp.checksum.status")
    lengths = [(4, 4001), (4, 20000), (4, 65507), (6, 1472), (6, 4001), (6, 20000), (6, 65507)]
    assert sorted(whole) == sorted(f"{version}\t{8 + length}\t1" for version, length in lengths)


def test_a_wrong_checksum_would_be_noticed(tmp_path, broken):
    path = tmp_path / "each.pcap"
    write_capture(path, some_of_each())
    data = bytearray(path.read_bytes())
    data[24 + 16 + 14 + 20 + 16] ^= 1
    path.write_bytes(data)
    assert len(broken(path)) == 1


def test_slices_give_the_same_bytes_as_the_whole():
    packets = some_of_each()
    whole, sliced = io.BytesIO(), io.BytesIO()
    write_stream(whole, packets)
    write_stream(sliced, (Packets(packets.rows[at : at + 3], packets.pool) for at in range(0, len(packets), 3)))
    assert whole.getvalue() == sliced.getvalue()


@pytest.mark.parametrize("snaplen", [59, 60, 61])
def test_snaplen_cuts_frames_but_not_their_length(snaplen):
    packets = some_of_each()
    few = Packets(taken(packets.rows, np.array([0, 4])), packets.pool)
    stream = io.BytesIO()
    write_stream(stream, few, CaptureFormat(snaplen=snaplen))
    data = stream.getvalue()
    at = 24
    for length in (60, 14 + 20 + 20 + 12 + 1000):
        assert struct.unpack_from("<II", data, at + 8) == (min(length, snaplen), length)
        at += 16 + min(length, snaplen)
    assert at == len(data)


def test_pcapng_blocks_are_padded_and_tell_both_lengths(tmp_path, tshark):
    path = tmp_path / "cut.pcapng"
    write_capture(path, some_of_each(), CaptureFormat(pcapng=True, snaplen=61))
    shown = tshark(path, "", "frame.cap_len", "frame.len")
    assert shown[:5] == ["60\t60", "60\t60", "61\t76", "61\t367", "61\t1066"]


def frames(packets: Packets, form: CaptureFormat, **options: object) -> list[bytes]:
    stream = io.BytesIO()
    write_stream(stream, packets, form, **options)
    stream.seek(0)
    return [data for _, data in dpkt.pcap.Reader(stream)]


def test_tags_lie_around_frames():
    packets = some_of_each()
    rows = packets.rows[:2].copy()
    rows["vlan"] = [110, 0]
    inner, outer_only = frames(Packets(rows, packets.pool), CaptureFormat(outer_vlan=7))
    assert inner[12:22].hex() == "88a80007" + "8100006e" + "0800"
    assert outer_only[12:18].hex() == "88a80007" + "0800"


def test_hosts_inside_have_link_addresses_of_their_own():
    rows = blank(addresses(["192.0.2.7", "198.18.0.1"]), addresses(["198.18.0.1", "192.0.2.7"]), 6)
    out, back = frames(Packets(rows, np.zeros(1, np.uint8)), CaptureFormat(), inside=["192.0.2.0/24"])
    router, host = "02ff00000001", "0200c0000207"
    assert out[:12].hex() == router + host
    assert back[:12].hex() == host + router


def test_arp_is_written_where_there_is_a_link_header():
    payloads = Payloads(np.random.default_rng(1))
    message = payloads.add(arp_message("192.0.2.7", "192.0.2.1", reply=False))
    rows = blank(addresses(["192.0.2.7"]), addresses(["255.255.255.255"]), 0, payload=message.offset, payload_length=28)
    rows["ethertype"] = ETHERTYPE_ARP
    packets = Packets(rows, payloads.array())
    stream = io.BytesIO()
    assert write_stream(stream, packets, CaptureFormat(link=Link.RAW)) == 0
    assert write_stream(stream, packets) == 1
    frame = dpkt.ethernet.Ethernet(stream.getvalue()[-60:])
    assert frame.dst == b"\xff" * 6
    assert frame.data.spa == bytes([192, 0, 2, 7])
