"""Where installed packs lie: a folder of files, each whole. ``TOCSIN_PACKS`` names it, else it is in the user's data folder."""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tocsin.errors import PackError
from tocsin.ledger.keys import fingerprint, from_base64
from tocsin.packs.delta import apply_delta, is_delta
from tocsin.packs.file import Manifest, Pack, open_pack, read_manifest
from tocsin.packs.library import Library, Shelf

SUFFIX = ".pack"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


def folder() -> Path:
    """Where packs are installed; not made before something is.

    ``TOCSIN_PACKS``, or else ``packs`` beside the room's database (``TOCSIN_HOME``, or ``tocsin`` in the user's data folder).
    """
    if named := os.environ.get("TOCSIN_PACKS"):
        return Path(named)
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(os.environ.get("TOCSIN_HOME") or data / "tocsin") / "packs"


def check_name(name: str) -> str:
    """The name, where it can be a file's.

    Raises:
        PackError: It cannot.
    """
    if not _NAME.fullmatch(name):
        raise PackError(f"expected a pack's name of letters, digits, dots and hyphens, found {name[:60]!r}")
    return name


def trusted_keys() -> Mapping[str, str]:
    """Public keys that may sign packs, with who they are of: ``trusted.json`` in the folder. None: any signature that holds will do.

    Raises:
        PackError: The file is damaged.
    """
    path = folder() / "trusted.json"
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): str(name) for key, name in data["keys"].items() if from_base64(key, 32)}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise PackError(
            f"{path}: cannot be read ({error}). Mend it, or trust the keys anew: tocsin packs trust KEY NAME."
        ) from error
    except Exception as error:
        raise PackError(f"{path}: holds what is no public key ({error}). Mend it.") from error


def trust(key: str, name: str) -> str:
    """Trust a public key to sign packs; returns its fingerprint, to be read aloud to whoever owns it.

    Raises:
        PackError: It is no key, or the folder cannot be written.
    """
    try:
        from_base64(key, 32)
    except Exception as error:
        raise PackError(f"expected a public key of 43 characters, found {key[:60]!r}") from error
    with _locked() as place:
        known = dict(trusted_keys()) | {key: name}
        _replace(
            place / "trusted.json", (json.dumps({"keys": known}, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
        )
    return fingerprint(key)


def check_signature(pack: Pack, where: str, trusted: Mapping[str, str]) -> None:
    """Refuse a pack whose signature is wrong, or not of a trusted key where some are named.

    Raises:
        PackError: It is.
    """
    if pack.signature.key and not pack.signature.holds:
        raise PackError(
            f"{where}: WRONG SIGNATURE: it was changed after it was signed, or signed by somebody else. Do not use it."
        )
    if trusted and pack.signature.key not in trusted:
        by = f"signed by {fingerprint(pack.signature.key)}" if pack.signature.key else "not signed"
        raise PackError(
            f"{where}: {by}, and only these are trusted: {', '.join(sorted(set(trusted.values())))}. See tocsin packs trust."
        )


def import_pack(path: Path, *, allow_unsigned: bool = False) -> Manifest:
    """Install a pack, or bring an installed one up to date by a delta. Others see the old one or the new one, never a part.

    Args:
        path: A pack or a delta.
        allow_unsigned: Take it without a signature although keys are trusted.

    Raises:
        PackError: It is damaged, its signature is wrong or not trusted, its delta is for another pack, or it cannot be written.
    """
    trusted = trusted_keys()
    with _locked() as place:
        if is_delta(path):
            data = apply_delta(path, lambda name: place / f"{check_name(name)}{SUFFIX}")
        else:
            if not path.is_file():
                raise PackError(f"{path}: no such file. Check the path.")
            data = path.read_bytes()
        temporary = place / f".import-{os.getpid()}.part"
        try:
            _write(temporary, data)
            pack = open_pack(temporary)
            check_signature(pack, str(path), {} if allow_unsigned and not pack.signature.key else trusted)
            Shelf(pack)  # its tables fit each other
            temporary.replace(place / f"{check_name(pack.manifest.name)}{SUFFIX}")
        except PackError as error:
            raise PackError(str(error).replace(str(temporary), str(path))) from error
        except OSError as error:
            raise PackError(f"{place}: cannot be written ({error.strerror}). Make room, or set TOCSIN_PACKS.") from error
        finally:
            temporary.unlink(missing_ok=True)
    return pack.manifest


def remove_pack(name: str) -> None:
    """Remove an installed pack.

    Raises:
        PackError: There is none of that name.
    """
    with _locked() as place:
        try:
            (place / f"{check_name(name)}{SUFFIX}").unlink()
        except FileNotFoundError as error:
            raise PackError(f"{name}: no such pack is installed. See tocsin packs list.") from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.part")
    _write(temporary, data)
    temporary.replace(path)


@contextmanager
def _locked() -> Iterator[Path]:
    place = folder()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (place / ".lock").open("w")
    except OSError as error:
        raise PackError(f"{place}: cannot be written ({error.strerror}). Set TOCSIN_PACKS to a folder that can.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def paths() -> list[Path]:
    """The installed packs' files."""
    return sorted(path for path in folder().glob(f"*{SUFFIX}") if not path.name.startswith("."))


def manifests() -> list[tuple[Path, Manifest]]:
    """The installed packs' manifests, unchecked."""
    return [(path, read_manifest(path)) for path in paths()]


def installed() -> Library:
    """All installed packs that can be used; why the others cannot is in ``troubles``."""
    shelves, troubles = [], []
    try:
        trusted = trusted_keys()
    except PackError as error:
        return Library((), (str(error),))
    for path in paths():
        try:
            pack = open_pack(path)
            check_signature(pack, path.name, trusted if pack.signature.key else {})
            shelves.append(Shelf(pack))
        except PackError as error:
            troubles.append(f"PACK NOT USED: {error}")
    newest = sorted(
        shelves,
        key=lambda shelf: (max((s.date for s in shelf.pack.manifest.sources), default=""), shelf.pack.manifest.name),
        reverse=True,
    )
    return Library(tuple(newest), tuple(troubles))
