"""What findings say in codes, said in words; shared by page, PDF, terminal and charts."""

from tocsin.model import Finding
from tocsin.model.text import listing, printable, rate
from tocsin.packs.glossary import word
from tocsin.terms import FindingClass, ReadStatus, Severity, Vector

SEVERITY_CLASS = {
    Severity.UNKNOWN: "info",
    Severity.INFORMATIONAL: "info",
    Severity.LOW: "low",
    Severity.MEDIUM: "medium",
    Severity.HIGH: "high",
    Severity.CRITICAL: "critical",
    Severity.FATAL: "fatal",
}
CLASS_WORDS = {
    FindingClass.ATTACK: "attack",
    FindingClass.SUSPICIOUS: "suspicious, not an attack",
    FindingClass.EXPOSURE: "weakness, not an event",
    FindingClass.CONTEXT: "context, nothing wrong",
    FindingClass.INSUFFICIENT_EVIDENCE: "not enough evidence to tell",
}
STATUS_WORDS = {
    ReadStatus.READ: ("read", "yes"),
    ReadStatus.PARTIAL: ("read in part", "wait"),
    ReadStatus.SKIPPED: ("skipped", "no"),
    ReadStatus.FAILED: ("failed", "no"),
}
RUN_WORDS = {"ran": ("ran", "yes"), "not_run": ("not run", "wait"), "failed": ("failed", "no")}
_KIND_WORDS = {
    "nftables": "nftables",
    "flowspec_exabgp": "FlowSpec for ExaBGP",
    "flowspec_gobgp": "FlowSpec for GoBGP",
    "dots": "DOTS request",
    "dots_acl": "DOTS filter",
    "rtbh": "RTBH for ExaBGP",
    "nginx": "nginx",
    "haproxy": "HAProxy",
    "apache": "Apache",
}
# Services whose letters are not an abbreviation; the glossary has the rest that people know.
_SERVICE_LETTERS_MAX = 5


def what(finding: Finding) -> str:
    """The vector as people say it: ``SYN flood``, ``NTP amplification``; without a vector, the analyzer's name in words."""
    vector = finding.attributes.get("vector") or finding.analyzer
    said = word(printable(vector, 60))
    services = finding.attributes.get("services")
    if vector == Vector.AMPLIFICATION and isinstance(services, list | tuple) and services:
        return f"{listing(map(service_word, services), 3)} {said}"
    return said


def service_word(service: object) -> str:
    """``ntp`` as ``NTP``; names that are words stay: ``memcached``, ``chargen``."""
    named = word(printable(service, 40))
    return named.upper() if named.islower() and len(named) <= _SERVICE_LETTERS_MAX else named


def kind_word(kind: str) -> str:
    """What an action's file is written for: ``FlowSpec for ExaBGP``."""
    return _KIND_WORDS.get(kind) or printable(kind, 40).replace("_", " ")


def sentence(text: str) -> str:
    """With a capital first letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def usually(value: float, unit: str) -> str:
    """What is usual, as a rate; ``none`` where that rounds to nothing."""
    return rate(value, unit) if value >= 0.05 else "none"
