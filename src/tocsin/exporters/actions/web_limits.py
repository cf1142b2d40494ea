"""Limits in the web servers themselves, for floods of complete requests and for connections held open.

Source: https://nginx.org/en/docs/http/ngx_http_limit_req_module.html and …limit_conn_module.html;
https://docs.haproxy.org/3.0/configuration.html, sections 7.3.3 and 11.1;
https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html;
https://github.com/jzdziarski/mod_evasive; https://mod-qos.sourceforge.net
"""

from collections.abc import Iterator

from tocsin.exporters.actions._kind import EXPIRY_H, Kind, comment, header, name
from tocsin.exporters.actions._rules import Prefix, rules
from tocsin.model import Finding, Mitigation
from tocsin.terms import Tlp

RATE_MAX = 1_000_000
CONNECTIONS_MAX = 65_535  # nginx takes no more
_REQUEST_TIMEOUT_S = 10
_BURST = 20  # a page brings its pictures and scripts along
_WINDOW_S = 10
_PER_LINE = 10


def why_not(finding: Finding, mitigation: Mitigation) -> str:
    """A limit without a number."""
    most = RATE_MAX if mitigation.effect == "limit_requests" else CONNECTIONS_MAX
    if not 1 <= (mitigation.rate_per_s or 0) <= most:
        return f"A limit of {mitigation.rate_per_s} cannot be set; expected 1 to {most:,}."
    return ""


def apache_why_not(finding: Finding, mitigation: Mitigation) -> str:
    """Its modules limit all clients alike."""
    if mitigation.match.src:
        return "Apache's modules limit every client, not the listed ones alone; that was not measured."
    return why_not(finding, mitigation)


def nginx(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """A file for nginx's ``http`` block."""
    zone, rate = name(finding, mitigation), mitigation.rate_per_s or 0
    key = f"${zone}_key" if mitigation.match.src else "$binary_remote_addr"
    lines = _header(
        finding,
        mitigation,
        tlp,
        deploy=f"as /etc/nginx/conf.d/{zone}.conf; check with `nginx -t`, load with `nginx -s reload`.",
        rollback=f"rm /etc/nginx/conf.d/{zone}.conf && nginx -s reload",
        more=[
            "It holds for every site of this nginx whose server block has no limit of the same sort; to narrow it down, move "
            "the limit line into the victim's server block.",
            "Behind a proxy or a content network, set real_ip_header first, or all visitors count as one.",
            "If `nginx -t` calls a line a duplicate, delete it here.",
        ],
    )
    body: list[str] = []
    if mitigation.match.src:
        body += [f"geo ${zone}_listed {{", "    default 0;", *(f"    {prefix} 1;" for prefix in _sources(mitigation)), "}"]
        body += [f"map ${zone}_listed {key} {{", '    default "";', "    1 $binary_remote_addr;", "}"]
    if mitigation.effect == "limit_requests":
        body += [
            f"limit_req_zone {key} zone={zone}:16m rate={rate}r/s;",
            f"limit_req zone={zone} burst={_BURST + rate} nodelay;",
            "limit_req_status 429;",
        ]
    else:
        body += [
            f"limit_conn_zone {key} zone={zone}:16m;",
            f"limit_conn {zone} {rate};",
            "limit_conn_status 429;",
            f"client_header_timeout {_REQUEST_TIMEOUT_S}s;",
            f"client_body_timeout {_REQUEST_TIMEOUT_S}s;",
            "reset_timedout_connection on;",
        ]
    return comment(lines) + "\n" + "\n".join(body) + "\n"


def nginx_undo(finding: Finding, mitigation: Mitigation) -> str:
    """The command that removes the file."""
    return f"rm /etc/nginx/conf.d/{name(finding, mitigation)}.conf && nginx -s reload"


def haproxy(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """A table as a backend of its own, and the lines for the frontend as comments."""
    table, rate = name(finding, mitigation), mitigation.rate_per_s or 0
    lines = _header(
        finding,
        mitigation,
        tlp,
        deploy="add the backend, copy the commented lines into the victim's frontend; check with `haproxy -c -f`, reload.",
        rollback=haproxy_undo(finding, mitigation),
    )
    counter = f"http_req_rate({_WINDOW_S}s)" if mitigation.effect == "limit_requests" else "conn_cur"
    backend = [f"backend {table}", f"    stick-table type ipv6 size 1m expire 60s store {counter}"]
    return comment(lines) + "\n" + "\n".join(backend) + "\n\n" + comment(_frontend(table, rate, mitigation))


def _frontend(table: str, rate: int, mitigation: Mitigation) -> Iterator[str]:
    sources = [str(prefix) for prefix in _sources(mitigation)]
    listed = f" if {table}_listed" if sources else ""
    yield "In the frontend:"
    for start in range(0, len(sources), _PER_LINE):
        yield f"    acl {table}_listed src {' '.join(sources[start : start + _PER_LINE])}"
    if mitigation.effect == "limit_requests":
        yield f"    http-request track-sc2 src table {table}{listed}"
        yield f"    http-request deny deny_status 429 if {{ sc2_http_req_rate({table}) gt {_WINDOW_S * rate + _BURST} }}"
    else:
        yield f"    timeout http-request {_REQUEST_TIMEOUT_S}s"
        yield f"    tcp-request connection track-sc2 src table {table}{listed}"
        yield f"    tcp-request connection reject if {{ sc2_conn_cur({table}) gt {rate} }}"


def haproxy_undo(finding: Finding, mitigation: Mitigation) -> str:
    """What to remove."""
    return f"Remove the backend {name(finding, mitigation)} and the frontend's lines that name it, then reload HAProxy."


def apache(finding: Finding, mitigation: Mitigation, *, tlp: Tlp = Tlp.AMBER) -> str:
    """A file for Apache 2.4; without the modules it names it does nothing, and says so in its header."""
    zone, rate = name(finding, mitigation), mitigation.rate_per_s or 0
    requests = mitigation.effect == "limit_requests"
    lines = _header(
        finding,
        mitigation,
        tlp,
        deploy=f"as conf-available/{zone}.conf; `a2enconf {zone}`, check with `apachectl configtest`, `apachectl graceful`.",
        rollback=apache_undo(finding, mitigation),
        more=[
            "Needs mod_evasive; each worker process counts for itself, so more than the limit gets through."
            if requests
            else "Needs mod_reqtimeout (part of Apache) and, for the limit per client, mod_qos. Where mod_qos does not load for an "
            "undefined symbol pcre_free (Debian 12): LoadFile /usr/lib/x86_64-linux-gnu/libpcre.so.3 before its LoadModule.",
            "Without these modules the lines below do nothing: look with `apachectl -M`.",
        ],
    )
    if requests:
        body = [
            "<IfModule mod_evasive20.c>",
            "    DOSHashTableSize 65536",
            f"    DOSPageCount {_WINDOW_S * rate + _BURST}",
            f"    DOSPageInterval {_WINDOW_S}",
            f"    DOSSiteCount {_WINDOW_S * rate + _BURST}",
            f"    DOSSiteInterval {_WINDOW_S}",
            "    DOSBlockingPeriod 10",
            "</IfModule>",
        ]
    else:
        body = [
            "<IfModule reqtimeout_module>",
            f"    RequestReadTimeout header={_REQUEST_TIMEOUT_S}-20,MinRate=500 body={_REQUEST_TIMEOUT_S},MinRate=500",
            "</IfModule>",
            "<IfModule qos_module>",
            f"    QS_SrvMaxConnPerIP {rate}",
            "</IfModule>",
        ]
    return comment(lines) + "\n" + "\n".join(body) + "\n"


def apache_undo(finding: Finding, mitigation: Mitigation) -> str:
    """The command that disables the file."""
    return f"a2disconf {name(finding, mitigation)} && apachectl graceful"


def _header(
    finding: Finding, mitigation: Mitigation, tlp: Tlp, *, deploy: str, rollback: str, more: list[str] | None = None
) -> list[str]:
    number = mitigation.rate_per_s
    who = "each listed client" if mitigation.match.src else "each client address"
    what = {
        "limit_requests": f"Lets {who} make {number} requests/s, after a burst of {_BURST}; more get an error status.",
        "limit_connections": f"Lets {who} hold {number} connections at once, and cuts off requests that come slowly.",
    }[mitigation.effect]
    return header(
        finding,
        mitigation,
        tlp=tlp,
        does=what,
        deploy=deploy,
        expiry=f"none of its own. Take it back when the attack ends; look again after {EXPIRY_H} h.",
        rollback=rollback,
        more=more or [],
    )


def _sources(mitigation: Mitigation) -> list[Prefix]:
    return [prefix for rule in rules(mitigation.match) for prefix in rule.src]


NGINX = Kind("nginx", "conf", why_not, nginx, nginx_undo)
HAPROXY = Kind("haproxy", "cfg", why_not, haproxy, haproxy_undo)
APACHE = Kind("apache", "conf", apache_why_not, apache, apache_undo)
