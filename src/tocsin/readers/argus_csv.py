"""Flows as Argus' ``ra -c ,`` prints them, and the CTU-13 ``.binetflow`` files, which are made by it.

The header decides on the columns and may come again. Argus counts whole frames; how they become IP bytes says ``_flows.ip_bytes``.
With totals alone, packets and bytes are given to a direction where the other sent nothing (by bytes, by ``Dir`` where that is not
TCP, by the state), and are null elsewhere. Records that are no IP flow (management, ARP, LLC) are passed over.

Flags come from ``ra -Zb`` states and CTU-13 (``S_RA``), else from what REQ, ACC and RST imply where only one side sent.
Times: seconds since 1970 (``ra -u``), or a date and time without zone, taken as UTC. ra's default prints the time of day alone: such
rows are dated from 1970-01-01 on, a day more at each midnight, and a fault says so. Service names (ra without ``-n``) become ports
where the name is well known; ports of other names are null, and a fault says so.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Any, BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._flows import FLOW_COLUMNS, end_us, ip_bytes, ip_protocol
from tocsin.readers._lines import Rows, address, epoch_us, head_lines, iso_us, read_lines, seconds, shown, string, whole
from tocsin.terms import IpProtocol, TcpFlag

_WANTED = (
    "starttime", "lasttime", "dur", "proto", "srcaddr", "sport", "dir", "dstaddr", "dport", "state",
    "srcpkts", "dstpkts", "totpkts", "srcbytes", "dstbytes", "totbytes",
)  # fmt: skip
_FIELDS_MOST = 300
_DELIMITERS = ",;|\t"
_FLAG_LETTERS = {
    "F": TcpFlag.FIN, "S": TcpFlag.SYN, "R": TcpFlag.RST, "P": TcpFlag.PSH, "A": TcpFlag.ACK, "U": TcpFlag.URG,
    "E": TcpFlag.ECE, "C": TcpFlag.CWR,
}  # fmt: skip
_FLAG_STATE = re.compile(r"([FSRPAUEC]{0,16})_([FSRPAUEC]{0,16})")
_TIME_OF_DAY = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
_MAC = re.compile(r"(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}")
# Not IP flows: Argus' own records and what lies beside IP.
_NOT_IP = frozenset(
    ["man", "arp", "rarp", "llc", "lldp", "isis", "mpls", "ipx/spx", "ipx", "decnet", "aarp", "atalk", "2054", "32821"]
)
# The names ra prints most, from the IANA service registry.
_SERVICES = {
    "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80,
    "kerberos": 88, "pop3": 110, "sunrpc": 111, "ntp": 123, "epmap": 135, "loc-srv": 135, "netbios-ns": 137, "netbios-dgm": 138,
    "netbios-ssn": 139, "imap2": 143, "imap": 143, "snmp": 161, "snmp-trap": 162, "bgp": 179, "ldap": 389, "https": 443,
    "microsoft-ds": 445, "submissions": 465, "isakmp": 500, "syslog": 514, "submission": 587, "ldaps": 636, "imaps": 993, "pop3s": 995,
    "openvpn": 1194, "ms-sql-s": 1433, "ms-sql-m": 1434, "mysql": 3306, "ms-wbt-server": 3389, "sip": 5060, "mdns": 5353,
    "postgresql": 5432, "http-alt": 8080,
}  # fmt: skip


def claims(head: bytes, name: str) -> bool:
    """The first line is a header with Argus' names for both addresses and a time."""
    return any(_header(line) is not None for line in head_lines(head, most=1))


def _header(line: str) -> tuple[str, list[str]] | None:
    """Delimiter and lower-case names, if the line is an Argus header."""
    for delimiter in _DELIMITERS:
        names = [name.strip().lower() for name in line.split(delimiter, _FIELDS_MOST)]
        if {"srcaddr", "dstaddr", "proto"} <= set(names) and {"starttime", "lasttime"} & set(names):
            return delimiter, names
    return None


class _Times:
    """Reads the times of one file; counts midnights where only the time of day is printed."""

    def __init__(self) -> None:
        self.undated = False
        self._day, self._last_us = 0, 0

    def time_us(self, text: str) -> int:
        """Microseconds since 1970. Raises ValueError."""
        found = _TIME_OF_DAY.fullmatch(text)
        if found is None:
            return epoch_us(text) if _NUMBER.fullmatch(text) else iso_us(text.replace("/", "-"))
        hour, minute, second, fraction = int(found[1]), int(found[2]), int(found[3]), (found[4] or "").ljust(6, "0")
        if hour > 23 or minute > 59 or second > 60:
            raise ValueError("expected a time of day")
        micros = ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(fraction)
        # Flows are printed as they end, so times jump back and forth a little; half a day back is the next day.
        back = self._last_us - micros
        self._day = max(self._day + (back > 43_200_000_000) - (back < -43_200_000_000 and self._day > 0), 0)
        self._last_us, self.undated = micros, True
        return self._day * 86_400_000_000 + micros


def state_flags(state: str | None, packets_out: int | None, packets_in: int | None) -> tuple[int | None, int | None]:
    """TCP flags of source and destination that a state tells; None where it does not."""
    letters = _FLAG_STATE.fullmatch(state or "")
    if letters and state != "_":
        return _letters(letters[1]), _letters(letters[2])
    if state == "REQ":
        return TcpFlag.SYN, 0 if packets_in == 0 else None
    if state == "ACC" and packets_in == 0:  # a SYN-ACK whose SYN was not seen; Argus may take either side for the source
        return TcpFlag.SYN | TcpFlag.ACK, 0
    if state == "ACC" and packets_out == 0:
        return 0, TcpFlag.SYN | TcpFlag.ACK
    return None, None


@lru_cache(maxsize=256)
def _letters(letters: str) -> int:
    flags = 0
    for letter in letters:
        flags |= _FLAG_LETTERS[letter]
    return flags


def one_way(protocol: int | None, direction: str, state: str | None) -> str:
    """``out`` or ``in`` where only the source or only the destination sent, "" where both did or it is not told.

    Source: ra(1). For TCP ``Dir`` says who opened the connection, for others who sent.
    """
    letters = _FLAG_STATE.fullmatch(state or "")
    if protocol == IpProtocol.TCP:
        if letters and state != "_":
            return "" if letters[1] and letters[2] else "out" if letters[1] else "in"
        return "out" if state == "REQ" else ""
    return {"->": "out", "<-": "in"}.get(direction, "")


def _parts(source: int | None, target: int | None, total: int | None, way: str) -> tuple[int | None, int | None]:
    """Both directions, out of the total where one or both were not printed."""
    if total is not None and (source is None) != (target is None):
        source, target = (
            total - (target or 0) if source is None else source,
            total - (source or 0) if target is None else target,
        )
    elif total is not None and source is None and way:
        source, target = (total, 0) if way == "out" else (0, total)
    if (source or 0) < 0 or (target or 0) < 0:
        raise ValueError("expected parts no greater than their total")
    return source, target


def _number(value: Any) -> int | None:
    return whole(value.strip() if value else None)


class _Ports:
    """Reads ports as ra prints them: digits, hexadecimal (ICMP type and code), service names."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()

    def number(self, value: str | None) -> int | None:
        """The port; None if there is none or its name is not known. Raises ValueError over 65535."""
        text = (value or "").strip()
        if text.startswith("0x") and len(text) <= 6:
            return int(text, 16)
        if not text or text == "*":
            return None
        if text.isdecimal():
            return whole(text, 65535)
        if text not in _SERVICES and len(self.unknown) < 10:
            self.unknown.add(text[:40])
        return _SERVICES.get(text)


@reader(
    title="Argus flows (ra -c ,) and CTU-13 binetflow",
    tables=("network_activity",),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read one flow record per line; the rest of the contract is that of ``tocsin.readers.Read``."""
    rows = Rows("network_activity", FLOW_COLUMNS, evidence_id, sampling_rate=1)
    times, ports = _Times(), _Ports()
    delimiter, width = ",", 0
    get: Callable[[list[Any]], tuple[Any, ...]] | None = None

    def parse(offset: int, line: str) -> None:
        nonlocal delimiter, width, get
        if "rcAddr" in line and (header := _header(line)):
            delimiter, names = header
            width = len(names)
            get = itemgetter(*(names.index(name) if name in names else -1 for name in _WANTED))
            return
        if get is None:
            raise ValueError("expected a header with SrcAddr, DstAddr, Proto and StartTime or LastTime first")
        values: list[Any] = line.split(delimiter)  # ra quotes nothing
        if len(values) != width:
            raise ValueError(f"expected {width} fields, not {len(values)}")
        values.append(None)
        row = _row(offset, get(values), times, ports)
        if row:
            rows.add(row)

    yield from read_lines(stream, parse, [rows], evidence_id=evidence_id, report=report)
    if times.undated:
        reason = "expected dates in the time stamps, found the time of day alone: dated from 1970-01-01 on; print with ra -u"
        report(Fault(evidence_id, 0, reason))
    if ports.unknown:
        names = ", ".join(map(shown, sorted(ports.unknown)))
        report(Fault(evidence_id, 0, f"expected port numbers, found names such as {names}: left empty; print with ra -n"))


def _row(offset: int, values: tuple[Any, ...], times: _Times, ports: _Ports) -> tuple[Any, ...] | None:
    (started, ended, lasting, proto, srcaddr, sport, direction, dstaddr, dport, state,
     srcpkts, dstpkts, totpkts, srcbytes, dstbytes, totbytes) = values  # fmt: skip
    protocol_name, srcaddr, dstaddr = proto.strip().lower(), srcaddr.strip(), dstaddr.strip()
    if protocol_name in _NOT_IP or _MAC.fullmatch(srcaddr) or _MAC.fullmatch(dstaddr):
        return None
    source, target = address(srcaddr), address(dstaddr)
    protocol, state = ip_protocol(protocol_name, v6=":" in source), string((state or "").strip())
    way = one_way(protocol, (direction or "").strip(), state)
    bytes_out, bytes_in = _parts(_number(srcbytes), _number(dstbytes), _number(totbytes), way)
    way = way or ("out" if bytes_in == 0 else "in" if bytes_out == 0 else "")
    packets_out, packets_in = _parts(_number(srcpkts), _number(dstpkts), _number(totpkts), way)
    src_port, dst_port, icmp_type = ports.number(sport), ports.number(dport), None
    if protocol in (IpProtocol.ICMP, IpProtocol.ICMPV6):
        src_port, dst_port, icmp_type = None, None, src_port
    flags = state_flags(state, packets_out, packets_in) if protocol == IpProtocol.TCP else (None, None)
    return (
        offset, *_span(started, ended, lasting, times), source, src_port, target, dst_port, protocol, *flags, icmp_type,
        packets_out, ip_bytes(bytes_out, packets_out), packets_in, ip_bytes(bytes_in, packets_in), state, None,
    )  # fmt: skip


def _span(started: str | None, ended: str | None, lasting: str | None, times: _Times) -> tuple[int, int]:
    """First and last time, from two of start, end and duration."""
    lasts_s = seconds(lasting.strip()) if lasting else None
    if started:
        start = times.time_us(started.strip())
        return start, end_us(start, lasts_s) if lasts_s is not None or not ended else max(start, times.time_us(ended.strip()))
    end = times.time_us((ended or "").strip())
    return max(end - round((lasts_s or 0.0) * 1e6), 0), end
