"""Connections held open with next to nothing."""

import random

import pytest

from kit.flows import START_S, VICTIM, at, request, visit
from tocsin.analyzers.slow_http import concurrent


def held(number=60, sources=6, lasts_s=60.0, size=900, start=10.0, **columns):
    return [
        visit(start + n / 20, n, src=f"198.18.0.{n % sources}", sport=2_000 + n, dport=80, lasts_s=lasts_s, bytes=size,
              bytes_back=100, packets=8, **columns)
        for n in range(number)
    ]  # fmt: skip


VISITS = [visit(n / 2, n, dport=80) for n in range(120)]


@pytest.fixture(scope="module")
def said(find):
    def say(flows=(), requests=(), **known):
        found = find("slow_http", {"network_activity": flows, "http_activity": requests}, **known)
        return [(f.attributes["vector"], *f.named("victim"), f.attributes["connections"]) for f in found]

    return say


def test_many_connections_held_at_once_are_told_with_their_holders(find):
    (f,) = find("slow_http", {"network_activity": VISITS + held()})
    assert (f.attributes["vector"], f.named("victim"), f.attributes["port"]) == ("slow_http", (VICTIM,), 80)
    assert f.attributes["connections"] == f.attributes["peak_connections"] == 60
    assert f.attributes["sources"] == 6
    assert f.first_seen == at(10)
    assert f.series.unit == "connections"
    assert max(f.series.values) == 60
    limit = next(m for m in f.mitigations if m.effect == "limit_connections")
    assert (limit.rate_per_s, limit.hit_ratio) == (10, 0.0)
    assert len(f.evidence) == 5


@pytest.mark.parametrize(
    ("flows", "found"),
    [
        pytest.param(held(50), True, id="50 connections"),
        pytest.param(held(49), False, id="49 connections"),
        pytest.param(held(60, sources=20), True, id="three of each source"),
        pytest.param(held(60, sources=21), False, id="fewer than three of each source"),
        pytest.param(held(60, lasts_s=10.0), True, id="held for 10 s"),
        pytest.param(held(60, lasts_s=9.0), False, id="held for 9 s"),
        pytest.param(held(60, size=29_900), True, id="500 bytes a second"),
        pytest.param(held(60, size=29_961), False, id="more than 500 bytes a second"),
        pytest.param(held(60, dst="192.0.2.11", flags=2), False, id="handshakes never completed"),
        pytest.param([row | {"traffic_packets_in": 0} for row in held()], False, id="the server never answered"),
        pytest.param([row | {"dst_endpoint_port": 22} for row in held()], False, id="SSH sessions idle by nature"),
        pytest.param([row | {"end_time": None} for row in held()], False, id="ends unknown"),
        pytest.param(VISITS, False, id="visitors"),
    ],
)
def test_it_takes(said, flows, found):
    assert bool(said(flows)) is found


def test_connections_one_after_the_other_are_not_held_together(said):
    assert (
        said([visit(n * 12.0, n, src="198.18.0.1", dport=80, lasts_s=11.0, bytes=90, bytes_back=90) for n in range(80)]) == []
    )


@pytest.mark.parametrize(
    ("number", "found"), [pytest.param(50, True, id="50 timeouts"), pytest.param(49, False, id="49 timeouts")]
)
def test_a_log_shows_it_by_requests_that_timed_out(said, number, found):
    rows = [request(n, f"198.18.0.{n % 5}", None, http_response_code=408) for n in range(number)]
    rows += [request(n, http_response_code=200) for n in range(200)]
    assert said(requests=rows) == ([("slow_http", "www.example.org", number)] if found else [])


def test_shuffled_rows_give_equal_findings(find):
    flows = VISITS + held()
    shuffled = random.Random(3).sample(flows, len(flows))
    assert find("slow_http", {"network_activity": shuffled}) == find("slow_http", {"network_activity": flows})


def test_the_same_connections_in_two_evidences_are_not_counted_twice(said):
    flows = held()
    assert said(flows + [row | {"evidence_id": "e2"} for row in flows]) == said(flows)


def test_each_server_is_told_apart(said):
    both = held() + held(80, dst="192.0.2.11")
    assert said(both) == [("slow_http", VICTIM, 60), ("slow_http", "192.0.2.11", 80)]


def test_connections_are_counted_in_every_second_they_touch():
    times = [(0, 2), (1, 1), (2, 4)]
    first, line = concurrent([{"time": at(a), "end_time": at(b)} for a, b in times])
    assert first == START_S
    assert line.tolist() == [1, 2, 2, 1, 1]


def test_a_connection_without_end_in_sight_is_bounded_by_its_own_span():
    _, line = concurrent([{"time": at(0), "end_time": at(0)}])
    assert line.tolist() == [1]
