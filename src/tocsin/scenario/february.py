"""15 February 2022, retold with invented names: a ministry of defence and two banks under attack within minutes.

After the public accounts of that day: direct SYN floods at moderate rates from real hosts, UDP floods, some NTP reflection and
"an excessive number of requests", mixed with everyday traffic. Rates are scaled down to what a laptop writes in seconds.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tocsin.scenario.build import Scenario, capture_piece, flow_piece, play_site, truth_of, web_log_piece
from tocsin.scenario.capture import CaptureFormat
from tocsin.scenario.flows import FlowExport
from tocsin.scenario.stage import Site, Stage
from tocsin.scenario.truth import Attack
from tocsin.terms import Vector

NAME = "february-2022"
DURATION_S = 900.0
ORDINARY_PPS = 80.0
SAMPLING = 10

MINISTRY = Site(
    "ministry",
    "Ministry of Defence of Exemplia",
    "192.0.2.0/24",
    "2001:db8:100::/48",
    "mod.gov.example",
    "Public administration",
)
BANK_ONE = Site(
    "bank-one", "First Savings Bank of Exemplia", "198.51.100.0/24", "2001:db8:200::/48", "firstsavings.example", "Banking", 110
)
BANK_TWO = Site("bank-two", "Exemplian Commercial Bank", "203.0.113.0/24", "2001:db8:300::/48", "commercial.example", "Banking")

_WAVES: tuple[tuple[Site, tuple[Attack, ...]], ...] = (
    (
        MINISTRY,
        (
            Attack(Vector.SYN_FLOOD, 132, 420, 480, sources=420),
            Attack(Vector.HTTP_FLOOD, 205, 330, 220, sources=260, variant="tls"),
            Attack(Vector.AMPLIFICATION, 300, 110, 220, sources=180, port=443, services=("ntp",)),
        ),
    ),
    (
        BANK_ONE,
        (
            Attack(Vector.SYN_FLOOD, 158, 460, 400, sources=380),
            Attack(Vector.UDP_FLOOD, 240, 150, 320, sources=300, variant="random_ports"),
            Attack(Vector.HTTP_FLOOD, 190, 360, 200, sources=240, variant="tls"),
        ),
    ),
    (
        BANK_TWO,
        (
            Attack(Vector.SYN_FLOOD, 171, 400, 400, sources=350),
            Attack(Vector.HTTP_FLOOD, 262, 300, 240, sources=280, variant="query"),
        ),
    ),
)


def february_2022(
    *, seed: int, start: datetime, duration_s: float = DURATION_S, ordinary_pps: float = ORDINARY_PPS
) -> Scenario:
    """Three sites in one scenario: captures of two, the provider's sampled NetFlow and web-server logs of all three."""
    played = []
    label = 1
    for site, attacks in _WAVES:
        stage = Stage.set(site, seed=seed, start=start, duration_s=duration_s)
        present = [replace(attack, botnet=NAME) for attack in attacks if attack.start_s < duration_s]
        played.append(play_site(stage, present, ordinary_pps=ordinary_pps, first_label=label))
        label += len(present)
    ministry, bank_one, bank_two = played
    pieces = (
        capture_piece("ministry-edge.pcap", ministry, CaptureFormat(snaplen=128)),
        capture_piece("bank-one-tap.pcapng", bank_one, CaptureFormat(pcapng=True, nanoseconds=True, snaplen=96)),
        flow_piece("provider-netflow9.pcap", played, FlowExport(9, sampling=SAMPLING), seed=seed),
        web_log_piece("ministry-access.log", ministry, "nginx"),
        web_log_piece("bank-one-u_ex220215.log", bank_one, "iis"),
        web_log_piece("bank-two-access.json", bank_two, "json"),
    )
    return Scenario(NAME, truth_of(NAME, seed, start, duration_s, played, pieces), pieces, partner())


def partner() -> Mapping[str, Any]:
    """The partner profile: the state whose ministry and banks these are."""
    sites = [site for site, _ in _WAVES]
    return {
        "name": "Exemplia",
        "organisations": [{"id": site.name, "name": site.title, "sector": site.sector, "country": "XX"} for site in sites],
        "networks": [{"prefix": prefix, "organisation": site.name} for site in sites for prefix in site.inside],
        "assets": [asset for site in sites for asset in _assets(site)],
        "domains": [site.domain for site in sites],
    }


def _assets(site: Site) -> list[dict[str, Any]]:
    what = "Online banking" if site.sector == "Banking" else "Public web site"
    return [
        {
            "id": f"{site.name}-web", "name": f"{what}, www.{site.domain}", "organisation": site.name,
            "addresses": [site.web, site.web_v6], "hostnames": [f"www.{site.domain}"], "criticality": "critical", "owner": "web operations",
        },
        {
            "id": f"{site.name}-mail", "name": f"Mail, mail.{site.domain}", "organisation": site.name,
            "addresses": [site.mail], "criticality": "high", "owner": "IT operations",
        },
        {
            "id": f"{site.name}-dns", "name": f"Name server of {site.domain}", "organisation": site.name,
            "addresses": [site.name_server], "criticality": "high", "owner": "IT operations",
        },
    ]  # fmt: skip
