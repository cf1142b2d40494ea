"""What was looked at, skipped or failed, as text. Problems first."""

from dataclasses import dataclass

from tocsin.exporters.words import RUN_WORDS, STATUS_WORDS, sentence
from tocsin.model import AnalyzerCoverage, Coverage, EvidenceCoverage
from tocsin.model.text import count, listing, plural, printable, size
from tocsin.packs.glossary import word
from tocsin.terms import ReadStatus

_FILES_MAX, _ANALYZERS_MAX, _SAMPLES_MAX, _MISSING_MAX = 500, 200, 5, 50
_ORDER = (ReadStatus.FAILED, ReadStatus.SKIPPED, ReadStatus.PARTIAL, ReadStatus.READ)


@dataclass(frozen=True, slots=True)
class FileView:
    """One file. ``mark``: ``yes``, ``wait`` or ``no``, as the look names states."""

    name: str
    size: str
    sha256: str
    state: str
    mark: str
    reader: str
    rows: str
    faults: str
    samples: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class AnalyzerView:
    """One analyzer: what it did or why it did not."""

    name: str
    state: str
    mark: str
    said: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """All of it. ``read``: ``4 of 6 files``; ``extent``: how much that is; ``complete`` only if every file was read whole."""

    summary: str
    read: str
    extent: str
    complete: bool
    files: tuple[FileView, ...]
    files_left_out: int
    analyzers: tuple[AnalyzerView, ...]
    missing: tuple[str, ...]


def coverage_view(coverage: Coverage) -> CoverageView:
    """The coverage as text; files that were not read come first."""
    files = sorted(coverage.evidence, key=lambda one: _ORDER.index(one.status))
    read = _read(coverage)
    complete = bool(files) and all(one.status == ReadStatus.READ for one in files)
    extent = "all of it" if complete else "some only in part" if files and len(read) == len(files) else "the rest is unknown"
    missing = [printable(text, 400) for text in coverage.missing[:_MISSING_MAX]]
    if len(coverage.missing) > _MISSING_MAX:
        missing.append(f"{count(len(coverage.missing) - _MISSING_MAX)} more are in findings.json.")
    return CoverageView(
        summary=_summary(coverage),
        read=f"{count(len(read))} of {plural(len(files), 'file')}",
        extent=extent,
        complete=complete,
        files=tuple(map(_file, files[:_FILES_MAX])),
        files_left_out=max(len(files) - _FILES_MAX, 0),
        analyzers=tuple(map(_analyzer, coverage.analyzers[:_ANALYZERS_MAX])),
        missing=tuple(missing),
    )


def _read(coverage: Coverage) -> list[EvidenceCoverage]:
    return [one for one in coverage.evidence if one.status in {ReadStatus.READ, ReadStatus.PARTIAL}]


def _summary(coverage: Coverage) -> str:
    if not coverage.evidence:
        return "No file was handed over, so nothing was looked at."
    by_status = {status: sum(one.status == status for one in coverage.evidence) for status in _ORDER}
    total, read = len(coverage.evidence), len(_read(coverage))
    partial = f", {count(by_status[ReadStatus.PARTIAL])} of them only in part" if by_status[ReadStatus.PARTIAL] else ""
    faults = sum(one.faults for one in coverage.evidence)
    whole = "Every file was read" if read == total and total > 1 else f"{count(read)} of {plural(total, 'file')} could be read"
    not_read = [
        f"{count(by_status[status])} {said}"
        for status, said in ((ReadStatus.SKIPPED, "skipped"), (ReadStatus.FAILED, "failed"))
        if by_status[status]
    ]
    tail = f"; {listing(not_read)}" if not_read else ""
    broken = f" {sentence(plural(faults, 'record'))} could not be read." if faults else ""
    return f"{whole}{partial}{tail}.{broken}"


def _file(one: EvidenceCoverage) -> FileView:
    state, mark = STATUS_WORDS[one.status]
    samples = [f"at byte {count(fault.offset)}: {printable(fault.reason, 300)}" for fault in one.fault_samples[:_SAMPLES_MAX]]
    if one.faults > len(samples) > 0:
        samples.append(f"and {count(one.faults - len(samples))} more")
    return FileView(
        name=printable(one.name, 300),
        size=size(one.size_bytes),
        sha256=printable(one.sha256, 64),
        state=state,
        mark=mark,
        reader=printable(one.reader, 40) if one.reader else "",
        rows=listing([f"{count(rows)} {printable(table, 40).replace('_', ' ')}" for table, rows in one.rows.items()], 4),
        faults=count(one.faults) if one.faults else "",
        samples=tuple(samples),
        reason=printable(one.reason, 400),
    )


def _analyzer(one: AnalyzerCoverage) -> AnalyzerView:
    state, mark = RUN_WORDS.get(one.status, (printable(one.status, 40), "wait"))
    said = printable(one.reason, 400) if one.reason else plural(one.findings, "finding") if one.status == "ran" else ""
    return AnalyzerView(f"{word(printable(one.analyzer, 60))} {printable(one.version, 20)}", state, mark, said)
