import bz2
import lzma
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.archives import COMPRESS, RAR, SEVEN_ZIP, deflated, zip_of
from tocsin.intake import codecs


@pytest.mark.parametrize("codec", COMPRESS)
def test_each_compression_is_known_by_its_content(codec):
    assert codecs.compression(COMPRESS[codec](b"")) == codec
    assert codecs.compression(COMPRESS[codec](b"content")) == codec
    assert codecs.compression(b" " + COMPRESS[codec](b"content")) is None


def test_zstd_is_known_behind_skippable_frames():
    frame = COMPRESS["zstd"](b"content")
    assert codecs.compression(b"\x5f\x2a\x4d\x18\x02\0\0\0ab" + frame) == "zstd"
    assert codecs.compression(b"\x5f\x2a\x4d\x18\x02\0\0\0ab" + b"LZ4?") is None
    assert codecs.compression(b"\x5f\x2a\x4d\x18\xff\xff\xff\xff") is None


def test_a_text_that_starts_as_bzip2_is_not_bzip2():
    assert codecs.compression(b"BZh9 is the magic number of bzip2") is None


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (SEVEN_ZIP, "7-Zip"),
        (RAR, "RAR"),
        (b"\x1f\x9d\x90data", "compress (.Z)"),
        (b"\x1f\x9d\x87", None),
        (b"\x04\x22\x4d\x18", "LZ4"),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_what_is_not_unpacked_is_named(head, name):
    assert codecs.foreign(head) == name


@given(st.binary(max_size=64))
def test_any_bytes_are_looked_at_without_error(head):
    codecs.compression(head)
    codecs.foreign(head)


@pytest.mark.parametrize("codec", ["gzip", "deflate", "xz", "bzip2"])
def test_decoders_give_no_more_than_they_are_asked_for(codec):
    packed = {**COMPRESS, "deflate": deflated}[codec](bytes(1 << 20))
    decoder, data, given_bytes = codecs.DECODERS[codec](), packed, 0
    while not decoder.eof:
        out = decoder.decompress(data if decoder.needs_input else b"", 1000)
        data = b""
        assert len(out) <= 1000
        given_bytes += len(out)
    assert given_bytes == 1 << 20


@pytest.mark.parametrize("piece", [1, 5, 1000])
def test_lzma_as_in_zip_is_read_in_pieces_of_any_size(piece):
    text = b"GET / 200\n" * 500
    archive = zip_of({"a": text}, zipfile.ZIP_LZMA)
    packed = archive[30 + 1 :]
    decoder, out, at = codecs.DECODERS["zip_lzma"](), b"", 0
    while len(out) < len(text):
        data = packed[at : at + piece] if decoder.needs_input else b""
        at += len(data)
        out += decoder.decompress(data, 1 << 20)
    assert out == text


def test_lzma_as_in_zip_that_asks_for_gigabytes_is_refused():
    with pytest.raises(lzma.LZMAError, match="dictionary"):
        codecs.DECODERS["zip_lzma"]().decompress(b"\x09\x04\x05\x00\x5d\xff\xff\xff\xff", 100)


def test_what_comes_before_an_error_in_deflate_is_given_first():
    text = b"GET / 200\n" * 3000
    packed = deflated(text)
    whole_block = b"\x00" + len(text).to_bytes(2, "little") + (len(text) ^ 0xFFFF).to_bytes(2, "little") + text
    no_such_block_type = b"\x07"
    decoder = codecs.DECODERS["deflate"]()
    assert decoder.decompress(whole_block + no_such_block_type + packed, 1 << 20) == text[:-1]
    with pytest.raises(zlib.error):
        decoder.decompress(b"", 1 << 20)


def test_unused_data_is_what_follows_the_stream():
    for codec in COMPRESS:
        decoder = codecs.DECODERS[codec]()
        decoder.decompress(COMPRESS[codec](b"content") + b"rest", 100)
        assert (decoder.eof, decoder.unused_data) == (True, b"rest"), codec


def test_bzip2_without_content_is_known():
    assert codecs.compression(bz2.compress(b"")) == "bzip2"
