"""The documents of a source's file, whatever it is wrapped in: JSON, JSON lines, gzip, xz, zip or tar of many, a folder of them."""

import gzip
import hashlib
import json
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tocsin.errors import PackError

DOCUMENT_MAX = 2 << 30  # bytes of one document, unwrapped: NVD's and Debian's largest are a tenth
UNWRAPPED_MAX = 64 << 30
_BROKEN = (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, NotImplementedError, RuntimeError)


@dataclass
class Reading:
    """What is noted while a source is read."""

    dates: set[str] = field(default_factory=set)  # of records
    date: str = ""  # the source's own
    unreadable: int = 0
    first_fault: str = ""

    def fault(self, place: str, why: object) -> None:
        """A record that could not be used."""
        self.unreadable += 1
        if not self.first_fault:
            self.first_fault = f"{place}: {why}"[:300]

    def dated(self, text: Any) -> None:
        """A date on a record; the newest counts where the source itself has none."""
        if isinstance(text, str) and text[:4].isdigit() and text[:10] > "0001-01-01":
            self.dates = {max(*self.dates, text[:10])} if self.dates else {text[:10]}


@dataclass(frozen=True)
class Document:
    """One document: where it stands, for messages, and its bytes."""

    place: str
    data: bytes


def sha256_of(path: Path) -> str:
    """Of a file; of a folder, over its files' names and contents in order."""
    digest = hashlib.sha256()
    for part in _files(path):
        if path.is_dir():
            digest.update(part.relative_to(path).as_posix().encode() + b"\0")
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]


def documents(path: Path) -> Iterator[Document]:
    """Every document in a file or folder, unwrapped.

    Raises:
        PackError: It cannot be opened, is damaged, or unwraps to more than we grant.
    """
    total = 0
    for part in _files(path):
        try:
            for document in _unwrapped(part):
                total += len(document.data)
                if total > UNWRAPPED_MAX:
                    raise PackError(f"{path}: unwraps to more than {UNWRAPPED_MAX:,} bytes. No source is so large.")
                yield document
        except _BROKEN as error:
            raise PackError(f"{part}: cannot be read ({error}). Get the source again.") from error


def _unwrapped(path: Path) -> Iterator[Document]:
    with path.open("rb") as file:
        head = file.read(512)
    if head[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    with archive.open(info) as member:
                        yield Document(f"{path.name}/{info.filename}", _bounded(member, f"{path}/{info.filename}"))
    elif head[257:262] == b"ustar" or path.name.endswith((".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")):
        with tarfile.open(path) as archive:
            for entry in archive:
                if entry.isfile() and (content := archive.extractfile(entry)):
                    yield Document(f"{path.name}/{entry.name}", _bounded(content, f"{path}/{entry.name}"))
    else:
        opener: Any = gzip.open if head[:2] == b"\x1f\x8b" else lzma.open if head[:6] == b"\xfd7zXZ\x00" else open
        with opener(path, "rb") as stream:
            yield Document(path.name, _bounded(stream, str(path)))


def _bounded(stream: IO[bytes], place: str) -> bytes:
    data = stream.read(DOCUMENT_MAX + 1)
    if len(data) > DOCUMENT_MAX:
        raise PackError(f"{place}: expected a document of at most {DOCUMENT_MAX:,} bytes. Split it, or get the source again.")
    return data


def objects(document: Document, reading: Reading) -> Iterator[tuple[str, Any]]:
    """The JSON values of a document, each with its place: one, a list of them, or one a line."""
    try:
        yield document.place, json.loads(document.data)
        return
    except (ValueError, RecursionError) as error:
        if document.data.count(b"\n") < 1 or document.data.lstrip()[:1] != b"{":
            reading.fault(document.place, error)
            return
    for number, line in enumerate(document.data.splitlines(), 1):
        if line.strip():
            try:
                yield f"{document.place}, line {number}", json.loads(line)
            except (ValueError, RecursionError) as error:
                reading.fault(f"{document.place}, line {number}", error)
