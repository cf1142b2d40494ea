"""Addresses as pairs of 64-bit numbers: IPv4 as ``::ffff:a.b.c.d`` (RFC 4291, section 2.5.5.2), so that both families mix."""

import ipaddress
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

ADDRESS = np.dtype([("hi", "<u8"), ("lo", "<u8")])
MAPPED = 0xFFFF_0000_0000
Array = npt.NDArray[Any]

# Unicast space that nobody routes or that is used for other purposes here: a spoofing tool avoids most of it.
# Source: IANA IPv4 Special-Purpose Address Registry.
_UNROUTED_FIRST_OCTETS = (0, 10, 127)


def number(text: str) -> tuple[int, int]:
    """The two halves of one address."""
    address = ipaddress.ip_address(text)
    value = int(address) | MAPPED if address.version == 4 else int(address)
    return value >> 64, value & (1 << 64) - 1


def addresses(texts: Iterable[str]) -> Array:
    """An array of ``ADDRESS`` from their texts."""
    return np.array([number(text) for text in texts], ADDRESS)


def is_v4(array: Array) -> Array:
    """Which of them are IPv4."""
    return np.asarray((array["hi"] == 0) & (array["lo"] >> np.uint64(32) == 0xFFFF))


def pick(rng: np.random.Generator, prefix: str, count: int) -> Array:
    """``count`` distinct addresses of a prefix, without its first and last, in random order; fewer where it has no more."""
    network = ipaddress.ip_network(prefix)
    usable = network.num_addresses - 2
    if usable <= 1 << 20:
        chosen = rng.permutation(usable)[:count]
    else:
        span = min(usable, 1 << 62)
        chosen = np.unique(rng.integers(0, span, count + count // 8 + 8))
        chosen = rng.permutation(chosen)[:count]
    hi, lo = number(str(network.network_address))
    result = np.empty(len(chosen), ADDRESS)
    result["hi"] = hi
    result["lo"] = np.uint64(lo) + chosen.astype(np.uint64) + np.uint64(1)
    return result


def spoofed(rng: np.random.Generator, count: int, *, v6: bool = False) -> Array:
    """Random unicast addresses, as a tool that forges sources makes them; repeats are possible."""
    result = np.empty(count, ADDRESS)
    if v6:
        result["hi"] = rng.integers(0, 1 << 61, count, dtype=np.uint64) | np.uint64(1 << 61)  # 2000::/3
        result["lo"] = rng.integers(0, 1 << 64, count, dtype=np.uint64)
        return result
    first = np.setdiff1d(np.arange(1, 224), _UNROUTED_FIRST_OCTETS)
    low = rng.integers(0, 1 << 24, count, dtype=np.uint64)
    result["hi"] = 0
    result["lo"] = np.uint64(MAPPED) | (first[rng.integers(0, len(first), count)].astype(np.uint64) << np.uint64(24)) | low
    return result


def text(hi: int, lo: int) -> str:
    """One address, written out."""
    if hi == 0 and lo >> 32 == 0xFFFF:
        return str(ipaddress.IPv4Address(lo & 0xFFFF_FFFF))
    return str(ipaddress.IPv6Address(hi << 64 | lo))


def texts(array: Array) -> list[str]:
    """All of them, written out; equal ones are formatted once."""
    unique, inverse = np.unique(array, return_inverse=True)
    written = [text(int(a["hi"]), int(a["lo"])) for a in unique]
    return [written[index] for index in inverse]


def distinct(hi: Array, lo: Array) -> int:
    """How many different addresses these halves spell."""
    if not len(hi):
        return 0
    order = np.lexsort((lo, hi))
    hi, lo = hi[order], lo[order]
    return int(1 + np.count_nonzero((hi[1:] != hi[:-1]) | (lo[1:] != lo[:-1])))
