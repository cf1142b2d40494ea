"""The ordinary traffic of an organisation, as seen at its edge."""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import addresses
from tocsin.scenario.packets import ETHERTYPE_ARP, NOISE_BYTES, blank, stacked
from tocsin.scenario.sessions import Ending, Sessions, expanded, play
from tocsin.scenario.stage import MILLISECOND, SECOND, Stage, Traffic, joined, outside_clients, outside_servers, remote_ttl
from tocsin.scenario.web import Visits, browsers, page_views, play_visits, site_web, tls_record, web, whole_records
from tocsin.terms import IpProtocol

Array = npt.NDArray[Any]
Kind = Callable[[Stage, int], Traffic]
_EARLY_S = 15.0  # Sessions that began before the capture did.


def ordinary(stage: Stage, packets_per_s: float, *, mix: Mapping[str, float] | None = None) -> Traffic:
    """Everyday traffic at about this rate: Poisson arrivals, long-tailed sizes, no day or night.

    Args:
        stage: Where and when.
        packets_per_s: Mean, both directions together.
        mix: Share of the packets by kind, one of ``KINDS``; ``MIX`` unless given.
    """
    shares = mix or MIX
    parts = []
    for name, share in shares.items():
        generate, usual_packets = KINDS[name]
        part = stage.part(f"ordinary {name}")
        expected = packets_per_s * stage.duration_s * share / sum(shares.values()) / usual_packets
        count = int(part.rng.poisson(expected * (1 + _EARLY_S / stage.duration_s)))
        if count:
            parts.append(generate(part, count))
    return joined(parts)


def _starts(stage: Stage, count: int) -> Array:
    return stage.arrivals(count, start_s=-_EARLY_S, duration_s=stage.duration_s + _EARLY_S)


def _visitors(stage: Stage, count: int, *, secure: bool, v6: bool = False) -> Traffic:
    rng, site = stage.rng, site_web(stage, stage.site)
    people = outside_clients(rng, max(count // 2, 4), v6=v6)
    requests = np.minimum(1 + rng.geometric(0.25, count), 40)
    path, pause = page_views(stage, site, requests)
    visits = Visits(
        start_ns=_starts(stage, count),
        client=people[rng.integers(0, len(people), count)],
        requests=requests,
        path=path,
        agent=browsers(stage, count),
        pause_ns=pause,
        secure=secure,
    )
    return play_visits(stage, site, visits, stage.site.web_v6 if v6 else stage.site.web)


def _https_visitors(stage: Stage, count: int) -> Traffic:
    """Visitors to the site's web server over HTTPS."""
    return _visitors(stage, count, secure=True)


def _https_visitors_v6(stage: Stage, count: int) -> Traffic:
    """The same over IPv6."""
    return _visitors(stage, count, secure=True, v6=True)


def _http_visitors(stage: Stage, count: int) -> Traffic:
    """Visitors in cleartext, with real request lines."""
    return _visitors(stage, count, secure=False)


def _browsing(stage: Stage, count: int) -> Traffic:
    """The site's people on other web sites."""
    rng = stage.rng
    servers = outside_servers(np.random.default_rng(11), 40)
    elsewhere = web(stage, "www.elsewhere.example")
    requests = np.minimum(1 + rng.geometric(0.3, count), 40)
    path, pause = page_views(stage, elsewhere, requests)
    chosen = servers[np.minimum(rng.zipf(1.5, count) - 1, len(servers) - 1)]
    visits = Visits(
        start_ns=_starts(stage, count),
        client=stage.site.clients(rng, count),
        requests=requests,
        path=path,
        agent=browsers(stage, count),
        pause_ns=pause,
    )
    return play_visits(stage, elsewhere, visits, chosen, logged=False)


def dns_query(name: str, number: int, kind: int = 1) -> bytes:
    """A query with EDNS(0). Source: RFC 1035, RFC 6891."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    question = labels + struct.pack(">HH", kind, 1)
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 1) + question + b"\0" + struct.pack(">HHIH", 41, 4096, 0, 0)


def dns_answer(name: str, number: int, records: list[tuple[int, bytes]], *, kind: int = 1, rcode: int = 0) -> bytes:
    """The answer, with records of ``(type, data)`` for the name asked for."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    head = struct.pack(">6H", number, 0x8180 | rcode, 1, len(records), 0, 1) + labels + struct.pack(">HH", kind, 1)
    body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", type_, 1, 300, len(data)) + data for type_, data in records)
    return head + body + b"\0" + struct.pack(">HHIH", 41, 4096, 0, 0)


def _dns(stage: Stage, count: int) -> Traffic:
    """Queries of the resolver to name servers outside, and of others to the site's name server; nearly all answered."""
    rng, site = stage.rng, stage.site
    pairs = []
    for number in range(400):
        own = number % 2 == 1
        name = f"{'www' if number % 3 else 'mail'}.{site.domain}" if own else f"h{number}.elsewhere{number % 37}.example"
        kind = 28 if number % 5 == 0 else 1
        data = bytes([198, 18, number % 250, 1]) if kind == 1 else bytes.fromhex("20010db8") + bytes(11) + b"\1"
        missing = number % 17 == 0
        identifier = int(rng.integers(1 << 16))
        records = [] if missing else [(kind, data)] * (1 + number % 4)
        pairs.append((dns_query(name, identifier, kind), dns_answer(name, identifier, records, kind=kind, rcode=3 * missing)))
    queries = stage.payloads.add_all(query for query, _ in pairs)
    answers = stage.payloads.add_all(answer for _, answer in pairs)
    chosen = rng.integers(0, len(pairs), count)
    inward = chosen % 2 == 1
    others = np.where(
        inward, outside_clients(rng, count), outside_servers(np.random.default_rng(12), 60)[rng.integers(0, 60, count)]
    )
    ours = np.broadcast_to(addresses([site.name_server]), count)
    return _asked(
        stage, np.where(inward, others, ours), np.where(inward, ours, others), _starts(stage, count), 53, queries[chosen],
        answers[chosen], delay_ns=(rng.lognormal(np.where(inward, -0.5, 2.8), 0.6) * MILLISECOND).astype(np.int64),
    )  # fmt: skip


def _asked(
    stage: Stage, asker: Array, asked: Array, start_ns: Array, port: int, query: Array, answer: Array, *, delay_ns: Array,
    answered_ratio: float = 0.985, source_port: Array | int | None = None,
) -> Traffic:  # fmt: skip
    """A datagram and its answer."""
    rng, count = stage.rng, len(start_ns)
    ports = rng.integers(1024, 65536, count) if source_port is None else np.broadcast_to(source_port, count)
    ttl = remote_ttl(rng, count)
    there = blank(
        asker, asked, IpProtocol.UDP, time_ns=start_ns, src_port=ports, dst_port=port, ttl=ttl,
        payload=query[:, 0], payload_length=query[:, 1], ip_id=rng.integers(0, 1 << 16, count),
    )  # fmt: skip
    back = blank(
        asked, asker, IpProtocol.UDP, time_ns=start_ns + delay_ns, src_port=port, dst_port=ports,
        payload=answer[:, 0], payload_length=answer[:, 1], ip_id=rng.integers(0, 1 << 16, count),
    )  # fmt: skip
    return Traffic(stacked([there, back[rng.random(count) < answered_ratio]]))


def _ntp(stage: Stage, count: int) -> Traffic:
    """Clocks being set: client requests and server answers. Source: RFC 5905."""
    rng = stage.rng
    query = stage.payloads.add(b"\x23\0\6\xec" + bytes(36) + bytes.fromhex("e5b6f1a012345678"))
    answer = stage.payloads.add(
        b"\x24\2\6\xe9"
        + bytes.fromhex("0000030000000500c6330001")
        + bytes.fromhex("e5b6f1a0123456780" * 2)[:16].ljust(32, b"\7")
    )
    servers = outside_servers(np.random.default_rng(13), 4)
    return _asked(
        stage, stage.site.clients(rng, count), servers[rng.integers(0, 4, count)], _starts(stage, count), 123,
        np.tile(query, (count, 1)), np.tile(answer, (count, 1)), source_port=np.where(rng.random(count) < 0.5, 123, 40123),
        delay_ns=(rng.lognormal(3.0, 0.5, count) * MILLISECOND).astype(np.int64),
    )  # fmt: skip


def _quic(stage: Stage, count: int) -> Traffic:
    """UDP on port 443, most of it toward the people inside, as QUIC looks from outside. Source: RFC 9000."""
    rng = stage.rng
    first = stage.payloads.add(
        b"\xc3\0\0\0\1\x08" + rng.bytes(8) + b"\x08" + rng.bytes(8) + b"\0\x44\x96" + rng.bytes(1200 - 25)
    )
    short = stage.payloads.add(b"\x41" + rng.bytes(1300))
    servers = outside_servers(np.random.default_rng(14), 12)
    down = np.minimum(2 + (rng.pareto(1.3, count) * 12), 3000).astype(np.int64)
    client, server, ports = (
        stage.site.clients(rng, count),
        servers[rng.integers(0, 12, count)],
        rng.integers(20000, 65536, count),
    )
    start, rtt = _starts(stage, count), (rng.lognormal(2.8, 0.5, count) * MILLISECOND).astype(np.int64)
    who, step = expanded(down)
    passed = start[who] + rtt[who] + step * rng.integers(150_000, 900_000, count)[who]
    length = np.where(step < 2, 1200, np.where(step == down[who] - 1, 40 + rng.integers(0, 1100, len(who)), 1250))
    downward = blank(
        server[who], client[who], IpProtocol.UDP, time_ns=passed, src_port=443, dst_port=ports[who],
        payload=np.where(step < 2, first.offset, short.offset), payload_length=length, ttl=remote_ttl(rng, count)[who],
    )  # fmt: skip
    opening = blank(
        client, server, IpProtocol.UDP, time_ns=start, src_port=ports, dst_port=443, payload=first.offset, payload_length=1200
    )
    acking = step % 3 == 1
    upward = blank(
        client[who[acking]], server[who[acking]], IpProtocol.UDP, time_ns=passed[acking] + 300_000, src_port=ports[who[acking]],
        dst_port=443, payload=short.offset, payload_length=33 + rng.integers(0, 12, np.count_nonzero(acking)),
    )  # fmt: skip
    return Traffic(stacked([opening, downward, upward]))


def _ping(stage: Stage, count: int) -> Traffic:
    """Monitoring: echo requests once a second for a while, answered; some over IPv6."""
    rng, site = stage.rng, stage.site
    inward = rng.random(count) < 0.5
    v6 = rng.random(count) < 0.2
    outside = np.where(
        v6, outside_clients(rng, count, v6=True), outside_servers(np.random.default_rng(15), 5)[rng.integers(0, 5, count)]
    )
    inside = np.where(v6, addresses([site.web_v6]), addresses([site.web]))
    asker, asked = np.where(inward, outside, inside), np.where(inward, inside, outside)
    who, step = expanded(rng.integers(3, 12, count))
    start = _starts(stage, count)[who] + step * SECOND
    data = stage.payloads.add(bytes(range(16, 72)))
    columns = {
        "seq": (rng.integers(1, 1 << 15, count)[who] << 16) + step + 1, "payload": data.offset, "payload_length": data.length,
    }  # fmt: skip
    protocol = np.where(v6[who], IpProtocol.ICMPV6, IpProtocol.ICMP)
    there = blank(asker[who], asked[who], protocol, time_ns=start, src_port=np.where(v6[who], 128, 8) << 8, ttl=57, **columns)
    back = blank(
        asked[who], asker[who], protocol, time_ns=start + 12 * MILLISECOND, src_port=np.where(v6[who], 129 << 8, 0), **columns
    )
    return Traffic(stacked([there, back]))


def arp_message(sender: str, target: str, *, reply: bool) -> bytes:
    """An ARP request or reply between two hosts inside. Source: RFC 826."""
    octets = [bytes(map(int, host.split("."))) for host in (sender, target)]
    return (
        bytes.fromhex("0001080006040002" if reply else "0001080006040001") + b"\2\0" + octets[0] + octets[0]
        + (b"\2\0" + octets[1] if reply else bytes(6)) + octets[1]
    )  # fmt: skip


def _arp(stage: Stage, count: int) -> Traffic:
    """Hosts looking for the gateway, and its answers."""
    rng, site = stage.rng, stage.site
    hosts = [site.host(128 + number) for number in range(40)]
    asking = stage.payloads.add_all(arp_message(host, site.gateway, reply=False) for host in hosts)
    telling = stage.payloads.add_all(arp_message(site.gateway, host, reply=True) for host in hosts)
    chosen, start = rng.integers(0, len(hosts), count), _starts(stage, count)
    known = addresses(hosts)[chosen]
    there = blank(known, addresses(["255.255.255.255"]), 0, time_ns=start, payload=asking[chosen, 0], payload_length=28)
    back = blank(addresses([site.gateway]), known, 0, time_ns=start + 90_000, payload=telling[chosen, 0], payload_length=28)
    rows = stacked([there, back])
    rows["ethertype"] = ETHERTYPE_ARP
    rows["fragment"] = 0
    return Traffic(rows)


def _voice(stage: Stage, count: int) -> Traffic:
    """Calls: G.711 in RTP, a packet each way every 20 ms. Source: RFC 3550, RFC 3551."""
    rng, site = stage.rng, stage.site
    frames = stage.payloads.add_all(
        struct.pack(">BBHII", 0x80, 0, number, number * 160, 0x1234) + rng.bytes(160) for number in range(256)
    )
    who, step = expanded((rng.exponential(20, count).clip(3, 200) * 50).astype(np.int64))
    start = _starts(stage, count)[who] + step * 20 * MILLISECOND
    ours, theirs = (
        np.broadcast_to(addresses([site.host(60)]), len(who)),
        outside_servers(np.random.default_rng(16), 3)[rng.integers(0, 3, count)][who],
    )
    near, far = rng.integers(8192, 16384, count)[who] * 2, rng.integers(8192, 16384, count)[who] * 2
    columns = {"payload": frames[step % 256, 0], "payload_length": 172, "tos": 0xB8}
    jitter = rng.integers(0, 2_000_000, len(who))
    return Traffic(
        stacked(
            [
                blank(ours, theirs, IpProtocol.UDP, time_ns=start, src_port=near, dst_port=far, **columns),
                blank(theirs, ours, IpProtocol.UDP, time_ns=start + jitter, src_port=far, dst_port=near, ttl=54, **columns),
            ]
        )
    )


def _sessions(stage: Stage, count: int, client: Array, server: Array, port: int, rounds: Array, request: Array,
              response: Array, pause_ns: Array, *, client_far: bool) -> Traffic:  # fmt: skip
    """Sessions with the delays of one side far away."""
    rng = stage.rng
    near = (rng.lognormal(-1.2, 0.4, count) * MILLISECOND).astype(np.int64)
    far = (rng.lognormal(3.2, 0.6, count) * MILLISECOND).astype(np.int64)
    total = int(rounds.sum())
    return Traffic(
        play(
            stage,
            Sessions(
                start_ns=_starts(stage, count),
                client=client,
                server=server,
                client_port=rng.integers(1024, 65536, count),
                server_port=np.full(count, port),
                client_rtt_ns=far if client_far else near,
                server_rtt_ns=near if client_far else far,
                gap_ns=(rng.lognormal(-1.2, 0.6, count) * MILLISECOND).astype(np.int64),
                rounds=rounds,
                request=request,
                response=response,
                response_span=np.full(total, NOISE_BYTES),
                think_ns=(rng.exponential(3, total) * MILLISECOND).astype(np.int64),
                pause_ns=pause_ns,
                linger_ns=np.full(count, 20 * MILLISECOND),
                ending=np.full(count, Ending.CLIENT_FIN),
            ),
        ).rows
    )


def _mail(stage: Stage, count: int) -> Traffic:
    """Mail coming in over SMTP, encrypted after STARTTLS. Source: RFC 5321, RFC 3207."""
    rng, add = stage.rng, stage.payloads.add
    body = [tls_record(stage, 8192 + 5), tls_record(stage, 2048 + 5), tls_record(stage, 12000)]
    talk = [
        (add(b""), add(f"220 mail.{stage.site.domain} ESMTP\r\n".encode())),
        (add(b"EHLO mx.elsewhere.example\r\n"), add(b"250-ready\r\n250-SIZE 30000000\r\n250 STARTTLS\r\n")),
        (add(b"STARTTLS\r\n"), add(b"220 go ahead\r\n")),
        (tls_record(stage, 320), tls_record(stage, 3300)),
        (tls_record(stage, 120), tls_record(stage, 90)),
    ]
    closing = (tls_record(stage, 80), tls_record(stage, 80))
    request, response = [], []
    for chosen in rng.integers(0, 3, count).tolist():
        request += [asked for asked, _ in talk] + [body[chosen], closing[0]]
        response += [told for _, told in talk] + [tls_record(stage, 100), closing[1]]
    rounds = np.full(count, len(talk) + 2)
    return _sessions(
        stage, count, outside_servers(rng, count), np.broadcast_to(addresses([stage.site.mail]), count), 25, rounds,
        np.array(request, np.int64), np.array(response, np.int64), np.zeros(len(request), np.int64), client_far=True,
    )  # fmt: skip


def _shell(stage: Stage, count: int) -> Traffic:
    """An administrator typing over SSH: small segments both ways."""
    rng = stage.rng
    rounds = rng.integers(10, 80, count)
    total = int(rounds.sum())
    request = np.column_stack([stage.payloads.noise(rng, np.full(total, 100)), rng.choice([36, 52, 68], total)])
    response = np.column_stack([stage.payloads.noise(rng, np.full(total, 4000)), rng.choice([36, 100, 420, 2600], total)])
    first = np.cumsum(rounds) - rounds
    banner = stage.payloads.add(b"SSH-2.0-OpenSSH_8.4p1\r\n")
    request[first], response[first] = banner, banner
    return _sessions(
        stage, count, stage.site.clients(rng, count), outside_servers(rng, count), 22, rounds, request, response,
        (rng.exponential(0.4, total) * SECOND).astype(np.int64), client_far=False,
    )  # fmt: skip


def _download(stage: Stage, count: int) -> Traffic:
    """A big file, such as an update, over HTTPS: thousands of full segments from one server to one client."""
    rng = stage.rng
    record, stream = tls_record(stage, 400), web(stage, "www.elsewhere.example").stream
    size = (rng.pareto(1.5, count) * 800_000 + 500_000).clip(max=12_000_000).astype(np.int64)
    request = np.tile(record, (count, 1))
    response = np.column_stack([np.full(count, stream.offset), whole_records(size)])
    return _sessions(
        stage, count, stage.site.clients(rng, count), outside_servers(rng, count), 443, np.ones(count, np.int64), request,
        response, np.zeros(count, np.int64), client_far=False,
    )  # fmt: skip


# Generator and the packets that one of its units makes, on average (measured), both directions.
KINDS: dict[str, tuple[Kind, float]] = {
    "https_visitors": (_https_visitors, 105.0),
    "https_visitors_v6": (_https_visitors_v6, 105.0),
    "http_visitors": (_http_visitors, 85.0),
    "browsing": (_browsing, 75.0),
    "dns": (_dns, 2.0),
    "ntp": (_ntp, 2.0),
    "quic": (_quic, 50.0),
    "ping": (_ping, 14.0),
    "arp": (_arp, 2.0),
    "voice": (_voice, 1900.0),
    "mail": (_mail, 36.0),
    "shell": (_shell, 155.0),
    "download": (_download, 1900.0),
}
MIX: dict[str, float] = {
    "https_visitors": 0.24,
    "https_visitors_v6": 0.04,
    "http_visitors": 0.07,
    "browsing": 0.2,
    "dns": 0.06,
    "ntp": 0.005,
    "quic": 0.12,
    "ping": 0.005,
    "arp": 0.005,
    "voice": 0.08,
    "mail": 0.03,
    "shell": 0.03,
    "download": 0.115,
}
