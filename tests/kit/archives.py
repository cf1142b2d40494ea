"""Archives and compressed files, sound and hostile, made in memory."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

import zstandard

COMPRESS = {"gzip": gzip.compress, "zstd": zstandard.compress, "xz": lzma.compress, "bzip2": bz2.compress}
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(24)
RAR = b"Rar!\x1a\x07\x01\x00" + bytes(24)


def zip_of(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these members, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2022, 2, 15, 13, 2, 10)), data, method)
    return out.getvalue()


def zip_link(name: str, target: str) -> bytes:
    """A ZIP with a symbolic link, as Info-ZIP writes it."""
    out = io.BytesIO()
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, target)
    return out.getvalue()


def raw_zip(entries: list[tuple[bytes, int, int, int, int, int, bytes]], *, base: bytes = b"") -> bytes:
    """A ZIP from ``(name, flags, method, crc32, size, offset, packed)``; an offset of -1 puts the member where it belongs.

    Nothing is checked, so that everything can be a lie.
    """
    body, directory = base, b""
    for name, flags, method, crc32, size, offset, packed in entries:
        at = len(body) if offset < 0 else offset
        local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 0, crc32, len(packed), size, len(name), 0)
        if offset < 0:
            body += local + name + packed
        directory += struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            b"PK\1\2", 20, 20, flags, method, 0, 0, crc32, len(packed), size, len(name), 0, 0, 0, 0, 0, at,
        ) + name  # fmt: skip
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + end


def deflated(data: bytes) -> bytes:
    """A raw deflate stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def zip64_of(name: str, data: bytes) -> bytes:
    """A ZIP whose numbers all stand in the ZIP64 records, as for archives beyond 4 GB."""
    raw, none = name.encode(), 0xFFFFFFFF
    crc32 = zlib.crc32(data)
    extra = struct.pack("<HHQQ", 1, 16, len(data), len(data))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 0, crc32, none, none, len(raw), len(extra)) + raw + extra
    extra = struct.pack("<HHQQQ", 1, 24, len(data), len(data), 0)
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\1\2", 45, 45, 0, 0, 0, 0, crc32, none, none, len(raw), len(extra), 0, 0, 0, 0, none,
    ) + raw + extra  # fmt: skip
    at = len(local) + len(data)
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(entry), at)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, at + len(entry), 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, none, none, 0)
    return local + data + entry + end64 + locator + end


def tar_of(members: Mapping[str, bytes | tarfile.TarInfo], kind: int = tarfile.GNU_FORMAT) -> bytes:
    """A tar with these files; a TarInfo instead of bytes goes in as it is, without data."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, data in members.items():
            if isinstance(data, tarfile.TarInfo):
                archive.addfile(data)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tar_special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    """A member that is not a regular file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def tar_header(name: str, kind: bytes, size: int) -> bytes:
    """One header block with a size that need not be true."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)
