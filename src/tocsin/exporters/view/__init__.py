"""An assessment as text: what page, PDF and terminal print, so that they never say different things.

Every string is neutralised (``model.text.printable``) and bounded here, every number has its unit; what is left out because there
is too much of it is counted. HTML and typst escape by themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from tocsin.exporters.charts import Chart, draw, series_sheet, timeline_sheet
from tocsin.exporters.view.coverage import AnalyzerView, CoverageView, FileView, coverage_view
from tocsin.exporters.view.facts import Fact, Table, numeric
from tocsin.exporters.view.finding import File, FindingView, Row, Step, finding_view
from tocsin.exporters.words import SEVERITY_CLASS
from tocsin.model import Assessment, Finding
from tocsin.model.text import bit_rate, clock, day, duration, listing, number, plural, printable, span
from tocsin.packs.glossary import Term, occurring
from tocsin.terms import FindingClass, Tlp

__all__ = [
    "AnalyzerView",
    "Cell",
    "CoverageView",
    "Fact",
    "File",
    "FileView",
    "FindingView",
    "Group",
    "Report",
    "Row",
    "Step",
    "Table",
    "report_view",
]

_FINDINGS_MAX, _CHARTS_MAX, _STEPS_MAX = 200, 40, 12
_TLP_TONES = {Tlp.RED: "red", Tlp.AMBER_STRICT: "amber", Tlp.AMBER: "amber", Tlp.GREEN: "green", Tlp.CLEAR: "clear"}
# Words the report itself uses beside the evidence's.
_OWN_WORDS = ("confidence", "severity", "onset", "TLP", "UTC", "evidence", "byte", "SHA-256")


@dataclass(frozen=True, slots=True)
class Cell:
    """A number to be read from the back of a room. ``late``: it is a bad one."""

    label: str
    value: str
    note: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An incident with its findings, or the findings that belong to none; ``title`` is "" where its one finding says the same."""

    title: str
    severity: str
    tone: str
    when: str
    victims: str
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole. ``steps``: what to do now, over all findings; ``steps_left_out`` stand at their findings."""

    tlp: str
    tlp_tone: str
    partner: str
    question: str
    answer: str
    tone: str
    situation: str
    cells: tuple[Cell, ...]
    steps: tuple[Step, ...]
    steps_left_out: int
    timeline: Chart | None
    groups: tuple[Group, ...]
    findings_left_out: int
    coverage: CoverageView
    terms: tuple[Term, ...]
    versions: tuple[Fact, ...]


def report_view(assessment: Assessment, *, with_charts: bool = True) -> Report:
    """The assessment as text. Without charts nothing is drawn, which saves a second (terminal)."""
    shown = assessment.findings[:_FINDINGS_MAX]
    timeline, charts = _charts(shown) if with_charts else (None, {})
    views = [finding_view(found, number, charts.get(number)) for number, found in enumerate(shown, 1)]
    attacks = [found for found in assessment.findings if found.cls == FindingClass.ATTACK]
    coverage = coverage_view(assessment.coverage)
    steps = _first_steps(views)
    partner = printable(assessment.partner, 120)
    situation = printable(assessment.situation, 4_000)
    groups = tuple(_groups(assessment, views))
    return Report(
        tlp=str(assessment.tlp),
        tlp_tone=_TLP_TONES[assessment.tlp],
        partner=partner,
        question=f"Is there an attack on {partner}?" if partner else "Is there an attack?",
        answer=_answer(assessment, coverage),
        tone=SEVERITY_CLASS[max(found.severity for found in attacks)] if attacks else "",
        situation=situation,
        cells=tuple(_cells(attacks, coverage)),
        steps=steps,
        steps_left_out=sum(len(view.steps) for view in views) - len(steps),
        timeline=timeline,
        groups=groups,
        findings_left_out=len(assessment.findings) - len(shown),
        coverage=coverage,
        terms=occurring(_texts((_OWN_WORDS, situation, [asdict(group) for group in groups], asdict(coverage)))),
        versions=tuple(Fact(printable(key, 60), printable(value, 60)) for key, value in sorted(assessment.versions.items())),
    )


def _charts(findings: tuple[Finding, ...]) -> tuple[Chart | None, dict[int, Chart]]:
    sheets = {number: sheet for number, found in enumerate(findings[:_CHARTS_MAX], 1) if (sheet := series_sheet(found))}
    timeline = timeline_sheet(findings)
    drawn = draw([*sheets.values(), *([timeline] if timeline else [])])
    return drawn[-1] if timeline else None, dict(zip(sheets, drawn, strict=False))


def _first_steps(views: list[FindingView]) -> tuple[Step, ...]:
    """The first thing to do about each finding, what must not be done about it, then the next, while there is room."""
    ranked = []
    for view in views:
        useful = [step for step in view.steps if not step.refused]
        refused = [step for step in view.steps if step.refused]
        turns = [*useful[:1], *refused[:1], *useful[1:], *refused[1:]]
        ranked += [(turn, view.number, view.steps.index(step), step) for turn, step in enumerate(turns)]
    chosen = sorted(ranked, key=lambda entry: entry[:3])[:_STEPS_MAX]
    return tuple(step for _, _, _, step in sorted(chosen, key=lambda entry: entry[1:3]))


def _answer(assessment: Assessment, coverage: CoverageView) -> str:
    classes = [found.cls for found in assessment.findings]
    attacks = [found for found in assessment.findings if found.cls == FindingClass.ATTACK]
    if attacks:
        whom = {str(found.attributes.get("victim_name") or victim) for found in attacks for victim in found.named("victim")[:1]}
        worst = max(found.severity for found in attacks).word.lower()
        hit = f" on {plural(len(whom), 'victim')}" if whom else ""
        return f"Yes. {plural(len(attacks), 'attack')}{hit}; the worst is {worst}."
    if coverage.read.startswith("0 ") or not assessment.coverage.evidence:
        return "It cannot be told: nothing could be read."
    if not any(one.status == "ran" for one in assessment.coverage.analyzers):
        return "It cannot be told: no analyzer could run."
    if FindingClass.INSUFFICIENT_EVIDENCE in classes:
        return "It cannot be told from this evidence."
    if suspicious := classes.count(FindingClass.SUSPICIOUS):
        return f"No attack is shown; {plural(suspicious, 'thing looks', 'things look')} suspicious."
    scope = "what was read" if not coverage.complete else plural(len(assessment.coverage.evidence), "file")
    return f"None was found in {scope}. That does not mean there is none."


def _cells(attacks: list[Finding], coverage: CoverageView) -> Iterator[Cell]:
    times = [(found.first_seen, found.last_seen) for found in attacks if found.first_seen and found.last_seen]
    if times:
        yield _onset(min(first for first, _ in times), max(last for _, last in times))
    for key, unit, say in (
        ("peak_packets_per_s", "packets/s", number),
        ("peak_bits_per_s", "", bit_rate),
        ("peak_requests_per_s", "requests/s", number),
    ):
        values = [(value, found) for found in attacks if (value := numeric(found.attributes, key))]
        if values:
            value, found = max(values, key=lambda pair: pair[0])
            whom = listing([printable(victim, 45) for victim in found.named("victim")[:1]])
            yield Cell("Peak", say(value), " ".join(filter(None, (unit, f"on {whom}" if whom else ""))))
    yield Cell("Evidence read", coverage.read, coverage.extent, not coverage.complete)


def _onset(first: datetime, last: datetime) -> Cell:
    lasted = (last - first).total_seconds()
    until = clock(last) if day(first) == day(last) else f"{day(last)}, {clock(last)}"
    within = f"all within {duration(lasted)}" if lasted > 0 else "all at one instant"
    note = f"to {until} UTC, {duration(lasted)}" if lasted >= 1 else f"UTC, {within}"
    return Cell(f"Onset, {day(first)}", clock(first), note)


def _groups(assessment: Assessment, views: list[FindingView]) -> Iterator[Group]:
    by_id: dict[str, FindingView] = {}
    for found, view in zip(assessment.findings, views, strict=False):
        by_id.setdefault(found.id, view)
    placed: set[int] = set()
    for incident in assessment.incidents:
        members = [by_id[key] for key in incident.findings if key in by_id and by_id[key].number not in placed]
        placed |= {view.number for view in members}
        if len(members) == 1 and members[0].title == printable(incident.title, 300):
            yield Group("", "", "", "", "", tuple(members))
        elif members:
            yield Group(
                printable(incident.title, 300),
                incident.severity.word,
                SEVERITY_CLASS[incident.severity],
                span(incident.first_seen, incident.last_seen),
                listing([printable(victim, 60) for victim in incident.victims], 8),
                tuple(members),
            )
    rest = tuple(view for view in views if view.number not in placed)
    if rest:
        yield Group("Other findings" if placed else "Findings", "", "", "", "", rest)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in {"svg", "page"}:
                yield from _texts(item)
    elif isinstance(value, Iterable):
        for item in value:
            yield from _texts(item)
