"""ExaBGP's own parser over our files: accepted or not, and what it would put on the wire."""

import subprocess
import sys
from pathlib import Path
from typing import Any

VALIDATE = [sys.executable, "-m", "exabgp", "validate", "-n"]


def validate(files: list[Path]) -> subprocess.CompletedProcess[str]:
    """``exabgp validate -n`` on all files at once; the first that is refused ends it."""
    return subprocess.run([*VALIDATE, *map(str, files)], capture_output=True, text=True, check=False)


def changes(file: Path) -> list[Any]:
    """The routes of every neighbour of a configuration; raises where ExaBGP refuses it."""
    from exabgp.configuration.configuration import Configuration
    from exabgp.environment import getenv
    from exabgp.logger import log

    log.init(getenv())
    configuration = Configuration([str(file)])
    assert configuration.reload(), str(configuration.error)
    return [change for neighbor in configuration.neighbors.values() for change in neighbor.changes]
