"""Runs a command against a PostgreSQL server of its own, which is gone afterwards.

python tests/kit/postgresql.py pytest tests/ops

The server listens on loopback on a free port; the command finds it in DATABASE_URL. As root the server runs as the user
``postgres``, since it refuses to run as root.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def binaries() -> Path | None:
    """The folder of the newest server installed: Debian's, or the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A running server; yields its URL."""
    folder = binaries()
    if folder is None:
        raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="tocsin-postgresql-") as scratch:
        data, words = Path(scratch, "data"), Path(scratch, "password")
        words.write_text(password)
        if as_postgres:
            for path in (Path(scratch), words):
                shutil.chown(path, "postgres")

        def run(*command: object) -> None:
            subprocess.run([*as_postgres, *map(str, command)], check=True, stdout=subprocess.DEVNULL)

        run(
            folder / "initdb",
            "-D",
            data,
            "-U",
            "tocsin",
            "-A",
            "scram-sha-256",
            f"--pwfile={words}",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {scratch} -c max_connections=200"
        run(folder / "pg_ctl", "-D", data, "-l", Path(scratch, "log"), "-w", "-o", options, "start")
        try:
            yield f"postgresql://tocsin:{password}@127.0.0.1:{port}/postgres"
        finally:
            run(folder / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop")


def main() -> int:
    """Run the command given, and pass on how it ended."""
    with server() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
