"""Web-server logs in W3C extended format: IIS, and others that write it (CloudFront).

The ``#Fields:`` line says which columns follow; it may come again with others after a restart. Times are UTC, as the format says;
where a log has no date column, the day is that of the last ``#Date:`` line. IIS writes when the answer was finished. ``+`` in user
agent and referrer stands for a space. ``time-taken`` is milliseconds (IIS, whole numbers) or seconds (with decimals).
Source: https://www.w3.org/TR/WD-logfile.html, https://learn.microsoft.com/windows/win32/http/w3c-logging.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Any, BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._lines import INT32, Rows, address_or_name, head_lines, iso_us, port, read_lines, seconds, string, whole
from tocsin.readers._web import host_name

_COLUMNS = (
    "record_offset", "time", "src_endpoint_ip", "dst_endpoint_ip", "dst_endpoint_port", "http_request_http_method",
    "http_request_url_hostname", "http_request_url_path", "http_request_url_query_string", "http_request_user_agent",
    "http_request_referrer", "http_response_code", "http_response_length_bytes", "duration_s", "actor_user_name",
)  # fmt: skip
_WANTED = (
    "date", "time", "c-ip", "s-ip", "s-port", "cs-method", "cs-host", "cs-uri-stem", "cs-uri-query", "cs(user-agent)",
    "cs(referer)", "sc-status", "sc-bytes", "time-taken", "cs-username",
)  # fmt: skip
_FIELDS_MOST = 200


def claims(head: bytes, name: str) -> bool:
    """Directives first, among them ``#Fields:`` with the columns of a web server (the Windows firewall writes the format too)."""
    for line in head_lines(head, most=20):
        if not line.startswith("#"):
            return False
        fields = _fields(line)
        if fields:
            return "c-ip" in fields and ("cs-method" in fields or "cs-uri-stem" in fields)
    return False


def _fields(line: str) -> list[str]:
    """The columns that a ``#Fields:`` line names, lower case; none if it is another line."""
    directive, _, names = line.partition(":")
    return names.lower().split() if directive.lower() == "#fields" else []


def _time_us(date: str, time: str) -> int:
    if len(date) + len(time) > 40:  # nothing long goes into the cache
        raise ValueError("expected a date and a time")
    return _second_us(date, time)


@lru_cache(maxsize=4096)
def _second_us(date: str, time: str) -> int:
    return iso_us(f"{date} {time}")


def _taken_s(value: str | None) -> float | None:
    return seconds(value, 1.0 if value and "." in value else 1e-3)


def _spaced(value: str | None) -> str | None:
    return value.replace("+", " ") if value else None


@reader(
    title="Web-server log in W3C extended format: IIS",
    tables=("http_activity",),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read one request per line; the rest of the contract is that of ``tocsin.readers.Read``."""
    rows = Rows("http_activity", _COLUMNS, evidence_id)
    day = ""
    width = 0
    get: Callable[[list[Any]], tuple[Any, ...]] | None = None

    def directive(line: str) -> None:
        nonlocal day, width, get
        if line[:6].lower() == "#date:":
            day = line[6:].strip()[:10]
        fields = _fields(line)
        if fields:
            if len(fields) > _FIELDS_MOST or "c-ip" not in fields or "time" not in fields:
                get = None
                raise ValueError(f"expected at most {_FIELDS_MOST} fields with time and c-ip among them")
            fields = ["cs-host" if field in ("cs(host)", "x-host-header") else field for field in fields]
            width, get = len(fields), itemgetter(*(fields.index(name) if name in fields else -1 for name in _WANTED))

    def parse(offset: int, line: str) -> None:
        if line.startswith("#"):
            directive(line)
            return
        values: list[Any] = line.split("\t" if "\t" in line else " ")
        if get is None:
            raise ValueError("expected a #Fields: line before the first record")
        if len(values) != width:
            raise ValueError(f"expected {width} fields, not {len(values)}")
        values.append(None)
        date, time, client, server, server_port, method, host, stem, query, agent, referrer, status, size, taken, user = get(
            values
        )
        client, server = string(client), string(server)
        rows.add((
            offset,
            _time_us(date or day, time),
            client and address_or_name(client),
            server and address_or_name(server),
            port(server_port),
            string(method),
            host_name(host),
            string(stem),
            string(query),
            _spaced(string(agent)),
            _spaced(string(referrer)),
            whole(status, INT32),
            whole(size),
            _taken_s(taken),
            string(user),
        ))  # fmt: skip

    yield from read_lines(stream, parse, [rows], evidence_id=evidence_id, report=report)
