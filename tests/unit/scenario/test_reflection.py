import ipaddress

import numpy as np
import pytest

from tocsin.scenario.addresses import texts
from tocsin.scenario.attacks import stage_attack
from tocsin.scenario.packets import destination, source
from tocsin.scenario.stage import SECOND, Site, Stage
from tocsin.scenario.truth import Attack
from tocsin.terms import TcpFlag


def reflected(vector, **more):
    stage = Stage.set(Site(), seed=9, duration_s=12)
    rows = stage_attack(stage, Attack(vector, 1, 10, **({"rate_pps": 400} | more)), 1)[0].rows
    return rows[rows["label"] == 1], rows[rows["label"] == -1]


def test_reflectors_are_real_hosts_that_answer_often():
    own, _ = reflected("amplification", services=("ntp",), sources=30)
    hosts = set(texts(source(own)))
    assert len(hosts) <= 30
    assert all(ipaddress.ip_address(host) in ipaddress.ip_network("198.18.0.0/15") for host in hosts)


def test_monlist_comes_in_trains():
    own, _ = reflected("amplification", services=("ntp",), sources=200)
    _, counts = np.unique(own[["src_lo", "dst_port"]], return_counts=True)
    assert counts.mean() > 10


@pytest.mark.parametrize("rate", [20, 100, 1000])
@pytest.mark.parametrize("service", ["dns", "tp240", "memcached", "steam"])
def test_the_rate_holds_for_all_services(service, rate):
    own, _ = reflected("amplification", services=(service,), rate_pps=rate)
    assert len(own) == pytest.approx(rate * 10, rel=0.35)


def test_the_victim_sends_few_errors():
    own, provoked = reflected("amplification", services=("snmp",))
    assert 0 < len(provoked) <= 5 * 11
    assert np.bincount((provoked["time_ns"] - own["time_ns"][0]) // SECOND).max() <= 10


def test_syn_acks_come_from_servers_that_try_again_unless_reset():
    own, provoked = reflected("synack_reflection")
    assert set(own["flags"].tolist()) == {TcpFlag.SYN | TcpFlag.ACK}
    assert {80, 443} <= set(own["src_port"].tolist())
    _, counts = np.unique(own[["src_lo", "src_port", "dst_port", "seq"]], return_counts=True)
    assert counts.max() == 3
    assert set(provoked["flags"].tolist()) == {TcpFlag.RST}


def test_middleboxes_send_pages_nobody_asked_for():
    own, _ = reflected("middlebox_reflection")
    assert set(own["src_port"].tolist()) == {80}
    assert not (own["flags"] & TcpFlag.SYN).any()
    assert 0.4 < (own["payload_length"] > 0).mean() < 0.8


@pytest.mark.parametrize("variant", ["udp", "dns", "syn", "ntp", "cldap"])
def test_carpet_bombing_covers_the_prefix(variant):
    own, _ = reflected("carpet_bombing", variant=variant, rate_pps=2000)
    hosts = set(texts(destination(own)))
    assert len(hosts) > 150
    assert all(host.startswith("192.0.2.") for host in hosts)
    own, _ = reflected("carpet_bombing", variant=variant, rate_pps=2000, victim="192.0.2.32/28")
    assert len(set(texts(destination(own)))) == 14
