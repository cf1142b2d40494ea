"""The compressions we undo: what they look like, and decoders that never give more than they are asked for.

All decoders speak as ``bz2.BZ2Decompressor`` does: ``decompress(data, max_length)``, ``needs_input``, ``eof``,
``unused_data``. They take one stream (gzip member, zstd frame, xz stream, bzip2 stream); files that join several are the
caller's to go on with.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

# xz -9 asks for 64 MiB, zstd --ultra -22 for a window of 128 MiB; what asks for more is refused by the decoder.
_XZ_MEMORY_BYTES = 128 << 20
_WINDOW_BYTES = 128 << 20

# A bzip2 bomb gives 46 MB for each 40 bytes, a zstd run 128 KiB for each 4: input is handed over in small pieces, output is
# taken in bounded ones. zstd alone cannot bound its output, so its pieces stay at 2 KiB (64 MiB at the very worst).
DAMAGE = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError)


class Decoder(Protocol):
    """One compressed stream being undone."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflate:
    """zlib, which loses on an error what it gave before in the same call; here that is given first, but for the last byte."""

    def __init__(self, window_bits: int) -> None:
        self._zlib = zlib.decompressobj(window_bits)
        self._more = False
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._more

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._error is not None:
            raise self._error
        data = self._zlib.unconsumed_tail or data
        before = self._zlib.copy()
        try:
            out = self._zlib.decompress(data, max_length)
        except zlib.error as error:
            out = _before_error(before, data, max_length)
            if not out:
                raise
            self._error, self._more = error, True
            return out
        self._more = not self.eof and (bool(self._zlib.unconsumed_tail) or len(out) == max_length)
        return out


def _before_error(state: "zlib._Decompress", data: bytes, max_length: int) -> bytes:
    """What the stream gives until the byte that makes it fail: take halves until nothing more comes."""
    found, step = [], max_length // 2
    while step:
        trial = state.copy()
        try:
            out = trial.decompress(data, step)
        except zlib.error:
            step //= 2
            continue
        if not out:
            break
        found.append(out)
        state, data = trial, trial.unconsumed_tail
    return b"".join(found)


class _Zstd:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES).decompressobj()

    @property
    def eof(self) -> bool:
        return self._frame.eof

    @property
    def needs_input(self) -> bool:
        return True

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._frame.decompress(data)


class _ZipLzma:
    """LZMA as in ZIP (APPNOTE 5.8.8): two bytes of version, two of length, then the properties of a raw stream."""

    def __init__(self) -> None:
        self._head = b""
        self._lzma: lzma.LZMADecompressor | None = None

    @property
    def eof(self) -> bool:
        return self._lzma is not None and self._lzma.eof

    @property
    def needs_input(self) -> bool:
        return self._lzma is None or self._lzma.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._lzma.unused_data if self._lzma else b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._lzma is None:
            self._head += data
            if len(self._head) < 9:
                return b""
            length, properties, dict_size = struct.unpack_from("<HBI", self._head, 2)
            if length != 5 or properties >= 9 * 5 * 5 or dict_size > _XZ_MEMORY_BYTES:
                raise lzma.LZMAError(f"LZMA properties of {length} bytes, {properties:#x}, dictionary of {dict_size} bytes")
            numbers = {"lc": properties % 9, "lp": properties // 9 % 5, "pb": properties // 45, "dict_size": dict_size}
            self._lzma = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **numbers}])
            data = self._head[9:]
        return self._lzma.decompress(data, max_length)


DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: _Inflate(31),
    "deflate": lambda: _Inflate(-15),
    "zstd": _Zstd,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES),
    "bzip2": bz2.BZ2Decompressor,
    "zip_lzma": _ZipLzma,
}
PIECE_BYTES = {"gzip": 65536, "deflate": 65536, "zstd": 2048, "xz": 16384, "bzip2": 16384, "zip_lzma": 16384}

_BZIP2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")


def compression(head: bytes) -> str | None:
    """The single-stream compression this content is in (a key of ``DECODERS``), by its magic number.

    Source: RFC 1952, RFC 8878, the .xz file format 1.2.0, bzip2 (``BZh`` then the digits of pi or their root).
    """
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in _BZIP2_BLOCKS:
        return "bzip2"
    at = 0
    while head[at + 1 : at + 4] == b"\x2a\x4d\x18" and head[at] & 0xF0 == 0x50:  # skippable frames, as pzstd writes
        at += 8 + int.from_bytes(head[at + 4 : at + 8], "little")
    return "zstd" if head.startswith(b"\x28\xb5\x2f\xfd", at) else None


_FOREIGN = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"MSCF\0\0\0\0", "Cabinet"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"LZIP\x01", "lzip"),
    (b"xar!\x00\x1c", "xar"),
    (b"070701", "cpio"),
    (b"070702", "cpio"),
    (b"PK\x07\x08PK", "multi-part ZIP"),
)


def foreign(head: bytes) -> str | None:
    """The name of an archive or compression that we recognise but do not unpack."""
    if head.startswith(b"\x1f\x9d") and head[2:3] and 9 <= head[2] & 0x1F <= 16:
        return "compress (.Z)"
    return next((name for magic, name in _FOREIGN if head.startswith(magic)), None)
