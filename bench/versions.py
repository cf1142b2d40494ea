"""Keys of versions beside the real programs: random and nasty pairs of every scheme, and each disagreement.

    python bench/versions.py --pairs 100000 [--scheme deb]

Oracles: dpkg, rpm, node's semver (``NODE_PATH``), Ruby's Gem::Version, PHP's composer/semver, Maven's ComparableVersion, Python's
packaging; univers for all that it knows. What is not installed is named and left out.
"""

import argparse
import random
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]

from kit.versions import Oracle, disagreements, oracles, pairs  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--scheme")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5)
    given = parser.parse_args()
    print(
        "| scheme | oracle | pairs | compared by both | we differ | of these, where the oracle |\n| --- | --- | --- | --- | --- | --- |"
    )
    for oracle in oracles():
        if given.scheme in (None, oracle.scheme):
            report(oracle, given.pairs, given.seed, given.show)


def report(oracle: Oracle, wanted: int, seed: int, show: int) -> None:
    if oracle.missing:
        print(f"| {oracle.scheme} | {oracle.name} | – | not here: {oracle.missing} | | |")
        return
    both, differ, excused = disagreements(oracle, list(pairs(oracle.scheme, wanted, random.Random(seed))))
    said = f"{oracle.wrong}: {excused:,}" if excused else ""
    print(f"| {oracle.scheme} | {oracle.name} | {wanted:,} | {both:,} | {len(differ) + excused:,} | {said} |", flush=True)
    for a, b, ours, theirs in differ[:show]:
        print(f"    unexplained: {a!r} {b!r}: ours {ours}, theirs {theirs}", file=sys.stderr)


if __name__ == "__main__":
    main()
