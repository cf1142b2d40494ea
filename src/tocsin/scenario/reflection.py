"""Floods by third parties: they answer to the victim what was asked in its name."""

import ipaddress
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.packs import amplifiers
from tocsin.scenario.addresses import pick
from tocsin.scenario.floods import answers, errors, hits, syn_flood, targets, udp_flood
from tocsin.scenario.packets import TcpOptions, blank, fragmented, stacked, taken
from tocsin.scenario.replies import replies
from tocsin.scenario.sessions import expanded
from tocsin.scenario.stage import MILLISECOND, SECOND, Stage, Traffic, joined, outside_servers, remote_ttl
from tocsin.scenario.truth import Attack
from tocsin.terms import IpProtocol, TcpFlag

Array = npt.NDArray[Any]


def _reflectors(stage: Stage, attack: Attack, count: int) -> Array:
    if ipaddress.ip_network(attack.victim).version == 6:
        return pick(stage.rng, "2001:db8:4000::/34", count)
    return outside_servers(stage.rng, count)


def amplification(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Answers of abused UDP services, large ones in IP fragments, several services at once if so asked. Each forged request
    draws a train of packets from one reflector. The victim sends a few ICMP errors.
    """
    services = attack.services or ("dns",)
    parts = []
    for service in services:
        share = replace(attack, rate_pps=attack.rate_pps / len(services), sources=max(attack.sources // len(services), 1))
        parts.append(Traffic(_answers(stage.part(f"amplification {label} {service}"), share, service, label)))
    rows = joined(parts).rows
    return Traffic(stacked([rows, errors(stage, rows, label=label)]))


def _answers(stage: Stage, attack: Attack, service: str, label: int) -> Array:
    rng = stage.rng
    known = replies(service)
    slices = stage.payloads.add_all(known.payloads)
    ports = [amplifier.port for amplifier in amplifiers() if amplifier.service == service]
    fragments = np.maximum(-(-(slices[:, 1] + 8) // 1480), 1).mean()
    most = max(int(attack.duration_s * 1000 / known.gap_ms / 2), 1)
    usual = min(known.train[0], most), min(known.train[1], most)
    train = _trains(rng, max(int(rng.poisson(attack.rate_pps * attack.duration_s) / fragments), 1), usual)
    who, step = expanded(train)
    start = stage.arrivals(len(train), start_s=attack.start_s, duration_s=attack.duration_s)
    end = stage.start_ns + int((attack.start_s + attack.duration_s) * SECOND)
    # A train that would run over the end begins earlier, as far as there is room, so that the rate holds to the end.
    start -= np.clip(start + train * int(known.gap_ms * MILLISECOND) - end, 0, start - start[0])
    time_ns = start[who] + step * int(known.gap_ms * MILLISECOND)
    reflectors = _reflectors(stage, attack, attack.sources)
    sender = rng.integers(0, len(reflectors), len(train))[who]
    chosen = slices[(rng.integers(0, len(slices), len(train))[who] + step) % len(slices)]
    dst_port = attack.port or np.where(rng.random(len(train)) < 0.5, 80, rng.integers(1024, 65536, len(train)))[who]
    rows = blank(
        reflectors[sender], targets(stage, attack, len(train))[who], IpProtocol.UDP, time_ns=time_ns, label=label,
        ttl=remote_ttl(rng, len(reflectors))[sender], src_port=np.array(ports)[sender % len(ports)], dst_port=dst_port,
        payload=chosen[:, 0], ack=chosen[:, 1], ip_id=rng.integers(0, 1 << 16, len(who)),
    )  # fmt: skip
    rows = fragmented(rows)
    return taken(rows, rows["time_ns"] < end)


def _trains(rng: np.random.Generator, answers: int, usual: tuple[int, int]) -> Array:
    """Lengths of trains that make up this many answers: of the usual lengths, but at least twenty trains where there can be."""
    high = min(usual[1], max(answers // 20, 1))
    low = min(usual[0], high)
    drawn = rng.integers(low, high + 1, -(-answers // low))
    ends = np.minimum(np.cumsum(drawn), answers)
    train = np.diff(ends, prepend=0)
    return np.asarray(train[train > 0])


def synack_reflection(stage: Stage, attack: Attack, label: int) -> Traffic:
    """SYN-ACKs of servers that were sent SYNs in the victim's name; each server tries again after 1 and 3 s unless reset.
    The victim resets some.
    """
    rng = stage.rng
    drawn = hits(stage, attack, share=1 / 1.4)
    count = len(drawn.time_ns)
    reflectors = _reflectors(stage, attack, attack.sources)
    sender = rng.integers(0, len(reflectors), count)
    port = rng.choice(np.array([80, 443, 22, 25, 179, 21, 8080]), len(reflectors), p=[0.42, 0.4, 0.05, 0.05, 0.03, 0.02, 0.03])
    first = blank(
        reflectors[sender], drawn.dst, IpProtocol.TCP, time_ns=drawn.time_ns, ttl=remote_ttl(rng, len(reflectors))[sender],
        flags=TcpFlag.SYN | TcpFlag.ACK, src_port=port[sender], dst_port=attack.port or rng.integers(1024, 65536, count),
        seq=rng.integers(0, 1 << 32, count), ack=rng.integers(0, 1 << 32, count), label=label, options=TcpOptions.MSS,
        window=rng.choice(np.array([65535, 29200, 8192, 14600]), len(reflectors))[sender],
    )  # fmt: skip
    refused = rng.random(count) < 0.6
    resets = answers(stage, first[refused], 1.0, label=label, flags=TcpFlag.RST, window=0)
    resets["seq"], resets["ack"] = first["ack"][refused], 0
    again = first[~refused]
    third = again[rng.random(len(again)) < 0.5]
    again["time_ns"] += SECOND
    third["time_ns"] += 3 * SECOND
    rows = stacked([first, again, third])
    end = stage.start_ns + int((attack.start_s + attack.duration_s) * SECOND)
    return Traffic(stacked([taken(rows, rows["time_ns"] < end), resets]))


def middlebox_reflection(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Block pages of censoring middleboxes, which answer for any address a request that never had a handshake: data with
    PSH and ACK, some with FIN, then a reset. Source: Bock et al., USENIX Security 2021.
    """
    rng = stage.rng
    drawn = hits(stage, attack, share=1 / 2.5)
    count = len(drawn.time_ns)
    boxes = _reflectors(stage, attack, attack.sources)
    sender = rng.integers(0, len(boxes), count)
    pages = stage.payloads.add_all(_block_page(length) for length in (250, 700, 1200, 1400))
    page = pages[(sender % len(pages))]
    columns = {"src_port": 80, "label": label, "dst_port": attack.port or rng.integers(1024, 65536, count)}
    columns |= {"seq": rng.integers(0, 1 << 32, count), "ack": rng.integers(0, 1 << 32, count)}
    ttl = remote_ttl(rng, len(boxes))[sender]
    psh_ack = TcpFlag.PSH | TcpFlag.ACK
    data = blank(
        boxes[sender], drawn.dst, IpProtocol.TCP, time_ns=drawn.time_ns, ttl=ttl, window=8192, payload=page[:, 0],
        payload_length=page[:, 1], flags=np.where(sender % 3 == 0, psh_ack | TcpFlag.FIN, psh_ack), **columns,
    )  # fmt: skip
    repeated = data[rng.random(count) < 0.5]
    repeated["time_ns"] += 3 * MILLISECOND
    resets = data.copy()
    resets["time_ns"] += MILLISECOND
    resets["seq"] += resets["payload_length"]
    resets["flags"], resets["payload_length"] = TcpFlag.RST | TcpFlag.ACK, 0
    rows = stacked([data, repeated, resets])
    end = stage.start_ns + int((attack.start_s + attack.duration_s) * SECOND)
    rows = taken(rows, rows["time_ns"] < end)
    return Traffic(stacked([rows, answers(stage, data, 0.3, label=label, flags=TcpFlag.RST)]))


def _block_page(length: int) -> bytes:
    body = b"<html><head><title>Access denied</title></head><body><iframe src='http://10.10.34.34/'></iframe></body></html>"
    body = body.ljust(length - 100)
    return (
        b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: %d\r\nContent-Type: text/html\r\n\r\n" % len(body)
        + body
    )


def carpet_bombing(stage: Stage, attack: Attack, label: int) -> Traffic:
    """All hosts of a prefix at once, each with little: ``udp`` from bots, ``dns`` or ``ntp`` or other amplification, or
    ``syn`` (forged).
    """
    if attack.variant == "udp":
        return udp_flood(stage, replace(attack, variant="random_ports"), label)
    if attack.variant == "syn":
        return syn_flood(stage, replace(attack, variant="spoofed", port=attack.port or 443), label)
    return amplification(stage, replace(attack, services=attack.services or (attack.variant,)), label)
