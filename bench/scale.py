"""How memory and time grow: with packets, destinations and files; what `tocsin assess` costs. Prints tables; asserts nothing.

make bench         0.1 and 1 GB
make bench-full    10 GB as well, and the picture in docs/performance.md

The big captures repeat the records of a small one with shifted times; they are deleted at the end.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.readers import _packets
from tocsin.scenario import flood_mix, write_capture

OURS = Path(__file__).with_name("ours.py")
TOCSIN = Path(sys.executable).with_name("tocsin")
BLOCK_PACKETS = 750_000
BLOCK_S = 8  # more than its packets span


def ours(*arguments: str) -> dict[str, Any]:
    """Run ``bench/ours.py`` in a child, without Python's own garbage of earlier measurements."""
    done = subprocess.run([sys.executable, str(OURS), *arguments], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Block:
    """The bytes of a small capture, where its records start, and how to move it in time or aim it elsewhere."""

    def __init__(self, path: Path, packets: int) -> None:
        write_capture(path, flood_mix(packets))
        data = np.fromfile(path, np.uint8)
        self.head, self.data = data[:24].copy(), data[24:]
        columns = [np.empty(packets, np.int64) for _ in range(4)]
        self.packets, _, _ = _packets.walk_pcap(self.data, 0, len(self.data), True, False, 1000, 1 << 20, *columns)
        self.offsets = columns[0]

    def shift(self, seconds: int) -> None:
        """Add to the time of every record."""
        self._put(self.offsets - 16, (columns_le(self.data, self.offsets - 16) + seconds).astype("<u4"))

    def aim(self, destinations: int) -> None:
        """Spread the IPv4 packets (Ethernet, no VLAN tag) over this many destinations, by turns."""
        ipv4 = self.offsets[(self.data[self.offsets + 12] == 8) & (self.data[self.offsets + 13] == 0)]
        self._put(ipv4 + 30, (0x0A000000 + np.arange(len(ipv4)) % destinations).astype(">u4"))

    def _put(self, where: Any, words: Any) -> None:
        octets = words.view(np.uint8).reshape(-1, 4)
        for i in range(4):
            self.data[where + i] = octets[:, i]

    def write(self, path: Path, size_bytes: int) -> int:
        """A capture of about this size: its packets."""
        packets = 0
        with path.open("wb") as stream:
            stream.write(self.head)
            while packets == 0 or stream.tell() + len(self.data) <= size_bytes:
                stream.write(self.data)
                self.shift(BLOCK_S)
                packets += self.packets
        return packets


def columns_le(data: Any, where: Any) -> Any:
    """Little-endian 32-bit words at these bytes."""
    return sum(data[where + i].astype(np.int64) << (8 * i) for i in range(4))


def measure(path: Path, packets: int, out: Path, what: str, threads: int = 2) -> dict[str, Any]:
    """One line of the size table."""
    if what == "series":
        repeat = "3" if packets < 20_000_000 else "1"
        got = ours("series", str(path), "--threads", str(threads), "--repeat", repeat)
    else:
        got = ours("read", str(path), "--threads", str(threads), "--out", str(out))
        shutil.rmtree(out)
    return got | {"what": what, "threads": threads, "packets": packets, "size_mb": path.stat().st_size / 1e6}


def by_size(folder: Path, sizes: list[float]) -> list[dict[str, Any]]:
    """Peak memory and time of the series and of the whole reader, for captures of these sizes in GB."""
    rows = []
    block = Block(folder / "block.pcap", BLOCK_PACKETS)
    path = folder / "big.pcap"
    for size in sizes:
        packets = block.write(path, int(size * 1e9))
        for what in ("series", "reader"):
            rows.append(measure(path, packets, folder / "case", what))
            say(rows[-1])
        path.unlink()
    return rows


def by_destinations(folder: Path) -> list[dict[str, Any]]:
    """The same packets to ever more destinations."""
    rows = []
    for destinations in (1, 100, 10_000, 100_000, 500_000):
        block = Block(folder / "block.pcap", 500_000)
        block.aim(destinations)
        path = folder / "spread.pcap"
        packets = block.write(path, 1)
        rows.append(measure(path, packets, folder / "case", "reader") | {"destinations": destinations})
        say(rows[-1])
        path.unlink()
    return rows


def by_files(folder: Path) -> list[dict[str, Any]]:
    """The same number of packets in ever more files, from the command to the report."""
    rows = []
    for files in (1, 10, 50):
        evidence = folder / "evidence"
        evidence.mkdir()
        block = Block(folder / "block.pcap", 200_000 // files)
        for number in range(files):
            block.write(evidence / f"{number:03}.pcap", 1)
        rows.append({"files": files, "packets": 200_000, "wall_s": wall([str(TOCSIN), "assess", str(evidence)], folder)})
        print(f"assess, {files} files of {200_000 // files:,} packets: {rows[-1]['wall_s']:.1f} s", flush=True)
        shutil.rmtree(evidence)
    return rows


def say(row: dict[str, Any]) -> None:
    extra = f", {row['destinations']:,} destinations" if "destinations" in row else ""
    print(
        f"{row['what']}, {row['size_mb']:,.0f} MB, {row['packets']:,} packets{extra}: {row['cpu_s']:.2f} CPU s, "
        f"{row['wall_s']:.2f} s, peak {row['peak_mb']} MB (of which {row['start_mb']} MB before the first byte)",
        flush=True,
    )


def wall(command: list[str], folder: Path, repeat: int = 1) -> float:
    """Best wall time of a command; ``assess`` gets a fresh case each time."""
    times = []
    for _ in range(repeat):
        extra = ["--out", str(folder / "case")] if "assess" in command else []
        began = time.perf_counter()
        subprocess.run([*command, *extra], capture_output=True, check=False)
        times.append(time.perf_counter() - began)
        shutil.rmtree(folder / "case", ignore_errors=True)
    return min(times)


def commands(folder: Path, repeat: int) -> None:
    """What a user waits for."""
    path = folder / "million.pcap"
    write_capture(path, flood_mix(1_000_000))
    print(f"tocsin --help: {wall([str(TOCSIN), '--help'], folder, 5):.2f} s")
    print(f"tocsin assess, 1,000,000 packets: {wall([str(TOCSIN), 'assess', str(path)], folder, repeat):.1f} s")
    stages = ours("assess", str(path), "--out", str(folder / "case"))["at_s"]
    print("  its stages, seconds since its start:", ", ".join(f"{name} {at:.1f}" for name, at in stages.items()), flush=True)
    shutil.rmtree(folder / "case")
    path.unlink()


def plot(sizes: list[dict[str, Any]], spread: list[dict[str, Any]], files: list[dict[str, Any]], path: Path) -> None:
    """Three small panels: packets, destinations, files."""
    import altair as alt
    import vl_convert

    def panel(rows: list[dict[str, Any]], x: str, y: str, title: str) -> Any:
        base = alt.Chart(alt.Data(values=rows), width=210, height=170, title=title).mark_line(point=True)
        scale = alt.Scale(type="log")
        encoded = base.encode(
            x=alt.X(f"{x}:Q", scale=scale), y=alt.Y(f"{y}:Q", scale=scale if y != "peak_mb" else alt.Undefined)
        )
        return encoded.encode(color=alt.Color("what:N", title=None)) if "what" in rows[0] else encoded

    chart = alt.hconcat(
        panel(sizes, "packets", "cpu_s", "CPU seconds by packets"),
        panel(sizes, "packets", "peak_mb", "Peak memory, MB, by packets"),
        panel(spread, "destinations", "cpu_s", "CPU seconds by destinations"),
        panel(files, "files", "wall_s", "assess, seconds by files"),
    )
    path.write_text(vl_convert.vegalite_to_svg(chart.to_json()), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="10 GB as well, and the picture")
    parser.add_argument("--folder", type=Path, help="where captures are made for the run")
    parser.add_argument("--picture", type=Path, default=Path("docs/pictures/performance.svg"))
    parser.add_argument("--only", choices=("size", "growth", "commands"), help="a part of it")
    args = parser.parse_args()
    sizes = [0.1, 1.0, 10.0] if args.full else [0.1, 1.0]
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        if shutil.disk_usage(folder).free < (max(sizes) + 2) * 1e9:
            raise SystemExit(f"{folder}: expected {max(sizes) + 2:.0f} GB of free disk; give --folder on another disk")
        if args.only in (None, "commands"):
            commands(folder, 3)
        if args.only in (None, "growth", "size"):
            sized = by_size(folder, sizes) if args.only != "growth" else []
            if args.only != "size":
                spread, files = by_destinations(folder), by_files(folder)
                if args.full and sized:
                    plot(sized, spread, files, args.picture)


if __name__ == "__main__":
    main()
