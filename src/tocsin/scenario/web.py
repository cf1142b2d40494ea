"""A web site and those who visit it: pages, browsers, requests as packets and as log entries."""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import addresses
from tocsin.scenario.packets import Slice
from tocsin.scenario.sessions import Ending, Sessions, play
from tocsin.scenario.stage import MILLISECOND, REQUEST, SECOND, Site, Stage, Traffic

Array = npt.NDArray[Any]

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.82 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:97.0) Gecko/20100101 Firefox/97.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.3 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.3 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 12; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.87 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:91.0) Gecko/20100101 Firefox/91.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.80 Safari/537.36 "
    "Edg/98.0.1108.43",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://search.example/bot)",
)
_BROWSER_SHARES = np.array([0.3, 0.12, 0.12, 0.16, 0.17, 0.04, 0.07, 0.02])
_WORDS = (
    "news", "services", "contact", "press", "about", "statistics", "careers", "procurement", "law", "events", "reports",
    "cards", "loans", "branches", "rates", "help", "security", "accounts", "payments", "archive",
)  # fmt: skip
_ENDINGS = {Ending.CLIENT_FIN: 0.6, Ending.SERVER_FIN: 0.33, Ending.CLIENT_RST: 0.07}
HELLO_BYTES = 517
_STREAM_BYTES = 1 << 19
RECORD_BYTES = 512  # Answers are rounded up to whole records, so that a session stays readable as TLS.


@dataclass(frozen=True)
class Web:
    """A web site's content: per path its size and, for cleartext, the response. ``pages`` come first, then assets."""

    host: str
    paths: tuple[str, ...]
    pages: int
    sizes: Array
    responses: Array
    hello: Slice
    greeting: Slice
    stream: Slice


def web(stage: Stage, host: str, *, pages: int = 40, assets: int = 60) -> Web:
    """Lay out a site; the host's name alone decides how it looks."""
    paths, sizes, contents = _layout(host, pages, assets)
    responses = stage.payloads.add_all(contents)
    add = stage.payloads.add
    return Web(host, paths, pages, sizes, responses, add(_client_hello(host)), add(_greeting()), tls_stream(stage))


@cache
def _layout(host: str, pages: int, assets: int) -> tuple[tuple[str, ...], Array, tuple[bytes, ...]]:
    """Paths, sizes of bodies, and whole responses."""
    rng = np.random.default_rng([*host.encode()])
    kinds = rng.choice(np.array(["css", "js", "png", "jpg", "svg", "woff2"]), assets)
    paths = ["/"] + [f"/{_WORDS[i % len(_WORDS)]}/{rng.integers(1, 9999)}.html" for i in range(pages - 1)]
    paths += [f"/assets/{rng.integers(16**6):06x}.{kind}" for kind in kinds]
    sizes = np.clip(rng.lognormal(9.3, 1.1, len(paths)), 300, 800_000).astype(np.int64)
    contents = tuple(_response(path, int(size)) for path, size in zip(paths, sizes, strict=True))
    return tuple(paths), sizes, contents


def _response(path: str, size: int) -> bytes:
    ending = path.rpartition(".")[2]
    kind = {"css": "text/css", "js": "application/javascript"}.get(ending, "application/octet-stream")
    if "." not in path or ending == "html":
        kind = "text/html; charset=utf-8"
    head = (
        f"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: keep-alive\r\n\r\n"
    )
    line = f"<p>{path} is a page of this site that was made up for an exercise.</p>\n"
    return head.encode() + (line * (size // len(line) + 1))[:size].encode()


def request_bytes(host: str, target: str, agent: str, *, method: str = "GET", extra: str = "") -> bytes:
    """A request as browsers send it."""
    return (
        f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n"
        f"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n{extra}\r\n"
    ).encode()


def _client_hello(host: str) -> bytes:
    """A TLS 1.2 ClientHello with the server's name, padded to the usual 517 bytes. Source: RFC 5246, RFC 6066, RFC 7685."""
    name = host.encode()
    server_name = (len(name) + 3).to_bytes(2, "big") + b"\0" + len(name).to_bytes(2, "big") + name
    extensions = b"\0\0" + len(server_name).to_bytes(2, "big") + server_name
    suites = bytes.fromhex("c02bc02fc02cc030cca9cca8009c009d002f0035")
    body = b"\3\3" + bytes(range(32)) + b"\0" + len(suites).to_bytes(2, "big") + suites + b"\1\0"
    padding = HELLO_BYTES - 9 - len(body) - 2 - len(extensions) - 4
    extensions += b"\0\x15" + padding.to_bytes(2, "big") + bytes(padding)
    body += len(extensions).to_bytes(2, "big") + extensions
    handshake = b"\1" + len(body).to_bytes(3, "big") + body
    return b"\x16\3\1" + len(handshake).to_bytes(2, "big") + handshake


@cache
def _greeting() -> bytes:
    """ServerHello, change of cipher, and an encrypted flight as long as a certificate chain."""
    body = b"\3\3" + bytes(range(32, 64)) + b"\0" + b"\xc0\x2f" + b"\0"
    handshake = b"\2" + len(body).to_bytes(3, "big") + body
    chain = np.random.default_rng(3).bytes(3100)
    return (
        b"\x16\3\3" + len(handshake).to_bytes(2, "big") + handshake + b"\x14\3\3\0\1\1"
        + b"\x17\3\3" + len(chain).to_bytes(2, "big") + chain
    )  # fmt: skip


def tls_stream(stage: Stage) -> Slice:
    """A long run of encrypted records, of which answers are the beginning."""
    return stage.payloads.add(_stream())


@cache
def _stream() -> bytes:
    rng = np.random.default_rng(4)
    head = b"\x17\3\3" + (RECORD_BYTES - 5).to_bytes(2, "big")
    return b"".join(head + rng.bytes(RECORD_BYTES - 5) for _ in range(_STREAM_BYTES // RECORD_BYTES))


def whole_records(sizes: Array) -> Array:
    """Lengths of answers cut from the stream: at least these, in whole records."""
    return np.asarray(-(-sizes // RECORD_BYTES) * RECORD_BYTES)


def tls_record(stage: Stage, length: int) -> Slice:
    """One encrypted record of this length in all."""
    return stage.payloads.add(_record(length))


@cache
def _record(length: int) -> bytes:
    return b"\x17\3\3" + (length - 5).to_bytes(2, "big") + np.random.default_rng(length).bytes(length - 5)


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Who visits and what they ask for; per request arrays run over the visits in order.

    Attributes:
        start_ns, client: One per visit.
        requests: Requests of each visit.
        path: Number in ``Web.paths``, per request.
        query: Text to append to the target per request (number in the stage's strings), or None.
        agent: Number in the stage's strings, per visit.
        pause_ns: Time before each request.
        secure: HTTPS.
        label: Of the packets and log entries.
        think_ns: Time the server takes, per request.
        status: What the server answers, per request; None for ordinary proportions.
        method: One for all.
        linger_ns: How long a connection stays open, on average.
        referred: Whether the visitors say where they come from.
    """

    start_ns: Array
    client: Array
    requests: Array
    path: Array
    agent: Array
    pause_ns: Array
    secure: bool = True
    query: Array | None = None
    label: int = 0
    think_ns: Array | None = None
    status: Array | None = None
    method: str = "GET"
    linger_ns: int = 3 * SECOND
    referred: bool = True


def browsers(stage: Stage, count: int) -> Array:
    """Browsers of visitors, as numbers in the stage's strings."""
    numbers = np.array([stage.strings.add(browser) for browser in BROWSERS])
    return np.asarray(numbers[stage.rng.choice(len(numbers), count, p=_BROWSER_SHARES)])


def page_views(stage: Stage, site: Web, requests: Array) -> tuple[Array, Array]:
    """What people ask for: a page, then its assets, then perhaps another page; paths and pauses, per request."""
    total = int(requests.sum())
    rng = stage.rng
    popular = rng.zipf(1.4, total) - 1
    first = np.zeros(total, bool)
    first[np.cumsum(requests) - requests] = True
    is_page = first | (rng.random(total) < 0.12)
    path = np.where(is_page, popular % site.pages, site.pages + popular % (len(site.paths) - site.pages))
    pause = np.where(is_page & ~first, rng.exponential(4.0, total), rng.exponential(0.03, total))
    return path, (pause * SECOND).astype(np.int64)


def play_visits(stage: Stage, site: Web, visits: Visits, server: Array | str, *, logged: bool = True) -> Traffic:
    """Turn visits into packets and, where the server is ours, into requests for its log."""
    rng = stage.rng
    count, total = len(visits.start_ns), len(visits.path)
    server_array = addresses([server]) if isinstance(server, str) else server
    status = visits.status
    if status is None:
        status = rng.choice(np.array([200, 304, 302, 404], np.uint16), total, p=[0.88, 0.08, 0.02, 0.02])
    size = np.where(status == 200, site.sizes[visits.path], np.where(status == 304, 0, 312))
    think = visits.think_ns
    if think is None:
        think = (rng.lognormal(1.5, 0.9, total) * MILLISECOND).astype(np.int64)
    query = np.zeros(total, np.int64) if visits.query is None else visits.query
    if visits.secure:
        exchange = _secure_exchange(stage, site, visits, size, think)
    else:
        exchange = _clear_exchange(stage, site, visits, status, query, think)
    near, far = (rng.lognormal(-1.2, 0.4, count), rng.lognormal(3.2, 0.6, count))
    to_client, to_server = (far, near) if logged else (near, far)
    played = play(
        stage,
        Sessions(
            start_ns=visits.start_ns,
            client=visits.client,
            server=np.broadcast_to(server_array, count) if len(server_array) == 1 else server_array,
            client_port=rng.integers(1024, 65536, count),
            server_port=np.full(count, 443 if visits.secure else 80),
            client_rtt_ns=(to_client * MILLISECOND).astype(np.int64),
            server_rtt_ns=(to_server * MILLISECOND).astype(np.int64),
            gap_ns=(rng.lognormal(-1.0, 0.7, count) * MILLISECOND).astype(np.int64),
            rounds=exchange.rounds,
            request=exchange.request,
            response=exchange.response,
            response_span=np.full(len(exchange.request), site.stream.length),
            think_ns=exchange.think_ns,
            pause_ns=exchange.pause_ns,
            linger_ns=rng.exponential(visits.linger_ns, count).astype(np.int64),
            ending=rng.choice(np.array(list(_ENDINGS)), count, p=list(_ENDINGS.values())),
            label=visits.label,
        ),
    )
    if not logged:
        return Traffic(played.rows)
    log = _log(stage, site, visits, query)
    log["time_ns"] = played.request_ns[exchange.logged]
    log["duration_ns"] = played.done_ns[exchange.logged] - log["time_ns"]
    log["size"], log["status"] = size, status
    return Traffic(played.rows, log)


def _log(stage: Stage, site: Web, visits: Visits, query: Array) -> Array:
    """Log entries, but for what the server decides."""
    total = len(visits.path)
    owner = np.repeat(np.arange(len(visits.start_ns)), visits.requests)
    log = np.zeros(total, REQUEST)
    log["client_hi"], log["client_lo"] = visits.client["hi"][owner], visits.client["lo"][owner]
    log["label"], log["agent"], log["port"] = visits.label, visits.agent[owner], 443 if visits.secure else 80
    log["method"] = stage.strings.add(visits.method)
    log["target"] = _targets(stage, site, visits.path, query)
    if visits.referred:
        searched = np.where(stage.rng.random(total) < 0.4, stage.strings.add("https://search.example/"), 0)
        log["referrer"] = np.where(visits.path >= site.pages, stage.strings.add(f"https://{site.host}/"), searched)
    return log


def _targets(stage: Stage, site: Web, path: Array, query: Array) -> Array:
    """Numbers of the targets in the stage's strings; each distinct one is put together once."""
    keys, inverse = np.unique(path.astype(np.int64) << 32 | query, return_inverse=True)
    texts = stage.strings.all()
    numbers = [stage.strings.add(site.paths[key >> 32] + texts[key & 0xFFFFFFFF]) for key in keys.tolist()]
    return np.array(numbers, np.int64)[inverse]


class _Exchange(NamedTuple):
    """Rounds per visit; per round request, response, pause and think time, and whether it is a request for the log."""

    rounds: Array
    request: Array
    response: Array
    pause_ns: Array
    think_ns: Array
    logged: Array


def _secure_exchange(stage: Stage, site: Web, visits: Visits, size: Array, think_ns: Array) -> _Exchange:
    """A TLS handshake, then records of the right lengths."""
    count, total = len(visits.start_ns), len(visits.path)
    offered = np.array([tls_record(stage, length) for length in range(180, 900, 40)], np.int64)
    rounds = visits.requests + 1
    logged = np.ones(total + count, bool)
    logged[np.cumsum(rounds) - rounds] = False
    request, response = np.empty((total + count, 2), np.int64), np.empty((total + count, 2), np.int64)
    request[logged] = offered[stage.rng.integers(0, len(offered), total)]
    response[logged] = np.column_stack([np.full(total, site.stream.offset), whole_records(size + 350)])
    request[~logged], response[~logged] = site.hello, site.greeting
    pause_ns, thinking = np.zeros(total + count, np.int64), np.full(total + count, 2 * MILLISECOND, np.int64)
    pause_ns[logged], thinking[logged] = visits.pause_ns, think_ns
    return _Exchange(rounds, request, response, pause_ns, thinking, logged)


def _clear_exchange(stage: Stage, site: Web, visits: Visits, status: Array, query: Array, think_ns: Array) -> _Exchange:
    """Requests and responses in full."""
    owner = np.repeat(np.arange(len(visits.start_ns)), visits.requests)
    target = _targets(stage, site, visits.path, query)
    keys, inverse = np.unique(target << 32 | visits.agent[owner], return_inverse=True)
    texts = stage.strings.all()
    written = stage.payloads.add_all(
        request_bytes(site.host, texts[key >> 32], texts[key & 0xFFFFFFFF], method=visits.method) for key in keys.tolist()
    )
    codes, code = np.unique(status, return_inverse=True)
    short = stage.payloads.add_all(_short_response(int(number)) for number in codes)
    response = np.where((status == 200)[:, None], site.responses[visits.path], short[code])
    return _Exchange(visits.requests, written[inverse], response, visits.pause_ns, think_ns, np.ones(len(owner), bool))


def _short_response(status: int) -> bytes:
    reason = {200: "OK", 302: "Found", 304: "Not Modified", 404: "Not Found", 408: "Request Timeout",
              429: "Too Many Requests", 503: "Service Unavailable"}.get(status, "Error")  # fmt: skip
    body = b"" if status == 304 else f"<html><h1>{status} {reason}</h1></html>\n".ljust(312).encode()
    head = f"HTTP/1.1 {status} {reason}\r\nServer: nginx\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def site_web(stage: Stage, site: Site) -> Web:
    """The web site of a site."""
    return web(stage, f"www.{site.domain}")
