"""Attacks in the language of the web, and the crowd that looks like one."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import addresses
from tocsin.scenario.floods import bots
from tocsin.scenario.packets import NOISE_BYTES, Slice
from tocsin.scenario.sessions import Ending, Sessions, play
from tocsin.scenario.stage import MILLISECOND, REQUEST, SECOND, Stage, Traffic, between
from tocsin.scenario.truth import Attack
from tocsin.scenario.web import BROWSERS, Visits, Web, browsers, page_views, play_visits, request_bytes, site_web

Array = npt.NDArray[Any]
_BOT_AGENTS = (*BROWSERS[:3], "python-requests/2.27.1", "Go-http-client/1.1")
_SLOW_GAP_S = 8.0


def _client_packets(sizes: Array, requests_per_visit: float) -> float:
    """Packets a client sends per request, on average: the request, an ACK for every other segment, its share of the rest."""
    return float(1 + np.ceil(np.ceil(sizes / 1454) / 2).mean() + 4.0 / requests_per_visit)


def _within(traffic: Traffic, stage: Stage, attack: Attack) -> Traffic:
    """Cut at the attack's end: the bots are switched off."""
    return between(traffic, 0, stage.start_ns + int((attack.start_s + attack.duration_s) * SECOND))


def http_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Bots that complete handshakes and ask for a few pages, many times a connection: ``get``, ``query`` (a new random query
    each time, to miss the cache), ``post`` (to a form), or ``tls`` (as ``query``, over HTTPS: seen in the log only). The
    server gets slow and refuses a third.
    """
    rng, site = stage.rng, site_web(stage, stage.site)
    secure = attack.variant == "tls"
    senders = bots(stage, attack)
    few = np.argsort(site.sizes[: site.pages])[:3]
    mean = 6.0
    per_request = _client_packets(site.sizes[few] * 0.65, mean) + (1.0 if secure else 0.0)
    count = max(int(attack.rate_pps * attack.duration_s / per_request / mean), 1)
    requests = rng.geometric(1 / mean, count).clip(1, 40)
    total = int(requests.sum())
    query = None
    if attack.variant in ("query", "tls"):
        drawn = rng.integers(0, 1 << 31, total).tolist()
        query = np.array([stage.strings.add(f"?q={number:08x}") for number in drawn], np.int64)
    agents = np.array([stage.strings.add(agent) for agent in _BOT_AGENTS])
    sender = rng.integers(0, len(senders), count)
    visits = Visits(
        start_ns=stage.arrivals(count, start_s=attack.start_s, duration_s=attack.duration_s),
        client=senders[sender],
        requests=requests,
        path=few[rng.choice(3, total, p=[0.7, 0.2, 0.1])],
        agent=agents[sender % len(agents)],
        pause_ns=(rng.exponential(0.02, total) * SECOND).astype(np.int64),
        secure=secure,
        query=query,
        label=label,
        think_ns=(rng.lognormal(4.0, 0.8, total) * MILLISECOND).astype(np.int64),
        status=rng.choice(np.array([200, 503], np.uint16), total, p=[0.65, 0.35]),
        method="POST" if attack.variant == "post" else "GET",
        linger_ns=200 * MILLISECOND,
        referred=False,
    )
    return _within(play_visits(stage, site, visits, attack.victim), stage, attack)


def flash_crowd(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Many real people at once, after some news: handshakes complete, pages with all their assets, all sorts of browsers;
    ``tls`` or ``cleartext``. It swells within a third of its time.
    """
    rng, site = stage.rng, site_web(stage, stage.site)
    people = bots(stage, attack)
    mean = 6.0
    count = max(int(attack.rate_pps * attack.duration_s / _client_packets(site.sizes, mean) / mean), 1)
    requests = np.minimum(2 + rng.geometric(0.25, count), 40)
    path, pause = page_views(stage, site, requests)
    swell = np.sort(np.where(rng.random(count) < 0.2, np.sqrt(rng.random(count)) / 3, rng.random(count)))
    start = stage.start_ns + ((attack.start_s + swell * attack.duration_s) * SECOND).astype(np.int64)
    visits = Visits(
        start_ns=start,
        client=people[rng.integers(0, len(people), count)],
        requests=requests,
        path=path,
        agent=browsers(stage, count),
        pause_ns=pause,
        secure=attack.variant == "tls",
        label=label,
        think_ns=(rng.lognormal(3.0, 0.8, len(path)) * MILLISECOND).astype(np.int64),
    )
    return _within(play_visits(stage, site, visits, attack.victim), stage, attack)


def slow_http(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Connections held open with next to nothing: ``headers`` (a header line now and then, never the last), ``body`` (a POST
    whose body comes byte by byte), or ``read`` (an answer taken in sips). The server ends many with 408; the bots come back.
    """
    rng, site = stage.rng, site_web(stage, stage.site)
    senders = bots(stage, attack)
    held = max(int(attack.rate_pps * _SLOW_GAP_S), 1)
    life_s = 60.0
    turns = max(int(np.ceil(attack.duration_s / life_s)), 1)
    count = held * turns
    start = attack.start_s + np.repeat(np.arange(turns), held) * life_s + rng.random(count) * 6
    rounds = np.full(count, 1 + int(life_s / _SLOW_GAP_S))
    total = int(rounds.sum())
    first = np.zeros(total, bool)
    first[np.cumsum(rounds) - rounds] = True
    last = np.zeros(total, bool)
    last[np.cumsum(rounds) - 1] = True
    gave_up = np.repeat(rng.random(count) < 0.7, rounds) & last & (attack.variant != "read")
    request, response, window = _drips(stage, site, attack.variant, first, gave_up)
    pause = np.where(first, 0.0, _SLOW_GAP_S * (0.6 + 0.8 * rng.random(total)))
    sender = rng.integers(0, len(senders), count)
    played = play(
        stage,
        Sessions(
            start_ns=stage.start_ns + (start * SECOND).astype(np.int64),
            client=senders[sender],
            server=np.broadcast_to(addresses([attack.victim]), count),
            client_port=rng.integers(1024, 65536, count),
            server_port=np.full(count, attack.port),
            client_rtt_ns=(rng.lognormal(3.2, 0.6, count) * MILLISECOND).astype(np.int64),
            server_rtt_ns=np.full(count, 300_000),
            gap_ns=np.full(count, 200_000),
            rounds=rounds,
            request=request,
            response=response,
            response_span=np.full(total, NOISE_BYTES),
            think_ns=np.full(total, 5 * MILLISECOND),
            pause_ns=(pause * SECOND).astype(np.int64),
            linger_ns=np.full(count, 50 * MILLISECOND),
            ending=np.where(gave_up[last], Ending.SERVER_FIN, Ending.OPEN),
            label=label,
            client_window=window,
        ),
    )
    log = np.zeros(count, REQUEST)
    log["time_ns"], log["duration_ns"] = played.request_ns[first], played.done_ns[last] - played.request_ns[first]
    log["client_hi"], log["client_lo"] = senders["hi"][sender], senders["lo"][sender]
    log["status"], log["port"], log["label"] = np.where(attack.variant == "read", 200, 408), attack.port, label
    log["size"] = np.where(attack.variant == "read", 1000, 0)
    log["method"] = stage.strings.add("POST" if attack.variant == "body" else "GET")
    log["target"] = stage.strings.add(site.paths[1] if attack.variant == "body" else "/")
    log["agent"] = stage.strings.add(BROWSERS[0])
    return _within(Traffic(played.rows, log), stage, attack)


def _drips(stage: Stage, site: Web, variant: str, first: Array, gave_up: Array) -> tuple[Array, Array, int]:
    """What is asked and answered in each round, and the window the client offers."""
    add, total = stage.payloads.add, len(first)
    head = request_bytes(site.host, "/", BROWSERS[0])
    nothing = Slice(0, 0)
    opening, drip, window = add(head[:-2]), add(b"X-a: 4711\r\n"), 502
    sip = nothing
    if variant == "body":
        opening = add(request_bytes(site.host, site.paths[1], BROWSERS[0], method="POST", extra="Content-Length: 1000000\r\n"))
        drip = add(b"a=b&")
    if variant == "read":
        opening, drip, window, sip = (
            add(head),
            nothing,
            1,
            add(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"." * 20),
        )
    refusal = add(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    request = np.where(first[:, None], opening, drip).reshape(total, 2)
    response = np.where(gave_up[:, None], refusal, sip).reshape(total, 2)
    return request, response, window
