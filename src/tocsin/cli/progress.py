"""How a run goes, on the terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from tocsin.intake import Item
from tocsin.model import EvidenceCoverage
from tocsin.model.text import printable

_WORDS = {"reading": "Reading", "analyzing": "Analyzing", "reporting": "Writing report and actions"}


class Progress:
    """A ``pipeline.Watcher`` that draws bars on standard error; quiet where nobody looks."""

    def __init__(self, *, quiet: bool) -> None:
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=quiet,
        )
        self._task = self._bars.add_task("Looking", total=None, note="")
        self._sizes: dict[str, int] = {}
        self._at: dict[str, int] = {}

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def stage(self, name: str) -> None:
        self._bars.update(self._task, description=_WORDS.get(name, name), note="")

    def hashing(self, name: str, done_bytes: int, size_bytes: int) -> None:
        self._bars.update(self._task, note=f"hashing {_short(name)}")

    def found(self, item: Item) -> None:
        self._sizes[item.evidence.name] = item.evidence.size_bytes
        self._refresh("")

    def reading(self, name: str, position: int) -> None:
        # Compressed files are read further than they are long: never show more than all of them.
        self._at[name] = min(position, self._sizes.get(name, position))
        self._refresh(_short(name))

    def read(self, coverage: EvidenceCoverage) -> None:
        self._at[coverage.name] = self._sizes.get(coverage.name, 0)
        self._refresh(_short(coverage.name))

    def _refresh(self, note: str) -> None:
        self._bars.update(self._task, total=sum(self._sizes.values()), completed=sum(self._at.values()), note=note)


def _short(name: str) -> str:
    return printable(name if len(name) <= 30 else "…" + name[-29:])
