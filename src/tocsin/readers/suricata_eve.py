"""Suricata's EVE log: flow, netflow, http and dns events; other types are passed over.

Also as AWS Network Firewall wraps it (``{"event": {…}}``). Suricata counts whole frames (``GET_PKT_LEN``); how they become IP
bytes says ``_flows.ip_bytes``. A log with both flow and netflow events tells each packet twice: the type that comes first is read,
the other is not, and a fault says so. Source: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html.

DNS: one row per query. Versions 2 and 3 log a query and one answer event, version 1 an answer event per record; they are joined by
flow and DNS id over the latest queries, and an answer whose query is not there makes a row of its own. About 4,096 characters of
answers are kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._flows import FLOW_COLUMNS, ip_bytes, ip_protocol
from tocsin.readers._json import head_objects, is_suricata, json_object
from tocsin.readers._lines import INT32, Rows, address, iso_us, port, read_lines, shown, string, whole
from tocsin.readers._web import host_name, split_target
from tocsin.terms import IpProtocol

PENDING_QUERIES = 10_000
# What a hostile log can make us hold while queries wait.
_ANSWERS_MOST, _ANSWERS_CHARS_MOST, _NAME_MOST, _WORD_MOST = 100, 4096, 1024, 32
_OTHER_TYPES_MOST = 50

_HTTP_COLUMNS = (
    "record_offset", "time", "src_endpoint_ip", "dst_endpoint_ip", "dst_endpoint_port", "http_request_http_method",
    "http_request_url_hostname", "http_request_url_path", "http_request_url_query_string", "http_request_user_agent",
    "http_request_referrer", "http_response_code", "http_response_length_bytes",
)  # fmt: skip
_DNS_COLUMNS = (
    "record_offset", "time", "src_endpoint_ip", "src_endpoint_port", "dst_endpoint_ip", "dst_endpoint_port",
    "query_hostname", "query_type", "rcode", "answers",
)  # fmt: skip

Record = Mapping[str, Any]


def claims(head: bytes, name: str) -> bool:
    """The first object is an EVE event."""
    objects = head_objects(head)
    return bool(objects) and is_suricata(unwrapped(objects[0]))


def unwrapped(record: dict[str, Any]) -> dict[str, Any]:
    """The event itself where it comes in an envelope."""
    event = record.get("event")
    return event if type(event) is dict and "event_type" not in record else record


def _part(event: Record, key: str) -> Record:
    part = event.get(key)
    if type(part) is not dict:
        raise ValueError(f"expected an object {key!r}")
    return part


def _endpoints(event: Record) -> tuple[str, int | None, str, int | None]:
    return (
        address(event.get("src_ip")),
        port(event.get("src_port")),
        address(event.get("dest_ip")),
        port(event.get("dest_port")),
    )


def _flags(value: Any) -> int | None:
    """TCP flags, written in hexadecimal."""
    text = string(value)
    try:
        return None if text is None else int(text, 16) & 0xFF
    except ValueError as error:
        raise ValueError("expected TCP flags in hexadecimal") from error


def _flow(offset: int, event: Record, kind: str) -> tuple[Any, ...]:
    src_ip, src_port, dst_ip, dst_port = _endpoints(event)
    flow, protocol = _part(event, kind), ip_protocol(event.get("proto"), v6=":" in src_ip)
    start = iso_us(flow.get("start") or event["timestamp"])
    end = iso_us(flow["end"]) if flow.get("end") else start
    flags_out, flags_in, icmp_type = None, None, None
    if protocol == IpProtocol.TCP and "tcp" in event:
        tcp = _part(event, "tcp")
        # A netflow event is one direction; its flags are in `tcp_flags`, which a flow event fills with both directions'.
        flags_out, flags_in = (
            _flags(tcp.get("tcp_flags" if kind == "netflow" else "tcp_flags_ts")),
            _flags(tcp.get("tcp_flags_tc")),
        )
    if protocol in (IpProtocol.ICMP, IpProtocol.ICMPV6):
        src_port, dst_port, icmp_type = None, None, whole(event.get("icmp_type"), 255)
    if kind == "netflow":
        packets_out, bytes_out, packets_in, bytes_in = whole(flow.get("pkts")), whole(flow.get("bytes")), None, None
    else:
        packets_out, bytes_out = whole(flow.get("pkts_toserver")), whole(flow.get("bytes_toserver"))
        packets_in, bytes_in = whole(flow.get("pkts_toclient")), whole(flow.get("bytes_toclient"))
    app = string(event.get("app_proto"))
    return (
        offset, start, max(start, end), src_ip, src_port, dst_ip, dst_port, protocol, flags_out, flags_in, icmp_type,
        packets_out, ip_bytes(bytes_out, packets_out), packets_in, ip_bytes(bytes_in, packets_in),
        string(flow.get("state")), None if app == "failed" else app,
    )  # fmt: skip


def _http(offset: int, event: Record) -> tuple[Any, ...]:
    src_ip, _, dst_ip, dst_port = _endpoints(event)
    http = _part(event, "http")
    target = split_target(string(http.get("url")) or "")
    return (
        offset, iso_us(event["timestamp"]), src_ip, dst_ip, dst_port, string(http.get("http_method")),
        host_name(string(http.get("hostname"))) or target.host, target.path, target.query,
        string(http.get("http_user_agent")), string(http.get("http_refer")), whole(http.get("status"), INT32),
        whole(http.get("length")),
    )  # fmt: skip


class _Dns:
    """Joins queries and answers to rows; holds at most ``PENDING_QUERIES`` of them."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._pending: dict[tuple[Any, Any], list[list[Any]]] = {}
        self._held = 0

    def take(self, offset: int, event: Record) -> None:
        """Take in a dns event. Raises ValueError before anything was changed."""
        dns = _part(event, "dns")
        key = (whole(event.get("flow_id")), whole(dns.get("id"), 65535))
        kind = dns.get("type")
        if kind not in ("query", "request", "answer", "response"):
            raise ValueError("expected a dns event of type query, request, answer or response")
        if kind in ("answer", "response"):
            self._answer(key, offset, event, dns)
        elif None in key:
            self._emit(self._row(offset, event, dns))
        else:
            self._hold(key, self._row(offset, event, dns))

    def _row(self, offset: int, event: Record, dns: Record) -> list[Any]:
        client, client_port, server, server_port = _endpoints(event)
        if client_port == 53 != server_port:  # some versions log an answer from the server's side
            client, client_port, server, server_port = server, server_port, client, client_port
        queries = dns.get("queries")
        asked = queries[0] if type(queries) is list and queries and type(queries[0]) is dict else dns
        name = string(asked.get("rrname"))
        return [offset, iso_us(event["timestamp"]), client, client_port, server, server_port,
                name and name.lower()[:_NAME_MOST], (string(asked.get("rrtype")) or "")[:_WORD_MOST] or None, None, []]  # fmt: skip

    def _answer(self, key: tuple[Any, Any], offset: int, event: Record, dns: Record) -> None:
        answers, rcode = _answers(dns), (string(dns.get("rcode")) or "")[:_WORD_MOST] or None
        waiting = self._pending.get(key)
        row = waiting[0] if waiting else self._row(offset, event, dns)
        row[-2] = row[-2] or rcode
        for answer in answers:
            if sum(map(len, row[-1])) < _ANSWERS_CHARS_MOST:
                row[-1].append(answer[:_NAME_MOST])
        one_event_per_record = dns.get("version") in (None, 1) and "rdata" in dns and None not in key
        if one_event_per_record and not waiting:
            self._hold(key, row)
        elif not one_event_per_record:
            if waiting:
                waiting.pop(0)
                self._held -= 1
                if not waiting:
                    del self._pending[key]
            self._emit(row)

    def _hold(self, key: tuple[Any, Any], row: list[Any]) -> None:
        self._pending.setdefault(key, []).append(row)
        self._held += 1
        while self._held > PENDING_QUERIES:
            self._release(next(iter(self._pending)))

    def _release(self, key: tuple[Any, Any]) -> None:
        rows = self._pending.pop(key)
        self._held -= len(rows)
        for row in rows:
            self._emit(row)

    def _emit(self, row: list[Any]) -> None:
        self._rows.add((*row[:-1], ",".join(row[-1]) or None))

    def finish(self) -> None:
        """Let go of what still waits for an answer."""
        for key in list(self._pending):
            self._release(key)


def _answers(dns: Record) -> list[str]:
    """The data of the answers, in whichever of the three shapes they come."""
    records, grouped = dns.get("answers"), dns.get("grouped")
    if type(records) is list:
        data = [record.get("rdata") for record in records[:_ANSWERS_MOST] if type(record) is dict]
    elif type(grouped) is dict:
        data = [value for values in grouped.values() if type(values) is list for value in values[:_ANSWERS_MOST]]
    else:
        data = [dns.get("rdata")]
    return [text for text in (string(value) for value in data if type(value) is str) if text]


@reader(
    title="Suricata EVE log: flow, netflow, http, dns",
    tables=("network_activity", "http_activity", "dns_activity"),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read flow, netflow, http and dns events; the rest of the contract is that of ``tocsin.readers.Read``."""
    flows = Rows("network_activity", FLOW_COLUMNS, evidence_id, sampling_rate=1)
    https = Rows("http_activity", _HTTP_COLUMNS, evidence_id)
    lookups = Rows("dns_activity", _DNS_COLUMNS, evidence_id)
    tables, dns = [flows, https, lookups], _Dns(lookups)
    flow_kind = ""
    others: dict[str, int] = {}
    double: list[int] = []  # offset of the first flow event of the other kind, and how many there are

    def parse(offset: int, line: str) -> None:
        nonlocal flow_kind
        event = unwrapped(json_object(line))
        kind = event.get("event_type")
        if type(kind) is not str or type(event.get("timestamp")) is not str:
            raise ValueError("expected an EVE event with timestamp and event_type")
        if kind in ("flow", "netflow"):
            flow_kind = flow_kind or kind
            if kind == flow_kind:
                flows.add(_flow(offset, event, kind))
            else:
                double[:] = [double[0], double[1] + 1] if double else [offset, 1]
        elif kind == "http":
            https.add(_http(offset, event))
        elif kind == "dns":
            dns.take(offset, event)
        elif len(others) < _OTHER_TYPES_MOST or kind[:40] in others:
            others[kind[:40]] = others.get(kind[:40], 0) + 1

    seen = 0
    for batch in read_lines(
        stream, parse, tables, evidence_id=evidence_id, report=report, last_may_be_cut=False, finish=dns.finish
    ):
        seen += batch.rows.num_rows
        yield batch
    if double:
        reason = (
            f"expected {flow_kind} events only, found {double[1]:,} of the other kind too; those tell the same packets again"
        )
        report(Fault(evidence_id, double[0], reason + " and were left out"))
    if others and not seen:
        found = ", ".join(f"{count:,} {shown(kind, 40)}" for kind, count in others.items())
        report(Fault(evidence_id, 0, f"expected flow, netflow, http or dns events, found only {found}; these are not read"))
