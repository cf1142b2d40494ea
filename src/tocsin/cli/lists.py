"""Lists of what is built in: readers, analyzers, scenarios."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tocsin.analyzers import analyzers
from tocsin.errors import CaseError
from tocsin.readers import readers
from tocsin.scenario import SCENARIOS, build, write


def print_readers() -> None:
    """One line a reader: id, format, tables it fills, what else it needs."""
    table = Table("reader", "format", "gives", "needs", box=None, header_style="dim")
    for reader in readers().values():
        table.add_row(reader.id, reader.title, ", ".join(reader.tables), reader.needs or "–")
    Console(highlight=False).print(table)


def print_analyzers() -> None:
    """For each analyzer its question, what it reads, its techniques and thresholds."""
    console = Console(highlight=False)
    for analyzer in analyzers().values():
        console.print(f"[bold]{analyzer.id}[/bold] {analyzer.version}  {analyzer.title}")
        console.print(f"  reads {', '.join(analyzer.reads)}; claims {', '.join(analyzer.techniques) or 'no technique'}")
        thresholds = ", ".join(f"{name}={value}" for name, value in analyzer.parameters.items())
        console.print(f"  [dim]{escape(thresholds) or 'no thresholds'}[/dim]")


def print_scenarios() -> None:
    """The names ``tocsin scenario write`` takes."""
    for name in SCENARIOS:
        Console(highlight=False).print(name)


def write_scenario(name: str, out: Path, seed: int) -> None:
    """Write a scenario and say where its parts lie.

    Raises:
        TocsinError: No such scenario, or the folder cannot be written.
    """
    scenario = build(name, seed=seed)
    try:
        truth = write(scenario, out)
    except OSError as error:
        raise CaseError(
            f"{out}: cannot be written ({error.strerror}). Choose another folder with --out, or make room."
        ) from error
    Console(highlight=False).print(f"Evidence: {out / 'evidence'}\nTruth:    {truth}")
