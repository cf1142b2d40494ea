import io
from datetime import UTC, datetime

import pytest

from tocsin.errors import EvidenceError
from tocsin.model import Fault
from tocsin.readers import HEAD_BYTES, _lines
from tocsin.readers._lines import (
    Rows,
    address,
    address_or_name,
    clock_us,
    epoch_us,
    head_lines,
    iso_us,
    log_time_us,
    port,
    read_lines,
    seconds,
    shown,
    string,
    whole,
)

AT = 1_644_930_131_000_000  # 2022-02-15 13:02:11 UTC


def lines_of(data, *, stream=None, **options):
    """What a parser sees: offsets and texts, and the faults."""
    seen, faults = [], []

    def parse(offset, line):
        if line.startswith("bad"):
            raise ValueError("expected good")
        seen.append((offset, line))

    assert list(read_lines(stream or io.BytesIO(data), parse, [], evidence_id="e1", report=faults.append, **options)) == []
    return seen, [(fault.offset, fault.reason) for fault in faults]


def test_offsets_count_bytes_also_behind_characters_of_several():
    assert lines_of("ä\nb\n€\nc\n".encode())[0] == [(0, "ä"), (3, "b"), (5, "€"), (9, "c")]


def test_blank_lines_are_no_records_and_no_faults():
    assert lines_of(b"\n\r\na\n\n") == ([(3, "a")], [])


def test_a_parser_that_refuses_blanks_makes_no_fault_of_them():
    def parse(offset, line):
        raise ValueError("expected something")

    faults = []
    list(read_lines(io.BytesIO(b"  \n\t\nx\n"), parse, [], evidence_id="e1", report=faults.append))
    assert [fault.offset for fault in faults] == [5]


def test_a_bad_line_is_a_fault_with_what_was_expected_and_found():
    seen, faults = lines_of(b"a\nbad \x1b[31m\nc\n")
    assert seen == [(0, "a"), (12, "c")]
    assert faults == [(2, "expected good, found 'bad \\x1b[31m'")]


def test_bytes_that_are_not_utf8_are_kept_as_escapes():
    assert lines_of(b"a\xff\xc3\n")[0] == [(0, "a\\xff\\xc3")]


def test_nul_bytes_around_a_line_are_taken_off_and_reported():
    seen, faults = lines_of(b"a\n\0\0\0b\n\0\0\n")
    assert seen == [(0, "a"), (2, "b")]
    assert [offset for offset, _ in faults] == [2, 7]
    assert "3 NUL bytes" in faults[0][1]


def test_nul_bytes_inside_a_line_are_left():
    assert lines_of(b"a\0b\n") == ([(0, "a\0b")], [])


@pytest.mark.parametrize(("cut", "faults"), [(True, 1), (False, 0)])
def test_a_last_line_without_break_is_read_and_reported_where_it_may_be_cut(cut, faults):
    seen, found = lines_of(b"a\nb", last_may_be_cut=cut)
    assert seen == [(0, "a"), (2, "b")]
    assert [offset for offset, _ in found] == [2] * faults


def test_a_bad_last_line_without_break_is_one_fault_that_says_so():
    _, faults = lines_of(b"a\nbad")
    assert len(faults) == 1
    assert faults[0][1].endswith("; the file ends inside this line")


@pytest.mark.parametrize("chunk", [3, 16, 1000])
@pytest.mark.parametrize(("length", "kept"), [(16, True), (17, False)])
def test_lines_over_the_bound_are_left_out_and_reported_once(length, kept, chunk, monkeypatch):
    monkeypatch.setattr(_lines, "LINE_BYTES", 16)
    monkeypatch.setattr(_lines, "CHUNK_BYTES", chunk)
    data = b"a\n" + b"x" * length + b"\nb\n" + b"y" * 50 + b"\nc\n" + b"z" * 40
    seen, faults = lines_of(data)
    b = 2 + length + 1
    assert [offset for offset, _ in seen] == [0, *([2] if kept else []), b, b + 2 + 51]
    assert [offset for offset, _ in faults] == [*([] if kept else [2]), b + 2, b + 2 + 51 + 2]


def test_an_endless_line_is_not_held_in_memory(monkeypatch):
    class Endless(io.RawIOBase):
        left = 200

        def read(self, size=-1):
            self.left -= 1
            return b"x" * size if self.left > 0 else b""

    monkeypatch.setattr(_lines, "CHUNK_BYTES", 1 << 16)
    seen, faults = lines_of(b"", stream=Endless())
    assert seen == []
    assert [offset for offset, _ in faults] == [0]


def test_a_stream_that_breaks_keeps_what_was_read_and_passes_the_error_on():
    class Broken(io.BytesIO):
        def read(self, size=-1):
            return super().read(size) or self.fail()

        def fail(self):
            raise EvidenceError("the archive ends early")

    rows, batches = Rows("dns_activity", ("record_offset", "query_hostname"), "e1"), []
    with pytest.raises(EvidenceError, match="ends early"):
        for batch in read_lines(
            Broken(b"a\nb\n"), lambda offset, line: rows.add((offset, line)), [rows], evidence_id="e1", report=print
        ):
            batches += [batch.rows]
    assert batches[0].column("query_hostname").to_pylist() == ["a", "b"]


def test_rows_are_cut_into_batches_with_constants_and_nulls(monkeypatch):
    monkeypatch.setattr(_lines, "BATCH_ROWS", 2)
    rows = Rows("network_activity", ("record_offset", "time"), "e1", sampling_rate=1)
    for offset in range(3):
        rows.add((offset, AT))
    batches = [batch.rows for batch in rows.flush()]
    assert [batch.num_rows for batch in batches] == [2, 1]
    row = batches[1].to_pylist()[0]
    assert (row["record_offset"], row["sampling_rate"], row["evidence_id"], row["app_name"]) == (2, 1, "e1", None)
    assert row["time"] == datetime(2022, 2, 15, 13, 2, 11, tzinfo=UTC)
    assert list(rows.flush()) == []


def test_a_head_that_may_end_inside_a_line_gives_whole_lines_only():
    assert head_lines(b"a\nb") == ["a", "b"]
    assert head_lines(b"a\n" + b"b" * HEAD_BYTES) == ["a"]
    assert head_lines(b"\xef\xbb\xbfa\r\n\n b\n", most=2) == ["a", " b"]


@pytest.mark.parametrize("nothing", [None, "", "-"])
def test_what_logs_write_for_nothing_is_none(nothing):
    assert (string(nothing), whole(nothing), port(nothing), seconds(nothing)) == (None, None, None, None)


@pytest.mark.parametrize(
    ("value", "number"),
    [("0", 0), ("65535", 65535), (65535, 65535)],
)
def test_ports_up_to_65535(value, number):
    assert port(value) == number


@pytest.mark.parametrize("value", ["65536", 65536, -1, "-1", "1.0", 1.0, "٣", "x", True, [], "9" * 20, 2**63])
def test_what_is_no_port_is_refused(value):
    with pytest.raises(ValueError, match="expected a whole number"):
        port(value)


def test_half_a_surrogate_pair_becomes_text_that_arrow_takes():
    assert string("a\ud800") == "a\\ud800"
    with pytest.raises(ValueError, match="expected text"):
        string({})


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_addresses_get_one_spelling(text, canonical):
    assert address(text) == canonical


@pytest.mark.parametrize(
    "text", ["", "192.0.2", "192.0.2.256", "01.2.3.4", "example.org", "1:2", "\0", "ä", None, 7, "1" * 100]
)
def test_what_is_no_address_is_refused_or_kept_as_a_name(text):
    with pytest.raises(ValueError, match="expected an IP address"):
        address(text)
    if isinstance(text, str):
        assert address_or_name(text) == text


@pytest.mark.parametrize(
    "text", ["15/Feb/2022:15:02:11 +0200", "[15/Feb/2022:08:02:11 -0500]", "2022-02-15T13:02:11Z", "2022-02-15 13:02:11"]
)
def test_log_times_in_their_spellings(text):
    assert log_time_us(text) == AT


def test_fractions_and_leap_seconds():
    assert log_time_us("15/Feb/2022:13:02:11.25 +0000") == AT + 250_000
    assert iso_us("2021-06-06T15:59:46.457984+0200") == 1_622_987_986_457_984
    assert log_time_us("31/Dec/2016:23:59:60 +0000") == log_time_us("31/Dec/2016:23:59:59 +0000")


@pytest.mark.parametrize(
    "text",
    ["31/Feb/2022:13:02:11 +0000", "15/Fév/2022:13:02:11 +0000", "15/Feb/2022:24:00:00 +0000", "15/Feb/2022:13:02:61 +0000",
     "15/Feb/2022:13:02:11 +1500", "15/Feb/1969:13:02:11 +0000", "01/Jan/1970:00:00:00 +0100", "0001-01-01T00:00:00+14:00", "x", ""],
)  # fmt: skip
def test_impossible_times_are_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        log_time_us(text)


@pytest.mark.parametrize(
    ("value", "unit", "micros"), [("1644930131.25", 1.0, AT + 250_000), (1644930131250, 1e-3, AT + 250_000), (0, 1, 0)]
)
def test_epoch_times(value, unit, micros):
    assert epoch_us(value, unit) == micros


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 253_402_300_800, "x", None, [], 10**400])
def test_epoch_times_outside_the_calendar_are_refused(value):
    with pytest.raises(ValueError, match="expected a time"):
        epoch_us(value)


def test_durations_in_their_unit():
    assert (seconds("1.5"), seconds(15, 1e-3), seconds(0)) == (1.5, 0.015, 0.0)


@pytest.mark.parametrize("value", ["-1", float("nan"), "inf", "x", {}])
def test_impossible_durations_are_refused(value):
    with pytest.raises(ValueError, match="expected a duration"):
        seconds(value)


def test_the_clock_knows_english_months_only():
    assert clock_us(2022, "Feb", 15, 13, 2, 11) == AT
    with pytest.raises(ValueError, match="English month"):
        clock_us(2022, "feb", 15, 13, 2, 11)


def test_messages_show_a_bounded_printable_start():
    assert shown(b"\x1b" + b"a" * 100, 5) == "'\\x1baaaa'…"
    assert shown("é", 5) == "'\\xe9'"
    assert Fault("e", 0, shown(b"")).reason == "''"
