"""Flow exports as raw UDP payloads one after the other, as ``nc -lu`` and collectors' spool files hold them, and IPFIX files.

Source: RFC 5655 for IPFIX files; the others have no file format of their own.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import HEAD_BYTES, Report, reader
from tocsin.readers._flow_export import Exporters
from tocsin.readers._flow_framing import framed
from tocsin.readers._flow_rows import COLUMNS
from tocsin.readers._lines import BATCH_ROWS, Rows

MESSAGE_BYTES_MAX = 65535
CHUNK_BYTES = 1 << 20
RESYNC_SETS = 32  # looking at more would let a hostile file ask for endless work; a message has a few

_VERSION = re.compile(rb"\x00\x00\x00\x05|\x00[\x05\x09\x0a]")
_NONE = -1


def _claims(head: bytes, name: str) -> bool:
    length, whole = framed(head, 0)
    rest = head[length:]
    return whole and (not rest or framed(rest, 0)[0] > 0 or (len(head) >= HEAD_BYTES and len(rest) < 24))


@reader(title="NetFlow v5, v9, IPFIX, sFlow v5 (raw payloads)", tables=("network_activity",), claims=_claims)
def read_flow_export(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read messages of any of the four kinds, mixed in any order. Reads the stream twice: templates and sampling rates first.

    Damage costs the message it is in; reading goes on at the next place that looks like a message.

    Args:
        stream: At byte 0; rewound once.
        evidence_id: For the rows and faults.
        report: Takes each fault.

    Raises:
        EvidenceError: There is no message at all.
    """
    exporters = Exporters(evidence_id, report)
    seen = False
    for _, message in _messages(stream, lambda offset, reason: None):
        exporters.learn(message, exporter=None)
        seen = True
    if not seen:
        raise EvidenceError(
            "expected NetFlow v5, v9, IPFIX or sFlow v5 messages from byte 0 on, found none. Check that the file holds UDP payloads."
        )
    stream.seek(0)

    def fault(offset: int, reason: str) -> None:
        report(Fault(evidence_id, offset, reason))

    rows = Rows("network_activity", COLUMNS, evidence_id)
    for offset, message in _messages(stream, fault):
        rows.rows.extend(exporters.flows(message, exporter=None, offset=offset, received=None))
        if len(rows.rows) >= BATCH_ROWS:
            yield from rows.flush()
    deque(exporters.finish(), maxlen=0)
    yield from rows.flush()


def _messages(stream: BinaryIO, fault: Callable[[int, str], None]) -> Iterator[tuple[int, memoryview]]:
    """Yield offset and bytes of each message; a last one that is cut off comes as it is, its decoder will say so."""
    buffer, base, at, more, lost = b"", 0, 0, True, _NONE
    while more or at < len(buffer):
        if more and len(buffer) - at <= MESSAGE_BYTES_MAX:
            chunk = stream.read(CHUNK_BYTES)
            buffer, base, at, more = buffer[at:] + chunk, base + at, 0, bool(chunk)
            continue
        length = framed(buffer, at)[0] if lost == _NONE else _found_again(buffer, at)
        if not length:
            lost = base + at if lost == _NONE else lost
            at = _next_version(buffer, at + 1, len(buffer) - (MESSAGE_BYTES_MAX if more else 0))
        elif lost != _NONE:
            fault(
                lost, f"expected a flow export message, found {base + at - lost} bytes of something else; they were passed over"
            )
            lost = _NONE
        else:
            yield base + at, memoryview(buffer)[at : at + length]
            at += length
    if lost != _NONE:
        fault(lost, f"expected a flow export message, found {base + at - lost} bytes of something else up to the end")


def _found_again(buffer: bytes, at: int) -> int:
    """Length of the message at this place after damage; 0 if there is none, or it may be one by accident."""
    length, whole = framed(buffer, at, RESYNC_SETS)
    end = at + length
    # Little in a header can be checked, and damaged bytes look like one soon enough: the end or another message must follow.
    return length if whole and (end == len(buffer) or framed(buffer, end, RESYNC_SETS)[0]) else 0


def _next_version(buffer: bytes, start: int, stop: int) -> int:
    """The next place from ``start`` on that may be a version; ``stop`` (or ``start``, if that is later) if there is none."""
    found = _VERSION.search(buffer, start, max(start, stop) + 4)
    return min(found.start(), max(start, stop)) if found else max(start, stop)
