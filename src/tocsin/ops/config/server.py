"""Starts the whole room: database, static files, web server, worker. No other step."""

import ctypes
import ipaddress
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import TocsinError

RESTART_S = 1.0
THREADS = 4  # per web process: enough that one slow page holds up nobody, few enough for SQLite and one core


@dataclass(frozen=True, slots=True)
class Serving:
    """How the room is to be served. ``certificate`` and ``key``: PEM files, for TLS without a proxy."""

    host: str
    port: int
    processes: int
    demo: bool
    certificate: Path | None = None
    key: Path | None = None

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def _check(serving: Serving) -> None:
    """Passwords and votes travel in the clear on this machine alone.

    Raises:
        TocsinError: The address is none, or there is no TLS where others could listen.
    """
    try:
        plain = serving.certificate is None and os.environ.get("TOCSIN_PROXY") != "1"
        if plain and not serving.loopback:
            raise TocsinError(
                f"--host {serving.host}: expected TLS, since others reach this address. Give --certificate and --key, or put a "
                "proxy before it and set TOCSIN_PROXY=1."
            )
    except ValueError as error:
        raise TocsinError(f"--host {serving.host}: expected an address such as 127.0.0.1 or ::1. {error}") from error
    for name, path in (("--certificate", serving.certificate), ("--key", serving.key)):
        if path is not None and not path.is_file():
            raise TocsinError(f"{name} {path}: there is no such file. Give a PEM file.")
    if (serving.certificate is None) != (serving.key is None):
        raise TocsinError("--certificate and --key go together: give both.")
    os.environ["TOCSIN_PLAIN_HTTP"] = "1" if plain else "0"


def serve(serving: Serving, home: Path | None, say: Callable[[str], None]) -> None:
    """Bring everything up to date, start the worker, serve until interrupted.

    Args:
        serving: Address, processes, demonstration or not.
        home: The room's folder; None for the usual one. A demonstration has one of its own, gone when it ends.
        say: Told what a person at the terminal should know.
    """
    _check(serving)
    scratch = tempfile.mkdtemp(prefix="tocsin-demo-") if serving.demo else None
    if scratch or home:
        os.environ["TOCSIN_HOME"] = scratch or str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.ops.config.settings"
    os.environ["TOCSIN_DEMO"] = "1" if serving.demo else "0"
    if serving.demo:
        os.environ.pop("DATABASE_URL", None)  # what is invented is never mixed with what is true
    try:
        prepare(say)
        _welcome(serving, say)
        stop = threading.Event()
        keeper = threading.Thread(target=_keep_worker, args=(stop,), daemon=True)
        keeper.start()
        try:
            _web(serving)
        finally:
            stop.set()
            keeper.join(10)
    finally:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)


def prepare(say: Callable[[str], None]) -> None:
    """Database and files of this version; safe to run at every start, and again after a kill."""
    import django
    from django.core.management import call_command

    from tocsin.ops.config.texts import compile_texts

    compile_texts()
    django.setup()
    from django.conf import settings

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if settings.DEMO:
        from tocsin.ops.demo.fill import fill

        fill(say)


def _welcome(serving: Serving, say: Callable[[str], None]) -> None:
    from django.conf import settings

    from tocsin.ops.alliance.invitations import first_administrator

    if serving.demo:
        say(f"The room is open: {serving.url}/demo/ (everything in it is invented; it is gone when you stop it with Ctrl-C)")
        return
    say(f"The room is open: {serving.url} (its folder: {settings.HOME}; stop it with Ctrl-C)")
    token = first_administrator()
    if token:
        say(
            f"It has no administrator yet. This link makes one, works once, and is valid for a week:\n{serving.url}/invitation/{token}"
        )


def _web(serving: Serving) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    server = Server(
        "tocsin.ops.config.wsgi:application",
        address=serving.host,
        port=serving.port,
        interface=Interfaces.WSGI,
        workers=serving.processes,
        blocking_threads=THREADS,
        ssl_cert=serving.certificate,
        ssl_key=serving.key,
        respawn_failed_workers=True,
        respawn_interval=RESTART_S,
        workers_kill_timeout=5,
        log_enabled=True,
        log_level="warning",  # type: ignore[arg-type]
    )
    server.serve()


def _keep_worker(stop: threading.Event) -> None:
    """Keep one worker running: one that dies is replaced, and finds its work waiting in the tables."""
    while not stop.is_set():
        worker = subprocess.Popen([sys.executable, "-m", "tocsin.ops.config.worker"], preexec_fn=_die_with_parent)
        while worker.poll() is None and not stop.is_set():
            time.sleep(0.2)
        if stop.is_set():
            worker.terminate()
            try:
                worker.wait(5)
            except subprocess.TimeoutExpired:
                worker.kill()
        else:
            stop.wait(RESTART_S)


def _die_with_parent() -> None:
    """A killed server leaves no worker behind. Source: prctl(2), PR_SET_PDEATHSIG."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
