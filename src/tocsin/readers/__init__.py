"""Readers: one format per file, from bytes to rows.

A reader is a module in this folder with one ``@reader`` function; nothing else has to be edited. Modules whose name starts
with ``_`` are helpers. ``docs/extend.md`` walks through adding one.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, Protocol

from tocsin.errors import PluginError
from tocsin.model import Batch, Fault

HEAD_BYTES = 65536

Report = Callable[[Fault], None]


class Read(Protocol):
    """The function a reader is: bytes in, batches out, faults reported; it goes on after a bad record.

    Args:
        stream: Unwrapped content, at byte 0. It can be rewound with ``seek(0)``; other seeks may be slow.
        evidence_id: For the rows and faults.
        report: Takes each fault. Never raises.

    Raises:
        EvidenceError: Nothing more can be read. What was yielded before is kept, and the evidence counts as partial.
    """

    def __call__(self, stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """A registered reader. ``claims(head, name)`` is told the first 64 KiB and the name; the content decides."""

    id: str
    title: str
    version: str
    tables: tuple[str, ...]
    claims: Callable[[bytes, str], bool]
    read: Read
    needs: str = ""


_REGISTRY: dict[str, Reader] = {}


def reader(
    *, title: str, tables: tuple[str, ...], claims: Callable[[bytes, str], bool], version: str = "1", needs: str = ""
) -> Callable[[Read], Read]:
    """Register the decorated function as the reader of its module; the module's name is the reader's id.

    Args:
        title: The format, as its users call it.
        tables: Names of the tables it fills.
        claims: Whether the content is of this format. Must not raise on any bytes.
        version: Raised when rows change, so that cases are read again.
        needs: What else must be installed (``nfdump``), for ``tocsin readers``.
    """

    def register(read: Read) -> Read:
        name = read.__module__.rpartition(".")[2]
        if name in _REGISTRY:
            raise PluginError(f"readers/{name}.py: expected one @reader per file, found two")
        _REGISTRY[name] = Reader(name, title, version, tables, claims, read, needs)
        return read

    return register


@cache
def readers() -> dict[str, Reader]:
    """All readers by id, in alphabetical order."""
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_REGISTRY.items()))


def identify(head: bytes, name: str) -> Reader | None:
    """The reader that claims this content; the first by id if several do, None if nobody does."""
    return next((candidate for candidate in readers().values() if candidate.claims(head, name)), None)
