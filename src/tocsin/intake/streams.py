"""Read-only streams over evidence: a file, a part of it, or what a compression unwraps to.

A damaged stream gives what it has, then ends as a whole one would, and raises on the read after that. Were it to raise at
once, ``io.BufferedReader`` would drop what the same call had already read. As many callers stop at the first empty read,
leaving the ``with`` block raises too, and ``damage(stream)`` tells whether the end was a true one.
"""

import errno
import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tocsin.errors import EvidenceError, LimitError
from tocsin.intake import codecs
from tocsin.model.text import size

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_BYTES = 1 << 20
_STREAMS_MAX = 10_000_000  # gzip members or zstd frames in one file; 10 million blocks of BGZF are 600 GB

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
}

Identity = tuple[int, int, int, int]


def identity(status: os.stat_result) -> Identity:
    """Size, modification time, change time (ns) and inode: the same four, the same bytes, unless someone forges them."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def kind_words(mode: int) -> str | None:
    """What a file is, if it is not a regular one."""
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "a special file")


class Content(io.RawIOBase):
    """Bytes that can end in damage. Subclasses give ``_pull``; ``damage`` is set once the damaged place is reached."""

    damage: EvidenceError | None = None
    _end_told = False

    def _pull(self, view: memoryview) -> int:
        """Fill some of ``view``; 0 at the true end. Raises EvidenceError where nothing more can be given."""
        raise NotImplementedError

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        if self.damage is None:
            try:
                return self._pull(view)
            except EvidenceError as error:
                self.damage = error
        if self._end_told:
            raise self.damage.with_traceback(None)
        self._end_told = True
        return 0

    def rearm(self) -> None:
        """End as a whole stream would once more, before raising: for a reader that starts over."""
        self._end_told = False

    def readall(self) -> bytes:
        found = bytearray()
        while chunk := self.read(BUFFER_BYTES):
            found += chunk
        return bytes(found)


class PlainFile(Content):
    """The first ``size_bytes`` of a regular file, opened so that nothing about it changes, not even its access time."""

    def __init__(self, path: Path, name: str) -> None:
        """Open ``path``. Links are not followed, pipes and devices are not opened.

        Raises:
            EvidenceError: It is not a regular file, or may not be read. ``name`` stands in the message.
        """
        self._fd = -1
        self._at = 0
        self._name = name
        try:
            kind = kind_words(os.lstat(path).st_mode)  # opening alone can rewind a tape or wake a pipe's writer
            if kind is None:
                self._fd = _open(path)
                self.status = os.fstat(self._fd)
                kind = kind_words(self.status.st_mode)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise EvidenceError(f"{name}: cannot be opened: {reason}. Check its permissions and the disk.") from error
        if kind is not None:
            self.close()
            raise EvidenceError(f"{name}: expected a regular file, found {kind}. Save its content to a file first.")
        self.size_bytes = self.status.st_size

    def _pull(self, view: memoryview) -> int:
        view = view[: max(0, self.size_bytes - self._at)]
        if not len(view):
            return 0
        try:
            count = os.preadv(self._fd, [view], self._at)
        except OSError as error:
            raise EvidenceError(
                f"{self._name} at byte {self._at}: cannot be read: {error.strerror}. Check the disk, make a copy, hand that over."
            ) from error
        if not count:
            raise EvidenceError(
                f"{self._name} at byte {self._at}: expected {self.size_bytes} bytes, found the end. "
                "It was cut while we read it; make a copy, hand that over."
            )
        self._at += count
        return count

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._at = base + offset
        self.damage = None
        self.rearm()
        return self._at

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        super().close()


def _open(path: Path) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except OSError as error:
        if error.errno != errno.EPERM:  # O_NOATIME is for the owner and root alone
            raise
        return os.open(path, flags)


class Span(Content):
    """The next ``size_bytes`` of another stream, read once from where that stream stands."""

    def __init__(self, source: "io.BufferedReader | Content", size_bytes: int, name: str) -> None:
        self._source = source
        self.left = size_bytes
        self._size_bytes = size_bytes
        self._name = name

    def _pull(self, view: memoryview) -> int:
        if not self.left:
            return 0
        count = self._source.readinto(view[: self.left])
        if not count:
            raise damage(self._source) or EvidenceError(
                f"{self._name}: expected {self._size_bytes} bytes, found the end after {self._size_bytes - self.left}. "
                "The archive is cut off; ask for a whole copy."
            )
        self.left -= count
        return count


class Peeled(Content):
    """What one compression unwraps to. ``seek(0)`` starts anew; other seeks read on to the place.

    Joined streams (``cat a.gz b.gz``) are one content. Zeros after a stream are padding; anything else is damage.
    """

    def __init__(self, source: Content, codec: str, *, name: str, limit_bytes: int, joined: bool = True) -> None:
        """Unwrap ``source`` from where it stands.

        Args:
            source: The compressed bytes; closed together with this.
            codec: A key of ``codecs.DECODERS``.
            name: Of the evidence, for messages.
            limit_bytes: After this many unwrapped bytes reading ends with a LimitError.
            joined: Whether further streams may follow the first; members of a ZIP have one.
        """
        self._source = source
        self._codec = codec
        self._name = name
        self._limit_bytes = limit_bytes
        self._joined = joined
        self._start()

    def _start(self) -> None:
        self.damage = None
        self.rearm()
        self._decoder: codecs.Decoder | None = codecs.DECODERS[self._codec]()
        self._streams = 1
        self._block = b""
        self._block_at = 0
        self._read_bytes = 0
        self._given = 0
        self._beyond = False
        self._ready = memoryview(b"")

    @property
    def _at(self) -> int:
        return self._read_bytes - len(self._block) + self._block_at

    def _pull(self, view: memoryview) -> int:
        if not self._ready:
            if self._beyond:
                raise LimitError(
                    f"{self._name}: unwraps to more than {size(self._limit_bytes)}, the limit for a file of its size. "
                    "If that is its true size, unpack it and hand over the content."
                )
            out, room = self._more(), self._limit_bytes - self._given
            self._ready, self._beyond = memoryview(out)[:room], len(out) > room
            if self._beyond and not room:
                return self._pull(view)
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        self._given += count
        return count

    def _more(self) -> bytes:
        while True:
            if self._decoder is None:
                if not self._joined or not self._another_stream():
                    return b""
                self._decoder = codecs.DECODERS[self._codec]()
            data = self._piece() if self._decoder.needs_input else b""
            try:
                out = self._decoder.decompress(data, BUFFER_BYTES)
            except codecs.DAMAGE as error:
                raise EvidenceError(
                    f"{self._name} near byte {self._at}: damaged {self._codec} data ({error}); "
                    f"{self._given} unwrapped bytes before it were read. Ask for a whole copy."
                ) from error
            if self._decoder.eof:
                self._block_at -= len(self._decoder.unused_data)
                self._decoder = None
            if out:
                return out

    def _piece(self) -> bytes:
        """The next bytes for the decoder. Small at first, so that damage costs a small part of what went before it."""
        if not self._load():
            raise self._source.damage or EvidenceError(
                f"{self._name} at byte {self._at}: the {self._codec} data end in the middle; "
                f"{self._given} unwrapped bytes before that were read. Ask for a whole copy."
            )
        size = min(codecs.PIECE_BYTES[self._codec], max(64, self._at // 64))
        piece = self._block[self._block_at : self._block_at + size]
        self._block_at += len(piece)
        return piece

    def _load(self) -> bool:
        """Whether there are bytes in the block, after reading the next one if it is used up."""
        if self._block_at == len(self._block):
            # Bytes handed back after a stream's end lie in the piece just taken, so the old block can go.
            self._block = self._source.read(BUFFER_BYTES // 4) or b""
            self._block_at = 0
            self._read_bytes += len(self._block)
        return bool(self._block)

    def _another_stream(self) -> bool:
        while self._load():
            rest = self._block[self._block_at :].lstrip(b"\0")
            self._block_at = len(self._block) - len(rest)
            if rest:
                self._streams += 1
                if self._streams > _STREAMS_MAX:
                    raise LimitError(f"{self._name}: more than {_STREAMS_MAX} {self._codec} streams joined. Unpack it first.")
                return True
        if self._source.damage is not None:
            raise self._source.damage
        return False

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._given

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_END:
            while self.read(BUFFER_BYTES):
                pass
        target = offset if whence == os.SEEK_SET else self._given + offset
        if target < 0:
            raise ValueError(f"negative seek position {target}")
        if target < self._given or self.damage is not None:
            self._source.seek(0)
            self._start()
        while self._given < target and self.read(min(BUFFER_BYTES, target - self._given)):
            pass
        return self._given

    def close(self) -> None:
        self._source.close()
        self._block, self._ready, self._decoder = b"", memoryview(b""), None  # an error's traceback may keep us alive
        super().close()


class Stream(io.BufferedReader):
    """What readers are given: buffered ``Content``."""

    raw: Content

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self.raw.rearm()  # a seek within the buffer does not reach it
        return super().seek(offset, whence)

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        damaged = self.raw.damage
        super().__exit__(kind, *rest)
        if kind is None and damaged is not None:
            raise damaged.with_traceback(None)


def damage(stream: BinaryIO | io.IOBase) -> EvidenceError | None:
    """Why the content ended where it did, if that was not its true end. None for streams that are not from here."""
    raw = getattr(stream, "raw", stream)
    return raw.damage if isinstance(raw, Content) else None


def open_layers(plain: PlainFile, layers: tuple[str, ...], *, name: str, limit_bytes: int) -> Stream:
    """A buffered stream over a file with its compressions undone, outermost first."""
    content: Content = plain
    for layer in layers:
        content = Peeled(content, layer, name=name, limit_bytes=limit_bytes)
    return Stream(content, BUFFER_BYTES)
