"""Web-server access logs of the same requests that the packets carry."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import ADDRESS, texts
from tocsin.scenario.packets import taken
from tocsin.scenario.stage import SECOND, Site, Strings

Array = npt.NDArray[Any]


class Entry(NamedTuple):
    """A request with its texts; ``second`` and ``millisecond`` of the time that the format tells."""

    second: int
    millisecond: int
    client: str
    method: str
    target: str
    status: int
    size: int
    referrer: str
    agent: str
    duration_s: float
    port: int


def in_order(requests: Array) -> Array:
    """Requests in the order in which servers log them: when the answer was finished."""
    return taken(requests, np.argsort(requests["time_ns"] + requests["duration_ns"], kind="stable"))


def _entries(requests: Array, strings: Strings, *, finished: bool) -> Iterator[Entry]:
    names = strings.all()
    clients = np.empty(len(requests), ADDRESS)
    clients["hi"], clients["lo"] = requests["client_hi"], requests["client_lo"]
    time_ns = requests["time_ns"] + (requests["duration_ns"] if finished else 0)
    columns = (
        (time_ns // SECOND).tolist(), (time_ns % SECOND // 1_000_000).tolist(), texts(clients),
        *([names[number] for number in requests[name].tolist()] for name in ("method", "target")),
        requests["status"].tolist(), requests["size"].tolist(),
        *([names[number] for number in requests[name].tolist()] for name in ("referrer", "agent")),
        (requests["duration_ns"] / SECOND).tolist(), requests["port"].tolist(),
    )  # fmt: skip
    return (Entry(*values) for values in zip(*columns, strict=True))


class _Clock:
    """Formats seconds, each once: a log has many lines a second."""

    def __init__(self, form: str) -> None:
        self._form, self._second, self._text = form, -1, ""

    def text(self, second: int) -> str:
        if second != self._second:
            self._second, self._text = second, datetime.fromtimestamp(second, UTC).strftime(self._form)
        return self._text


def combined(requests: Array, strings: Strings, site: Site) -> Iterator[str]:
    """Apache's combined format: the time is that of the request, the order that of the answers."""
    clock = _Clock("%d/%b/%Y:%H:%M:%S +0000")
    for entry in _entries(requests, strings, finished=False):
        size = entry.size or "-"
        yield (
            f'{entry.client} - - [{clock.text(entry.second)}] "{entry.method} {entry.target} HTTP/1.1" {entry.status} {size} '
            f'"{entry.referrer or "-"}" "{entry.agent}"\n'
        )


def nginx(requests: Array, strings: Strings, site: Site) -> Iterator[str]:
    """nginx's usual format with ``$http_x_forwarded_for`` and ``$request_time``: the time is that of the answer."""
    clock = _Clock("%d/%b/%Y:%H:%M:%S +0000")
    for entry in _entries(requests, strings, finished=True):
        yield (
            f'{entry.client} - - [{clock.text(entry.second)}] "{entry.method} {entry.target} HTTP/1.1" {entry.status} '
            f'{entry.size} "{entry.referrer or "-"}" "{entry.agent}" "-" {entry.duration_s:.3f}\n'
        )


def iis(requests: Array, strings: Strings, site: Site) -> Iterator[str]:
    """IIS's W3C extended format, with its defaults and the bytes sent; times in UTC."""
    clock = _Clock("%Y-%m-%d %H:%M:%S")
    begin = clock.text(int(requests["time_ns"][0] // SECOND)) if len(requests) else "2022-02-15 00:00:00"
    yield (
        f"#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: {begin}\n"
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
        "sc-status sc-substatus sc-win32-status sc-bytes time-taken\n"
    )
    for entry in _entries(requests, strings, finished=True):
        stem, _, query = entry.target.partition("?")
        yield (
            f"{clock.text(entry.second)} {site.web} {entry.method} {stem} {query or '-'} {entry.port} - {entry.client} "
            f"{entry.agent.replace(' ', '+') or '-'} {entry.referrer or '-'} {entry.status} 0 0 {entry.size} "
            f"{entry.duration_s * 1000:.0f}\n"
        )


def json_lines(requests: Array, strings: Strings, site: Site) -> Iterator[str]:
    """nginx with a JSON format, one object a line."""
    clock = _Clock("%Y-%m-%dT%H:%M:%S+00:00")
    for entry in _entries(requests, strings, finished=True):
        yield json.dumps(
            {
                "time_iso8601": clock.text(entry.second), "remote_addr": entry.client, "host": f"www.{site.domain}",
                "server_port": str(entry.port), "request_method": entry.method, "request_uri": entry.target,
                "status": entry.status, "body_bytes_sent": entry.size, "request_time": round(entry.duration_s, 3),
                "http_referer": entry.referrer or "-", "http_user_agent": entry.agent,
            }
        ) + "\n"  # fmt: skip


FORMATS: dict[str, Callable[[Array, Strings, Site], Iterator[str]]] = {
    "combined": combined,
    "nginx": nginx,
    "iis": iis,
    "json": json_lines,
}


def write_log(path: Path, requests: Array, strings: Strings, site: Site, form: str) -> None:
    """Write a log of requests, which must be ``in_order``, in one of ``FORMATS``."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(FORMATS[form](requests, strings, site))
