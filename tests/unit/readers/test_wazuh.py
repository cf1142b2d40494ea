from kit.scan_reports import read, sample


def test_up_to_4_7_what_has_a_fix_is_counted_once_per_agent_and_package():
    rows = sample("wazuh/v4-7.json")
    assert rows.column("rule", "severity_id", "asset", "cvss_score", "occurrences") == [("CVE-2024-0001", 4, "web", 8.1, 1)]
    assert rows.places[0]["ip"] == "192.0.2.1"


def test_from_4_8_on():
    assert sample("wazuh/v4-8.json").column("rule", "package_version", "asset") == [("CVE-2024-0001", "1.0", "web")]


def test_no_findings_is_a_scan():
    assert read({"data": {"affected_items": [], "total_affected_items": 0}})[1].scan["findings"] == 0
