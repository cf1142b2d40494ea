"""Packets per CPU second beside other tools, on the same capture in the same run. Prints ratios; asserts nothing.

make bench
python bench/peers.py --nfstream-python /tmp/nfs/bin/python    with nfstream, which wants an environment of its own:
    python3 -m venv /tmp/nfs && /tmp/nfs/bin/pip install nfstream

Peers are charged for the user and system time of their whole process; they start in no time. Our series is measured in a child
after one warm-up call, and our start-up is told apart, since it is paid once per run and not per file. Slow tools get the first
packets only (column "packets"). Every figure is the best of several: on a shared machine the others say what else it was doing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tocsin.scenario import CaptureFormat, flood_mix, write_capture

OURS = Path(__file__).with_name("ours.py")
NFSTREAM = (
    "import sys, nfstream\nif __name__ == '__main__':\n    print(sum(1 for _ in nfstream.NFStreamer(source=sys.argv[1])))"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table. ``does``: what the tool makes of the packets in this time."""

    name: str
    does: str
    packets: int
    cpu_s: float
    wall_s: float

    @property
    def per_cpu_s(self) -> float:
        return self.packets / self.cpu_s


def charge(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a command, its own children included."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read(2000).decode("utf-8", "replace").strip()
            raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}: {text}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - began


def ours(*arguments: str) -> dict[str, float]:
    """Run ``bench/ours.py`` in a child."""
    done = subprocess.run([sys.executable, str(OURS), *arguments], check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def own_figures(folder: Path, packets: int, few: int, repeat: int) -> list[Measured]:
    """Ours: the series on both formats with one thread and two, the whole reader, and dpkt as its plain counterpart."""
    rows, start_s = [], 0.0
    for suffix in ("pcap", "pcapng"):
        path = str(folder / f"all.{suffix}")
        for threads in (1, 2):
            got = ours("series", path, "--threads", str(threads), "--repeat", str(repeat))
            name = f"Tocsin series, {suffix}, {threads} thread{'s' if threads > 1 else ''}"
            rows.append(Measured(name, "packets, bytes by destination, second, kind", packets, got["cpu_s"], got["wall_s"]))
            start_s = got["start_s"]
        whole = min((ours("read", path) for _ in range(repeat)), key=lambda one: one["cpu_s"])
        does = "series, two-way flows, sample, web requests"
        rows.append(Measured(f"Tocsin reader, {suffix}", does, packets, whole["cpu_s"], whole["wall_s"]))
    print(f"start-up of our process (imports, compiled kernels from the cache): {start_s:.2f} s, not in the figures\n")
    got = ours("dpkt", str(folder / "few.pcap"))
    return [*rows, Measured("dpkt", "packets by destination, second", few, got["cpu_s"], got["wall_s"])]


def peer_figures(folder: Path, packets: int, few: int, repeat: int, nfstream: Path | None) -> list[Measured]:
    """The peers that are installed; of the others it is said that they are missing."""
    capture, short, out = str(folder / "all.pcap"), str(folder / "few.pcap"), folder / "out"
    peers: list[tuple[str, str, str, int, list[str]]] = [
        ("tcpdump", "tcpdump copy", "reads and writes records", packets, ["-r", capture, "-w", str(out / "copy.pcap")]),
        ("nfpcapd", "nfpcapd", "one-way flows, exact", packets, ["-r", capture, "-l", str(out)]),
        ("softflowd", "softflowd", "two-way flows, exported", packets, ["-r", capture, "-d", "-n", "127.0.0.1:9"]),
        ("argus", "argus", "two-way flows, states, jitter", packets, ["-r", capture, "-w", str(out / "argus")]),
        ("tshark", "tshark -z conv,ip", "full dissection, conversations", few, ["-n", "-q", "-r", short, "-z", "conv,ip"]),
    ]
    rows = []
    for program, name, does, count, arguments in peers:
        path = shutil.which(program)
        if path is None:
            print(f"!! {program} is not installed: NOT MEASURED (Debian package of the same name, nfpcapd is in nfdump)")
            continue
        rows.append(best(name, does, count, [path, *arguments], out, repeat if count == packets else 1))
    if nfstream is None:
        print("!! nfstream: NOT MEASURED; give --nfstream-python (see the first lines of this file)")
    else:
        command = [str(nfstream), "-c", NFSTREAM, short]
        rows.append(best("nfstream", "two-way flows, applications (nDPI)", few, command, out, 1))
    return rows


def best(name: str, does: str, packets: int, command: list[str], out: Path, repeat: int) -> Measured:
    """The cheapest of several runs."""
    runs = []
    for _ in range(repeat):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        runs.append(charge(command))
    shutil.rmtree(out)
    return Measured(name, does, packets, min(run[0] for run in runs), min(run[1] for run in runs))


def table(rows: list[Measured]) -> str:
    """Markdown; ratios to our series on pcap with one thread."""
    base = rows[0].per_cpu_s
    lines = [
        "| tool | makes | packets | CPU s | wall s | packets per CPU s | ours is |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        ratio = f"{base / row.per_cpu_s:.1f} x" if base / row.per_cpu_s < 100 else f"{base / row.per_cpu_s:.0f} x"
        lines.append(
            f"| {row.name} | {row.does} | {row.packets:,} | {row.cpu_s:.2f} | {row.wall_s:.2f} | {row.per_cpu_s:,.0f} | {ratio} |"
        )
    return "\n".join(lines)


def make_captures(folder: Path, packets: int, few: int) -> None:
    """The same mix as pcap and pcapng, and its first packets; read once, so that the page cache is warm."""
    need = packets * 320
    if shutil.disk_usage(folder).free < 2 * need:
        raise SystemExit(f"{folder}: expected {2 * need >> 20} MiB of free disk; give --folder on another disk, or --packets")
    makers: dict[str, Callable[[], int]] = {
        "all.pcap": lambda: write_capture(folder / "all.pcap", flood_mix(packets)),
        "all.pcapng": lambda: write_capture(folder / "all.pcapng", flood_mix(packets), CaptureFormat(pcapng=True)),
        "few.pcap": lambda: write_capture(folder / "few.pcap", flood_mix(few)),
    }
    for name, make in makers.items():
        written = make()
        with (folder / name).open("rb") as stream:
            while stream.read(1 << 24):
                pass
        print(f"{name}: {written:,} packets, {(folder / name).stat().st_size / 1e6:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=3_000_000)
    parser.add_argument("--few", type=int, default=200_000, help="packets for slow tools")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the best counts")
    parser.add_argument("--nfstream-python", type=Path, help="Python of an environment with nfstream")
    parser.add_argument(
        "--folder", type=Path, help="where captures are made for the run; the system's temporary folder if not given"
    )
    args = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{len(os.sched_getaffinity(0))} cores, load {load:.1f} at the start\n")
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        make_captures(folder, args.packets, args.few)
        rows = own_figures(folder, args.packets, args.few, args.repeat)
        rows += peer_figures(folder, args.packets, args.few, args.repeat, args.nfstream_python)
        print()
        print(table(rows))


if __name__ == "__main__":
    main()
