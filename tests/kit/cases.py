"""Small evidence and runs of the real command on it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tocsin.scenario import build, write

COMMAND = (sys.executable, "-c", "from tocsin.cli import main; main()")


def small_evidence(folder: Path) -> Path:
    """A capture with a SYN flood and an access log, a second or two to assess."""
    write(
        build("vector:syn_flood", seed=5, duration_s=12, ordinary_pps=40, rate_pps=1500, evidence=("pcap", "combined")), folder
    )
    return folder / "evidence"


def tocsin(
    *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, check=False)


def contents(case: Path) -> dict[str, bytes]:
    """What a case says: findings, reports, actions, exchange and manifest, by path."""
    names = ["findings.json", "report.html", "report.pdf", "case.json"]
    found = [case / name for name in names] + sorted((case / "actions").rglob("*")) + sorted((case / "exchange").rglob("*"))
    return {path.relative_to(case).as_posix(): path.read_bytes() for path in found if path.is_file()}
