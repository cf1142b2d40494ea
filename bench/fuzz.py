"""Fuzz the readers: mutated evidence in child processes; crashes, hangs and memory blow-ups are reported and kept.

python bench/fuzz.py --seconds 60                  all readers, a minute together
python bench/fuzz.py --seconds 600 --reader pcap   one reader

A crash is any exception but EvidenceError, and any batch or fault against the reader's contract; a hang is more than 5 s of CPU
on one input; a blow-up is more than 500 MB. Exits with 1 if there were any. Each one's smallest input and its traceback are
put in the folder given by --save.
"""

import argparse
import hashlib
import shutil
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from fuzz.harness import Report, fuzz  # noqa: E402
from fuzz.samples import samples  # noqa: E402
from tocsin.readers import readers  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the readers.")
    parser.add_argument("--seconds", type=float, default=60, help="for all chosen readers together")
    parser.add_argument("--reader", action="append", choices=list(readers()), help="only this one; may be given again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, default=Path("build/fuzz"), help="folder for the inputs that broke a reader")
    options = parser.parse_args()
    chosen = [reader for reader in readers().values() if not options.reader or reader.id in options.reader]
    missing = [reader.id for reader in chosen if reader.needs and not shutil.which(reader.needs)]
    if missing:
        print(f"NOT RUN: {', '.join(missing)}, for what they need is not installed")
        chosen = [reader for reader in chosen if reader.id not in missing]
    print(f"{'reader':<18}{'inputs':>10}{'per s':>8}{'paths':>8}{'slowest':>10}{'memory':>10}  failures", flush=True)
    broken = 0
    for reader in chosen:
        report = fuzz(reader.id, samples(reader.id), seconds=options.seconds / len(chosen), seed=options.seed)
        print(_line(report), flush=True)
        broken += len(report.failures)
        _keep(report, options.save)
    return 1 if broken else 0


def _line(report: Report) -> str:
    kinds = [failure.kind for failure in report.failures.values()]
    found = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("crash", "hang", "memory") if kind in kinds) or "none"
    rate = report.inputs / max(report.seconds, 0.001)
    return (
        f"{report.reader:<18}{report.inputs:>10,}{rate:>8,.0f}{report.paths:>8,}"
        f"{report.slowest_s:>8.2f} s{report.largest_bytes / 1e6:>7.0f} MB  {found}"
    )


def _keep(report: Report, folder: Path) -> None:
    for failure in report.failures.values():
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{report.reader}-{failure.kind}-{hashlib.sha256(failure.data).hexdigest()[:12]}"
        path.write_bytes(failure.data)
        path.with_suffix(".txt").write_text(f"{failure.signature}\n\n{failure.detail}\n")
        print(f"    {failure.kind}: {failure.signature}; {len(failure.data):,} bytes in {path}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
