import pytest

from kit.scan_reports import sample
from tocsin.readers.qualys import level
from tocsin.terms import Severity


def test_each_entry_of_a_host_is_a_finding_explained_by_the_glossary_at_the_end():
    rows = sample("qualys/assets.xml")
    assert rows.column("title", "asset", "port", "severity_id", "cvss_score") == [
        ("Open door", "web.example.org", 443, 5, 9.8),
        ("Host name", "web.example.org", 80, 1, None),
        ("Host name", "web.example.org", 80, 1, None),
        ("Open door", "192.0.2.2", 443, 5, None),
    ]
    door = rows.findings[0]
    assert (door["rule"], door["vulnerability_uid"], door["status"]) == ("1", "CVE-2024-0001", "Active")
    assert door["cvss_vector"] == "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    assert door["description"] == "It is open.\nVery.\nseen on 443"
    assert rows.scan["targets"] == "All"


def test_detections_of_the_api():
    rows = sample("qualys/detections.xml")
    assert rows.column("title", "port", "severity_id", "status") == [
        ("QID 38170", 443, 2, "Active"),
        ("QID 38170", 8443, 2, "Fixed"),
    ]
    assert rows.findings[0]["first_seen_time"].year == 2024


@pytest.mark.parametrize(("said", "found"), [("1", 1), ("5", 5), ("6", 5), ("0", 1), (None, 1), ("x", 1)])
def test_levels(said, found):
    assert level(said) == Severity(found)
