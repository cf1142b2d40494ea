"""Zeek's conn, dns and http logs as rows, whichever way they are written down (TSV, JSON)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from tocsin.readers._flows import FLOW_COLUMNS, end_us, ip_protocol
from tocsin.readers._lines import INT32, Row, Rows, address, epoch_us, iso_us, port, seconds, string, whole
from tocsin.readers._web import host_name, split_target
from tocsin.terms import IpProtocol, TcpFlag

_SYN, _ACK, _FIN, _RST = TcpFlag.SYN, TcpFlag.ACK, TcpFlag.FIN, TcpFlag.RST

# Letters of `history`, upper case for the originator; those left out (checksum, gap, retransmission…) say no flag.
# Source: https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html. `D` is payload: it carries ACK.
_LETTER_FLAGS = {"S": _SYN, "H": _SYN | _ACK, "A": _ACK, "D": _ACK, "F": _FIN, "R": _RST, "Q": _SYN}

# What `conn_state` implies where there is no history: flags of originator and responder. Same source.
_STATE_FLAGS: dict[str, tuple[int | None, int | None]] = {
    "S0": (_SYN, 0),
    "S1": (_SYN | _ACK, _SYN | _ACK),
    "S2": (_SYN | _ACK | _FIN, _SYN | _ACK),
    "S3": (_SYN | _ACK, _SYN | _ACK | _FIN),
    "SF": (_SYN | _ACK | _FIN, _SYN | _ACK | _FIN),
    "REJ": (_SYN, _RST),
    "RSTO": (_SYN | _ACK | _RST, _SYN | _ACK),
    "RSTR": (_SYN | _ACK, _SYN | _ACK | _RST),
    "RSTOS0": (_SYN | _RST, 0),
    "RSTRH": (0, _SYN | _ACK | _RST),
    "SH": (_SYN | _FIN, 0),
    "SHR": (0, _SYN | _ACK | _FIN),
}

ENDPOINTS = ("orig_h", "orig_p", "resp_h", "resp_p")
_ENDPOINT_FIELDS = ("ts", *(f"id.{part}" for part in ENDPOINTS))


@dataclass(frozen=True, slots=True)
class Log:
    """A log we read: the fields ``row`` wants, in order, behind the offset; a field that is not there or unset is None."""

    table: str
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    row: Callable[..., Row]
    constants: dict[str, Any]

    def rows(self, evidence_id: str) -> Rows:
        """An empty gatherer for this log's table."""
        return Rows(self.table, self.columns, evidence_id, **self.constants)


def time_us(value: Any) -> int:
    """Zeek's ``ts``: seconds (a float), ISO 8601, or milliseconds, as ``LogAscii::json_timestamps`` says. Raises ValueError."""
    if type(value) is str and "T" in value:
        return iso_us(value)
    # Milliseconds are whole numbers too large to be seconds before the year 5138.
    return epoch_us(value, 1e-3 if type(value) is int and value > 10**11 else 1.0)


@lru_cache(maxsize=4096)
def history_flags(history: str) -> tuple[int, int]:
    """OR of the TCP flags that originator and responder sent, by the letters of ``history``."""
    out = into = 0
    for letter in set(history):
        flag = _LETTER_FLAGS.get(letter.upper(), 0)
        if letter.isupper():
            out |= flag
        else:
            into |= flag
    return out, into


def tcp_flags(history: str | None, state: str | None) -> tuple[int | None, int | None]:
    """Flags of originator and responder, from the history, else as far as the state implies them; None if neither tells."""
    if history:
        return history_flags(history) if len(history) <= 64 else history_flags.__wrapped__(history)
    return _STATE_FLAGS.get(state or "", (None, None))


def _conn(
    offset: int, ts: Any, orig_h: Any, orig_p: Any, resp_h: Any, resp_p: Any, proto: Any, service: Any, duration: Any,
    state: Any, history: Any, orig_pkts: Any, orig_bytes: Any, resp_pkts: Any, resp_bytes: Any, ip_proto: Any,
) -> Row:  # fmt: skip
    start = time_us(ts)
    source, target = address(orig_h), address(resp_h)
    protocol = whole(ip_proto, 255) or ip_protocol(proto, v6=":" in source)
    state = string(state)
    flags_out, flags_in = tcp_flags(string(history), state) if protocol == IpProtocol.TCP else (None, None)
    src_port, dst_port, icmp_type = port(orig_p), port(resp_p), None
    if protocol in (IpProtocol.ICMP, IpProtocol.ICMPV6):  # Zeek writes type and code where the ports stand
        src_port, dst_port, icmp_type = None, None, src_port
    return (
        offset, start, end_us(start, seconds(duration)), source, src_port, target, dst_port, protocol,
        flags_out, flags_in, icmp_type, whole(orig_pkts), whole(orig_bytes), whole(resp_pkts), whole(resp_bytes),
        state, _joined(service),
    )  # fmt: skip


def _dns(
    offset: int, ts: Any, orig_h: Any, orig_p: Any, resp_h: Any, resp_p: Any,
    query: Any, qtype_name: Any, qtype: Any, rcode_name: Any, answers: Any,
) -> Row:  # fmt: skip
    asked, kind = string(query), string(qtype_name) or string(qtype)
    return (
        offset, time_us(ts), address(orig_h), port(orig_p), address(resp_h), port(resp_p),
        asked and asked.lower(), "ANY" if kind == "*" else kind, string(rcode_name), _joined(answers),
    )  # fmt: skip


def _http(
    offset: int, ts: Any, orig_h: Any, _orig_p: Any, resp_h: Any, resp_p: Any, method: Any, host: Any, uri: Any,
    referrer: Any, user_agent: Any, length: Any, status: Any, user: Any,
) -> Row:  # fmt: skip
    target = split_target(string(uri) or "")
    return (
        offset, time_us(ts), address(orig_h), address(resp_h), port(resp_p), string(method),
        host_name(string(host)) or target.host, target.path, target.query,
        string(user_agent), string(referrer), whole(status, INT32), whole(length), string(user),
    )  # fmt: skip


def _joined(value: Any) -> str | None:
    """A Zeek vector or set (a list) joined by commas; a plain value as it is."""
    if type(value) is list:
        return ",".join(filter(None, map(string, value))) or None
    return string(value)


LOGS = {
    "conn": Log(
        "network_activity",
        FLOW_COLUMNS,
        (*_ENDPOINT_FIELDS, "proto", "service", "duration", "conn_state", "history",
         "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes", "ip_proto"),
        _conn,
        {"sampling_rate": 1},
    ),
    "dns": Log(
        "dns_activity",
        ("record_offset", "time", "src_endpoint_ip", "src_endpoint_port", "dst_endpoint_ip", "dst_endpoint_port",
         "query_hostname", "query_type", "rcode", "answers"),
        (*_ENDPOINT_FIELDS, "query", "qtype_name", "qtype", "rcode_name", "answers"),
        _dns,
        {},
    ),
    "http": Log(
        "http_activity",
        ("record_offset", "time", "src_endpoint_ip", "dst_endpoint_ip", "dst_endpoint_port", "http_request_http_method",
         "http_request_url_hostname", "http_request_url_path", "http_request_url_query_string", "http_request_user_agent",
         "http_request_referrer", "http_response_code", "http_response_length_bytes", "actor_user_name"),
        (*_ENDPOINT_FIELDS, "method", "host", "uri", "referrer", "user_agent", "response_body_len", "status_code", "username"),
        _http,
        {},
    ),
}  # fmt: skip


def getter(fields: Sequence[str], log: Log) -> Callable[[list[Any]], tuple[Any, ...]]:
    """Pick the log's fields out of a row of values that are named by ``fields`` and end with an extra None."""
    places = {name: place for place, name in enumerate(fields)}
    return itemgetter(*(places.get(name, -1) for name in log.fields))
