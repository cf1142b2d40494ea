"""A file that was handed over, what could not be read of it, and what was."""

from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file with its hash.

    Attributes:
        id: First 16 hex digits of ``sha256``; the same bytes are the same evidence.
        name: Path as handed over, relative; members of an archive as ``archive.zip!member``.
        sha256: Of the bytes as handed over (of the member's bytes, in an archive).
        size_bytes: Of the same bytes.
        container: SHA-256 of the archive it lay in, if any.
    """

    id: str
    name: str
    sha256: str
    size_bytes: int
    container: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that could not be read: where, and what was expected and found there.

    ``offset`` counts bytes of the unwrapped content (what the reader saw).
    """

    evidence_id: str
    offset: int
    reason: str


class Batch(NamedTuple):
    """What a reader yields: rows for one table, in that table's schema."""

    table: str
    rows: pa.RecordBatch
