"""A network namespace of our own, in which nftables files are loaded into the real kernel and packets sent at them.

Run as a program inside ``unshare``; `count` does that. Nothing outside the namespace is touched.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ETHERTYPES = {4: b"\x08\x00", 6: b"\x86\xdd"}
PROBE = """
table inet probe {
    counter arrived { }
    chain first {
        type filter hook prerouting priority -500; policy accept;
        iifname veth1 counter name arrived
    }
}
"""
WAIT_S = 2.0


def command() -> list[str] | None:
    """How to enter a fresh namespace where nft may work; None where this machine does not let us."""
    if not shutil.which("unshare") or not shutil.which("nft"):
        return None
    for options in (["-n"], ["-rn"]):
        attempt = ["unshare", *options]
        if subprocess.run([*attempt, "nft", "list", "ruleset"], capture_output=True, check=False).returncode == 0:
            return attempt
    return None


def check(files: list[Path]) -> subprocess.CompletedProcess[str]:
    """``nft -c -f`` on each file, the first failure ends it; ``stderr`` says where."""
    script = 'for file do nft -c -f "$file" || { echo "$file" >&2; exit 1; }; done'
    return subprocess.run(
        [*(command() or []), "sh", "-c", script, "sh", *map(str, files)], capture_output=True, text=True, check=False
    )


def count(cases: list[tuple[str, str, list[bytes]]]) -> list[int]:
    """Per case (table name, nftables text, IP packets): packets its counters saw; in one namespace, one after the other."""
    given = json.dumps([[table, text, [packet.hex() for packet in packets]] for table, text, packets in cases])
    done = subprocess.run(
        [*(command() or []), sys.executable, __file__], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


SERVER = (
    "import socket\ns = socket.create_server(('{}', {}))\nprint('up', flush=True)\nc, _ = s.accept()\nc.sendall(c.recv(9) * 2)"
)
SYSCTL = ("net.ipv4.tcp_syncookies=1", "net.ipv4.tcp_timestamps=1", "net.netfilter.nf_conntrack_tcp_loose=0")


def talk(text: str, address: str, port: int) -> str:
    """What a server behind this SYN proxy file answers to ``hello`` over a real connection; ``hellohello`` if it works."""
    given = json.dumps([text, address, port])
    words = [*(command() or []), sys.executable, __file__, "talk"]
    done = subprocess.run(words, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _talk() -> None:
    text, address, port = json.load(sys.stdin)
    with subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 30"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        inside = ["nsenter", "-t", str(holder.pid), "-n"]
        try:
            _run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
            _run("ip", "link", "set", "veth1", "netns", str(holder.pid))
            for where, name, own, route in (([], "veth0", "198.51.100.1", address), (inside, "veth1", address, "198.51.100.1")):
                _run(*where, "ip", "link", "set", "lo", "up")
                _run(*where, "ip", "address", "add", own, "dev", name)
                _run(*where, "ip", "link", "set", name, "up")
                _run(*where, "ip", "route", "add", route, "dev", name)
            _run(*inside, "nft", "-f", "-", given=text)
            _run(*inside, "sysctl", "-qw", *SYSCTL)
            server = [*inside, sys.executable, "-c", SERVER.format(address, port)]
            with subprocess.Popen(server, stdout=subprocess.PIPE) as serving:
                assert serving.stdout
                serving.stdout.readline()
                with socket.create_connection((address, port), timeout=5) as connection:
                    connection.sendall(b"hello")
                    sys.stdout.write(connection.recv(99).decode())
        finally:
            holder.kill()


def _run(*words: str, given: str | None = None) -> str:
    return subprocess.run(words, input=given, capture_output=True, text=True, check=True).stdout


def _main() -> None:
    _run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
    # No router solicitations and the like: only our packets are counted.
    for name in ("veth0", "veth1"):
        Path(f"/proc/sys/net/ipv6/conf/{name}/addr_gen_mode").write_text("1")
        _run("ip", "link", "set", name, "up")
    mac = _mac()
    _run("nft", "-f", "-", given=PROBE)
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind(("veth0", 0))
    result = []
    seen = 0
    for table, text, packets in json.load(sys.stdin):
        _run("nft", "-f", "-", given=text)
        for packet in map(bytes.fromhex, packets):
            sender.send(mac + bytes(6) + ETHERTYPES[packet[0] >> 4] + packet)
        seen += len(packets)
        _wait(seen)
        rules = json.loads(_run("nft", "-j", "list", "table", "inet", table))["nftables"]
        result.append(sum(_counters(rules)))
        _run("nft", "delete", "table", "inet", table)
    json.dump(result, sys.stdout)


def _mac() -> bytes:
    # /sys shows the namespace it was mounted in, so ask netlink.
    return bytes.fromhex(json.loads(_run("ip", "-j", "link", "show", "veth1"))[0]["address"].replace(":", ""))


def _wait(packets: int) -> None:
    until = time.monotonic() + WAIT_S
    while True:
        listed = json.loads(_run("nft", "-j", "list", "counter", "inet", "probe", "arrived"))["nftables"]
        seen = next(entry["counter"]["packets"] for entry in listed if "counter" in entry)
        if seen >= packets:
            return
        assert time.monotonic() < until, f"{seen} of {packets} packets arrived"


def _counters(listed: list[dict[str, Any]]) -> list[int]:
    expressions = [part for entry in listed if "rule" in entry for part in entry["rule"]["expr"]]
    return [part["counter"]["packets"] for part in expressions if "counter" in part]


if __name__ == "__main__":
    _talk() if "talk" in sys.argv else _main()
