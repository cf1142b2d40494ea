"""What looks like an attack and is none: scans, backscatter, a speed test."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import addresses, pick
from tocsin.scenario.floods import answers, errors, targets
from tocsin.scenario.packets import TcpOptions, blank, stacked, taken
from tocsin.scenario.sessions import Ending, Sessions, play
from tocsin.scenario.stage import MILLISECOND, SECOND, Stage, Traffic, outside_clients, outside_servers, remote_ttl
from tocsin.scenario.truth import Attack
from tocsin.scenario.web import tls_record, tls_stream
from tocsin.terms import IpProtocol, TcpFlag

Array = npt.NDArray[Any]
OPEN_PORTS = (22, 25, 53, 80, 443)


def port_scan(stage: Stage, attack: Attack, label: int) -> Traffic:
    """One host tries the ports of another, ``syn``, ``fin`` or ``udp``: closed ones reset, open ones answer and are reset."""
    rng = stage.rng
    count = min(max(int(attack.rate_pps * attack.duration_s), 1), 65535)
    common = np.array([80, 443, 22, 25, 53, 21, 23, 110, 139, 445, 3306, 3389, 5900, 8080])
    ports = np.concatenate([common, np.setdiff1d(np.arange(1, 65536), common)])[:count]
    probes = blank(
        outside_clients(rng, 1), targets(stage, attack, count), IpProtocol.TCP, label=label, ttl=48,
        time_ns=stage.arrivals(count, start_s=attack.start_s, duration_s=attack.duration_s), src_port=int(rng.integers(30000, 60000)),
        dst_port=rng.permutation(ports), seq=rng.integers(0, 1 << 32, count), ip_id=rng.integers(0, 1 << 16, count),
    )  # fmt: skip
    if attack.variant == "udp":
        probes["protocol"] = IpProtocol.UDP
        return Traffic(stacked([probes, errors(stage, probes, label=label)]))
    probes["flags"] = TcpFlag.FIN if attack.variant == "fin" else TcpFlag.SYN
    probes["window"] = 1024
    if attack.variant == "syn":
        probes["options"] = TcpOptions.MSS
    return Traffic(stacked([probes, *_told(stage, probes, label)]))


def _told(stage: Stage, probes: Array, label: int) -> list[Array]:
    """What hosts with the usual open ports answer to probes, and the scanner's resets."""
    is_open = np.isin(probes["dst_port"], OPEN_PORTS) & (probes["flags"] == TcpFlag.SYN)
    closed = answers(stage, probes[~is_open], 1.0, label=label, flags=TcpFlag.RST | TcpFlag.ACK)
    synacks = answers(
        stage, probes[is_open], 1.0, label=label, flags=TcpFlag.SYN | TcpFlag.ACK, options=TcpOptions.MSS, window=64240
    )
    synacks["seq"] = stage.rng.integers(0, 1 << 32, len(synacks))
    resets = answers(stage, synacks, 1.0, label=label, delay_ns=30 * MILLISECOND, flags=TcpFlag.RST, ttl=48)
    resets["seq"], resets["ack"] = resets["ack"], 0
    return [closed, synacks, resets]


def host_scan(stage: Stage, attack: Attack, label: int) -> Traffic:
    """One host tries a port or two of many: ``inbound`` over the site's network, or ``outbound`` by a host of the site over
    the world, as a worm does. Few answer.
    """
    rng, site = stage.rng, stage.site
    count = max(int(attack.rate_pps * attack.duration_s), 1)
    outbound = attack.variant == "outbound"
    if outbound:
        scanner, dst = addresses([site.host(140)]), pick(rng, attack.victim, count)
    else:
        scanner, dst = outside_clients(rng, 1), targets(stage, attack, count)
    probes = blank(
        scanner, dst, IpProtocol.TCP, label=label, ttl=64 if outbound else 48, flags=TcpFlag.SYN, window=1024,
        time_ns=stage.arrivals(len(dst), start_s=attack.start_s, duration_s=attack.duration_s), options=TcpOptions.MSS,
        src_port=rng.integers(30000, 60000, len(dst)), dst_port=attack.port or rng.choice(np.array([445, 3389]), len(dst)),
        seq=rng.integers(0, 1 << 32, len(dst)), ip_id=rng.integers(0, 1 << 16, len(dst)),
    )  # fmt: skip
    there = probes[rng.random(len(probes)) < 0.15]
    return Traffic(stacked([probes, *_told(stage, there, label)]))


def backscatter(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Replies to packets that others forged in our name: a few servers under attack elsewhere send SYN-ACKs (again after 1
    and 3 s), resets and ICMP errors to addresses all over our network.
    """
    rng = stage.rng
    count = max(int(attack.rate_pps * attack.duration_s / 1.6), 1)
    attacked = outside_servers(rng, attack.sources)
    sender = rng.integers(0, len(attacked), count)
    kind = rng.random(count)
    flags = np.where(kind < 0.7, TcpFlag.SYN | TcpFlag.ACK, np.where(kind < 0.9, TcpFlag.RST | TcpFlag.ACK, 0))
    rows = blank(
        attacked[sender], targets(stage, attack, count), IpProtocol.TCP, flags=flags, label=label, window=29200,
        time_ns=stage.arrivals(count, start_s=attack.start_s, duration_s=attack.duration_s), src_port=np.array([80, 443])[sender % 2],
        dst_port=rng.integers(1024, 65536, count), seq=rng.integers(0, 1 << 32, count), ack=rng.integers(0, 1 << 32, count),
        ttl=remote_ttl(rng, len(attacked))[sender], options=np.where(kind < 0.7, TcpOptions.MSS, 0),
    )  # fmt: skip
    asked = rows[flags == 0]
    asked["src_hi"], asked["dst_hi"] = asked["dst_hi"].copy(), asked["src_hi"].copy()
    asked["src_lo"], asked["dst_lo"] = asked["dst_lo"].copy(), asked["src_lo"].copy()
    asked["src_port"], asked["dst_port"], asked["flags"] = asked["dst_port"].copy(), asked["src_port"].copy(), TcpFlag.SYN
    asked["ack"], asked["options"] = 0, 0
    unreachable = errors(stage, asked, label=-label, code=1, per_s=1 << 30)
    again = rows[(kind < 0.7) & (rng.random(count) < 0.6)]
    third = again[rng.random(len(again)) < 0.5]
    again["time_ns"] += SECOND
    third["time_ns"] += 3 * SECOND
    rows = stacked([rows[flags != 0], again, third, unreachable])
    end = stage.start_ns + int((attack.start_s + attack.duration_s) * SECOND)
    return Traffic(taken(rows, rows["time_ns"] < end))


def speed_test(stage: Stage, attack: Attack, label: int) -> Traffic:
    """One of the site's people measures the line: ``tcp`` (four parallel downloads), or ``udp`` (iperf3, with its control
    connection over TCP).
    """
    rng = stage.rng
    client, server = addresses([attack.victim]), outside_servers(np.random.default_rng(17), 1)
    start = stage.start_ns + int(attack.start_s * SECOND)
    span = int(attack.duration_s * SECOND)
    if attack.variant == "tcp":
        streams = 4
        gap = max(int(SECOND * streams / attack.rate_pps), 1)
        size = np.full(streams, int(1454 * attack.rate_pps / streams * (attack.duration_s - 0.3)))
        return Traffic(_session(stage, client, server, 443, start, streams, size, gap, label).rows)
    control = _session(stage, client, server, 5201, start, 1, np.full(1, 400), span, label)
    count = int(attack.rate_pps * attack.duration_s)
    length = np.full(count, 1448)
    data = blank(
        server, client, IpProtocol.UDP, time_ns=start + 60 * MILLISECOND + np.arange(count) * ((span - 100 * MILLISECOND) // count),
        src_port=5201, dst_port=int(rng.integers(40000, 60000)), payload=stage.payloads.noise(rng, length), payload_length=length,
        label=label, ttl=55, ip_id=rng.integers(0, 1 << 16, count),
    )  # fmt: skip
    return Traffic(stacked([control.rows, data]))


def _session(
    stage: Stage, client: Array, server: Array, port: int, start: int, streams: int, size: Array, gap: int, label: int
) -> Traffic:
    request, stream = tls_record(stage, 300), tls_stream(stage)
    return Traffic(
        play(
            stage,
            Sessions(
                start_ns=np.full(streams, start),
                client=np.broadcast_to(client, streams),
                server=np.broadcast_to(server, streams),
                client_port=stage.rng.integers(1024, 65536, streams),
                server_port=np.full(streams, port),
                client_rtt_ns=np.full(streams, 200_000),
                server_rtt_ns=np.full(streams, 9 * MILLISECOND),
                gap_ns=np.full(streams, gap),
                rounds=np.ones(streams, np.int64),
                request=np.tile(request, (streams, 1)),
                response=np.column_stack([np.full(streams, stream.offset), size]),
                response_span=np.full(streams, stream.length),
                think_ns=np.full(streams, MILLISECOND),
                pause_ns=np.zeros(streams, np.int64),
                linger_ns=np.full(streams, MILLISECOND),
                ending=np.full(streams, Ending.CLIENT_FIN),
                label=-label,  # The flood of a download is the server's.
            ),
        ).rows
    )
