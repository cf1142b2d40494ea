"""Packets that iptables or nftables logged (``IN= OUT= … SRC= DST= … PROTO=``), in syslog, journalctl or dmesg -T lines.

One row per packet. The disposition comes from words in the log prefix: DROP, REJECT, BLOCK, DENY against ACCEPT, ALLOW, PERMIT, PASS;
with neither or both it is null. ``sampling_rate`` is null: the rules may be limited, which the log does not tell. Messages of other
programs are passed over.

RFC 3164 stamps have neither year nor zone. The year is taken from a line of the same file that says one (an ISO stamp, the kernel's
audit stamp), counted over New Year; where none does, rows are dated 1972, which is no real year, so that nobody takes it for one, and
so that the same bytes always give the same rows. Times without zone are taken as UTC. One fault per file says both.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, access_log, reader
from tocsin.readers._flows import FLOW_COLUMNS, ip_protocol
from tocsin.readers._lines import Rows, address, head_lines, is_address, port, read_lines, whole
from tocsin.readers._syslog import UNKNOWN_YEAR, Clock, first_year, header
from tocsin.terms import Disposition, IpProtocol, TcpFlag

# Each gap is atomic: the first occurrence counts, so that refusing a line takes time in proportion to its length. The first SRC=
# is the packet's own; an ICMP error quotes another packet in brackets behind it.
_PACKET = re.compile(
    r"(?>(.{0,256}?)\bIN=\S{0,40}+ OUT=\S{0,40}+ )(?>.{0,512}?\bSRC=)(\S++) DST=(\S++) LEN=(\d{1,7}+) (?>.{0,256}?\bPROTO=)(\S++)"
    r"(?: SPT=(\d++) DPT=(\d++)(?:(?>.{0,80}? WINDOW=\d{1,7} )(?:RES=0x[0-9A-Fa-f]{2} )?+((?:[A-Z]{3} )*+)URGP=)?)?(?: TYPE=(\d++))?"
)
_BOOT_STAMP = re.compile(r"^(?:kernel: )?\[ *\d{1,10}\.\d{6}\] ?")
_BLOCKED = re.compile(r"(?<![a-z])(?:drop(?:ped)?|reject(?:ed)?|block(?:ed)?|den(?:y|ied))(?![a-z])")
_ALLOWED = re.compile(r"(?<![a-z])(?:accept(?:ed)?|allow(?:ed)?|permit(?:ted)?|pass(?:ed)?)(?![a-z])")
_FLAGS = {
    "FIN": TcpFlag.FIN, "SYN": TcpFlag.SYN, "RST": TcpFlag.RST, "PSH": TcpFlag.PSH, "ACK": TcpFlag.ACK, "URG": TcpFlag.URG,
    "ECE": TcpFlag.ECE, "CWR": TcpFlag.CWR,
}  # fmt: skip


def claims(head: bytes, name: str) -> bool:
    """Nine tenths of the first lines are syslog, one at least logs a packet, and access-log records are not more."""
    lines = head_lines(head)
    heads = [(line, found) for line in lines if (found := header(line))]
    packets = any(_PACKET.match(line, found.after_host) for line, found in heads)
    return packets and len(heads) >= 0.9 * len(lines) and not access_log.claims(head, name)


@lru_cache(maxsize=1024)
def disposition(prefix: str) -> int | None:
    """OCSF disposition by the words of a log prefix; None if they do not say, or say both."""
    text = prefix.lower().replace("_", " ")
    blocked, allowed = bool(_BLOCKED.search(text)), bool(_ALLOWED.search(text))
    if blocked == allowed:
        return None
    return Disposition.BLOCKED if blocked else Disposition.ALLOWED


@lru_cache(maxsize=256)
def _flags(words: str) -> int:
    """OR of the flags named behind the reserved bits; a flag is there at most once."""
    return sum({_FLAGS.get(word, 0) for word in words.split()})


def _row(offset: int, micros: int, found: "re.Match[str]", host: str) -> tuple[Any, ...]:
    prefix, src, dst, length, proto, src_port, dst_port, words, icmp_type = found.groups()
    source = address(src)
    protocol = ip_protocol(proto, v6=":" in source)
    flags = _flags(words) if protocol == IpProtocol.TCP and words is not None and len(words) <= 64 else None
    return (
        offset, micros, micros, source, port(src_port), address(dst), port(dst_port), protocol, flags, None,
        whole(icmp_type, 255), 1, int(length), None, None, None, None,
        disposition(_BOOT_STAMP.sub("", prefix)), address(host) if is_address(host) else None,
    )  # fmt: skip


@reader(
    title="Firewall log: iptables or nftables packets in syslog",
    tables=("network_activity",),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read one packet per line; the rest of the contract is that of ``tocsin.readers.Read``."""
    rows = Rows("network_activity", (*FLOW_COLUMNS, "disposition_id", "device_ip"), evidence_id)
    clock = Clock(first_year(stream))
    without_year: list[int] = []
    access: list[int] = []  # offset of the first access-log record, and how many there are

    def parse(offset: int, line: str) -> None:
        head = header(line)
        if head is None:
            raise ValueError("expected a syslog line")
        micros = clock.time_us(head.stamp)
        found = _PACKET.match(line, head.after_host)
        if found is None:
            if " SRC=" in line or " IN=" in line:
                raise ValueError("expected a packet with IN, OUT, SRC, DST, LEN and PROTO")
            if access_log.is_record(line):
                access[:] = [access[0], access[1] + 1] if access else [offset, 1]
            return
        rows.add(_row(offset, micros, found, head.host))
        if clock.guessed and not without_year:
            without_year.append(offset)

    yield from read_lines(stream, parse, [rows], evidence_id=evidence_id, report=report)
    if without_year:
        reason = f"expected a year in the time stamps, found none in the file: dated {UNKNOWN_YEAR}, order and intervals hold"
        report(Fault(evidence_id, without_year[0], reason))
    if access:
        reason = f"expected packets, found {access[1]:,} records of a web server too; they were left out"
        report(Fault(evidence_id, access[0], reason))
