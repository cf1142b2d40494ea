"""Shared fixtures: where the reference evidence lies, and how loudly its absence is said."""

import os
from pathlib import Path

import pytest

REAL_DATA = Path(os.environ.get("TOCSIN_REAL_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of reference evidence."""
    return REAL_DATA


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not REAL_DATA.is_dir():
        for item in items:
            if "real" in item.keywords:
                item.add_marker(pytest.mark.skip(reason=f"no reference evidence at {REAL_DATA}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "real" in r.keywords]
    if skipped:
        terminalreporter.write_line(
            f"NOT RUN: {len(skipped)} tests on real evidence; set TOCSIN_REAL_DATA to run them", red=True
        )
