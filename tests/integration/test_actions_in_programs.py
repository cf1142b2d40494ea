"""What we write for nginx, HAProxy, Apache and GoBGP is loaded by the real programs, and does there what its header says."""

import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kit import netns, servers
from kit.findings import HOSTILE_TEXT, all_findings, hostile, http_flood, mitigation, ntp_amplification, suited
from kit.flowspec import from_gobgp_json, random_cases
from kit.wire import matches
from tocsin.exporters.actions import flowspec_gobgp, web_limits
from tocsin.exporters.actions._flowspec import rate_bytes_per_s
from tocsin.model import Finding, Mitigation

LISTED = ("198.51.100.0/24", "2001:db8:bad::/48")
LIMITS = {
    "requests": mitigation("limit_requests", 10),
    "connections": mitigation("limit_connections", 20),
    "requests of listed clients": mitigation("limit_requests", 10, src=LISTED),
    "connections of listed clients": mitigation("limit_connections", 20, src=LISTED),
    "requests of many listed clients": mitigation(
        "limit_requests", 10, src=tuple(f"203.0.113.{n}/32" for n in range(0, 250, 2))
    ),
}
EDGES = (1, web_limits.CONNECTIONS_MAX, web_limits.RATE_MAX)
CHECK = {"nginx": ["-t"], "haproxy": ["-c"], "apache": ["-t"]}
PROGRAMS = {"nginx": "nginx", "haproxy": "haproxy", "apache": "apache2"}
PACKAGES = {"apache2": "apache2-bin"}
WRITERS = {"nginx": web_limits.NGINX, "haproxy": web_limits.HAPROXY, "apache": web_limits.APACHE}
SET_UP: dict[str, Callable[[Path, Path, int], list[str]]] = {
    "nginx": servers.nginx,
    "haproxy": servers.haproxy,
    "apache": servers.apache,
}


def needed(name: str) -> None:
    """Skip, and say what is missing, where the program is not installed."""
    program = PROGRAMS.get(name, name)
    if not shutil.which(program):
        pytest.skip(
            f"NOT RUN: {program} is not installed, so nobody but us has read its files; apt install {PACKAGES.get(program, program)}"
        )
    if name == "apache":
        missing = [file for file in servers.APACHE_EXTRA.values() if not (servers.APACHE_MODULES / file).exists()]
        if missing:
            pytest.skip(f"NOT RUN: {', '.join(missing)} missing; apt install libapache2-mod-evasive libapache2-mod-qos")


def command(name: str, finding: Finding, one: Mitigation, folder: Path, port: int) -> list[str]:
    ours = folder / "ours.conf"
    ours.write_text(WRITERS[name].render(finding, one))
    return SET_UP[name](ours, folder, port)


@pytest.mark.parametrize("name", WRITERS)
def test_every_limit_passes_the_servers_own_check(name: str, tmp_path: Path) -> None:
    needed(name)
    checked = 0
    for one in [*LIMITS.values(), *(replace(one, rate_per_s=rate) for one in LIMITS.values() for rate in EDGES)]:
        for finding in (http_flood(), *(hostile(http_flood(), text) for text in HOSTILE_TEXT)):
            if not WRITERS[name].why_not(finding, one):
                words = [*command(name, finding, one, tmp_path, 8080), *CHECK[name]]
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                assert done.returncode == 0, (one, done.stdout + done.stderr)
                assert "warn" not in done.stderr.lower(), done.stderr
                checked += 1
    assert checked > 10


@pytest.mark.parametrize("name", WRITERS)
def test_a_flood_is_refused_and_a_visitor_served(name: str, tmp_path: Path) -> None:
    needed(name)
    port = servers.free_port()
    with servers.running(command(name, http_flood(), mitigation("limit_requests", 1), tmp_path, port), port):
        visitor = servers.statuses(port, 15)
        flood = servers.statuses(port, 60)
    assert set(visitor) == {200}
    assert flood[-1] == {"nginx": 429, "haproxy": 429, "apache": 403}[name]
    assert sum(status == 200 for status in flood) < 30


@pytest.mark.parametrize("name", ["nginx", "haproxy"])
def test_who_is_not_listed_is_not_limited(name: str, tmp_path: Path) -> None:
    needed(name)
    for src, refused in ((LISTED, False), (("127.0.0.0/8",), True)):
        port = servers.free_port()
        one = mitigation("limit_requests", 1, src=src)
        with servers.running(command(name, http_flood(), one, tmp_path, port), port):
            assert (429 in servers.statuses(port, 60)) == refused, src


def gobgp_here() -> None:
    needed("gobgpd")
    if netns.command() is None:
        pytest.skip("NOT RUN: no network namespace is to be had here for gobgpd")


def test_gobgp_understands_exactly_the_packets_that_match(tmp_path: Path) -> None:
    gobgp_here()
    finding = ntp_amplification()
    cases = random_cases(9, 40, lambda one: not flowspec_gobgp.FLOWSPEC_GOBGP.why_not(finding, one))
    scripts = []
    for number, (one, _) in enumerate(cases):
        scripts.append(tmp_path / f"{number}.sh")
        scripts[-1].write_text(flowspec_gobgp.render(finding, one))
    for (one, packets), (added, left) in zip(cases, servers.gobgp(scripts, tmp_path), strict=True):
        assert left == []
        routes = [from_gobgp_json(path) for path in added]
        assert routes
        assert {rate for _, rate in routes} == {0}
        for packet in packets:
            assert any(route.matches(packet) for route, _ in routes) == matches(one.match, packet), (one.match, packet)


def test_gobgp_takes_every_script_of_our_findings_and_limits_to_the_rate_told(tmp_path: Path) -> None:
    gobgp_here()
    suitable = list(suited(flowspec_gobgp.FLOWSPEC_GOBGP, all_findings(), "drop", "rate_limit"))
    suitable += [
        (finding, one) for base, _ in suitable[:1] for text in HOSTILE_TEXT for finding in [hostile(base, text)] for one in finding.mitigations
        if not flowspec_gobgp.FLOWSPEC_GOBGP.why_not(finding, one) and one.effect in ("drop", "rate_limit")
    ]  # fmt: skip
    random.Random(1).shuffle(suitable)
    scripts = []
    for number, (finding, one) in enumerate(suitable):
        scripts.append(tmp_path / f"{number}.sh")
        scripts[-1].write_text(flowspec_gobgp.render(finding, one))
    for (finding, one), (added, left) in zip(suitable, servers.gobgp(scripts, tmp_path), strict=True):
        wanted = 0 if one.effect == "drop" else rate_bytes_per_s(finding, one)
        assert {from_gobgp_json(path)[1] for path in added} == {wanted}
        assert left == []
    assert {one.effect for _, one in suitable} == {"drop", "rate_limit"}
