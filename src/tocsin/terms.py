"""Words and numbers of the standards we speak, each with its source."""

from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """OCSF ``severity_id``. Source: https://schema.ocsf.io/1.5.0/classes/detection_finding"""

    UNKNOWN = 0
    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5
    FATAL = 6

    @property
    def word(self) -> str:
        """The OCSF caption, as a person reads it: ``Critical``."""
        return self.name.capitalize()


class FindingClass(StrEnum):
    """What kind of claim a finding is. Source: design.md, section 4."""

    ATTACK = "attack"
    SUSPICIOUS = "suspicious"
    EXPOSURE = "exposure"
    CONTEXT = "context"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"


class ReadStatus(StrEnum):
    """How far one piece of evidence was read."""

    READ = "read"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    FAILED = "failed"


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0. Source: https://www.first.org/tlp/"""

    RED = "TLP:RED"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    AMBER = "TLP:AMBER"
    GREEN = "TLP:GREEN"
    CLEAR = "TLP:CLEAR"


class Vector(StrEnum):
    """Denial-of-service vectors, and the look-alikes that are not attacks on us."""

    SYN_FLOOD = "syn_flood"
    ACK_FLOOD = "ack_flood"
    RST_FLOOD = "rst_flood"
    FIN_FLOOD = "fin_flood"
    SYNACK_REFLECTION = "synack_reflection"
    MIDDLEBOX_REFLECTION = "middlebox_reflection"
    UDP_FLOOD = "udp_flood"
    AMPLIFICATION = "amplification"
    FRAGMENT_FLOOD = "fragment_flood"
    ICMP_FLOOD = "icmp_flood"
    ICMPV6_FLOOD = "icmpv6_flood"
    DHCP_FLOOD = "dhcp_flood"
    CARPET_BOMBING = "carpet_bombing"
    HTTP_FLOOD = "http_flood"
    SLOW_HTTP = "slow_http"
    PORT_SCAN = "port_scan"
    HOST_SCAN = "host_scan"
    BACKSCATTER = "backscatter"
    FLASH_CROWD = "flash_crowd"


class TcpFlag:
    """TCP header flags, low byte. Source: RFC 9293, section 3.1."""

    FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128


class IpProtocol:
    """IANA protocol numbers. Source: https://www.iana.org/assignments/protocol-numbers"""

    ICMP, IGMP, TCP, UDP, GRE, ESP, ICMPV6 = 1, 2, 6, 17, 47, 50, 58


class Disposition:
    """OCSF ``disposition_id`` of network activity: what a firewall did."""

    UNKNOWN, ALLOWED, BLOCKED = 0, 1, 2
