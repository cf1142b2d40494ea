"""The real web servers and the real GoBGP over our files, each with nothing but its own folder and the loopback device."""

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kit import netns

WAIT_S = 20.0
APACHE_MODULES = Path("/usr/lib/apache2/modules")
_APACHE_PLAIN = ("mpm_event", "authz_core", "reqtimeout")
APACHE_EXTRA = {"evasive20_module": "mod_evasive20.so", "qos_module": "mod_qos.so"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def nginx(ours: Path, folder: Path, port: int) -> list[str]:
    """The command of an nginx whose ``http`` block has our file in it."""
    (folder / "page").write_text("hello")
    own = folder / "nginx.conf"
    temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    own.write_text(
        f"daemon off; {'user root; ' if os.geteuid() == 0 else ''}pid {folder}/pid; error_log stderr;\nevents {{ }}\n"
        f"http {{ access_log off; {temporary}\n include {ours};\n"
        f" server {{ listen 127.0.0.1:{port}; root {folder}; }}\n}}\n"
    )
    return ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(own)]


def haproxy(ours: Path, folder: Path, port: int) -> list[str]:
    """The command of an HAProxy with our backend, and the lines that we give as comments in its frontend."""
    lines = ours.read_text().splitlines()
    given = [line.removeprefix("#     ") for line in lines[lines.index("# In the frontend:") + 1 :]]
    own = folder / "haproxy.cfg"
    own.write_text(
        "defaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n"
        f"frontend web\n    bind 127.0.0.1:{port}\n"
        + "".join(f"    {line}\n" for line in given)
        + '    http-request return status 200 content-type text/plain string "hello"\n'
        + ours.read_text()
    )
    return ["haproxy", "-f", str(own)]


def apache(ours: Path, folder: Path, port: int) -> list[str]:
    """The command of an Apache with our file, and with all the modules that it names."""
    (folder / "page").write_text("hello")
    modules = [(f"{name}_module", f"mod_{name}.so") for name in _APACHE_PLAIN] + list(APACHE_EXTRA.items())
    own = folder / "apache.conf"
    own.write_text(
        # Debian 12: mod_qos uses libpcre without being linked to it.
        "".join(f"LoadFile {path}\n" for path in Path("/usr/lib").glob("*/libpcre.so.3"))
        + "".join(f"LoadModule {name} {APACHE_MODULES / file}\n" for name, file in modules)
        + f"ServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/pid\nErrorLog {folder}/errors\n"
        f"Listen 127.0.0.1:{port}\nServerName localhost\nDocumentRoot {folder}\nStartServers 1\nServerLimit 1\nMaxRequestWorkers 25\n"
        f"<Directory {folder}>\n    Require all granted\n</Directory>\nInclude {ours}\n"
    )
    return ["apache2", "-f", str(own)]


@contextlib.contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """The server, in the foreground, from when it answers connections until the block ends."""
    words = [*command, "-DFOREGROUND"] if command[0] == "apache2" else command
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            until = time.monotonic() + WAIT_S
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert server.poll() is None, server.stderr and server.stderr.read()
                    assert time.monotonic() < until, "the server does not answer"
                    time.sleep(0.05)
            yield
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()


def statuses(port: int, requests: int) -> list[int]:
    """Status of each of so many requests, as fast as they can be made, each on a connection of its own."""
    told = []
    for _ in range(requests):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/page", timeout=5) as answer:
                told.append(answer.status)
        except urllib.error.HTTPError as refused:
            told.append(refused.code)
            refused.close()
    return told


GOBGPD = """
ip link set lo up
gobgpd -f "$1/gobgpd.conf" > "$1/log" 2>&1 &
daemon=$!
trap 'kill $daemon' EXIT
for n in $(seq 100); do gobgp global > /dev/null 2>&1 && break; sleep 0.1; done
shown() { for family in ipv4 ipv6; do gobgp global rib -a $family-flowspec -j; done; }
shift
for script; do sh "$script" add >&2 || exit 1; shown; sh "$script" del >&2 || exit 1; shown; done
"""


def gobgp(scripts: list[Path], folder: Path) -> list[tuple[list[Any], list[Any]]]:
    """Routes that a real GoBGP has after ``add`` and after ``del`` of each script, one script after the other."""
    (folder / "gobgpd.conf").write_text('[global.config]\nas = 64512\nrouter-id = "192.0.2.1"\nport = -1\n')
    words = [*(netns.command() or []), "sh", "-c", GOBGPD, "sh", str(folder), *map(str, scripts)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [list(json.loads(line).values()) for line in done.stdout.splitlines()]
    routes = [[path for paths in four + six for path in paths] for four, six in zip(told[::2], told[1::2], strict=True)]
    return list(zip(routes[::2], routes[1::2], strict=True))
