import ipaddress

import numpy as np
import pytest

from tocsin.scenario.addresses import MAPPED, addresses, distinct, is_v4, pick, spoofed, text, texts


def rng():
    return np.random.default_rng(1)


@pytest.mark.parametrize("written", ["192.0.2.10", "0.0.0.1", "255.255.255.255", "2001:db8::1", "::1", "ff02::1"])
def test_an_address_survives_the_way_there_and_back(written):
    array = addresses([written])
    assert texts(array) == [written]
    assert text(int(array["hi"][0]), int(array["lo"][0])) == written
    assert bool(is_v4(array)[0]) == ("." in written)


def test_a_prefix_gives_each_host_once_and_neither_end():
    hosts = texts(pick(rng(), "192.0.2.0/29", 100))
    assert sorted(hosts) == [f"192.0.2.{number}" for number in range(1, 7)]


@pytest.mark.parametrize("prefix", ["10.0.0.0/8", "2001:db8::/32", "198.18.0.0/15"])
def test_picked_addresses_are_distinct_and_of_the_prefix(prefix):
    hosts = texts(pick(rng(), prefix, 5000))
    assert len(set(hosts)) == 5000
    assert all(ipaddress.ip_address(host) in ipaddress.ip_network(prefix) for host in hosts)


def test_forged_sources_are_unicast_and_not_private():
    array = spoofed(rng(), 20_000)
    assert is_v4(array).all()
    first = (array["lo"] - np.uint64(MAPPED)) >> np.uint64(24)
    assert set(np.unique(first).tolist()) == set(range(1, 224)) - {10, 127}
    assert set(np.unique(spoofed(rng(), 1000, v6=True)["hi"] >> np.uint64(61)).tolist()) == {1}


def test_distinct_counts_both_halves():
    array = addresses(["192.0.2.1", "2001:db8::1", "192.0.2.1", "2001:db8:0:1::1"])
    assert distinct(array["hi"], array["lo"]) == 3
    assert distinct(array["hi"][:0], array["lo"][:0]) == 0
