"""The command line: arguments in, exit code out. Everything heavy is imported by the command that needs it."""

from tocsin.cli.main import app


def main() -> None:
    """Entry point of ``tocsin``."""
    app()


__all__ = ["app", "main"]
