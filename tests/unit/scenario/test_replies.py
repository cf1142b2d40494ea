import pytest

from tocsin.packs import amplifiers
from tocsin.scenario.replies import SERVICES, replies

SIZES = {  # Bytes of one answer as published, roughly: least and most.
    "ntp": (440, 440), "dns": (1000, 4200), "memcached": (1400, 1400), "cldap": (2500, 3500), "ssdp": (200, 400),
    "chargen": (1000, 6000), "tp240": (30, 64), "ripv1": (504, 504), "ard": (1006, 1006), "wsd": (700, 3000), "snmp": (400, 5000),
}  # fmt: skip


def test_every_service_of_the_pack_has_answers_and_no_other():
    assert set(SERVICES) == {amplifier.service for amplifier in amplifiers()}


@pytest.mark.parametrize("service", SERVICES)
def test_answers_fit_a_datagram_and_trains_are_ranges(service):
    known = replies(service)
    assert known.payloads
    assert all(0 < len(payload) <= 65507 for payload in known.payloads)
    low, high = known.train
    assert 1 <= low <= high


@pytest.mark.parametrize("service", SIZES)
def test_sizes_are_those_that_are_published(service):
    least, most = SIZES[service]
    assert all(least <= len(payload) <= most for payload in replies(service).payloads)
