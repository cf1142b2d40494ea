"""Write the small captures beside this script: ``PYTHONPATH=tests python -m evidence.make_captures``.

Everything is made up; addresses are those kept for documentation (RFC 5737, 3849). A test checks that the files in the repository are
what this script writes.
"""

import struct
from pathlib import Path

from kit.captures import START_NS, Captured, enhanced, frames, interface, old_packet, pcap, section, simple
from kit.flow_exports import ethernet, ip_packet, tcp, udp, v5, v5_record

HERE = Path(__file__).parent
CLIENT, SERVER, RESOLVER = "198.51.100.7", "192.0.2.10", "192.0.2.53"
CLIENT6, SERVER6 = "2001:db8::7", "2001:db8::53"
SLL, RAW = 113, 101


def web_session() -> list[bytes]:
    """A request and its answer over TCP, as Ethernet frames."""
    request = b"GET /news?id=7 HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test/1\r\n\r\n"
    there = [(2, b""), (16, b""), (24, request), (17, b"")]
    back = [(18, b""), (24, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), (17, b"")]
    packets = []
    for number in range(4):
        packets.append(ip_packet(CLIENT, SERVER, 6, tcp(40000, 80, *there[number])))
        if number < len(back):
            packets.append(ip_packet(SERVER, CLIENT, 6, tcp(80, 40000, *back[number])))
    return [ethernet(packet) for packet in packets]


def mixed() -> list[bytes]:
    """Tags, IPv6, a fragment, ICMP, ARP, and a flow export."""
    ping6 = ip_packet(CLIENT6, SERVER6, 58, b"\x80\0\0\0\0\1\0\1")
    hops = ip_packet(CLIENT6, SERVER6, 0, bytes([17, 0, 1, 4, 0, 0, 0, 0]) + udp(5353, 53, b"\0\1\1\0" + bytes(8)))
    later = ip_packet(CLIENT, SERVER, 17, b"y" * 64, fragment=0x00B9)
    export = ip_packet("198.51.100.1", "192.0.2.99", 17, udp(50000, 2055, v5(v5_record())))
    return [
        ethernet(ping6, struct.pack(">HH", 0x8100, 7)),
        ethernet(hops, struct.pack(">HH", 0x88A8, 9), struct.pack(">HH", 0x8100, 7)),
        ethernet(later),
        ethernet(ip_packet(CLIENT, SERVER, 1, b"\x08\0\0\0\0\1\0\1")),
        ethernet(bytes(28), kind=0x0806),
        ethernet(export),
    ]


def sections() -> bytes:
    """Two sections of different byte order; interfaces of different resolution; every kind of packet block."""
    syn = ethernet(ip_packet(CLIENT, SERVER, 6, tcp(40000, 443, 2)))
    raw = ip_packet(CLIENT6, SERVER6, 17, udp(40000, 53, b"\0\1\1\0" + bytes(8)))
    seconds, rest = divmod(START_NS, 10**9)
    first = section() + interface(tsresol=6) + interface(link=RAW, tsresol=128 + 10, tsoffset=1_000_000_000)
    first += enhanced(syn, START_NS // 1000) + enhanced(raw, (seconds - 1_000_000_000) * 1024 + 256, number=1)
    first += simple(syn) + old_packet(syn, START_NS // 1000 + 5)
    second = section(order=">") + interface(order=">", tsresol=9)
    second += b"".join(enhanced(syn, START_NS + number * rest, order=">") for number in range(3))
    return first + second


def samples() -> dict[str, bytes]:
    """Path below this folder (reader, file) to content."""
    cooked = [bytes(14) + b"\x08\0" + frame[14:] for frame in web_session()]
    return {
        "pcap/mixed.pcap": pcap(frames(web_session() + mixed())),
        "pcap/big_endian_ns.pcap": pcap(frames(mixed()), order=">", kind="ns"),
        "pcap/cooked_modified.pcap": pcap([Captured(data[:60], time, len(data)) for data, time, _ in frames(cooked)], kind="modified", link=SLL),
        "pcapng/sections.pcapng": sections(),
    }  # fmt: skip


if __name__ == "__main__":
    for path, content in samples().items():
        target = HERE / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
