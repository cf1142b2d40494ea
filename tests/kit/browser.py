"""A real server and real browsers: ``tocsin serve`` in a folder of its own, Debian's Chromium driven by Playwright."""

import base64
import contextlib
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [  # Chromium asks for nothing from outside
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
PASSWORD = "a password of the test"


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)


@dataclass
class Server:
    """A running ``tocsin serve``."""

    url: str
    home: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def invitation(self) -> str:
        """The link for the first administrator, as the terminal showed it."""
        return next(found[0] for line in self.lines if (found := re.search(r"http\S+/invitation/\S+", line)))


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(home: Path, *options: str, database_url: str | None = None, port: int | None = None) -> Iterator[Server]:
    """Run the server until the block ends."""
    port = port or free_port()
    tocsin = Path(sys.executable).with_name("tocsin")
    environment = {**os.environ, "TOCSIN_HOME": str(home), "TOCSIN_PLAIN_HTTP": "1", "PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_URL", None)
    if database_url:
        environment["DATABASE_URL"] = database_url
    process = subprocess.Popen(
        [tocsin, "serve", "--port", str(port), *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    server = Server(f"http://127.0.0.1:{port}", home, process)
    said: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in process.stdout or ():
            server.lines.append(line)
            said.put(line)

    threading.Thread(target=listen, daemon=True).start()
    try:
        wait_for(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        print("".join(server.lines))  # what a failed test is understood by


def wait_for(server: Server, seconds: float = 90) -> None:
    """Until it answers."""
    end = time.monotonic() + seconds
    port = urlsplit(server.url).port
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise RuntimeError("the server ended:\n" + "".join(server.lines))
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port or 0), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not answer:\n" + "".join(server.lines))


@dataclass
class Person:
    """Somebody at a browser of their own."""

    name: str
    context: BrowserContext
    page: Page
    url: str
    secret: str = ""
    scripts: bool = True

    def go(self, path: str) -> Page:
        """Open a page; it must be one that is there."""
        answer = self.page.goto(self.url + path)
        assert answer is not None and answer.status < 400, f"{path}: {answer and answer.status}"
        return self.page

    def enter(self, link: str) -> None:
        """Accept an invitation."""
        self.page.goto(link)
        if self.page.locator("#id_email").count():
            self.page.fill("#id_email", f"{self.name}@example.org")
        self.page.fill("#id_name", self.name.title())
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main button.primary")

    def second_factor(self) -> None:
        """Set up one-time codes, as the room asks of those who vote or administer."""
        self.page.goto(self.url + "/accounts/2fa/totp/activate/")
        self.secret = self.page.input_value("#authenticator_secret")
        self.page.fill("input[name=code]", self.code())
        self.page.click("main button.primary")

    def code(self) -> str:
        """The one-time code of this moment."""
        key = base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))
        return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()  # noqa: S303 - RFC 6238


@contextlib.contextmanager
def person(browser: Browser, server: Server, name: str, **options: Any) -> Iterator[Person]:
    """A browser of their own for somebody; a script error or a blocked one fails the test."""
    context = browser.new_context(**options)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on(
        "console", lambda said: problems.append(f"{page.url}: {said.text}") if "Content Security Policy" in said.text else None
    )
    page.set_default_timeout(30_000)
    try:
        yield Person(name, context, page, server.url, scripts=options.get("java_script_enabled", True))
        assert problems == []
    finally:
        context.close()
