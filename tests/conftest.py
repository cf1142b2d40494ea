"""Shared fixtures: where the reference evidence lies, and how loudly its absence is said."""

import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest

# The room's settings want their folder when they are first imported, which conftests below this one do.
os.environ |= {
    "TOCSIN_HOME": tempfile.mkdtemp(prefix="tocsin-test-"),
    "TOCSIN_PLAIN_HTTP": "1",
    "DJANGO_SETTINGS_MODULE": "tocsin.ops.config.settings",
}
from django.conf import settings

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast: what is tested is not the hasher
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
(Path(os.environ["TOCSIN_HOME"]) / "static").mkdir()
django.setup()

REAL_DATA = Path(os.environ.get("TOCSIN_REAL_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(os.environ["TOCSIN_HOME"], ignore_errors=True)


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
