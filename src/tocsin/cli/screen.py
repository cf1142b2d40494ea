"""The assessment on a terminal: what a team leader reads first, in 80 columns."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tocsin.exporters.view import CoverageView, FindingView, Group, Step, report_view
from tocsin.exporters.words import usually
from tocsin.model import Assessment, Series
from tocsin.model.text import count, plural, printable

_STYLES = {
    "fatal": "bold magenta",
    "critical": "bold red",
    "high": "bold dark_orange",
    "medium": "bold yellow",
    "low": "bold green",
    "info": "bold",
}
_TLP_STYLES = {"red": "bold red on black", "amber": "bold yellow on black", "green": "bold green on black"}
_MARKS = {"yes": "green", "wait": "yellow", "no": "red"}
_BLOCKS = "▁▂▃▄▅▆▇█"
_SPARK_COLUMNS = 48
_FINDINGS_MAX, _FILES_MAX = 20, 10


def print_assessment(assessment: Assessment, console: Console, *, case: Path | None = None) -> None:
    """Print situation, findings, what to do now, and what was and was not looked at.

    Without colours where the console is not a terminal, without drawings where it cannot show them. Nothing that comes from
    evidence can move the cursor or change colours.

    Args:
        assessment: What to print.
        console: Where to.
        case: The case folder: action files and the report are named in it.
    """
    if not console.options.ascii_only:
        _print_report(assessment, console, case, plain=False)
        return
    with console.capture() as kept:
        _print_report(assessment, console, case, plain=True)
    console.file.write(kept.get().encode(console.encoding, "backslashreplace").decode(console.encoding))


def _print_report(assessment: Assessment, console: Console, case: Path | None, *, plain: bool) -> None:
    report = report_view(assessment, with_charts=False)
    ids = [found.id for found in assessment.findings]
    head = Text(f" {report.tlp} ", style=_TLP_STYLES.get(report.tlp_tone, "bold white on black"))
    _print(console, head)
    _print(console, Text(report.question, style="dim"))
    _print(console, Text(report.answer, style=_STYLES.get(report.tone, "bold")))
    console.print()
    _print(console, Text(report.situation))
    if report.groups:
        _title(console, "Findings")
    shown = 0
    for group in report.groups:
        _group_head(console, group)
        for view in group.findings[: max(_FINDINGS_MAX - shown, 0)]:
            _finding(console, view, assessment.findings[view.number - 1].series, _shortest(view.id, ids), plain=plain)
        shown += len(group.findings)
    total = shown + report.findings_left_out
    if total > _FINDINGS_MAX:
        _print(console, Text(f"{count(total - _FINDINGS_MAX)} more findings are in the report.", style="dim"))
    if report.groups:
        _title(console, "What to do now")
        _steps(console, report.steps, case)
    if report.steps_left_out:
        _print(console, Text(f"{plural(report.steps_left_out, 'more action')} in the report.", style="dim"))
    _title(console, "What was looked at")
    _coverage(console, report.coverage)
    if case is not None:
        console.print()
        _path(console, case / "report.html", "Report  ")


def _print(console: Console, body: Text, head: Text | str = "", hang: int | None = None) -> None:
    """Print ``body`` after ``head``; lines after the first are indented by ``hang``, or else to where the body began."""
    lead = Text().append_text(head if isinstance(head, Text) else Text(head))  # its style must not reach the body
    indent = lead.cell_len if hang is None else hang
    lines = body.wrap(console, max(console.width - max(indent, lead.cell_len), 20)) or [Text()]
    for number, line in enumerate(lines):
        line.rstrip()
        console.print((Text(" " * indent) if number else lead).append_text(line), highlight=False, soft_wrap=True)


def _title(console: Console, title: str) -> None:
    console.print()
    _print(console, Text(title, style="bold underline"))


def _path(console: Console, path: Path, head: str) -> None:
    """Never broken over lines by us, so that it can be copied."""
    console.print(Text(head, style="dim").append(printable(path), style="not dim"), highlight=False, soft_wrap=True)


def _group_head(console: Console, group: Group) -> None:
    if group.title not in {"", "Findings"}:  # which is the section's own title
        _print(console, Text(group.title, style="bold"))
        if group.severity:
            _print(console, Text(f"{group.when}; {group.victims}" if group.victims else group.when, style="dim"))
        console.print()


def _finding(console: Console, view: FindingView, series: Series | None, short_id: str, *, plain: bool) -> None:
    head = Text(f"{view.number} {'#' if plain else '■'} {view.severity}  ", style=_STYLES[view.tone])
    _print(console, Text(view.title, style="bold"), head, 2)
    facts = (
        ("this is", "" if view.attack else view.cls),
        ("victim" if view.attack else "about", view.victims),
        ("when", f"{view.when}, {view.lasted}" if view.lasted else view.when),
        ("peak", f"{view.peak}{_usual(series)}" if view.peak else ""),
        ("sources", view.sources),
        ("sure", f"{view.confidence}. {view.reasons[0]}" if view.reasons else view.confidence),
        ("id", short_id),
        ("", "" if plain else spark(series.values if series else ())),
    )
    for label, said in facts:
        if said:
            _print(console, Text(said), Text(f"  {label:9}", style="dim"))
    console.print()


def _shortest(name: str, names: Sequence[str]) -> str:
    """As much of the id as tells it from the others, for ``tocsin explain``."""
    others = [other for other in names if other != name]
    return next((name[:end] for end in range(8, len(name)) if not any(o.startswith(name[:end]) for o in others)), name)


def _usual(series: Series | None) -> str:
    return f"; usual {usually(series.usual, printable(series.unit, 40))}" if series and series.usual is not None else ""


def spark(values: Sequence[float], columns: int = _SPARK_COLUMNS) -> str:
    """A line of small columns; each is the highest of the values it stands for. "" for fewer than two values.

    Not finite or negative counts as zero.
    """
    heights = [value if 0 < value < float("inf") else 0.0 for value in values]
    top = max(heights, default=0.0)
    if len(heights) < 2 or not top:
        return ""
    shown = min(columns, len(heights))
    edges = [len(heights) * column // shown for column in range(shown + 1)]
    return "".join(_BLOCKS[round(max(heights[left:right]) / top * (len(_BLOCKS) - 1))] for left, right in pairwise(edges))


def _steps(console: Console, steps: Sequence[Step], case: Path | None) -> None:
    if not steps:
        _print(console, Text("Nothing to deploy: no finding has a measure that would help."))
    for number, step in enumerate((step for step in steps if not step.refused), 1):
        title = Text().append(step.summary, style="bold").append(f"  finding {step.finding}", style="dim")
        _print(console, title, f"{number}. ")
        if step.hit or step.collateral:
            said = Text(f"hits {step.hit or 'an unmeasured share'} of the attack, ")
            others = f"{step.collateral or 'an unmeasured share'} of other traffic"
            _print(console, said.append(others, style="bold red" if step.costly else ""), "   ")
        if step.note:
            _print(console, Text(step.note, style="dim"), "   ")
        if step.folder and len(step.files) > 1:
            _path(console, case / step.folder if case else Path(step.folder), "   ")
            _print(console, Text(", ".join(file.name for file in step.files), style="dim"), "   ", 5)
        else:
            for file in step.files:
                _path(console, case / file.path if case else Path(file.path), "   ")
        if not step.files:
            _print(console, Text("no file; by hand", style="dim"), "   ")
    for step in steps:
        if step.refused:
            _print(console, Text(step.summary).append(f" {step.refused}", style="dim"), Text("Not: ", style="bold red"), 3)


def _coverage(console: Console, coverage: CoverageView) -> None:
    _print(console, Text(coverage.summary))
    troubled = [file for file in coverage.files if file.mark != "yes" or file.faults]
    for file in troubled[:_FILES_MAX]:
        faults = f"{file.faults} faults" if file.faults and file.faults != "1" else ""
        said = "; ".join(filter(None, (file.reason, faults, file.samples[0] if file.samples else "")))
        _state(console, file.name, file.state, file.mark, said)
    if len(troubled) > _FILES_MAX:
        _print(console, Text(f"{count(len(troubled) - _FILES_MAX)} more such files are in the report.", style="dim"), "  ")
    for one in coverage.analyzers:
        if one.mark != "yes":
            _state(console, one.name, one.state, one.mark, one.said)
    for missing in coverage.missing:
        _print(console, Text(missing), "  ", 4)


def _state(console: Console, name: str, state: str, mark: str, said: str) -> None:
    line = Text(name).append(f"  {state}", style=_MARKS[mark]).append(f": {said}" if said else "", style="dim")
    _print(console, line, "  ", 4)
