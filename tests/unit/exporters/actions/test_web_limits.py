import re

import pytest

from kit.findings import HOSTILE_TEXT, hostile, http_flood, mitigation
from tocsin.exporters.actions.web_limits import APACHE, CONNECTIONS_MAX, HAPROXY, NGINX, RATE_MAX, apache, haproxy, nginx
from tocsin.terms import Tlp

REQUESTS, CONNECTIONS = http_flood().mitigations
WRITERS = [nginx, haproxy, apache]


def code(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_nginx_limits_requests_of_each_client():
    assert code(nginx(http_flood(), REQUESTS)) == [
        "limit_req_zone $binary_remote_addr zone=tocsin_e0eae4c7_1:16m rate=10r/s;",
        "limit_req zone=tocsin_e0eae4c7_1 burst=30 nodelay;",
        "limit_req_status 429;",
    ]


def test_nginx_limits_connections_and_slow_requests():
    text = "\n".join(code(nginx(http_flood(), CONNECTIONS)))
    assert re.search(r"limit_conn tocsin_\w+ 20;", text)
    assert "client_header_timeout 10s;" in text
    assert "client_body_timeout 10s;" in text


def test_nginx_limits_the_listed_clients_alone_where_there_are_any():
    one = mitigation("limit_requests", 5, src=("198.51.100.0/24", "2001:db8:bad::/48"))
    text = nginx(http_flood(), one)
    assert code(text)[:5] == [
        "geo $tocsin_e0eae4c7_0_listed {",
        "    default 0;",
        "    198.51.100.0/24 1;",
        "    2001:db8:bad::/48 1;",
        "}",
    ]
    assert "limit_req_zone $tocsin_e0eae4c7_0_key zone=" in text
    assert "each listed client" in text


def test_haproxy_counts_in_a_table_of_its_own_and_gives_the_frontend_lines_as_comments():
    text = haproxy(http_flood(), REQUESTS)
    assert code(text) == [
        "backend tocsin_e0eae4c7_1",
        "    stick-table type ipv6 size 1m expire 60s store http_req_rate(10s)",
    ]
    assert "#     http-request deny deny_status 429 if { sc2_http_req_rate(tocsin_e0eae4c7_1) gt 120 }\n" in text
    assert "gt 20 }" in haproxy(http_flood(), CONNECTIONS)
    listed = haproxy(http_flood(), mitigation("limit_requests", 5, src=("198.51.100.0/24",)))
    assert "#     acl tocsin_e0eae4c7_0_listed src 198.51.100.0/24\n" in listed
    assert "#     http-request track-sc2 src table tocsin_e0eae4c7_0 if tocsin_e0eae4c7_0_listed\n" in listed


def test_apache_says_which_modules_it_needs_and_does_nothing_without_them():
    for one, module in ((REQUESTS, "mod_evasive"), (CONNECTIONS, "mod_reqtimeout")):
        text = apache(http_flood(), one)
        assert f"Needs {module}" in text
        assert code(text)[0].startswith("<IfModule ")
        assert code(text)[-1] == "</IfModule>"


def test_a_visitor_may_load_a_page_with_its_pictures_at_the_lowest_limit():
    one = mitigation("limit_requests", 1)
    assert "burst=21 nodelay;" in nginx(http_flood(), one)
    assert "gt 30 }" in haproxy(http_flood(), one)
    assert "    DOSSiteCount 30\n    DOSSiteInterval 10\n" in apache(http_flood(), one)


def test_apache_would_limit_everybody_so_it_refuses_listed_clients():
    assert "every client" in APACHE.why_not(http_flood(), mitigation("limit_requests", 5, src=("198.51.100.0/24",)))
    assert APACHE.why_not(http_flood(), REQUESTS) == ""


@pytest.mark.parametrize("kind", [NGINX, HAPROXY, APACHE], ids=lambda kind: kind.id)
@pytest.mark.parametrize(("rate", "fits"), [(None, False), (0, False), (1, True), (RATE_MAX, True), (RATE_MAX + 1, False)])
def test_a_limit_needs_a_number_servers_take(kind, rate, fits):
    assert (kind.why_not(http_flood(), mitigation("limit_requests", rate, protocol=6)) == "") == fits


@pytest.mark.parametrize("kind", [NGINX, HAPROXY, APACHE], ids=lambda kind: kind.id)
@pytest.mark.parametrize(("most", "fits"), [(CONNECTIONS_MAX, True), (CONNECTIONS_MAX + 1, False)])
def test_no_more_connections_than_nginx_can_count(kind, most, fits):
    assert (kind.why_not(http_flood(), mitigation("limit_connections", most)) == "") == fits


def test_haproxys_lines_are_given_whole_however_long():
    text = haproxy(http_flood(), mitigation("limit_requests", 5, src=tuple(f"203.0.113.{n}/32" for n in range(100, 120, 2))))
    assert "acl tocsin_e0eae4c7_0_listed src " + " ".join(f"203.0.113.{n}/32" for n in range(100, 120, 2)) + "\n" in text


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("text", HOSTILE_TEXT)
def test_hostile_text_stays_in_comments(write, text):
    evil = hostile(http_flood(), text)
    for one, same in zip(http_flood().mitigations, evil.mitigations, strict=True):
        assert code(write(evil, same)) == code(write(http_flood(), one))
        # Apache joins a comment that ends in a backslash with the line below it.
        assert not any(line.endswith("\\") for line in write(evil, same).splitlines())


@pytest.mark.parametrize("write", WRITERS)
def test_the_header_says_that_it_does_not_expire(write):
    head = write(http_flood(), REQUESTS, tlp=Tlp.GREEN)
    for said in ("# TLP:GREEN", "none of its own", "Roll back", "98.2 % of the attack", http_flood().id):
        assert said in head
