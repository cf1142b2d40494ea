"""Where a message of a flow exporter ends: by version, lengths and counts, without decoding it."""

import struct

from tocsin.readers import _sflow

V5_HEADER_BYTES, V5_RECORD_BYTES, V9_HEADER_BYTES, IPFIX_HEADER_BYTES = 24, 48, 20, 16
TEMPLATE_SETS = {9: 0, 10: 2}  # RFC 3954, section 5.2; RFC 7011, section 3.3.2
OPTIONS_SETS = {9: 1, 10: 3}
DATA_SETS_FROM = 256
SETS_MAX = 4096

_V5_RECORDS_MAX = 30
_WORDS = struct.Struct(">HH")
_NO_MESSAGE = (0, False)


def looks_like_export(payload: bytes | memoryview) -> bool:
    """Whether a UDP payload is a whole NetFlow v5, v9, IPFIX or sFlow v5 datagram, by version, lengths and counts."""
    return framed(payload, 0) == (len(payload), True)


def framed(buffer: bytes | memoryview, start: int, sets_max: int = SETS_MAX) -> tuple[int, bool]:
    """Measure the message that starts at ``start``.

    NetFlow v9 does not tell its length: there a message goes on as long as sets do. Numbers 2 to 255 are no flow sets, so
    the version of a next message ends it.

    Args:
        buffer: Whole messages, or the end of the content.
        start: Where to look.
        sets_max: Look at no more sets (of sFlow, samples) than this.

    Returns:
        Its length in bytes and whether it is whole; ``(0, False)`` if it is no such message.
    """
    view = memoryview(buffer)[start:]
    if len(view) < 20:
        return _NO_MESSAGE
    version, count = _WORDS.unpack_from(view)
    if version == 5:
        return _framed_v5(view, count)
    if version == 9 and count:
        length, whole = _framed_sets(view, V9_HEADER_BYTES, len(view), 9, sets_max)
        return (length, whole) if length > V9_HEADER_BYTES else _NO_MESSAGE
    if version == 10:
        return _framed_ipfix(view, count, sets_max)
    if version == 0 and count == 5:
        return _framed_samples(view, sets_max)
    return _NO_MESSAGE


def _framed_v5(view: memoryview, count: int) -> tuple[int, bool]:
    length = V5_HEADER_BYTES + count * V5_RECORD_BYTES
    nanoseconds = int.from_bytes(view[12:16], "big")
    if not 1 <= count <= _V5_RECORDS_MAX or nanoseconds >= 1_000_000_000:
        return _NO_MESSAGE
    return min(length, len(view)), length <= len(view)


def _framed_ipfix(view: memoryview, length: int, sets_max: int) -> tuple[int, bool]:
    stop = min(length, len(view))
    end = _framed_sets(view, IPFIX_HEADER_BYTES, stop, 10, sets_max)[0]
    if length < IPFIX_HEADER_BYTES or (end == IPFIX_HEADER_BYTES and length > IPFIX_HEADER_BYTES):
        return _NO_MESSAGE
    return stop, length == stop


def _framed_sets(view: memoryview, at: int, stop: int, version: int, sets_max: int) -> tuple[int, bool]:
    for _ in range(sets_max):
        if at + 4 > stop:
            return stop, True  # padding
        number, length = _WORDS.unpack_from(view, at)
        template = number in (TEMPLATE_SETS[version], OPTIONS_SETS[version])
        if not (number >= DATA_SETS_FROM or template) or length < (8 if template else 4):
            return at, True
        if at + length > stop:
            return stop, False
        at += length
    return at, True


def _framed_samples(view: memoryview, sets_max: int) -> tuple[int, bool]:
    header = _sflow.datagram(view)
    if header is None or not header.samples:
        return _NO_MESSAGE
    end = header.samples_at
    try:
        for number, (at, _, body) in enumerate(_sflow.samples(view, end, header.samples)):
            end = at + 8 + len(body)
            if number >= sets_max:
                break
    except ValueError:
        return (len(view), False) if end > header.samples_at else _NO_MESSAGE
    return end, True
