from kit.scan_reports import read, sample


def test_each_advisory_of_a_package_is_a_finding():
    rows = sample("osv_scanner/report.json")
    assert rows.column("rule", "severity_id", "vulnerability_uid") == [
        ("PYSEC-2024-1", 5, "CVE-2024-0001"),
        ("GHSA-2222-3333-4444", 3, "CVE-2024-0001"),
    ]
    assert rows.column("package_purl", "package_fixed_version")[0] == ("pkg:pypi/example@1.0", "1.1")
    assert rows.scan["targets"] == "/app/poetry.lock"


def test_no_findings_is_a_scan():
    assert read({"results": []})[1].scan["findings"] == 0
