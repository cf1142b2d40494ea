import gzip
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.archives import tar_header, tar_of, tar_special
from tocsin.errors import EvidenceError
from tocsin.intake.members import Member
from tocsin.intake.streams import PlainFile, open_layers
from tocsin.intake.tar import is_tar, members

TEXT = b"GET /index.html 200\n" * 300
LONG = "folder/" * 40 + "access.log"


def walked(path: Path, data: bytes, *layers: str) -> tuple[list[tuple[str, bytes | str]], str]:
    """Names with content or reason, and why it ended, if not at its end."""
    path.write_bytes(data)
    found: list[tuple[str, bytes | str]] = []
    with PlainFile(path, "a.tar") as file:
        stream = open_layers(file, layers, name="a.tar", limit_bytes=1 << 20)
        try:
            for member in members(stream, "a.tar"):
                said = member.content.readall() if isinstance(member, Member) else member.reason
                found += [(member.name, said)]
        except EvidenceError as error:
            return found, str(error)
    return found, ""


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_members_of_each_format_are_read_in_order(tmp_path, kind):
    held = {"b.log": TEXT, "žluť.log" if kind != tarfile.USTAR_FORMAT else "a": b"", "c": TEXT[:512]}
    data = tar_of(held, kind)
    assert is_tar(data)
    assert walked(tmp_path / "f", data) == (list(held.items()), "")
    assert walked(tmp_path / "g", gzip.compress(data), "gzip") == (list(held.items()), "")


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read(tmp_path, kind):
    assert walked(tmp_path / "f", tar_of({LONG: b"a", "b": b"b"}, kind)) == ([(LONG, b"a"), ("b", b"b")], "")


def test_members_not_read_do_not_disturb_the_next(tmp_path):
    (tmp_path / "f").write_bytes(tar_of({"a": TEXT, "b": b"b"}))
    stream = open_layers(PlainFile(tmp_path / "f", "a.tar"), (), name="a.tar", limit_bytes=1)
    assert [member.name for member in members(stream, "a.tar")] == ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "symbolic link to /etc/passwd"),
        (tarfile.LNKTYPE, "hard link to /etc/passwd"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "named pipe"),
        (tarfile.DIRTYPE, ""),
        (tarfile.GNUTYPE_SPARSE, "sparse"),
        (b"M", "another volume"),
        (b"Z", "unknown tar type Z"),
    ],
)
def test_what_is_not_a_file_is_passed_with_a_word(tmp_path, kind, words):
    found, problem = walked(tmp_path / "f", tar_of({"x": tar_special("x", kind, "/etc/passwd"), "b": b"b"}))
    (_, reason), rest = found
    assert words in str(reason)
    assert bool(reason) is bool(words)
    assert (rest, problem) == (("b", b"b"), "")


def test_a_pax_sparse_file_is_passed_with_a_word(tmp_path):
    info = tarfile.TarInfo("x")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "x"}
    (_, reason), rest = walked(tmp_path / "f", tar_of({"x": info, "b": b"b"}, tarfile.PAX_FORMAT))[0]
    assert "sparse" in str(reason)
    assert rest == ("b", b"b")


def test_a_folder_that_claims_a_size_has_no_data(tmp_path):
    data = tar_header("folder", tarfile.DIRTYPE, 5000) + tar_of({"b": b"b"})
    assert walked(tmp_path / "f", data) == ([("folder", ""), ("b", b"b")], "")


@pytest.mark.parametrize("layers", [(), ("gzip",)])
@pytest.mark.parametrize("size", [600, 8 << 30, 1 << 61])
def test_a_size_beyond_the_end_gives_what_is_there_and_words(tmp_path, layers, size):
    data = tar_header("a", tarfile.REGTYPE, size) + b"b" * 512
    found, problem = walked(tmp_path / "f", gzip.compress(data) if layers else data, *layers)
    assert found == [("a", b"b" * 512)]
    assert "cut off" in problem


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
@pytest.mark.parametrize("size", [(1 << 20) + 1, 1 << 50])
def test_a_name_of_gigabytes_is_refused(tmp_path, kind, size):
    found, problem = walked(tmp_path / "f", tar_header("a", kind, size) + bytes(1024))
    assert found == []
    assert "expected at most 1048576" in problem


@pytest.mark.parametrize(("count", "passes"), [(15, True), (16, False)])
def test_a_member_has_only_so_many_extended_headers(tmp_path, count, passes):
    data = tar_header("x", tarfile.XHDTYPE, 0) * count + tar_of({"a": b"a"})
    found, problem = walked(tmp_path / "f", data)
    assert bool(found) is passes
    assert ("extended headers" in problem) is not passes


@pytest.mark.parametrize("size", ["-1", "9" * 5000, "1_0", "٣", "", " 1"])
def test_a_pax_size_that_is_no_number_is_not_used(tmp_path, size):
    record = f" size={size}\n".encode()
    for digits in range(1, 6):
        if len(f"{len(record) + digits}") == digits:
            record = f"{len(record) + digits}".encode() + record
            break
    body = record.ljust(len(record) + -len(record) % 512, b"\0")
    data = tar_header("x", tarfile.XHDTYPE, len(record)) + body + tar_of({"a": b"a"})
    assert walked(tmp_path / "f", data) == ([("a", b"a")], "")


def test_a_negative_size_ends_the_reading_with_words(tmp_path):
    data = bytearray(tar_of({"a": b"a"}))
    data[124:136] = b"\xff" * 12
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 256 + sum(data[156:512]))
    assert "expected a tar header" in walked(tmp_path / "f", bytes(data))[1]


def test_data_after_the_end_mark_is_told(tmp_path):
    found, problem = walked(tmp_path / "f", tar_of({"a": b"a"}) + tar_of({"b": b"b"}))
    assert found == [("a", b"a")]
    assert "more data after the end mark" in problem


def test_a_missing_end_mark_is_told(tmp_path):
    found, problem = walked(tmp_path / "f", tar_of({"a": b"a"})[:1024])
    assert found == [("a", b"a")]
    assert "without an end mark" in problem


def test_damage_of_the_compression_is_told_after_the_members_before_it(tmp_path):
    data = gzip.compress(tar_of({"a": b"a", "b": b"b"}))
    found, problem = walked(tmp_path / "f", data[:-6], "gzip")
    assert found == [("a", b"a"), ("b", b"b")]
    assert "gzip data end in the middle" in problem


def test_an_archive_cut_at_any_byte_gives_what_it_has_and_words(tmp_path):
    held = {LONG: b"a" * 700, "b": b"b"}
    data = tar_of(held, tarfile.PAX_FORMAT)
    end = data.rindex(b"b") + 512 - data.rindex(b"b") % 512
    for cut in [*range(600), *range(600, end, 37)]:
        found, problem = walked(tmp_path / "f", data[:cut])
        assert problem
        assert all(held[name].startswith(content) for name, content in found), cut


@given(data=st.data())
def test_any_damage_gives_content_or_words(tmp_path_factory, data):
    damaged = bytearray(
        tar_of({LONG: b"a" * 70, "b": b"b"}, data.draw(st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        block = data.draw(st.integers(0, len(damaged) // 512 - 1)) * 512
        damaged[block + data.draw(st.integers(0, 511))] = data.draw(st.sampled_from([0, ord("9"), ord("x"), 0x80, 0xFF]))
        head = damaged[block : block + 512]  # with a true checksum, so that the damage is believed
        damaged[block + 148 : block + 156] = b"%06o\0 " % (sum(head[:148]) + 256 + sum(head[156:512]))
    found, _ = walked(tmp_path_factory.getbasetemp() / "damaged.tar", bytes(damaged))
    assert len(found) < 30


@given(st.binary(max_size=600))
def test_any_bytes_are_looked_at_without_error(head):
    is_tar(head)


def test_zeros_and_texts_are_no_tar():
    assert not is_tar(bytes(1024))
    assert not is_tar(b"ustar" * 200)
