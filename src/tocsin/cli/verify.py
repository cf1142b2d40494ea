"""Check an exported decision or log on a machine that has nothing but the file."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # kept out of the start of other commands
    from rich.console import Console

    from tocsin.council import DecisionReport, Tally
    from tocsin.ledger import Report

FILE_MAX = 1 << 30  # bytes
_STYLES = {"activated": "bold green", "declined": "bold red", "lapsed": "bold yellow", "withdrawn": "bold"}


def verify(
    file: Annotated[Path, typer.Argument(help="A decision or a log, exported by the room.")],
    witness: Annotated[list[Path] | None, typer.Option(help="What a state kept: signed heads, its votes. Repeatable.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Public keys that you trust, as the alliance hands them out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Replay an exported decision, or check an exported log: signatures, chain, outcome.

    Exit status: 0 everything holds, 1 something does not (the output says what and in which record), 2 an argument is wrong or a
    file cannot be read.
    """
    from tocsin.council import read_witness
    from tocsin.council import verify as check
    from tocsin.errors import TocsinError
    from tocsin.ledger import keys_from_json

    try:
        data = _read(file)
        trusted = keys_from_json(_read(keys)) if keys else None
        witnesses = [read_witness(path.name, _read(path)) for path in witness or ()]
        report = check(data, keys=trusted, witnesses=witnesses)
        if report.kind == "unknown" and b'"record"' not in data[:4096]:
            raise TocsinError(f"{file}: expected a decision or a log exported by Tocsin, found something else. Check the path.")
    except (TocsinError, OSError) as error:
        typer.secho(f"tocsin: {error}", err=True, fg="red" if sys.stderr.isatty() else None)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(to_json(report), ensure_ascii=False, indent=1))
    else:
        from rich.console import Console

        print_report(report, Console(highlight=False), trusted=trusted is not None, witnessed=bool(witnesses))
    raise typer.Exit(0 if report.holds else 1)


def _read(path: Path) -> bytes:
    from tocsin.errors import TocsinError

    if not path.is_file():
        raise TocsinError(f"{path}: no such file. Check the path.")
    if path.stat().st_size > FILE_MAX:
        raise TocsinError(
            f"{path}: expected at most {FILE_MAX:,} bytes, found {path.stat().st_size:,}. Tocsin exports none so large."
        )
    return path.read_bytes()


def to_json(report: "Report") -> dict[str, Any]:
    """The report for other programs; ``decision`` is null for a log, or where the file is too damaged to replay."""
    from tocsin.council import DecisionReport
    from tocsin.ledger import to_plain

    decision = None
    if isinstance(report, DecisionReport) and report.session and report.tally:
        opening, tally = report.session.opening, report.tally
        decision = {
            "session": opening.session,
            "title": opening.title,
            "request": opening.request,
            "outcome": tally.outcome.value,
            "why": tally.why,
            "votes": [{name: value for name, value in to_plain(stand).items() if name != "vote"} for stand in tally.stands],
            "caveats": to_plain(tally.caveats),
        }
    plain = {name: to_plain(getattr(report, name)) for name in ("kind", "ledger", "checks", "problems", "notes", "keys")}
    return {"holds": report.holds, **plain, "decision": decision}


def print_report(report: "Report", console: "Console", *, trusted: bool, witnessed: bool) -> None:
    """Print what was decided, what was checked, whose keys, and whether it holds. Nothing from the file can move the cursor."""
    from rich.table import Table

    from tocsin.council import DecisionReport
    from tocsin.model.text import plural, printable

    if isinstance(report, DecisionReport):
        _print_decision(report, console)
    plain = console.options.ascii_only
    lines = Table.grid(padding=(0, 1))
    for check in report.checks:
        lines.add_row(_text("ok" if plain else "✓", "green"), _text(check))
    for note in report.notes:
        lines.add_row(_text("-", "yellow"), _text(printable(note)))
    for problem in report.problems:
        lines.add_row(_text("no" if plain else "✗", "bold red"), _text(printable(problem)))
    _title(console, "What was checked")
    console.print(lines)
    _print_keys(report, console, trusted=trusted)
    if not witnessed and report.holds:
        said = "No witness was given. With a head that another state kept (--witness), a record rewritten by the server's owner shows."
        console.print(_text(said, "dim"))
    console.print()
    if report.holds:
        console.print(_text("Holds.", "bold green"))
    else:
        console.print(_text(f"Does not hold: {plural(len(report.problems), 'problem')}.", "bold red"))


def _print_decision(report: "DecisionReport", console: "Console") -> None:
    from tocsin.model.text import instant, listing, printable

    if report.session is None or report.tally is None or report.session.closing is None:
        return
    opening, tally = report.session.opening, report.tally
    console.print(_text(printable(opening.title, 300), "bold"))
    closed = instant(report.session.closing.time)
    console.print(_text(f"Session {printable(opening.session, 60)}, opened {instant(opening.time)}, closed {closed}", "dim"))
    style = _STYLES.get(tally.outcome, "bold") if report.holds else "bold red"
    shown = tally.outcome.value if report.holds else f"{tally.outcome.value}, if the file held"
    console.print(_text(shown, style).append(f". {printable(tally.why)}", style="not bold default"))
    _title(console, "Votes")
    console.print(_votes(tally))
    if tally.caveats:
        _title(console, "Caveats that bind the mission")
        for caveat in tally.caveats:
            states = listing((printable(name, 60) for name in caveat.states), 12)
            console.print(_text(f"{printable(caveat.text, 500)} ").append(f"({states})", style="dim"))


def _votes(tally: "Tally") -> Any:
    from rich.table import Table

    from tocsin.model.text import instant, printable

    rows = Table.grid(padding=(0, 2))
    for stand in tally.stands:
        said = stand.choice.value if stand.choice else "no vote"
        by = f"by {printable(stand.delegate, 60)}, delegated" if stand.delegate else ""
        extra = "; ".join(filter(None, (by, *(printable(text, 500) for text in stand.caveats), printable(stand.note, 100))))
        when = instant(stand.time) if stand.time else ""
        style = {"yes": "green", "no": "red"}.get(said, "yellow")
        rows.add_row(_text(printable(stand.name, 60)), _text(said, style), _text(when, "dim"), _text(extra))
    return rows


def _print_keys(report: "Report", console: "Console", *, trusted: bool) -> None:
    from rich.table import Table

    if not report.keys:
        return
    _title(console, "Keys")
    rows = Table.grid(padding=(0, 2))
    for key in report.keys:
        said = _text("trusted", "green") if key.trusted else _text("from the file", "yellow")
        rows.add_row(_text(key.owner), _text(key.fingerprint), said)
    console.print(rows)
    if not trusted:
        said = "No trusted keys were given: these came from the file itself. Compare them with their owners by another way."
        console.print(_text(said, "yellow"))
    elif not all(key.trusted for key in report.keys):
        console.print(
            _text("Some keys are not among those you trust: compare them with their owners by another way.", "yellow")
        )


def _text(text: str, style: str = "") -> Any:
    from rich.text import Text

    return Text(text, style=style)


def _title(console: "Console", title: str) -> None:
    console.print()
    console.print(_text(title, "bold underline"))
