import io
import json

import numpy as np
import pytest

from tocsin.readers import readers
from tocsin.scenario.addresses import ADDRESS, texts
from tocsin.scenario.build import play_site
from tocsin.scenario.stage import SECOND, Site, Stage
from tocsin.scenario.truth import Attack
from tocsin.scenario.weblogs import FORMATS, in_order, write_log

READERS = {"combined": "access_log", "nginx": "access_log", "iis": "iis_w3c", "json": "access_json"}


@pytest.fixture(scope="module")
def played():
    stage = Stage.set(Site(), seed=8, duration_s=30)
    return play_site(
        stage, [Attack("http_flood", 5, 10, 200, variant="query"), Attack("slow_http", 1, 28, 20)], ordinary_pps=300
    )


def read_back(path, form):
    faults = []
    batches = list(readers()[READERS[form]].read(io.BytesIO(path.read_bytes()), evidence_id="e", report=faults.append))
    assert faults == []
    return [row for batch in batches for row in batch.rows.to_pylist()]


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_tells_every_request(played, tmp_path, form):
    stage = played.stage
    requests = in_order(played.requests)
    path = tmp_path / "log"
    write_log(path, requests, stage.strings, stage.site, form)
    rows = read_back(path, form)
    names = stage.strings.all()
    clients = np.empty(len(requests), ADDRESS)
    clients["hi"], clients["lo"] = requests["client_hi"], requests["client_lo"]
    assert [row["src_endpoint_ip"] for row in rows] == texts(clients)
    assert [row["http_response_code"] for row in rows] == requests["status"].tolist()
    targets = [
        row["http_request_url_path"] + ("?" + query if (query := row["http_request_url_query_string"]) else "") for row in rows
    ]
    assert targets == [names[number] for number in requests["target"]]
    agents = [names[number] for number in requests["agent"]]
    if form == "iis":  # Which writes a space as it writes a plus.
        agents = [agent.replace("+", " ") for agent in agents]
    assert [row["http_request_user_agent"] for row in rows] == agents
    sizes = [row["http_response_length_bytes"] or 0 for row in rows]
    assert sizes == requests["size"].tolist()
    finished = 0 if form == "combined" else requests["duration_ns"]
    expected = (requests["time_ns"] + finished) // SECOND
    assert [int(row["time"].timestamp()) for row in rows] == expected.tolist()
    if form != "combined":
        assert np.allclose([row["duration_s"] for row in rows], requests["duration_ns"] / SECOND, rtol=0, atol=6e-4)


def test_a_log_is_in_the_order_of_the_answers(played):
    requests = in_order(played.requests)
    assert (np.diff(requests["time_ns"] + requests["duration_ns"]) >= 0).all()
    assert (np.diff(requests["time_ns"]) < 0).any()


def test_the_flood_asks_for_few_pages_with_ever_new_queries_and_slow_ones_time_out(played):
    names = played.stage.strings.all()
    flood = played.requests[played.requests["label"] == 1]
    targets = [names[number] for number in flood["target"]]
    assert len({target.partition("?")[0] for target in targets}) <= 3
    assert len(set(targets)) > 0.99 * len(targets)
    assert set(played.requests["status"][played.requests["label"] == 2].tolist()) == {408}


def test_an_empty_log_is_a_log(played, tmp_path):
    for form in FORMATS:
        path = tmp_path / form
        write_log(path, played.requests[:0], played.stage.strings, played.stage.site, form)
        assert path.read_text().count("\n") == (4 if form == "iis" else 0)


def test_json_lines_are_json(played, tmp_path):
    path = tmp_path / "log"
    write_log(path, in_order(played.requests), played.stage.strings, played.stage.site, "json")
    assert all(isinstance(json.loads(line), dict) for line in path.read_text().splitlines())
