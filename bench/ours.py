"""What we measure of ourselves, each in a process of its own: one JSON line on standard output.

python bench/ours.py series CAPTURE --threads 1 --repeat 5     the per-destination series alone, after one warm-up call
python bench/ours.py read CAPTURE --out FOLDER                 the whole reader; with --out it writes Parquet as a case does
python bench/ours.py assess CAPTURE --out FOLDER               stages of ``tocsin assess``, seconds since the process started
python bench/ours.py dpkt CAPTURE                              a plain loop with dpkt, for reference
"""

import argparse
import json
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

START = time.perf_counter()


def peak_mb() -> int:
    """Highest resident memory of this process so far, shared libraries included.

    Linux's VmHWM: the peak that ``getrusage`` tells is inherited from the parent.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def cpu_s() -> float:
    """User and system time of all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def series(path: Path, threads: int, repeat: int) -> dict[str, Any]:
    """Best of ``repeat`` runs. With one thread the process is held to one core: reading and counting share it."""
    from tocsin.pipeline import preload  # noqa: F401 - as in a reading process
    from tocsin.readers._capture import traffic_series
    from tocsin.readers.pcap import PcapWalker
    from tocsin.readers.pcapng import PcapngWalker

    if threads == 1:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    start_s, start_mb = time.perf_counter() - START, peak_mb()
    walker = PcapngWalker if path.suffix == ".pcapng" else PcapWalker

    def once() -> tuple[float, float, int]:
        cpu, wall, rows = cpu_s(), time.perf_counter(), 0
        with path.open("rb", buffering=0) as stream:
            for batch in traffic_series(stream, walker(), threads=threads):  # type: ignore[arg-type]
                rows += batch.num_rows
        return cpu_s() - cpu, time.perf_counter() - wall, rows

    once()
    runs = [once() for _ in range(repeat)]
    return {
        "cpu_s": min(run[0] for run in runs),
        "wall_s": min(run[1] for run in runs),
        "rows": runs[0][2],
        "start_s": start_s,
        "start_mb": start_mb,
        "peak_mb": peak_mb(),
    }


def read(path: Path, out: Path | None, threads: int | None) -> dict[str, Any]:
    """The whole reader once, in one process."""
    from tocsin.pipeline import preload  # noqa: F401 - as in a reading process
    from tocsin.readers import readers
    from tocsin.readers._capture import read_capture
    from tocsin.readers.pcap import PcapWalker
    from tocsin.readers.pcapng import PcapngWalker
    from tocsin.store import Case, TableWriter

    start_s, start_mb = time.perf_counter() - START, peak_mb()
    walker = PcapngWalker() if path.suffix == ".pcapng" else PcapWalker()
    tables = readers()[path.suffix[1:]].tables
    writer = TableWriter(Case(out), "bench") if out else None
    cpu, wall, rows, faults = cpu_s(), time.perf_counter(), Counter[str](), []
    with path.open("rb", buffering=0) as stream:
        batches = read_capture(stream, walker, evidence_id="bench", report=faults.append, threads=threads)  # type: ignore[arg-type]
        for batch in batches:
            rows[batch.table] += batch.rows.num_rows
            if writer:
                writer.add(batch, tables)
    if writer:
        writer.commit()
    return {
        "cpu_s": cpu_s() - cpu,
        "wall_s": time.perf_counter() - wall,
        "rows": dict(rows),
        "faults": len(faults),
        "start_s": start_s,
        "start_mb": start_mb,
        "peak_mb": peak_mb(),
    }


def assess(path: Path, out: Path) -> dict[str, Any]:
    """Seconds since the start of the process at which each part of a run began."""
    from tocsin import pipeline
    from tocsin.model import EvidenceCoverage
    from tocsin.pipeline import Request, Silent

    at: dict[str, float] = {"imported": time.perf_counter() - START}

    class Watch(Silent):
        def stage(self, name: str) -> None:
            at[name] = time.perf_counter() - START

        def reading(self, name: str, position: int) -> None:
            at.setdefault("first bytes read", time.perf_counter() - START)

        def read(self, coverage: EvidenceCoverage) -> None:
            at["read"] = time.perf_counter() - START

    assessment = pipeline.assess(Request((path,), out), Watch())
    at["done"] = time.perf_counter() - START
    return {"at_s": at, "findings": len(assessment.findings), "peak_mb": peak_mb()}


def dpkt_loop(path: Path) -> dict[str, Any]:
    """Packets and bytes by destination and second, the obvious way."""
    import dpkt

    counts: Counter[tuple[bytes, int]] = Counter()
    cpu, wall = cpu_s(), time.perf_counter()
    with path.open("rb") as stream:
        for seconds, data in dpkt.pcap.Reader(stream):
            ip = dpkt.ethernet.Ethernet(data).data
            if isinstance(ip, dpkt.ip.IP | dpkt.ip6.IP6):
                counts[ip.dst, int(seconds)] += 1
    return {"cpu_s": cpu_s() - cpu, "wall_s": time.perf_counter() - wall, "rows": len(counts)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("series", "read", "assess", "dpkt"))
    parser.add_argument("capture", type=Path)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if args.what == "series":
        result = series(args.capture, args.threads or 1, args.repeat)
    elif args.what == "read":
        result = read(args.capture, args.out, args.threads)
    elif args.what == "assess":
        result = assess(args.capture, args.out)
    else:
        result = dpkt_loop(args.capture)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
