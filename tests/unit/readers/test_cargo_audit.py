from kit.scan_reports import read, sample


def test_each_advisory_of_a_package_is_a_finding_and_warnings_are_none():
    assert sample("cargo_audit/report.json").column("rule", "vulnerability_uid", "severity_id", "package_fixed_version") == [
        ("RUSTSEC-2024-0001", "CVE-2024-0001", 5, ">=1.1")
    ]


def test_a_count_that_the_list_does_not_bear_out_is_an_error():
    held = {"found": True, "count": 2, "list": []}
    assert "expected 2 vulnerabilities" in str(read({"lockfile": {}, "vulnerabilities": held})[1].error)
    assert read({"lockfile": {}, "vulnerabilities": {"found": False, "count": 0, "list": []}})[1].scan["findings"] == 0
