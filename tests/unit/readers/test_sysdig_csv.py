from kit.scan_reports import sample


def test_each_record_is_a_finding():
    assert sample("sysdig_csv/report.csv").column("rule", "severity_id", "asset", "url_path", "status") == [
        ("CVE-2024-0001", 5, "example/app:1", "/a.jar", "risk_accepted")
    ]
