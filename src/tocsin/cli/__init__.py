"""The command line: arguments in, exit code out. Everything heavy is imported by the command that needs it."""

import atexit
import os
import sys

from tocsin.cli.main import app


def main() -> None:
    """Entry point of ``tocsin``."""
    try:
        app()
    except SystemExit as stop:
        _leave(stop.code)


def _leave(code: str | int | None) -> None:
    """End the process. Python would first take apart all that was loaded: half a second and more, for nothing."""
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # whoever read has left
        pass
    os._exit(code if isinstance(code, int) else int(code is not None))


__all__ = ["app", "main"]
