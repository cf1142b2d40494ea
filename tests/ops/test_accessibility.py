"""Every page of the matrix, for people who do not see, do not use a mouse, or have scripts off: axe in a real Chromium, and its HTML."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test import override_settings
from playwright.sync_api import BrowserContext, Page, Route, sync_playwright

from kit.browser import CHROMIUM, launch
from kit.case import THINGS, Case
from kit.matrix import ROWS, content, send

pytestmark = pytest.mark.django_db
ROOM = "http://room.test"
PAGES = [row for row in ROWS if row.method == "GET" and not row.name.startswith("api:") and row.name != "openapi-view"]
ACCOUNTS = (
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/2fa/",
    "/accounts/password/change/",
    "/accounts/sessions/",
)


@pytest.fixture(scope="module")
def pages(case: Case) -> dict[str, str]:
    """The HTML of every page, as the kind of person who gets most of it sees it, by a name."""
    with override_settings(SECOND_FACTOR=False):
        return _pages(case)


def _pages(case: Case) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in PAGES:
        for kind in [kind for kind, cell in row.cells.items() if cell in ("yes", "part")]:
            response = send(case, row, kind, THINGS[row.of](case, kind), {})
            if response.headers.get("Content-Type", "").startswith("text/html") and response.status_code == 200:
                html = content(response)
                # Of each address the page with most on it: what others see of it are its parts.
                html = f"<!-- {row} as {kind} -->{html}"
                found[row.name] = max(found.get(row.name, ""), html, key=lambda page: sum(Shape(page).parts.values()))
    for path in ACCOUNTS:
        response = case.room.client(None if "login" in path or "reset" in path else "chair").get(path)
        if response.status_code == 200:
            found[path] = content(response)
    return found


class Shape(HTMLParser):
    """How many forms, tables and sections a page has; controls that do nothing without a script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: dict[str, int] = {}
        self.idle: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag in ("form", "table", "section", "aside", "details", "svg"):
            self.parts[tag] = self.parts.get(tag, 0) + 1
        if tag in ("form", "dialog"):
            self._open.append(tag)
        hidden = "hidden" in held  # shown by the script that makes it work
        if tag == "button" and not self._open and "form" not in held and not hidden:
            self.idle.append(f"button {held}")
        if tag == "a" and (held.get("href") or "#") in ("#", "javascript:void(0)"):
            self.idle.append(f"a {held}")
        # What htmx alone would do is a live update of what stands there, never an act.
        for name in held:
            if name in ("hx-post", "hx-put", "hx-delete", "hx-patch"):
                self.idle.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("form", "dialog") and self._open:
            self._open.pop()


def test_no_control_of_any_page_needs_a_script(pages: dict[str, str]) -> None:
    assert len(pages) >= 25
    assert {html[:60]: idle for html in pages.values() if (idle := Shape(html).idle)} == {}


@pytest.fixture
def answering(pages: dict[str, str]) -> Iterator[tuple[BrowserContext, dict[str, str]]]:
    """A browser to which every address of the room is answered from what was collected, and static files from where they lie."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    shown: dict[str, str] = {}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if isinstance(file, str):
            route.fulfill(path=Path(file))
        elif path in shown:
            route.fulfill(body=shown[path], content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404)

    with sync_playwright() as playwright:
        started = launch(playwright)
        context = started.new_context(bypass_csp=True, reduced_motion="reduce")
        context.route("**/*", answer)
        yield context, shown
        started.close()


def violations(page: Page, **options: Any) -> list[tuple[str, str, str]]:
    """What axe finds, of those that keep somebody out."""
    result = Axe().run(page, options={"resultTypes": ["violations"], **options}).response
    grave = [one for one in result["violations"] if one["impact"] in ("serious", "critical")]
    return [(one["id"], node["html"][:200], node["failureSummary"][:300]) for one in grave for node in one["nodes"][:3]]


def test_axe_finds_nothing_grave_on_any_page(pages: dict[str, str], answering: tuple[BrowserContext, dict[str, str]]) -> None:
    context, shown = answering
    page = context.new_page()
    found = {}
    for number, html in enumerate(pages.values()):
        shown["/page"] = html
        page.emulate_media(color_scheme="light")
        page.goto(f"{ROOM}/page")
        if light := violations(page):
            found[f"{number} light {html[:60]}"] = light
        page.emulate_media(color_scheme="dark")
        if dark := violations(page, runOnly=["color-contrast"]):
            found[f"{number} dark {html[:60]}"] = dark
    assert found == {}


def test_axe_would_find_something(answering: tuple[BrowserContext, dict[str, str]]) -> None:
    context, shown = answering
    page = context.new_page()
    shown["/page"] = (
        "<!doctype html><html lang=en><title>x</title><main><img src='/x'><p style='color:#eee;background:#fff'>pale"
    )
    page.goto(f"{ROOM}/page")
    assert {one[0] for one in violations(page)} >= {"image-alt", "color-contrast"}
