"""Compiled templates: widths, choices between elements, variable length, sampling rates."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.flow_exports import pack
from tocsin.readers._flow_elements import CERT, REVERSE, SLOTS
from tocsin.readers._flow_templates import (
    VARIABLE,
    Field,
    compile_options,
    compile_template,
    options_rate,
    sampling_rate,
    variable_field,
)

V4 = bytes([192, 0, 2, 10])
V6 = bytes.fromhex("20010db8000000000000000000000053")


def read(fields, *values, version=10):
    """The slots that one record fills."""
    template = compile_template([Field(*field) for field in fields], b"", version=version)
    body = b"".join(pack(value, length) for (_, _, length), value in zip(fields, values, strict=True))
    [(position, found)] = template.records(memoryview(body))
    assert position == 0
    return {slot: value for slot, value in zip(SLOTS, found, strict=True) if value is not None}


@pytest.mark.parametrize("length", range(1, 9))
def test_a_counter_may_have_any_length(length):
    assert read([(0, 2, length)], 200) == {"packets": 200}


@pytest.mark.parametrize(("element", "length"), [(7, 4), (4, 2), (6, 2), (2, 12), (22, 8)])
def test_a_field_longer_than_its_element_keeps_the_low_order_bytes(element, length):
    assert list(read([(0, element, length)], 6).values()) == [6]


@pytest.mark.parametrize(("element", "length"), [(8, 3), (8, 16), (27, 4), (28, 15), (12, 0)])
def test_an_address_of_a_wrong_length_is_not_an_address(element, length):
    assert read([(0, element, length), (0, 2, 4)], bytes(length), 1) == {"packets": 1}


def test_fields_nobody_needs_are_passed_over():
    assert read([(0, 5, 1), (0, 2, 4), (9, 2, 4), (0, 61, 1)], 9, 1, 8, 7) == {"packets": 1}


@pytest.mark.parametrize(
    ("v4", "v6", "found"),
    [
        pytest.param(V4, bytes(16), V4, id="IPv4"),
        pytest.param(bytes(4), V6, V6, id="IPv6"),
        pytest.param(bytes(4), bytes(16), bytes(4), id="neither: the first kind"),
    ],
)
def test_a_template_for_both_kinds_of_addresses_gives_the_one_that_is_there(v4, v6, found):
    assert read([(0, 27, 16), (0, 8, 4)], v6, v4) == {"src": found}


def test_a_template_for_both_kinds_of_ports_gives_the_one_that_is_there():
    assert read([(0, 182, 2), (0, 180, 2)], 0, 53) == {"src_port": 53}


def test_flags_of_the_first_packet_and_of_the_rest_are_joined():
    assert read([(CERT, 14, 1), (CERT, 15, 1)], 0x02, 0x18) == {"flags": 0x1A}
    assert read([(CERT, 14 | 0x4000, 1), (CERT, 15 | 0x4000, 1)], 0x12, 0x01) == {"flags_in": 0x13}


def test_counts_since_the_last_report_come_before_counts_in_total_even_if_zero():
    assert read([(0, 85, 8), (0, 1, 8)], 900, 0) == {"bytes": 0}


def test_of_a_field_that_is_there_twice_the_first_counts():
    assert read([(0, 2, 4), (0, 2, 4)], 1, 2) == {"packets": 1}


def test_reverse_elements_count_what_came_back():
    assert read([(0, 2, 4), (REVERSE, 2, 4), (REVERSE, 6, 2)], 5, 3, 0x12) == {"packets": 5, "packets_in": 3, "flags_in": 0x12}


@pytest.mark.parametrize(
    ("version", "fields", "found"),
    [
        pytest.param(9, (24, 23), {"packets": 7, "bytes": 8}, id="v9, out alone: egress NetFlow"),
        pytest.param(9, (2, 24), {"packets": 7, "packets_in": 8}, id="v9, in and out: two directions"),
        pytest.param(10, (2, 24), {"packets": 7}, id="IPFIX, in and out: the same packets twice"),
        pytest.param(10, (24, 23), {"packets": 7, "bytes": 8}, id="IPFIX, out alone"),
    ],
)
def test_out_counts_mean_what_their_version_says(version, fields, found):
    assert read([(0, number, 4) for number in fields], 7, 8, version=version) == found


@pytest.mark.parametrize(
    ("element", "value", "found"), [(32, 0x0801, 8), (139, 0x8000, 0x80), (176, 8, None), (178, 0x87, None)]
)
def test_icmp_types_come_without_their_codes(element, value, found):
    if found is None:
        assert read([(0, element, 1)], value) == {"icmp": value}
    else:
        assert read([(0, element, 2)], value) == {"icmp": found}


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 300])
def test_variable_fields_of_any_length_are_read_and_the_next_field_is_found(length):
    found = read([(0, 96, VARIABLE), (0, 2, 4)], b"a" * length, 5)
    assert found == {"app_name": b"a" * min(length, 64), "packets": 5}


def test_variable_fields_nobody_needs_are_passed_over():
    assert read([(0, 2, 1), (0, 371, VARIABLE), (0, 1, 1), (0, 82, VARIABLE)], 5, b"alice", 6, b"eth0") == {
        "packets": 5,
        "bytes": 6,
    }


def test_records_of_variable_length_follow_each_other():
    template = compile_template([Field(0, 96, VARIABLE), Field(0, 2, 1)], b"", version=10)
    body = b"\x03dns\x07" + b"\x00\x08" + b"\xff\x00\x02ab\x09"
    assert [(position, values[SLOTS.index("packets")]) for position, values in template.records(memoryview(body))] == [
        (0, 7), (5, 8), (7, 9),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"\x05abc", b"\xff\x00", b"\xff\xff\xffabc", b"\x02ab"])
def test_a_variable_field_that_runs_over_its_set_is_refused(body):
    template = compile_template([Field(0, 96, VARIABLE), Field(0, 2, 1)], b"", version=10)
    with pytest.raises(ValueError, match=r"expected a (field|record)"):
        list(template.records(memoryview(body)))


@pytest.mark.parametrize("fields", [[], [Field(0, 2, 0)], [Field(0, 96, 0), Field(0, 8, 0)]])
def test_a_record_of_no_bytes_is_refused(fields):
    for compile_one in (lambda: compile_template(fields, b"", version=9), lambda: compile_options(fields, b"")):
        with pytest.raises(ValueError, match="0 bytes"):
            compile_one()


def test_a_part_of_a_record_at_the_end_is_padding():
    template = compile_template([Field(0, 2, 4)], b"", version=9)
    assert [position for position, _ in template.records(memoryview(bytes(11)))] == [0, 4]


@given(
    fields=st.lists(
        st.tuples(
            st.sampled_from([0, CERT, REVERSE, 9]),
            st.integers(0, 0x7FFF) | st.integers(1, 60),
            st.integers(0, 20) | st.just(VARIABLE),
        ),
        max_size=20,
    ),
    body=st.binary(max_size=200),
    version=st.sampled_from([9, 10]),
)
def test_any_template_reads_any_bytes_or_refuses(fields, body, version):
    specs = [Field(*field) for field in fields]
    try:
        template = compile_template(specs, b"", version=version)
        records = list(template.records(memoryview(body)))
        options = list(compile_options(specs, b"").records(memoryview(body)))
    except ValueError:
        return
    assert len(records) <= len(body) >= len(options)
    assert all(len(values) == len(SLOTS) for _, values in records)


@pytest.mark.parametrize(
    ("arguments", "rate"),
    [
        pytest.param((100, None, None, None), 100, id="one in a hundred"),
        pytest.param((0, None, None, None), None, id="zero says nothing"),
        pytest.param((None, 1, 99, None), 100, id="one, then ninety-nine passed over"),
        pytest.param((None, 10, 90, None), 10, id="ten of a hundred"),
        pytest.param((None, 5, 0, None), 1, id="five, none passed over: all"),
        pytest.param((None, 1000, None, None), 1000, id="an interval without a space means one in so many"),
        pytest.param((None, 2, None, 64), 32, id="two out of 64"),
        pytest.param((None, 64, None, 2), 1, id="more than there are"),
        pytest.param((None, None, None, None, 0.01), 100, id="probability"),
        pytest.param((None, None, None, None, 0.0), None, id="never"),
        pytest.param((None, None, None, None, float("nan")), None, id="not a number"),
        pytest.param((None, None, None, None, 1.5), None, id="not a probability"),
        pytest.param((None, None, None, None), None, id="nothing"),
    ],
)
def test_sampling_rate(arguments, rate):
    assert sampling_rate(*arguments) == rate


@pytest.mark.parametrize(
    ("record", "rate"),
    [
        ({(0, 34): b"\0\0\1\0"}, 256),
        ({(0, 50): b"\0\x64"}, 100),
        ({(0, 305): b"\1", (0, 306): b"\x09"}, 10),
        ({(0, 311): struct.pack(">d", 0.25)}, 4),
        ({(0, 311): struct.pack(">f", 0.5)}, 2),
        ({(0, 311): b"\1"}, None),
        ({(0, 311): struct.pack(">d", 5e-324)}, 2**62),
        ({(7, 34): b"\0\0\1\0"}, None),
    ],
)
def test_sampling_rate_of_an_options_record(record, rate):
    assert options_rate(record) == rate


@given(st.binary(max_size=10), st.integers(0, 12))
def test_a_variable_field_lies_within_what_there_is(data, at):
    try:
        start, end = variable_field(memoryview(data), at)
    except ValueError:
        return
    assert at < start <= end <= len(data)


@pytest.mark.parametrize(
    ("field", "is_useful"),
    [
        (Field(0, 34, 4), True),
        (Field(0, 160, 8), True),
        (Field(9, 34, 4), False),
        (Field(0, 82, 8), False),
        (Field(-1, 34, 4), False),
    ],
)
def test_options_that_say_nothing_of_flows_are_told_apart(field, is_useful):
    assert compile_options([Field(-1, 1, 4), field], b"").is_useful == is_useful
