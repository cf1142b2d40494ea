"""The bar never shows more than there is, and nothing where nobody looks."""

from pathlib import Path

from kit.reading import items_of
from tocsin.cli.progress import Progress
from tocsin.model import EvidenceCoverage
from tocsin.terms import ReadStatus


def test_a_run_can_be_watched(tmp_path: Path) -> None:
    (item,) = items_of(tmp_path / "in", "good words")
    name, size = item.evidence.name, item.evidence.size_bytes
    with Progress(quiet=True) as watcher:
        watcher.stage("reading")
        watcher.hashing(name, 1, 2)
        watcher.found(item)
        watcher.reading(name, 10 * size)
        task = watcher._bars.tasks[0]
        assert (task.completed, task.total) == (size, size)
        watcher.read(EvidenceCoverage("e", "refused\x1b[31m" * 9, "f", 5, None, ReadStatus.SKIPPED))
        assert "\x1b" not in task.fields["note"]
        watcher.stage("analyzing")
        assert task.description == "Analyzing"
