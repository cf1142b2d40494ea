import numpy as np
import pytest

from tocsin.scenario.addresses import texts
from tocsin.scenario.attacks import stage_attack
from tocsin.scenario.lookalikes import OPEN_PORTS
from tocsin.scenario.packets import destination, source
from tocsin.scenario.stage import Site, Stage
from tocsin.scenario.truth import Attack
from tocsin.terms import TcpFlag


def staged(vector, variant="", rate=100.0, **more):
    stage = Stage.set(Site(), seed=9, duration_s=25)
    traffic, truth = stage_attack(stage, Attack(vector, 1, 20, rate, variant=variant, **more), 1)
    rows = traffic.rows
    return rows[rows["label"] == 1], rows[rows["label"] == -1], truth


@pytest.mark.parametrize("variant", ["syn", "fin", "udp"])
def test_a_port_scan_tries_each_port_once(variant):
    own, _, truth = staged("port_scan", variant)
    assert len(np.unique(own["dst_port"])) == len(own) == 2000
    assert (truth.sources, truth.victim, truth.expected) == (1, "192.0.2.10", "suspicious")


def test_open_ports_answer_a_scan_and_closed_ones_reset():
    own, provoked, _ = staged("port_scan", "syn")
    back = provoked[provoked["src_port"] != own["src_port"][0]]
    is_open = np.isin(back["src_port"], OPEN_PORTS)
    assert set(back["flags"][is_open].tolist()) == {TcpFlag.SYN | TcpFlag.ACK}
    assert set(back["flags"][~is_open].tolist()) == {TcpFlag.RST | TcpFlag.ACK}
    assert len(back) == len(own)


def test_a_port_scan_ends_with_the_ports():
    own, _, _ = staged("port_scan", rate=5000)
    assert len(own) == 65535


@pytest.mark.parametrize(("variant", "prefix", "hosts"), [("inbound", "192.0.2.", 200), ("outbound", "10.", 1900)])
def test_a_host_scan_tries_many_hosts(variant, prefix, hosts):
    own, provoked, truth = staged("host_scan", variant)
    names = set(texts(destination(own)))
    assert len(names) >= hosts
    assert all(name.startswith(prefix) for name in names)
    assert truth.sources == 1
    assert 0 < len(provoked) < 0.3 * len(own)
    assert truth.victim == ("10.0.0.0/8" if variant == "outbound" else "192.0.2.0/24")


def test_backscatter_comes_from_few_to_all_over_and_is_no_answer_to_us():
    own, provoked, truth = staged("backscatter", rate=50)
    assert len(np.unique(source(own))) <= 4
    assert len(np.unique(destination(own))) > 100
    tcp = own[own["protocol"] == 6]
    assert set(tcp["flags"].tolist()) == {TcpFlag.SYN | TcpFlag.ACK, TcpFlag.RST | TcpFlag.ACK}
    assert set(own["src_port"][own["protocol"] == 1].tolist()) == {3 << 8 | 1}
    assert len(provoked) == 0
    assert truth.expected == "context"


@pytest.mark.parametrize(("variant", "protocol"), [("tcp", 6), ("udp", 17)])
def test_a_speed_test_is_one_client_that_asked_for_it(variant, protocol):
    own, provoked, truth = staged("speed_test", variant, rate=500)
    assert (truth.sources, truth.victim, truth.expected) == (1, "192.0.2.150", "none")
    bulk = own[own["protocol"] == protocol]
    assert bulk["payload_length"].mean() > 1000
    assert len(bulk) == pytest.approx(500 * 20, rel=0.1)
    opened = provoked[provoked["flags"] == TcpFlag.SYN]
    assert opened["time_ns"].min() < bulk["time_ns"].min()
