import numpy as np
import pytest

from tocsin.scenario.attacks import stage_attack
from tocsin.scenario.stage import Site, Stage
from tocsin.scenario.truth import Attack
from tocsin.terms import TcpFlag


def staged(vector, variant, *, duration_s=60, rate=200, **more):
    stage = Stage.set(Site(), seed=9, duration_s=duration_s + 5)
    traffic, truth = stage_attack(stage, Attack(vector, 1, duration_s, rate, variant=variant, **more), 1)
    return stage, traffic, truth


def payloads(stage, rows):
    pool = stage.payloads.array()
    return [
        pool[int(r["payload"]) : int(r["payload"]) + int(r["payload_length"])].tobytes() for r in rows if r["payload_length"]
    ]


@pytest.mark.parametrize(
    ("variant", "port", "method"), [("get", 80, "GET"), ("query", 80, "GET"), ("post", 80, "POST"), ("tls", 443, "GET")]
)
def test_http_floods(variant, port, method):
    stage, traffic, truth = staged("http_flood", variant)
    own = traffic.rows[traffic.rows["label"] == 1]
    names = stage.strings.all()
    assert set(own["dst_port"].tolist()) == {port} == {truth.port}
    assert {names[number] for number in traffic.requests["method"]} == {method}
    queries = {names[number] for number in traffic.requests["target"]}
    assert (len(queries) > 100) == (variant in ("query", "tls"))
    asked = [data for data in payloads(stage, own) if data.startswith(method.encode())]
    assert bool(asked) == (port == 80)
    assert set(traffic.requests["status"].tolist()) == {200, 503}


def test_bots_complete_their_handshakes():
    _, traffic, _ = staged("http_flood", "get")
    rows = traffic.rows
    syns = rows[rows["flags"] == TcpFlag.SYN]
    synacks = rows[rows["flags"] == TcpFlag.SYN | TcpFlag.ACK]
    assert len(synacks) > 0.98 * len(syns)
    assert set(syns["label"].tolist()) == {1}
    assert set(synacks["label"].tolist()) == {-1}


def test_a_crowd_asks_for_many_things_with_all_sorts_of_browsers():
    _, crowd, _ = staged("flash_crowd", "cleartext")
    _, flood, _ = staged("http_flood", "get")
    assert len(np.unique(crowd.requests["target"])) > 30 > 3 >= len(np.unique(flood.requests["target"]))
    assert len(np.unique(crowd.requests["agent"])) >= 7
    assert (crowd.requests["referrer"] > 0).mean() > 0.5
    assert (flood.requests["referrer"] == 0).all()
    assert (crowd.requests["status"] < 500).all()


@pytest.mark.parametrize("variant", ["headers", "body", "read"])
def test_slow_connections_stay_open_and_say_little(variant):
    stage, traffic, truth = staged("slow_http", variant, rate=30)
    own = traffic.rows[traffic.rows["label"] == 1]
    connections = np.unique(own[["src_lo", "src_port"]])
    assert len(connections) == truth.requests == 240
    spans = [np.ptp(own["time_ns"][own[["src_lo", "src_port"]] == connection]) / 1e9 for connection in connections[:20]]
    assert np.median(spans) > 40
    sizes = [len(data) for data in payloads(stage, own)]
    assert np.median(sizes) < 20 or variant == "read"
    assert truth.packets / 60 < 60


def test_slow_headers_never_end():
    stage, traffic, _ = staged("slow_http", "headers", rate=10)
    own = traffic.rows[traffic.rows["label"] == 1]
    assert not any(b"\r\n\r\n" in data for data in payloads(stage, own))


def test_slow_readers_offer_a_tiny_window():
    _, traffic, _ = staged("slow_http", "read", rate=10)
    own = traffic.rows[(traffic.rows["label"] == 1) & (traffic.rows["flags"] & TcpFlag.SYN == 0)]
    assert set(own["window"].tolist()) == {1}
    answers = traffic.rows[(traffic.rows["label"] == -1) & (traffic.rows["payload_length"] > 0)]
    assert answers["payload_length"].max() < 200


def test_the_server_gives_up_on_many():
    stage, traffic, _ = staged("slow_http", "headers", rate=30, duration_s=100)
    answers = payloads(stage, traffic.rows[traffic.rows["label"] == -1])
    assert sum(data.startswith(b"HTTP/1.1 408") for data in answers) > 100
    assert set(traffic.requests["status"].tolist()) == {408}
