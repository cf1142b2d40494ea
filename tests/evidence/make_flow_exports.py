"""Write the small flow export samples beside this script: ``PYTHONPATH=tests python -m evidence.make_flow_exports``.

Everything is made up; addresses are those kept for documentation (RFC 5737, 3849) and for benchmarks (RFC 2544). A test checks that
the files in the repository are what this script writes.
"""

import struct
from pathlib import Path

from kit.flow_exports import (
    IPV4_FIELDS,
    IPV6_FIELDS,
    NfdumpFlow,
    counter_sample,
    data_set,
    ethernet,
    flow,
    flow_sample,
    ip_packet,
    ipfix,
    nfdump_file,
    options_template_set,
    raw_header,
    record,
    sflow,
    tcp,
    template_set,
    udp,
    v5,
    v5_record,
    v9,
)

HERE = Path(__file__).parent
CERT, REVERSE = 6871, 29305
START_MS = 1_644_930_131_250
NTP = (1_644_930_131 + 2_208_988_800) << 32 | 1 << 31  # half a second later

# As an ASA 9 exports it: no packets, bytes both ways, an event.
ASA_FIELDS = (
    (148, 4), (8, 4), (7, 2), (10, 2), (12, 4), (11, 2), (14, 2), (4, 1), (176, 1), (177, 1), (233, 1), (33002, 2), (323, 8),
    (152, 8), (231, 4), (232, 4), (33000, 12),
)  # fmt: skip
SAMPLED_FIELDS = (*IPV4_FIELDS, (48, 1))
BIFLOW_FIELDS = (
    (8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 2), (6, 2, REVERSE), (2, 3), (1, 8), (2, 3, REVERSE), (1, 8, REVERSE), (154, 8),
    (155, 8), (96, 65535), (14, 1, CERT), (15, 1, CERT), (130, 4),
)  # fmt: skip
ICMP6_FIELDS = ((27, 16), (28, 16), (4, 1), (139, 2), (2, 8), (1, 8), (150, 4), (161, 4))
RELATIVE_FIELDS = ((8, 4), (12, 4), (4, 1), (180, 2), (181, 2), (86, 8), (85, 8), (22, 4), (21, 4), (305, 4), (306, 4))


def netflow5() -> bytes:
    """Two packets: one whose uptime counter has started anew since the flow began, one sampled."""
    wrapped = v5(
        v5_record(first=2**32 - 1000, last=4000, flags=0x02),
        v5_record(
            "192.0.2.10", "198.51.100.7", sport=443, dport=40000, packets=1, octets=40, first=4500, last=4500, flags=0x14
        ),
        nanos=250_999_999,
        uptime=5000,
    )
    sampled = v5(
        v5_record("198.51.100.8", "192.0.2.53", sport=5353, dport=53, proto=17, flags=0, packets=2, octets=130),
        v5_record("198.51.100.9", "192.0.2.10", sport=0, dport=0x0800, proto=1, flags=0, packets=5, octets=420),
        v5_record("198.51.100.10", "192.0.2.10", sport=0, dport=0, proto=47, flags=0, packets=1, octets=1400),
        sampling=0x4000 | 100,
    )
    return wrapped + sampled


def netflow9() -> bytes:
    """Data before their template, two samplers, IPv6, and a firewall's events."""
    early = v9(data_set(256, flow("198.51.100.7", "192.0.2.10", 40000, 443, 6, 0x1B, 9, 900, 1000, 2500)))
    templates = v9(template_set(9, (256, IPV4_FIELDS), (257, IPV6_FIELDS), (258, SAMPLED_FIELDS)))
    options = v9(
        options_template_set(9, 300, [(1, 4)], [(48, 1), (49, 1), (50, 4)]),
        data_set(300, b"\0\0\0\0\1\2" + struct.pack(">I", 100), b"\0\0\0\0\2\2" + struct.pack(">I", 1000)),
        source=5,
    )
    sampled = v9(
        template_set(9, (258, SAMPLED_FIELDS)),
        data_set(
            258,
            *(
                flow("198.51.100.7", f"192.0.2.{number}", 40000 + number, 80, 6, 2, 1, 60, 1000, 1000) + bytes([number])
                for number in range(4)
            ),
        ),
        source=5,
    )
    six = v9(data_set(257, flow("2001:db8::7", "2001:db8::53", 5353, 53, 17, 0, 2, 150, 9000, 10500)))
    values = (7, "198.51.100.7", 40000, 3, "192.0.2.10", 443, 4, 6, 0, 0)
    firewall = v9(
        template_set(9, (265, ASA_FIELDS)),
        data_set(
            265,
            record(ASA_FIELDS, (*values, 1, 0, START_MS, START_MS, 0, 0, b"")),
            record(ASA_FIELDS, (*values, 3, 1001, START_MS + 10, START_MS + 10, 0, 0, b"")),
            record(ASA_FIELDS, (*values, 2, 2030, START_MS + 5000, START_MS, 517, 3000, b"")),
        ),
        source=9,
    )
    return early + templates + options + sampled + six + firewall


def ipfix_messages() -> bytes:
    """Variable length, two directions, odd lengths, NTP and uptime times, rates in options and in the flow."""
    biflow = ipfix(
        template_set(10, (256, BIFLOW_FIELDS)),
        data_set(
            256,
            record(
                BIFLOW_FIELDS,
                (
                    "198.51.100.7",
                    "192.0.2.10",
                    40000,
                    443,
                    6,
                    0x1B,
                    0x13,
                    70_000,
                    5_000_000_000,
                    8,
                    3000,
                    NTP,
                    NTP + (3 << 32),
                    b"tls",
                    0,
                    0,
                    "198.18.0.1",
                ),
            ),
            record(
                BIFLOW_FIELDS,
                ("203.0.113.9", "192.0.2.10", 1025, 443, 6, 0, 0, 1, 60, 0, 0, NTP, NTP, b"x" * 300, 0x02, 0x10, b""),
            ),
            pad=False,
        ),
    )
    ping = ipfix(
        template_set(10, (257, ICMP6_FIELDS)),
        data_set(257, record(ICMP6_FIELDS, ("2001:db8::7", "2001:db8::53", 58, 0x8000, 4, 416, 1_644_930_131, 3004))),
        domain=1,
    )
    relative = ipfix(
        options_template_set(10, 300, [(149, 4)], [(160, 8), (34, 4)]),
        data_set(300, struct.pack(">IQI", 2, 1_644_930_131_000 - 2**32 - 60_000, 500)),
        template_set(10, (258, RELATIVE_FIELDS)),
        data_set(
            258,
            record(RELATIVE_FIELDS, ("198.51.100.8", "192.0.2.53", 17, 5353, 53, 2, 130, 59_000, 59_500, 0, 0)),
            record(RELATIVE_FIELDS, ("198.51.100.8", "192.0.2.53", 17, 5354, 53, 2, 130, 59_000, 59_500, 1, 9)),
        ),
        seconds=1_644_930_131,
        domain=2,
    )
    return biflow + ping + relative


def sflow_datagrams() -> bytes:
    """Raw headers of several kinds, in plain and expanded samples, among counters."""
    syn = ip_packet("198.51.100.7", "192.0.2.10", 6, tcp(40000, 443, 2))
    dns = ip_packet("2001:db8::7", "2001:db8::53", 17, udp(5353, 53, b"x" * 40))
    ping = ip_packet("198.51.100.8", "192.0.2.10", 1, b"\x08\0\0\0\0\1\0\1" + bytes(56))
    later = ip_packet("198.51.100.9", "192.0.2.10", 17, b"y" * 100, length=1500, fragment=0x00B9)
    answer = ip_packet("192.0.2.10", "198.51.100.7", 6, tcp(443, 40000, 0x12))
    vlan, arp = struct.pack(">HH", 0x8100, 7), ethernet(bytes(28), kind=0x0806)
    first = sflow(
        flow_sample(raw_header(ethernet(syn))), counter_sample(), flow_sample(raw_header(ethernet(dns, vlan)), rate=512)
    )
    second = sflow(
        flow_sample(raw_header(ethernet(ping)), rate=100, expanded=True),
        flow_sample(raw_header(ethernet(later), frame_bytes=1518)),
        flow_sample(raw_header(arp)),
        flow_sample(raw_header(answer, protocol=11, stripped=0, frame_bytes=40), rate=1),
        agent="2001:db8::9",
    )
    return first + second


def nfdump_flows() -> bytes:
    """Two blocks of an nfdump file."""
    return nfdump_file(
        [
            NfdumpFlow("198.51.100.7", "192.0.2.10", 40000, 443, 6, 0x1B, 9, 900),
            NfdumpFlow("2001:db8::7", "2001:db8::53", 5353, 53, 17, packets=2, octets=150),
        ],
        [
            NfdumpFlow("198.51.100.9", "192.0.2.10", 0, 0x0800, 1, packets=5, octets=420, first_ms=1_644_930_001_000, last_ms=1_644_930_333_007),
            NfdumpFlow("203.0.113.9", "192.0.2.10", proto=47, octets=1400),
        ],
    )  # fmt: skip


def samples() -> dict[str, bytes]:
    """Path below this folder (reader, file) to content."""
    return {
        "flow_export/netflow5.dat": netflow5(),
        "flow_export/netflow9.dat": netflow9(),
        "flow_export/flows.ipfix": ipfix_messages(),
        "flow_export/sflow.dat": sflow_datagrams(),
        "nfdump/flows.nfdump": nfdump_flows(),
    }


if __name__ == "__main__":
    for path, content in samples().items():
        target = HERE / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
