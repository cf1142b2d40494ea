import pytest

from kit import assessments
from kit.findings import assessment, port_scan
from tocsin.exporters.exchange import write_exchange
from tocsin.terms import Tlp


def test_every_format_is_written_under_exchange():
    assert [path for path, _ in write_exchange(assessment())] == [
        "exchange/findings.ocsf.jsonl",
        "exchange/findings.stix.json",
        "exchange/findings.csv",
        "exchange/navigator.enterprise-attack.json",
        "exchange/navigator.ics-attack.json",
    ]


@pytest.mark.parametrize("tlp", list(Tlp))
def test_every_file_carries_the_marking(tlp):
    for path, data in write_exchange(assessment(tlp=tlp)):
        assert tlp.value.encode() in data, path
        # TLP:AMBER is the beginning of TLP:AMBER+STRICT.
        others = {other.value for other in Tlp if not tlp.value.startswith(other.value)}
        assert not any(other.encode() in data for other in others), path


def test_the_same_assessment_gives_the_same_bytes():
    assert list(write_exchange(assessment())) == list(write_exchange(assessment()))


def test_no_file_holds_a_wall_clock(monkeypatch):
    before = list(write_exchange(assessment(port_scan())))
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert list(write_exchange(assessment(port_scan()))) == before


@pytest.mark.parametrize("made", [assessments.nothing_found(), assessments.all_failed(), assessments.hostile()])
def test_odd_assessments_are_written(made):
    assert all(data or path.endswith("jsonl") for path, data in write_exchange(made))
