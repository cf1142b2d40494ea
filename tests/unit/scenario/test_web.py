import numpy as np

from tocsin.scenario.addresses import addresses
from tocsin.scenario.packets import Slice
from tocsin.scenario.stage import SECOND
from tocsin.scenario.web import HELLO_BYTES, Visits, browsers, page_views, play_visits, site_web, tls_record, whole_records
from tocsin.terms import TcpFlag


def visits(stage, site, *, secure, count=20, **more):
    requests = np.full(count, 3)
    path, pause = page_views(stage, site, requests)
    return Visits(
        start_ns=stage.start_ns + np.arange(count) * SECOND // 4,
        client=np.repeat(addresses(["198.18.0.9"]), count),
        requests=requests,
        path=path,
        agent=browsers(stage, count),
        pause_ns=pause,
        secure=secure,
        **more,
    )


def payload(stage, row):
    return stage.payloads.array()[row["payload"] : int(row["payload"]) + int(row["payload_length"])].tobytes()


def test_cleartext_visits_ask_for_what_the_log_says(stage):
    site = site_web(stage, stage.site)
    traffic = play_visits(stage, site, visits(stage, site, secure=False), stage.site.web)
    texts = stage.strings.all()
    asked = {
        (int(row["src_port"]), payload(stage, row).split(b"\r\n")[0].decode())
        for row in traffic.rows
        if row["flags"] == 24 and row["dst_port"] == 80
    }
    logged = {f"GET {texts[entry['target']]} HTTP/1.1" for entry in traffic.requests}
    assert {line for _, line in asked} == logged
    assert len(traffic.requests) == 60
    assert set(traffic.requests["port"].tolist()) == {80}


def test_the_answer_is_as_long_as_its_header_says(stage):
    site = site_web(stage, stage.site)
    for path, size, (offset, length) in zip(site.paths, site.sizes, site.responses, strict=True):
        head, _, body = stage.payloads.array()[offset : offset + length].tobytes().partition(b"\r\n\r\n")
        assert f"Content-Length: {size}".encode() in head, path
        assert len(body) == size


def test_secure_visits_begin_with_a_client_hello_that_names_the_server(stage):
    site = site_web(stage, stage.site)
    traffic = play_visits(stage, site, visits(stage, site, secure=True), stage.site.web)
    hellos = [row for row in traffic.rows if row["dst_port"] == 443 and payload(stage, row)[:1] == b"\x16"]
    assert len(hellos) >= 20
    assert all(len(payload(stage, row)) == HELLO_BYTES and b"www.mod.example" in payload(stage, row) for row in hellos)
    assert len(traffic.requests) == 60


def test_a_request_is_logged_within_its_session_and_lasts_until_its_answer_is_sent(stage):
    site = site_web(stage, stage.site)
    traffic = play_visits(stage, site, visits(stage, site, secure=True, count=1), stage.site.web)
    syn = traffic.rows["time_ns"][traffic.rows["flags"] == TcpFlag.SYN].min()
    assert (traffic.requests["time_ns"] > syn).all()
    assert (np.diff(traffic.requests["time_ns"]) > traffic.requests["duration_ns"][:-1]).all()
    assert traffic.requests["time_ns"][-1] + traffic.requests["duration_ns"][-1] < traffic.rows["time_ns"].max()


def test_nobody_logs_visits_to_other_sites(stage):
    site = site_web(stage, stage.site)
    assert len(play_visits(stage, site, visits(stage, site, secure=True), "198.18.0.1", logged=False).requests) == 0


def test_people_start_with_a_page_and_robots_may_not_say_where_from(stage):
    site = site_web(stage, stage.site)
    path, _ = page_views(stage, site, np.full(500, 4))
    assert (path[::4] < site.pages).all()
    assert (path[1::4] >= site.pages).any()
    quiet = play_visits(stage, site, visits(stage, site, secure=True, referred=False), stage.site.web)
    assert set(quiet.requests["referrer"].tolist()) == {0}


def test_records_have_their_length(stage):
    offset, length = record = tls_record(stage, 333)
    assert isinstance(record, Slice)
    data = stage.payloads.array()[offset : offset + length].tobytes()
    assert (len(data), int.from_bytes(data[3:5])) == (333, 328)
    assert whole_records(np.array([1, 512, 513])).tolist() == [512, 512, 1024]
