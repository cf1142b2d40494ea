"""The one path: evidence to tables to findings to an assessment to files. The only place that sees all stations."""

import platform
import shutil
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from tocsin import __version__, engines
from tocsin.analyzers import Context, analyzers
from tocsin.assess import assess as judge
from tocsin.errors import CaseError, EvidenceError
from tocsin.exporters.actions import write_actions
from tocsin.exporters.as_json import to_json
from tocsin.exporters.exchange import write_exchange
from tocsin.exporters.html import render_html
from tocsin.exporters.pdf import render_pdf
from tocsin.intake import Item, Refusal, gather, verify_unchanged
from tocsin.model import AnalyzerCoverage, Assessment, Coverage, EvidenceCoverage, Finding, Profile
from tocsin.pipeline.reading import Outcome, read_all
from tocsin.store import FORMAT, Case, dumps
from tocsin.terms import ReadStatus, Tlp


class Watcher(Protocol):
    """Who is told how a run goes, to show it. Every call may be ignored."""

    def stage(self, name: str) -> None:
        """A new part of the run began: hashing, reading, analyzing, reporting."""

    def hashing(self, name: str, done_bytes: int, size_bytes: int) -> None:
        """A file is being hashed or unpacked."""

    def found(self, item: Item) -> None:
        """A file will be read."""

    def reading(self, name: str, position: int) -> None:
        """A file has been read up to this byte of its unwrapped content."""

    def read(self, coverage: EvidenceCoverage) -> None:
        """A file has been read, or not."""


class Silent:
    """A watcher that shows nothing."""

    def stage(self, name: str) -> None: ...
    def hashing(self, name: str, done_bytes: int, size_bytes: int) -> None: ...
    def found(self, item: Item) -> None: ...
    def reading(self, name: str, position: int) -> None: ...
    def read(self, coverage: EvidenceCoverage) -> None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked to do. ``paths``: files and folders; ``out``: the case folder."""

    paths: tuple[Path, ...]
    out: Path
    profile: Profile = field(default_factory=Profile)
    engine: str = "duckdb"
    tlp: Tlp = Tlp.AMBER
    workers: int | None = None


def assess(request: Request, watcher: Watcher | None = None) -> Assessment:
    """Run the whole path and write the case folder.

    Interrupted, the next call goes on where it was; called again, it reads only what is new. What cannot be read is in the
    coverage; it never stops the run.

    Raises:
        CaseError: The case folder cannot be written (read-only, full, used by another run). What was read is kept.
        TocsinError: The engine is unknown or not installed.
    """
    watcher = watcher or Silent()
    engines.check(request.engine)
    _check_temporary_files()
    case = Case(request.out)
    with case.locked():
        case.remove_unfinished()
        coverage = _read(request, case, watcher)
        watcher.stage("analyzing")
        findings, ran = _analyze(request, case, coverage)
        evidence = tuple(sorted(coverage, key=lambda c: (c.name, c.sha256)))
        complete = Coverage(evidence, tuple(ran), tuple(_missing(request.profile)))
        assessment = judge(findings, complete, profile=request.profile, versions=versions(), tlp=request.tlp)
        watcher.stage("reporting")
        return _write(request, case, assessment)


def _check_temporary_files() -> None:
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        raise CaseError(f"temporary files: {error.strerror}. Make room there, or set TMPDIR to a folder with room.") from error


def versions() -> dict[str, str]:
    """Of this program, its analyzers, and what they stand on: what has to be the same for the findings to be the same."""
    import duckdb
    import ibis
    import numpy
    import pyarrow

    return {
        "tocsin": __version__,
        **{f"analyzer:{a.id}": a.version for a in analyzers().values()},
        "duckdb": duckdb.__version__,
        "ibis": ibis.__version__,
        "numpy": numpy.__version__,
        "pyarrow": pyarrow.__version__,
        "python": platform.python_version(),
    }


def _read(request: Request, case: Case, watcher: Watcher) -> list[EvidenceCoverage]:
    found: list[EvidenceCoverage] = []
    items: dict[str, Item] = {}

    def chosen() -> Iterator[Item]:
        for outcome in gather(request.paths, spool=case.spool, progress=watcher.hashing, leave_out=case.folder):
            if isinstance(outcome, Refusal):
                found.append(_refused(outcome))
                watcher.read(found[-1])
            else:
                items[outcome.evidence.id] = outcome
                watcher.found(outcome)
                yield outcome

    watcher.stage("reading")
    if request.engine == "spark":
        from tocsin.pipeline.spark import read_on_spark

        outcomes: Iterator[Outcome] = read_on_spark(case, list(chosen()))
    else:
        outcomes = read_all(case, chosen(), workers=request.workers, progress=watcher.reading)
    for outcome in outcomes:
        if outcome.error:
            raise outcome.error
        coverage = _with_note(outcome.coverage, items[outcome.coverage.evidence_id])
        found.append(coverage)
        watcher.read(coverage)
    shutil.rmtree(case.spool, ignore_errors=True)
    return found


def _refused(refusal: Refusal) -> EvidenceCoverage:
    reason = f"same content as {refusal.duplicate_of}, read once" if refusal.duplicate_of else refusal.reason
    status = ReadStatus.READ if refusal.duplicate_of else refusal.status
    return EvidenceCoverage(refusal.sha256[:16], refusal.name, refusal.sha256, refusal.size_bytes, None, status, reason=reason)


def _with_note(coverage: EvidenceCoverage, item: Item) -> EvidenceCoverage:
    """Add what intake knows, and that the evidence is still what it was: it is only ever read."""
    notes, status = [coverage.reason, item.note], coverage.status
    try:
        if not verify_unchanged(item):
            notes.append("the file changed while it was read: hand over a copy that nobody writes to")
            status = ReadStatus.PARTIAL
    except EvidenceError as error:
        notes.append(str(error))
        status = ReadStatus.PARTIAL
    if item.partial and status is ReadStatus.READ:
        status = ReadStatus.PARTIAL
    return replace(coverage, status=status, reason="; ".join(note for note in notes if note))


def _analyze(
    request: Request, case: Case, coverage: Sequence[EvidenceCoverage]
) -> tuple[list[Finding], list[AnalyzerCoverage]]:
    readable = {c.evidence_id: c for c in coverage if c.rows}
    tables = case.tables(readable)
    context = Context(request.profile, {c.evidence_id: (c.name, c.sha256) for c in readable.values()})
    findings: list[Finding] = []
    ran: list[AnalyzerCoverage] = []
    with engines.connect(request.engine, tables) as (connection, expressions):
        for analyzer in analyzers().values():
            present = [table for table in analyzer.reads if tables.get(table)]
            if not present:
                reason = f"nothing to look at: no rows in {' or '.join(analyzer.reads)}"
                ran.append(AnalyzerCoverage(analyzer.id, analyzer.version, "not_run", reason))
                continue
            try:
                steps = analyzer.analyze({t: expressions[t] for t in analyzer.reads}, context, **analyzer.parameters)
                own = engines.run(connection, steps)
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


def _missing(profile: Profile) -> Iterator[str]:
    if not profile.networks and not profile.assets:
        yield (
            "No partner profile was given (--profile partner.yaml): victims are addresses without names, severities do not know "
            "what matters most to the partner, and attacks from the partner's own network are not told from attacks on it."
        )
    yield "No pack with the countries of addresses is installed: sources are shown without country."


def _write(request: Request, case: Case, assessment: Assessment) -> Assessment:
    kept: set[str] = set()
    findings = []
    for finding in assessment.findings:
        actions = []
        for action, data in write_actions(finding, tlp=assessment.tlp):
            if action.path:
                case.write(action.path, data)
                kept.add(action.path)
            actions.append(action)
        findings.append(replace(finding, actions=tuple(actions)))
    assessment = replace(assessment, findings=tuple(findings))
    for path, data in write_exchange(assessment):
        case.write(path, data)
        kept.add(path)
    for folder in ("actions", "exchange"):
        case.remove_others(folder, kept)
    case.write("findings.json", dumps(to_json(assessment)))
    case.write("report.html", render_html(assessment).encode())
    case.write("report.pdf", render_pdf(assessment))
    case.write("case.json", dumps(_manifest(request, assessment)))
    return assessment


def _manifest(request: Request, assessment: Assessment) -> Mapping[str, Any]:
    return {
        "format": FORMAT,
        "evidence": [
            {
                "name": e.name,
                "sha256": e.sha256,
                "size_bytes": e.size_bytes,
                "evidence_id": e.evidence_id,
                "tables": sorted(table for table, rows in e.rows.items() if rows),
            }
            for e in assessment.coverage.evidence
        ],
        "engine": request.engine,
        "tlp": assessment.tlp.value,
        "partner": assessment.partner,
        "versions": dict(assessment.versions),
        "parameters": {a.id: dict(a.parameters) for a in analyzers().values()},
    }


def exit_code(assessment: Assessment) -> int:
    """0: everything handed over was read and analyzed; 3: some of it was not; 4: nothing was."""
    evidence = assessment.coverage.evidence
    if not any(e.rows for e in evidence):
        return 4
    whole = all(e.status is ReadStatus.READ for e in evidence) and all(
        a.status != "failed" for a in assessment.coverage.analyzers
    )
    return 0 if whole else 3


__all__ = ["Request", "Silent", "Watcher", "assess", "exit_code", "versions"]
