"""What a worker can meet: readers that raise, hang, eat memory, kill their own process. Found by the first word of a file."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.intake import Item, gather
from tocsin.model import Batch, Fault
from tocsin.pipeline.reading import Outcome, Progress, read_item
from tocsin.readers import Reader, Report
from tocsin.readers._rows import batches
from tocsin.store import Case


def _read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    words = stream.read().decode().split()
    yield from batches([("dns_activity", {"record_offset": n}) for n in range(len(words))], evidence_id=evidence_id)
    match words:
        case ["raises", *_]:
            raise KeyError("a bug")
        case ["disk", *_]:
            raise OSError(28, "No space left on device")  # not of the case: of some place of the reader's own
        case ["ends", *_]:
            raise EvidenceError("expected more, found the end")
        case ["faulty", *_]:
            report(Fault(evidence_id, 7, "expected a number, found a word"))
        case ["undeclared", *_]:
            yield from batches([("http_activity", {"record_offset": 0})], evidence_id=evidence_id)
        case ["hangs", *_]:
            time.sleep(60)
        case ["spins", *_]:
            while True:
                stream.seek(0, os.SEEK_END)
                stream.read()
        case ["eats", *_]:
            held = []
            while True:
                held.append(bytearray(64 << 20))
        case ["dies", *_]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["exits", *_]:
            raise SystemExit(7)


def _claims(head: bytes, name: str) -> bool:
    return True


WORDS = Reader("words", "Words", "1", ("dns_activity",), _claims, _read)


def identify_words(head: bytes, name: str) -> Reader | None:
    """A reader for everything, but one that stumbles over ``claim`` and knows no ``unknown``."""
    if head.startswith(b"claim"):
        raise IndexError("a bug in a claim")
    return None if head.startswith(b"unknown") else WORDS


def read_words(case: Case, item: Item, progress: Progress) -> Outcome:
    """What a worker does with these files."""
    return read_item(case, item, progress, identify=identify_words)


def die_after(case: Case, item: Item, progress: Progress) -> Outcome:
    """Read it, and have the worker dead a moment later, when it is idle."""
    if os.fork() == 0:
        time.sleep(0.2)
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(0)
    return read_words(case, item, progress)


def items_of(folder: Path, *texts: str) -> list[Item]:
    """One item per text."""
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}-{text.split()[0]}.txt").write_text(text)
    return [found for found in gather([folder], spool=folder.parent / "spool") if isinstance(found, Item)]
