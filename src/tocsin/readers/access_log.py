"""Web-server access logs in NCSA form: common, combined, with a virtual host in front, with extras behind, in syslog lines.

    [vhost[:port] ]client ident user [time] "request" status bytes[ "referrer" "user agent"[ extras]]

Apache, nginx (its default), Tomcat, lighttpd, Traefik, HAProxy's CLF and others. The time is in brackets, ``15/Feb/2022:13:02:11
+0200`` or ISO 8601; Apache writes when the request came, nginx when the answer was finished. A request that is no HTTP (TLS bytes on
a plain port) has no method and stands in the path as logged; ``-`` has neither. ``\\"`` becomes a quotation mark, other escapes stay.

The duration is taken from extras whose unit is certain: nginx's ``$request_time``, seconds with three decimals, after the user agent
with at most a string and a length between; ``rt=0.123`` and its longer names; ``12ms`` at the end (Traefik). Other numbers (Apache's
``%D``, ``%T``) do not tell their unit and are left. So is X-Forwarded-For: whoever sends it can write anything.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._lines import Block, Rows, address_or_name, head_lines, is_address, log_time_us, read_lines
from tocsin.readers._syslog import header
from tocsin.readers._web import host_name, split_request, split_target

# Possessive and atomic parts: the time to refuse a hostile line grows with its length, not with its square.
_LINE = re.compile(
    r"(?>(?P<who>.{1,1024}?) \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)\] \")"
    r'(?P<request>[^"\\]*+(?:\\.[^"\\]*+)*+)" (?P<status>\d{3}|-) (?P<size>\d{1,18}|-)(?![^ ])'
    r'(?: "(?P<referrer>[^"\\]*+(?:\\.[^"\\]*+)*+)" "(?P<agent>[^"\\]*+(?:\\.[^"\\]*+)*+)")?(?P<extras>.*)'
)
# The same for the plainest lines, as bytes and in groups that are columns: three words in front, a path, no quotation marks
# inside. Whoever uses it leaves lines with escapes and bytes beyond ASCII to the pattern above.
_PLAIN = re.compile(
    rb"(?:(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))"
    rb' [^ ]{1,255}+ [^ :\[\]"]{1,64}+(?:\[\d{1,10}\])?: )?'
    rb"([^ \0]{1,255}+) [^ ]{1,255}+ ([^ ]{1,255}+) \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    rb'"([A-Z]{1,32}+) (/[^ "?]*+)(?:\?([^ "]*+))? HTTP/[0-9.]{1,8}+" (\d{3}) (\d{1,18}+|-)(?: "([^"]*+)" "([^"]*+)")?+(| [^\r\0]*+)\r?'
)
# What container runtimes and docker compose put before each line of a program.
_CONTAINER = re.compile(r"\S{20,40} (?:stdout|stderr) [FP] |\S{1,64} +\| ")
_REQUEST_TIME = re.compile(r'(?: "[^"]{0,2000}+")?(?: \d{1,12}+)? (\d{1,9}\.\d{3})(?![\d.])')
_NAMED_TIME = re.compile(r'(?:^|[\s",])(?:rt|request_time|req_time)[=:] ?"?(\d{1,9}\.\d{1,6})')
_MILLISECONDS = re.compile(r" (\d{1,12}(?:\.\d{1,6})?)ms$")

_COLUMNS = (
    "record_offset", "time", "src_endpoint_ip", "dst_endpoint_port", "http_request_http_method", "http_request_url_hostname",
    "http_request_url_path", "http_request_url_query_string", "http_request_user_agent", "http_request_referrer",
    "http_response_code", "http_response_length_bytes", "duration_s", "actor_user_name",
)  # fmt: skip


def claims(head: bytes, name: str) -> bool:
    """Half of the first lines are such records; in syslog one is enough, if firewall records are not more."""
    lines = head_lines(head)
    records = [line for line in lines if is_record(line)]
    if 2 * len(records) >= len(lines):
        return bool(records)
    in_syslog = [line for line in lines if header(line)]
    firewall = [line for line in in_syslog if " SRC=" in line and " DST=" in line]
    return len(in_syslog) >= 0.9 * len(lines) and len(records) > len(firewall)


def duration_s(extras: str) -> float | None:
    """The time taken, from what stands behind the user agent, if its unit is certain."""
    if not extras:
        return None
    extras = extras[:4096]
    found = _REQUEST_TIME.match(extras) or _NAMED_TIME.search(extras)
    if found:
        return float(found[1])
    found = _MILLISECONDS.search(extras)
    return float(found[1]) / 1000 if found else None


def is_record(line: str) -> bool:
    """Whether the line holds an access-log record."""
    return _LINE.match(line) is not None


def _who(who: str) -> tuple[str, str | None, str]:
    """Client, virtual host (``host:port``) and user, out of what stands before the time. Raises ValueError."""
    container = _CONTAINER.match(who)
    head = None if container else header(who + " ")
    words = who[container.end() if container else head.message if head else 0 :].split(" ")
    vhost = words.pop(0) if len(words) >= 4 and words[1] != "-" and (words[2] == "-" or is_address(words[1])) else None
    if len(words) < 3:
        raise ValueError("expected client, identity and user before the time")
    return words[0], vhost, " ".join(words[2:])


def _vhost_port(vhost: str | None) -> int | None:
    digits = vhost.rpartition(":")[2] if vhost else ""
    return int(digits) if digits.isdecimal() and len(digits) <= 5 and int(digits) <= 65535 else None


def _text(logged: str | None) -> str | None:
    if not logged or logged == "-":
        return None
    return logged.replace('\\"', '"') if "\\" in logged else logged


def _read_plain(rows: Rows, block: Block) -> Block:
    """Read the plainest lines column by column, several times faster than one by one; return the others."""
    found = [_PLAIN.fullmatch(line) if line.isascii() and b"\\" not in line else None for line in block.lines]
    columns = list(zip(*[match.groups() for match in found if match], strict=True))
    if not columns:
        return block
    client, user, time, method, path, query, status, size, referrer, agent, extras = columns
    try:
        times = {text: log_time_us(text.decode()) for text in set(time)}
    except ValueError:  # an impossible date: the lines are looked at one by one
        return block
    plain = [match is not None for match in found]
    rows.add_columns({
        "record_offset": block.select(plain).offsets,
        "time": [times[text] for text in time],
        "src_endpoint_ip": [None if who == b"-" else address_or_name(who.decode()) if b":" in who else who for who in client],
        "http_request_http_method": method,
        "http_request_url_path": path,
        "http_request_url_query_string": query,
        "http_request_user_agent": [None if text == b"-" else text or None for text in agent],
        "http_request_referrer": [None if text == b"-" else text or None for text in referrer],
        "http_response_code": list(map(int, status)),
        "http_response_length_bytes": [None if digits == b"-" else int(digits) for digits in size],
        "duration_s": [duration_s(text.decode()) if text else None for text in extras],
        "actor_user_name": [None if name in (b"-", b'""') else name for name in user],
    })  # fmt: skip
    return block.select([match is None for match in found])


@reader(
    title="Web-server access log: common, combined, nginx default, with virtual host, in syslog",
    tables=("http_activity",),
    claims=claims,
)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read one request per line; lines of other programs in a syslog file are passed over."""
    rows = Rows("http_activity", _COLUMNS, evidence_id)
    match, add = _LINE.match, rows.add
    firewall: list[int] = []  # offset of the first firewall record, and how many there are

    def parse(offset: int, line: str) -> None:
        found = match(line)
        if found is None:
            if not header(line) or '] "' in line:
                raise ValueError("expected an access-log record")
            if " SRC=" in line and " DST=" in line:
                firewall[:] = [firewall[0], firewall[1] + 1] if firewall else [offset, 1]
            return
        who, time, request, status, size, referrer, agent, extras = found.groups()
        words = who.split(" ")
        client, vhost, user = (words[0], None, words[2]) if len(words) == 3 else _who(who)
        method, target = split_request(request)
        if method is None:
            host, path, query = None, _text(request), None
        else:
            host, path, query = split_target(target)
            if "\\" in target:
                path, query = _text(path), _text(query)
        if not client:
            raise ValueError("expected a client at the start of the line")
        add((
            offset,
            log_time_us(time),
            address_or_name(client) if client != "-" else None,
            _vhost_port(vhost),
            method,
            host_name(vhost) or host,
            path,
            query,
            _text(agent),
            _text(referrer),
            None if status == "-" else int(status),
            None if size == "-" else int(size),
            duration_s(extras),
            _text(user) if user != '""' else None,
        ))  # fmt: skip

    bulk = partial(_read_plain, rows)
    yield from read_lines(stream, parse, [rows], evidence_id=evidence_id, report=report, bulk=bulk)
    if firewall:
        reason = f"expected access-log records, found {firewall[1]:,} of a firewall too; they were left out"
        report(Fault(evidence_id, firewall[0], reason))
