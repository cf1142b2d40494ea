import io

import pytest

from tocsin.readers._text_inventory import head_lines, lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_lines_and_the_bytes_they_start_at(encoding):
    data = "größe\r\nzwei\ndrei".encode(encoding)
    found = list(lines(io.BytesIO(data)))
    assert [line.text for line in found] == ["größe", "zwei", "drei"]
    for offset, text in found[1:]:
        assert data[offset:].startswith(text.encode("utf-16-le" if encoding == "utf-16" else encoding.removesuffix("-sig")))


def test_the_head_s_last_line_is_left_out_where_it_is_cut_off():
    assert head_lines(b"a\nb") == ("a", "b")
    assert head_lines((b"a" * 99 + b"\n") * 700)[-1] == "a" * 99
    assert head_lines(b'{"a": 1}') == head_lines(b"a\0b") == ()
