"""What a Linux firewall with log rules writes of the same packets."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import ADDRESS, texts
from tocsin.scenario.capture import prefix_masks
from tocsin.scenario.lookalikes import OPEN_PORTS
from tocsin.scenario.packets import ETHERTYPE_IPV4, FRAGMENT_OFFSET, Packets, destination, ip_lengths, source, taken
from tocsin.scenario.stage import SECOND, Site
from tocsin.terms import IpProtocol, TcpFlag

Array = npt.NDArray[Any]
_PROTOCOLS = {IpProtocol.TCP: "TCP", IpProtocol.UDP: "UDP", IpProtocol.ICMP: "ICMP", IpProtocol.ICMPV6: "ICMPv6"}
_OPEN_UDP = (53, 123, 443, 5060)
_FLAG_NAMES = (
    (TcpFlag.CWR, "CWR"), (TcpFlag.ECE, "ECE"), (TcpFlag.URG, "URG"), (TcpFlag.ACK, "ACK"), (TcpFlag.PSH, "PSH"),
    (TcpFlag.RST, "RST"), (TcpFlag.SYN, "SYN"), (TcpFlag.FIN, "FIN"),
)  # fmt: skip


def logged(packets: Packets, site: Site, *, per_s: int = 0) -> tuple[Array, Array]:
    """Packets that the rules log, and whether each is dropped.

    The rules: a new connection to an open port passes; any other new one, and any datagram that is neither to an open port
    nor from a service that may answer, is dropped. Both are logged, at most ``per_s`` of them in a second (0: all).
    """
    rows = taken(packets.rows, packets.rows["ethertype"] == ETHERTYPE_IPV4)
    inside = prefix_masks([site.network])[0]
    inward = rows["dst_lo"] & inside[3] == inside[1]
    inward &= rows["src_lo"] & inside[3] != inside[1]
    tcp, udp = rows["protocol"] == IpProtocol.TCP, rows["protocol"] == IpProtocol.UDP
    opening = tcp & (rows["flags"] & (TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST) == TcpFlag.SYN)
    accepted = opening & np.isin(rows["dst_port"], OPEN_PORTS)
    stray = udp & ~np.isin(rows["dst_port"], _OPEN_UDP) & ~np.isin(rows["src_port"], _OPEN_UDP) & (rows["tos"] == 0)
    stray &= rows["fragment"] & FRAGMENT_OFFSET == 0
    dropped = (opening & ~accepted) | stray
    keep = inward & (accepted | dropped)
    chosen, blocked = taken(rows, keep), dropped[keep]
    if per_s and len(chosen):
        second = chosen["time_ns"] // SECOND
        _, first, counts = np.unique(second, return_index=True, return_counts=True)
        few = np.arange(len(chosen)) - np.repeat(first, counts) < per_s
        chosen, blocked = taken(chosen, few), blocked[few]
    return chosen, blocked


def lines(rows: Array, blocked: Array, site: Site) -> Iterator[str]:
    """Lines of syslog with ISO 8601 times, as rsyslog writes them, in iptables' form."""
    who = texts(np.concatenate([source(rows), destination(rows)]).astype(ADDRESS))
    lengths = ip_lengths(rows).tolist()
    for number, row in enumerate(rows):
        time_ns = int(row["time_ns"])
        stamp = datetime.fromtimestamp(time_ns // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        protocol = _PROTOCOLS[int(row["protocol"])]
        line = (
            f"{stamp}.{time_ns % SECOND // 1000:06d}+00:00 fw-{site.name} kernel: [{864000 + time_ns / SECOND % 86400:.6f}] "
            f"{'FW-DROP' if blocked[number] else 'FW-ACCEPT'} IN=eth0 OUT=eth1 MAC=02:ff:00:00:00:02:02:ff:00:00:00:01:08:00 "
            f"SRC={who[number]} DST={who[len(rows) + number]} LEN={lengths[number]} TOS=0x{int(row['tos']):02X} PREC=0x00 "
            f"TTL={row['ttl']} ID={row['ip_id']} DF PROTO={protocol} SPT={row['src_port']} DPT={row['dst_port']} "
        )
        if protocol == "UDP":
            yield f"{line}LEN={8 + int(row['payload_length'])}\n"
        else:
            flags = " ".join(name for bit, name in _FLAG_NAMES if int(row["flags"]) & bit)
            yield f"{line}WINDOW={row['window']} RES=0x00 {flags} URGP=0\n"


def write_firewall_log(path: Path, packets: Packets, site: Site, *, per_s: int = 0) -> None:
    """Write the log of a site's firewall (see ``logged``)."""
    rows, blocked = logged(packets, site, per_s=per_s)
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(lines(rows, blocked, site))
