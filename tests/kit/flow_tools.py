"""Other programs' readings of flow exports: nfcapd and nfdump, tshark, softflowd as an exporter. All on this machine alone."""

import json
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kit.flow_exports import capture

needs_nfdump = pytest.mark.skipif(not (shutil.which("nfdump") and shutil.which("nfcapd")), reason="nfdump is not installed")
needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
needs_softflowd = pytest.mark.skipif(not shutil.which("softflowd"), reason="softflowd is not installed")

_PATIENCE_S = 10.0


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def nfcapd(payloads: Iterable[bytes], folder: Path, *options: str) -> Path:
    """The file nfcapd writes when it is sent these payloads over the loopback."""
    port = _free_port()
    log = folder / "nfcapd.log"
    with log.open("wb") as out:
        collector = subprocess.Popen(
            ["nfcapd", "-p", str(port), "-b", "127.0.0.1", "-w", str(folder), "-t", "3600", *options],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + _PATIENCE_S
        while b"Startup" not in log.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for payload in payloads:
                sender.sendto(payload, ("127.0.0.1", port))
                time.sleep(0.001)
        time.sleep(0.2)
        collector.send_signal(signal.SIGTERM)
        collector.wait(_PATIENCE_S)
    files = sorted(folder.glob("nfcapd.2*"))
    assert files, log.read_text()
    return files[0]


def nfdump(path: Path) -> list[dict[str, Any]]:
    """The flows of a file as nfdump's own JSON tells them."""
    done = subprocess.run(
        ["nfdump", "-r", path, "-o", "json"], capture_output=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"}
    )
    text = done.stdout.decode()
    return [] if "No matching flows" in text else json.loads(text)


def tshark(payloads: Iterable[bytes], folder: Path, fields: Iterable[str], *, port: int = 2055) -> list[list[str]]:
    """What tshark says of each payload, field by field; several values of one field are joined by commas."""
    path = folder / "tshark.pcap"
    path.write_bytes(capture(payloads, port=port))
    return tshark_capture(path, fields, port=port, home=folder)


def tshark_capture(path: Path, fields: Iterable[str], *, port: int, home: Path) -> list[list[str]]:
    """The same for each packet of a capture, in two passes, so that templates may come after their data."""
    decode = "sflow" if port == 6343 else "cflow"
    command = ["tshark", "-2", "-r", path, "-d", f"udp.port=={port},{decode}", "-T", "fields", "-E", "separator=|"]
    done = subprocess.run(
        [*command, *(part for field in fields for part in ("-e", field))],
        capture_output=True,
        check=True,
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": str(home)},
    )
    return [line.split("|") for line in done.stdout.decode().splitlines()]


def element_names(template: bytes, folder: Path) -> dict[int, str]:
    """The name tshark gives each element of a template message."""
    path = folder / "tshark.pcap"
    path.write_bytes(capture([template]))
    done = subprocess.run(
        ["tshark", "-r", path, "-d", "udp.port==2055,cflow", "-V"],
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )
    return {int(number): name for name, number in re.findall(r"Type: (.+) \((\d+)\)", done.stdout.decode())}


def softflowd(trace: Path, *options: str) -> list[bytes]:
    """The payloads softflowd exports for a capture."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(0.5)
        collector.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        target = f"127.0.0.1:{collector.getsockname()[1]}"
        subprocess.run(["softflowd", "-r", trace, "-n", target, *options], capture_output=True, check=True, timeout=30)
        payloads = []
        while True:
            try:
                payloads.append(collector.recv(65535))
            except TimeoutError:
                return payloads
