"""Which elements of a NetFlow v9 or IPFIX template say what about a flow. Data; ``_flow_templates`` reads it.

Sources: IANA, IP Flow Information Export (IPFIX) Entities, https://www.iana.org/assignments/ipfix, registry as of 2023-02
(elements 1 to 127 are shared with NetFlow v9, RFC 3954 section 8); RFC 5103 for the reverse direction; Cisco ASA NetFlow
Implementation Guide for 233, 40005 and the use of 231, 232 and 323; CERT enterprise elements of YAF, yaf(1), "OUTPUT".
"""

from dataclasses import dataclass

REVERSE = 29305  # RFC 5103: the element of the same number, counted for the packets that came back
CERT = 6871  # https://www.iana.org/assignments/enterprise-numbers; bit 0x4000 marks the reverse direction


@dataclass(frozen=True, slots=True)
class Element:
    """One element and the part of a flow it gives.

    Attributes:
        slot: One of ``SLOTS``.
        id: Element number.
        octets: Most bytes its value needs. A longer field keeps its low-order bytes, a shorter one is a smaller integer
            (RFC 7011, section 6.2). Addresses must have exactly this length; of ``app_name`` and ``app_id`` more is cut off.
        name: As in the registry (of v9, as in RFC 3954).
        unit: Of times: ``s``, ``ms``, ``ntp`` (64-bit NTP time stamp), ``uptime_ms`` (since the exporter's start),
            ``before_us`` (before the export). ``high`` where the first byte alone is wanted. Otherwise empty.
        pen: Enterprise number, 0 for IANA's.
    """

    slot: str
    id: int
    octets: int
    name: str
    unit: str = ""
    pen: int = 0


# Within a slot in order of preference.
ELEMENTS = (
    Element("start", 152, 8, "flowStartMilliseconds", "ms"),
    Element("start", 154, 8, "flowStartMicroseconds", "ntp"),
    Element("start", 156, 8, "flowStartNanoseconds", "ntp"),
    Element("start", 150, 4, "flowStartSeconds", "s"),
    Element("start", 22, 4, "flowStartSysUpTime", "uptime_ms"),
    Element("start", 158, 4, "flowStartDeltaMicroseconds", "before_us"),
    Element("start", 323, 8, "observationTimeMilliseconds", "ms"),
    Element("start", 324, 8, "observationTimeMicroseconds", "ntp"),
    Element("start", 325, 8, "observationTimeNanoseconds", "ntp"),
    Element("start", 322, 4, "observationTimeSeconds", "s"),
    Element("end", 153, 8, "flowEndMilliseconds", "ms"),
    Element("end", 155, 8, "flowEndMicroseconds", "ntp"),
    Element("end", 157, 8, "flowEndNanoseconds", "ntp"),
    Element("end", 151, 4, "flowEndSeconds", "s"),
    Element("end", 21, 4, "flowEndSysUpTime", "uptime_ms"),
    Element("end", 159, 4, "flowEndDeltaMicroseconds", "before_us"),
    Element("end", 323, 8, "observationTimeMilliseconds", "ms"),
    Element("end", 324, 8, "observationTimeMicroseconds", "ntp"),
    Element("end", 325, 8, "observationTimeNanoseconds", "ntp"),
    Element("end", 322, 4, "observationTimeSeconds", "s"),
    Element("duration", 161, 4, "flowDurationMilliseconds", "ms"),
    Element("duration", 162, 4, "flowDurationMicroseconds", "us"),
    Element("boot", 160, 8, "systemInitTimeMilliseconds", "ms"),
    Element("src", 8, 4, "sourceIPv4Address"),
    Element("src", 27, 16, "sourceIPv6Address"),
    Element("dst", 12, 4, "destinationIPv4Address"),
    Element("dst", 28, 16, "destinationIPv6Address"),
    Element("src_port", 7, 2, "sourceTransportPort"),
    Element("src_port", 182, 2, "tcpSourcePort"),
    Element("src_port", 180, 2, "udpSourcePort"),
    Element("dst_port", 11, 2, "destinationTransportPort"),
    Element("dst_port", 183, 2, "tcpDestinationPort"),
    Element("dst_port", 181, 2, "udpDestinationPort"),
    Element("protocol", 4, 1, "protocolIdentifier"),
    Element("flags", 6, 1, "tcpControlBits"),
    Element("flags", 14, 1, "initialTCPFlags", pen=CERT),
    Element("flags", 15, 1, "unionTCPFlags", pen=CERT),
    Element("flags_in", 6, 1, "reverseTcpControlBits", pen=REVERSE),
    Element("flags_in", 14 | 0x4000, 1, "reverseInitialTCPFlags", pen=CERT),
    Element("flags_in", 15 | 0x4000, 1, "reverseUnionTCPFlags", pen=CERT),
    Element("icmp", 32, 2, "icmpTypeCodeIPv4", "high"),
    Element("icmp", 139, 2, "icmpTypeCodeIPv6", "high"),
    Element("icmp", 176, 1, "icmpTypeIPv4"),
    Element("icmp", 178, 1, "icmpTypeIPv6"),
    Element("packets", 2, 8, "packetDeltaCount"),
    Element("packets", 298, 8, "initiatorPackets"),
    Element("packets", 86, 8, "packetTotalCount"),
    Element("bytes", 1, 8, "octetDeltaCount"),
    Element("bytes", 231, 8, "initiatorOctets"),
    Element("bytes", 85, 8, "octetTotalCount"),
    Element("packets_in", 2, 8, "reversePacketDeltaCount", pen=REVERSE),
    Element("packets_in", 299, 8, "responderPackets"),
    Element("packets_in", 86, 8, "reversePacketTotalCount", pen=REVERSE),
    Element("bytes_in", 1, 8, "reverseOctetDeltaCount", pen=REVERSE),
    Element("bytes_in", 232, 8, "responderOctets"),
    Element("bytes_in", 85, 8, "reverseOctetTotalCount", pen=REVERSE),
    Element("sampler", 48, 4, "FLOW_SAMPLER_ID"),
    Element("sampler", 302, 8, "selectorId"),
    Element("interface", 10, 4, "ingressInterface"),
    Element("interval", 34, 4, "SAMPLING_INTERVAL"),
    Element("interval", 50, 4, "FLOW_SAMPLER_RANDOM_INTERVAL"),
    Element("sampled", 305, 4, "samplingPacketInterval"),
    Element("sampled", 309, 4, "samplingSize"),
    Element("unsampled", 306, 4, "samplingPacketSpace"),
    Element("population", 310, 4, "samplingPopulation"),
    Element("event", 233, 1, "firewallEvent"),
    Element("event", 40005, 1, "NF_F_FW_EVENT"),
    Element("app_name", 96, 64, "applicationName"),
    Element("app_id", 95, 16, "applicationId"),
    Element("device", 130, 4, "exporterIPv4Address"),
    Element("device", 131, 16, "exporterIPv6Address"),
)

# OUT_BYTES and OUT_PKTS of RFC 3954: what came back, where the template counts both; else all there is (egress NetFlow). In
# IPFIX the same numbers are the same packets once more, after a middlebox.
OUT = (Element("bytes", 23, 8, "OUT_BYTES"), Element("packets", 24, 8, "OUT_PKTS"))

SLOTS = tuple(dict.fromkeys(element.slot for element in ELEMENTS))
ADDRESSES = frozenset({"src", "dst", "device"})
TEXTS = frozenset({"app_name", "app_id"})
# One template may serve IPv4 and IPv6 (or TCP and UDP), with zeros in what does not apply.
FIRST_NOT_ZERO = frozenset({"src", "dst", "src_port", "dst_port", "icmp", "device"})
JOINED = frozenset({"flags", "flags_in"})

# 311 is a 64-bit float and only met in options, which are decoded element by element.
SAMPLING_PROBABILITY = 311

# Sampling rates, the exporter's start, names of applications.
USEFUL_OPTIONS = frozenset({34, 50, 305, 309, SAMPLING_PROBABILITY, 160, 96})

# firewallEvent. Source: IANA IPFIX registry, element 233 (RFC 8158 and Cisco ASA NetFlow Implementation Guide).
FIREWALL_EVENTS = {1: "created", 2: "deleted", 3: "denied", 4: "alert", 5: "update"}
