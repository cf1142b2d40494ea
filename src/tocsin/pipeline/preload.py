"""Imported once by the fork server, so that every reading process starts with the readers ready."""

import ctypes
import sys
from collections.abc import Sequence

import pyarrow as pa

from tocsin.pipeline import reading
from tocsin.readers import readers

# mallopt(3): arenas, and from which size a block is the system's again as soon as it is freed.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


class _Absent:
    """Finds no pandas."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def keep_small() -> None:
    """Have this process, and what is forked from it, hold little memory: half of what it would hold is not the evidence's.

    Arrow looks for pandas at its first array, once: 45 MB and half a second that no reader needs. Arrow's own allocator and
    glibc's, with its arena per thread, keep what was freed; buffers here are few and large.
    """
    sys.meta_path.insert(0, _Absent())
    pa.array([0])
    del sys.meta_path[0]
    pa.set_memory_pool(pa.system_memory_pool())
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc alone
        libc.mallopt(_M_ARENA_MAX, 2)
        libc.mallopt(_M_MMAP_THRESHOLD, 1 << 20)


keep_small()
readers()

__all__ = ["keep_small", "reading"]
