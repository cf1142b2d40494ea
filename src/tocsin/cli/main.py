"""The commands."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.verify import verify
from tocsin.terms import Tlp

app = typer.Typer(
    name="tocsin",
    help="Evidence in, assessment and ready-to-deploy actions out, offline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
scenario_app = typer.Typer(help="Write evidence with known ground truth: for demos, exercises and tests.", no_args_is_help=True)
app.add_typer(scenario_app, name="scenario")
app.command()(verify)


def _fail(error: Exception, code: int = 4) -> typer.Exit:
    """Say what went wrong, without a traceback."""
    typer.secho(f"tocsin: {error}", err=True, fg="red" if sys.stderr.isatty() else None)
    return typer.Exit(code)


def _check_there(paths: list[Path]) -> None:
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise _fail(FileNotFoundError(f"{missing[0]}: no such file or folder. Nothing was read; check the path."), 2)


def _holds_something(path: Path) -> bool:
    """Whether it is anything but a folder of empty folders; a folder that may not be looked into is something, too."""
    unread: list[OSError] = []
    return not path.is_dir() or any(files for _, _, files in os.walk(path, onerror=unread.append)) or bool(unread)


@app.command()
def assess(
    evidence: Annotated[
        list[Path], typer.Argument(help="Files and folders: captures, flows, logs, archives of them.", readable=False)
    ],
    profile: Annotated[Path | None, typer.Option(help="partner.yaml: what the partner must protect.", readable=False)] = None,
    out: Annotated[Path, typer.Option(help="Case folder to write; an unfinished one is gone on with.")] = Path("case"),
    engine: Annotated[str, typer.Option(help="Where expressions run: duckdb or spark.")] = "duckdb",
    tlp: Annotated[Tlp, typer.Option(help="Marking of everything that is written.")] = Tlp.AMBER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Reading processes; all cores if not given.")] = None,
) -> None:
    """Say what is happening, how we know, and what to do now.

    Exit status: 0 all evidence was read and analyzed, 3 some of it was not, 4 nothing was or the case cannot be written,
    2 the command or the partner profile is wrong, 130 interrupted (run the same command again to go on).
    """
    from tocsin.processes import start_server

    _check_there(evidence)
    if not any(_holds_something(path) for path in evidence):
        raise _fail(FileNotFoundError(f"{evidence[0]}: the folder holds no file. Nothing was read; check the path."), 2)
    with contextlib.suppress(FileNotFoundError):  # no room for temporary files: the pipeline says so, and what to do
        start_server()  # it loads the readers while the rest is loaded here

    from tocsin import pipeline
    from tocsin.cli.progress import Progress
    from tocsin.errors import CaseError, TocsinError
    from tocsin.model import Profile
    from tocsin.model.profile import load_profile

    try:
        partner = load_profile(profile) if profile else Profile()
        request = pipeline.Request(tuple(evidence), out, partner, engine, tlp, workers)
        with Progress(quiet=as_json or not sys.stderr.isatty()) as watcher:
            assessment = pipeline.assess(request, watcher)
    except CaseError as error:
        raise _fail(error) from error
    except TocsinError as error:
        raise _fail(error, 2) from error
    except KeyboardInterrupt as error:
        raise _fail(Exception("interrupted. What was read is kept: run the same command again to go on."), 130) from error
    if as_json:
        from tocsin.exporters.as_json import to_json
        from tocsin.store import dumps

        sys.stdout.buffer.write(dumps(to_json(assessment)))
        sys.stdout.buffer.flush()
    else:
        from rich.console import Console

        from tocsin.cli.screen import print_assessment

        print_assessment(assessment, Console(highlight=False), case=out)
    raise typer.Exit(pipeline.exit_code(assessment))


@app.command()
def explain(
    finding: Annotated[str, typer.Argument(help="Id of a finding, or its first characters.")],
    case: Annotated[Path, typer.Option(help="Case folder.")] = Path("case"),
    evidence: Annotated[
        list[Path] | None, typer.Option(help="Where the evidence lies now, to show its bytes.", readable=False)
    ] = None,
) -> None:
    """Show the rows and bytes behind a finding."""
    from rich.console import Console

    from tocsin.cli.explain import explain_finding
    from tocsin.errors import TocsinError

    _check_there(evidence or [])
    try:
        explain_finding(case, finding, evidence or [], Console(highlight=False))
    except TocsinError as error:
        raise _fail(error, 2) from error


@app.command()
def sql(
    case: Annotated[Path, typer.Argument(help="Case folder.")] = Path("case"),
    query: Annotated[str | None, typer.Argument(help="One query; without it, an interactive prompt.")] = None,
) -> None:
    """Open the tables of a case in DuckDB."""
    from tocsin.cli.sql import run_sql
    from tocsin.errors import TocsinError

    try:
        run_sql(case, query)
    except TocsinError as error:
        raise _fail(error, 2) from error


@app.command("readers")
def list_readers() -> None:
    """List the formats that can be read, and what each gives."""
    from tocsin.cli.lists import print_readers

    print_readers()


@app.command("analyzers")
def list_analyzers() -> None:
    """List the questions that are asked, what each needs, and its thresholds."""
    from tocsin.cli.lists import print_analyzers

    print_analyzers()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8765,
    home: Annotated[Path | None, typer.Option(help="Folder of the room: database, keys, files. TOCSIN_HOME otherwise.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Open it filled with an invented case; nothing is kept.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Web server processes.")] = 2,
    certificate: Annotated[Path | None, typer.Option(help="PEM file, where others reach the address.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key.")] = None,
) -> None:
    """Open the operations room: request, decision, team, mission. DATABASE_URL=postgresql://… for PostgreSQL."""
    from tocsin.errors import TocsinError
    from tocsin.ops.config.server import Serving
    from tocsin.ops.config.server import serve as open_room

    try:
        open_room(Serving(host, port, processes, demo, certificate, key), home, typer.echo)
    except TocsinError as error:
        raise _fail(error, 2) from error


@app.command()
def version() -> None:
    """Print the version."""
    from tocsin import __version__

    typer.echo(__version__)


@scenario_app.command("list")
def scenario_list() -> None:
    """List the scenarios."""
    from tocsin.cli.lists import print_scenarios

    print_scenarios()


@scenario_app.command("write")
def scenario_write(
    name: Annotated[str, typer.Argument(help="Name of a scenario; tocsin scenario list shows them.")],
    out: Annotated[Path, typer.Option(help="Folder to write: evidence/, truth.json, partner.yaml.")] = Path("scenario"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Write a scenario's evidence, and its truth beside it."""
    from tocsin.cli.lists import write_scenario
    from tocsin.errors import TocsinError

    try:
        write_scenario(name, out, seed)
    except TocsinError as error:
        raise _fail(error, 2) from error
