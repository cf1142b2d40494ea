"""Runs the analyzers over the tables of a case, each at its own risk."""

import platform
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy
import pyarrow

from tocsin import __version__, engines
from tocsin.analyzers import Context, analyzers
from tocsin.model import AnalyzerCoverage, EvidenceCoverage, Finding, Profile
from tocsin.store import Case


def analyze(
    case: Case, coverage: Sequence[EvidenceCoverage], *, profile: Profile, engine: str
) -> tuple[list[Finding], list[AnalyzerCoverage]]:
    """Ask every question the tables can answer; an analyzer that fails costs its own answer alone.

    Args:
        case: Where the tables are.
        coverage: What was read.
        profile: Empty where none was given.
        engine: ``duckdb`` or ``spark``.

    Returns:
        The findings, and what became of each analyzer.
    """
    readable = {c.evidence_id: c for c in coverage if c.rows}
    tables = case.tables(readable)
    context = Context(profile, {c.evidence_id: (c.name, c.sha256) for c in readable.values()})
    findings: list[Finding] = []
    ran: list[AnalyzerCoverage] = []
    kept: dict[Any, Any] = {}
    with engines.connect(engine, tables) as (connection, expressions):
        for analyzer in analyzers().values():
            present = [table for table in analyzer.reads if tables.get(table)]
            if not present:
                reason = f"nothing to look at: no rows in {' or '.join(analyzer.reads)}"
                ran.append(AnalyzerCoverage(analyzer.id, analyzer.version, "not_run", reason))
                continue
            try:
                steps = analyzer.analyze({t: expressions[t] for t in analyzer.reads}, context, **analyzer.parameters)
                own = engines.run(connection, steps, kept)
            except Exception as error:  # the plugin boundary: a failing analyzer costs its own answer alone  # noqa: BLE001
                reason = failure(error)
                ran.append(AnalyzerCoverage(analyzer.id, analyzer.version, "failed", reason))
                continue
            findings += own
            ran.append(AnalyzerCoverage(analyzer.id, analyzer.version, "ran", findings=len(own)))
    return findings, ran


def failure(error: Exception) -> str:
    """What a plugin raised, and where in our own code: enough for a report, and for whoever mends it."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "tocsin" in frame.filename]
    where = f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno}, {ours[-1].name})" if ours else ""
    return f"{type(error).__name__}: {error}{where}"


def versions() -> dict[str, str]:
    """Of this program, its analyzers, and what they stand on: what has to be the same for the findings to be the same."""
    return {
        "tocsin": __version__,
        **{f"analyzer:{a.id}": a.version for a in analyzers().values()},
        "duckdb": duckdb.__version__,
        "ibis": ibis.__version__,
        "numpy": numpy.__version__,
        "pyarrow": pyarrow.__version__,
        "python": platform.python_version(),
    }
