"""What the tests of scenarios share: a stage, and tshark as the judge of what we write."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.scenario.stage import Site, Stage

_CHECKS = ("ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE")
_BROKEN = (
    "_ws.malformed || ip.checksum.status == Bad || tcp.checksum.status == Bad || udp.checksum.status == Bad"
    " || icmp.checksum.status == Bad || icmpv6.checksum.status == Bad"
)


@pytest.fixture
def stage() -> Stage:
    """Ten seconds at the default site."""
    return Stage.set(Site(), seed=5, duration_s=10)


@pytest.fixture(scope="session")
def tshark() -> Callable[..., list[str]]:
    """Lines that tshark prints for a capture: frames that a display filter shows, or fields of them."""
    program = shutil.which("tshark")
    if program is None:
        pytest.skip("NOT RUN: tshark is missing, so nobody but us has checked these captures")

    def run(path: Path, shown: str = "", *fields: str) -> list[str]:
        command = [program, "-n", "-r", str(path)]
        for check in _CHECKS:
            command += ["-o", check]
        if shown:
            command += ["-Y", shown]
        if fields:
            command += ["-T", "fields", *(part for field in fields for part in ("-e", field))]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    return run


@pytest.fixture(scope="session")
def broken(tshark: Callable[..., list[str]]) -> Callable[[Path], list[str]]:
    """Frames of a capture that tshark finds malformed or whose checksum is wrong."""
    return lambda path: tshark(path, _BROKEN)
