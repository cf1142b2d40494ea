"""The folder where members of archives are put, each under the SHA-256 of its content."""

import errno
import hashlib
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import CaseError, EvidenceError, LimitError
from tocsin.intake.limits import Limits
from tocsin.intake.streams import BUFFER_BYTES, Content, Identity, identity
from tocsin.model.text import size

_CHECK_BYTES = 64 << 20
_UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Spooled:
    """A member on disk. ``damage``: why it ends early, if it does."""

    path: Path
    sha256: str
    size_bytes: int
    identity: Identity
    crc32: int
    damage: EvidenceError | None


class Spool:
    """Writes members, one at a time, by one process; a member is there whole or not at all.

    What a killed run left unfinished has one fixed name and is overwritten by the next.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._left_bytes = limits.spooled_bytes_max
        self._written: dict[Path, Identity] = {}

    def add(self, content: Content, *, name: str, size_bytes: int, limit_bytes: int, tick: Callable[[int], None]) -> Spooled:
        """Write one member.

        Args:
            content: Read to its end.
            name: Of the member, for messages.
            size_bytes: As the archive declares it; 0 if it does not.
            limit_bytes: What is granted to it.
            tick: Called with the bytes written so far.

        Raises:
            LimitError: It is larger than granted, or would take the disk that is to stay free. Nothing of it is left.
            CaseError: The folder cannot be written to, or the disk is full whatever this member asks for.
        """
        limit_bytes = min(limit_bytes, self._left_bytes)
        if size_bytes > limit_bytes:
            raise LimitError(_too_large(name, size_bytes, limit_bytes))
        unfinished = self._folder / _UNFINISHED
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_room(name, size_bytes, 0)
            unfinished.unlink(missing_ok=True)
            try:
                with unfinished.open("xb", buffering=0) as out:
                    sha256, crc32, written = self._copy(content, out.write, name, size_bytes, limit_bytes, tick)
                path = self._folder / sha256
                if not self._holds(path):
                    unfinished.replace(path)
                    self._written[path] = identity(path.lstat())
            finally:
                unfinished.unlink(missing_ok=True)
            self._left_bytes -= written
            return Spooled(path, sha256, written, self._written[path], crc32, content.damage)
        except OSError as error:
            raise self._unusable(name, size_bytes, error) from error

    def _holds(self, path: Path) -> bool:
        """Whether this run wrote the member already and nobody touched it: someone may be reading it."""
        return path in self._written and path.exists() and identity(path.lstat()) == self._written[path]

    def _copy(
        self,
        content: Content,
        write: Callable[[memoryview], int],
        name: str,
        size_bytes: int,
        limit_bytes: int,
        tick: Callable[[int], None],
    ) -> tuple[str, int, int]:
        digest, crc32, written = hashlib.sha256(), 0, 0
        buffer = memoryview(bytearray(min(BUFFER_BYTES, max(size_bytes, 4096))))
        check_at = _CHECK_BYTES
        while count := content.readinto(buffer):
            if written + count > limit_bytes:
                raise LimitError(_too_large(name, written + count, limit_bytes))
            rest = buffer[:count]
            digest.update(rest)
            crc32 = zlib.crc32(rest, crc32)
            while len(rest):
                rest = rest[write(rest) :]
            written += count
            if written >= check_at:
                self._check_room(name, max(size_bytes, written), written)
                check_at = written + _CHECK_BYTES
                tick(written)
        if isinstance(content.damage, LimitError):
            raise content.damage
        return digest.hexdigest(), crc32, written

    def _check_room(self, name: str, size_bytes: int, written: int) -> None:
        free, kept = shutil.disk_usage(self._folder).free, self._limits.free_bytes_min
        if free + written < kept:
            raise CaseError(
                f"{self._folder}: {size(free)} of disk are free; unpacking {name} needs "
                f"{size(kept + size_bytes)}, {size(kept)} of it to stay free. Free some, or put the case elsewhere."
            )
        if free + written < kept + size_bytes:
            raise LimitError(
                f"{name}: unpacks to {size(size_bytes)}; of the {size(free + written)} of free disk {size(kept)} "
                "are to stay free. Free some, or put the case elsewhere, and run again."
            )

    def _unusable(self, name: str, size_bytes: int, error: OSError) -> CaseError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            need = size(size_bytes) if size_bytes else "more"
            return CaseError(f"{self._folder}: the disk is full; unpacking {name} needs {need}. Free some and run again.")
        return CaseError(f"{self._folder}: cannot be written to: {error.strerror}. Put the case elsewhere.")


def _too_large(name: str, size_bytes: int, limit_bytes: int) -> str:
    return (
        f"{name}: unpacks to {size(size_bytes)} or more, of which {size(limit_bytes)} are granted "
        "(by the archive's size and what was unpacked before). If that is its true size, unpack it and hand over the content."
    )
