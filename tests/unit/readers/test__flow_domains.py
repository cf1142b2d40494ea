"""What an observation domain remembers, and which sampling rate holds for a flow."""

import struct

import pytest

from tocsin.readers._flow_domains import RATE_MAX, Domain


def learnt(*records, only_new=False, room=100):
    domain = Domain()
    for record in records:
        domain.take(record, only_new=only_new, room=room)
    return domain


def sampler(number, rate, element=48):
    return {(0, element): bytes([number]), (0, 50): struct.pack(">I", rate)}


WIDE = {(0, 34): struct.pack(">I", 500)}
INTERFACE_V9 = {(-1, 2): b"\0\0\0\7", (0, 34): struct.pack(">I", 64)}
INTERFACE_IPFIX = {(0, 10): b"\0\0\0\7", (0, 305): b"\1", (0, 306): b"\x3f"}


@pytest.mark.parametrize(
    ("records", "flow", "rate"),
    [
        pytest.param([], (None, None), 1, id="nothing known"),
        pytest.param([WIDE], (None, None), 500, id="the domain's"),
        pytest.param([WIDE], (3, 7), 500, id="the domain's, for a sampler nobody described"),
        pytest.param([sampler(1, 100), sampler(2, 1000)], (2, None), 1000, id="the flow's sampler"),
        pytest.param([sampler(1, 100, 302)], (1, None), 100, id="the flow's selector"),
        pytest.param([sampler(1, 100)], (0, None), 1, id="sampler 0: not sampled"),
        pytest.param([sampler(1, 100)], (None, None), 100, id="no sampler named, one known"),
        pytest.param([sampler(1, 100), sampler(2, 100)], (None, None), 100, id="no sampler named, all alike"),
        pytest.param([sampler(1, 100), sampler(2, 1000)], (None, None), 1, id="no sampler named, two that differ"),
        pytest.param([sampler(1, 100), sampler(2, 1000), sampler(2, 100)], (None, None), 100, id="they differ no longer"),
        pytest.param([INTERFACE_V9], (None, 7), 64, id="the interface's, v9"),
        pytest.param([INTERFACE_IPFIX], (None, 7), 64, id="the interface's, IPFIX"),
        pytest.param([INTERFACE_V9], (None, 8), 1, id="another interface"),
        pytest.param([WIDE, INTERFACE_V9, sampler(1, 100)], (1, 7), 100, id="the sampler before all"),
        pytest.param([{(0, 34): struct.pack(">I", RATE_MAX)}], (None, None), RATE_MAX, id="the highest rate there is"),
        pytest.param([{(0, 34): struct.pack(">I", RATE_MAX + 1)}], (None, None), 1, id="a rate no column can hold"),
    ],
)
def test_sampling_rate_of_a_flow(records, flow, rate):
    domain = learnt(*records)
    assert domain.sampling_rate(*flow) == rate
    assert domain.is_sampled or rate == 1


def test_what_is_known_stays_where_only_news_are_wanted():
    domain = learnt(sampler(1, 100), WIDE, {(0, 160): b"\5"})
    domain.take(sampler(1, 7) | {(0, 160): b"\6"}, only_new=True, room=100)
    domain.take({(0, 34): b"\7"}, only_new=True, room=100)
    assert (domain.samplers, domain.rate, domain.boot_ms) == ({1: 100}, 500, 5)
    domain.take(sampler(1, 7) | {(0, 160): b"\6"}, only_new=False, room=100)
    assert (domain.samplers, domain.boot_ms) == ({1: 7}, 6)


def test_entries_are_counted_and_end_with_the_room():
    domain = Domain()
    record = sampler(1, 100) | {(0, 95): b"\x03\0\x35", (0, 96): b"dns\0"}
    assert domain.take(record, only_new=False, room=2) == 2
    assert domain.take(record, only_new=False, room=2) == 0
    assert domain.take(sampler(2, 100) | {(0, 95): b"\x03\0\x50", (0, 96): b"http"}, only_new=False, room=0) == 0
    assert domain.applications == {b"\x03\0\x35": "dns"}
    assert domain.samplers == {1: 100}
