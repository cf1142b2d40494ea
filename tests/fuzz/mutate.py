"""Mutations of evidence: what disks, networks and attackers do to bytes, chosen to reach the corners of parsers."""

import random
import re
from collections.abc import Callable, Sequence

SIZE_MAX = 64 << 10
SWOLLEN_MAX = 4 << 20
_NUMBERS = tuple(
    (value & (1 << bits) - 1).to_bytes(bits // 8, order)
    for bits in (8, 16, 32, 64)
    for value in (0, 1, -1, -2, 1 << bits - 1, (1 << bits - 1) - 1, 4, 0x100, 0xFFFF)
    for order in ("little", "big")
)
_WORDS = (
    b"", b"\0", b"-1", b"0", b"1e999", b"nan", b"NaN", b"Infinity", b"-", b"9" * 30, b"9" * 5000, b"0x1f", b"1_000", "٣".encode(),
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\\", b'"', b'\\"', b"'", b"[", b"{", b"[" * 3000, b'{"a":' * 3000,
    b"\r", b"\n", b"\r\n", b"\t", b" " * 3000, b"::", b"::ffff:1.2.3.4", b"1.2.3.4.5", b"256.1.1.1", b"fe80::1%eth0",
    b"31/Feb/2022:25:61:61 +9999", b"9999-12-31T23:59:60Z", b"0000-00-00T00:00:00", b"%s%n", b"%00", b"\x1b[2J", b"null", b"true",
)  # fmt: skip
_RUN_OF_DIGITS = re.compile(rb"\d+")


def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One input: a seed with one to eight mutations; four in a thousand swollen to megabytes."""
    data = bytearray(rng.choice(seeds)[:SIZE_MAX])
    for _ in range(min(1 + int(rng.expovariate(0.5)), 8)):
        rng.choice(_MUTATIONS)(rng, data, seeds)
        del data[SIZE_MAX:]
    if rng.random() < 0.004:
        _swell(rng, data)
    return bytes(data)


def _span(rng: random.Random, data: bytearray, most: int = 64) -> tuple[int, int]:
    start = rng.randint(0, len(data))
    return start, min(len(data), start + rng.randint(1, rng.choice((4, most, max(most, len(data) // 2)))))


def _flip(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    for _ in range(rng.choice((1, 1, 2, 10))):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set_number(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    number = rng.choice(_NUMBERS)
    at = rng.randint(0, max(0, len(data) - len(number)))
    data[at : at + len(number)] = number


def _nudge(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        at = rng.randrange(len(data))
        data[at] = (data[at] + rng.choice((-2, -1, 1, 2))) % 256


def _cut_out(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _span(rng, data)
    del data[start:end]


def _truncate(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[rng.randint(0, len(data)) :]


def _repeat(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _span(rng, data)
    data[end:end] = data[start:end] * rng.choice((1, 2, 20))


def _move(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _span(rng, data)
    block = data[start:end]
    del data[start:end]
    at = rng.randint(0, len(data))
    data[at:at] = block


def _insert_word(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _span(rng, data, 8)
    data[start : rng.choice((start, end))] = rng.choice(_WORDS)


def _replace_digits(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    found = next(_RUN_OF_DIGITS.finditer(data, rng.randint(0, len(data))), None)
    if found:
        data[found.start() : found.end()] = rng.choice(_WORDS)


def _splice(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    other = bytearray(rng.choice(seeds)[:SIZE_MAX])
    start, end = _span(rng, other, 400)
    at, resume = _span(rng, data, 400)
    data[at : rng.choice((at, resume))] = other[start:end]


def _random_bytes(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _span(rng, data)
    data[start:end] = rng.randbytes(rng.randint(0, 64))


def _swell(rng: random.Random, data: bytearray) -> None:
    """Make one part megabytes long: a line without end, a record a hundred thousand times."""
    start, end = _span(rng, data, 200)
    if end > start:
        times = rng.choice((1000, 100_000))
        data[end:end] = (data[start:end] * times)[: SWOLLEN_MAX - len(data)]


_MUTATIONS: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip, _flip, _set_number, _set_number, _nudge, _cut_out, _truncate, _repeat, _move, _insert_word, _replace_digits, _splice,
    _random_bytes,
)  # fmt: skip
