"""Where fuzzing starts: a reader's samples, the samples of the others, and what our own scenarios write in its format."""

import tempfile
from functools import cache
from itertools import product
from pathlib import Path

from fuzz.mutate import SIZE_MAX
from tocsin.readers import HEAD_BYTES, readers
from tocsin.scenario import CaptureFormat, Link, build

EVIDENCE = Path(__file__).parents[1] / "evidence"
KINDS = ("pcap", "pcapng", "netflow5", "netflow9", "netflow9-pcap", "combined", "nginx", "iis", "json", "firewall")
VECTORS = ("vector:fragment_flood", "vector:icmpv6_flood", "vector:amplification/dns", "vector:dhcp_flood", "vector:slow_http")
_GENERATED_BYTES = 8 << 10


def samples(reader_id: str) -> list[bytes]:
    """Seeds for one reader, its own first and most."""
    own = _kept(reader_id)
    claims = readers()[reader_id].claims
    own += [data for data in _generated() if claims(data[:HEAD_BYTES], "evidence")]
    others = [_kept(other)[:1] for other in readers() if other != reader_id]
    return own * 3 + [data for some in others for data in some]


def _kept(reader_id: str) -> list[bytes]:
    paths = sorted((EVIDENCE / reader_id).glob("*"))
    return [path.read_bytes()[:SIZE_MAX] for path in paths if path.suffix not in (".py", ".md") and path.is_file()]


@cache
def _generated() -> tuple[bytes, ...]:
    """A few seconds of several floods, in each format that scenarios write, cut to what a fuzzer can work with."""
    found = []
    options = {"rate_pps": 20, "ordinary_pps": 20, "duration_s": 8}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "piece"
        for name in VECTORS:
            for piece in build(name, evidence=KINDS, **options).pieces:
                piece.save(path)
                found.append(path.read_bytes()[:_GENERATED_BYTES])
        for link, big_endian, nanoseconds in product(Link, (False, True), (False, True)):
            form = CaptureFormat(link=link, big_endian=big_endian, nanoseconds=nanoseconds)
            for piece in build("ordinary", evidence=("pcap", "pcapng"), form=form, **options).pieces:
                piece.save(path)
                found.append(path.read_bytes()[: _GENERATED_BYTES // 4])
    return tuple(found)
