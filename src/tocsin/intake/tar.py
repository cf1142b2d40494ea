"""Members of a tar archive, from a stream, in one pass.

Headers are decoded by the standard library's ``tarfile``; the walk is ours, because that of ``tarfile`` reads names and pax
headers of any declared size into memory, and has looped on hostile ones (CVE-2024-6232, CVE-2025-8194).

Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

import tarfile
from collections.abc import Iterator

from tocsin.errors import EvidenceError
from tocsin.intake.items import shown
from tocsin.intake.members import Member, Passed
from tocsin.intake.streams import BUFFER_BYTES, Span, Stream, damage

_BLOCK_BYTES = tarfile.BLOCKSIZE
_EXTENSION_BYTES_MAX = 1 << 20  # a pax header or long name; PATH_MAX is 4 KiB
_EXTENSIONS_MAX = 16  # in a row; pax and GNU tar write two or three
_SIZE_BYTES_MAX = 1 << 62
_GNU_FOLDER, _GNU_PART, _GNU_LABEL = b"D", b"M", b"V"
_SILENT = {tarfile.DIRTYPE, _GNU_FOLDER, _GNU_LABEL}
_BODILESS = {tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE}
_PASSED = {
    tarfile.LNKTYPE: "Is a hard link to {link}; the content is read under that name.",
    tarfile.SYMTYPE: "Is a symbolic link to {link}; links are not followed.",
    tarfile.CHRTYPE: "Is a device; only files are read.",
    tarfile.BLKTYPE: "Is a device; only files are read.",
    tarfile.FIFOTYPE: "Is a named pipe; only files are read.",
    tarfile.GNUTYPE_SPARSE: "Is stored as a sparse file. Unpack the archive with GNU tar and hand over the content.",
    _GNU_PART: "Is the rest of a file from another volume. Unpack all volumes together and hand over the content.",
}


def is_tar(head: bytes) -> bool:
    """Whether the content starts with a tar header: its checksum says so."""
    info = _header(head[:_BLOCK_BYTES])
    return info is not None and bool(info.name)


def members(stream: Stream, name: str) -> Iterator[Member | Passed]:
    """The members in order.

    Raises:
        EvidenceError: The archive is damaged or cut off; what came before was yielded.
    """
    stream.seek(0)
    walk = _Walk(stream, name)
    said: dict[str, str] = {}
    everywhere: dict[str, str] = {}
    extensions = 0
    while (info := walk.header()) is not None:
        extensions += 1
        if extensions > _EXTENSIONS_MAX:
            raise EvidenceError(
                f"{name}: more than {_EXTENSIONS_MAX} extended headers for one member; what follows was not read."
            )
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            key = "path" if info.type == tarfile.GNUTYPE_LONGNAME else "linkpath"
            said[key] = walk.extension(info.size).rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif info.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            said |= _pax(walk.extension(info.size))
        elif info.type == tarfile.XGLTYPE:
            everywhere |= _pax(walk.extension(info.size))
        else:
            yield from walk.member(info, everywhere | said)
            said, extensions = {}, 0


class _Walk:
    """Where we are in the archive."""

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream = stream
        self._name = name
        self._at = 0

    def header(self) -> tarfile.TarInfo | None:
        """The next header; None at the end mark."""
        block = self._read(_BLOCK_BYTES)
        if not block:
            raise EvidenceError(f"{self._name} at byte {self._at}: ends without an end mark; it may be cut off.")
        if len(block) < _BLOCK_BYTES:
            raise EvidenceError(f"{self._name} at byte {self._at}: the archive is cut off. Ask for a whole copy.")
        if not any(block):
            self._end()
            return None
        info = _header(block)
        if info is None or not 0 <= info.size <= _SIZE_BYTES_MAX:
            raise EvidenceError(
                f"{self._name} at byte {self._at - _BLOCK_BYTES}: expected a tar header, found {block[:8].hex(' ')}; "
                "what follows was not read. Ask for a whole copy."
            )
        return info

    def member(self, info: tarfile.TarInfo, said: dict[str, str]) -> Iterator[Member | Passed]:
        """One member; afterwards the stream stands at the next header, however much of it was read."""
        name = said.get("path", info.name)
        size_bytes = _size(said, info.size)
        if info.type in _BODILESS:
            size_bytes = 0  # whatever the field says, no data follow
        content = Span(self._stream, size_bytes, f"{self._name}!{shown(name)}")
        if info.type in _SILENT:
            yield Passed(name)
        elif info.type in _PASSED:
            yield Passed(name, _PASSED[info.type].format(link=shown(said.get("linkpath", info.linkname))), size_bytes)
        elif "sparse" in said:
            yield Passed(name, _PASSED[tarfile.GNUTYPE_SPARSE], size_bytes)
        elif info.type not in tarfile.REGULAR_TYPES:
            yield Passed(name, f"Has the unknown tar type {shown(info.type)}; it is not read.", size_bytes)
        else:
            yield Member(name, size_bytes, content)
        padded = size_bytes + -size_bytes % _BLOCK_BYTES
        self._skip(content.left + padded - size_bytes)
        self._at += padded

    def extension(self, size_bytes: int) -> bytes:
        """The body of a header that only says something about the next."""
        if size_bytes > _EXTENSION_BYTES_MAX:
            raise EvidenceError(
                f"{self._name} at byte {self._at}: a name or extended header of {size_bytes} bytes, expected at most "
                f"{_EXTENSION_BYTES_MAX}; what follows was not read. Unpack it and hand over the content."
            )
        padded = size_bytes + -size_bytes % _BLOCK_BYTES
        body = self._read(padded)
        if len(body) < padded:
            raise EvidenceError(f"{self._name} at byte {self._at}: the archive is cut off. Ask for a whole copy.")
        return body[:size_bytes]

    def _read(self, size_bytes: int) -> bytes:
        data = self._stream.read(size_bytes)
        self._at += len(data)
        if len(data) < size_bytes and (error := damage(self._stream)) is not None:
            raise error
        return data

    def _skip(self, size_bytes: int) -> None:
        # A seek past the end of a plain file would not be noticed, so the last byte is read.
        if size_bytes:
            self._stream.seek(size_bytes - 1, 1)
            if not self._stream.read(1):
                raise damage(self._stream) or EvidenceError(
                    f"{self._name}: the archive is cut off in the member at byte {self._at}. Ask for a whole copy."
                )

    def _end(self) -> None:
        while chunk := self._stream.read(BUFFER_BYTES):
            if chunk.count(0) < len(chunk):
                raise EvidenceError(
                    f"{self._name}: more data after the end mark at byte {self._at}, which were not read. "
                    "If archives were joined, unpack it with `tar --ignore-zeros` and hand over the content."
                )
        if (error := damage(self._stream)) is not None:
            raise error


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None


def _size(said: dict[str, str], size_bytes: int) -> int:
    text = said.get("size", "")
    return min(int(text), _SIZE_BYTES_MAX) if text.isascii() and text.isdigit() and len(text) < 20 else size_bytes


def _pax(body: bytes) -> dict[str, str]:
    """Of a pax header (``27 mtime=1614000000.123\n`` each) the keys that we use, ``sparse`` standing for all of GNU's on that.

    It stops at the first that is malformed.
    """
    found = {}
    at = 0
    while at < len(body):
        length, space, _ = body[at : at + 20].partition(b" ")
        end = at + int(length) if space and length.isdigit() else 0
        if end <= at + len(length) + 1 or body[end - 1 : end] != b"\n":
            break
        key, _, value = body[at + len(length) + 1 : end - 1].partition(b"=")
        if key in (b"path", b"linkpath", b"size"):
            found[key.decode()] = value.decode("utf-8", "surrogateescape")
        elif key.startswith(b"GNU.sparse."):
            found["sparse"] = "yes"
        at = end
    return found
