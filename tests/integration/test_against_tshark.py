"""Our counts of every capture of the reference evidence, whole and cut off, against those of capinfos and tshark."""

import csv
import io
import os
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import zstandard

from tocsin.readers import identify

DATA = Path(os.environ.get("TOCSIN_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
CAPTURES = sorted(
    path for path in (DATA / "network").glob("*.pcap*") if path.name.removesuffix(".zst").endswith((".pcap", ".pcapng"))
)
SLOW_BYTES = 20_000_000  # decompressed; tshark needs more than 10 s for three copies of this
TOOLS = ("capinfos", "tshark")

Pair = tuple[str, str]


class Counts(NamedTuple):
    """Packets and frame bytes: of everything, and between two addresses (either way)."""

    packets: int
    frame_bytes: int
    pair_packets: Counter[Pair]
    pair_bytes: Counter[Pair]


def decompressed(path: Path) -> bytes:
    raw = path.read_bytes()
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read() if path.suffix == ".zst" else raw


def size_of(path: Path) -> int:
    if path.suffix != ".zst":
        return path.stat().st_size
    with path.open("rb") as stream:
        return int(zstandard.frame_content_size(stream.read(64)))


def last_record(data: bytes) -> int:
    """Where the last record (of pcapng: block) starts."""
    if data[:4] == b"\n\r\r\n":
        [length] = struct.unpack("<I" if data[8] == 0x4D else ">I", data[-4:])
        return len(data) - length
    order = "<" if data[0] in (0xD4, 0x4D) else ">"
    position, last = 24, 24
    while position + 16 <= len(data):
        last, position = position, position + 16 + struct.unpack_from(order + "I", data, position + 8)[0]
    return last


def copies(data: bytes, folder: Path) -> Iterator[Path]:
    """The capture, the first two thirds of it, and all but half of its last record."""
    last = last_record(data)
    sizes = {"whole": len(data), "two-thirds": 2 * len(data) // 3, "last": (last + len(data)) // 2}
    for name, size in sizes.items():
        path = folder / name
        path.write_bytes(data[:size])
        yield path


def ours(path: Path) -> Counts:
    reader = identify(path.read_bytes()[:65536], path.name)
    assert reader is not None
    packets, frame_bytes, of_ip = 0, 0, 0
    pair_packets: Counter[Pair] = Counter()
    pair_bytes: Counter[Pair] = Counter()
    faults: list[object] = []
    with path.open("rb") as stream:
        for table, rows in reader.read(stream, evidence_id="e", report=faults.append):
            for row in rows.to_pylist() if table in ("network_traffic", "network_activity") else ():
                if table == "network_traffic":
                    packets += row["traffic_packets"]
                    frame_bytes += row["frame_bytes"]
                    of_ip += row["traffic_packets"] if row["dst_endpoint_ip"] else 0
                elif row["device_ip"] is None:  # our own flows, not those that an exporter in the capture tells of
                    pair = sorted_pair(row["src_endpoint_ip"], row["dst_endpoint_ip"])
                    assert "/" not in "".join(pair), "nothing in the reference evidence has so many sources that it is folded"
                    pair_packets[pair] += row["traffic_packets_out"] + row["traffic_packets_in"]
                    pair_bytes[pair] += row["frame_bytes_out"] + row["frame_bytes_in"]
    assert of_ip == pair_packets.total(), "the series and the flows count the same packets"
    assert len(faults) in {"whole": (0,), "last": (1,)}.get(path.name, (0, 1)), faults
    return Counts(packets, frame_bytes, pair_packets, pair_bytes)


def tool(*command: str) -> str:
    """What a tool prints. Its exit status is 1 or 2 for a file that is cut off, which is no failure here."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 2), done.stderr
    return done.stdout


def capinfos(paths: list[Path]) -> list[tuple[int, int]]:
    """Packets and bytes on the wire of each file."""
    lines = [tool("capinfos", "-c", "-d", "-M", "-T", "-m", "-r", str(path)) for path in paths]
    return [(int(packets), int(size)) for line in lines for _, packets, size in csv.reader([line.strip()])]


def shown(size: int) -> str:
    """A number of bytes as tshark's tables show it: cut, not rounded, to kB and MB from 10,000 and 10,000,000 on."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")):
        if size // unit >= 10:
            return f"{size // unit} {name}"
    return f"{size} bytes"


class Tshark(NamedTuple):
    """Per pair: what the conversation tables show, what they should show, and sums over frames by their outermost IP header."""

    conversations: dict[Pair, tuple[int, str]]
    expected: dict[Pair, tuple[int, str]]
    pair_packets: Counter[Pair]
    pair_bytes: Counter[Pair]


def tshark(path: Path) -> Tshark:
    fields = ("frame.len", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst")
    options = [word for field in fields for word in ("-e", field)]
    text = tool("tshark", "-n", "-r", str(path), "-z", "conv,ip", "-z", "conv,ipv6", "-T", "fields", *options)
    pair_packets: Counter[Pair] = Counter()
    pair_bytes: Counter[Pair] = Counter()
    table_packets: Counter[Pair] = Counter()
    table_bytes: Counter[Pair] = Counter()
    conversations = {}
    for line in text.splitlines():
        if " <-> " in line:
            left, _, right, *numbers = line.split()
            *_, packets, amount, unit, _, _ = numbers
            conversations[sorted_pair(left, right)] = int(packets), f"{amount} {unit}"
        elif line.count("\t") == len(fields) - 1:
            size, protocols, *addresses = line.split("\t")
            pairs = list(ip_headers(protocols, addresses))
            for pair, _ in pairs[:1]:
                pair_packets[pair] += 1
                pair_bytes[pair] += int(size)
            # Captures of tunnels (6in4, GRE, IP in IP): the tables count a frame once for each IP header in it, we once for the
            # outermost. Headers quoted by ICMP errors stand in the fields, but neither the tables nor we count them.
            for pair, quoted in pairs:
                table_packets[pair] += not quoted
                table_bytes[pair] += 0 if quoted else int(size)
    expected = {pair: (packets, shown(table_bytes[pair])) for pair, packets in table_packets.items() if packets}
    return Tshark(conversations, expected, pair_packets, pair_bytes)


def ip_headers(protocols: str, addresses: list[str]) -> Iterator[tuple[Pair, bool]]:
    """The ends of each IP header of a frame, from outside in, and whether an ICMP message quotes it."""
    four, six = (zip(*(held.split(",") for held in ends), strict=True) for ends in (addresses[:2], addresses[2:]))
    quoted = False
    for name in protocols.split(":"):
        if name in ("ip", "ipv6"):
            yield sorted_pair(*next(four if name == "ip" else six)), quoted
        quoted |= name in ("icmp", "icmpv6")


def sorted_pair(left: str, right: str) -> Pair:
    return (left, right) if left < right else (right, left)


@pytest.mark.real
@pytest.mark.parametrize(
    "capture",
    [pytest.param(path, id=path.name, marks=[pytest.mark.slow] if size_of(path) > SLOW_BYTES else []) for path in CAPTURES],
)
def test_packets_and_bytes_equal_those_of_capinfos_and_tshark(capture, tmp_path):
    missing = [name for name in TOOLS if not shutil.which(name)]
    if missing:
        pytest.skip(
            f"NOT RUN: {' and '.join(missing)} missing, so nobody but us has counted {capture.name}; apt install tshark"
        )
    paths = list(copies(decompressed(capture), tmp_path))
    for path, totals in zip(paths, capinfos(paths), strict=True):
        found, theirs = ours(path), tshark(path)
        assert (found.packets, found.frame_bytes) == totals, path.name
        assert found.pair_packets == theirs.pair_packets, path.name
        assert found.pair_bytes == theirs.pair_bytes, path.name
        assert theirs.conversations == theirs.expected, path.name


@pytest.mark.real
def test_there_are_captures_to_compare(real_data):
    assert len(CAPTURES) >= 40, real_data
