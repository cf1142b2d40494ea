import numpy as np
import pytest

from tocsin.scenario.addresses import addresses
from tocsin.scenario.packets import (
    DONT_FRAGMENT,
    FRAGMENT_OFFSET,
    MORE_FRAGMENTS,
    NOISE_BYTES,
    PACKET,
    Extensions,
    Payloads,
    TcpOptions,
    blank,
    fragmented,
    ip_lengths,
    stacked,
    taken,
)

V4, V6 = addresses(["198.18.0.1"]), addresses(["2001:db8::1"])


def udp(length, *, host=V4):
    return blank(host, host, 17, payload=500, ack=length, ip_id=7)


def test_the_pool_holds_each_payload_once():
    payloads = Payloads(np.random.default_rng(1))
    first, second, again = payloads.add(b"one"), payloads.add(b"three"), payloads.add(b"one")
    assert again == first == (NOISE_BYTES, 3)
    assert payloads.array()[second.offset : second.offset + second.length].tobytes() == b"three"
    assert len(payloads.array()) == NOISE_BYTES + 8


def test_noise_stays_inside_the_noise():
    payloads = Payloads(np.random.default_rng(1))
    lengths = np.array([0, 1, NOISE_BYTES])
    offsets = payloads.noise(np.random.default_rng(2), lengths)
    assert (offsets >= 0).all()
    assert (offsets + lengths <= NOISE_BYTES).all()


@pytest.mark.parametrize(
    ("row", "length"),
    [
        pytest.param(blank(V4, V4, 6, options=TcpOptions.LINUX_SYN), 60, id="SYN of Linux"),
        pytest.param(blank(V6, V6, 6), 60, id="bare TCP over IPv6"),
        pytest.param(blank(V4, V4, 17, payload_length=100), 128, id="UDP"),
        pytest.param(blank(V6, V6, 58, extensions=Extensions.HOP_BY_HOP | Extensions.DESTINATION), 64, id="two extensions"),
        pytest.param(blank(V4, V4, 17, fragment=5, payload_length=100), 120, id="a later fragment has no UDP header"),
    ],
)
def test_ip_length(row, length):
    assert ip_lengths(row).tolist() == [length]


def test_a_datagram_that_just_fits_stays_whole():
    rows = fragmented(udp(1472))
    assert len(rows) == 1
    assert rows["fragment"][0] == DONT_FRAGMENT
    assert ip_lengths(rows)[0] == 1500


def test_one_byte_more_makes_two_fragments():
    rows = fragmented(udp(1473))
    assert rows["fragment"].tolist() == [MORE_FRAGMENTS, 1480 // 8]
    assert rows["payload_length"].tolist() == [1472, 1]
    assert rows["payload"].tolist() == [500, 500 + 1472]


@pytest.mark.parametrize("host", [V4, V6])
@pytest.mark.parametrize("length", [4000, 65507])
def test_fragments_make_up_the_datagram(host, length):
    rows = fragmented(udp(length, host=host))
    assert int(rows["payload_length"].sum()) == length
    assert (ip_lengths(rows) <= 1500).all()
    offsets = (rows["fragment"] & FRAGMENT_OFFSET).astype(int) * 8
    ends = offsets + rows["payload_length"] + np.where(offsets == 0, 8, 0)
    assert (offsets[1:] == ends[:-1]).all()
    assert ((rows["fragment"] & MORE_FRAGMENTS > 0) == (np.arange(len(rows)) < len(rows) - 1)).all()


def test_opaque_copies_equal_numpys_own():
    rows = np.zeros(50, PACKET)
    rows["seq"] = np.arange(50)
    order = np.random.default_rng(1).permutation(50)
    assert (taken(rows, order) == rows[order]).all()
    assert (taken(rows[::2], rows[::2]["seq"] > 20) == rows[::2][rows[::2]["seq"] > 20]).all()
    assert (stacked([rows[:3], rows[10::2]]) == np.concatenate([rows[:3], rows[10::2]])).all()
