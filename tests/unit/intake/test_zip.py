import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.archives import deflated, raw_zip, zip64_of, zip_link, zip_of
from tocsin.errors import EvidenceError
from tocsin.intake import zip as zips
from tocsin.intake.members import Member, Passed
from tocsin.intake.streams import PlainFile

TEXT = b"GET /index.html 200\n" * 300


def walked(path: Path, data: bytes, count_max: int = 100) -> list[tuple[str, bytes | str]]:
    path.write_bytes(data)
    with PlainFile(path, "a.zip") as file:
        entries, _ = zips.contents(file, "a.zip", count_max)
        found = zips.members(file, entries, name="a.zip", limit_bytes=1 << 30)
        return [(m.name, m.content.readall() if isinstance(m, Member) else m.reason) for m in found]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_of_each_method_are_read_in_order(tmp_path, method):
    held = {"b.log": TEXT, "a/a.log": TEXT[::-1], "empty": b""}
    assert walked(tmp_path / "f", zip_of(held, method)) == list(held.items())


def test_an_archive_with_64_bit_numbers_is_read(tmp_path):
    assert walked(tmp_path / "f", zip64_of("a.log", TEXT)) == [("a.log", TEXT)]


def test_an_archive_behind_a_program_is_read(tmp_path):
    assert walked(tmp_path / "f", b"#!/bin/sh\nexit\n" + zip_of({"a.log": TEXT})) == [("a.log", TEXT)]


def test_an_archive_with_a_comment_is_read(tmp_path):
    data = zip_of({"a.log": TEXT})
    assert walked(tmp_path / "f", data[:-2] + b"\x09\x00" + b"PK\x05\x06 said") == [("a.log", TEXT)]


def test_folders_are_passed_in_silence_and_links_with_a_word(tmp_path):
    assert walked(tmp_path / "f", zip_of({"logs/": b"", "logs/a": b"a"})) == [("logs/", ""), ("logs/a", b"a")]
    [(name, reason)] = walked(tmp_path / "f", zip_link("passwd", "/etc/passwd"))
    assert (name, "symbolic link" in str(reason)) == ("passwd", True)


@pytest.mark.parametrize(
    ("flags", "method", "words"),
    [(1, 0, "encrypted"), (0x2001, 8, "encrypted"), (1, 99, "encrypted"), (0, 9, "Deflate64"), (0, 77, "method 77")],
)
def test_what_cannot_be_unpacked_is_passed_with_a_word(tmp_path, flags, method, words):
    data = raw_zip([(b"secret", flags, method, 0, 3, -1, b"abc"), (b"open", 0, 0, zlib.crc32(b"abc"), 3, -1, b"abc")])
    (_, reason), rest = walked(tmp_path / "f", data)
    assert words in str(reason)
    assert rest == ("open", b"abc")


def test_names_that_are_not_utf_8_do_not_lose_the_archive(tmp_path):
    data = raw_zip(
        [(b"caf\x82", 0, 0, 0, 1, -1, b"a"), (b"bad\xff", 0x800, 0, 0, 1, -1, b"b"), ("ž".encode(), 0, 0, 0, 1, -1, b"c")]
    )
    assert walked(tmp_path / "f", data) == [("café", b"a"), ("bad\udcff", b"b"), ("ž", b"c")]


@pytest.mark.parametrize("offset", [0, 5], ids=["the same place", "one within the other"])
def test_overlapping_members_are_a_bomb(tmp_path, offset):
    packed = deflated(bytes(10_000))
    data = raw_zip([(b"a", 0, 8, 0, 10_000, -1, packed), (b"b", 0, 8, 0, 10_000, offset, packed)])
    with pytest.raises(EvidenceError, match="overlap"):
        walked(tmp_path / "f", data)


def test_a_member_that_reaches_into_the_table_of_contents_is_told(tmp_path):
    data = bytearray(raw_zip([(b"a", 0, 0, 0, 1, -1, b"a")]))
    at = data.index(b"PK\1\2")
    data[at + 20 : at + 24] = struct.pack("<I", 3)
    with pytest.raises(EvidenceError, match="into the table of contents"):
        walked(tmp_path / "f", bytes(data))


def test_a_member_that_is_not_where_it_should_be_is_passed_and_the_rest_read(tmp_path):
    data = raw_zip([(b"a", 0, 0, 0, 1, -1, b"a"), (b"b", 0, 0, 0, 1, -1, b"b")]).replace(b"PK\3\4", b"XXXX", 1)
    (_, reason), rest = walked(tmp_path / "f", data)
    assert "found 58 58 58 58" in str(reason)
    assert rest == ("b", b"b")


@pytest.mark.parametrize("count", [2, 3])
def test_only_so_many_entries_are_read(tmp_path, count):
    (tmp_path / "f").write_bytes(zip_of({"a": b"", "b": b"", "c": b""}))
    with PlainFile(tmp_path / "f", "a.zip") as file:
        entries, more = zips.contents(file, "a.zip", count)
    assert (len(entries), more) == (count, count < 3)


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        (["[Content_Types].xml", "word/document.xml"], True),
        (["META-INF/MANIFEST.MF", "a.class"], True),
        (["mimetype", "content.xml"], True),
        (["tool/__init__.py", "tool-1.0.dist-info/WHEEL"], True),
        (["classes.dex", "AndroidManifest.xml"], True),
        (["evidence/META-INF/MANIFEST.MF", "access.log"], False),
        (["access.log", "mimetype"], False),
        ([], False),
    ],
)
def test_a_document_or_program_is_known_by_what_lies_at_its_root(tmp_path, names, whole):
    (tmp_path / "f").write_bytes(zip_of(dict.fromkeys(names, b"x")))
    with PlainFile(tmp_path / "f", "a.zip") as file:
        assert zips.is_package(zips.contents(file, "a.zip", 100)[0]) is whole


def test_one_part_of_several_is_told(tmp_path):
    data = bytearray(zip_of({"a": b"a"}))
    data[-18:-16] = b"\x01\x00"
    with pytest.raises(EvidenceError, match="one part of a ZIP in several"):
        walked(tmp_path / "f", bytes(data))


WHOLE = zip_of({"a.log": b"a" * 40, "b.log": b"b" * 40})


def survives(path: Path, data: bytes) -> None:
    """The only errors are ours."""
    try:
        walked(path, data)
    except EvidenceError as error:
        assert "a.zip" in str(error)


@pytest.mark.parametrize("data", [WHOLE, zip64_of("a", b"abc")], ids=["zip", "zip64"])
def test_an_archive_cut_at_any_byte_gives_words(tmp_path, data):
    for cut in range(len(data)):
        survives(tmp_path / "f", data[:cut])


@pytest.mark.parametrize("whole", [WHOLE, zip64_of("a", b"abc")], ids=["zip", "zip64"])
@given(data=st.data())
def test_any_damage_gives_content_or_words(tmp_path_factory, whole, data):
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
    survives(tmp_path_factory.getbasetemp() / "damaged.zip", bytes(damaged))


@given(st.binary(max_size=200))
def test_any_bytes_around_the_end_record_give_words(tmp_path_factory, junk):
    survives(tmp_path_factory.getbasetemp() / "junk.zip", b"PK\x03\x04" + junk + b"PK\x05\x06" + junk)


def test_passed_members_keep_their_size(tmp_path):
    (tmp_path / "f").write_bytes(raw_zip([(b"secret", 1, 0, 0, 3, -1, b"abc")]))
    with PlainFile(tmp_path / "f", "a.zip") as file:
        entries, _ = zips.contents(file, "a.zip", 9)
        [member] = zips.members(file, entries, name="a.zip", limit_bytes=99)
    assert isinstance(member, Passed)
    assert member.size_bytes == 3
