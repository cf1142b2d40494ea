"""Floods that hit the victim with what the senders make themselves: TCP, UDP, fragments, ICMP, DHCP."""

import ipaddress
import struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import addresses, pick, spoofed, text
from tocsin.scenario.packets import (
    DONT_FRAGMENT,
    ETHERTYPE_IPV4,
    ETHERTYPE_IPV6,
    MORE_FRAGMENTS,
    Extensions,
    TcpOptions,
    blank,
    destination,
    ip_lengths,
    source,
    stacked,
    taken,
)
from tocsin.scenario.stage import MILLISECOND, SECOND, Site, Stage, Traffic, outside_clients, remote_ttl
from tocsin.scenario.truth import Attack
from tocsin.terms import IpProtocol, TcpFlag

Array = npt.NDArray[Any]
_SYN_ACK, _RST_ACK = TcpFlag.SYN | TcpFlag.ACK, TcpFlag.RST | TcpFlag.ACK
ERRORS_PER_S = 5  # ICMP errors that a host sends at most; Linux's default is in this order.


_BOTNET_HOSTS = 1000


class Hits(NamedTuple):
    """Packets to come, one entry each: when, from whom, with what TTL, to whom."""

    time_ns: Array
    src: Array
    ttl: Array
    dst: Array


def hits(stage: Stage, attack: Attack, *, forged: bool = False, share: float = 1.0) -> Hits:
    """Draw when and from whom the packets of an attack come, and to whom (any host, where the victim is a prefix).

    Args:
        stage: Where and when.
        attack: Rate, span, victim and number of senders.
        forged: Random source addresses; the TTLs still tell of the real senders.
        share: Of the rate.
    """
    rng = stage.rng
    count = max(int(rng.poisson(attack.rate_pps * attack.duration_s * share)), 1)
    time_ns = stage.arrivals(count, start_s=attack.start_s, duration_s=attack.duration_s)
    prefix = ipaddress.ip_network(attack.victim)
    v6 = prefix.version == 6
    weights = rng.lognormal(0.0, 0.6, attack.sources)
    sender = rng.choice(attack.sources, count, p=weights / weights.sum())
    ttl = remote_ttl(rng, attack.sources)[sender]
    src = spoofed(rng, count, v6=v6) if forged else bots(stage, attack)[sender]
    return Hits(time_ns, src, ttl, targets(stage, attack, count))


def bots(stage: Stage, attack: Attack) -> Array:
    """The hosts that take part in an attack, of its botnet if it has one (then at most a thousand)."""
    v6 = ipaddress.ip_network(attack.victim).version == 6
    if not attack.botnet:
        return outside_clients(stage.rng, attack.sources, v6=v6)
    pool = outside_clients(np.random.default_rng([stage.seed, *attack.botnet.encode()]), _BOTNET_HOSTS, v6=v6)
    return np.asarray(pool[stage.rng.permutation(_BOTNET_HOSTS)[np.arange(attack.sources) % _BOTNET_HOSTS]])


def targets(stage: Stage, attack: Attack, count: int) -> Array:
    """The victim, or hosts of the victim prefix."""
    prefix = ipaddress.ip_network(attack.victim)
    if prefix.num_addresses == 1:
        return np.broadcast_to(addresses([str(prefix.network_address)]), count)
    hosts = pick(stage.rng, attack.victim, 1 << 16)
    return np.asarray(hosts[stage.rng.integers(0, len(hosts), count)])


def answers(stage: Stage, rows: Array, ratio: float, *, label: int, delay_ns: int = 200_000, **columns: Any) -> Array:
    """TCP segments back to the senders of a share of the rows; ``ack`` is right, other columns as given."""
    chosen = taken(rows, stage.rng.random(len(rows)) < ratio)
    length = chosen["payload_length"] + (chosen["flags"] & (TcpFlag.SYN | TcpFlag.FIN) != 0)
    return blank(
        destination(chosen), source(chosen), IpProtocol.TCP, time_ns=chosen["time_ns"] + delay_ns, src_port=chosen["dst_port"],
        dst_port=chosen["src_port"], ack=chosen["seq"] + length & 0xFFFFFFFF, label=-label, **columns,
    )  # fmt: skip


def errors(stage: Stage, rows: Array, *, label: int, code: int = 3, per_s: int = ERRORS_PER_S) -> Array:
    """ICMP (ICMPv6) errors to a few of the rows in each second, quoting them: port unreachable, unless another code is given."""
    second = rows["time_ns"] // SECOND
    order = np.argsort(second, kind="stable")
    _, first, counts = np.unique(second[order], return_index=True, return_counts=True)
    number = np.arange(len(rows)) - np.repeat(first, counts)
    chosen = rows[order[number < per_s]]
    chosen = chosen[chosen["fragment"] & 0x1FFF == 0]
    quotes = np.array(
        [stage.payloads.add(_quoted(row, int(length))) for row, length in zip(chosen, ip_lengths(chosen), strict=True)],
        np.int64,
    ).reshape(-1, 2)
    v6 = chosen["ethertype"] == ETHERTYPE_IPV6
    return blank(
        destination(chosen), source(chosen), np.where(v6, IpProtocol.ICMPV6, IpProtocol.ICMP), tos=0xC0, label=-label,
        time_ns=chosen["time_ns"] + 150_000, payload=quotes[:, 0], payload_length=quotes[:, 1],
        src_port=np.where(v6, 1 << 8 | 4, 3 << 8 | code), fragment=0,
    )  # fmt: skip


def _quoted(row: Any, length: int) -> bytes:
    """The beginning of a packet, as an error carries it (checksums zero)."""
    src, dst = (ipaddress.ip_address(text(int(row[f"{side}_hi"]), int(row[f"{side}_lo"]))).packed for side in ("src", "dst"))
    transport = struct.pack(">HHHH", row["src_port"], row["dst_port"], 8 + int(row["payload_length"]), 0)
    if row["protocol"] == IpProtocol.TCP:
        transport = struct.pack(">HHI", row["src_port"], row["dst_port"], row["seq"])
    if row["ethertype"] == ETHERTYPE_IPV6:
        return struct.pack(">IHBB", 6 << 28, length - 40, row["protocol"], row["ttl"]) + src + dst + transport
    fixed = (0x45, 0, length, row["ip_id"], row["fragment"], row["ttl"], row["protocol"], 0)
    return ip_header(struct.pack(">BBHHHBBH", *fixed) + src + dst) + transport


def ip_header(header: bytes) -> bytes:
    """An IPv4 header whose checksum is zero, with its checksum."""
    total: int = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return header[:10] + (0xFFFF - (total & 0xFFFF) - (total >> 16)).to_bytes(2, "big") + header[12:]


def _tcp(stage: Stage, attack: Attack, drawn: Hits, label: int, **columns: Any) -> Array:
    rng, count = stage.rng, len(drawn.time_ns)
    return blank(
        drawn.src, drawn.dst, IpProtocol.TCP, time_ns=drawn.time_ns, ttl=drawn.ttl, label=label, dst_port=attack.port,
        ip_id=rng.integers(0, 1 << 16, count), seq=rng.integers(0, 1 << 32, count),
        **{"src_port": rng.integers(1024, 65536, count), **columns},
    )  # fmt: skip


def _until(rows: Array, stage: Stage, attack: Attack) -> Array:
    """Without what would come after the attack's end."""
    end = stage.start_ns + int((attack.start_s + attack.duration_s) * SECOND)
    return taken(rows, rows["time_ns"] < end)


def syn_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """``direct``: real bots with ordinary stacks, which try again; ``bare``: bots with a raw-socket tool; ``spoofed``;
    ``ecn``: direct, with ECE and CWR set. The victim answers half of the SYNs: its backlog is full.
    """
    rng = stage.rng
    retried = attack.variant in ("direct", "ecn")
    forged = attack.variant == "spoofed"
    drawn = hits(stage, attack, forged=forged, share=1 / 1.375 if retried else 1.0)
    flags = TcpFlag.SYN | (TcpFlag.ECE | TcpFlag.CWR if attack.variant == "ecn" else 0)
    count = len(drawn.time_ns)
    options: Any = TcpOptions.MSS if forged else TcpOptions.NONE
    window: Any = rng.choice(np.array([512, 1024, 64240]), count)
    if retried:
        linux = drawn.ttl < 64
        options = np.where(linux, TcpOptions.LINUX_SYN, TcpOptions.WINDOWS_SYN)
        window = np.where(linux, 64240, 8192)
    first = _tcp(stage, attack, drawn, label, flags=flags, options=options, window=window)
    syns = [first]
    if retried:  # Ordinary stacks send an unanswered SYN again after one second, then after two more.
        again = taken(first, rng.random(count) < 0.25)
        third = again[rng.random(len(again)) < 0.5]
        for rows, wait_s in ((again, 1), (third, 3)):
            rows["time_ns"] += wait_s * SECOND
            syns.append(_until(rows, stage, attack))
    rows = stacked(syns)
    synacks = answers(stage, rows, 0.5, label=label, flags=_SYN_ACK, options=TcpOptions.MSS, window=64240, seq=0x5EED0000)
    synacks["seq"] = rng.integers(0, 1 << 32, len(synacks))
    resets = answers(stage, synacks, 0.03 if forged else 0.4, label=label, delay_ns=40 * MILLISECOND, flags=TcpFlag.RST, ttl=52)
    resets["seq"], resets["ack"] = resets["ack"], 0
    return Traffic(stacked([rows, synacks, resets]))


def _forged(attack: Attack) -> bool:
    return attack.variant.startswith("spoofed")


def ack_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """``spoofed``, ``direct``, or ``psh`` (direct, with payload). The victim resets most: no such connection."""
    drawn = hits(stage, attack, forged=_forged(attack))
    count = len(drawn.time_ns)
    columns: dict[str, Any] = {"flags": TcpFlag.ACK, "ack": stage.rng.integers(0, 1 << 32, count), "window": 512}
    if attack.variant == "psh":
        length = stage.rng.integers(16, 900, count)
        columns |= {"flags": TcpFlag.PSH | TcpFlag.ACK, "payload_length": length}
        columns["payload"] = stage.payloads.noise(stage.rng, length)
    rows = _tcp(stage, attack, drawn, label, **columns)
    resets = answers(stage, rows, 0.8, label=label, flags=TcpFlag.RST)
    return Traffic(stacked([rows, resets]))


def rst_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """``spoofed`` or ``direct``; nobody answers a reset."""
    drawn = hits(stage, attack, forged=_forged(attack))
    flags = stage.rng.choice(np.array([TcpFlag.RST, _RST_ACK]), len(drawn.time_ns), p=[0.8, 0.2])
    return Traffic(_tcp(stage, attack, drawn, label, flags=flags))


def fin_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """``spoofed`` or ``direct``; the victim resets most."""
    drawn = hits(stage, attack, forged=_forged(attack))
    flags = TcpFlag.FIN | TcpFlag.ACK
    rows = _tcp(stage, attack, drawn, label, flags=flags, ack=stage.rng.integers(0, 1 << 32, len(drawn.time_ns)), window=512)
    return Traffic(stacked([rows, answers(stage, rows, 0.8, label=label, flags=TcpFlag.RST)]))


def udp_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """``random_ports`` (512 bytes), ``single_port`` (1400 bytes), ``small`` (game queries), ``variable`` (any size, random
    ports), or ``spoofed`` (random ports); all but the last from real bots.
    """
    rng = stage.rng
    drawn = hits(stage, attack, forged=_forged(attack))
    count = len(drawn.time_ns)
    length = {"random_ports": np.full(count, 512), "single_port": np.full(count, 1400), "small": np.full(count, 25)}.get(
        attack.variant, rng.integers(64, 1400, count)
    )
    port = attack.port if attack.port else rng.integers(1, 65536, count)
    rows = blank(
        drawn.src, drawn.dst, IpProtocol.UDP, time_ns=drawn.time_ns, ttl=drawn.ttl, label=label, dst_port=port,
        src_port=rng.integers(20000, 65536, count), payload=stage.payloads.noise(rng, length), payload_length=length,
        ip_id=rng.integers(0, 1 << 16, count),
    )  # fmt: skip
    return Traffic(stacked([rows, errors(stage, rows, label=label)]))


def fragment_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Fragments of datagrams that never become whole: ``later`` ones, ``first`` ones, ``tiny`` later ones, or ``spoofed``
    later ones.
    """
    rng = stage.rng
    drawn = hits(stage, attack, forged=_forged(attack))
    count = len(drawn.time_ns)
    first = attack.variant == "first"
    length = np.full(count, 24 if attack.variant == "tiny" else 1472 if first else 1480)
    offset = np.zeros(count, np.int64) if first else rng.integers(1, 7000, count)
    more = np.where(first | (rng.random(count) < 0.7), MORE_FRAGMENTS, 0)
    rows = blank(
        drawn.src, drawn.dst, IpProtocol.UDP, time_ns=drawn.time_ns, ttl=drawn.ttl, label=label, fragment=more | offset,
        payload=stage.payloads.noise(rng, np.full(count, 4000)), payload_length=length, ip_id=rng.integers(0, 1 << 16, count),
        src_port=rng.integers(1024, 65536, count), dst_port=attack.port or rng.integers(1, 65536, count), ack=2944,
    )  # fmt: skip
    rows["extensions"] = np.where(rows["ethertype"] == ETHERTYPE_IPV4, 0, Extensions.FRAGMENT)
    return Traffic(rows)


def icmp_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """``echo`` (56 bytes), ``large`` (echo with 1400 bytes), ``spoofed`` echo, ``echo_reply`` (as after a broadcast ping), or
    ``unreachable`` (port unreachable, which some firewalls handle slowly). The victim answers a third of the echoes.
    """
    rng = stage.rng
    drawn = hits(stage, attack, forged=_forged(attack))
    count = len(drawn.time_ns)
    kind = {"echo_reply": 0, "unreachable": 3 << 8 | 3}.get(attack.variant, 8 << 8)
    length = np.full(count, 1400 if attack.variant == "large" else 28 if attack.variant == "unreachable" else 56)
    payload = stage.payloads.noise(rng, length)
    if attack.variant == "unreachable":
        victim = ipaddress.ip_network(attack.victim).network_address.packed
        quote = struct.pack(">BBHHHBBH", 0x45, 0, 60, 0, 0, 50, 17, 0) + victim + bytes([198, 18, 0, 9])
        payload = np.full(count, stage.payloads.add(ip_header(quote) + struct.pack(">HHHH", 40000, 33434, 40, 0)).offset)
    sequence = 0 if attack.variant == "unreachable" else rng.integers(0, 1 << 32, count)
    rows = blank(
        drawn.src, drawn.dst, IpProtocol.ICMP, time_ns=drawn.time_ns, ttl=drawn.ttl, label=label, src_port=kind, seq=sequence,
        payload=payload, payload_length=length, ip_id=rng.integers(0, 1 << 16, count), fragment=0,
    )  # fmt: skip
    return Traffic(stacked([rows, echoes(stage, rows, 0.3 if kind == 8 << 8 else 0.0, label)]))


def echoes(stage: Stage, rows: Array, ratio: float, label: int) -> Array:
    """Echo replies to a share of echo requests."""
    chosen = taken(rows, stage.rng.random(len(rows)) < ratio)
    v6 = chosen["ethertype"] == ETHERTYPE_IPV6
    return blank(
        destination(chosen), source(chosen), chosen["protocol"], time_ns=chosen["time_ns"] + 120_000, label=-label,
        src_port=np.where(v6, 129 << 8, 0), seq=chosen["seq"], payload=chosen["payload"],
        payload_length=chosen["payload_length"], fragment=0,
    )  # fmt: skip


def icmpv6_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """``echo``, ``extensions`` (echo behind hop-by-hop and destination options), ``spoofed`` echo, or ``neighbour``
    (neighbour solicitations from one link). The victim answers a third of the echoes.
    """
    rng = stage.rng
    drawn = hits(stage, attack, forged=_forged(attack))
    count = len(drawn.time_ns)
    columns: dict[str, Any] = {"src_port": 128 << 8, "seq": rng.integers(0, 1 << 32, count)}
    columns |= {"payload": stage.payloads.noise(rng, np.full(count, 56)), "payload_length": 56, "ttl": drawn.ttl}
    src = drawn.src
    if attack.variant == "extensions":
        columns["extensions"] = Extensions.HOP_BY_HOP | Extensions.DESTINATION
    if attack.variant == "neighbour":
        src = pick(rng, stage.site.network_v6, 400)[rng.integers(0, 400, count)]
        wanted = ipaddress.ip_network(attack.victim).network_address.packed
        quote = stage.payloads.add(wanted + bytes.fromhex("0101020000000099"))
        columns |= {"src_port": 135 << 8, "seq": 0, "payload": quote.offset, "payload_length": quote.length, "ttl": 255}
    rows = blank(src, drawn.dst, IpProtocol.ICMPV6, time_ns=drawn.time_ns, label=label, fragment=0, **columns)
    return Traffic(stacked([rows, echoes(stage, rows, 0.0 if attack.variant == "neighbour" else 0.3, label)]))


def dhcp_server(site: Site) -> str:
    """The site's DHCP server."""
    return site.host(5)


def dhcp_flood(stage: Stage, attack: Attack, label: int) -> Traffic:
    """Discovers with ever new hardware addresses, ``broadcast`` or through a ``relay``; the server offers what it has, then
    has no more. Source: RFC 2131.
    """
    rng, site = stage.rng, stage.site
    drawn = hits(stage, attack)
    count = len(drawn.time_ns)
    relay = attack.variant == "relay"
    template = np.zeros((count, 300), np.uint8)
    template[:, :3] = 1, 1, 6
    template[:, 4:8] = rng.integers(0, 256, (count, 4))
    if relay:
        template[:, 24:28] = list(ipaddress.ip_address(site.host(2)).packed)
    template[:, 28] = 2
    template[:, 29:34] = rng.integers(0, 256, (count, 5))
    template[:, 236:244] = list(bytes.fromhex("6382536335010137"))
    template[:, 244:250] = 4, 1, 3, 6, 15, 255
    offset = stage.payloads.add(template.tobytes()).offset + np.arange(count) * 300
    asker = addresses([site.host(2) if relay else "0.0.0.0"])  # noqa: S104  an address in a packet
    server = dhcp_server(site)
    rows = blank(
        asker, drawn.dst, IpProtocol.UDP, time_ns=drawn.time_ns, ttl=64, label=label, dst_port=67, src_port=67 if relay else 68,
        payload=offset, payload_length=300, fragment=DONT_FRAGMENT if relay else 0, ip_id=rng.integers(0, 1 << 16, count),
    )  # fmt: skip
    offered = min(count, 90)
    replies = template[:offered].copy()
    replies[:, 0] = 2
    replies[:, 16:20] = [[*ipaddress.ip_address(site.host(128 + number)).packed] for number in range(offered)]
    replies[:, 242:250] = 2, 54, 4, *ipaddress.ip_address(server).packed, 255
    told = stage.payloads.add(replies.tobytes()).offset + np.arange(offered) * 300
    offers = blank(
        addresses([server]), asker if relay else addresses(["255.255.255.255"]), IpProtocol.UDP, fragment=0, label=-label,
        time_ns=drawn.time_ns[:offered] + 2 * MILLISECOND, src_port=67, dst_port=67 if relay else 68, payload=told,
        payload_length=300,
    )  # fmt: skip
    return Traffic(stacked([rows, offers]))
