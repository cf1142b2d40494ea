import bz2
import gzip
import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kit.archives import COMPRESS
from tocsin.errors import EvidenceError, LimitError
from tocsin.intake.streams import Peeled, PlainFile, Stream, damage, open_layers

LINES = b"".join(b"%06d GET /index.html 200\n" % number for number in range(20_000))
WIDE = 1 << 40


def opened(path: Path, data: bytes, *layers: str, limit_bytes: int = WIDE) -> Stream:
    path.write_bytes(data)
    return open_layers(PlainFile(path, "evidence"), layers, name="evidence", limit_bytes=limit_bytes)


def drained(stream: Stream) -> tuple[bytes, EvidenceError | None]:
    return stream.read(), damage(stream)


@pytest.mark.parametrize("codec", COMPRESS)
@pytest.mark.parametrize("parts", [1, 3])
def test_joined_streams_of_each_compression_are_one_content(tmp_path, codec, parts):
    step = len(LINES) // parts + 1
    data = b"".join(COMPRESS[codec](LINES[at : at + step]) for at in range(0, len(LINES), step))
    assert drained(opened(tmp_path / "f", data, codec)) == (LINES, None)


def test_a_compression_within_a_compression_is_undone(tmp_path):
    data = gzip.compress(zstandard.compress(bz2.compress(LINES)))
    assert drained(opened(tmp_path / "f", data, "gzip", "zstd", "bzip2")) == (LINES, None)


def test_zstd_skippable_frames_are_skipped(tmp_path):
    skip = b"\x50\x2a\x4d\x18\x05\0\0\0abcde"
    data = skip + zstandard.compress(b"one ") + skip + zstandard.compress(b"two") + skip
    assert drained(opened(tmp_path / "f", data, "zstd")) == (b"one two", None)


def test_zeros_after_the_end_are_padding(tmp_path):
    assert drained(opened(tmp_path / "f", gzip.compress(LINES) + bytes(700_000), "gzip")) == (LINES, None)


@pytest.mark.parametrize("codec", COMPRESS)
def test_junk_after_the_end_is_told_and_costs_nothing(tmp_path, codec):
    content, problem = drained(opened(tmp_path / "f", COMPRESS[codec](LINES) + b"junk, not a further stream" * 9, codec))
    assert content == LINES
    assert "near byte" in str(problem)


@pytest.mark.parametrize("codec", COMPRESS)
def test_a_stream_cut_at_any_byte_gives_what_it_has_and_says_where(tmp_path, codec):
    text = random.Random(7).randbytes(150)
    whole = COMPRESS[codec](text)
    for cut in range(1, len(whole)):
        content, problem = drained(opened(tmp_path / "f", whole[:cut], codec))
        assert text.startswith(content)
        assert f"at byte {cut}" in str(problem), cut
        assert type(problem) is EvidenceError


def test_a_gzip_stream_cut_late_loses_only_what_was_cut(tmp_path):
    whole = gzip.compress(random.Random(1).randbytes(100_000))
    content, _ = drained(opened(tmp_path / "f", whole[:-100], "gzip"))
    assert len(content) > 99_000


def test_a_wrong_gzip_checksum_costs_no_more_than_the_last_byte(tmp_path):
    whole = bytearray(gzip.compress(b"GET / 200\n" * 10))
    whole[-8] ^= 1
    content, problem = drained(opened(tmp_path / "f", bytes(whole), "gzip"))
    assert len(content) >= 99
    assert "incorrect data check" in str(problem)


@pytest.mark.parametrize("codec", COMPRESS)
@given(data=st.data())
def test_any_flipped_byte_gives_content_or_words(tmp_path_factory, codec, data):
    whole = bytearray(COMPRESS[codec](LINES[:2000]))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("flip") / "f"
    content, problem = drained(opened(path, bytes(whole), codec, limit_bytes=1 << 20))
    assert problem is not None or len(content) <= 2000


@pytest.mark.parametrize("codec", COMPRESS)
def test_content_at_the_limit_passes_and_one_byte_more_does_not(tmp_path, codec):
    data = COMPRESS[codec](bytes(50_000))
    assert drained(opened(tmp_path / "f", data, codec, limit_bytes=50_000)) == (bytes(50_000), None)
    content, problem = drained(opened(tmp_path / "f", data, codec, limit_bytes=49_999))
    assert content == bytes(49_999)
    assert isinstance(problem, LimitError)
    assert "50 kB" in str(problem)


def test_a_damaged_stream_ends_first_and_raises_afterwards(tmp_path):
    stream = opened(tmp_path / "f", gzip.compress(LINES)[:-30], "gzip")
    buffer = bytearray(len(LINES) + 1)
    assert 0 < stream.readinto(buffer) < len(LINES)
    with pytest.raises(EvidenceError, match="gzip data end in the middle"):
        stream.readinto(buffer)


def test_a_damaged_stream_raises_on_leaving_the_with_block(tmp_path):
    with (
        pytest.raises(EvidenceError, match="end in the middle"),
        opened(tmp_path / "f", gzip.compress(LINES)[:-30], "gzip") as s,
    ):
        assert len(list(s)) > 19_000
    assert s.closed


def test_another_error_is_not_hidden_by_damage(tmp_path):
    with pytest.raises(KeyError), opened(tmp_path / "f", gzip.compress(LINES)[:-30], "gzip") as stream:
        stream.read()
        raise KeyError("reader")


@pytest.mark.parametrize("cut", [len(LINES), 300])
def test_a_rewound_stream_gives_the_same_again_even_when_damaged(tmp_path, cut):
    stream = opened(tmp_path / "f", zstandard.compress(LINES)[:-cut], "zstd") if cut == 300 else opened(tmp_path / "f", LINES)
    first = stream.read(cut), stream.read()
    stream.seek(0)
    assert (stream.read(cut), stream.read()) == first


def test_seek_reaches_any_place(tmp_path):
    stream = opened(tmp_path / "f", zstandard.compress(LINES), "zstd")
    rng = random.Random(3)
    for _ in range(50):
        at = rng.randrange(len(LINES))
        assert stream.seek(at) == at
        assert stream.read(40) == LINES[at : at + 40]
    assert stream.seek(0, io.SEEK_END) == len(LINES)
    assert stream.read() == b""


def test_a_plain_file_can_be_mapped_and_a_peeled_one_says_it_cannot(tmp_path):
    assert os.fstat(opened(tmp_path / "f", LINES).fileno()).st_size == len(LINES)
    with pytest.raises(io.UnsupportedOperation):
        opened(tmp_path / "g", gzip.compress(LINES), "gzip").fileno()


def test_a_file_that_grows_is_read_to_its_size_at_opening(tmp_path):
    stream = opened(tmp_path / "f", LINES)
    with (tmp_path / "f").open("ab") as out:
        out.write(b"later")
    assert drained(stream) == (LINES, None)


def test_a_file_that_shrinks_is_told(tmp_path):
    stream = opened(tmp_path / "f", LINES)
    os.truncate(tmp_path / "f", 1000)
    content, problem = drained(stream)
    assert content == LINES[:1000]
    assert "at byte 1000" in str(problem)


def test_links_pipes_and_devices_are_not_opened(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "f")
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path / "link", "symbolic link"), (tmp_path / "pipe", "named pipe"), (Path("/dev/zero"), "device")):
        with pytest.raises(EvidenceError, match=words):
            PlainFile(path, "evidence")


def test_reading_leaves_the_access_time_alone(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(LINES)
    os.utime(path, ns=(10**18, 2 * 10**18))
    PlainFile(path, "evidence").readall()
    assert path.stat().st_atime_ns == 10**18


BOMB = """
import resource, sys, time
from pathlib import Path
from tocsin.intake.streams import PlainFile, open_layers
stream = open_layers(PlainFile(Path(sys.argv[1]), "bomb"), (sys.argv[2],), name="bomb", limit_bytes=100 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
buffer = bytearray(1 << 20)
while stream.readinto(buffer):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, type(stream.raw.damage).__name__)
"""


def zstd_runs(size: int) -> bytes:
    """A frame of blocks of four bytes that each stand for 128 KiB: the most zstd can do."""
    header = b"\x28\xb5\x2f\xfd\x00\x38"  # a window of 128 KiB, no content size
    block = (1 << 17 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return header + block * (size >> 17) + b"\x01\0\0"


@pytest.mark.parametrize(
    ("codec", "data"),
    [
        ("bzip2", bz2.compress(bytes(46_000_000)) * 40),
        ("zstd", zstd_runs(4 << 30)),
        ("gzip", gzip.compress(bytes(50_000_000)) * 40),
    ],
    ids=["bzip2", "zstd", "gzip"],
)
def test_a_bomb_costs_little_memory(tmp_path, codec, data):
    (tmp_path / "f").write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", BOMB, tmp_path / "f", codec], capture_output=True, text=True, check=True, timeout=60
    )
    kilobytes, ending = ran.stdout.split()
    assert ending == "LimitError"
    assert int(kilobytes) < 150_000


def test_xz_and_zstd_that_ask_for_gigabytes_of_memory_are_refused(tmp_path):
    import lzma

    greedy = lzma.compress(b"x" * 100, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 256 << 20}])
    assert "Memory usage limit" in str(drained(opened(tmp_path / "f", greedy, "xz"))[1])
    frame = b"\x28\xb5\x2f\xfd\x00" + bytes([(31 - 10) << 3]) + b"\x01\0\0"
    assert "memory" in str(drained(opened(tmp_path / "f", frame, "zstd"))[1])


def test_a_span_of_an_archive_ends_where_it_should(tmp_path):
    from tocsin.intake.streams import Span

    source = opened(tmp_path / "f", b"abcdef")
    assert Span(source, 4, "member").readall() == b"abcd"
    rest = Span(source, 4, "member")
    assert rest.read(10) == b"ef"
    assert rest.read(10) == b""
    assert "expected 4 bytes, found the end after 2" in str(rest.damage)


def test_a_member_of_a_zip_has_one_stream_only(tmp_path):
    (tmp_path / "f").write_bytes(gzip.compress(b"one") + gzip.compress(b"two"))
    peeled = Peeled(PlainFile(tmp_path / "f", "e"), "gzip", name="e", limit_bytes=100, joined=False)
    assert peeled.readall() == b"one"
