"""Fuzz the readers with atheris: libFuzzer, guided by the branches of the readers' code. Needs an environment of its own:

python3 -m venv DIR && DIR/bin/pip install --require-hashes -r requirements.lock && DIR/bin/pip install atheris==3.0.0
PYTHONPATH=src DIR/bin/python bench/fuzz_atheris.py --seconds 3600 --jobs 2

What counts as a failure is the same as in bench/fuzz.py, by the same code. Two things differ. The compiled kernels run as the
Python they are written in, so that their branches are followed and a read beyond an array's end is an IndexError; how they do
when compiled is what bench/fuzz.py is for. And libFuzzer's mutations take turns with ours. Exits with 1 if anything was found.
"""

import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

WALL_S = 100_000  # libFuzzer's own limit counts time in which others had the processor
SIZE_MAX = 64 << 10


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the readers with atheris.")
    parser.add_argument("--seconds", type=int, default=60, help="for all chosen readers together")
    parser.add_argument("--reader", action="append", help="only this one; may be given again")
    parser.add_argument("--jobs", type=int, default=1, help="readers at the same time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, default=Path("build/fuzz"), help="folder for the inputs that broke a reader")
    parser.add_argument("--corpus", type=Path, default=Path("build/fuzz-corpus"), help="folder for what reached new branches")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        fuzz(options.child, options.corpus, options.save, options.seconds, options.seed)
        return 0  # never reached: libFuzzer ends the process
    from tocsin.readers import readers

    chosen = [known.id for known in readers().values() if not known.needs or shutil.which(known.needs)]
    chosen = [known for known in chosen if not options.reader or known in options.reader]
    if not chosen:
        parser.error(f"expected readers among {', '.join(readers())}; those that need a program need it installed")
    options.seconds = options.seconds // len(chosen)
    options.save.mkdir(parents=True, exist_ok=True)
    print(f"{'reader':<18}{'inputs':>10}{'CPU':>8}{'branches':>10}{'corpus':>8}  failures", flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        broken = sum(pool.map(lambda reader: run(reader, options), chosen))
    return 1 if broken else 0


def run(reader: str, options: argparse.Namespace) -> int:
    """Fuzz one reader in a child; print its line; the number of its failures."""
    from fuzz.samples import samples

    corpus = options.corpus / reader
    corpus.mkdir(parents=True, exist_ok=True)
    for data in samples(reader):
        (corpus / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(
            data[:SIZE_MAX]
        )  # named as libFuzzer names them
    words = [sys.executable, __file__, "--child", reader, "--seconds", str(options.seconds), "--seed", str(options.seed)]
    words += ["--corpus", str(corpus), "--save", str(options.save)]
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        child = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        said = log.read()
    failures = sorted(set(re.findall(r"^FAILURE (.*)$", said, re.MULTILINE)))
    if child.returncode:
        failures.append(f"died with exit code {child.returncode}: {said[-1500:]}")
    last = {name: re.findall(rf"{name}: *(\d+)", said)[-1:] or ["0"] for name in ("cov", "stat::number_of_executed_units")}
    [inputs], [branches] = last["stat::number_of_executed_units"], last["cov"]
    line = f"{reader:<18}{int(inputs):>10,}{used.ru_utime + used.ru_stime:>6.0f} s{int(branches):>10,}{len(list(corpus.iterdir())):>8,}"
    print(f"{line}  {len(failures) or 'none'}", *(f"    {failure}" for failure in failures), sep="\n", flush=True)
    return len(failures)


def fuzz(reader_id: str, corpus: Path, save: Path, seconds: int, seed: int) -> None:
    """The child: libFuzzer over one reader, until the time is over. Failures are kept and gone past."""
    import atheris

    with atheris.instrument_imports(include=["tocsin"]):
        from fuzz.harness import HANG_CPU_S, Failure, attempt, load, read_once
        from tocsin.readers import Reader

        reader = load(reader_id)
    from fuzz.mutate import mutate

    seeds = [path.read_bytes() for path in sorted(corpus.iterdir())]
    known: dict[str, Failure] = {}
    warnings.simplefilter("ignore")  # interpreted kernels wrap around as the compiled ones do, but say so

    def too_long(*_: object) -> None:
        raise TimeoutError(f"more than {2 * HANG_CPU_S:.0f} s of CPU")

    def limited(known: Reader, data: bytes) -> frozenset[str]:
        signal.setitimer(signal.ITIMER_PROF, 2 * HANG_CPU_S)
        try:
            return read_once(known, data)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    signal.signal(signal.SIGPROF, too_long)

    def one_input(data: bytes) -> None:
        for failure in attempt(reader, data, limited).failures:
            if failure.signature not in known or len(data) < len(known[failure.signature].data):
                known[failure.signature] = failure
                path = save / f"{reader_id}-{failure.kind}-{hashlib.sha256(failure.signature.encode()).hexdigest()[:12]}"
                path.write_bytes(data)
                path.with_suffix(".txt").write_text(f"{failure.signature}\n\n{failure.detail}\n")
                print(f"FAILURE {failure.kind}: {failure.signature}; in {path}", flush=True)

    def mutator(data: bytes, size_max: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(data, size_max))
        return mutate(rng, [data, data, data, rng.choice(seeds)])[:size_max]

    words = [f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={SIZE_MAX}", f"-timeout={WALL_S}", "-rss_limit_mb=3000"]
    words += ["-len_control=0", "-print_final_stats=1", f"-artifact_prefix={save / reader_id}-", str(corpus)]
    atheris.Setup([sys.argv[0], *words], one_input, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
