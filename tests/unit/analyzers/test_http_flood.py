"""Bots that ask too much, told from a crowd of visitors."""

import random

import numpy as np
import pytest

from kit.flows import START_S, VICTIM, flow, request, visit
from tocsin.analyzers._windows import Spell, Window
from tocsin.analyzers.http_flood import Fact, Rush, judge
from tocsin.model import Profile
from tocsin.terms import Vector

PAGES = [f"/page-{n}" for n in range(60)]


def visitors(seconds=120, rate=4):
    """People who wander about and follow links."""
    return [
        request(n / rate, f"203.0.113.{n % 90}", PAGES[n * 7 % 60], http_request_referrer="https://www.example.org/" if n % 2 else None)
        for n in range(seconds * rate)
    ]  # fmt: skip


def bots(rate=80, seconds=20, clients=20, start=50, path="/login", **columns):
    return [
        request(start + n / rate, f"198.18.0.{n % clients}", path, http_request_user_agent="bot", **columns)
        for n in range(rate * seconds)
    ]


def crowd(rate=80, seconds=30, clients=900, start=50):
    return [
        request(start + n / rate, f"198.51.{100 + n % clients // 250}.{n % clients % 250}", PAGES[n * 11 % 60],
                http_request_referrer="https://news.example/")
        for n in range(rate * seconds)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def said(find):
    def say(rows, **known):
        found = find("http_flood", {"http_activity": rows}, **known)
        return [(f.cls.value, f.attributes["vector"], *(f.named("victim") or f.named("target"))) for f in found]

    return say


def test_a_few_bots_asking_for_one_page_are_a_flood(find):
    (f,) = find("http_flood", {"http_activity": visitors() + bots()})
    assert (f.cls.value, f.attributes["vector"], f.named("victim")) == ("attack", "http_flood", ("www.example.org",))
    assert f.attributes["peak_requests_per_s"] == pytest.approx(84, abs=4)
    assert f.attributes["usual_requests_per_s"] == pytest.approx(4, abs=0.5)
    assert abs(f.first_seen.timestamp() - START_S - 50) <= 1
    assert f.attributes["top_pages"][0]["path"] == "/login"
    assert "for three pages" in f.confidence_basis
    assert set(f.named("source")) <= {f"198.18.0.{n}" for n in range(20)}
    blocked = next(m for m in f.mitigations if m.effect == "drop")
    assert set(blocked.match.src) == {f"198.18.0.{n}/32" for n in range(20)}, "visitors are spared"
    assert blocked.collateral_ratio == 0.0


def test_a_crowd_is_context_and_nothing_is_done_against_it(find):
    (f,) = find("http_flood", {"http_activity": visitors() + crowd()})
    assert (f.cls.value, f.attributes["vector"]) == ("context", "flash_crowd")
    assert f.mitigations == ()
    assert f.named("source") == ()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(visitors(), 0, id="visitors alone"),
        pytest.param(visitors() + bots(rate=12), 0, id="12 requests a second more"),
        pytest.param(visitors() + bots(rate=80, seconds=3), 0, id="240 requests in all"),
        pytest.param(bots(rate=60, seconds=20), 1, id="nothing but bots, 60 a second"),
        pytest.param(bots(rate=49, seconds=20), 0, id="nothing but bots, 49 a second"),
        pytest.param([request(0, None, None) | {"time": None}] * 500, 0, id="no times"),
    ],
)
def test_a_flood_needs(said, rows, found):
    assert [cls for cls, *_ in said(rows)] == ["attack"] * found


def test_a_log_without_clients_cannot_tell_bots_from_a_crowd(said):
    rows = [row | {"src_endpoint_ip": None} for row in visitors() + bots(clients=900)]
    assert "attack" not in [cls for cls, *_ in said(rows)]


def test_a_log_that_names_no_server_is_called_by_its_own_name(said):
    rows = [row | {"http_request_url_hostname": None} for row in visitors() + bots()]
    assert said(rows) == [("attack", "http_flood", "edge.pcap")]


def test_shuffled_rows_give_equal_findings(find):
    rows = visitors() + bots()
    shuffled = random.Random(3).sample(rows, len(rows))
    assert find("http_flood", {"http_activity": shuffled}) == find("http_flood", {"http_activity": rows})


def test_the_same_requests_in_two_logs_are_not_counted_twice(find):
    rows = visitors() + bots()
    twice = rows + [row | {"evidence_id": "e2"} for row in rows]
    (once,), (both,) = find("http_flood", {"http_activity": rows}), find("http_flood", {"http_activity": twice})
    assert both.attributes["peak_requests_per_s"] == once.attributes["peak_requests_per_s"]
    assert both.attributes["requests"] == once.attributes["requests"]


def test_encrypted_requests_are_counted_by_their_connections(find):
    usual = [visit(n / 2, n) for n in range(240)]
    bots = [visit(50 + n / 60, n, src=f"198.18.0.{n % 10}", packets=6, lasts_s=0.2) for n in range(1_200)]
    (f,) = find("http_flood", {"network_activity": usual + bots})
    assert (f.cls.value, f.named("victim")) == ("attack", (VICTIM,))
    assert f.attributes["peak_connections_per_s"] >= 60


def test_open_handshakes_are_no_requests(find):
    assert find("http_flood", {"network_activity": [flow(n / 100, flags=2) for n in range(2_000)]}, profile=Profile()) == []


def rush(total=1_000, lasts_s=10, usual: float | None = 2.0, unit="requests/s"):
    window = Window(START_S, START_S + lasts_s - 1, usual)
    return Rush("www", unit, Spell(window, np.full(lasts_s, total // lasts_s), START_S))


def fact(clients=10, pages=(("/", 1_000),), pages_total=1, **known):
    given = {
        "agents": (),
        "referred": 0.0,
        "referred_outside": 0.0,
        "refused": 0.0,
        "outside": 100,
        "regulars": {},
        "shown": (),
    }
    return Fact((("198.18.0.1", 5),), clients, tuple(pages), pages_total, **given | known)


MANY = tuple((f"/{n}", 10) for n in range(10))


@pytest.mark.parametrize(
    ("given", "vector"),
    [
        pytest.param((rush(), fact()), Vector.HTTP_FLOOD, id="ten requests a second each for one page"),
        pytest.param((rush(), fact(clients=2_000, pages=MANY, pages_total=100)), Vector.FLASH_CROWD, id="many who wander about"),
        pytest.param((rush(), fact(clients=400, pages=MANY, pages_total=800)), Vector.HTTP_FLOOD, id="pages nobody else asked for"),
        pytest.param((rush(usual=None), fact(clients=2_000, pages=MANY, pages_total=100)), None, id="a crowd with no before"),
        pytest.param((rush(usual=None), fact()), Vector.HTTP_FLOOD, id="plain signs with no before"),
        pytest.param((rush(usual=None), fact(clients=90)), Vector.HTTP_FLOOD, id="1.1 requests a second each, with no before"),
        pytest.param((rush(usual=None), fact(clients=101)), None, id="0.99 requests a second each, with no before"),
        pytest.param((rush(), fact(clients=4, pages=MANY, pages_total=100)), Vector.HTTP_FLOOD, id="four, without pause"),
        pytest.param((rush(total=10), fact(clients=4, pages=MANY, pages_total=10, referred=0.9)), None, id="four are no crowd"),
    ],
)  # fmt: skip
def test_it_is(given, vector):
    found = judge(*given, client_rate_min=1.0, path_share_min=0.7, clients_min=5)
    assert (found[0] if found else None) == vector
    if found:
        assert 50 <= found[1] <= 95
        assert found[2].endswith(".")
