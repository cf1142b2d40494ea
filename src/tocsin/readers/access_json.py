"""Web-server access logs as JSON, one object per line: nginx, Caddy, Traefik, Apache and others with the usual key names.

Keys are compared without case, ``_``, ``-`` and ``.``. The first of these that an object has counts:

    time        StartUTC, time_iso8601, @timestamp, timestamp, time_local, datetime, event_datetime, start_time, time, ts, msec, date
    client      client_ip, remote_addr, remote_ip, ClientHost, ClientAddr, remote_address, client, remote_host, ip
    status      status, DownstreamStatus, status_code, response_code, response_status
    request     request, request_line (a whole request line, or a path where the method has its own key)
    method      request_method, RequestMethod, method, http_method, verb
    target      request_uri, uri, RequestPath, path, url, request_target
    query       query_string, args, query
    bytes       body_bytes_sent, bytes_sent, DownstreamContentSize, size, bytes, bytes_out, response_size, response_length
    host        http_host, host, RequestHost, server_name, vhost
    user agent  http_user_agent, user_agent, request_User-Agent, agent
    referrer    http_referer, http_referrer, referer, referrer, request_Referer
    user        remote_user, ClientUsername, user_id, user, username
    server      server_addr, server_ip, server_port

Durations: ``request_time`` with decimals is seconds (nginx); ``duration`` is seconds in Caddy and nanoseconds in Traefik; keys that end
in ``_ms``, ``_us`` or ``microseconds`` say their unit. Others do not, and are left. Caddy's nested ``request`` is looked into. Lines
of the same program that are no requests (Caddy, Traefik) are passed over.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._json import head_objects, is_suricata, is_zeek, json_object
from tocsin.readers._lines import (
    INT32,
    Rows,
    address_or_name,
    epoch_us,
    log_time_us,
    port,
    read_lines,
    seconds,
    string,
    whole,
)  # fmt: skip
from tocsin.readers._web import host_name, split_request, split_target
from tocsin.readers.suricata_eve import unwrapped

_COLUMNS = (
    "record_offset", "time", "src_endpoint_ip", "dst_endpoint_ip", "dst_endpoint_port", "http_request_http_method",
    "http_request_url_hostname", "http_request_url_path", "http_request_url_query_string", "http_request_user_agent",
    "http_request_referrer", "http_response_code", "http_response_length_bytes", "duration_s", "actor_user_name",
)  # fmt: skip

_NAMES = {
    "time": "startutc timeiso8601 @timestamp timestamp timelocal datetime eventdatetime starttime time ts msec date",
    "client": "clientip remoteaddr remoteip clienthost clientaddr remoteaddress client remotehost ip",
    "status": "status downstreamstatus statuscode responsecode responsestatus",
    "request": "request requestline",
    "method": "requestmethod method httpmethod verb",
    "target": "requesturi uri requestpath path url requesttarget",
    "query": "querystring args query",
    "bytes": "bodybytessent bytessent downstreamcontentsize size bytes bytesout responsesize responselength",
    "host": "httphost host requesthost servername vhost",
    "agent": "httpuseragent useragent requestuseragent agent",
    "referrer": "httpreferer httpreferrer referer referrer requestreferer",
    "user": "remoteuser clientusername userid user username",
    "server": "serveraddr serverip",
    "port": "serverport",
}
_TIMED = re.compile(
    r"(?:request|response|process)?(?:time|timetaken|duration|latency|elapsed)(?P<unit>ms|us|milliseconds|microseconds)"
)
_UNITS = {"ms": 1e-3, "milliseconds": 1e-3, "us": 1e-6, "microseconds": 1e-6}
_LAYOUTS_MOST, _LAYOUT_LINE_MOST = 200, 16_384  # what is remembered of a hostile file stays small


@dataclass(frozen=True, slots=True)
class Layout:
    """Which key of an object holds what, and which one the duration, in how many seconds; "" where none does."""

    keys: Mapping[str, str]
    duration: str
    unit_s: float
    decimals: bool  # the duration counts only if written with decimals


def layout_of(keys: tuple[str, ...]) -> Layout:
    """The layout of an object with these keys."""
    plain: dict[str, str] = {}
    for key in keys:
        plain.setdefault(key.lower().replace("_", "").replace("-", "").replace(".", ""), key)
    found = {}
    for what, names in _NAMES.items():
        known = next((plain[name] for name in names.split() if name in plain), None)
        if known is not None:
            found[what] = known
    if "duration" in plain and ("downstreamstatus" in plain or "logger" in plain):
        return Layout(found, plain["duration"], 1e-9 if "downstreamstatus" in plain else 1.0, decimals=False)
    for name, key in plain.items():
        timed = _TIMED.fullmatch(name)
        if timed:
            return Layout(found, key, _UNITS[timed["unit"]], decimals=False)
    return Layout(found, plain.get("requesttime", ""), 1.0, decimals=True)


def flattened(record: dict[str, Any]) -> dict[str, Any]:
    """Caddy's nested request beside the rest, with the two headers we keep; other records as they are."""
    request = record.get("request")
    if type(request) is not dict:
        return record
    flat = {key: value for key, value in record.items() if key != "request"} | request
    headers = flat.pop("headers", None)
    if type(headers) is dict:
        for name in ("User-Agent", "Referer"):
            values = headers.get(name)
            if type(values) is list and values:
                flat[name] = values[0]
    return flat


def is_access(record: dict[str, Any]) -> bool:
    """Whether it is a request: client, time, status, and what was asked for."""
    if is_suricata(unwrapped(record)) or is_zeek(record):
        return False
    known = set(layout_of(tuple(flattened(record))).keys)
    return {"client", "time", "status"} <= known and bool({"request", "target"} & known)


def claims(head: bytes, name: str) -> bool:
    """One of the first objects is a request, and the first is no record of another reader's."""
    objects = head_objects(head)
    if not objects or is_suricata(unwrapped(objects[0])) or is_zeek(objects[0]):
        return False
    return any(is_access(record) for record in objects)


def _time_us(value: Any) -> int:
    """From a number (seconds, or milli-, micro-, nanoseconds if too large for that), its text, or a written time."""
    if type(value) is str and not value.replace(".", "", 1).isdecimal():
        if len(value) > 64:
            raise ValueError("expected a time")
        return log_time_us(value)
    try:
        count = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("expected a time") from error
    unit = 1.0
    while count * unit > 1e11 and unit > 1e-9:
        unit /= 1000
    return epoch_us(value, unit)


def _duration_s(value: Any, layout: Layout) -> float | None:
    if type(value) not in (int, float, str) or (layout.decimals and type(value) is not float and "." not in str(value)):
        return None
    try:
        return seconds(value, layout.unit_s)
    except ValueError:  # written out (`1.2ms`), or nginx' `-` and lists of upstream times
        return None


def _asked(get: Any) -> tuple[str | None, str | None, str | None, str | None]:
    """Method, host (from an absolute URL), path and query."""
    request, method, target, query = string(get("request")), string(get("method")), string(get("target")), string(get("query"))
    if request:
        said, requested = split_request(request)
        if said is not None or target is None:
            method, target = method or said, target or requested
    host, path, inline = split_target(target or "")
    query = query.removeprefix("?") if query else None
    return method, host, path, inline if inline is not None else query or None


def _client(value: Any) -> str | None:
    text = string(value)
    if text is None:
        return None
    host, colon, digits = text.rpartition(":")
    if colon and digits.isdecimal() and (host.startswith("[") or ":" not in host):
        text = host  # with its port (Traefik's ClientAddr)
    return address_or_name(text)


@reader(
    title="Web-server access log (JSON): nginx, Caddy, Traefik, Apache",
    tables=("http_activity",),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read one request per line; the rest of the contract is that of ``tocsin.readers.Read``."""
    rows = Rows("http_activity", _COLUMNS, evidence_id)
    layouts: dict[tuple[str, ...], Layout] = {}

    def parse(offset: int, line: str) -> None:
        record = flattened(json_object(line))
        keys = tuple(record)
        layout = layouts.get(keys)
        if layout is None:
            layout = layout_of(keys)
            if len(layouts) < _LAYOUTS_MOST and len(line) <= _LAYOUT_LINE_MOST:
                layouts[keys] = layout
        names = layout.keys

        def get(what: str) -> Any:
            return record[names[what]] if what in names else None

        if "status" not in names and "client" not in names:
            return  # not a request: the program's own messages
        if not ("time" in names and "client" in names and ("target" in names or "request" in names)):
            raise ValueError("expected a request with time, client and target")
        method, host, path, query = _asked(get)
        server = string(get("server"))
        rows.add((
            offset,
            _time_us(get("time")),
            _client(get("client")),
            server and address_or_name(server),
            port(get("port")),
            method,
            host_name(string(get("host"))) or host,
            path,
            query,
            string(get("agent")),
            string(get("referrer")),
            whole(get("status"), INT32),
            whole(get("bytes")),
            _duration_s(record.get(layout.duration), layout),
            string(get("user")),
        ))  # fmt: skip

    yield from read_lines(stream, parse, [rows], evidence_id=evidence_id, report=report, last_may_be_cut=False)
