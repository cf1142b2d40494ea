"""What intake hands on: items a reader can open, and refusals with their reason. Both can be pickled."""

import hashlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import EvidenceError
from tocsin.intake.streams import BUFFER_BYTES, Identity, PlainFile, Stream, identity, open_layers
from tocsin.model import Evidence
from tocsin.model.text import printable
from tocsin.terms import ReadStatus

HEAD_BYTES = 65536
_NAME_CHARACTERS_MAX = 500


@dataclass(frozen=True, slots=True)
class Item:
    """A file for a reader.

    Attributes:
        evidence: Name, hash and size of the bytes as handed over (of the member's, in an archive).
        path: Where these bytes lie: the file itself, or the spooled member.
        layers: Compressions to undo, outermost first: ``("gzip", "zstd")``.
        limit_bytes: How far ``open`` may unwrap.
        identity: Size, times and inode at the time of hashing.
        note: What a person should know (a name that led outside the archive, a member that was cut off); "" if nothing.
        partial: The bytes at ``path`` are not all there were; ``note`` says why.
    """

    evidence: Evidence
    path: Path
    layers: tuple[str, ...]
    limit_bytes: int
    identity: Identity
    note: str = ""
    partial: bool = False

    def open(self) -> Stream:
        """The unwrapped content from its start, read-only and buffered; ``seek(0)`` rewinds.

        Damaged or over-large content gives what it has, then ends; the next read after that, or else leaving the ``with``
        block, raises EvidenceError or LimitError with the offset.

        Raises:
            EvidenceError: It is gone, may not be read, or is not what was hashed.
        """
        name = self.evidence.name
        plain = PlainFile(self.path, name)
        if identity(plain.status) != self.identity and _sha256(plain, name) != self.evidence.sha256:
            plain.close()
            raise EvidenceError(f"{name}: changed after it was hashed. Make a copy that nobody writes to, hand that over.")
        plain.seek(0)
        return open_layers(plain, self.layers, name=name, limit_bytes=self.limit_bytes)

    def head(self) -> bytes:
        """The first 64 KiB of the unwrapped content, or what there is of it. Raises as ``open``."""
        with closing(self.open()) as stream:
            return stream.read(HEAD_BYTES)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was not taken, and why, for coverage.

    Attributes:
        name: As evidence is named.
        reason: A sentence or two for people: what was found, what to do.
        size_bytes: Of the file, 0 where it has none.
        status: ``skipped`` (by rule), ``failed`` (could not be read), ``partial`` (an archive of which some members were taken).
        sha256: Where it is known.
        duplicate_of: Name of the item with the same content, which was taken.
    """

    name: str
    reason: str
    size_bytes: int = 0
    status: ReadStatus = ReadStatus.SKIPPED
    sha256: str = ""
    duplicate_of: str | None = None


def verify_unchanged(item: Item) -> bool:
    """Whether the bytes at ``item.path`` are still those that were hashed: by its status, else by hashing again.

    Raises:
        EvidenceError: It can no longer be opened or read.
    """
    with PlainFile(item.path, item.evidence.name) as plain:
        return identity(plain.status) == item.identity or _sha256(plain, item.evidence.name) == item.evidence.sha256


def _sha256(plain: PlainFile, name: str) -> str:
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(BUFFER_BYTES))
    while count := plain.readinto(buffer):
        digest.update(buffer[:count])
    if plain.damage is not None:
        raise plain.damage
    return digest.hexdigest()


def shown(name: str | bytes) -> str:
    """A name as it can be shown and stored: what is not UTF-8, or moves the cursor or the reading order, escaped; bounded."""
    return printable(name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name, _NAME_CHARACTERS_MAX)


def member_name(name: str) -> tuple[str, str]:
    """A member's name without its ways out of the archive, and what is to be said of it, "" if nothing."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if parts and len(parts[0]) == 2 and parts[0][1] == ":":
        parts = parts[1:]
    clean = shown("/".join(parts)) or "unnamed"
    leads_out = name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":"
    if not leads_out:
        return clean, ""
    return clean, f"The archive names it {shown(name)}, which leads outside; the name is not used as a path."
