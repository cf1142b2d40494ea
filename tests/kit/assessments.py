"""Assessments as the pipeline would hand them to the exporters; all content is invented, addresses are for documentation."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.model import (
    Action,
    AnalyzerCoverage,
    Assessment,
    Coverage,
    Entity,
    EvidenceCoverage,
    EvidenceRow,
    Fault,
    Finding,
    Incident,
    Mitigation,
    Series,
    TrafficMatch,
    finding_id,
)
from tocsin.terms import FindingClass, ReadStatus, Severity, Tlp

MINISTRY, BANK, SAVINGS, MINISTRY_V6 = "192.0.2.10", "198.51.100.20", "203.0.113.30", "2001:db8:51f:aa00:1234:5678:9abc:def0"
START = datetime(2022, 2, 15, 12, 50, tzinfo=UTC)
ONSET, END = datetime(2022, 2, 15, 13, 2, 11, tzinfo=UTC), datetime(2022, 2, 15, 13, 16, 40, tzinfo=UTC)
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
HOSTILE = (
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(2)>",
    '" onmouseover="alert(3)',
    "#panic(\"typst\") $x^2$ *bold* @label <label> #include \"/etc/passwd\" \\ ` ```",
    "{{ 7*7 }} {% raw %}",
    "\x1b[31mred\x1b[2J\x1b]0;title\x07",
    "\u202egnp.exe\u202c \u2066hidden\u2069 zero\u200bwidth",
    "line\nbreak\ttab\r\0null \ud800 lone",
    "[bold red]rich[/] [link=file:///etc/passwd]here[/link]",
    "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301 zalgo",
)  # fmt: skip


def series(
    peak: float, usual: float, *, onset: datetime = ONSET, end: datetime = END, seed: int = 1, unit: str = "packets/s"
) -> Series:
    """35 minutes in steps of 15 s: ordinary traffic, a steep rise at the onset, an end as sudden."""
    noise = random.Random(seed)
    values = []
    for step in range(140):
        at = START + timedelta(seconds=15 * step)
        base = usual * (1 + 0.15 * math.sin(step / 9) + 0.1 * noise.random())
        rise = 1 - math.exp(-((at - onset).total_seconds() + 15) / 40)
        values.append(min(base + (peak * rise * (0.88 + 0.11 * noise.random()) if onset <= at <= end else 0), peak))
    values[values.index(max(values))] = peak
    return Series(int(START.timestamp()), 15, unit, tuple(values), usual)


def row(offset: int, excerpt: str, name: str = "edge-kyiv-01.pcap") -> EvidenceRow:
    """A row of evidence."""
    return EvidenceRow(SHA[:16], name, SHA, offset, excerpt)


def finding(
    title: str, victim: str, *, vector: str = "", first: datetime | None = ONSET, last: datetime | None = END, **fields: Any
) -> Finding:
    """A denial-of-service finding; every field of ``Finding`` can be given."""
    attributes = {"vector": vector, "duration_s": (last - first).total_seconds()} if first and last else {"vector": vector}
    values: dict[str, Any] = {
        "id": finding_id(first, title=title, victim=victim),
        "analyzer": "denial_of_service",
        "version": "1",
        "cls": FindingClass.ATTACK,
        "title": title,
        "severity": Severity.HIGH,
        "confidence": 85,
        "confidence_basis": "Because the packets have one size and no answer ever followed.",
        "techniques": ("attack:T1498.001",),
        "first_seen": first,
        "last_seen": last,
        "entities": (Entity("victim", "ip", victim),),
        "evidence": (),
        "meaning": "",
        "parameters": {"window_s": 1, "syn_completed_ratio_max": 0.05, "peak_packets_per_s_min": 200.0},
    }
    return Finding(**values | fields | {"attributes": attributes | fields.get("attributes", {})})


def syn_flood() -> Finding:
    """Forged SYN flood on the bank: critical, with a proxy to deploy and source blocking refused."""
    match = TrafficMatch(dst=(f"{BANK}/32",), protocol=6, dst_ports=((443, 443),), tcp_flags=2, tcp_mask=0b00010111)
    proxy, limit = f"Put a SYN proxy before {BANK}:443.", f"Limit SYN to {BANK}:443 to 28,000 packets/s."
    shared = "Ordinary log-ins share the limit while it is in force."
    refused = "37,623 sources in 37,841 packets are forged: blocking them blocks nobody who attacks."
    return finding(
        f"SYN flood on {BANK}:443, 14 min, peak 1.2 million packets/s",
        BANK,
        vector="syn_flood",
        severity=Severity.CRITICAL,
        confidence=92,
        confidence_basis=(
            "Because 99.6 % of 1.1 million handshakes were never completed, while replies left the server: "
            "not a scan, not backscatter."
        ),
        attributes={
            "services": [],
            "port": 443,
            "peak_packets_per_s": 1_204_312.0,
            "peak_bits_per_s": 614_000_000.0,
            "packets": 941_220_113,
            "bytes": 56_473_206_780,
            "sources": 37_623,
            "sources_spoofed": True,
            "sources_are_lower_bound": True,
            "top_sources": [
                {"ip": "198.18.7.1", "packets": 31, "share": 0.00004},
                {"ip": "198.18.9.77", "packets": 30, "share": 0.00004},
                {"ip": "198.19.0.4", "packets": 30, "share": 0.00004},
            ],
            "top_ports": [443],
            "usual_packets_per_s": 14_000.0,
            "handshakes_completed_ratio": 0.004,
        },
        evidence=(
            row(1_204_224, "13:02:11.204 198.18.7.1:40112 > 198.51.100.20:443 TCP SYN, 40 bytes, TTL 241"),
            row(1_204_300, "13:02:11.204 198.18.9.77:1190 > 198.51.100.20:443 TCP SYN, 40 bytes, TTL 241"),
            row(1_204_376, "13:02:11.205 198.19.0.4:62211 > 198.51.100.20:443 TCP SYN, 40 bytes, TTL 241"),
        ),
        meaning=(
            "Many machines opened connections to the bank's web front without ever completing them. Customers could not log in "
            "from 13:02 to 13:17 UTC; two other victims of this partner were hit within the same minute."
        ),
        mitigations=(
            Mitigation("syn_proxy", proxy, match, None, 0.998, 0.0),
            Mitigation("rate_limit", limit, match, 28_000, 0.971, 0.006, shared),
            Mitigation("drop", "Block the sources.", TrafficMatch(), refused=refused),
        ),
        actions=(
            Action(
                "nftables",
                "actions/1-198.51.100.20-syn_flood-5d1c0a77/nftables.nft",
                proxy,
                0.998,
                0.0,
                undo="nft delete table inet tocsin_5d1c0a77_1",
            ),
            *(
                Action(kind, f"actions/2-198.51.100.20-syn_flood-5d1c0a77/{kind}.{ending}", limit, hit, others, note, undo)
                for kind, ending, hit, others, note, undo in (
                    ("nftables", "nft", 0.971, 0.006, shared, "nft delete table inet tocsin_5d1c0a77_2"),
                    ("flowspec_exabgp", "conf", 0.971, 0.006, shared, "Remove the flow block and send ExaBGP SIGUSR1."),
                    ("flowspec_gobgp", "sh", 0.971, 0.006, shared, "sh flowspec_gobgp.sh withdraw"),
                    ("dots", "json", None, None, f"{shared} The provider chooses the filter.", "DELETE the same path."),
                )
            ),
            Action("dots_acl", "", limit, note=shared, refused="A DOTS filter cannot say a packet rate."),
            Action("drop", "", "Block the sources.", refused=refused),
        ),
        series=series(1_204_312.0, 14_000.0),
    )


def udp_flood() -> Finding:
    """UDP flood on the ministry's line: 5.1 Gbit/s."""
    first, last = ONSET + timedelta(seconds=24), END + timedelta(minutes=3)
    return finding(
        f"UDP flood on {MINISTRY}, 17 min, peak 5.1 Gbit/s",
        MINISTRY,
        vector="udp_flood",
        first=first,
        last=last,
        severity=Severity.CRITICAL,
        confidence=95,
        confidence_basis="Because no service of this address speaks UDP, and packets have one size with random ports.",
        attributes={
            "peak_packets_per_s": 438_000.0,
            "peak_bits_per_s": 5.1e9,
            "packets": 401_000_000,
            "bytes": 583_000_000_000,
            "sources": 1_871,
            "sources_spoofed": False,
            "top_sources": [
                {"ip": "198.18.40.2", "packets": 4_100_000, "share": 0.0102, "country": "unknown"},
                {"ip": "198.18.41.9", "packets": 3_900_000, "share": 0.0097, "country": "unknown"},
            ],
        },
        evidence=(row(88_211_040, "13:02:35.001 198.18.40.2:51122 > 192.0.2.10:34012 UDP, 1,456 bytes"),),
        meaning="The ministry's line carries 1 Gbit/s. It was full for 17 minutes, and everything behind it was unreachable.",
        actions=(
            Action(
                "flowspec_exabgp",
                "actions/1-192.0.2.10-udp_flood-77e0b1c2/flowspec_exabgp.conf",
                f"Drop UDP of 1,400 to 1,500 bytes to {MINISTRY}.",
                0.999,
                0.0004,
                undo="exabgpcli withdraw flow route",
            ),
            Action(
                "rtbh",
                "actions/2-192.0.2.10-udp_flood-77e0b1c2/rtbh.conf",
                f"Blackhole {MINISTRY} at the provider.",
                1.0,
                1.0,
                undo="exabgpcli withdraw route",
                note="Last resort: it frees the line for the neighbours and completes the attack on this address.",
            ),
        ),
        series=series(5.1e9, 210e6, onset=first, end=last, seed=2, unit="bits/s"),
    )


def amplification() -> Finding:
    """NTP reflection on the savings bank."""
    first, last = ONSET + timedelta(seconds=51), END - timedelta(minutes=6)
    return finding(
        f"NTP amplification on {SAVINGS}, 8 min, peak 2.2 Gbit/s",
        SAVINGS,
        vector="amplification",
        first=first,
        last=last,
        techniques=("attack:T1498.002",),
        attributes={
            "services": ["ntp"],
            "port": 123,
            "peak_packets_per_s": 571_000.0,
            "peak_bits_per_s": 2.2e9,
            "sources": 812,
            "sources_spoofed": False,
            "top_sources": [{"ip": "198.18.90.11", "packets": 1_204_112, "share": 0.021}],
        },
        evidence=(row(24, "13:03:02 198.18.90.11:123 > 203.0.113.30:80 UDP, 48,212 packets, 23.2 MB", "nfcapd.202202151300"),),
        meaning="Time servers around the world were tricked into answering the bank. They are not the attackers.",
        actions=(
            Action(
                "nftables",
                "actions/1-203.0.113.30-amplification-0b9f33aa/nftables.nft",
                f"Drop UDP from port 123 with over 200 bytes to {SAVINGS}.",
                1.0,
                0.0,
                undo="nft delete table inet tocsin_3",
            ),
        ),
        series=series(571_000.0, 6_200.0, onset=first, end=last, seed=3),
    )


def http_flood() -> Finding:
    """Requests on the bank's login page."""
    first, last = ONSET + timedelta(minutes=2), END + timedelta(minutes=4)
    return finding(
        "HTTP flood on /login of online.bank.example, 18 min, peak 9,200 requests/s",
        BANK,
        vector="http_flood",
        first=first,
        last=last,
        confidence=78,
        techniques=("attack:T1499.002",),
        entities=(Entity("victim", "ip", BANK), Entity("victim", "domain", "online.bank.example")),
        attributes={
            "peak_requests_per_s": 9_200.0,
            "sources": 412,
            "sources_spoofed": False,
            "top_paths": ["/login", "/api/session"],
        },
        evidence=(row(77_120, '198.18.3.3 "POST /login HTTP/1.1" 503 0 "-" "Mozilla/5.0"', "web/access.log.gz"),),
        meaning="412 addresses asked for the login page far more often than people do.",
        mitigations=(
            Mitigation("limit_requests", "Limit requests on /login to 5 per second and address.", TrafficMatch(), 5, 0.94, 0.0),
        ),
        series=series(9_200.0, 90.0, onset=first, end=last, seed=4, unit="requests/s"),
    )


def others() -> tuple[Finding, ...]:
    """What is not an attack or hardly anything: an instant, an IPv6 victim, a scan, backscatter."""
    instant = datetime(2022, 2, 15, 13, 40, 7, tzinfo=UTC)
    return (
        finding(
            "DHCP flood on 192.0.2.0/24, all within 23 ms, 37,841 packets",
            "192.0.2.0/24",
            vector="dhcp_flood",
            first=instant,
            last=instant + timedelta(milliseconds=23),
            severity=Severity.MEDIUM,
            confidence=70,
            attributes={"peak_packets_per_s": 37_841.0, "packets": 37_841, "sources": 1, "sources_spoofed": True},
            entities=(Entity("victim", "prefix", "192.0.2.0/24"),),
            meaning="A machine on the local network asked for 37,841 addresses at once.",
            series=Series(int(instant.timestamp()), 1, "packets/s", (37_841.0,), 4.0),
        ),
        finding(
            f"ICMPv6 flood on {MINISTRY_V6}, 3 min, peak 41,000 packets/s",
            MINISTRY_V6,
            vector="icmpv6_flood",
            first=ONSET + timedelta(minutes=8),
            last=ONSET + timedelta(minutes=11),
            severity=Severity.MEDIUM,
            confidence=66,
            attributes={"peak_packets_per_s": 41_000.0, "sources": 3, "sources_spoofed": False},
            series=Series(
                int((ONSET + timedelta(minutes=7)).timestamp()), 60, "packets/s", (210.0, 41_000.0, 38_100.0, 39_700.0, 190.0)
            ),
        ),
        finding(
            f"Port scan of {MINISTRY} by 198.18.66.6, 1,024 ports",
            MINISTRY,
            vector="port_scan",
            cls=FindingClass.SUSPICIOUS,
            severity=Severity.LOW,
            techniques=("attack:T1046",),
            first=START + timedelta(minutes=1),
            last=START + timedelta(minutes=3),
            entities=(Entity("victim", "ip", MINISTRY), Entity("attacker", "ip", "198.18.66.6")),
            attributes={"packets": 2_048, "sources": 1},
        ),
        finding(
            f"Backscatter: answers to questions {SAVINGS} never asked",
            "",
            vector="backscatter",
            cls=FindingClass.CONTEXT,
            severity=Severity.INFORMATIONAL,
            techniques=(),
            first=START,
            last=END,
            entities=(Entity("source", "ip", SAVINGS),),
            meaning="Somebody attacked another site with your address as forged sender. You were not attacked here.",
        ),
    )


def coverage() -> Coverage:
    """Every status a file can have, and analyzers that ran, did not run, and failed."""
    cut = Fault(SHA[:16], 88_213_504, "expected 1,456 bytes of packet, found the end of the file; the capture is cut off")
    return Coverage(
        (
            EvidenceCoverage(
                SHA[:16],
                "edge-kyiv-01.pcap",
                SHA,
                3_100_000_000,
                "pcap",
                ReadStatus.READ,
                {"network_traffic": 84_112, "network_activity": 1_204_224},
            ),
            EvidenceCoverage(
                "b" * 16, "nfcapd.202202151300", "b" * 64, 88_000_000, "nfdump", ReadStatus.READ, {"network_activity": 912_400}
            ),
            EvidenceCoverage(
                "c" * 16,
                "web/access.log.gz",
                "c" * 64,
                41_200_000,
                "access_log",
                ReadStatus.READ,
                {"http_activity": 2_411_808},
                2,
                (Fault("c" * 16, 1_024, "expected a time in brackets, found 'GET'"),),
            ),
            EvidenceCoverage(
                "d" * 16,
                "day3.pcap",
                "d" * 64,
                88_213_512,
                "pcap",
                ReadStatus.PARTIAL,
                {"network_traffic": 1_024},
                1,
                (cut,),
                "cut off at byte 88,213,504",
            ),
            EvidenceCoverage(
                "e" * 16, "fw-02.log", "e" * 64, 120_331, None, ReadStatus.SKIPPED, reason="no reader knows this format"
            ),
            EvidenceCoverage(
                "f" * 16,
                "mail.zip!bomb.xml",
                "f" * 64,
                1_024,
                None,
                ReadStatus.FAILED,
                reason="unpacks to over 200 times its size; refused",
            ),
        ),
        (
            AnalyzerCoverage("denial_of_service", "1", "ran", findings=7),
            AnalyzerCoverage("slow_http", "1", "not_run", "no row has a duration; log %D or $request_time to see them"),
            AnalyzerCoverage("carpet_bombing", "1", "failed", "PluginError: column dst_endpoint_ip has type int64"),
        ),
        (
            "No partner profile was given: victims are addresses without names.",
            "No country pack is installed: sources have no country.",
        ),
    )


def ministry_and_banks() -> Assessment:
    """The case that shaped the product: a ministry and two banks at once, mixed with ordinary traffic."""
    incident = "01920000-0000-7000-8000-000000000001"
    joined = tuple(replace(found, incident=incident) for found in (syn_flood(), udp_flood(), amplification(), http_flood()))
    return Assessment(
        situation=(
            "Three victims of this partner, a ministry and two banks, have been under denial of service since 13:02:11 UTC on "
            "15 February 2022. The heaviest parts are a SYN flood of 1.2 million packets/s and a UDP flood of 5.1 Gbit/s; the "
            "HTTP flood on the bank's login page ran longest, until 13:20:40. Rules for all four parts are ready; the SYN flood's "
            "sources are forged, so blocking them would not help."
        ),
        incidents=(
            Incident(
                incident,
                "Denial of service on three victims at once",
                FindingClass.ATTACK,
                Severity.CRITICAL,
                ONSET,
                END + timedelta(minutes=4),
                (BANK, MINISTRY, SAVINGS),
                tuple(found.id for found in joined),
            ),
        ),
        findings=(*joined, *others()),
        coverage=coverage(),
        versions={"tocsin": "0.1.0", "python": "3.11.2", "duckdb": "2.0.0"},
        tlp=Tlp.AMBER_STRICT,
        partner="Ministry of Defence and two banks",
    )


def nothing_found() -> Assessment:
    """Files were read, one in part, one not at all; no analyzer claims anything."""
    whole = coverage()
    return Assessment(
        "No attack was found in what could be read. Two of six files were not read, one only in part. "
        "What was not looked at is listed.",
        (),
        (),
        replace(whole, analyzers=(AnalyzerCoverage("denial_of_service", "1", "ran"), *whole.analyzers[1:2])),
        {"tocsin": "0.1.0"},
        Tlp.GREEN,
    )


def all_failed() -> Assessment:
    """Nothing could be read, so nothing ran."""
    failed = tuple(
        replace(one, status=ReadStatus.FAILED, reader=None, rows={}, faults=0, fault_samples=(), reason="permission denied")
        for one in coverage().evidence
    )
    not_run = (AnalyzerCoverage("denial_of_service", "1", "not_run", "no table it reads has rows"),)
    return Assessment(
        "None of 6 files could be read, so nothing can be said.",
        (),
        (),
        Coverage(failed, not_run),
        {"tocsin": "0.1.0"},
        Tlp.RED,
    )


def hostile() -> Assessment:
    """Hostile strings wherever evidence, file names or attributes can bring them, and values of the wrong kind."""
    evil = " ".join(HOSTILE)
    rows = tuple(row(number, text, name=text) for number, text in enumerate(HOSTILE))
    attributes = {
        "vector": HOSTILE[0],
        "services": list(HOSTILE),
        "peak_packets_per_s": float("nan"),
        "peak_bits_per_s": "many",
        "packets": None,
        "sources": float("inf"),
        "top_sources": [{"ip": evil, "packets": None, "share": "all"}, HOSTILE[1], None],
        "top_ports": "none",
        "reason": list(HOSTILE),
        HOSTILE[0]: {"nested": [evil, {"deep": [1, [2, [3, [4]]]]}]},
        "flag": True,
        "long": "x" * 5_000,
    }
    bad = finding(
        evil,
        evil,
        severity=Severity.FATAL,
        confidence_basis=evil,
        techniques=(HOSTILE[0], "attack:T9999"),
        attributes=attributes,
        evidence=rows,
        meaning=evil,
        parameters={HOSTILE[0]: evil},
        actions=(Action(evil, f"actions/{evil}", evil, 0.5, 0.5, evil, evil), Action("drop", "", evil, refused=evil)),
        series=Series(int(START.timestamp()), 1, HOSTILE[0], (1.0, float("nan"), float("inf"), -5.0, 7.0), float("nan")),
        analyzer=evil,
        related=(evil,),
    )
    incident = Incident(evil, evil, FindingClass.ATTACK, Severity.FATAL, None, None, (evil,), (bad.id,))
    files = tuple(
        EvidenceCoverage(text, text, text, 1, text, ReadStatus.PARTIAL, {text: 1}, 1, (Fault(text, 0, text),), text)
        for text in HOSTILE
    )
    analyzers = tuple(AnalyzerCoverage(text, text, text, text) for text in HOSTILE)
    return Assessment(
        evil,
        (incident,),
        (replace(bad, incident=incident.id),),
        Coverage(files, analyzers, HOSTILE),
        {HOSTILE[0]: evil},
        Tlp.RED,
        evil,
    )
