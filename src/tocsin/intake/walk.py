"""From the paths a person gives to items and refusals."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tocsin.errors import EvidenceError, LimitError
from tocsin.intake import codecs, tar, zip
from tocsin.intake.items import HEAD_BYTES, Item, Refusal, member_name, shown
from tocsin.intake.limits import Limits
from tocsin.intake.members import Member, Passed
from tocsin.intake.spool import Spool, Spooled
from tocsin.intake.streams import (
    BUFFER_BYTES,
    Identity,
    PlainFile,
    Stream,
    damage,
    identity,
    open_layers,
)
from tocsin.model import Evidence
from tocsin.model.text import size
from tocsin.terms import ReadStatus

DEFAULT_LIMITS = Limits()
Progress = Callable[[str, int, int], None]
Outcome = Item | Refusal


def gather(
    paths: Iterable[Path | str],
    *,
    spool: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    leave_out: Path | None = None,
) -> Iterator[Outcome]:
    """Find everything a reader could read, hash it, and unwrap archives.

    Folders are walked in the order of their names' bytes, archives in their own. Symbolic links are followed where a person
    names them, never inside a folder or an archive. Documents and programs in ZIP form (docx, jar, apk, wheel) stay whole.
    The same content, plain or compressed, is taken once.

    Args:
        paths: Files and folders. Names of evidence are relative to the parent of what is given, with ``/``.
        spool: Folder for members of archives; made when needed, never read as evidence. One run at a time.
        limits: What a file may ask of us.
        progress: Called with a name, the bytes of it done, and its size, while hashing and unpacking.
        leave_out: A folder that is ours and no evidence, wherever it lies: the case folder.

    Yields:
        An ``Item`` for each file, a ``Refusal`` for whatever was not taken or only in part.

    Raises:
        CaseError: The spool cannot be written to, or the disk is full. What was spooled is used again by the next run.
    """
    run = _Run(
        Spool(spool, limits), limits, progress or _no_progress, {os.path.realpath(own) for own in (spool, leave_out or spool)}
    )
    for path in paths:
        yield from run.given(Path(path))


def _no_progress(name: str, done_bytes: int, size_bytes: int) -> None:
    pass


@dataclass(slots=True)
class _Grant:
    """What is left to unpack from one file that was handed over, all archives within it together."""

    left_bytes: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A file on disk whose hash is known, before its layers are."""

    name: str
    path: Path
    sha256: str
    identity: Identity
    root_bytes: int
    grant: _Grant
    depth: int = 0
    container: str | None = None
    note: str = ""
    partial: bool = False

    @property
    def size_bytes(self) -> int:
        return self.identity[0]


class _Run:
    """One call of ``gather``: what was seen and what is left to spend."""

    def __init__(self, spool: Spool, limits: Limits, progress: Progress, own: set[str]) -> None:
        self._spool = spool
        self._limits = limits
        self._progress = progress
        self._own = own
        self._members_left = limits.members_total_max
        self._taken: dict[str, str] = {}
        self._kept: set[Path] = set()
        self._by_head: dict[bytes, list[_Content]] = {}

    def given(self, path: Path) -> Iterator[Outcome]:
        """A path as a person gave it."""
        name = shown(os.path.basename(os.path.abspath(os.fsencode(path)))) or "/"  # noqa: PTH100, PTH119 - of a link, its own
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of links, until Python 3.13
            yield _failed(shown(os.fsencode(str(path))), error)
            return
        if real.is_dir():
            yield from self._folder(real, name)
        else:
            yield from self._file(real, name)

    def _folder(self, folder: Path, name: str) -> Iterator[Outcome]:
        waiting = [(folder, name)]
        while waiting:
            folder, name = waiting.pop()
            if os.path.realpath(folder) in self._own:
                continue
            try:
                with os.scandir(folder) as found:
                    entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
            except OSError as error:
                yield _failed(f"{name}/", error)
                continue
            below = []
            for entry in entries:
                entry_name = f"{name.rstrip('/')}/{shown(os.fsencode(entry.name))}"
                if entry.is_symlink():
                    yield _link(Path(entry.path), entry_name)
                elif entry.is_dir(follow_symlinks=False):
                    below.append((Path(entry.path), entry_name))
                else:
                    yield from self._file(Path(entry.path), entry_name)
            waiting += reversed(below)

    def _file(self, path: Path, name: str) -> Iterator[Outcome]:
        try:
            source = self._hashed(path, name)
        except EvidenceError as error:
            yield Refusal(name, str(error), status=ReadStatus.FAILED)
            return
        yield from self._take(source)

    def _hashed(self, path: Path, name: str) -> _Source:
        with PlainFile(path, name) as file:
            self._check_holes(file.status, name)
            digest, done = hashlib.sha256(), 0
            buffer = memoryview(bytearray(BUFFER_BYTES))
            while count := file.readinto(buffer):
                digest.update(buffer[:count])
                done += count
                self._progress(name, done, file.size_bytes)
            before, after = identity(file.status), identity(os.fstat(file.fileno()))
        if file.damage is not None and before == after:
            raise file.damage
        if before != after:
            raise EvidenceError(
                f"{name}: changed while it was being hashed. Make a copy that nobody writes to, hand that over."
            )
        grant = _Grant(self._limits.unwrapped_bytes(file.size_bytes))
        return _Source(name, path, digest.hexdigest(), before, file.size_bytes, grant)

    def _check_holes(self, status: os.stat_result, name: str) -> None:
        stored = status.st_blocks * 512
        if status.st_size > self._limits.unwrapped_bytes(max(stored, 4096)):
            raise LimitError(
                f"{name}: a sparse file that says {size(status.st_size)} and holds {size(stored)}. "
                "Copy what it holds to a new file, hand that over."
            )

    def _take(self, source: _Source) -> Iterator[Outcome]:
        """What a file is: too deep, a duplicate, an archive, or something for a reader."""
        if not source.size_bytes:
            yield Refusal(source.name, "empty file", sha256=source.sha256)
            return
        if source.sha256 in self._taken:
            yield _duplicate(source, self._taken[source.sha256])
            return
        self._taken[source.sha256] = source.name
        try:
            layers, head = self._layers(source)
            if not head:
                yield _refused(source, "empty once unwrapped")
            elif kind := codecs.foreign(head):
                yield _refused(source, f"Is a {kind} archive, which is not unpacked here. Unpack it and hand over the content.")
            elif tar.is_tar(head):
                yield from self._unpack_tar(source, layers)
            elif head.startswith(zip.MAGIC):
                yield from self._unpack_zip(source, layers, head)
            else:
                yield from self._item(source, layers, head)
        except EvidenceError as error:
            yield _refused(source, str(error), ReadStatus.SKIPPED if isinstance(error, LimitError) else ReadStatus.FAILED)

    def _layers(self, source: _Source) -> tuple[tuple[str, ...], bytes]:
        """The compressions around a file, outermost first, and the first bytes within."""
        layers: tuple[str, ...] = ()
        while True:
            with closing(self._open(source, layers)) as stream:
                head = stream.read(HEAD_BYTES)
                if not head and (error := damage(stream)) is not None:
                    raise error
            layer = codecs.compression(head)
            if layer is None:
                return layers, head
            layers += (layer,)
            self._check_depth(source, len(layers))

    def _open(self, source: _Source, layers: tuple[str, ...]) -> Stream:
        limit_bytes = self._limits.unwrapped_bytes(source.root_bytes)
        return open_layers(PlainFile(source.path, source.name), layers, name=source.name, limit_bytes=limit_bytes)

    def _check_depth(self, source: _Source, further: int) -> None:
        if source.depth + further > self._limits.depth_max:
            raise LimitError(
                f"{source.name}: archives and compressions lie more than {self._limits.depth_max} deep in each other, as in zip "
                "bombs. Unpack it and hand over the content."
            )

    def _item(self, source: _Source, layers: tuple[str, ...], head: bytes) -> Iterator[Outcome]:
        limit_bytes = self._limits.unwrapped_bytes(source.root_bytes)
        evidence = Evidence(source.sha256[:16], source.name, source.sha256, source.size_bytes, source.container)
        item = Item(evidence, source.path, layers, limit_bytes, source.identity, source.note, source.partial)
        known = self._by_head.setdefault(hashlib.sha256(head).digest(), [])
        content = _Content(item)
        # Plain files with one content have one hash and never get here; the rest is worth a second look where heads agree.
        twin = next((other for other in known if (layers or other.item.layers) and content.equals(other)), None)
        if twin is not None:
            yield _duplicate(source, twin.item.evidence.name)
            return
        known.append(content)
        self._kept.add(source.path)
        yield item

    def _unpack_tar(self, source: _Source, layers: tuple[str, ...]) -> Iterator[Outcome]:
        depth = len(layers) + 1
        self._check_depth(source, depth)
        with closing(self._open(source, layers)) as stream:
            yield from self._members(source, depth, tar.members(stream, source.name))

    def _unpack_zip(self, source: _Source, layers: tuple[str, ...], head: bytes) -> Iterator[Outcome]:
        if layers:
            # Its table of contents stands at the end, and compressed streams are read from the front.
            with closing(self._open(source, layers)) as stream:
                yield from self._member(source, len(layers), Member(PurePosixPath(source.name).stem, 0, stream.raw))
            return
        with PlainFile(source.path, source.name) as file:
            entries, more = zip.contents(file, source.name, self._limits.members_max)
            if zip.is_package(entries):
                yield from self._item(source, (), head)
                return
            self._check_depth(source, 1)
            limit_bytes = self._limits.unwrapped_bytes(source.root_bytes)
            yield from self._members(source, 1, zip.members(file, entries, name=source.name, limit_bytes=limit_bytes))
        if more:
            yield _refused(source, self._too_many(), ReadStatus.PARTIAL)

    def _members(self, source: _Source, depth: int, found: Iterator[Member | Passed]) -> Iterator[Outcome]:
        count = outcomes = 0
        try:
            for member in found:
                count += 1
                if count > self._limits.members_max or not self._members_left:
                    yield _refused(source, self._too_many(), ReadStatus.PARTIAL)
                    return
                self._members_left -= 1
                for outcome in (
                    self._passed(source, member) if isinstance(member, Passed) else self._member(source, depth, member)
                ):
                    outcomes += 1
                    yield outcome
        except EvidenceError as error:
            yield _refused(source, str(error), ReadStatus.PARTIAL if outcomes else ReadStatus.FAILED)
            return
        if not outcomes:
            yield _refused(source, "an archive without files")

    def _too_many(self) -> str:
        if not self._members_left:
            total = self._limits.members_total_max
            return (
                f"The archives of this run have more than {total:,} members; the rest was not read. Unpack what matters first."
            )
        most = self._limits.members_max
        return (
            f"Has more than {most:,} members; the first {most:,} were read. Unpack it and hand over what matters of the rest."
        )

    def _passed(self, source: _Source, member: Passed) -> Iterator[Outcome]:
        if member.reason:
            yield Refusal(f"{source.name}!{member_name(member.name)[0]}", member.reason, member.size_bytes)

    def _member(self, source: _Source, depth: int, member: Member) -> Iterator[Outcome]:
        clean, note = member_name(member.name)
        name = f"{source.name}!{clean}"
        try:
            spooled = self._spool.add(
                member.content,
                name=name,
                size_bytes=member.size_bytes,
                limit_bytes=source.grant.left_bytes,
                tick=lambda done_bytes: self._progress(name, done_bytes, member.size_bytes),
            )
        except LimitError as error:
            yield Refusal(name, str(error), member.size_bytes)
            return
        finally:
            member.content.close()
        source.grant.left_bytes -= spooled.size_bytes
        wrong = _wrong(member, spooled)
        inner = _Source(
            name,
            spooled.path,
            spooled.sha256,
            spooled.identity,
            source.root_bytes,
            source.grant,
            source.depth + depth,
            source.sha256,
            " ".join(filter(None, (note, wrong))),
            bool(wrong),
        )
        if wrong and not spooled.size_bytes:
            yield _refused(inner, wrong, ReadStatus.FAILED)
        else:
            yield from self._take(inner)
        if spooled.path not in self._kept:
            spooled.path.unlink(missing_ok=True)


@dataclass(slots=True)
class _Content:
    """An item, and the hash of what it unwraps to, once that was asked for."""

    item: Item
    _sha256: str | None = None

    def sha256(self) -> str:
        if self._sha256 is None:
            digest = hashlib.sha256()
            buffer = memoryview(bytearray(BUFFER_BYTES))
            with closing(self.item.open()) as stream:
                while count := stream.raw.readinto(buffer):
                    digest.update(buffer[:count])
                if stream.raw.damage is not None:  # what was lost may differ: equal only to itself
                    digest.update(self.item.evidence.sha256.encode())
            self._sha256 = digest.hexdigest()
        return self._sha256

    def equals(self, other: "_Content") -> bool:
        return self.sha256() == other.sha256()


def _wrong(member: Member, spooled: Spooled) -> str:
    """What is wrong with a member's bytes, "" if nothing."""
    if spooled.damage is not None:
        return str(spooled.damage)
    if member.size_bytes and spooled.size_bytes != member.size_bytes:
        return f"The archive says {member.size_bytes} bytes, it held {spooled.size_bytes}."
    if member.crc32 is not None and spooled.crc32 != member.crc32:
        return f"Its checksum is {spooled.crc32:08x}, the archive says {member.crc32:08x}: it is damaged or was changed."
    return ""


def _refused(source: _Source, reason: str, status: ReadStatus = ReadStatus.SKIPPED) -> Refusal:
    return Refusal(source.name, reason, source.size_bytes, status, source.sha256)


def _duplicate(source: _Source, of: str) -> Refusal:
    return Refusal(source.name, f"same content as {of}", source.size_bytes, sha256=source.sha256, duplicate_of=of)


def _failed(name: str, error: Exception) -> Refusal:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Refusal(name, f"Cannot be opened: {reason}. Check the path and its permissions.", status=ReadStatus.FAILED)


def _link(path: Path, name: str) -> Refusal:
    try:
        target = shown(os.fsencode(path.readlink()))
    except OSError as error:
        return _failed(name, error)
    return Refusal(name, f"Is a symbolic link to {target}; links inside folders are not followed. Hand over the file itself.")
