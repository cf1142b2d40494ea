from evidence.make_xml_scan_reports import REPORTS
from kit.scan_reports import read, sample


def test_vulnerabilities_open_ports_and_hosts_that_are_up():
    rows = sample("nexpose/report.xml")
    assert rows.column("title", "severity_id", "occurrences") == [
        ("Old kernel", 5, 1), ("Host Up", 1, 2), ("Weak SSH", 3, 2), ("Open port TCP/22", 1, 2),
    ]  # fmt: skip
    kernel, _, ssh, _ = rows.findings
    assert (kernel["vulnerability_uid"], kernel["cvss_score"], kernel["description"]) == (
        "CVE-2024-0001",
        9.3,
        "Too old.\nSeen.",
    )
    assert (kernel["asset"], kernel["port"], kernel["status"]) == ("web.example.org", None, "vulnerable-version")
    assert (ssh["port"], ssh["first_seen_time"].isoformat()) == (22, "2024-03-01T10:00:00+00:00")
    assert (rows.scan["targets"], rows.scan["end_time"].isoformat()) == ("Office", "2024-03-01T11:00:00+00:00")


def test_a_vulnerability_that_is_not_defined_is_a_fault():
    report = REPORTS["nexpose/report.xml"].replace('id="old-kernel" title', 'id="other" title')
    _, rows = read(report)
    assert "Old kernel" not in rows.column("title")
    [fault] = rows.faults
    assert "'old-kernel'" in fault.reason
    assert report[fault.offset :].startswith("<node address")
