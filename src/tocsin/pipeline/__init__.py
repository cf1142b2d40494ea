"""The one path: evidence to tables to findings to an assessment to files. The only place that sees all stations.

Heavy libraries are imported by the station that needs them, while the workers are reading: a reading process, forked from one
that imports this package, must not hold them.
"""

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Protocol

from tocsin import engines
from tocsin.assess import assess as judge
from tocsin.errors import CaseError, EvidenceError
from tocsin.intake import Item, Refusal, gather, verify_unchanged
from tocsin.model import Assessment, Coverage, EvidenceCoverage, Profile
from tocsin.pipeline.reading import Outcome, read_all
from tocsin.processes import start_server
from tocsin.store import Case
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
    start_server()
    case = Case(request.out)
    with ThreadPoolExecutor(1) as aside, case.locked():
        later, warm = aside.submit(_later_stations, request.engine), aside.submit(_warm_up)
        case.remove_unfinished()
        coverage = _read(request, case, watcher)
        warm.cancel()  # unless it has begun: from here on it would only be in the way
        analyzing, reporting = later.result()
        watcher.stage("analyzing")
        findings, ran = analyzing.analyze(case, coverage, profile=request.profile, engine=request.engine)
        evidence = tuple(sorted(coverage, key=lambda c: (c.name, c.sha256)))
        complete = Coverage(evidence, tuple(ran), tuple(_missing(request.profile)))
        assessment = judge(findings, complete, profile=request.profile, versions=analyzing.versions(), tlp=request.tlp)
        watcher.stage("reporting")
        written: Assessment = reporting.write(case, assessment, engine=request.engine)
        return written


def _later_stations(engine: str) -> tuple[ModuleType, ModuleType]:
    """Load what comes after reading: two seconds that would otherwise be waited for."""
    from tocsin.pipeline import analyzing, reporting

    engines.warm_up(engine)
    return analyzing, reporting


def _warm_up() -> None:
    from tocsin.pipeline import reporting

    reporting.prepare()


def _check_temporary_files() -> None:
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        raise CaseError(f"temporary files: {error.strerror}. Make room there, or set TMPDIR to a folder with room.") from error


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


def _missing(profile: Profile) -> Iterator[str]:
    if not profile.networks and not profile.assets:
        yield (
            "No partner profile was given (--profile partner.yaml): victims are addresses without names, severities do not know "
            "what matters most to the partner, and attacks from the partner's own network are not told from attacks on it."
        )
    yield "No pack with the countries of addresses is installed: sources are shown without country."


def exit_code(assessment: Assessment) -> int:
    """0: everything handed over was read and analyzed; 3: some of it was not; 4: nothing was."""
    evidence = assessment.coverage.evidence
    if not any(e.rows for e in evidence):
        return 4
    whole = all(e.status is ReadStatus.READ for e in evidence) and all(
        a.status != "failed" for a in assessment.coverage.analyzers
    )
    return 0 if whole else 3


__all__ = ["Request", "Silent", "Watcher", "assess", "exit_code"]
