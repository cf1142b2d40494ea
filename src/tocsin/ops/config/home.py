"""The room's folder: its database on a laptop, its keys, what it stores. One folder to back up."""

import os
import secrets
from pathlib import Path

from tocsin.errors import TocsinError


def home() -> Path:
    """``TOCSIN_HOME``, or a folder in the user's data directory. Made, and closed to others, where it is not there."""
    named = os.environ.get("TOCSIN_HOME")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = Path(named) if named else data / "tocsin"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise TocsinError(
            f"{folder}: cannot be made ({error.strerror}). Name another with --home, or set TOCSIN_HOME."
        ) from error
    return folder.resolve()


def secret(folder: Path, name: str) -> str:
    """A random secret, made at first use and kept in a file that only its owner reads."""
    path = folder / name
    try:
        with open(path, "x", opener=lambda p, flags: os.open(p, flags, 0o600)) as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        pass
    except OSError as error:
        raise TocsinError(f"{path}: cannot be written ({error.strerror}).") from error
    kept = path.read_text().strip()
    if len(kept) < 32:
        raise TocsinError(
            f"{path}: expected a secret of 32 characters or more, found {len(kept)}. Remove the file to make a new one."
        )
    return kept
