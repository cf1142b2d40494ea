"""One finding as text, in the order it is read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.exporters.charts import Chart
from tocsin.exporters.view.facts import Fact, Table, duration_s, facts, peaks, reasons, sources, top_sources
from tocsin.exporters.words import CLASS_WORDS, SEVERITY_CLASS, kind_word, sentence, what
from tocsin.model import Action, Finding, Mitigation
from tocsin.model.text import count, duration, listing, percent, printable, span
from tocsin.packs.glossary import glossary
from tocsin.packs.techniques import technique_names
from tocsin.terms import FindingClass

_ROWS_MAX, _STEPS_MAX, _PARAMETERS_MAX = 20, 30, 60
_REFUSED = re.compile(r"\A[^:.]{0,60}: refused[,:;.]?\s*")  # said already by the step's summary and state
_COLLATERAL_MAX = 0.01  # from here on the number is marked: it hits people who did nothing


@dataclass(frozen=True, slots=True)
class Row:
    """A row that shows the claim."""

    name: str
    offset: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class File:
    """A file ready to deploy: what it is written for, what to know of it alone, how to take it back."""

    kind: str
    path: str
    name: str
    remark: str
    undo: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, or not to do: then ``refused`` says why.

    ``folder``: where all its files lie, with a stroke at the end; "" if they lie apart. ``costly``: it hits others.
    ``note``: what to know before deploying it. ``not_as``: in which kinds of file it cannot be said, and why.
    """

    finding: int
    anchor: str
    title: str
    summary: str
    kinds: str
    folder: str
    files: tuple[File, ...]
    hit: str
    collateral: str
    costly: bool
    note: str
    not_as: tuple[str, ...]
    refused: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding, ready to print: every text is neutralised, every number has its unit.

    ``tone`` is the severity as the look's tokens name it; ``number`` counts from 1 over the whole assessment.
    """

    number: int
    anchor: str
    id: str
    title: str
    severity: str
    tone: str
    cls: str
    attack: bool
    confidence: str
    reasons: tuple[str, ...]
    what: str
    explained: str
    victims: str
    when: str
    lasted: str
    peak: str
    sources: str
    forged: bool
    meaning: str
    facts: tuple[Fact, ...]
    top_sources: Table | None
    techniques: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    rows: tuple[Row, ...]
    rows_left_out: int
    parameters: tuple[Fact, ...]
    analyzer: str
    chart: Chart | None


def finding_view(finding: Finding, number: int, chart: Chart | None) -> FindingView:
    """The finding as text. ``number``: its place in the assessment, from 1."""
    term = glossary().get(printable(finding.attributes.get("vector"), 60))
    lasted = duration_s(finding)
    return FindingView(
        number=number,
        anchor=f"finding-{number}",
        id=printable(finding.id, 80),
        title=printable(finding.title, 300),
        severity=finding.severity.word,
        tone=SEVERITY_CLASS[finding.severity],
        cls=CLASS_WORDS[finding.cls],
        attack=finding.cls == FindingClass.ATTACK,
        confidence=f"{finding.confidence} %",
        reasons=reasons(finding),
        what=sentence(what(finding)),
        explained=term.meaning if term else "",
        victims=victims(finding),
        when=span(finding.first_seen, finding.last_seen),
        lasted=duration(lasted) if lasted is not None else "",
        peak=", ".join(peaks(finding)),
        sources=sources(finding),
        forged=finding.attributes.get("sources_spoofed") is True,
        meaning=printable(finding.meaning, 3_000),
        facts=facts(finding),
        top_sources=top_sources(finding),
        techniques=tuple((printable(t, 40), technique_names().get(t, "")) for t in finding.techniques[:20]),
        steps=steps(finding, number),
        rows=tuple(
            Row(printable(row.name, 200), count(row.offset), printable(row.excerpt, 400))
            for row in finding.evidence[:_ROWS_MAX]
        ),
        rows_left_out=max(len(finding.evidence) - _ROWS_MAX, 0),
        parameters=tuple(
            Fact(printable(key, 80), printable(value, 200)) for key, value in list(finding.parameters.items())[:_PARAMETERS_MAX]
        ),
        analyzer=f"{printable(finding.analyzer, 60)} {printable(finding.version, 20)}",
        chart=chart,
    )


def victims(finding: Finding) -> str:
    """Whom it hit, in one line; without victims, whom it names, and as what."""
    if len(finding.named("victim")) == 1:
        return printable(finding.whom, 200)
    named = list(dict.fromkeys(finding.named("victim"))) or [f"{entity.value} ({entity.role})" for entity in finding.entities]
    return listing([printable(name, 120) for name in named], 4)


def steps(finding: Finding, number: int) -> tuple[Step, ...]:
    """What to do about it: what can be done first, then what is refused. All files of one mitigation are one step."""
    given: Iterable[Action | Mitigation] = finding.actions or finding.mitigations
    grouped: dict[str, list[Action | Mitigation]] = {}
    for one in given:
        grouped.setdefault(one.summary, []).append(one)
    made = [_step(finding, number, group) for group in grouped.values()]
    return tuple(sorted(made, key=lambda step: bool(step.refused)))[:_STEPS_MAX]


def _step(finding: Finding, number: int, group: list[Action | Mitigation]) -> Step:
    useful = [one for one in group if not one.refused]
    reasons: dict[str, list[str]] = {}
    for one in group:
        if one.refused:
            reasons.setdefault(one.refused, []).append(kind_word(one.kind) if isinstance(one, Action) else "")
    summary = group[0].summary
    # An action's note is its mitigation's, then what is to be known of that kind of file; what all files say, the step says.
    shared = next((one.note for one in finding.mitigations if one.summary == summary), "")
    if not shared and len({one.note for one in useful}) == 1:
        shared = useful[0].note
    not_as = [f"Not as {listing(kinds)}: {reason}" for reason, kinds in reasons.items()] if useful else []
    files = tuple(_file(one, shared) for one in useful if isinstance(one, Action) and one.path)
    folders = {file.path.removesuffix(file.name) for file in files}
    hit = next((one.hit_ratio for one in useful if one.hit_ratio is not None), None)
    collateral = max((one.collateral_ratio for one in useful if one.collateral_ratio is not None), default=None)
    return Step(
        finding=number,
        anchor=f"finding-{number}",
        title=printable(finding.title, 300),
        summary=printable(summary, 300),
        kinds=listing([file.kind for file in files], 8),
        folder=folders.pop() if len(folders) == 1 else "",
        files=files,
        hit=percent(hit) if hit is not None else "",
        collateral=percent(collateral) if collateral is not None else "",
        costly=collateral is not None and collateral >= _COLLATERAL_MAX,
        note=printable(shared, 600),
        not_as=tuple(printable(reason, 600) for reason in not_as),
        refused="" if useful else printable(" ".join(sentence(_REFUSED.sub("", reason)) for reason in reasons), 900),
    )


def _file(action: Action, shared: str) -> File:
    remark = action.note.removeprefix(shared).strip() if shared else action.note
    path = printable(action.path, 300)
    return File(kind_word(action.kind), path, path.rpartition("/")[2], printable(remark, 600), printable(action.undo, 600))
