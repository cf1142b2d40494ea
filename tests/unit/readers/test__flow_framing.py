"""Where export messages end, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.make_flow_exports import samples
from kit.flow_exports import IPV4_FIELDS, counter_sample, data_set, ipfix, sflow, template_set, v5, v5_record, v9
from tocsin.readers._flow_framing import framed, looks_like_export

GOOD = {
    "NetFlow v5": v5(v5_record(), v5_record()),
    "NetFlow v5, full": v5(*[v5_record()] * 30),
    "NetFlow v9": v9(template_set(9, (256, IPV4_FIELDS)), data_set(256, bytes(60))),
    "IPFIX": ipfix(template_set(10, (256, IPV4_FIELDS)), data_set(256, bytes(61), pad=False)),
    "sFlow": sflow(counter_sample(), counter_sample()),
    "sFlow over IPv6": sflow(counter_sample(), agent="2001:db8::9"),
}
BAD = {
    "nothing": b"",
    "zeros": bytes(100),
    "DNS": bytes.fromhex("000501000001000000000000076578616d706c6503636f6d0000010001"),
    "NetFlow v5 without records": v5(),
    "NetFlow v5, 31 records": v5(*[v5_record()] * 31),
    "NetFlow v5, a second of two": v5(v5_record(), nanos=1_000_000_000),
    "NetFlow v9 without sets": v9(),
    "NetFlow v9, no records": v9(data_set(256, bytes(8)), count=0),
    "NetFlow v9, a reserved set": v9(data_set(17, bytes(8))),
    "NetFlow v9, a set of three bytes": v9(b"\1\0\0\3"),
    "IPFIX without sets but a length": ipfix(length=40) + bytes(24),
    "IPFIX, the sets of v9": ipfix(data_set(0, bytes(8))),
    "IPFIX, a length below its header": ipfix(data_set(256, bytes(8)), length=15),
    "sFlow without samples": sflow(),
    "sFlow, an agent of a third kind": sflow(counter_sample()).replace(b"\0\0\0\5\0\0\0\1", b"\0\0\0\5\0\0\0\3"),
    "sFlow, too many samples": sflow(counter_sample(), count=5000),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_whole_message_is_recognised(kind):
    assert looks_like_export(GOOD[kind])
    assert looks_like_export(memoryview(GOOD[kind]))


@pytest.mark.parametrize("kind", GOOD)
def test_a_byte_more_or_less_is_not(kind):
    assert not looks_like_export(GOOD[kind] + b"\1\0\0\0")
    assert not looks_like_export(GOOD[kind][:-1])


@pytest.mark.parametrize("kind", BAD)
def test_what_looks_alike_is_refused(kind):
    assert not looks_like_export(BAD[kind])
    assert framed(BAD[kind], 0)[0] == 0


@pytest.mark.parametrize("first", GOOD)
@pytest.mark.parametrize("second", GOOD)
def test_a_message_ends_where_the_next_begins(first, second):
    assert framed(GOOD[first] + GOOD[second], 0) == (len(GOOD[first]), True)
    assert framed(GOOD[first] + GOOD[second], len(GOOD[first])) == (len(GOOD[second]), True)


@pytest.mark.parametrize("kind", GOOD)
def test_a_message_that_was_cut_off_is_measured_up_to_the_end_but_not_whole(kind):
    data = GOOD[kind]
    for cut in range(len(data)):
        length, whole = framed(data[:cut], 0)
        assert length in (0, cut) or (kind == "NetFlow v9" and whole and length <= cut)
        assert not (length and whole) or kind == "NetFlow v9"


def test_few_sets_are_looked_at_where_few_are_asked_for():
    data = v9(*[b"\1\0\0\4"] * 100)
    assert framed(data, 0) == (len(data), True)
    assert framed(data, 0, sets_max=8) == (20 + 8 * 4, True)


@given(st.binary(max_size=200))
def test_any_bytes_are_measured_within_bounds(data):
    for name, good in samples().items():
        if name.startswith("flow_export"):
            length, _ = framed(good[:40] + data, 0)
            assert 0 <= length <= 40 + len(data)
    assert 0 <= framed(data, 0)[0] <= len(data)
