"""How often the denial-of-service analyzers are right: on real captures, and, apart, on generated ones with known truth.

make accuracy            writes docs/accuracy.md (real captures, and the whole generated matrix; some 20 minutes)
python bench/accuracy.py --seeds 1 --rates 1 --only udp_flood      a part of the matrix, on the screen
"""

import argparse
import io
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq

from tocsin import engines
from tocsin.analyzers import Context, analyzers
from tocsin.assess import merge
from tocsin.intake import Item, gather
from tocsin.model import Batch, Finding, Profile
from tocsin.readers import identify
from tocsin.scenario import VECTORS, Scenario, build
from tocsin.terms import FindingClass

ANALYZERS = ("denial_of_service", "http_flood", "slow_http")
RATES = (0.25, 0.5, 1.0, 2.0, 5.0)  # times the vector's usual rate
ONSET_S = 2.0
# What the captures of the reference evidence hold, by their README: (vector or None, victim or None, services).
REAL = {
    "ddos_synflood_spoofed.pcap": ("syn_flood", "10.10.10.10", ()),
    "ddos_tcp_synack_reflection.pcap": ("synack_reflection", "10.10.10.10", ()),
    "ddos_snmp_amplification.pcapng": ("amplification", "10.10.10.10", ("snmp",)),
    "ddos_bacnet_dvr37810_amplification.pcapng": ("amplification", "10.10.10.1", ("bacnet", "dvr")),
    "ddos_ipv6_icmpv6_exthdr_flood.pcap": ("icmpv6_flood", "2001:db8:1::1", ()),
    "flood_dhcp_request.pcap": ("dhcp_flood", "255.255.255.255", ()),
    "scan_syn.pcap": ("port_scan", "64.13.134.52", ()),
    "backscatter_24h.pcap": ("backscatter", None, ()),
}


def findings_of(batches: Iterator[Batch]) -> list[Finding]:
    """Run the analyzers over a reader's batches."""
    with tempfile.TemporaryDirectory() as folder:
        writers: dict[str, pq.ParquetWriter] = {}
        for batch in batches:
            if batch.table not in writers:
                writers[batch.table] = pq.ParquetWriter(Path(folder) / f"{batch.table}.parquet", batch.rows.schema)
            writers[batch.table].write_batch(batch.rows)
        for writer in writers.values():
            writer.close()
        tables = {name: [Path(folder) / f"{name}.parquet"] for name in writers}
        found: list[Finding] = []
        with engines.connect("duckdb", tables) as (connection, expressions):
            for name in ANALYZERS:
                analyzer = analyzers().get(name)
                if analyzer and any(table in tables for table in analyzer.reads):
                    steps = analyzer.analyze(
                        {t: expressions[t] for t in analyzer.reads},
                        Context(Profile(), {"e": ("e", "0" * 64)}),
                        **analyzer.parameters,
                    )
                    found += engines.run(connection, steps)
    return merge(found)


def read_bytes(data: bytes, name: str) -> Iterator[Batch]:
    reader = identify(data[:65536], name)
    return iter(()) if reader is None else reader.read(io.BytesIO(data), evidence_id="e", report=lambda fault: None)


@dataclass(frozen=True)
class Result:
    """One run: what was there, what was said."""

    case: str
    truth: str
    said: list[str]
    right: bool
    false_victims: int
    onset_s: float | None
    note: str = ""


def generated(case: tuple[str, str, float, int]) -> Result:
    """Build one scenario of the matrix, assess it, compare."""
    vector, variant, factor, seed = case
    kind = VECTORS[vector]
    name = f"vector:{vector}" + (f"/{variant}" if variant else "")
    scenario: Scenario = build(name, seed=seed, rate_pps=kind.rate_pps * factor)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.pcap"
        scenario.piece("capture").save(path)
        found = findings_of(read_bytes(path.read_bytes(), "x.pcap"))
    truth = scenario.attacks[0]
    attacks = [f for f in found if f.cls is FindingClass.ATTACK]
    said = [f"{f.cls}:{f.attributes['vector']}@{','.join(f.named('victim') or f.named('target'))}" for f in found]
    hits = [f for f in attacks if f.attributes["vector"] == vector and truth.victim in (*f.named("victim"),)]
    onset = min((abs((f.first_seen - truth.start).total_seconds()) for f in hits if f.first_seen), default=None)
    if truth.expected == "attack":
        right = bool(hits)
        wrong = [f for f in attacks if truth.victim not in f.named("victim")]
    else:
        right, wrong = not attacks, attacks
        if truth.expected in ("suspicious", "context"):
            right = right and any(f.attributes["vector"] == vector for f in found)
    if vector == "amplification" and hits and variant:
        right = set(hits[0].attributes["services"]) == set(variant.split("+"))
    return Result(f"{name} x{factor:g} #{seed}", vector, said, right, len(wrong), onset)


def matrix(only: Sequence[str], rates: Sequence[float], seeds: int, variants: bool) -> list[tuple[str, str, float, int]]:
    """Every vector (each variant, in turn over the seeds), rate and seed."""
    cases = []
    for vector, kind in VECTORS.items():
        if only and vector not in only:
            continue
        for (index, factor), seed in product(enumerate(rates), range(seeds)):
            if variants:
                cases += [(vector, variant, factor, seed) for variant in kind.variants]
            else:
                cases.append((vector, kind.variants[(seed + index) % len(kind.variants)], factor, seed))
    return cases


def real(folder: Path) -> Iterator[Result]:
    """Assess every capture, flow file and log of the reference evidence by itself."""
    with tempfile.TemporaryDirectory() as spool:
        for path in sorted((folder / "network").iterdir()):
            if path.suffix in (".md", ".csv", ".attacklog") or ".labels" in path.name:
                continue
            for item in gather([path], spool=Path(spool)):
                if isinstance(item, Item):
                    yield _real(item, path.name.removesuffix(".zst"))


def _real(item: Item, name: str) -> Result:
    reader = identify(item.head(), name)
    if reader is None:
        return Result(name, "", ["not read"], False, 0, None, "no reader")
    with item.open() as stream:
        found = findings_of(reader.read(stream, evidence_id="e", report=lambda fault: None))
    attacks = [f for f in found if f.cls is FindingClass.ATTACK]
    said = [f"{f.cls}: {f.title}" for f in found]
    vector, victim, services = REAL.get(name, (None, None, ()))
    if vector is None:
        return Result(name, "no denial of service", said, not attacks, len(attacks), None)
    fits = [
        f
        for f in found
        if f.attributes["vector"] == vector and (victim is None or victim in f.named("victim") + f.named("target"))
    ]
    right = bool(fits) and all(a in fits for a in attacks)
    if services:
        right = right and set(fits[0].attributes["services"]) == set(services)
    return Result(name, vector, said, right, sum(a not in fits for a in attacks), None)


def report(results: Sequence[Result], reals: Sequence[Result]) -> str:
    """docs/accuracy.md."""
    lines = [
        "# How often it is right",
        "",
        "Made by `make accuracy`. Real captures and generated ones are reported apart: the generator is ours, and a tool that is",
        "good at finding what its own authors imagined has proved little.",
        "",
        "## Real captures",
        "",
        f"{sum(r.right for r in reals)} of {len(reals)} files right; {sum(bool(r.false_victims) for r in reals)} with an attack that is not there.",
        "",
        "| file | holds | said | right |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {r.case} | {r.truth} | {'<br>'.join(r.said) or 'nothing'} | {'yes' if r.right else '**no**'} |" for r in reals
    ]
    lines += ["", "## Generated captures", ""]
    attacks = [r for r in results if VECTORS[r.truth].expected == "attack"]
    others = [r for r in results if r not in attacks]
    late = [r for r in attacks if r.right and (r.onset_s is None or r.onset_s > ONSET_S)]
    lines += [
        f"Each vector at {len(RATES)} rates ({', '.join(f'{x:g}' for x in RATES)} times the vector's usual rate) and 5 seeds, its variants in turn, "
        "in 60 s of ordinary traffic of 200 packets/s.",
        "",
        f"- recall: {sum(r.right for r in attacks)} of {len(attacks)} ({sum(r.right for r in attacks) / max(1, len(attacks)):.3f})",
        f"- attacks on somebody who was not attacked: {sum(r.false_victims for r in attacks)}",
        f"- onset further off than {ONSET_S:g} s: {len(late)} of {sum(r.right for r in attacks)}",
        f"- look-alikes (scans, backscatter, flash crowds, speed tests) called an attack: {sum(bool(r.false_victims) for r in others)} of {len(others)}",
        f"- look-alikes called by their name: {sum(r.right for r in others)} of {len(others)}",
        "",
        "| vector | usual packets/s | right | false victims | onset off by, worst |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    by_vector = defaultdict(list)
    for r in results:
        by_vector[r.truth].append(r)
    for vector, rs in by_vector.items():
        onsets = [r.onset_s for r in rs if r.onset_s is not None]
        worst = f"{max(onsets):.2f} s" if onsets else "–"
        lines.append(
            f"| {vector} | {VECTORS[vector].rate_pps:g} | {sum(r.right for r in rs)} / {len(rs)} | {sum(r.false_victims for r in rs)} | {worst} |"
        )
    wrong = [r for r in results if not r.right or r.false_victims or (r.onset_s or 0) > ONSET_S]
    lines += ["", "### Where it was wrong", ""] if wrong else []
    lines += [
        f"- {r.case}: said {', '.join(r.said) or 'nothing'}"
        + (f"; onset off by {r.onset_s:.1f} s" if (r.onset_s or 0) > ONSET_S else "")
        for r in wrong
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--rates", nargs="*", type=float, default=list(RATES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--variants", action="store_true", help="every variant at every rate and seed")
    parser.add_argument("--data", type=Path, default=None, help="reference evidence")
    parser.add_argument("--out", type=Path, default=None, help="write Markdown here instead of lines on the screen")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    cases = matrix(args.only, args.rates, args.seeds, args.variants)
    results, started = [], time.monotonic()
    with ProcessPoolExecutor(args.workers) as pool:
        for number, result in enumerate(pool.map(generated, cases, chunksize=1), 1):
            results.append(result)
            mark = "ok " if result.right and not result.false_victims and (result.onset_s or 0) <= ONSET_S else "BAD"
            print(
                f"{number}/{len(cases)} {mark} {result.case}",
                *([json.dumps(asdict(result))] if mark == "BAD" else []),
                file=sys.stderr,
                flush=True,
            )
    reals = list(real(args.data)) if args.data else []
    text = report(results, reals)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
