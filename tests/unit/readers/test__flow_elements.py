"""The table of elements against the IANA names tshark knows."""

from kit.flow_exports import ipfix, template_set
from kit.flow_tools import element_names, needs_tshark
from tocsin.readers._flow_elements import ADDRESSES, ELEMENTS, FIRST_NOT_ZERO, JOINED, OUT, SLOTS, TEXTS

ENTERPRISE_BIT = 0x8000
# tshark shows the names of RFC 3954 for elements that NetFlow v9 had first.
V9_NAMES = {
    "octetDeltaCount": "BYTES", "packetDeltaCount": "PKTS", "protocolIdentifier": "PROTOCOL", "tcpControlBits": "TCP_FLAGS",
    "sourceTransportPort": "L4_SRC_PORT", "sourceIPv4Address": "IP_SRC_ADDR", "ingressInterface": "INPUT_SNMP",
    "destinationTransportPort": "L4_DST_PORT", "destinationIPv4Address": "IP_DST_ADDR", "flowEndSysUpTime": "LAST_SWITCHED",
    "flowStartSysUpTime": "FIRST_SWITCHED", "sourceIPv6Address": "IPV6_SRC_ADDR", "destinationIPv6Address": "IPV6_DST_ADDR",
    "icmpTypeCodeIPv4": "ICMP_TYPE", "octetTotalCount": "BYTES_TOTAL", "packetTotalCount": "PACKETS_TOTAL",
    "applicationId": "APPLICATION_ID", "applicationName": "APPLICATION_NAME", "icmpTypeIPv4": "ICMP_IPv4_TYPE",
    "icmpTypeIPv6": "ICMP_IPv6_TYPE", "udpSourcePort": "UDP_SRC_PORT", "udpDestinationPort": "UDP_DST_PORT",
    "tcpSourcePort": "TCP_SRC_PORT", "tcpDestinationPort": "TCP_DST_PORT",
}  # fmt: skip


@needs_tshark
def test_every_iana_number_has_the_name_tshark_knows(tmp_path):
    known = [element for element in (*ELEMENTS, *OUT) if not element.pen and element.id < ENTERPRISE_BIT]
    numbers = sorted({element.id for element in known})
    names = element_names(ipfix(template_set(10, (256, [(number, 4) for number in numbers]))), tmp_path)
    assert {element.id: V9_NAMES.get(element.name, element.name) for element in known} == names


def test_no_slot_has_the_same_element_twice():
    keys = [(element.slot, element.pen, element.id) for element in ELEMENTS]
    assert len(keys) == len(set(keys))


def test_rules_are_about_slots_that_exist():
    assert ADDRESSES | TEXTS | FIRST_NOT_ZERO | JOINED | {element.slot for element in OUT} <= set(SLOTS)
