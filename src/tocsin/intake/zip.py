"""Members of a ZIP archive.

Not by the standard library's ``zipfile``: that reads a table of contents of any size into memory, loses the whole archive over
one name that is not UTF-8, takes overlapping members (the bomb of David Fifield, "A better zip bomb", USENIX WOOT 2019),
and unwraps bzip2 and LZMA without bound.

Source: APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import io
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.errors import EvidenceError
from tocsin.intake.items import shown
from tocsin.intake.members import Member, Passed
from tocsin.intake.streams import BUFFER_BYTES, Content, Peeled, PlainFile, Span, kind_words

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_END, _END64, _LOCATOR64, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02", b"PK\x03\x04"
_END_BYTES, _COMMENT_BYTES_MAX, _LOCATOR64_BYTES, _ENTRY_BYTES, _LOCAL_BYTES = 22, 65535, 20, 46, 30
_METHODS = {8: "deflate", 12: "bzip2", 14: "zip_lzma", 93: "zstd", 95: "xz"}
_METHOD_NAMES = {1: "Shrink", 6: "Implode", 9: "Deflate64", 97: "WavPack", 98: "PPMd", 99: "AES encryption"}
_UNIX, _DARWIN = 3, 19  # systems whose entries carry a Unix mode
_ASK_EXTRA = 0xFFFFFFFF
_NAME_BYTES_MAX = 4096  # PATH_MAX
_ENCRYPTED, _UTF8 = 0x2041, 0x0800


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table of contents. ``offset``: byte in the file where the member's own header starts."""

    name: str
    method: int
    encrypted: bool
    crc32: int
    packed_bytes: int
    size_bytes: int
    offset: int
    mode: int


def contents(file: PlainFile, name: str, count_max: int) -> tuple[list[Entry], bool]:
    """The table of contents, at most ``count_max`` entries of it, and whether there are more.

    Raises:
        EvidenceError: There is none, or it is damaged, or it is one part of several.
    """
    size_bytes, start, base = _directory(file, name)
    file.seek(start)
    table = io.BufferedReader(Span(file, size_bytes, name), BUFFER_BYTES)
    entries: list[Entry] = []
    at = start
    while at < start + size_bytes and len(entries) < count_max:
        head = table.read(_ENTRY_BYTES)
        if len(head) < _ENTRY_BYTES or head[:4] != _ENTRY:
            raise EvidenceError(f"{name} at byte {at}: expected an entry of the table of contents, found {head[:4].hex(' ')}.")
        name_bytes, extra_bytes, comment_bytes = struct.unpack_from("<HHH", head, 28)
        rest = table.read(name_bytes + extra_bytes + comment_bytes)
        if len(rest) < name_bytes + extra_bytes + comment_bytes:
            raise EvidenceError(f"{name} at byte {at}: an entry of the table of contents is cut off.")
        entries.append(
            _entry(head, rest[: min(name_bytes, _NAME_BYTES_MAX)], rest[name_bytes : name_bytes + extra_bytes], base)
        )
        at += _ENTRY_BYTES + len(rest)
    _check_places(entries, start, name)
    return entries, at < start + size_bytes


def is_package(entries: list[Entry]) -> bool:
    """Whether this ZIP is one document or program (OOXML, ODF, EPUB, jar, apk, wheel), which readers want whole."""
    names = {entry.name for entry in entries}
    marks = {"[Content_Types].xml", "META-INF/MANIFEST.MF", "AndroidManifest.xml"}
    wheel = any(entry.name.count("/") == 1 and entry.name.endswith(".dist-info/WHEEL") for entry in entries)
    return bool(names & marks) or wheel or (bool(entries) and entries[0].name == "mimetype")


def members(file: PlainFile, entries: list[Entry], *, name: str, limit_bytes: int) -> Iterator[Member | Passed]:
    """The members, in the order of the table of contents; of each what cannot be read is passed with a reason."""
    for entry in entries:
        reason = _unreadable(entry)
        if reason or entry.name.endswith("/"):
            yield Passed(entry.name, reason, entry.size_bytes)
            continue
        file.seek(entry.offset)
        head = file.read(_LOCAL_BYTES) or b""
        if len(head) < _LOCAL_BYTES or head[:4] != _LOCAL:
            found = head[:4].hex(" ") or "the end"
            reason = f"The archive has no such member at byte {entry.offset}: found {found}. Ask for a whole copy."
            yield Passed(entry.name, reason, entry.size_bytes)
            continue
        data_at = entry.offset + _LOCAL_BYTES + sum(struct.unpack_from("<HH", head, 26))
        file.seek(data_at)
        content: Content = Span(file, entry.packed_bytes, f"{name}!{shown(entry.name)}")
        if entry.method:
            codec = _METHODS[entry.method]
            content = Peeled(content, codec, name=f"{name}!{shown(entry.name)}", limit_bytes=limit_bytes, joined=False)
        yield Member(entry.name, entry.size_bytes, content, entry.crc32)


def _directory(file: PlainFile, name: str) -> tuple[int, int, int]:
    """The table of contents: its size, its start, and what to add to its offsets."""
    tail_at = max(0, file.size_bytes - _END_BYTES - _COMMENT_BYTES_MAX - _LOCATOR64_BYTES)
    file.seek(tail_at)
    tail = file.readall()
    at = tail.rfind(_END)
    while at >= 0:
        end = tail[at : at + _END_BYTES]
        if len(end) == _END_BYTES and at + _END_BYTES + struct.unpack_from("<H", end, 20)[0] <= len(tail):
            break
        at = tail.rfind(_END, 0, at)
    else:
        raise EvidenceError(f"{name}: expected a table of contents at the end of the ZIP, found none. Ask for a whole copy.")
    disk, directory_disk, size_bytes, offset = struct.unpack_from("<HH4xII", end, 4)
    end_at = tail_at + at
    if at >= _LOCATOR64_BYTES and tail[at - _LOCATOR64_BYTES : at].startswith(_LOCATOR64):
        end_at, (disk, directory_disk, size_bytes, offset) = _end64(
            file, name, end_at, *struct.unpack_from("<QI", tail, at - _LOCATOR64_BYTES + 8)
        )
    if disk or directory_disk:
        raise EvidenceError(f"{name}: is one part of a ZIP in several. Join and unpack it first.")
    base = end_at - size_bytes - offset  # other than 0 where something stands before the archive
    if base < 0:
        raise EvidenceError(
            f"{name} at byte {end_at}: a table of contents of {size_bytes} bytes at byte {offset} cannot lie before it. "
            "Ask for a whole copy."
        )
    return size_bytes, base + offset, base


def _end64(file: PlainFile, name: str, end_at: int, offset: int, disks: int) -> tuple[int, tuple[int, int, int, int]]:
    # The record lies right before its locator unless it has an extension; then where the locator says.
    for at in (end_at - _LOCATOR64_BYTES - 56, offset):
        if 0 <= at < end_at:
            file.seek(at)
            record = file.read(56) or b""
            if len(record) == 56 and record.startswith(_END64):
                disk, directory_disk, size_bytes, directory = struct.unpack_from("<II16xQQ", record, 16)
                return at, (disk, directory_disk, size_bytes, directory)
    raise EvidenceError(f"{name} at byte {end_at}: expected a ZIP64 record before it, found none. Ask for a whole copy.")


def _entry(head: bytes, raw_name: bytes, extra: bytes, base: int) -> Entry:
    system, flags, method, crc32, packed, size, external, offset = struct.unpack("<5xB2xHH4xIII10xII", head)
    wide = _wide(extra)
    size = next(wide, size) if size == _ASK_EXTRA else size
    packed = next(wide, packed) if packed == _ASK_EXTRA else packed
    offset = next(wide, offset) if offset == _ASK_EXTRA else offset
    mode = external >> 16 if system in (_UNIX, _DARWIN) else 0
    return Entry(_text(raw_name, flags), method, bool(flags & _ENCRYPTED), crc32, packed, size, base + offset, mode)


def _wide(extra: bytes) -> Iterator[int]:
    """The 64-bit numbers of the ZIP64 extra field, in the order the entry asks for them."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            return iter(struct.unpack_from(f"<{min(len(field) // 8, 3)}Q", field))
        at += 4 + length
    return iter(())


def _text(raw: bytes, flags: int) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape") if flags & _UTF8 else raw.decode("cp437")


def _check_places(entries: list[Entry], end: int, name: str) -> None:
    before, before_end = "", 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < before_end:
            raise EvidenceError(
                f"{name} at byte {entry.offset}: the members {shown(before)} and {shown(entry.name)} overlap, "
                "as zip bombs do. Nothing of it was read; unpack it with care and hand over the content."
            )
        before, before_end = entry.name, entry.offset + _LOCAL_BYTES + entry.packed_bytes
    if before_end > end:
        raise EvidenceError(
            f"{name} at byte {end}: the member {shown(before)} would reach to byte {before_end}, into the table of contents. "
            "Ask for a whole copy."
        )


def _unreadable(entry: Entry) -> str:
    kind = kind_words(entry.mode) if stat.S_IFMT(entry.mode) else None
    if kind is not None and not stat.S_ISDIR(entry.mode):
        return f"Is {kind} in the archive; only files are read."
    if entry.encrypted:
        return "Is encrypted. Unpack the archive with its password and hand over the content."
    if entry.method and entry.method not in _METHODS:
        method = _METHOD_NAMES.get(entry.method, "unknown")
        return (
            f"Is packed by method {entry.method} ({method}), which is not read. Unpack the archive and hand over the content."
        )
    return ""
