"""Browsers and servers; without Chromium these tests say that they were skipped."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from kit.browser import CHROMIUM, Server, launch, serving

expect.set_options(timeout=30_000)  # other tests run beside these


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    with serving(tmp_path / "room") as started:
        yield started
