"""What a file may ask of us: depth, ratio, size, count and disk. Everything beyond is refused with a word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on unwrapping; a hostile file costs at most what stands here.

    Attributes:
        depth_max: Wrappings around a file, each compression and each archive being one. ``logs.zip`` with a ``day.tar.gz``
            with an ``access.log.gz`` is four.
        expansion_ratio_max: How many times larger than the file handed over its content may become. Deflate ends at 1032;
            the ordinary logs and captures of a flood stay below 200.
        expansion_free_bytes: Up to this many unwrapped bytes the ratio is not asked for.
        unwrapped_bytes_max: Content of one file, whatever its ratio.
        members_max: Members of one archive; those after are not read.
        members_total_max: Members of all archives of a run.
        spooled_bytes_max: Members of all archives of a run, together, written to disk.
        free_bytes_min: Free disk left over after spooling.
    """

    depth_max: int = 4
    expansion_ratio_max: int = 1000
    expansion_free_bytes: int = 100 << 20
    unwrapped_bytes_max: int = 100 << 30
    members_max: int = 10_000
    members_total_max: int = 100_000
    spooled_bytes_max: int = 200 << 30
    free_bytes_min: int = 2 << 30

    def unwrapped_bytes(self, size_bytes: int) -> int:
        """How far a file of this size may unwrap."""
        by_ratio = max(self.expansion_free_bytes, self.expansion_ratio_max * size_bytes)
        return min(self.unwrapped_bytes_max, by_ratio)
