from kit.scan_reports import sample


def test_what_is_ok_and_the_grade_are_no_findings_and_each_cve_is_one():
    rows = sample("testssl_csv/report.csv")
    assert rows.column("rule", "severity_id", "vulnerability_uid", "occurrences") == [
        ("TLS1", 2, None, 2),
        ("BEAST", 3, "CVE-2011-3389", 1),
        ("BEAST", 3, "CVE-2011-3390", 1),
    ]
    assert next((place["hostname"], place["ip"], place["port"]) for place in rows.places) == (
        "www.example.org",
        "192.0.2.1",
        443,
    )
